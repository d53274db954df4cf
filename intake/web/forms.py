"""The tablet's forms: one WTForms class per page, made from its questions at run time.

A form only carries words between the boxes of a page and the raw value of an answer; what a value
means, and whether it will do, is decided by `core.answers`.
"""

from __future__ import annotations

import json
import re
from calendar import month_name
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from flask_wtf import FlaskForm
from wtforms import (
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectMultipleField,
    StringField,
)
from wtforms.utils import unset_value

from intake.core.answers import Missing, clean_text, read_answer
from intake.core.dates import Unit, parse_date
from intake.core.errors import AnswerError
from intake.core.medicines import Route, Status
from intake.core.questionnaire import NONE_CODE, Item, Kind
from intake.core.records import Signature, SignatureKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from wtforms import Field

    from intake.core.answers import Raw
    from intake.core.dates import Interval

    _FormField = FormField[Form]
else:
    _FormField = FormField

NOT_SURE = (Missing.NOT_SURE.value, "Not sure")
WITHHELD = (Missing.WITHHELD.value, "I'd rather tell my practitioner")
UNKNOWNS = (NOT_SURE, WITHHELD)
"""What every health question offers in place of an answer, in this order."""

BY_DATE, BY_AGE = "date", "about"
"""Ways of saying when: a date as far as it is known, or how long ago it was."""

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

_MONTHS = {name.lower(): number for number, name in enumerate(month_name) if name}
_KEPT_DAY = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_KEPT_AGE = re.compile(r"(?:about |around )?(\d{1,3}) (day|week|month|year)s? ago")


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
        super().__init__(item.ask, choices=_choices(item), validate_choice=False, **kwargs)
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
        super().__init__(item.ask, choices=_choices(item), validate_choice=False, **kwargs)
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

    def spread(self, raw: Raw) -> dict[str, Any]:
        """Return what belongs in each box."""
        raise NotImplementedError


class WordsParts(Form):
    """A box, and what may be said in its place."""

    value = StringField()
    unknown = SelectMultipleField(choices=UNKNOWNS, validate_choice=False)


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
        return _trimmed(self.form.value) or next(iter(self._unknowns), None)

    @property
    def _unknowns(self) -> list[str]:
        return self.form.unknown.data or []

    def faults(self, _today: date) -> list[Fault]:
        said = [*self._unknowns, *filter(None, [_trimmed(self.form.value)])]
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
        return _trimmed(self.day), _trimmed(self.month), _trimmed(self.year)


class DateParts(DayParts):
    """The ways of saying when, each with its boxes."""

    way = RadioField(validate_choice=False)
    count = StringField()
    unit = RadioField(choices=UNITS, validate_choice=False)


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
        typed = {BY_DATE: any(self.form.boxes), BY_AGE: bool(_trimmed(self.form.count))}
        return [way for way, is_filled in typed.items() if is_filled]

    @property
    def way(self) -> str:
        """The way chosen; without a choice, the one whose boxes are filled."""
        return self.form.way.data or next(iter(self._filled), "")

    def raw(self) -> Raw:
        said = {BY_DATE: lambda: day_text(*self.form.boxes), BY_AGE: self._age_text}
        return said.get(self.way, lambda: self.way)() or None

    def _age_text(self) -> str:
        count, unit = _trimmed(self.form.count), self.form.unit.data or ""
        one = count.isdigit() and int(count) == 1
        return f"about {count} {unit.removesuffix('s') if one else unit} ago"

    def faults(self, _today: date) -> list[Fault]:
        if not self.form.way.data and len(self._filled) > 1:
            return [_fault(self, "Select one way to say when.")]
        found = {BY_DATE: lambda: day_fault(*self.form.boxes), BY_AGE: self._age_fault}
        part, message = found.get(self.way, lambda: ("", ""))()
        return [Fault(self.item.link_id, f"{self.id}-{part}", message)] if message else []

    def _age_fault(self) -> tuple[str, str]:
        if not re.fullmatch(r"\d{1,3}", _trimmed(self.form.count)):
            return "count", "Enter how long ago as a whole number, such as 3."
        if self.form.unit.data not in dict(UNITS):
            return f"unit-{UNITS[0][0]}", "Select days, weeks, months or years."
        return "", ""


