"""A list of appointments of another system: what it says of each patient, and what is wrong.

Values only. `intake.exports` reads files into them, `intake.actions.appointments` prepares intakes.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - a dataclass keeps its annotations
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from intake.core.errors import IntakeError
from intake.core.questionnaire import PLAN_PREFIX

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from intake.core.answers import Raw
    from intake.core.records import Site
    from intake.core.rules import RulePack

NAME, BIRTH_DATE, LANGUAGE = "name", "birth_date", "language"
REQUIRED = (NAME, BIRTH_DATE, LANGUAGE)
"""Columns that every list has."""

DAY, SITE = "date", "site"
PASSED_OVER = ("time", "patient_number")
"""Columns that a list may have for its own readers; nothing of them is kept."""

_OWN = (*REQUIRED, SITE, DAY, *PASSED_OVER)

MOST_BYTES = 300_000
"""Largest list, in bytes: a page of the desk carries it from the look to the act."""

MOST_ROWS = 200
"""Most patients of one list."""

LONGEST_CELL = 400
"""Longest cell, in characters."""

LONGEST_TAG = 100
"""Longest tag of a language that is looked at, in characters; real ones have a third of it."""

MOST_FAULTS = 200
"""So many problems are told; whoever mends them is told the others."""

WRITE_A_DAY = "Write the day as year-month-day, such as 1990-04-23."


class ListUnreadableError(IntakeError):
    """A file cannot be read at all; the message says what to save it as."""


@dataclass(frozen=True, slots=True)
class Offered:
    """What a list is held against.

    Attributes:
        pack: The pack in force.
        languages: The languages that tablets offer with it.
        today: The clinic's local date.
    """

    pack: RulePack
    languages: Collection[str]
    today: date

    @property
    def plan_fields(self) -> tuple[str, ...]:
        """The names of what can be planned, in the order of the pack; none that is taken."""
        names = (item.link_id.removeprefix(PLAN_PREFIX) for item in self.pack.plan)
        return tuple(name for name in names if name not in _OWN)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that a table may have."""
        return (*_OWN, *self.plan_fields)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something of a list that has to be mended; never repeats what stands there.

    Attributes:
        row: As a spreadsheet counts, with the header; or which patient of a file. 0 for the file.
        column: Its name, or the path of the element; blank for the whole row.
        says: What to write.
    """

    row: int
    column: str
    says: str

    @property
    def place(self) -> str:
        """Where it is: `row 3, birth_date`."""
        row = f"row {self.row}" if self.row else "the file"
        return f"{row}, {self.column}" if self.column else row


@dataclass(frozen=True, slots=True)
class Given:
    """What a list says of one patient.

    Attributes:
        row: See `Fault`.
        cells: The text by column, without the space around it; blank ones are left out.
        paths: Where each stands, where that is not called as the column.
        notes: What its reader should know, though nothing is wrong.
    """

    row: int
    cells: Mapping[str, str]
    paths: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def cell(self, column: str) -> str:
        """Return what stands in a column; blank when nothing does."""
        return self.cells.get(column, "")

    def fault(self, column: str, says: str) -> Fault:
        """Say what to write in a column of this row."""
        return Fault(self.row, self.paths.get(column, column), says)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list as it was read, before it is held against the clinic.

    Attributes:
        faults: What is wrong with how it is written.
        notes: What concerns the file as a whole.
    """

    rows: tuple[Given, ...] = ()
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Appointment:
    """One row in which nothing is wrong.

    Attributes:
        language: In which the form begins; the patient may choose another.
        plan: What is planned, as it is stored; what is left open is left out.
        site: Where the intake is begun.
    """

    name: str
    birth_date: date
    language: str
    plan: Mapping[str, Raw]
    site: Site


def language_offered(tag: str, languages: Collection[str]) -> str:
    """Return the language offered for a tag, such as `es` for `es-MX`; blank for none.

    Source: RFC 4647, section 3.4 (Lookup).
    """
    if len(tag) > LONGEST_TAG:
        return ""
    parts = tag.strip().replace("_", "-").casefold().split("-")
    known = {one.casefold(): one for one in languages}
    tags = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((known[one] for one in tags if one in known), "")
