"""Backups in a folder: one file each, named by the instant it was made."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from intake.core.errors import StorageError
from intake.storage.database import copy_to, faults_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from intake.storage.database import Store

_STAMP = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"clinic-(\d{8}T\d{6}Z)\.db")
_ARRIVING = ".arriving"


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
    target = folder / f"clinic-{now.astimezone(UTC):{_STAMP}}.db"
    arriving = target.with_suffix(_ARRIVING)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _refuse_existing(target)
        _refuse_existing(arriving)
        try:
            copy_to(store, arriving)
            arriving.rename(target)
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


def listed(folder: Path) -> list[Backup]:
    """Return the backups in a folder, newest first; other files are passed over."""
    try:
        found = [(path, _instant(path.name)) for path in folder.iterdir() if path.is_file()]
        backups = [Backup(path, at, path.stat().st_size) for path, at in found if at is not None]
    except FileNotFoundError:
        return []
    except OSError as error:
        msg = f"The folder {folder} cannot be read ({error})."
        raise StorageError(msg) from error
    return sorted(backups, key=lambda one: one.made_at, reverse=True)


def faults_in(folder: Path) -> dict[str, list[str]]:
    """Check every backup in a folder anew; returns what is wrong with each, by its name."""
    return {one.path.name: faults_of(one.path) for one in listed(folder)}


def prune(folder: Path, keep: int) -> list[Backup]:
    """Remove all but the newest *keep* backups; returns those that are gone."""
    gone = listed(folder)[keep:]
    remove(gone)
    return gone


def remove(some: Iterable[Backup]) -> None:
    """Remove backups."""
    for one in some:
        one.path.unlink()
