"""Tables as Parquet, with typed columns, for programs of statistics.

The library that writes it is large and nothing else needs it, so it may be missing.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from itertools import islice
from typing import TYPE_CHECKING, Any

from intake.core.errors import AnswerError
from intake.exports.tables import ColumnType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from intake.exports.tables import Table

FORM = "parquet"
ROWS_AT_ONCE = 10_000
"""How many rows are held in memory, and stand in a group of the file."""


def require_parquet() -> None:
    """Find the library.

    Raises:
        AnswerError: it is not installed; the message says what to install.
    """
    try:
        import_module("pyarrow.parquet")
    except ImportError as error:
        msg = "Parquet needs a library that is not installed: pip install 'intake[parquet]'."
        raise AnswerError(msg) from error


def write_parquet(file: Path, table: Table) -> int:
    """Write a table into a file, a group of rows at a time; returns how many rows there were.

    Raises:
        AnswerError: the library is not installed.
    """
    require_parquet()
    arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    schema = arrow.schema([(name, _arrow_type(arrow, of)) for name, of in table.columns.items()])
    count = 0
    with parquet.ParquetWriter(file, schema) as writer:
        for rows in _groups(table):
            writer.write_table(arrow.Table.from_pylist(rows, schema=schema))
            count += len(rows)
    return count


def _groups(table: Table) -> Iterator[list[dict[str, object]]]:
    rows = (_typed(table.columns, row) for row in table.rows)
    while group := list(islice(rows, ROWS_AT_ONCE)):
        yield group


def _typed(columns: Mapping[str, ColumnType], row: Mapping[str, object]) -> dict[str, object]:
    found = ((name, of, row.get(name)) for name, of in columns.items())
    return {name: None if value in (None, "") else _READ[of](value) for name, of, value in found}


def _arrow_type(arrow: Any, of: ColumnType) -> object:  # noqa: ANN401 - a module without types
    return {
        ColumnType.TEXT: arrow.string,
        ColumnType.DAY: arrow.date32,
        ColumnType.INSTANT: lambda: arrow.timestamp("us", tz="UTC"),
        ColumnType.COUNT: arrow.int64,
        ColumnType.NUMBER: arrow.float64,
        ColumnType.TRUTH: arrow.bool_,
    }[of]()


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


_READ: Mapping[ColumnType, Callable[[object], object]] = {
    ColumnType.TEXT: str,
    ColumnType.DAY: _day,
    ColumnType.INSTANT: lambda value: datetime.fromisoformat(str(value)),
    ColumnType.COUNT: lambda value: int(str(value)),
    ColumnType.NUMBER: lambda value: float(Decimal(str(value))),
    ColumnType.TRUTH: bool,
}
