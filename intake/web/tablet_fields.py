"""The tablet's fields: one for each kind of answer.

A field only carries words between the boxes of a page and the raw value of an answer; what a value
means, and whether it will do, is decided by `core.answers`.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from wtforms import (
    FieldList,
    Form,
    FormField,
    RadioField,
    SelectMultipleField,
    StringField,
)
from wtforms.utils import unset_value

from intake.core.answers import Missing, read_answer
from intake.core.dates import Unit
from intake.core.errors import AnswerError
from intake.core.medicines import Route, Status
from intake.core.questionnaire import NONE_CODE, Item
from intake.web.choices import offered
from intake.web.tablet_dates import BY_AGE, BY_DATE, date_parts, day_fault, day_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from wtforms import Field

    from intake.core.answers import Raw

    _FormField = FormField[Form]
else:
    _FormField = FormField

NOT_SURE = (Missing.NOT_SURE.value, "Not sure")
WITHHELD = (Missing.WITHHELD.value, "I'd rather tell my practitioner")
UNKNOWNS = (NOT_SURE, WITHHELD)
"""What every health question offers in place of an answer, in this order."""


UNITS = tuple((unit.value, unit.value.capitalize()) for unit in Unit)
STATUSES = (
    (Status.CURRENT.value, "I take it now"),
    (Status.STOPPED.value, "I have stopped"),
    (Status.UNKNOWN.value, "Not sure"),
)
ROUTES = (
    (Route.MOUTH.value, "By mouth"),
    (Route.SKIN.value, "On the skin"),
    (Route.INJECTION.value, "By injection"),
    (Route.INHALED.value, "Breathed in"),
    (Route.NASAL.value, "In the nose"),
    (Route.EYE.value, "In the eye"),
)


class Fault(NamedTuple):
    """What keeps the words of one question from being handed over.

    Attributes:
        anchor: The id of the control to go to.
    """

    link_id: str
    anchor: str
    message: str


class Question(Protocol):
    """What the form of a page asks of each of its fields.

    Attributes:
        control: The macro that draws it.
        anchor: The id of its first control.
    """

    item: Item
    control: str

    @property
    def anchor(self) -> str: ...

    def raw(self) -> Raw: ...

    def faults(self, today: date) -> list[Fault]: ...


class RadioQuestion(RadioField):
    """Yes or no, or one of several answers."""

    control = "radio_question"

    def __init__(self, item: Item, **kwargs: Any) -> None:  # noqa: ANN401 - as WTForms has it
        super().__init__(item.ask, choices=offered(_choices(item)), validate_choice=False, **kwargs)
        self.item = item

    @property
    def anchor(self) -> str:
        return f"{self.id}-{self.item.codes[0]}"

    def raw(self) -> Raw:
        return cast("str | None", self.data) or None

    def faults(self, _today: date) -> list[Fault]:
        return []


class CheckQuestion(SelectMultipleField):
    """Several answers, or regions of the body; "not sure" may stand beside others."""

    control = "check_question"

    def __init__(self, item: Item, **kwargs: Any) -> None:  # noqa: ANN401 - as WTForms has it
        super().__init__(item.ask, choices=offered(_choices(item)), validate_choice=False, **kwargs)
        self.item = item

    def process_data(self, value: Raw) -> None:
        """Take what is stored: a list, or the one word that stands for the whole answer."""
        super().process_data([value] if isinstance(value, str) else value)

    @property
    def anchor(self) -> str:
        return f"{self.id}-{self.item.codes[0]}"

    @property
    def groups(self) -> dict[str, list[tuple[str, str]]]:
        """The answers by the treatment area they belong to; under "" those of no area."""
        grouped: dict[str, list[tuple[str, str]]] = {}
        for option in self.item.options:
            if option.code != NONE_CODE:
                grouped.setdefault(option.area or "", []).append((option.code, option.text))
        return grouped

    def raw(self) -> Raw:
        return list(self.data or []) or None

    def faults(self, _today: date) -> list[Fault]:
        alone = {NONE_CODE, Missing.WITHHELD.value} & set(self.data or [])
        if not alone or len(self.data or []) == 1:
            return []
        words = dict(_choices(self.item)).get(min(alone), "")
        return [_fault(self, f"Select '{words}' or the other answers, not both.")]


class PartsQuestion(_FormField):
    """Base of a question that is answered in several boxes."""

    parts: type[Form]

    def __init__(self, item: Item, **kwargs: Any) -> None:  # noqa: ANN401 - as WTForms has it
        super().__init__(self.parts, item.ask, **kwargs)
        self.item = item

    def process(
        self,
        formdata: Any,  # noqa: ANN401 - as WTForms has it
        data: Any = unset_value,  # noqa: ANN401 - as WTForms has it
        extra_filters: Any = None,  # noqa: ANN401 - as WTForms has it
    ) -> None:
        """Spread the stored value over the boxes, then take what was typed."""
        kept = None if data is unset_value else data
        super().process(formdata, self.spread(kept), extra_filters)

    @abstractmethod
    def spread(self, raw: Raw) -> dict[str, Any]:
        """Return what belongs in each box."""


class WordsParts(Form):
    """A box, and what may be said in its place."""

    value = StringField()
    unknown = SelectMultipleField(choices=offered(UNKNOWNS), validate_choice=False)


class WordsQuestion(PartsQuestion):
    """A number or free text."""

    control = "words_question"
    parts = WordsParts
    form: WordsParts

    def spread(self, raw: Raw) -> dict[str, Any]:
        return {"unknown": [raw]} if raw in list(dict(UNKNOWNS)) else {"value": raw or ""}

    @property
    def anchor(self) -> str:
        return f"{self.id}-value"

    def raw(self) -> Raw:
        return trimmed(self.form.value) or next(iter(self._unknowns), None)

    @property
    def _unknowns(self) -> list[str]:
        return self.form.unknown.data or []

    def faults(self, _today: date) -> list[Fault]:
        said = [*self._unknowns, *filter(None, [trimmed(self.form.value)])]
        message = "Give an answer or select one of the boxes below it, not both."
        return [_fault(self, message)] if len(said) > 1 else []


class DayParts(Form):
    """Day, month and year, each as far as it is known."""

    day = StringField()
    month = StringField()
    year = StringField()

    @property
    def boxes(self) -> tuple[str, str, str]:
        """What was typed, without the spaces around it."""
        return trimmed(self.day), trimmed(self.month), trimmed(self.year)


class DateParts(DayParts):
    """The ways of saying when, each with its boxes."""

    way = RadioField(validate_choice=False)
    count = StringField()
    unit = RadioField(choices=offered(UNITS), validate_choice=False)


class DateQuestion(PartsQuestion):
    """When something happened, as the patient knows it."""

    control = "date_question"
    parts = DateParts
    form: DateParts

    def spread(self, raw: Raw) -> dict[str, Any]:
        return {**date_parts(raw)}

    @property
    def anchor(self) -> str:
        return f"{self.id}-way-{BY_DATE}"

    @property
    def words(self) -> list[tuple[str, str]]:
        """The words this question takes in place of a date."""
        return [(word.value, text) for word, text in self.item.words.items()]

    @property
    def _filled(self) -> list[str]:
        typed = {BY_DATE: any(self.form.boxes), BY_AGE: bool(trimmed(self.form.count))}
        return [way for way, is_filled in typed.items() if is_filled]

    @property
    def way(self) -> str:
        """The way chosen; without a choice, the one whose boxes are filled."""
        return self.form.way.data or next(iter(self._filled), "")

    def raw(self) -> Raw:
        said = {BY_DATE: lambda: day_text(*self.form.boxes), BY_AGE: self._age_text}
        return said.get(self.way, lambda: self.way)() or None

    def _age_text(self) -> str:
        count, unit = trimmed(self.form.count), self.form.unit.data or ""
        one = count.isdigit() and int(count) == 1
        return f"about {count} {unit.removesuffix('s') if one else unit} ago"

    def faults(self, _today: date) -> list[Fault]:
        if not self.form.way.data and len(self._filled) > 1:
            return [_fault(self, "Select one way to say when.")]
        found = {BY_DATE: lambda: day_fault(*self.form.boxes), BY_AGE: self._age_fault}
        part, message = found.get(self.way, lambda: ("", ""))()
        return [Fault(self.item.link_id, f"{self.id}-{part}", message)] if message else []

    def _age_fault(self) -> tuple[str, str]:
        if not re.fullmatch(r"\d{1,3}", trimmed(self.form.count)):
            return "count", "Enter how long ago as a whole number, such as 3."
        if self.form.unit.data not in dict(UNITS):
            return f"unit-{UNITS[0][0]}", "Select days, weeks, months or years."
        return "", ""


class MedicineParts(Form):
    """One medicine as the patient knows it."""

    name = StringField()
    status = RadioField(choices=offered(STATUSES), validate_choice=False)
    stopped = StringField()
    route = RadioField(choices=offered(ROUTES), validate_choice=False)
    dose = StringField()

    def row(self) -> dict[str, Raw]:
        """Return what was said about it, and nothing else."""
        said = {field.name.rpartition("-")[2]: trimmed(field) for field in self}
        if said["status"] == Status.CURRENT:
            del said["stopped"]
        return {part: words for part, words in said.items() if words}


class MedicinesParts(Form):
    """The list, and what may be said beside it or in its place."""

    entries = FieldList(FormField(MedicineParts), min_entries=1)
    more = SelectMultipleField(validate_choice=False)


class MedicinesQuestion(PartsQuestion):
    """Medicines by the names on their boxes."""

    control = "medicines_question"
    parts = MedicinesParts
    form: MedicinesParts
    more = (
        (NOT_SURE[0], "There is another one whose name I don't know"),
        (NONE_CODE, "I have no medicine to list here"),
        WITHHELD,
    )

    def spread(self, raw: Raw) -> dict[str, Any]:
        kept = raw if isinstance(raw, list) else [raw]
        rows = [_medicine_parts(row) for row in kept if isinstance(row, dict)]
        return {"entries": rows, "more": [word for word in kept if isinstance(word, str)]}

    @property
    def anchor(self) -> str:
        return f"{self.entries[0].id}-name"

    @property
    def entries(self) -> list[FormField[MedicineParts]]:
        """The rows in order, blank ones included."""
        return self.form.entries.entries

    def add_row(self) -> None:
        """Offer one more blank row, unless the last is still blank."""
        if self.entries[-1].form.row():
            self.form.entries.append_entry()

    def without(self, number: int) -> Raw:
        """Return the answer without the row of this number, counted from 0."""
        rows = [entry.form.row() for entry in self.entries]
        return self._listed(row for at, row in enumerate(rows) if at != number)

    def raw(self) -> Raw:
        return self._listed(entry.form.row() for entry in self.entries)

    def _listed(self, rows: Iterable[dict[str, Raw]]) -> Raw:
        said: list[Raw] = [*filter(None, rows), *(self.form.more.data or [])]
        return WITHHELD[0] if said == [WITHHELD[0]] else said or None

    def faults(self, today: date) -> list[Fault]:
        found = [fault for entry in self.entries if (fault := self._row_fault(entry, today))]
        more = set(self.form.more.data or [])
        others = any(entry.form.row() for entry in self.entries) or len(more) > 1
        if not found and others and more & {NONE_CODE, WITHHELD[0]}:
            message = "List the medicines or select one of the boxes below them, not both."
            found.append(_fault(self, message))
        return found

    def _row_fault(self, entry: FormField[MedicineParts], today: date) -> Fault | None:
        row = entry.form.row()
        if not row:
            return None
        if "name" not in row:
            name = f"{entry.id}-name"
            return Fault(self.item.link_id, name, "Enter the name of the medicine as you know it.")
        try:
            read_answer(self.item, [row], today)
        except AnswerError as error:
            part = "stopped" if "stopped" in row else "name"
            return Fault(self.item.link_id, f"{entry.id}-{part}", str(error))
        return None


def _medicine_parts(row: dict[str, Raw]) -> dict[str, Raw]:
    stopped = row.get("stopped")
    said = stopped.get("said", "") if isinstance(stopped, dict) else stopped
    return {**row, "stopped": said or ""}


def _choices(item: Item) -> list[tuple[str, str]]:
    offered = [(option.code, option.text) for option in item.options]
    return [*offered, *(UNKNOWNS if item.offers_unknown else ())]


def _fault(question: Question, message: str) -> Fault:
    return Fault(question.item.link_id, question.anchor, message)


def trimmed(field: Field) -> str:
    """Return what was typed, without the spaces around it."""
    return str(field.data or "").strip()
