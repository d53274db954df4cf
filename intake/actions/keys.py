"""What is written down about the keys of the clinic: that they changed, never what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.actions.permission import require_operator
from intake.storage import audit

if TYPE_CHECKING:
    from datetime import datetime

    from intake.actions.permission import Operator
    from intake.storage import Store


def write_down(store: Store, what: str, *, by: Operator, now: datetime) -> None:
    """Write down that the database was encrypted, or encrypted anew."""
    with store.write() as db:
        audit.append(db, at=now, actor=require_operator(by), action=what, subject="database")
