"""One SQLite file, opened the same way everywhere, and the one way to write to it."""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlite_utils import Database

from intake.core.errors import StorageError
from intake.storage.later_migrations import MIGRATION_NAMES
from intake.storage.migrations import MIGRATIONS
from intake.storage.patients import put_every_word
from intake.storage.places import put_every_place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

BUSY_TIMEOUT_S = 10
"""How long a writer waits its turn before it gives up."""

APPLICATION_ID = 0x496E7461
"""Marks the file as ours ("Inta"), so that another program's database is never taken for it."""

Row: TypeAlias = dict[str, Any]
Parameters: TypeAlias = "Sequence[Any] | dict[str, Any]"


class Store:
    """An open clinic database; one for each request or command.

    Attributes:
        db: For reading. Writing goes through `write()`, which nothing else may replace.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.db = Database(connection, execute_plugins=False)

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    @contextmanager
    def write(self) -> Iterator[Database]:
        """Hold the one write lock for a block: all of it is kept, or nothing.

        The lock is taken before anything is read: a transaction that reads first and writes later
        fails at once with "database is locked" when somebody else wrote in between.

        Raises:
            StorageError: the lock could not be had in time, or the disk refused.
        """
        if self.connection.in_transaction:
            yield self.db
            return
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.db
                self.connection.commit()
            except BaseException:
                self.connection.rollback()
                raise
        except sqlite3.OperationalError as error:
            msg = f"Nothing was saved: the database could not be written ({error}). Try again."
            raise StorageError(msg) from error

    def sweep(self) -> None:
        """Write the file anew and empty its log, so that no byte of what was deleted is left.

        Raises:
            StorageError: somebody who reads or writes at the time hindered it, or the disk is full.
        """
        try:
            self.connection.execute("VACUUM")
            is_hindered = self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.OperationalError:
            is_hindered = True
        if is_hindered:
            msg = (
                "It is erased, but bytes of it may be left in the database file, which could not be"
                " written anew just now. Run 'intake retention' on the server when nobody works."
            )
            raise StorageError(msg)

    def rows(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Return the rows of a query."""
        return list(self.db.query(sql, parameters))

    def row(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """Return the first row of a query, or None."""
        return next(iter(self.db.query(sql, parameters)), None)

    @staticmethod
    def new_id() -> str:
        """Make an id of 128 random bits."""
        return secrets.token_hex(16)

    @staticmethod
    def new_token() -> str:
        """Make a secret of 256 random bits; only its hash is ever stored."""
        return secrets.token_urlsafe(32)

    @staticmethod
    def new_number(digits: int) -> str:
        """Make a number for people to read out, without leading zero."""
        return str(10 ** (digits - 1) + secrets.randbelow(9 * 10 ** (digits - 1)))


def create(path: Path) -> None:
    """Make a new, empty clinic database.

    Raises:
        StorageError: there is a file already; it is left as it is.
    """
    if path.exists():
        msg = f"{path.name} already exists and was left as it is."
        raise StorageError(msg)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    connection = _connect(path)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    MIGRATIONS.apply(Database(connection, execute_plugins=False))
    connection.close()


def open_store(path: Path) -> Store:
    """Open the clinic's database; never makes a new one in the place of one that is missing.

    Raises:
        StorageError: the file is missing, is not ours, or was written by a newer version.
    """
    if not path.is_file():
        msg = f"There is no database at {path}. Make one with 'intake serve', or restore a backup."
        raise StorageError(msg)
    try:
        _refuse_foreign(path)
        connection = _connect(path)
    except sqlite3.DatabaseError as error:
        msg = f"{path.name} is not a readable database ({error}). Restore the last backup."
        raise StorageError(msg) from error
    store = Store(connection)
    if unknown := _unknown_migrations(store.db):
        store.close()
        msg = f"{path.name} was written by a newer version ({unknown}); install that version."
        raise StorageError(msg)
    return store


def _refuse_foreign(path: Path) -> None:
    """Look at the mark in the file before anything is set, so that what is not ours stays as it is.

    Raises:
        StorageError: it is another program's database, or an empty file.
    """
    connection = sqlite3.connect(_read_only(path), uri=True)
    try:
        found = connection.execute("PRAGMA application_id").fetchone()[0]
    finally:
        connection.close()
    if found != APPLICATION_ID:
        msg = f"{path.name} is not a database of this program and was left as it is."
        raise StorageError(msg)


def _read_only(path: Path) -> str:
    """Return the address that opens *path* for reading, whatever characters its name has."""
    return f"{path.resolve().as_uri()}?mode=ro"


def _unknown_migrations(db: Database) -> str:
    """Name a migration that was applied and that this version does not have."""
    applied = {migration.name for migration in MIGRATIONS.applied(db)}
    return min(applied - MIGRATION_NAMES, default="")


def bring_up_to_date(path: Path) -> list[str]:
    """Apply the migrations that are still missing; returns their names.

    What is kept to be found quickly is made anew afterwards, for a migration may have changed it.
    """
    store = open_store(path)
    try:
        pending = [migration.name for migration in MIGRATIONS.pending(store.db)]
        MIGRATIONS.apply(store.db)
        if pending:
            with store.write() as db:
                put_every_place(db)
                put_every_word(db)
    finally:
        store.close()
    return pending


def _connect(path: Path) -> sqlite3.Connection:
    """Open with durability first: a commit survives a power cut, deleted text is overwritten."""
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    # So that INSERT OR REPLACE meets the triggers that guard what must not be deleted.
    connection.execute("PRAGMA recursive_triggers = ON")
    return connection


def copy_to(store: Store, target: Path) -> None:
    """Write a consistent copy of the whole database while others go on working.

    Raises:
        StorageError: *target* exists, or the copy is not sound; nothing is left behind then.
    """
    if target.exists():
        msg = f"{target.name} already exists; name a new file for the backup."
        raise StorageError(msg)
    if not target.parent.is_dir():
        msg = f"There is no folder {target.parent}; name a folder that exists for the backup."
        raise StorageError(msg)
    target.touch(mode=0o600)
    copy = sqlite3.connect(target)
    try:
        store.connection.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    finally:
        copy.close()
    if faults := faults_of(target):
        target.unlink()
        msg = f"The backup was not sound and was removed: {faults[0]}"
        raise StorageError(msg)


_NEEDED = {"patients", "responses", "answers", "screenings", "reviews", "packs", "audit_events"}
"""Tables without which a file is no clinic of ours, whatever its mark says."""


def faults_of(path: Path) -> list[str]:
    """Check a database file from outside; returns what is wrong, in words, or nothing."""
    try:
        connection = sqlite3.connect(_read_only(path), uri=True)
        try:
            if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                return ["it is not a database of this program"]
            names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
            if not names >= _NEEDED:
                return ["tables are missing from it"]
            found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
            broken = connection.execute("PRAGMA foreign_key_check").fetchone()
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        return [str(error)]
    faults = [] if found == ["ok"] else found
    return [*faults, *(["a record refers to one that is not there"] if broken else [])]


def restore(source: Path, target: Path, *, replacing: bool, now: datetime) -> Path | None:
    """Put a backup in the place of a database.

    Returns:
        Where the database that was there is kept, or None when there was none.

    Raises:
        StorageError: the backup is not sound, or there is a database and *replacing* is off;
            nothing was changed.
    """
    if faults := faults_of(source):
        msg = f"{source.name} cannot be restored: {faults[0]}. Nothing was changed."
        raise StorageError(msg)
    if target.exists() and not replacing:
        msg = f"{target} exists. Stop the server and use --replace; the old one is kept beside it."
        raise StorageError(msg)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    arriving = target.with_suffix(".arriving")
    arriving.unlink(missing_ok=True)
    arriving.touch(mode=0o600)
    _copy_with_log(source, arriving)
    kept = _set_aside(target, now) if target.exists() else None
    for suffix in _BESIDE:
        # A log left behind would be played into the restored file.
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    arriving.replace(target)
    return kept


_BESIDE = ("-wal", "-shm")
"""What SQLite keeps beside a database while it is open."""


def _copy_with_log(source: Path, target: Path) -> None:
    """Copy a database together with what its log still holds."""
    reading, writing = sqlite3.connect(_read_only(source), uri=True), sqlite3.connect(target)
    try:
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode = DELETE")
    finally:
        writing.close()
        reading.close()


def _set_aside(target: Path, now: datetime) -> Path:
    """Keep a whole database, sound or not, under another name, with its log beside it."""
    kept = target.with_name(f"{target.stem}-until-{now:%Y%m%dT%H%M%S%f}.db")
    for suffix in ("", *_BESIDE):
        part = target.with_name(target.name + suffix)
        if part.exists():
            part.replace(kept.with_name(kept.name + suffix))
    return kept
