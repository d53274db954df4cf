"""Backups in a folder: one file each, named by the instant it was made."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from intake.core.chain import Head
from intake.core.errors import StorageError
from intake.storage import trail
from intake.storage.checks import faults_of
from intake.storage.connections import is_plain
from intake.storage.copies import copy_to, sync
from intake.storage.database import APPLICATION_ID, mark_of
from intake.storage.driver import sqlite3
from intake.storage.heads import KeptHead

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from intake.storage.keys import Keys
    from intake.storage.store import Store

_STAMP = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"clinic-(\d{8}T\d{6}Z)(?:-(\d{1,15})-([0-9a-f]{16}))?\.db")
"""The instant, and since there is one the head of the audit trail; earlier backups have none."""

_ARRIVING = ".arriving"

NOT_ENCRYPTED = (
    "it is not encrypted, as this clinic is: no key of the clinic made it, and anybody can have."
    " Lock it away if it is of the time before the clinic was encrypted, and remove it otherwise"
)


@dataclass(frozen=True, slots=True)
class Backup:
    """A whole copy of the clinic, which was checked when it was made.

    Attributes:
        size: In bytes.
    """

    path: Path
    made_at: datetime
    size: int


def make(store: Store, folder: Path, now: datetime) -> Backup:
    """Copy the clinic into *folder*, which is made when it is missing.

    A copy has another name until it was found sound, so that what is listed was checked.

    Raises:
        StorageError: it could not be written, or is not sound; nothing is left behind.
    """
    head = trail.head(store.connection).in_names
    target = folder / f"clinic-{now.astimezone(UTC):{_STAMP}}-{head}.db"
    arriving = target.with_suffix(_ARRIVING)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _refuse_existing(target)
        _refuse_existing(arriving)
        try:
            copy_to(store, arriving)
            arriving.rename(target)
            sync(folder)
        finally:
            arriving.unlink(missing_ok=True)
        return Backup(target, _instant(target.name) or now, target.stat().st_size)
    except (OSError, sqlite3.Error) as error:
        msg = f"The backup could not be written to {folder} ({error}). Nothing was changed."
        raise StorageError(msg) from error


def _refuse_existing(path: Path) -> None:
    if path.exists():
        msg = f"{path.name} is there already; try again in a second."
        raise StorageError(msg)


def _instant(name: str) -> datetime | None:
    """Return when a file of this name was made; None when it is no backup of ours."""
    found = _NAME.fullmatch(name)
    try:
        return datetime.strptime(found[1], _STAMP).replace(tzinfo=UTC) if found else None
    except ValueError:
        return None


def head_in_name(path: Path) -> KeptHead | None:
    """Return the head of the audit trail that a backup's name holds; None when it holds none."""
    found = _NAME.fullmatch(path.name)
    if found is None or found[2] is None:
        return None
    head = Head(int(found[2]), found[3])
    return KeptHead(head, f"the backup {path.name}", _instant(path.name))


def listed(folder: Path) -> list[Backup]:
    """Return the backups in a folder, newest first; other files are passed over."""
    try:
        paths = list(folder.iterdir()) if folder.exists() else []
        backups = [one for one in map(_backup_at, paths) if one is not None]
    except OSError as error:
        msg = f"The folder {folder} cannot be read ({error})."
        raise StorageError(msg) from error
    return sorted(backups, key=lambda one: one.made_at, reverse=True)


def _backup_at(path: Path) -> Backup | None:
    """Return the backup of a name; None for any other file, and one that was removed just now."""
    at = _instant(path.name)
    if at is None or not path.is_file():
        return None
    with suppress(FileNotFoundError):
        return Backup(path, at, path.stat().st_size)
    return None


def faults_in(folder: Path, keys: Keys) -> dict[str, list[str]]:
    """Check every backup in a folder anew; returns what is wrong with each, by its name."""
    return {one.path.name: faults_of_backup(one.path, keys) for one in listed(folder)}


def faults_of_backup(path: Path, keys: Keys) -> list[str]:
    """Check one backup; a plain file among those of an encrypted clinic is none of its own."""
    return faults_of(path, keys) or ([NOT_ENCRYPTED] if is_of_nobody(path, keys) else [])


def is_of_nobody(path: Path, keys: Keys) -> bool:
    """Tell whether a clinic's file is plain where ours is encrypted: anybody can have made it."""
    if keys.database is None or not is_plain(path):
        return False
    return mark_of(path, None) == APPLICATION_ID


def remove(some: Iterable[Backup]) -> None:
    """Remove backups, also where somebody else does so at the same moment."""
    for one in some:
        one.path.unlink(missing_ok=True)


def thin_out(folder: Path, *, keep: int, days: int, now: datetime) -> list[Backup]:
    """Remove backups that a plan does not keep; returns those that are gone.

    Kept are the newest *keep*, and the last one of each of the *days* newest days that have any.
    What a clock that was wrong dates after *now* is left alone. What a kill left of a copy goes
    after a day, when nobody can still be at it.
    """
    for path in folder.glob(f"clinic-*{_ARRIVING}"):
        begun = _instant(path.with_suffix(".db").name)
        if begun is not None and begun < now - timedelta(days=1):
            path.unlink(missing_ok=True)
    found = [one for one in listed(folder) if one.made_at <= now]
    last_of_day = {one.made_at.date(): one for one in reversed(found)}
    daily = [last_of_day[day] for day in sorted(last_of_day, reverse=True)[:days]]
    gone = [one for one in found[keep:] if one not in daily]
    remove(gone)
    return gone
