"""One row of a table without names: what its cells say, what of it is counted, and how it reads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from intake.actions.export_rows import PARTS
from intake.actions.treatments import MARK, RENAMED, SUPPRESSED, Treatment, treatment_of
from intake.core.answers import read_stored
from intake.core.bare_answers import KNOWN, Dates, bare, is_trait
from intake.core.disclosure import age_group
from intake.core.questionnaire import PLAN_PREFIX
from intake.exports.tables import ColumnType

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping
    from zoneinfo import ZoneInfo

    from intake.actions.export import Row
    from intake.core.bare_answers import Bare, Days
    from intake.core.disclosure import Step
    from intake.core.questionnaire import Item
    from intake.core.rules import RulePack

UNSAID = ""
"""What is counted for a cell in which nothing was said: to be the only one is to stand out, too."""

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


@dataclass(frozen=True, slots=True)
class Part:
    """One value in a cell.

    Attributes:
        value: None for what is told of nobody.
        column: Among whose values it is counted; None for what is shown uncounted.
        label: Of a field of the plan.
        is_list: There may be others beside it.
        counts_as: What is counted in its place; None for the value itself.
    """

    value: Hashable | None
    column: Hashable = None
    label: str = ""
    is_list: bool = False
    counts_as: Hashable = None

    @property
    def counted(self) -> tuple[Hashable, Hashable]:
        """What a patient is counted for: the column and the value in it."""
        return self.column, self.value if self.counts_as is None else self.counts_as

    def is_in(self, shown: frozenset[tuple[Hashable, Hashable]]) -> bool:
        """Tell whether it may be shown."""
        return self.value is not None and (self.column is None or self.counted in shown)


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
            for part in (self._about, *(p for parts in self._cells().values() for p in parts)):
                if part.column is not None and part.value is not None:
                    yield part.counted

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
        is_shown = self._about.is_in(shown)
        row: Row = {}
        held: list[str] = []
        for column, parts in self._cells().items():
            name = name_of(self.shape, column)
            if name not in columns:
                continue
            kept = [part for part in parts if part.is_in(shown) and (is_shown or _is_id(part))]
            is_held = len(kept) < len(parts)
            held += [name] if is_held else []
            cell = Cell(kept, [part for part in parts if part not in kept])
            if is_held and is_typed and columns[name] is not ColumnType.TEXT:
                row[name] = None
            else:
                row[name] = _WRITTEN.get(treatment_of(self.shape, column), _single)(cell)
        return {**row, SUPPRESSED: "; ".join(held)}

    @property
    def _about(self) -> Part:
        """What the whole row hangs on: a question or rule that few have says too much by itself."""
        about = self._context
        return Part(about, (self.shape, "") if about != UNSAID else None)

    @property
    def _context(self) -> Hashable:
        if self.shape == "answers":
            return str(self.row["stable_name"])
        return (self.row["rule"], self.row["met"]) if self.shape == "findings" else UNSAID

    def _cells(self) -> dict[str, tuple[Part, ...]]:
        return {
            column: _PARTS[treatment](self, column)
            for column in self.row
            if (treatment := treatment_of(self.shape, column)) in _PARTS
        }

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
    if treatment is Treatment.DAY:
        return dates is not Dates.NONE
    return treatment in _PARTS


def name_of(shape: str, column: str) -> str:
    """Return what a column is called in a table without names."""
    return RENAMED.get(treatment_of(shape, column), column)


def _type_of(treatment: Treatment, dates: Dates, plain: ColumnType) -> ColumnType:
    if treatment is Treatment.DAY:
        return ColumnType.COUNT if dates is Dates.YEAR else ColumnType.DAY
    return plain if treatment is Treatment.VALUE else ColumnType.TEXT


def _is_id(part: Part) -> bool:
    return part.column is None and part.label == _ID


_ID = "id"


def _patient(one: BareRow, _column: str) -> tuple[Part, ...]:
    return (Part(one.form.pseudonym("patient", one.form.patient_id), label=_ID),)


def _pseudonym(one: BareRow, column: str) -> tuple[Part, ...]:
    return (Part(one.form.pseudonym(column, one.row[column]), label=_ID),)


def _person(one: BareRow, column: str) -> tuple[Part, ...]:
    name = one.row[column]
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
    values = dict.fromkeys(given) or (UNSAID,)
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
    return tuple(
        part
        for field, raw in one.form.plan.items()
        if (item := one.form.pack.items.get(PLAN_PREFIX + field)) is not None
        for part in _field(one, item, raw, column)
    )


def _field(one: BareRow, item: Item, raw: Any, column: str) -> tuple[Part, ...]:  # noqa: ANN401 - raw
    days = one.form.days
    said = read_stored(item, raw, days.begun_on)
    label = item.stable_name.removeprefix(PLAN_PREFIX)
    key = (one.shape, label, column)
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
    Treatment.VALUE: _value,
    Treatment.LIST: _list,
    Treatment.WHETHER: _whether,
    Treatment.PLAN: _plan,
    Treatment.ANSWER: _answer,
    Treatment.QUESTION: _question,
    Treatment.RULE: _question,
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What is shown of a cell, and what is held back."""

    kept: list[Part]
    held: list[Part]

    @property
    def said(self) -> list[object]:
        """The values shown, with a mark for all that are not."""
        found = [part.value for part in self.kept if part.value != UNSAID]
        return [*found, *([MARK] if self.held else [])]


def _single(cell: Cell) -> object:
    """Write the one value of a cell; None where nothing was said."""
    return MARK if cell.held else next(iter(cell.said), None)


def _joined(cell: Cell) -> object:
    return "; ".join(map(str, cell.said))


def _as_json(cell: Cell) -> object:
    """Write an answer: one value as it is, several as a list of JSON."""
    is_list = any(part.is_list for part in (*cell.kept, *cell.held))
    return json.dumps(cell.said) if is_list else _single(cell)


def _fields(cell: Cell) -> object:
    """Write the plan as JSON, each field as an answer."""
    labels = dict.fromkeys(part.label for part in (*cell.kept, *cell.held))
    return json.dumps({label: _field_of(cell, label) for label in sorted(labels)})


def _field_of(cell: Cell, label: str) -> object:
    kept, held = ([p for p in parts if p.label == label] for parts in (cell.kept, cell.held))
    one = Cell(kept, held)
    return one.said if any(part.is_list for part in (*kept, *held)) else _single(one)


_WRITTEN: Mapping[Treatment, Callable[[Cell], object]] = {
    Treatment.LIST: _joined,
    Treatment.ANSWER: _as_json,
    Treatment.PLAN: _fields,
}
