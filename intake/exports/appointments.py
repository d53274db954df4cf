"""A list of appointments in a file: a table of text, or patients as FHIR has them.

Nothing of a file is believed: how it is encoded and separated is looked at, what does not fit is
named with its row and column, and a cell that looks like a formula is only text.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from itertools import islice
from typing import TYPE_CHECKING

from intake.core.appointments import (
    MOST_BYTES,
    MOST_ROWS,
    REQUIRED,
    Fault,
    Given,
    ListUnreadableError,
    Sheet,
)
from intake.core.questionnaire import PLAN_PREFIX
from intake.exports.fhir.patients import read_patients

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from intake.core.appointments import Offered

SEPARATORS = (",", ";", "\t")
"""What stands between two cells; spreadsheets in Europe write semicolons."""

MOST_COLUMNS = 60
"""Most columns of a table."""

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SPACES = re.compile(r"[\s_-]+")
_SPLIT_CELL = (
    "Put quotes around a cell in which the separator stands, or take out what is too much."
)


def text_of(content: bytes) -> str:
    """Return the text of a file, with one kind of line end and without a byte order mark.

    Raises:
        ListUnreadableError: it is too large, or neither UTF-8 nor marked as UTF-16.
    """
    if len(content) > MOST_BYTES:
        raise ListUnreadableError(_TOO_LARGE)
    encoding = "utf-16" if content.startswith(_UTF16) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        msg = "Save the file as UTF-8: in a spreadsheet, 'CSV UTF-8'."
        raise ListUnreadableError(msg) from error
    if "\0" in text:
        msg = "This is no text. Save the list as a table of text: in a spreadsheet, 'CSV UTF-8'."
        raise ListUnreadableError(msg)
    return _one_kind_of_line_end(text)


def read_list(text: str, offered: Offered) -> Sheet:
    """Read a list from the text of a file; a second time it reads the same.

    Raises:
        ListUnreadableError: it is too large, or empty.
    """
    text = _one_kind_of_line_end(text)
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise ListUnreadableError(_TOO_LARGE)
    if not text.strip():
        msg = "The file is empty. Choose the list of appointments."
        raise ListUnreadableError(msg)
    if text.lstrip().startswith(("{", "[")):
        return read_patients(text, offered)
    return _read_table(text, offered)


_TOO_LARGE = f"The list is too large: at most {MOST_BYTES:,} bytes are read. Divide it."


def _one_kind_of_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _read_table(text: str, offered: Offered) -> Sheet:
    broken: list[Fault] = []
    filled = _filled_rows(text, broken)
    row, header = next(filled, (1, []))
    columns = [_column(cell) for cell in header]
    if wrong := broken or list(_faults_of_header(row, columns, offered)):
        return Sheet(faults=tuple(wrong))
    faults: list[Fault] = []
    rows = [_given(at, cells, columns, faults) for at, cells in islice(filled, MOST_ROWS)]
    if any(filled):
        says = f"At most {MOST_ROWS} patients are read from one list. Divide it."
        faults.append(Fault(0, "", says))
    faults += broken
    if not rows and not faults:
        faults.append(Fault(0, "", "There is no patient in the list."))
    return Sheet(tuple(rows), tuple(faults))


def _filled_rows(text: str, broken: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows in which anything stands, each with its number as a spreadsheet counts."""
    table = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    row = 0
    try:
        for row, cells in enumerate(table, start=1):
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield row, stripped
    except csv.Error:
        says = "Mend the quotes: one is not closed, or something stands behind a closing one."
        broken.append(Fault(row + 1, "", says))


def _separator(text: str) -> str:
    """Return what separates the cells of the header."""
    header = next(line for line in text.split("\n") if line.strip())
    return max(SEPARATORS, key=header.count)


def _column(cell: str) -> str:
    """Return the name of a column, however its header is written: `Birth date`, `plan.area`."""
    return _SPACES.sub("_", cell.strip().casefold()).removeprefix(PLAN_PREFIX)


def _faults_of_header(row: int, columns: Sequence[str], offered: Offered) -> Iterator[Fault]:
    """Yield what is wrong with the header; a name that is not known may be a patient's."""
    known, seen = offered.columns, set[str]()
    if len(columns) > MOST_COLUMNS:
        yield Fault(row, "", f"At most {MOST_COLUMNS} columns are read. Take the others out.")
        return
    for at, column in enumerate(columns):
        if column and column not in known:
            says = f"Take this column out, or name it as one of: {', '.join(known)}."
            yield Fault(row, letter_of(at), says)
        elif column in seen:
            yield Fault(row, letter_of(at), f"The column '{column}' stands twice. Leave one.")
        seen |= {column} - {""}
    for column in REQUIRED:
        if column not in seen:
            yield Fault(row, column, "Add this column: the first row holds the names of columns.")


def letter_of(at: int) -> str:
    """Return what a spreadsheet calls a column: `column C` for the third."""
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"column {letters}"


def _given(row: int, cells: Sequence[str], columns: Sequence[str], faults: list[Fault]) -> Given:
    """Return what stands in a row; the first cell that is under no header is a fault."""
    headed = dict(zip(columns, cells, strict=False))
    lost = (at for at, cell in enumerate(cells) if cell and not any(columns[at : at + 1]))
    if (at := next(lost, None)) is not None:
        faults.append(Fault(row, letter_of(at), _SPLIT_CELL))
    return Given(row, {column: cell for column, cell in headed.items() if column and cell})
