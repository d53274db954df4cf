"""A connection to a server that is spoken to as one to SQLite is, and fails as one does."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.adapt import Dumper, Loader
from psycopg.pq import TransactionStatus
from psycopg.types.string import StrDumper, TextLoader

from intake.storage.connections import BUSY_TIMEOUT_S
from intake.storage.driver import sqlite3
from intake.storage.postgres.dialect import ROWID, SCHEMA, definition, statement
from intake.storage.postgres.errors import told
from intake.storage.postgres.walls import ALL, SITES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from psycopg.abc import Buffer

    from intake.storage.contract import Parameters, Row

FEW = 200
"""How many rows of a long query are held in memory."""

_READS = re.compile(r"\s*(SELECT|WITH)\b")

_IDLE_S, _EVERY_S, _TIMES = 10, 5, 3
"""When a connection over which nothing comes is tried, how often, and how many times in vain.

A computer that loses its power closes none of its connections. The server would wait two hours for
it, and all others with it where it was about to write; and whoever asks a server that is gone, too.
"""
_UNANSWERED_MS = 1000 * (_IDLE_S + _EVERY_S * _TIMES)
"""How long what was sent may go unheard."""

_SETTINGS = (
    f"SET lock_timeout TO '{BUSY_TIMEOUT_S}s'; SET {SITES} TO '{ALL}';"
    " SET synchronous_commit TO on; SET timezone TO 'UTC'; SET jit TO off;"
    " SET default_transaction_isolation TO 'read committed';"
    f" SET tcp_keepalives_idle TO {_IDLE_S}; SET tcp_keepalives_interval TO {_EVERY_S};"
    f" SET tcp_keepalives_count TO {_TIMES}; SET tcp_user_timeout TO {_UNANSWERED_MS}"
)
"""What the program relies on, whatever a server was set up with: that what is kept is on its disk,
that nobody waits for a lock, or for a computer that is gone, for ever. Compiling a query takes
longer than any of ours."""


_ABLE = (TransactionStatus.IDLE, TransactionStatus.INTRANS)
"""The states in which a connection takes another statement."""


class _Number(Dumper):
    """Writes a truth as the number that it is in SQLite."""

    def dump(self, obj: bool) -> bytes:  # noqa: FBT001 - as psycopg calls it
        """Return 1 or 0."""
        return b"1" if obj else b"0"

    quote = dump


class _Text(StrDumper):
    """Writes a text; the one character that a server has no place for as one that nobody writes.

    Nothing that is kept holds it, but somebody may ask for it in an address.
    """

    def dump(self, obj: str) -> Buffer | None:
        """Return it as bytes."""
        return super().dump(obj.replace("\0", "\uffff"))

    def quote(self, obj: str) -> Buffer:
        """Return it as a literal."""
        return super().quote(obj.replace("\0", "\uffff"))


class _Sum(Loader):
    """Reads what PostgreSQL makes of adding up whole numbers."""

    def load(self, data: bytes | bytearray | memoryview) -> int | float:
        """Return a whole number wherever it is one."""
        text = bytes(data).decode("ascii")
        return float(text) if "." in text else int(text)


class Rows:
    """What a statement gave."""

    def __init__(self, found: psycopg.Cursor[Any], sql: str) -> None:
        self._found = found
        self.rowcount = found.rowcount
        self.description: list[tuple[str]] | None = None
        self._hidden: int | None = None
        if (answer := found.pgresult) is not None and answer.nfields:
            # As the client describes columns it looks up the kind of each, which takes longer than
            # many a query.
            names = [(answer.fname(n) or b"").decode() for n in range(answer.nfields)]
            if ROWID in names and "*" in sql:
                self._hidden = names.index(ROWID)
                del names[self._hidden]
            self.description = [(name,) for name in names]

    def _shown(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        return row if self._hidden is None else row[: self._hidden] + row[self._hidden + 1 :]

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row, or None."""
        return next(iter(self), None)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the rows that are left."""
        return list(self)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        if self.description is None:
            return
        while (row := self._found.fetchone()) is not None:
            yield self._shown(row)


class FetchedRows(Rows):
    """What a query gave, a few rows of it at a time."""

    def __init__(
        self,
        connection: ServerConnection,
        name: str,
        found: psycopg.Cursor[Any],
        sql: str,
        *,
        is_held: bool,
    ) -> None:
        super().__init__(found, sql)
        self._connection, self._name = connection, name
        self._ends_with = None if is_held else connection.transaction

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        while True:
            while (row := self._found.fetchone()) is not None:
                yield self._shown(row)
            if self._found.rowcount < FEW:
                self.close()
                return
            self._found = self._connection.fetch(self._name)

    def close(self) -> None:
        """Let the server forget it, read to its end or not.

        With the transaction it was begun in it is forgotten anyway, and to name it would be an
        error, which undoes the next one.
        """
        if self._name and self._ends_with in (None, self._connection.transaction):
            self._connection.forget(self._name)
        self._name = ""


class ServerConnection:
    """A connection to the clinic's schema on a server.

    Attributes:
        transaction: Which one it is, or which one comes next.
    """

    def __init__(self, raw: psycopg.Connection[Any], schema: str) -> None:
        self._raw = raw
        self.transaction = 0
        self._is_reading = False
        self._number = 0
        self._over: list[str] = []
        for kind in ("json", "jsonb"):
            raw.adapters.register_loader(kind, TextLoader)
        raw.adapters.register_loader("numeric", _Sum)
        raw.adapters.register_dumper(bool, _Number)
        raw.adapters.register_dumper(str, _Text)
        with told():
            raw.execute(f"SET search_path TO {schema}, pg_catalog; {_SETTINGS}".encode())

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction was begun and has not ended."""
        return self._raw.info.transaction_status in (
            TransactionStatus.INTRANS,
            TransactionStatus.INERROR,
            TransactionStatus.ACTIVE,
        )

    @property
    def version(self) -> int:
        """The server's, as 150018 for 15.18."""
        return self._raw.info.server_version

    @property
    def encoding(self) -> str:
        """In what the server's database keeps texts."""
        return self._raw.info.parameter_status("server_encoding") or ""

    def execute(self, sql: str, parameters: Parameters = (), /) -> Rows:
        """Run one statement of SQLite's.

        While somebody reads all of a block as it stood at one moment, no query is held in memory.
        """
        if self._is_reading and _READS.match(sql):
            return self._fetching(sql, parameters)
        with told():
            return Rows(self._raw.execute(statement(sql).encode(), parameters), sql)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Rows:
        """Run a statement for each set of values, and wait once for many of them."""
        line = statement(sql).encode()
        values = list(parameters)  # they may be read from this very connection
        with told():
            cursor = psycopg.ClientCursor(self._raw)
            for start in range(0, len(values), FEW):
                lines = [cursor.mogrify(line, each) for each in values[start : start + FEW]]
                cursor.execute("; ".join(lines).encode())
            return Rows(cursor, sql)

    def lay(self, sql: str) -> None:
        """Define a part of the database, as a migration says it."""
        for line in definition(sql):
            self.run(line)

    def run(self, sql: str) -> None:
        """Run a statement that is PostgreSQL's own."""
        with told():
            self._raw.execute(sql.encode())

    def pour(self, table: str, rows: Iterable[Row]) -> None:
        """Put rows into a table as they come, whose columns the first one names."""
        left = iter(rows)
        first = next(left, None)
        if first is None:
            return
        into = f"COPY {table} ({', '.join(first)}) FROM STDIN"
        with told(), self._raw.cursor().copy(into.encode()) as copy:
            for row in chain((first,), left):
                copy.write_row(tuple(row.values()))

    def begin_to_read(self) -> None:
        """Begin a transaction that sees everything as it stands now."""
        self.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self._is_reading = True

    def each(self, sql: str, parameters: Parameters) -> Iterator[tuple[Any, ...]]:
        """Return the rows of a query with the names of its columns as the first."""
        found = self._fetching(sql, parameters, is_held=not self.in_transaction)
        try:
            yield tuple(name for (name,) in found.description or ())
            yield from found
        finally:
            found.close()

    def _fetching(self, sql: str, parameters: Parameters, *, is_held: bool = False) -> FetchedRows:
        self._number += 1
        name = f"read_{self._number}"
        before = "".join(f"CLOSE {one}; " for one in self._over)
        self._over.clear()
        hold = "WITH HOLD " if is_held else ""
        query = f"DECLARE {name} NO SCROLL CURSOR {hold}FOR {statement(sql)}"
        with told():
            found = self._raw.execute(f"{before}{query}; FETCH {FEW} {name}".encode(), parameters)
            while found.nextset():
                pass
        return FetchedRows(self, name, found, sql, is_held=is_held)

    def fetch(self, name: str) -> psycopg.Cursor[Any]:
        """Return the next rows of a query that is being read."""
        with told():
            return self._raw.execute(f"FETCH {FEW} {name}".encode())

    def forget(self, name: str) -> None:
        """Close a query; one of many with the next one that is asked."""
        if self._is_reading:
            self._over.append(name)
        elif self._raw.info.transaction_status in _ABLE:
            self.run(f"CLOSE {name}")

    def commit(self) -> None:
        """Keep what the transaction wrote.

        A server answers the end of a transaction in which something failed as if it were well.

        Raises:
            sqlite3.OperationalError: nothing is kept, or it is not known.
        """
        if self._raw.info.transaction_status == TransactionStatus.INERROR:
            self.rollback()
            msg = "an earlier statement failed"
            raise sqlite3.OperationalError(msg)
        with told():
            self._raw.commit()
        self._ended()

    def rollback(self) -> None:
        """Take back what the transaction wrote; where the server is gone, it does so itself."""
        with suppress(psycopg.Error):
            self._raw.rollback()
        self._ended()

    def _ended(self) -> None:
        self._is_reading = False
        self._over.clear()
        self.transaction += 1

    def close(self) -> None:
        """Let go of the server."""
        self._raw.close()


