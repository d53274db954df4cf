"""Backing the clinic up, and reading which backups there are."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from intake.actions.permission import require_operator
from intake.actions.trail_check import is_held
from intake.core.errors import StorageError
from intake.storage import audit, backups, copies, opening
from intake.storage.retention import erased_ids
from intake.storage.trail import begin_despite

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from intake.actions.permission import Operator
    from intake.storage import Store
    from intake.storage.backups import Backup
    from intake.storage.opening import Place

TOO_OLD = timedelta(days=1)
"""After which the newest backup is said to be too old."""

MADE, FAILED, RESTORED = "backup made", "backup failed", "backup restored"


@dataclass(frozen=True, slots=True)
class Plan:
    """Which backups are made without anybody's doing, and which are kept.

    Attributes:
        hours: How old the newest may get; 0 makes none.
        keep: How many of the newest are kept.
        days: Of how many days the last one is kept besides.
    """

    hours: int
    keep: int
    days: int

    def next_at(self, newest: datetime | None, now: datetime) -> datetime:
        """Return when one is due; *now* when it is overdue."""
        return now if newest is None else max(now, newest + timedelta(hours=self.hours))


@dataclass(frozen=True, slots=True)
class Standing:
    """How the backups in a folder stand.

    Attributes:
        found: All of them, newest first.
        newest: When the last one was made that is not of a clock gone wrong.
        is_complete: Whether nothing happened since then.
    """

    found: list[Backup]
    newest: datetime | None
    is_complete: bool

    def is_too_old(self, now: datetime) -> bool:
        """Tell whether more than a day's work has no copy."""
        if self.newest is None:
            return True
        return not self.is_complete and now - self.newest > TOO_OLD


NONE_KNOWN = Standing([], None, is_complete=False)


def standing_of(store: Store, folder: Path, *, by: Operator, now: datetime) -> Standing:
    """Say how the backups in a folder stand.

    A backup of the future was made while the clock was wrong. It counts for nothing, or no further
    one would be made until that day.
    """
    require_operator(by)
    found = backups.listed(folder)
    newest = next((one for one in found if one.made_at <= now), None)
    is_complete = newest is not None and _holds_everything(store, newest)
    return Standing(found, newest.made_at if newest else None, is_complete)


def _holds_everything(store: Store, backup: Backup) -> bool:
    """Tell whether nothing happened since a backup was begun, but that it was made."""
    last = next(iter(audit.latest(store, 1)), None)
    if last is None or (last.action, last.subject) != (MADE, backup.path.name):
        return False
    return last.detail.get("events") == last.sequence - 1


def make_due(
    store: Store, folder: Path, plan: Plan, *, by: Operator, now: datetime, is_last: bool = False
) -> Backup | None:
    """Make a backup if one is due, and thin out the old ones only then.

    Nothing is due as long as nothing happened since the newest; when the server stops (*is_last*)
    everything that did is.

    Raises:
        StorageError: it could not be written, or is not sound.
    """
    standing = standing_of(store, folder, by=by, now=now)
    is_due = is_last or plan.next_at(standing.newest, now) <= now
    if standing.is_complete or not is_due:
        return None
    made = make_backup(store, folder, by=by, now=now)
    backups.thin_out(folder, keep=plan.keep, days=plan.days, now=now)
    return made


def write_failure_down(store: Store, *, by: Operator, now: datetime) -> None:
    """Write down that a backup was due and could not be made, if that can be written."""
    with suppress(StorageError), store.write() as db:
        audit.append(db, at=now, actor=require_operator(by), action=FAILED, subject="backups")


def list_backups(folder: Path, *, by: Operator) -> list[Backup]:
    """Return the backups in a folder, newest first."""
    require_operator(by)
    return backups.listed(folder)


def make_backup(store: Store, folder: Path, *, by: Operator, now: datetime) -> Backup:
    """Copy the clinic into the folder while people work, check the copy, and write it down.

    Raises:
        StorageError: it could not be written, or is not sound.
    """
    actor, events = require_operator(by), _events(store)
    made = backups.make(store, folder, now)
    _write_down(store, made.path, actor, now, events)
    return made


def _events(store: Store) -> int:
    """Return how many events there are, all of which a copy begun now will hold."""
    return next((event.sequence for event in audit.latest(store, 1)), 0)


def _write_down(store: Store, file: Path, actor: str, now: datetime, events: int) -> None:
    """Write down that the clinic was copied; a copy of which nobody would know is removed."""
    try:
        facts = {"bytes": file.stat().st_size, "events": events}
        with store.write() as db:
            audit.append(db, at=now, actor=actor, action=MADE, subject=file.name, **facts)
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def back_up_to(store: Store, file: Path, *, by: Operator, now: datetime) -> None:
    """Copy the clinic to a file of one's own naming, check the copy, and write it down.

    Raises:
        StorageError: the file exists, or the copy is not sound.
    """
    actor, events = require_operator(by), _events(store)
    copies.copy_to(store, file)
    _write_down(store, file, actor, now, events)


def note_restored(store: Store, file: Path, *, by: Operator, now: datetime) -> None:
    """Write down, in the copy that is the clinic now, that it was put in its place."""
    actor = require_operator(by)
    with store.write(begin=begin_despite) as db:
        audit.append(db, at=now, actor=actor, action=RESTORED, subject=file.name)


def holding_what_was_erased(
    store: Store, folder: Path, *, by: Operator, now: datetime
) -> list[Backup]:
    """Return the backups that may hold what was erased, newest first.

    Which of a backup and an erasure came first is told by the trail, whatever the clock was: a
    name holds how many lines there were when the backup was begun.
    """
    require_operator(by)
    last = audit.last_erased(store)
    return [one for one in backups.listed(folder) if last and _may_hold(store, one, *last, now)]


def set_aside_with_what_was_erased(store: Store, place: Place, *, by: Operator) -> list[str]:
    """Return the names of clinics that were set aside and may hold what was erased here since."""
    require_operator(by)
    here = erased_ids(store).keys()
    return [
        name
        for name, theirs in opening.erased_in_set_aside(place, store.keys)
        if here and (theirs is None or here - theirs.keys())
    ]


def _may_hold(store: Store, one: Backup, line: int, at: datetime, now: datetime) -> bool:
    """Tell whether a backup may lack the *line* of an erasure at an instant.

    Only the clock tells of one without a head, or of a trail that a restore ended; it was wrong
    where it named the future.
    """
    head = backups.head_in_name(one.path)
    if head is not None and is_held(store, head):
        return head.head.count < line
    return one.made_at <= at or one.made_at > now


def forget(store: Store, folder: Path, *, by: Operator, now: datetime) -> list[Backup]:
    """Make a new backup, and remove those that still hold what was erased; returns those.

    Raises:
        StorageError: the new one could not be made; nothing was removed.
    """
    actor = require_operator(by)
    old = holding_what_was_erased(store, folder, by=by, now=now)
    if not old:
        return []
    make_backup(store, folder, by=by, now=now)
    backups.remove(old)
    with store.write() as db:
        audit.append(
            db, at=now, actor=actor, action="backups removed", subject="backups", number=len(old)
        )
    return old
