"""Checking the audit trail against its seals and against heads that were kept elsewhere."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from intake.actions.permission import require_operator
from intake.core.errors import IntakeError
from intake.storage import audit, backups, heads, trail
from intake.storage.heads import HeadsKept
from intake.storage.trail_check import head_faults, verdict_of

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from intake.actions.permission import Operator
    from intake.core.chain import Head
    from intake.core.records import AuditEvent
    from intake.storage import Store
    from intake.storage.heads import KeptHead
    from intake.storage.trail_check import Verdict

CHECKED = "trail checked"
NEWEST_LINES = 10_000
"""What a page may look at; all of it is for the command line."""

_LONGEST_FAULT = 500
_LOG = logging.getLogger(__name__)


def heads_elsewhere(file: Path, backup_folder: Path) -> HeadsKept:
    """Return the heads in the file of heads and in the names of backups.

    Those that a restored copy has overtaken are left out.

    Raises:
        StorageError: the folder of backups cannot be read.
    """
    noted = heads.kept_heads(file)
    named = [backups.head_in_name(one.path) for one in backups.listed(backup_folder)]
    told = (one for one in named if one is not None)
    return HeadsKept(tuple(heads.that_still_count(noted.heads, told)), noted.faults)


def check_trail(
    store: Store,
    *,
    kept: HeadsKept,
    newest: int | None = None,
    by: Operator,
    now: datetime,
) -> Verdict:
    """Check the trail, or so many of its *newest* lines; that it was checked is itself a line."""
    actor = require_operator(by)
    found = verdict_of(store, kept=kept.heads, newest=newest)
    found = replace(found, faults=(*found.faults, *kept.faults))
    first = found.faults[0][:_LONGEST_FAULT] if found.faults else None
    with store.write() as db:
        audit.append(
            db, at=now, actor=actor, action=CHECKED, subject="audit trail",
            since=found.since, until=found.head.count, faults=len(found.faults), first=first,
        )  # fmt: skip
    return found


def is_held(store: Store, one: KeptHead) -> bool:
    """Tell whether the trail still has the line that a head was taken at."""
    return not any(head_faults(store.connection, [one]))


def last_check(store: Store, *, by: Operator) -> AuditEvent | None:
    """Return the line of the last check; None when there was none."""
    require_operator(by)
    found = audit.newest_of(store, audit.Wanted(action=CHECKED), below=None, limit=1)
    return found[0] if found else None


def head_of_trail(store: Store) -> Head:
    """Return how many lines there are, and what the last one is sealed with."""
    return trail.head(store.connection)


def keep_head_of(store: Store, file: Path, *, now: datetime, occasion: str) -> Head:
    """Add the present head to the file of heads, for a later check; nothing waits for it.

    Returns:
        That head.
    """
    head = trail.head_of_copy(store.connection)
    keep(head, file, now=now, occasion=occasion)
    return head


def keep(head: Head, file: Path, *, now: datetime, occasion: str) -> None:
    """Add a head to the file of heads, for a later check; nothing waits for it."""
    try:
        heads.keep_head(file, head, at=now, occasion=occasion)
    except IntakeError as error:
        _LOG.warning("%s", error)


def keep_head_of_day(store: Store, file: Path, *, now: datetime) -> None:
    """Add the present head to the file of heads unless one of this day is there."""
    newest = heads.kept_heads(file).heads[-1:]
    if not any(one.at and one.at.date() == now.date() for one in newest):
        keep_head_of(store, file, now=now, occasion="day")
