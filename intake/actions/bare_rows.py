"""One row of a table without names: what its cells say, what of it is counted, and how it reads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from intake.actions.bare_cells import UNSAID, Cell, Part, written
from intake.actions.export_rows import PARTS
from intake.actions.treatments import LINKED, RENAMED, SUPPRESSED, Treatment, treatment_of
from intake.core.answers import read_stored
from intake.core.bare_answers import KNOWN, Dates, bare, is_trait
from intake.core.disclosure import age_group
from intake.core.questionnaire import PLAN_PREFIX, Kind
from intake.exports.tables import ColumnType

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
    from zoneinfo import ZoneInfo

    from intake.actions.export import Row
    from intake.core.bare_answers import Bare, Days
    from intake.core.disclosure import Step
    from intake.core.questionnaire import Item
    from intake.core.rules import RulePack

A_ROW = ("a row", "there is one")
"""What every patient is counted for who has a row at all: a table of few says who they are."""


@dataclass(frozen=True, slots=True)
class Form:
    """What the cells of a form's rows are made with.

    Attributes:
        age: In years, when the first form of the patient was begun; None for one whom nobody
            counted.
        step: How much of what others may know of the patient is shown.
        zone: In which instants are days; None for the computer's.
    """

    patient_id: str
    age: int | None
    step: Step
    days: Days
    zone: ZoneInfo | None
    plan: Mapping[str, Any]
    pack: RulePack

    def pseudonym(self, kind: str, name: object) -> str:
        """Return what stands for a name in this export."""
        return self.days.pseudonyms.of(kind, str(name))


@dataclass(frozen=True)
class BareRow:
    """A row on its way to a table without names."""

    shape: str
    form: Form
    row: Row

    @property
    def is_told(self) -> bool:
        """Whether there is such a row: a question that is left out has none."""
        return self.shape != "answers" or self.answer is not None

    @cached_property
    def answer(self) -> Bare | None:
        """What is left of an answer."""
        given = self.parts("value")
        if not given:
            return None
        return bare(given[0], given[1], self.form.pack.vocabulary, self.form.days)

    def counted(self) -> Iterator[tuple[Hashable, Hashable]]:
        """Yield what a patient is counted for: column by column, each value."""
        if self.is_told:
            yield A_ROW
            for part in self.counted_parts:
                yield part.counted

    @property
    def counted_parts(self) -> Iterator[Part]:
        """Yield what is counted: also what is told of nobody, since its mark is seen."""
        every = (self._about, *(p for parts in self._cells().values() for p in parts))
        return (part for part in every if part.column is not None)

    def is_there(self, shown: frozenset[tuple[Hashable, Hashable]]) -> bool:
        """Whether the row goes out: one about a question or rule that few have does not."""
        return self._about.is_in(shown)

    def _held_along(
        self,
        cells: Mapping[str, tuple[Part, ...]],
        shown: frozenset[tuple[Hashable, Hashable]],
    ) -> Iterator[str]:
        """Yield the columns that would tell what is held back in another."""
        for linked in LINKED.get(self.shape, ()):
            parts = [part for column in linked.together for part in cells.get(column, ())]
            if any(part.column is not None and part.counted not in shown for part in parts):
                yield from linked.along

    def written(
        self,
        shown: frozenset[tuple[Hashable, Hashable]],
        columns: Mapping[str, ColumnType],
        *,
        is_typed: bool,
    ) -> Row:
        """Return the row as it goes out.

        Args:
            shown: Each column with its values that may be shown.
            columns: Those of the table.
            is_typed: What is held back leaves a cell that is no text empty.
        """
        row: Row = {}
        held: list[str] = []
        cells = self._cells()
        along = set(self._held_along(cells, shown))
        for column, parts in cells.items():
            name = name_of(self.shape, column)
            if name not in columns:
                continue
            kept = [part for part in parts if part.is_in(shown) and column not in along]
            is_held = len(kept) < len(parts)
            held += [name] if is_held else []
            cell = Cell(kept, [part for part in parts if part not in kept])
            if is_held and is_typed and columns[name] is not ColumnType.TEXT:
                row[name] = None
            else:
                row[name] = written(treatment_of(self.shape, column), cell)
        return {**row, SUPPRESSED: "; ".join(held)}

    @property
    def _about(self) -> Part:
        """What the whole row hangs on: a question or rule that few have says too much by itself."""
        about = self._context
        return Part(about, rows_of(self.shape) if about != UNSAID else None)

    @property
    def _context(self) -> Hashable:
        if self.shape == "answers":
            return str(self.row["stable_name"])
        return (self.row["rule"], self.row["met"]) if self.shape == "findings" else UNSAID

    def _cells(self) -> dict[str, tuple[Part, ...]]:
        cells = {
            column: _PARTS[treatment](self, column)
            for column in self.row
            if (treatment := treatment_of(self.shape, column)) in _PARTS
        }
        for linked in LINKED.get(self.shape, ()):
            said = tuple(p.counted[1] for column in linked.together for p in cells.get(column, ()))
            key = (self.shape, self._context, linked.together)
            for column in cells.keys() & linked.together:
                cells[column] = tuple(
                    replace(part, column=key, counts_as=said) if part.column is not None else part
                    for part in cells[column]
                )
        return cells

    def key(self, column: str) -> Hashable:
        """Return among what a value of a column is counted."""
        return self.shape, self._context, column

    def parts(self, column: str) -> tuple[Any, ...] | None:
        """Return what a cell was put together from; None where it is one value."""
        given: Mapping[str, tuple[Any, ...]] = self.row.get(PARTS, {})  # type: ignore[assignment]  # a row is of anything
        return given.get(column)

    def day_of(self, column: str) -> date | None:
        """Return the day that a cell names, of an instant that of the clinic."""
        value = self.row[column]
        if value is None or isinstance(value, date):
            return value
        at = datetime.fromisoformat(str(value))
        return at.astimezone(self.form.zone).date() if at.tzinfo else at.date()


def rows_of(shape: str) -> Hashable:
    """Return the column among whose values rows are counted."""
    return shape, ""


def in_bare_order(shape: str, rows: Iterable[Row]) -> list[Row]:
    """Put the rows of a form in an order that tells nothing of what is held back in them."""
    about = {"answers": "stable_name", "findings": "rule"}.get(shape)
    if about is None:
        return list(rows)  # one after the other in time
    return sorted(rows, key=lambda row: (str(row[about]), str(row.get("met"))))


def columns_of(shape: str, dates: Dates, plain: Mapping[str, ColumnType]) -> dict[str, ColumnType]:
    """Return the columns of a table without names, with their types.

    Args:
        shape: What a row is.
        dates: What becomes of dates.
        plain: The columns of the table with names.
    """
    found = {
        name_of(shape, column): _type_of(treatment_of(shape, column), dates, of)
        for column, of in plain.items()
        if is_kept(shape, column, dates)
    }
    return {**found, SUPPRESSED: ColumnType.TEXT}


def is_kept(shape: str, column: str, dates: Dates) -> bool:
    """Tell whether anything is told of a column."""
    treatment = treatment_of(shape, column)
    if treatment is Treatment.REACHED:
        return dates is Dates.YEAR
    if treatment is Treatment.DAY:
        return dates is not Dates.NONE
    return treatment in _PARTS


def name_of(shape: str, column: str) -> str:
    """Return what a column is called in a table without names."""
    return RENAMED.get(treatment_of(shape, column), column)


def _type_of(treatment: Treatment, dates: Dates, plain: ColumnType) -> ColumnType:
    if treatment in (Treatment.DAY, Treatment.REACHED):
        return ColumnType.COUNT if dates is Dates.YEAR else ColumnType.DAY
    return plain if treatment is Treatment.VALUE else ColumnType.TEXT


def _patient(one: BareRow, _column: str) -> tuple[Part, ...]:
    return (Part(one.form.pseudonym("patient", one.form.patient_id)),)


def _pseudonym(one: BareRow, column: str) -> tuple[Part, ...]:
    return (Part(one.form.pseudonym(column, one.row[column])),)


def _person(one: BareRow, column: str) -> tuple[Part, ...]:
    """Tell who did it, where the site is told: most people work at one."""
    name = one.row[column]
    if name and not one.form.step.site:
        return (Part(None, one.key(column)),)
    return (Part(one.form.pseudonym("person", name) if name else UNSAID, one.key(column)),)


def _age(one: BareRow, _column: str) -> tuple[Part, ...]:
    years, step = one.form.age, one.form.step
    return (Part(None if years is None else age_group(years, step.years)),)


def _site(one: BareRow, column: str) -> tuple[Part, ...]:
    return (Part(one.form.pseudonym("site", one.row[column]) if one.form.step.site else None),)


def _language(one: BareRow, column: str) -> tuple[Part, ...]:
    return (Part(str(one.row[column]) if one.form.step.language else None),)


def _day(one: BareRow, column: str) -> tuple[Part, ...]:
    """Tell a day; years of a patient are told, or not, together, and counted besides."""
    day, days = one.day_of(column), one.form.days
    if day is None:
        return (Part(UNSAID, one.key(column)),)
    if days.dates is Dates.SHIFTED:
        return (Part(days.day(day), one.key(column), counts_as=KNOWN),)
    return (Part(days.day(day) if one.form.step.year else None, one.key(column)),)


def _value(one: BareRow, column: str) -> tuple[Part, ...]:
    given = one.parts(column)
    value: Any = given[0] if given else one.row[column]
    return (Part(UNSAID if value is None else value, one.key(column)),)


def _list(one: BareRow, column: str) -> tuple[Part, ...]:
    """Tell each part; of what nobody knows the parts, nothing."""
    given = one.parts(column)
    if given is None:
        return (Part(None),)
    values = dict.fromkeys(sorted(given, key=str)) or (UNSAID,)  # their order would tell, too
    return tuple(Part(value, one.key(column), is_list=True) for value in values)


def _whether(one: BareRow, column: str) -> tuple[Part, ...]:
    return (Part("yes" if one.row[column] else "no", one.key(column)),)


def _question(one: BareRow, column: str) -> tuple[Part, ...]:
    return (Part(one.row[column]),)


def _answer(one: BareRow, column: str) -> tuple[Part, ...]:
    """Tell what is left of an answer; one for life is told, or not, with all that others know."""
    given = one.parts(column)
    if given and one.answer and is_trait(given[0]):
        return tuple(Part(v if one.form.step.traits else None) for v in one.answer.values)
    return _left(one.answer, one.key(column), "")


def _plan(one: BareRow, column: str) -> tuple[Part, ...]:
    """Tell each field of the plan that the pack has, also one that was left open."""
    return tuple(
        part
        for name, item in one.form.pack.items.items()
        if item.is_plan_field
        for part in _field(one, item, one.form.plan.get(name.removeprefix(PLAN_PREFIX)), column)
    )


def _field(one: BareRow, item: Item, raw: Any, column: str) -> tuple[Part, ...]:  # noqa: ANN401 - raw
    days = one.form.days
    label = item.stable_name.removeprefix(PLAN_PREFIX)
    key = (one.shape, label, column)
    if raw is None:
        return (Part(UNSAID, key, label, item.kind in (Kind.CHOICES, Kind.BODY_MAP)),)
    said = read_stored(item, raw, days.begun_on)
    return _left(bare(item, said, one.form.pack.vocabulary, days), key, label)


def _left(left: Bare | None, key: Hashable, label: str) -> tuple[Part, ...]:
    if left is None:
        return ()
    known = None if left.is_counted else KNOWN
    return tuple(Part(value, key, label, left.is_list, known) for value in left.values)


_PARTS: Mapping[Treatment, Callable[[BareRow, str], tuple[Part, ...]]] = {
    Treatment.PATIENT: _patient,
    Treatment.PSEUDONYM: _pseudonym,
    Treatment.PERSON: _person,
    Treatment.AGE: _age,
    Treatment.SITE: _site,
    Treatment.LANGUAGE: _language,
    Treatment.DAY: _day,
    Treatment.REACHED: _day,
    Treatment.PLACE: _question,
    Treatment.VALUE: _value,
    Treatment.LIST: _list,
    Treatment.WHETHER: _whether,
    Treatment.PLAN: _plan,
    Treatment.ANSWER: _answer,
    Treatment.QUESTION: _question,
    Treatment.RULE: _question,
}