class MedicineParts(Form):
    """One medicine as the patient knows it."""

    name = StringField()
    status = RadioField(choices=STATUSES, validate_choice=False)
    stopped = StringField()
    route = RadioField(choices=ROUTES, validate_choice=False)
    dose = StringField()

    def row(self) -> dict[str, Raw]:
        """Return what was said about it, and nothing else."""
        said = {field.name.rpartition("-")[2]: _trimmed(field) for field in self}
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


class PageForm(FlaskForm):
    """Base of every page's form; `page_form` adds the questions."""

    @property
    def questions(self) -> list[Question]:
        """The questions in the order in which they are asked."""
        return [field for field in self if hasattr(field, "item")]

    def faults(self, today: date) -> list[Fault]:
        """Return what cannot be handed over as it stands."""
        return [fault for question in self.questions for fault in question.faults(today)]

    def raw(self, today: date) -> dict[str, Raw]:
        """Return the raw value of each question by link id, without those that have a fault."""
        faulty = {fault.link_id for fault in self.faults(today)}
        asked = {question.item.link_id: question for question in self.questions}
        return {link_id: asked[link_id].raw() for link_id in asked if link_id not in faulty}


FIELDS: Mapping[Kind, Callable[..., Any]] = {
    Kind.YES_NO: RadioQuestion,
    Kind.CHOICE: RadioQuestion,
    Kind.CHOICES: CheckQuestion,
    Kind.BODY_MAP: CheckQuestion,
    Kind.NUMBER: WordsQuestion,
    Kind.TEXT: WordsQuestion,
    Kind.DATE: DateQuestion,
    Kind.MEDICINES: MedicinesQuestion,
}


def page_form(items: Iterable[Item]) -> type[PageForm]:
    """Make the form of a page; each control is named after the question's link id."""
    fields = {_attribute(item): FIELDS[item.kind](item, name=item.link_id) for item in items}
    return type("QuestionsForm", (PageForm,), fields)


def filled_form(items: Iterable[Item], answers: Mapping[str, Raw]) -> PageForm:
    """Return the form of a page with the stored answers in place."""
    asked = tuple(items)
    kept = {_attribute(item): answers.get(item.link_id) for item in asked}
    return page_form(asked)(formdata=None, data=kept)


def _attribute(item: Item) -> str:
    """Name the attribute of a question, so that none can hide one of the form's own."""
    return f"q_{item.link_id}"


class StartForm(FlaskForm):
    """Who is about to answer."""

    name = StringField()
    birth = FormField(DayParts)

    def read(self, today: date) -> tuple[str, date] | None:
        """Return name and date of birth, or None when `faults` has something to say."""
        if self.faults(today):
            return None
        born = parse_date(day_text(*self.birth.form.boxes), today)
        return " ".join(clean_text(_trimmed(self.name)).split()), born.earliest

    def faults(self, today: date) -> list[Fault]:
        """Return what is missing or cannot be read."""
        unnamed = [] if _trimmed(self.name) else [Fault("name", "name", "Enter your name.")]
        message = self._birth_fault(today)
        return [*unnamed, *([Fault("birth", "birth-day", message)] if message else [])]

    def _birth_fault(self, today: date) -> str:
        boxes = self.birth.form.boxes
        if not all(boxes):
            return "Enter the day, month and year you were born."
        try:
            return day_fault(*boxes)[1] or _day_only(parse_date(day_text(*boxes), today))
        except AnswerError as error:
            return str(error)


def _day_only(when: Interval) -> str:
    return "" if when.is_exact else "Enter the day, month and year you were born."


