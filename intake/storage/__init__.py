"""What is kept, in one SQLite file through sqlite-utils; nothing else speaks SQL."""

from __future__ import annotations

from intake.storage.database import Store, open_store
from intake.storage.keys import Keys

__all__ = ["Keys", "Store", "open_store"]
