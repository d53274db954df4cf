"""Whole copies of the database: backups, restores, and the same under another key."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

from intake.core.errors import StorageError
from intake.storage.checks import faults_of, key_of
from intake.storage.connections import BESIDE, attach, connect_bare, held
from intake.storage.database import APPLICATION_ID
from intake.storage.driver import sqlite3

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from intake.storage.database import Store
    from intake.storage.keys import Keys


def copy_to(store: Store, target: Path) -> None:
    """Write a consistent copy of the whole database while others go on working.

    It is encrypted with the same key, as every page is.

    Raises:
        StorageError: *target* exists, or the copy is not sound; nothing is left behind then.
    """
    if target.exists():
        msg = f"{target.name} already exists; name a new file for the backup."
        raise StorageError(msg)
    if not target.parent.is_dir():
        msg = f"There is no folder {target.parent}; name a folder that exists for the backup."
        raise StorageError(msg)
    try:
        _backed_up(store, target)
        faults = faults_of(target, store.keys)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    if faults:
        target.unlink()
        msg = f"The backup was not sound and was removed: {faults[0]}"
        raise StorageError(msg)


def _backed_up(store: Store, target: Path) -> None:
    try:
        target.touch(mode=0o600)
        with closing(connect_bare(target, store.keys.database)) as copy:
            store.connection.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.DatabaseError as error:
        msg = f"The backup was not sound and was removed: {error}"
        raise StorageError(msg) from error


def copied_under(
    source: Path, source_key: bytes | None, target: Path, target_key: bytes | None
) -> None:
    """Write a database, with what its log still holds, to a new file under another key.

    Raises:
        StorageError: the source could not be read, or the target not written; it is removed.
    """
    target.unlink(missing_ok=True)
    target.touch(mode=0o600)
    try:
        if (source_key is None) == (target_key is None):
            _pages_copied(source, source_key, target, target_key)
        else:
            _rows_copied(source, source_key, target, target_key)
        sync(target)
    except (OSError, sqlite3.Error) as error:
        target.unlink(missing_ok=True)
        msg = f"{source.name} could not be copied to {target.parent} ({error})."
        raise StorageError(msg) from error


def _pages_copied(
    source: Path, source_key: bytes | None, target: Path, target_key: bytes | None
) -> None:
    with (
        closing(connect_bare(source, source_key, to_read=True)) as reading,
        closing(connect_bare(target, target_key)) as writing,
    ):
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode = DELETE")


def _rows_copied(
    source: Path, source_key: bytes | None, target: Path, target_key: bytes | None
) -> None:
    """Copy between a plain file and an encrypted one, whose pages differ in what they hold."""
    with closing(connect_bare(target, target_key)) as writing:
        attach(writing, source, source_key, "source")
        writing.execute("SELECT sqlcipher_export('main', 'source')")
        writing.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        writing.execute("DETACH DATABASE source")


def restore(
    source: Path,
    target: Path,
    keys: Keys,
    *,
    replacing: bool,
    now: datetime,
    prove: Callable[[Path], None] = lambda _: None,
) -> Path | None:
    """Put a backup in the place of a database, under the clinic's present key.

    Args:
        source: The backup.
        target: The database.
        keys: Of the clinic.
        replacing: Whether it may take the place of another.
        now: Names the one that was there.
        prove: Is given the copy before it takes its place; what it raises leaves all as it was.

    Returns:
        Where the database that was there is kept, or None when there was none.

    Raises:
        StorageError: the backup is not sound, there is a database and *replacing* is off, or
            somebody works in it; nothing was changed.
    """
    if faults := faults_of(source, keys):
        msg = f"{source.name} cannot be restored: {faults[0]}. Nothing was changed."
        raise StorageError(msg)
    if target.exists() and not replacing:
        msg = f"{target} exists. Stop the server and use --replace; the old one is kept beside it."
        raise StorageError(msg)
    if target.exists():
        _require_unused(target, keys)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    arriving = target.with_suffix(".arriving")
    _without_log(arriving)
    try:
        copied_under(source, key_of(source, keys), arriving, keys.database)
        prove(arriving)
    except BaseException:
        arriving.unlink(missing_ok=True)
        _without_log(arriving)
        raise
    kept = set_aside(target, now) if target.exists() else None
    put_in_place(arriving, target)
    return kept


def _require_unused(path: Path, keys: Keys) -> None:
    """See that nobody works in a database.

    Raises:
        StorageError: somebody does.
    """
    if faults_of(path, keys):
        return  # nobody can work in that
    with held(path, key_of(path, keys)):
        return


def put_in_place(arriving: Path, target: Path) -> None:
    """Let a whole file take a name at once; the log of one that had it before goes."""
    _without_log(target)
    arriving.replace(target)
    sync(target.parent)


def _without_log(path: Path) -> None:
    """Remove a log that was left behind, which would be played into the new file."""
    for suffix in BESIDE:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def set_aside(target: Path, now: datetime) -> Path:
    """Keep a whole database, sound or not, under another name, with its log beside it."""
    kept = target.with_name(f"{target.stem}-until-{now:%Y%m%dT%H%M%S%f}.db")
    for suffix in ("", *BESIDE):
        part = target.with_name(target.name + suffix)
        if part.exists():
            part.replace(kept.with_name(kept.name + suffix))
    return kept


def sync(path: Path) -> None:
    """See a file, or the names in a folder, on the disk; Windows knows no such folders."""
    if os.name != "posix" and path.is_dir():
        return
    number = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(number)
    finally:
        os.close(number)
