"""Tables: rows of plain values to CSV or JSON Lines.

CSV is guarded for spreadsheets: a cell that a spreadsheet would run as a formula gets a quote in
front. JSON Lines carry the values as they are.
"""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_RISKY = tuple("=+-@\t\r\n\0＝＋－＠|%")
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
    """Return a cell's text with a quote in front where a spreadsheet might run it."""
    text = "" if value is None else str(value).replace("\0", "")
    starts_risky = text.startswith(_RISKY) or text.lstrip().startswith(_RISKY)
    return f"'{text}" if starts_risky and not _NUMBER.fullmatch(text) else text


def json_lines(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """Write one JSON object a line."""
    for row in rows:
        kept = {column: row.get(column) for column in columns}
        yield json.dumps(kept, ensure_ascii=False, default=str) + "\n"
