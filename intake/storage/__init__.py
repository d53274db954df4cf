"""What is kept, in one SQLite file or on a PostgreSQL server; nothing else speaks SQL."""

from __future__ import annotations

from intake.storage.keys import Keys
from intake.storage.opening import open_store
from intake.storage.store import Store

__all__ = ["Keys", "Store", "open_store"]
