"""What becomes of recalls and passes as other rules come into force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.actions.rescreen import RULES
from intake.core.recall import Dealt, Handling
from intake.storage import audit, passes, recalls
from intake.storage.passes import Kind

if TYPE_CHECKING:
    from datetime import datetime

    from intake.storage import Store
    from intake.storage.contract import Database

RULES_GONE = "recall ended"


def change_over(
    store: Store, db: Database, pack_hash: str, *, before: str | None, by: str, now: datetime
) -> None:
    """Begin to hold every case against rules that come into force, and end what others found.

    What is open was said by rules that are in force no more; where these say it too, it is found
    again, so that going back to an earlier pack takes back what the later one asked for.

    Args:
        store: Where recalls are.
        db: The same, to write to.
        pack_hash: The rules that come into force.
        before: Those that were; None in a clinic that begins, where there is nobody to call back.
        by: The actor.
        now: When.
    """
    if before is None:
        return
    for recall in recalls.open_by_others(store, pack_hash):
        dealt = Dealt(Handling.RULES_GONE, "", RULES, "", None, now)
        recalls.deal(db, store.new_id(), recall, dealt)
        audit.append(db, at=now, actor=RULES, action=RULES_GONE, subject=recall.response_id)
    passes.end(db, Kind.RECALL, now=now)
    passes.end(db, Kind.SHADOW, pack_hash, now=now)
    passes.begin(db, Kind.RECALL, pack_hash, upto=None, by=by, now=now)
