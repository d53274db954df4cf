"""Backing the clinic up, and reading which backups there are."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from intake.actions.permission import require_operator
from intake.storage import audit, backups, database
from intake.storage.retention import erasures

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from intake.actions.permission import Operator
    from intake.storage import Store
    from intake.storage.backups import Backup

TOO_OLD = timedelta(days=1)
"""After which the newest backup is said to be too old."""

MADE = "backup made"


def list_backups(folder: Path, *, by: Operator) -> list[Backup]:
    """Return the backups in a folder, newest first."""
    require_operator(by)
    return backups.listed(folder)


def make_backup(store: Store, folder: Path, *, by: Operator, now: datetime) -> Backup:
    """Copy the clinic into the folder while people work, check the copy, and write it down.

    Raises:
        StorageError: it could not be written, or is not sound.
    """
    actor = require_operator(by)
    made = backups.make(store, folder, now)
    _write_down(store, made.path, actor, now)
    return made


def _write_down(store: Store, file: Path, actor: str, now: datetime) -> None:
    """Write down that the clinic was copied; a copy of which nobody would know is removed."""
    try:
        with store.write() as db:
            size = file.stat().st_size
            audit.append(db, at=now, actor=actor, action=MADE, subject=file.name, bytes=size)
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def back_up_to(store: Store, file: Path, *, by: Operator, now: datetime) -> None:
    """Copy the clinic to a file of one's own naming, check the copy, and write it down.

    Raises:
        StorageError: the file exists, or the copy is not sound.
    """
    actor = require_operator(by)
    database.copy_to(store, file)
    _write_down(store, file, actor, now)


def holding_what_was_erased(store: Store, folder: Path, *, by: Operator) -> list[Backup]:
    """Return the backups that were made before the last erasure, newest first."""
    require_operator(by)
    last = erasures(store, limit=1)
    return [one for one in backups.listed(folder) if last and one.made_at <= last[0].at]


def forget(store: Store, folder: Path, *, by: Operator, now: datetime) -> list[Backup]:
    """Make a new backup, and remove those that still hold what was erased; returns those.

    Raises:
        StorageError: the new one could not be made; nothing was removed.
    """
    actor = require_operator(by)
    old = holding_what_was_erased(store, folder, by=by)
    if not old:
        return []
    make_backup(store, folder, by=by, now=now)
    backups.remove(old)
    with store.write() as db:
        audit.append(
            db, at=now, actor=actor, action="backups removed", subject="backups", number=len(old)
        )
    return old
