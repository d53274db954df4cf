"""Tables into files: a folder with a file for each, or all of them in one SQLite file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.actions import safe_harbor
from intake.actions.dictionary import COLUMNS, bare_dictionary, dictionary
from intake.actions.export import SHAPES, released
from intake.actions.export_types import typed
from intake.core.errors import AnswerError
from intake.exports.parquet import FORM as PARQUET
from intake.exports.parquet import require_parquet, write_parquet
from intake.exports.tables import Table, csv_lines, json_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date, datetime
    from pathlib import Path

    from intake.actions.export import ExportFilters
    from intake.core.bare_answers import Dates
    from intake.core.rules import RulePack
    from intake.storage import Store


def tables_of(
    store: Store,
    *,
    form: str,
    filters: ExportFilters,
    now: datetime,
    today: date,
    shapes: Iterable[str] = SHAPES,
) -> Iterator[tuple[str, Table]]:
    """Yield each shape with its table, which is audited as it is reached; see `released`."""
    for shape in shapes:
        columns, rows = released(
            store, shape=shape, form=form, filters=filters, by=None, now=now, today=today
        )
        yield shape, Table(typed(columns), rows)


def dictionary_of(pack: RulePack) -> tuple[str, Table]:
    """Return the name and the table of the data dictionary."""
    return "dictionary", Table(typed(COLUMNS), dictionary(pack))


def beside(pack: RulePack, dates: Dates, least: int) -> Iterator[tuple[str, Table]]:
    """Yield what lies beside tables without names: the dictionary, what was done, what is not."""
    yield "dictionary", Table(typed(COLUMNS), bare_dictionary(pack, dates))
    yield "safe_harbor", Table(typed(safe_harbor.COLUMNS), safe_harbor.safe_harbor(dates))
    lines = ({"about": line} for line in safe_harbor.about(dates, least))
    yield "about", Table(typed(["about"]), lines)


def write_folder(
    folder: Path, form: str, tables: Iterable[tuple[str, Table]]
) -> Iterator[tuple[str, int]]:
    """Write a file for each table, for its owner alone; yields each name and how many rows it has.

    Raises:
        AnswerError: there is such a file already, or it cannot be written.
    """
    if form == PARQUET:
        require_parquet()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, table in tables:
            file = folder / f"{name}.{form}"
            file.touch(mode=0o600, exist_ok=False)
            yield name, _WRITERS[form](file, table)
    except OSError as error:
        reason = "it exists already" if isinstance(error, FileExistsError) else error.strerror
        msg = f"'{error.filename or folder}' was not written: {reason}."
        raise AnswerError(msg) from error


def _write_lines(
    lines_of: Callable[..., Iterator[str]], before: int
) -> Callable[[Path, Table], int]:
    """Make what writes a table as lines, of which the first few are no rows."""

    def write(file: Path, table: Table) -> int:
        count = -before
        with file.open("w", encoding="utf-8", newline="") as opened:
            for line in lines_of(tuple(table.columns), table.rows):
                opened.write(line)
                count += 1
        return count

    return write


_WRITERS: Mapping[str, Callable[[Path, Table], int]] = {
    "csv": _write_lines(csv_lines, before=2),
    "jsonl": _write_lines(json_lines, before=0),
    PARQUET: write_parquet,
}
FOLDER_FORMS = tuple(_WRITERS)