class SignatureForm(FlaskForm):
    """The signature under the declaration, drawn or typed."""

    way = RadioField(
        choices=[("draw", "Draw my signature"), ("type", "Type my name")], validate_choice=False
    )
    strokes = HiddenField()
    typed = StringField()

    def signature(self, statement: str) -> Signature | None:
        """Return the signature; None when there is none."""
        strokes, name = read_strokes(self.strokes.data or ""), _trimmed(self.typed)[:200]
        if strokes and self.way.data != "type":
            return Signature(SignatureKind.DRAWN, statement, strokes=strokes)
        if name and self.way.data != "draw":
            return Signature(SignatureKind.TYPED, statement, name=clean_text(name))
        return None


LEAST_POINTS = 3
MOST_STROKES = 400
MOST_POINTS = 20_000
MOST_STROKE_TEXT = 400_000


def read_strokes(text: str) -> tuple[tuple[tuple[float, float], ...], ...]:
    """Read the pen's ways as fractions of the canvas; what is not such a list is no signature."""
    try:
        ways = json.loads(text) if text and len(text) <= MOST_STROKE_TEXT else []
        strokes = tuple(tuple((float(x), float(y)) for x, y in way) for way in ways)
    except (ValueError, TypeError, OverflowError, RecursionError):
        return ()
    points = [point for stroke in strokes for point in stroke]
    inside = all(0 <= x <= 1 and 0 <= y <= 1 for x, y in points)
    few = len(strokes) <= MOST_STROKES and LEAST_POINTS <= len(points) <= MOST_POINTS
    return strokes if inside and few else ()


def day_text(day: str, month: str, year: str) -> str:
    """Write a date as far as it is known: `2025-03-14`, `2025-03` or `2025`."""
    number = _month_number(month)
    if month and not number:
        return " ".join(filter(None, (day, month, year)))
    known = [year, *([number] if number else []), *([day.zfill(2)] if day else [])]
    return "-".join(known)


def _month_number(month: str) -> str:
    word = month.lower().rstrip(".")
    if word.isdigit():
        return word.zfill(2)
    least = 3  # letters: "mar", not "m"
    found = (at for name, at in _MONTHS.items() if len(word) >= least and name.startswith(word))
    return next((f"{number:02}" for number in found), "")


def day_fault(day: str, month: str, year: str) -> tuple[str, str]:
    """Return the box to look at again and the words to say, or two blanks."""
    if not (day or month or year):
        return "day", "Enter a date, or choose another answer."
    if not re.fullmatch(r"\d{4}", year):
        return "year", "Enter the year with four digits, such as 2019."
    if day and not month:
        return "month", "Enter the month as well, or leave the day empty."
    if day and not day.isdigit():
        return "day", "Enter the day as a number, such as 14."
    return "", ""


def date_parts(raw: Raw) -> dict[str, str]:
    """Spread a stored date over the boxes it came from; what has no box is asked again."""
    said = str(raw.get("said", "")) if isinstance(raw, dict) else str(raw or "")
    if found := _KEPT_DAY.fullmatch(said):
        boxes = {"year": found[1], "month": found[2], "day": found[3]}
        shown = {part: words.lstrip("0") for part, words in boxes.items() if words}
        return {"way": BY_DATE, **shown}
    if found := _KEPT_AGE.fullmatch(said):
        return {"way": BY_AGE, "count": found[1], "unit": f"{found[2]}s"}
    if isinstance(raw, dict):
        return _exact_parts(raw)
    return {"way": said} if said else {}


def _exact_parts(raw: dict[str, Raw]) -> dict[str, str]:
    """Show a day that was said in other words ("yesterday") as the day it was."""
    exact = raw.get("earliest") == raw.get("latest")
    return date_parts(str(raw.get("earliest"))) if exact else {}


def _medicine_parts(row: dict[str, Raw]) -> dict[str, Raw]:
    stopped = row.get("stopped")
    said = stopped.get("said", "") if isinstance(stopped, dict) else stopped
    return {**row, "stopped": said or ""}


def _choices(item: Item) -> list[tuple[str, str]]:
    offered = [(option.code, option.text) for option in item.options]
    return [*offered, *(UNKNOWNS if item.offers_unknown else ())]


def _fault(question: Question, message: str) -> Fault:
    return Fault(question.item.link_id, question.anchor, message)


def _trimmed(field: Field) -> str:
    return str(field.data or "").strip()
