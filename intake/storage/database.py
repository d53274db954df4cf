"""One SQLite file, opened the same way everywhere, and the one way to write to it."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from intake.core.errors import StorageError
from intake.storage import trail
from intake.storage.connections import connect, connect_bare, is_plain, turn_to_write
from intake.storage.driver import Database, sqlite3
from intake.storage.later_migrations import MIGRATION_NAMES
from intake.storage.migrations import MIGRATIONS
from intake.storage.patients import put_every_word
from intake.storage.places import put_every_place
from intake.storage.structure import structure_faults
from intake.storage.trail_records import wrong_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from intake.core.chain import Head
    from intake.storage.keys import Keys

APPLICATION_ID = 0x496E7461
"""Marks the file as ours ("Inta"), so that another program's database is never taken for it."""

Row: TypeAlias = dict[str, Any]
Parameters: TypeAlias = "Sequence[Any] | dict[str, Any]"


class Store:
    """An open clinic database; one for each request or command.

    Attributes:
        db: For reading. Writing goes through `write()`, which nothing else may replace.
        keys: Of this clinic.
    """

    def __init__(self, connection: sqlite3.Connection, keys: Keys) -> None:
        self.connection = connection
        self.keys = keys
        self.db = Database(connection, execute_plugins=False)

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    @contextmanager
    def write(
        self, begin: Callable[[sqlite3.Connection], Head] = trail.begin
    ) -> Iterator[Database]:
        """Hold the one write lock for a block: all of it is kept, or nothing.

        The audit lines of the block are sealed with the rows it wrote as it ends.

        The lock is taken before anything is read: a transaction that reads first and writes later
        fails at once with "database is locked" when somebody else wrote in between.

        Raises:
            StorageError: the lock could not be had in time, or the disk refused.
        """
        if self.connection.in_transaction:
            yield self.db
            return
        try:
            with turn_to_write(self.connection):
                before = begin(self.connection)
                yield self.db
                trail.seal(self.connection, self.keys.trail, before)
                self.connection.commit()
        except sqlite3.DatabaseError as error:
            if not _is_of_the_file(error):
                raise
            msg = f"Nothing was saved: the database could not be written ({error}). Try again."
            raise StorageError(msg) from error

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read all of a block as it stood at one moment, while others may go on writing.

        Raises:
            StorageError: the file is damaged.
        """
        with _damage_told():
            self.connection.execute("BEGIN")
            try:
                yield self.connection
            finally:
                self.connection.rollback()

    def rows(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Return the rows of a query.

        Raises:
            StorageError: the file is damaged.
        """
        with _damage_told():
            return list(self.db.query(sql, parameters))

    def row(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """Return the first row of a query, or None.

        Raises:
            StorageError: the file is damaged.
        """
        with _damage_told():
            return next(iter(self.db.query(sql, parameters)), None)

    def require_sound(self) -> None:
        """See that every page of the file can be read and written, and that it is built as ours.

        Raises:
            StorageError: it cannot; the message says what to do.
        """
        looks = ("PRAGMA cipher_integrity_check", "PRAGMA quick_check(1)")
        with _damage_told():
            # What a power cut left torn in the file is looked at only as the log has it, whole.
            self.connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            found = [row[0] for sql in looks for row in self.connection.execute(sql)]
        if faults := [word for word in found if word != "ok"]:
            msg = (
                f"The database is damaged ({faults[0]}). Restore the last backup; 'intake verify'"
                " says more."
            )
            raise StorageError(msg)
        require_built(self.connection)
        with self.write() as db:
            db.execute("PRAGMA user_version = 1")  # reaches the disk, and changes nothing

    def sweep(self) -> None:
        """Write the file anew and empty its log, so that no byte of what was deleted is left.

        It takes about a second for every 100 MB, and nobody can write meanwhile.

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


def _is_of_the_file(error: sqlite3.DatabaseError) -> bool:
    """Tell whether the disk or the file is at fault, and not what was asked for.

    SQLite's driver tells of a damaged page with the class of all its errors, and of a lock or a
    full disk with one of its own.
    """
    return type(error) in (sqlite3.DatabaseError, sqlite3.OperationalError)


@contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        if type(error) is not sqlite3.DatabaseError:
            raise
        msg = f"The database is damaged ({error}). Restore the last backup."
        raise StorageError(msg) from error


def require_built(connection: sqlite3.Connection) -> None:
    """See that nothing was built into the database, or taken out of it, by another program.

    Raises:
        StorageError: something was.
    """
    if fault := next(structure_faults(connection), ""):
        msg = f"The database is not as this program builds it: {fault}. Restore the last backup."
        raise StorageError(msg)


def create(path: Path, keys: Keys) -> None:
    """Make a new, empty clinic database.

    Raises:
        StorageError: there is a file already; it is left as it is.
    """
    if path.exists():
        msg = f"{path.name} already exists and was left as it is."
        raise StorageError(msg)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    connection = connect(path, keys.database)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    _migrate(Store(connection, keys))
    connection.close()


def open_store(path: Path, keys: Keys) -> Store:
    """Open the clinic's database; never makes a new one in the place of one that is missing.

    Raises:
        StorageError: the file is missing, is not ours, or was written by a newer version.
    """
    require(path)
    try:
        _refuse_foreign(path, keys)
        store = Store(connect(path, keys.database), keys)
    except sqlite3.DatabaseError as error:
        raise StorageError(_unreadable(path, error)) from error
    try:
        _refuse_newer(path, store)
    except BaseException:
        store.close()
        raise
    return store


def require(path: Path) -> None:
    """See that there is a file.

    Raises:
        StorageError: there is none.
    """
    if not path.is_file():
        msg = f"There is no database at {path}. Make one with 'intake serve', or restore a backup."
        raise StorageError(msg)


def _refuse_foreign(path: Path, keys: Keys) -> None:
    """Look at the mark in the file before anything is set, so that what is not ours stays as it is.

    Raises:
        StorageError: it is another program's database, an empty file, or one that no key opens.
    """
    try:
        found = mark_of(path, keys.database)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        raise StorageError(_not_opened(path, keys)) from None
    if found != APPLICATION_ID:
        msg = f"{path.name} is not a database of this program and was left as it is."
        raise StorageError(msg)


def mark_of(path: Path, key: bytes | None) -> int:
    """Return what program a database says it is of."""
    connection = connect_bare(path, key, to_read=True)
    try:
        return int(connection.execute("PRAGMA application_id").fetchone()[0])
    finally:
        connection.close()


def _not_opened(path: Path, keys: Keys) -> str:
    """Say why a file does not open with the key, and what to do."""
    if keys.database is None:
        return f"{path.name} is not a database, or is encrypted. Restore the last backup."
    if not is_plain(path):
        return (
            f"{path.name} is not a database that this clinic's key opens: it was made with another"
            " key, or it is damaged. Put the right key back, or restore the last backup."
        )
    if mark_of(path, None) != APPLICATION_ID:
        return f"{path.name} is not a database of this program and was left as it is."
    return f"{path.name} is not encrypted. Run 'intake keys encrypt' to encrypt it."


def _unreadable(path: Path, error: Exception) -> str:
    if isinstance(error, sqlite3.OperationalError):  # the file may well be whole
        return (
            f"{path.name} cannot be used now ({error}). See whether its disk is full, read-only or"
            " failing, and whether another program has it open; then try again."
        )
    return f"{path.name} is not a readable database ({error}). Restore the last backup."


def _refuse_newer(path: Path, store: Store) -> None:
    """See that no migration was applied that this version does not have.

    Raises:
        StorageError: there is one, or the file is damaged.
    """
    try:
        applied = {migration.name for migration in MIGRATIONS.applied(store.db)}
    except sqlite3.DatabaseError as error:
        raise StorageError(_unreadable(path, error)) from error
    if unknown := min(applied - MIGRATION_NAMES, default=""):
        msg = f"{path.name} was written by a newer version ({unknown}); install that version."
        raise StorageError(msg)


def bring_up_to_date(path: Path, keys: Keys) -> list[str]:
    """Apply the migrations that are still missing; returns their names.

    What is kept to be found quickly is made anew afterwards, for a migration may have changed it,
    and the audit trail states what reads otherwise since then.
    """
    store = open_store(path, keys)
    try:
        return _migrate(store)
    finally:
        store.close()


def _migrate(store: Store) -> list[str]:
    """Apply what is missing, all of it or nothing: a kill in between leaves the old clinic."""
    pending = [migration.name for migration in MIGRATIONS.pending(store.db)]
    if pending:
        if trail.is_laid(store.connection):
            require_built(store.connection)
        key = store.keys.trail
        wrong = wrong_now(store.connection, key)
        with store.write(begin=trail.begin_laying) as db:
            MIGRATIONS.apply(db)
            put_every_place(db)
            put_every_word(db)
            trail.state_anew(store.connection, key, wrong)
    return pending
