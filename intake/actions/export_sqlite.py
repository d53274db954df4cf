"""Every table in one SQLite file, for analysts and their programs."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING

from intake.actions.dictionary import COLUMNS, dictionary
from intake.actions.export import SHAPES, released
from intake.core.errors import AnswerError
from intake.storage.driver import Database, sqlite3

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date, datetime
    from pathlib import Path

    from intake.actions.export import ExportFilters
    from intake.core.rules import RulePack
    from intake.storage import Store

FORM = "sqlite"
_AT_ONCE = 500


def export_sqlite(
    store: Store, pack: RulePack, file: Path, *, filters: ExportFilters, now: datetime, today: date
) -> dict[str, int]:
    """Write all tables into a new file, which is not encrypted; each is audited as it goes out.

    Args:
        store: Where the records are.
        pack: Whose questions the dictionary tells: that in force.
        file: What to write, for its owner alone.
        filters: Which cases.
        now: The instant of release.
        today: The clinic's local date.

    Returns:
        How many rows each table has.

    Raises:
        AnswerError: there is such a file already, or it cannot be written.
    """
    try:
        file.touch(mode=0o600, exist_ok=False)
        with closing(sqlite3.connect(file)) as connection:
            return _written(Database(connection), store, pack, filters, now, today)
    except (OSError, sqlite3.OperationalError) as error:
        reason = "it exists already" if isinstance(error, FileExistsError) else str(error)
        msg = f"'{file}' was not written: {reason}."
        raise AnswerError(msg) from error


def _written(
    db: Database,
    store: Store,
    pack: RulePack,
    filters: ExportFilters,
    now: datetime,
    today: date,
) -> dict[str, int]:
    counts = {}
    for shape in SHAPES:
        columns, rows = released(
            store, shape=shape, form=FORM, filters=filters, by=None, now=now, today=today
        )
        key = "response_id" if shape == "cases" else None
        others = () if key else [("response_id", "cases", "response_id")]
        types = dict.fromkeys(columns, str)
        table = db.table(shape).create(types, pk=key, foreign_keys=others)
        table.insert_all(_plain(columns, rows), batch_size=_AT_ONCE)
        if not key:
            table.create_index(["response_id"])
        counts[shape] = int(table.count)
    told = db.table("dictionary").create(dict.fromkeys(COLUMNS, str))
    told.insert_all(_plain(COLUMNS, dictionary(pack)))
    return counts


def _plain(
    columns: Iterable[str], rows: Iterable[Mapping[str, object]]
) -> Iterator[dict[str, object]]:
    for row in rows:
        yield {column: _value(row.get(column)) for column in columns}


def _value(value: object) -> object:
    """Return a value as a program of statistics reads it: numbers, texts, and 1 or 0."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Decimal):
        return float(value)
    return value if value is None or isinstance(value, int | float | str) else str(value)
