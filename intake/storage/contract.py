"""What this program asks of a database, whichever engine keeps it.

Statements are SQLite's, with `?` or `:name` for values; an engine that speaks otherwise translates
them. Everywhere else these names are used, and never those of a driver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Row: TypeAlias = dict[str, Any]
Parameters: TypeAlias = "Sequence[Any] | dict[str, Any]"


class Cursor(Protocol):
    """What a statement gave."""

    @property
    def description(self) -> Any:  # noqa: ANN401 - as each driver describes columns, the name first
        """A tuple for each column, its name first; None for a statement without rows."""

    @property
    def rowcount(self) -> int:
        """How many rows were written."""

    def fetchone(self) -> Any:  # noqa: ANN401 - a row is a tuple of whatever was selected
        """Return the next row, or None."""

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """A connection to a database.

    Its errors are of the classes in `driver.sqlite3`, and hold no value of any row.
    """

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction was begun and has not ended."""

    def execute(self, sql: str, parameters: Any = ..., /) -> Cursor:  # noqa: ANN401
        """Run one statement."""

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Cursor:
        """Run a statement for each set of values."""

    def commit(self) -> None:
        """Keep what the transaction wrote."""

    def rollback(self) -> None:
        """Take back what the transaction wrote."""

    def close(self) -> None:
        """Let go of the database."""


class Table(Protocol):
    """A table by its name."""

    def insert(self, record: Row, /) -> object:
        """Add a row."""

    def update(self, pk_values: Any, updates: Row, /) -> object:  # noqa: ANN401 - a key of any type
        """Change some columns of the row of a key."""

    def delete_where(self, where: str, where_args: Sequence[Any], /) -> object:
        """Delete rows."""


class Database(Protocol):
    """The tables of a database, and rows by the names of their columns."""

    @property
    def conn(self) -> Connection:
        """The connection beneath."""

    def execute(self, sql: str, parameters: Any = ..., /) -> Cursor:  # noqa: ANN401
        """Run one statement."""

    def query(self, sql: str, parameters: Any = ..., /) -> Iterable[Row]:  # noqa: ANN401
        """Return the rows of a statement."""

    def table(self, table_name: str, /) -> Table:
        """Return a table."""