class ServerTable:
    """A table by its name."""

    def __init__(self, connection: ServerConnection, name: str) -> None:
        self._connection, self._name = connection, name

    def insert(self, record: Row, /) -> None:
        """Add a row."""
        columns, marks = ", ".join(record), ", ".join(f":{column}" for column in record)
        self._connection.execute(
            f"INSERT INTO {self._name} ({columns}) VALUES ({marks})",  # noqa: S608 - names of ours
            record,
        )

    def update(self, pk_values: object, updates: Row, /) -> None:
        """Change some columns of the row of an id."""
        changes = ", ".join(f"{column} = :{column}" for column in updates)
        self._connection.execute(
            f"UPDATE {self._name} SET {changes} WHERE id = :pk_",  # noqa: S608 - names of ours
            {**updates, "pk_": pk_values},
        )

    def delete_where(self, where: str, where_args: Parameters, /) -> None:
        """Delete rows."""
        self._connection.execute(f"DELETE FROM {self._name} WHERE {where}", where_args)  # noqa: S608


class ServerDatabase:
    """The tables of a clinic on a server, and rows by the names of their columns."""

    def __init__(self, connection: ServerConnection) -> None:
        self.conn = connection

    def execute(self, sql: str, parameters: Parameters = (), /) -> Rows:
        """Run one statement."""
        return self.conn.execute(sql, parameters)

    def query(self, sql: str, parameters: Parameters = (), /) -> list[Row]:
        """Return the rows of a statement."""
        found = self.conn.execute(sql, parameters)
        names = [name for (name,) in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found]

    def table(self, table_name: str, /) -> ServerTable:
        """Return a table."""
        return ServerTable(self.conn, table_name)


def connect(url: str, schema: str = SCHEMA) -> ServerConnection:
    """Connect to a schema on a server.

    Raises:
        sqlite3.OperationalError: it cannot be reached, or does not let the program in.
    """
    with told():
        raw = psycopg.connect(
            url,
            autocommit=True,
            cursor_factory=psycopg.ClientCursor,
            connect_timeout=BUSY_TIMEOUT_S,
            application_name="intake",
            keepalives_idle=_IDLE_S,
            keepalives_interval=_EVERY_S,
            keepalives_count=_TIMES,
            tcp_user_timeout=_UNANSWERED_MS,
        )
    return ServerConnection(raw, schema)
