"""One SQLite file, opened the same way everywhere."""

from __future__ import annotations

import re
from contextlib import closing, contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from intake.core.errors import StorageError
from intake.storage.connections import connect, connect_bare, is_plain, turn_to_write
from intake.storage.driver import Database, sqlite3
from intake.storage.later_migrations import MIGRATION_NAMES
from intake.storage.migrations import MIGRATIONS
from intake.storage.store import Store, damage_told
from intake.storage.structure import structure_faults

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from intake.storage.contract import Parameters, Row
    from intake.storage.keys import Keys

APPLICATION_ID = 0x496E7461
"""Marks the file as ours ("Inta"), so that another program's database is never taken for it."""

_NUMBERED = re.compile(r"(\w+) INTEGER PRIMARY KEY( AUTOINCREMENT)?")

_FEW = 500
"""How many rows are held in memory while a clinic is filled from another."""


class SqliteStore(Store):
    """A clinic in one SQLite file."""

    connection: sqlite3.Connection
    db: Database

    def __init__(self, connection: sqlite3.Connection, keys: Keys) -> None:
        super().__init__(connection, Database(connection, execute_plugins=False), keys)

    def _turn_to_write(self) -> AbstractContextManager[None]:
        return turn_to_write(self.connection)

    def _begin_to_read(self) -> None:
        self.connection.execute("BEGIN")

    def see_only(self, sites: Collection[str] | None) -> None:
        """Do nothing: whoever opens the file has all of it, and the statements name the sites."""

    def each(self, sql: str, parameters: Parameters = ()) -> Iterator[Row]:
        """Yield the rows of a query one by one; the log grows meanwhile."""
        yield from self.db.query(sql, parameters)

    def columns(self) -> set[tuple[str, str]]:
        """Return every column with the name of its table."""
        return set(
            self.connection.execute(
                "SELECT t.name, c.name FROM sqlite_master AS t, pragma_table_info(t.name) AS c"
                " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'"
            )
        )

    def tables(self) -> list[str]:
        """Return the names of the tables that hold something from one transaction to the next."""
        found = self.connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            " AND name <> 'audit_touched' ORDER BY name"
        )
        return [name for (name,) in found]

    @contextmanager
    def filling(self) -> Iterator[None]:
        """Take out the triggers that guard the tables, and put them back as they were."""
        db = self.connection
        guards = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY rowid"
        with turn_to_write(db):
            db.execute("PRAGMA defer_foreign_keys = ON")
            taken = db.execute(guards).fetchall()
            for name, _ in taken:
                db.execute(f"DROP TRIGGER {name}")
            for table in self.tables():
                db.execute(f"DELETE FROM {table}")  # noqa: S608 - a name of ours
            yield
            for _, sql in taken:
                db.execute(sql)
            db.commit()

    def fill(self, table: str, rows: Iterable[Row]) -> None:
        """Put rows into a table as they are; SQLite counts only where it was told to."""
        for some in _batched(rows):
            columns = list(some[0])
            marks = ", ".join("?" for _ in columns)
            self.connection.executemany(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",  # noqa: S608
                [tuple(row.values()) for row in some],
            )

    def counters(self) -> dict[str, int]:
        """Return the last numbers: SQLite keeps some of them in no table but that of the rows."""
        given = dict(self.connection.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
        for table, column, is_kept in self._numbered():
            if not is_kept:
                last = f"SELECT coalesce(max({column}), 0) FROM {table}"  # noqa: S608
                given[table] = self.connection.execute(last).fetchone()[0]
        return given

    def count_on(self, counters: Mapping[str, int]) -> None:
        """Go on counting from there, where SQLite counts by more than the rows."""
        kept = {table for table, _, is_kept in self._numbered() if is_kept}
        self.connection.execute("DELETE FROM sqlite_sequence")
        self.connection.executemany(
            "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)",
            [(table, last) for table, last in counters.items() if table in kept and last],
        )

    def _numbered(self) -> list[tuple[str, str, bool]]:
        """Return the tables that number their rows, by which column, and whether it is kept."""
        made = self.connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        return [
            (name, found[1], bool(found[2]))
            for name, sql in made.fetchall()
            if (found := _NUMBERED.search(sql or "")) and not name.startswith("_")
        ]

    def structure_faults(self) -> Iterator[str]:
        """Yield in words what of the structure is not as the migrations make it."""
        return structure_faults(self.connection)

    def require_sound(self) -> None:
        """See that every page of the file can be read and written, and that it is built as ours."""
        looks = ("PRAGMA cipher_integrity_check", "PRAGMA quick_check(1)")
        with damage_told():
            # What a power cut left torn in the file is looked at only as the log has it, whole.
            self.connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            found = [row[0] for sql in looks for row in self.connection.execute(sql)]
        if faults := [word for word in found if word != "ok"]:
            msg = (
                f"The database is damaged ({faults[0]}). Restore the last backup; 'intake verify'"
                " says more."
            )
            raise StorageError(msg)
        self.require_built()
        self.try_to_write()

    def try_to_write(self) -> None:
        """See that what is written reaches the disk, and change nothing."""
        with self.write() as db:
            db.execute("PRAGMA user_version = 1")

    def sweep(self) -> None:
        """Write the file anew and empty its log.

        It takes about a second for every 100 MB, and nobody can write meanwhile.
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

    def copy_into(self, target: Path) -> None:
        """Copy the file page by page."""
        try:
            with closing(connect_bare(target, self.keys.database)) as copy:
                self.connection.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.DatabaseError as error:
            msg = f"The copy was not sound and was removed: {error}"
            raise StorageError(msg) from error

    def _pending(self) -> list[str]:
        return [migration.name for migration in MIGRATIONS.pending(self.db)]

    def _apply(self) -> None:
        MIGRATIONS.apply(self.db)


def _batched(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Yield rows a few hundred at a time."""
    left = iter(rows)
    while some := list(islice(left, _FEW)):
        yield some


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
    made_in(path, keys).close()


def made_in(path: Path, keys: Keys) -> SqliteStore:
    """Make a clinic in a file that is there and empty; it is open then."""
    connection = connect(path, keys.database)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    store = SqliteStore(connection, keys)
    store.migrate()
    return store


def open_store(path: Path, keys: Keys) -> SqliteStore:
    """Open the clinic's database; never makes a new one in the place of one that is missing.

    Raises:
        StorageError: the file is missing, is not ours, or was written by a newer version.
    """
    require(path)
    try:
        _refuse_foreign(path, keys)
        store = SqliteStore(connect(path, keys.database), keys)
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


def _refuse_newer(path: Path, store: SqliteStore) -> None:
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
        return store.migrate()
    finally:
        store.close()
