"""Moving a clinic between a file and a server, whole and proven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.actions.permission import require_operator
from intake.core.errors import StorageError
from intake.storage import audit, moving
from intake.storage.trail import MOVED_AWAY, begin, begin_despite
from intake.storage.trail_check import verdict_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from intake.actions.permission import Operator
    from intake.storage import Store
    from intake.storage.heads import KeptHead
    from intake.storage.trail_check import Verdict

MOVED = "clinic moved"

_NOT_MOVED = (
    "The audit trail does not hold, as said above, so nothing was moved. Restore the newest backup"
    " that does; where there is none, --despite-faults moves it as it is."
)


def move(
    source: Store,
    target: Store,
    *,
    kept: Sequence[KeptHead] = (),
    by: Operator,
    now: datetime,
    despite_faults: bool = False,
) -> Verdict:
    """Copy every record with its audit trail, compare all of it, and write that down in both.

    Nobody can write to the source meanwhile, nor afterwards, whoever still has it open.

    Args:
        source: The clinic.
        target: An empty clinic that nobody uses yet.
        kept: Heads from elsewhere that the trail must hold.
        by: Whoever moves it.
        now: When.
        despite_faults: Move it although its trail does not hold, or it was moved before.

    Returns:
        What was found of the trail, the same on both sides; what is wrong with it goes along.

    Raises:
        StorageError: one of them could not be read or written, its trail does not hold, or what
            arrived is not what was sent.
    """
    actor = require_operator(by)
    with source.write(begin=begin_despite if despite_faults else begin) as old:
        source.require_built()
        before = verdict_of(source, kept=kept)
        if before.faults and not despite_faults:
            raise StorageError("\n".join([*before.faults, _NOT_MOVED]))
        rows = sum(moving.copy_all(source, target).values())
        if verdict_of(target, kept=kept) != before:
            msg = "The audit trail that arrived does not read as the one that was sent."
            raise StorageError(msg)
        with target.write(begin=begin_despite) as db:
            audit.append(db, at=now, actor=actor, action=MOVED, subject="database", rows=rows)
        # The last line it gets: what is open there still, anywhere, writes nothing from now on.
        audit.append(old, at=now, actor=actor, action=MOVED_AWAY, subject="database")
    return before
