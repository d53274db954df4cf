"""Tables: rows of plain values to CSV or JSON Lines.

CSV is guarded for spreadsheets: a cell that a spreadsheet would run as a formula gets a quote in
front, and so does a part of one that would be a cell with another separator. JSON Lines carry the
values as they are.
"""

from __future__ import annotations

import csv
import io
import json
import re
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from intake.core.errors import AnswerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import TextIO


class ColumnType(StrEnum):
    """What the values of a column are, where a kind of file knows types."""

    TEXT = "text"
    DAY = "day"
    INSTANT = "instant"
    COUNT = "count"
    NUMBER = "number"
    TRUTH = "truth"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows, and the columns they have, in order; rows are read once, as they are written."""

    columns: Mapping[str, ColumnType]
    rows: Iterable[Mapping[str, object]]


_RISKY = tuple("=+-@\t\r\n\0＝＋－＠|%")
_SIGNS = tuple("=+-@＝＋－＠%")
_BETWEEN = re.compile(r'[\s;,|"]+')
"""A run of what may stand between two cells; each is looked at once, however long it is."""
_SEPARATOR = re.compile(r"\r\n|[;,|\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def csv_lines(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """Write a header and one line a row, with a byte order mark so that Excel reads UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    yield "\ufeff"
    for cells in _with_header(columns, rows):
        writer.writerow(cells)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _with_header(
    columns: Sequence[str], rows: Iterable[Mapping[str, object]]
) -> Iterator[list[str]]:
    yield list(columns)
    for row in rows:
        yield [guarded(row.get(column)) for column in columns]


def guarded(value: object) -> str:
    """Return a cell's text with a quote in front where a spreadsheet might run it.

    Many spreadsheets separate by semicolons, tabs or bars, whatever we do, and end a row with each
    line break that they find: so a quote also goes before a risky sign that comes first after one
    of these, or a comma, inside the text. A plain number stays one.
    """
    text = "" if value is None else str(value).replace("\0", "")
    if _NUMBER.fullmatch(text):
        return text
    starts_risky = text.startswith(_RISKY) or text.lstrip().startswith(_RISKY)
    return ("'" if starts_risky else "") + _BETWEEN.sub(_guarded_inside, text)


def _guarded_inside(between: re.Match[str]) -> str:
    """Put a quote behind each separator of a run that a risky sign follows."""
    if between.string.startswith(_SIGNS, between.end()):
        return _SEPARATOR.sub(r"\g<0>'", between[0])
    return between[0]


def json_lines(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """Write one JSON object a line."""
    for row in rows:
        kept = {column: row.get(column) for column in columns}
        yield json.dumps(kept, ensure_ascii=False, default=_as_json) + "\n"


def _as_json(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else str(value)


@contextmanager
def fresh(file: Path) -> Iterator[None]:
    """Make a new file for its owner alone; take it away again where something goes wrong.

    Raises:
        FileExistsError: there is such a file already, which stays as it is.
    """
    file.touch(mode=0o600, exist_ok=False)
    try:
        yield
    except BaseException:
        file.unlink(missing_ok=True)
        raise


@contextmanager
def written_anew(file: Path) -> Iterator[TextIO]:
    """Open a new file to write text to, for its owner alone.

    Raises:
        AnswerError: there is such a file already, or it cannot be written.
    """
    try:
        with fresh(file), file.open("w", encoding="utf-8", newline="") as text:
            yield text
    except OSError as error:
        reason = "it exists already" if isinstance(error, FileExistsError) else error.strerror
        msg = f"'{file}' was not written: {reason}."
        raise AnswerError(msg) from error
