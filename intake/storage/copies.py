"""Whole copies of the database: backups, restores, and the same under another key."""

from __future__ import annotations

import os
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import TYPE_CHECKING

from intake.core.errors import StorageError
from intake.storage.checks import damage_told, faults_in, faults_of, key_of
from intake.storage.connections import BESIDE, attach, connect_bare, held
from intake.storage.database import APPLICATION_ID
from intake.storage.driver import sqlite3

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from intake.storage.keys import Keys
    from intake.storage.store import Store


_UNTIL = "-until-"
"""In the name of a database that was set aside, before the instant."""


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
        target.touch(mode=0o600)
        store.copy_into(target)
        faults = faults_of(target, store.keys)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    if faults:
        target.unlink()
        msg = f"The backup was not sound and was removed: {faults[0]}"
        raise StorageError(msg)


def copied_under(
    source: Path, source_key: bytes | None, target: Path, target_key: bytes | None
) -> None:
    """Write a database, with what its log still holds, to a new file under another key.

    Raises:
        StorageError: the source could not be read, or the target not written; it is removed.
    """
    _removed(target)
    target.touch(mode=0o600)
    try:
        with closing(connect_bare(source, source_key, to_read=True)) as reading:
            if (source_key is None) == (target_key is None):
                _pages_copied(reading, target, target_key)
            else:
                _rows_copied(reading, target, target_key)
        sync(target)
    except (OSError, sqlite3.Error) as error:
        _removed(target)
        msg = f"{source.name} could not be copied to {target.parent} ({error})."
        raise StorageError(msg) from error


def _pages_copied(reading: sqlite3.Connection, target: Path, key: bytes | None) -> None:
    with closing(connect_bare(target, key)) as writing:
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode = DELETE")


def _rows_copied(reading: sqlite3.Connection, target: Path, key: bytes | None) -> None:
    """Copy between a plain file and an encrypted one, whose pages differ in what they hold."""
    attach(reading, target, key, "target")
    reading.execute("BEGIN")  # so that all of it is read as it stood at one moment
    reading.execute("SELECT sqlcipher_export('target', 'main')")
    reading.execute("COMMIT")
    reading.execute(f"PRAGMA target.application_id = {APPLICATION_ID}")
    reading.execute("DETACH DATABASE target")


def _nothing(*_: object) -> None:
    """Do nothing."""


def restore(
    source: Path,
    target: Path,
    keys: Keys,
    *,
    replacing: bool,
    now: datetime,
    takes_plain: bool = True,
    prove: Callable[[Path], None] = _nothing,
    before: Callable[[], None] = _nothing,
) -> Path | None:
    """Put a backup in the place of a database, under the clinic's present key.

    The backup is opened once, and all that is asked of it is asked of the copy: whoever can write
    where it lies could exchange it between two looks. Taking the name is the last thing that is
    done, so that whatever cuts this off leaves the old database as it was. Nobody writes to that
    meanwhile.

    Args:
        source: The backup.
        target: The database.
        keys: Of the clinic.
        replacing: Whether it may take the place of another.
        now: Names the one that was there.
        takes_plain: Whether a plain file may come into an encrypted clinic.
        prove: Is given the copy, to look at it and to complete it; what it raises leaves all as it
            was.
        before: Is called when all is done but the last step; what it raises leaves all as it was.

    Returns:
        Where the database that was there is kept, or None when there was none.

    Raises:
        StorageError: the backup is not sound, there is a database and *replacing* is off, or
            somebody works in it; nothing was changed.
    """
    arriving = target.with_suffix(".arriving")
    with ExitStack() as opened, ExitStack() as hold:
        is_itself = target.exists() and source.exists() and source.samefile(target)
        if is_itself and replacing:  # before we ourselves have it open
            _hold(target, keys, hold)
        reading, key = opened.enter_context(_opened(source, keys))
        if key is None and keys.database is not None and not takes_plain:
            _refuse_of_nobody(reading, source)
        if target.exists() and not replacing:
            msg = f"{target} exists. Stop the server and use --replace; the old one is kept beside."
            raise StorageError(msg)
        if target.exists() and not is_itself:
            _hold(target, keys, hold)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        clear_away(target)
        try:
            _arrived(source, reading, key, arriving, keys)
            prove(arriving)
            with held(arriving, keys.database):
                sync(arriving)
            before()
            if os.name != "posix":  # Windows renames no file that somebody has open
                hold.close()
            return _swapped(arriving, target, now)
        finally:
            _removed(arriving)


def _hold(target: Path, keys: Keys, hold: ExitStack) -> None:
    """Keep a database as it is until the stack ends; nobody can work in one that is not sound.

    Raises:
        StorageError: somebody has it open.
    """
    if not faults_of(target, keys):
        hold.enter_context(held(target, key_of(target, keys)))


