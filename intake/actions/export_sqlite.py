"""Every table in one SQLite file, for analysts and their programs."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING

from intake.core.errors import AnswerError
from intake.exports.tables import ColumnType, fresh
from intake.storage.driver import Database, sqlite3

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from intake.exports.tables import Table

FORM = "sqlite"
_AT_ONCE = 500
_CASES, _CASE = "cases", "response_id"


def write_sqlite(file: Path, tables: Iterable[tuple[str, Table]]) -> Iterator[tuple[str, int]]:
    """Write tables into a new file, which is not encrypted and for its owner alone.

    Those with a `response_id` hang on that of cases, which come first.

    Yields:
        The name of each table and how many rows it has, as it is written.

    A file that was not written to its end is taken away again.

    Raises:
        AnswerError: there is such a file already, or it cannot be written.
    """
    try:
        with fresh(file), closing(sqlite3.connect(file)) as connection:
            db = Database(connection)
            for name, table in tables:
                yield name, _written(db, name, table)
    except (OSError, sqlite3.OperationalError) as error:
        reason = "it exists already" if isinstance(error, FileExistsError) else str(error)
        msg = f"'{file}' was not written: {reason}."
        raise AnswerError(msg) from error


def _written(db: Database, name: str, table: Table) -> int:
    hangs = _CASE in table.columns and name != _CASES
    made = db.table(name).create(
        {column: _KINDS.get(of, str) for column, of in table.columns.items()},
        pk=_CASE if name == _CASES else None,
        foreign_keys=[(_CASE, _CASES, _CASE)] if hangs else (),
    )
    made.insert_all(_plain(table), batch_size=_AT_ONCE)
    if hangs:
        made.create_index([_CASE])
    return int(made.count)


_KINDS = {ColumnType.COUNT: int, ColumnType.TRUTH: int, ColumnType.NUMBER: float}
"""What numbers are in SQLite, so that they compare as numbers; all else is text."""


def _plain(table: Table) -> Iterator[dict[str, object]]:
    for row in table.rows:
        yield {column: _value(row.get(column)) for column in table.columns}


def _value(value: object) -> object:
    """Return a value as a program of statistics reads it: numbers, texts, and 1 or 0."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Decimal):
        return float(value)
    return value if value is None or isinstance(value, int | float | str) else str(value)
