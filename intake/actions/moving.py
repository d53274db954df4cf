"""Moving a clinic between a file and a server, whole and proven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.actions.permission import require_operator
from intake.core.errors import StorageError
from intake.storage import audit, moving
from intake.storage.trail_check import verdict_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from intake.actions.permission import Operator
    from intake.storage import Store
    from intake.storage.heads import KeptHead
    from intake.storage.trail_check import Verdict

MOVED = "clinic moved"


def move(
    source: Store,
    target: Store,
    *,
    kept: Sequence[KeptHead] = (),
    by: Operator,
    now: datetime,
) -> Verdict:
    """Copy every record with its audit trail, compare all of it, and write that down in the copy.

    Nobody can write to the source meanwhile; it is left as it is.

    Args:
        source: The clinic.
        target: An empty clinic that nobody uses yet.
        kept: Heads from elsewhere that the trail must hold.
        by: Whoever moves it.
        now: When.

    Returns:
        What was found of the trail, the same on both sides; what is wrong with it goes along.

    Raises:
        StorageError: one of them could not be read or written, or what arrived is not what was
            sent.
    """
    actor = require_operator(by)
    with source.write():
        source.require_built()
        before = verdict_of(source, kept=kept)
        counts = moving.copy_all(source, target)
    if verdict_of(target, kept=kept) != before:
        msg = "The audit trail that arrived does not read as the one that was sent."
        raise StorageError(msg)
    with target.write() as db:
        audit.append(
            db, at=now, actor=actor, action=MOVED, subject="database", rows=sum(counts.values())
        )
    return before