@contextmanager
def _opened(source: Path, keys: Keys) -> Iterator[tuple[sqlite3.Connection, bytes | None]]:
    """Open a backup once, with the key that it is encrypted with; None where it is plain.

    Raises:
        StorageError: it cannot be read, or no key opens it.
    """
    fault = "no key of this clinic opens it: it was made with another key, or it is damaged"
    try:
        openers = (None, *keys.openers) if source.stat().st_size else ()
        fault = fault if openers else "it is empty"
        for key in openers:
            with suppress(sqlite3.DatabaseError), ExitStack() as opened:
                reading = opened.enter_context(closing(connect_bare(source, key, to_read=True)))
                reading.execute("PRAGMA application_id").fetchone()
                opened.pop_all()
                break
        else:
            raise StorageError(_not_restored(source, fault))
    except OSError as error:
        fault = f"it cannot be read ({error.strerror})"
        raise StorageError(_not_restored(source, fault)) from error
    with closing(reading):
        yield reading, key


def _not_restored(source: Path, why: str) -> str:
    return f"{source.name} cannot be restored: {why}. Nothing was changed."


def _refuse_of_nobody(reading: sqlite3.Connection, source: Path) -> None:
    """See that a plain file does not come into an encrypted clinic, unless it is no clinic at all.

    Raises:
        StorageError: it is one; anybody can have made it.
    """
    if reading.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID:
        msg = (
            f"{source.name} is not encrypted, as this clinic is: no key of the clinic made it, and"
            " anybody can have. Restore an encrypted backup. If it is of the time before the clinic"
            " was encrypted, and nobody else could write to where it was kept, INTAKE_ALLOW=plain"
            " takes it. Nothing was changed."
        )
        raise StorageError(msg)


def _arrived(
    source: Path, reading: sqlite3.Connection, key: bytes | None, arriving: Path, keys: Keys
) -> None:
    """Copy a backup that is open, and see that both are sound.

    What is encrypted here is nowhere written plain on its way.

    Raises:
        StorageError: one is not, or the copy could not be written.
    """
    faults: list[str] = []
    try:
        arriving.touch(mode=0o600)
        if (key is None) == (keys.database is None):
            _pages_copied(reading, arriving, keys.database)
        elif not (faults := faults_in(reading)):
            _rows_copied(reading, arriving, keys.database)
        if faults := faults or faults_of(arriving, keys):
            raise StorageError(_not_restored(source, faults[0]))
    except (OSError, sqlite3.OperationalError) as error:
        msg = f"{source.name} could not be copied to {arriving.parent} ({error})."
        raise StorageError(f"{msg} Nothing was changed.") from error
    except sqlite3.DatabaseError as error:
        raise StorageError(_not_restored(source, damage_told(error))) from error


def clear_away(target: Path) -> None:
    """Remove what a kill left of a copy that was to take a name; nobody may be at one meanwhile."""
    for kind in ("arriving", "incoming"):  # earlier versions wrote the second, and plain
        for left in target.parent.glob(f"{target.stem}.{kind}*"):
            left.unlink(missing_ok=True)


def _swapped(arriving: Path, target: Path, now: datetime) -> Path | None:
    """Let the copy take the name, and the database that has it keep another one."""
    kept = set_aside(target, now) if target.exists() else None
    put_in_place(arriving, target)
    return kept


def put_in_place(arriving: Path, target: Path) -> None:
    """Let a whole file take a name at once; the log or journal of one that had it before goes."""
    _without_log(target)
    arriving.replace(target)
    sync(target.parent)


def _removed(path: Path) -> None:
    path.unlink(missing_ok=True)
    _without_log(path)


def _without_log(path: Path) -> None:
    """Remove a log or journal that was left behind, which would be played into the new file."""
    for suffix in BESIDE:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def set_aside(target: Path, now: datetime) -> Path:
    """Keep a whole database, sound or not, under another name, with its log or journal.

    It has both names until another takes its place, so that there is one whatever happens between;
    where the disk knows no second names, there is none for that moment.
    """
    kept = target.with_name(f"{target.stem}{_UNTIL}{now:%Y%m%dT%H%M%S%f}.db")
    try:
        kept.hardlink_to(target)
    except OSError:
        target.replace(kept)
    for suffix in BESIDE:
        part = target.with_name(target.name + suffix)
        if part.exists():
            part.replace(kept.with_name(kept.name + suffix))
    return kept


def kept_beside(target: Path) -> list[Path]:
    """Return the databases that were set aside, newest first."""
    return sorted(target.parent.glob(f"{target.stem}{_UNTIL}*.db"), reverse=True)


def sync(path: Path) -> None:
    """See a file, or the names in a folder, on the disk; Windows knows no such folders."""
    if os.name != "posix" and path.is_dir():
        return
    number = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(number)
    finally:
        os.close(number)
