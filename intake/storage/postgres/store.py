"""A clinic on a PostgreSQL server."""

from __future__ import annotations

from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from intake.core.errors import StorageError
from intake.storage.database import made_in
from intake.storage.driver import sqlite3
from intake.storage.later_migrations import CHANGES
from intake.storage.moving import copy_all
from intake.storage.postgres.connection import ServerConnection, ServerDatabase, connect
from intake.storage.postgres.dialect import COUNTERS, LEDGER, ROWID, SCHEMA
from intake.storage.postgres.structure import (
    lay_change,
    structure_faults,
)
from intake.storage.postgres.walls import ALL, SITES, lay_walls, setting_for
from intake.storage.store import Store

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from intake.storage.contract import Parameters, Row
    from intake.storage.keys import Keys

_SWEPT = (
    "responses", "patients", "answers", "screenings", "reviews", "addenda", "confirmations",
    "treatment_sessions", "reactions", "recalls", "dealings", "places", "patient_words", "holds",
    "visits", "cards", "card_answers", "differences", "tries", "sign_ins_begun", "sessions",
)  # fmt: skip
"""The tables from which records are erased."""

_UNDOING = {
    (
        "The server's account may do everything there, so its wall between sites counts for"
        " nothing. Name one that only owns this database."
    ): "SELECT 1 AS one FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls)",
    (
        "The server writes statements into its log, and with them what patients said. Let whoever"
        " runs it set log_statement to none, log_min_duration_statement to -1,"
        " log_min_error_statement to panic and log_error_verbosity to terse."
    ): (
        "SELECT 1 AS one WHERE current_setting('log_statement') <> 'none'"
        " OR current_setting('log_min_duration_statement') <> '-1'"
        " OR current_setting('log_min_error_statement') NOT IN ('log', 'fatal', 'panic')"
        " OR current_setting('log_error_verbosity') <> 'terse'"
    ),
}
"""What is said where a query finds something."""


_TURN = (
    f"BEGIN; SET LOCAL {SITES} TO '{ALL}';"  # noqa: S608 - names of ours
    f" SELECT seq FROM {COUNTERS} WHERE name = '{LEDGER}' FOR UPDATE"
)
"""Asked at once: each answer of a server that stands elsewhere is waited for."""


