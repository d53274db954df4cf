"""An open clinic database, the same for whoever uses it, and the one way to write to it."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

from intake.core.errors import StorageError
from intake.storage import trail
from intake.storage.driver import sqlite3
from intake.storage.patients import put_every_word
from intake.storage.places import put_every_place
from intake.storage.trail_records import wrong_now

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from intake.core.chain import Head
    from intake.storage.contract import Connection, Database, Parameters, Row
    from intake.storage.keys import Keys


_TRIES = 20
"""How often a number is drawn before it gets longer: then nineteen in twenty may be taken."""


class Store(ABC):
    """An open clinic database; one for each request or command.

    Attributes:
        connection: To the database.
        db: For reading. Writing goes through `write()`, which nothing else may replace.
        keys: Of this clinic.
    """

    def __init__(self, connection: Connection, db: Database, keys: Keys) -> None:
        self.connection = connection
        self.db = db
        self.keys = keys

    def close(self) -> None:
        """Let go of the database."""
        self.connection.close()

    @contextmanager
    def write(self, begin: Callable[[Connection], Head] = trail.begin) -> Iterator[Database]:
        """Hold the one write lock for a block: all of it is kept, or nothing.

        The audit lines of the block are sealed with the rows it wrote as it ends.

        The lock is taken before anything is read: of two who read first and write later, one would
        write on the strength of what no longer holds.

        Raises:
            StorageError: the lock could not be had in time, or the disk refused.
        """
        if self.connection.in_transaction:
            yield self.db
            return
        try:
            with self._turn_to_write():
                before = begin(self.connection)
                yield self.db
                trail.seal(self.connection, self.keys.trail, before)
                self.connection.commit()
        except sqlite3.DatabaseError as error:
            if not _is_of_the_database(error):
                raise
            msg = f"Nothing was saved: the database could not be written ({error}). Try again."
            raise StorageError(msg) from error

    @abstractmethod
    def _turn_to_write(self) -> AbstractContextManager[None]:
        """Hold the write lock for a block, which commits; whatever is raised in it rolls it back.

        Raises:
            sqlite3.OperationalError: the lock could not be had in time.
        """

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Read all of a block as it stood at one moment, while others may go on writing.

        Whoever holds the write lock sees that moment anyway.

        Raises:
            StorageError: the database is damaged.
        """
        with damage_told():
            if self.connection.in_transaction:
                yield self.connection
                return
            self._begin_to_read()
            try:
                yield self.connection
            finally:
                self.connection.rollback()

    @abstractmethod
    def _begin_to_read(self) -> None:
        """Begin a transaction that sees the database as it stands now."""

    @abstractmethod
    def see_only(self, sites: Collection[str] | None) -> None:
        """Read nothing of other sites from now on, where the engine has a wall for that.

        What is read while writing, and what holds a patient back, is of every site all the same.

        Args:
            sites: Their ids; None for every site.
        """

    def rows(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Return the rows of a query.

        Raises:
            StorageError: the database is damaged.
        """
        with damage_told():
            return list(self.db.query(sql, parameters))

    def row(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """Return the first row of a query, or None.

        Raises:
            StorageError: the database is damaged.
        """
        with damage_told():
            return next(iter(self.db.query(sql, parameters)), None)

    @abstractmethod
    def each(self, sql: str, parameters: Parameters = ()) -> Iterator[Row]:
        """Yield the rows of a query one by one, however many there are, as it stood at first."""

    @abstractmethod
    def columns(self) -> set[tuple[str, str]]:
        """Return every column with the name of its table."""

    @abstractmethod
    def tables(self) -> list[str]:
        """Return the names of the tables that hold something from one transaction to the next."""

    @abstractmethod
    def filling(self) -> AbstractContextManager[None]:
        """Empty every table of a clinic that nobody uses yet, and let `fill` past its guards.

        All that the block fills in is kept, or nothing.
        """

    @abstractmethod
    def fill(self, table: str, rows: Iterable[Row]) -> None:
        """Put rows into a table as they are, in a block of `filling`."""

    @abstractmethod
    def counters(self) -> dict[str, int]:
        """Return the last number given out in each table that numbers its rows."""

    @abstractmethod
    def count_on(self, counters: Mapping[str, int]) -> None:
        """Go on counting from there, in a block of `filling`."""

    @abstractmethod
    def structure_faults(self) -> Iterator[str]:
        """Yield in words what of the structure is not as the migrations make it."""

    def migrate(self) -> list[str]:
        """Apply the migrations that are missing, all or none; returns their names.

        A kill in between leaves the clinic as it was. What is kept to be found quickly is made anew
        afterwards, for a migration may have changed it, and the audit trail states what reads
        otherwise since then.
        """
        pending = self._pending()
        if pending:
            if trail.is_laid(self.connection):
                self.require_built()
            key = self.keys.trail
            wrong = wrong_now(self.connection, key)
            with self.write(begin=trail.begin_laying) as db:
                self._apply()
                put_every_place(db)
                put_every_word(db)
                trail.state_anew(self.connection, key, wrong)
        return pending

    @abstractmethod
    def _pending(self) -> list[str]:
        """Return the names of the migrations that were not applied yet."""

    @abstractmethod
    def _apply(self) -> None:
        """Apply them, within the transaction at hand."""

    @abstractmethod
    def require_sound(self) -> None:
        """See that all of the database can be read and written, and that it is built as ours.

        Raises:
            StorageError: it cannot; the message says what to do.
        """

    def notes(self) -> list[str]:
        """Return what whoever runs the database should know, one line each."""
        return []

    @abstractmethod
    def try_to_write(self) -> None:
        """See that what is written reaches the disk, and change nothing.

        Raises:
            StorageError: it does not.
        """

    @abstractmethod
    def sweep(self) -> None:
        """Leave no byte of what was deleted where the database keeps its rows.

        Raises:
            StorageError: it could not be done now; the message says what to do.
        """

    @abstractmethod
    def copy_into(self, target: Path) -> None:
        """Write all of it, as it stands at one moment, into an empty file.

        The file is a SQLite database under the clinic's key, which any clinic can restore.

        Raises:
            StorageError: it could not be read or written.
        """

    def require_built(self) -> None:
        """See that nothing was built into the database, or taken out of it, by another program.

        Raises:
            StorageError: something was.
        """
        if fault := next(self.structure_faults(), ""):
            msg = (
                f"The database is not as this program builds it: {fault}. Restore the last backup."
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
    def new_number(digits: int, is_taken: Callable[[str], bool]) -> str:
        """Make a number for people to read out, without leading zero.

        Whoever draws thousands by lot draws some of them twice. Where most are taken it gets
        longer.

        Args:
            digits: How long it is to be.
            is_taken: Tells whether somebody has it already.
        """
        lengths = (digits + tries // _TRIES for tries in count())
        drawn = (str(10 ** (n - 1) + secrets.randbelow(9 * 10 ** (n - 1))) for n in lengths)
        return next(number for number in drawn if not is_taken(number))


def _is_of_the_database(error: sqlite3.DatabaseError) -> bool:
    """Tell whether the disk, the file or the server is at fault, and not what was asked for.

    SQLite's driver tells of a damaged page with the class of all its errors, and of a lock or a
    full disk with one of its own.
    """
    return type(error) in (sqlite3.DatabaseError, sqlite3.OperationalError)


@contextmanager
def damage_told() -> Iterator[None]:
    """Say in words that what is stored is damaged.

    Raises:
        StorageError: it is.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        if type(error) is not sqlite3.DatabaseError:
            raise
        msg = f"The database is damaged ({error}). Restore the last backup."
        raise StorageError(msg) from error