class PostgresStore(Store):
    """A clinic in a schema of a server's database.

    Attributes:
        url: Of the server.
    """

    connection: ServerConnection
    db: ServerDatabase

    def __init__(self, url: str, connection: ServerConnection, keys: Keys) -> None:
        super().__init__(connection, ServerDatabase(connection), keys)
        self.url = url

    @contextmanager
    def _turn_to_write(self) -> Iterator[None]:
        """Hold the counter of the audit trail, which every transaction that writes has to move."""
        try:
            self.connection.run(_TURN)
            yield
        except BaseException:
            self.connection.rollback()
            raise

    def _begin_to_read(self) -> None:
        self.connection.begin_to_read()

    def see_only(self, sites: Collection[str] | None) -> None:
        """Read nothing of other sites from now on, whatever a statement asks for."""
        self.connection.execute(f"SELECT set_config('{SITES}', ?, FALSE)", [setting_for(sites)])

    def each(self, sql: str, parameters: Parameters = ()) -> Iterator[Row]:
        """Yield the rows of a query one by one; few of them are ever in memory."""
        rows = self.connection.each(sql, parameters)
        names = next(rows)
        for row in rows:
            yield dict(zip(names, row, strict=True))

    def columns(self) -> set[tuple[str, str]]:
        """Return every column with the name of its table."""
        found = self.connection.execute(
            "SELECT table_name::text, column_name::text FROM information_schema.columns c"
            " JOIN sqlite_master t ON t.name = c.table_name AND t.type = 'table'"
            " WHERE table_schema = ? AND table_name <> ? AND column_name <> ?",
            [SCHEMA, COUNTERS, ROWID],
        )
        return set(found.fetchall())

    def tables(self) -> list[str]:
        """Return the names of the tables that hold something from one transaction to the next."""
        found = self.rows(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN (?, ?)"
            " ORDER BY name",
            [COUNTERS, "audit_touched"],
        )
        return [row["name"] for row in found]

    @contextmanager
    def filling(self) -> Iterator[None]:
        """Let the triggers of all tables rest; references are looked at as it ends."""
        tables = self.tables()
        with self._turn_to_write():
            self.connection.run("SET CONSTRAINTS ALL DEFERRED")
            for table in tables:
                self.connection.run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                self.connection.run(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
            self.connection.run(f"TRUNCATE {', '.join(tables)}")
            yield
            self.connection.run("SET CONSTRAINTS ALL IMMEDIATE")
            for table in tables:
                self.connection.run(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            lay_walls(self.connection)
            # The server chooses its ways by what it counted, and counts by itself only later.
            self.connection.run(f"ANALYZE {', '.join(tables)}")
            self.connection.commit()

    def counters(self) -> dict[str, int]:
        """Return the last number given out in each table that numbers its rows."""
        return {row["name"]: row["seq"] for row in self.rows(f"SELECT * FROM {COUNTERS}")}  # noqa: S608

    def count_on(self, counters: Mapping[str, int]) -> None:
        """Go on counting from there."""
        self.connection.executemany(
            f"UPDATE {COUNTERS} SET seq = ? WHERE name = ?",  # noqa: S608 - a name of ours
            [(last, table) for table, last in counters.items()],
        )

    def fill(self, table: str, rows: Iterable[Row]) -> None:
        """Put rows into a table as they are."""
        self.connection.pour(table, rows)

    def structure_faults(self) -> Iterator[str]:
        """Yield in words what of the structure is not as the migrations make it."""
        return structure_faults(self.connection, lambda: closing(connect(self.url)))

    def require_sound(self) -> None:
        """See that the server keeps what is written, and that all is built as ours.

        Whether its files are whole is for the server to say, which checks each page it reads.
        """
        self.require_built()
        self.try_to_write()

    def notes(self) -> list[str]:
        """Say which settings of the server undo what the program promises."""
        return [words for words, sql in _UNDOING.items() if self.row(sql) is not None]

    def try_to_write(self) -> None:
        """See that what is written reaches the server's disk, and change nothing."""
        with self.write() as db:
            db.execute(f"UPDATE {COUNTERS} SET seq = seq WHERE name = '{LEDGER}'")  # noqa: S608

    def sweep(self) -> None:
        """Write the tables anew from which records are erased; nobody can use them meanwhile.

        What the server's log and its own backups still hold is for whoever runs it.
        """
        try:
            self.connection.run(f"VACUUM (FULL) {', '.join(_SWEPT)}")
        except sqlite3.OperationalError as error:
            msg = (
                "It is erased, but bytes of it may be left in the tables of the server, which could"
                " not be written anew just now. Run 'intake retention' when nobody works."
            )
            raise StorageError(msg) from error

    def copy_into(self, target: Path) -> None:
        """Write every record into a SQLite database, as it stands at one moment."""
        try:
            with self.reading(), closing(made_in(target, self.keys)) as copy:
                copy_all(self, copy)
                copy.connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.DatabaseError as error:
            msg = f"The copy could not be made and was removed: {error}"
            raise StorageError(msg) from error

    def _pending(self) -> list[str]:
        applied = self.applied()
        return [change.__name__ for change in CHANGES if change.__name__ not in applied]

    def applied(self) -> set[str]:
        """Return the names of the migrations that were applied."""
        return {row["name"] for row in self.rows("SELECT name FROM _sqlite_migrations")}

    def _apply(self) -> None:
        pending = self._pending()
        for number, change in enumerate(CHANGES, start=1):
            if change.__name__ in pending:
                lay_change(self.connection, change)
                self.connection.execute(
                    "INSERT INTO _sqlite_migrations VALUES (?, 'intake', ?, ?)",
                    [number, change.__name__, str(datetime.now(UTC))],
                )
        lay_walls(self.connection)
