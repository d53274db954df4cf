"""The tablet's fields: one for each kind of answer.

A field only carries words between the boxes of a page and the raw value of an answer; what a value
means, and whether it will do, is decided by `core.answers`.
"""

from __future__ import annotations

import re
import unicodedata
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

from intake.core.answers import Missing
from intake.core.bands import Band
from intake.core.dates import Unit
from intake.core.questionnaire import NONE_CODE, Item, Kind
from intake.web.choices import offered
from intake.web.clinic import current_clinic
from intake.web.languages import gettext, plain_digits
from intake.web.languages import lazy_gettext as _
from intake.web.tablet_dates import BY_AGE, BY_DATE, KEPT, date_parts, day_fault, day_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from wtforms import Field

    from intake.core.answers import Raw

    _FormField = FormField[Form]
else:
    _FormField = FormField

NOT_SURE = (Missing.NOT_SURE.value, _("Not sure"))
WITHHELD = (Missing.WITHHELD.value, _("I'd rather tell my practitioner"))
UNKNOWNS = (NOT_SURE, WITHHELD)
"""What every health question offers in place of an answer, in this order."""


UNITS = (
    (Unit.DAYS.value, _("Days")),
    (Unit.WEEKS.value, _("Weeks")),
    (Unit.MONTHS.value, _("Months")),
    (Unit.YEARS.value, _("Years")),
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
    """Several answers; "not sure" may stand beside others."""

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

    def raw(self) -> Raw:
        return list(self.data or []) or None

    def faults(self, _today: date) -> list[Fault]:
        alone = {NONE_CODE, Missing.WITHHELD.value} & set(self.data or [])
        if not alone or len(self.data or []) == 1:
            return []
        words = dict(_choices(self.item)).get(min(alone), "")
        message = gettext("Select '%(none)s' or the other answers, not both.", none=words)
        return [fault_of(self, message)]


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
    unknown = SelectMultipleField(choices=lambda: offered(UNKNOWNS), validate_choice=False)


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
        is_number = self.item.kind is Kind.NUMBER
        said = number_in(self.form.value) if is_number else trimmed(self.form.value)
        return said or next(iter(self._unknowns), None)

    @property
    def _unknowns(self) -> list[str]:
        return self.form.unknown.data or []

    def faults(self, _today: date) -> list[Fault]:
        said = [*self._unknowns, *filter(None, [trimmed(self.form.value)])]
        message = gettext("Give an answer or select one of the boxes below it, not both.")
        return [fault_of(self, message)] if len(said) > 1 else []


class DayParts(Form):
    """Day, month and year, each as far as it is known."""

    day = StringField()
    month = StringField()
    year = StringField()

    @property
    def boxes(self) -> tuple[str, str, str]:
        """What was typed, without the spaces around it."""
        return number_in(self.day), number_in(self.month), number_in(self.year)


class DateParts(DayParts):
    """The ways of saying when, each with its boxes."""

    way = RadioField(validate_choice=False)
    kept = StringField()
    count = StringField()
    unit = RadioField(choices=lambda: offered(UNITS), validate_choice=False)

    @property
    def _filled(self) -> list[str]:
        typed = {BY_DATE: any(self.boxes), BY_AGE: bool(trimmed(self.count))}
        return [way for way, is_filled in typed.items() if is_filled]

    @property
    def chosen(self) -> str:
        """The way chosen; without a choice, the one whose boxes are filled."""
        return self.way.data or next(iter(self._filled), "")

    @property
    def has_band(self) -> bool:
        """Whether a band of time is chosen, on offer or not."""
        return Band.parse(self.chosen) is not None

    def text(self) -> str:
        """Return what was said, as it is stored; blank when nothing was."""
        said = {BY_DATE: lambda: day_text(*self.boxes), BY_AGE: self._age_text}
        return said.get(self.chosen, lambda: self.chosen)()

    def _age_text(self) -> str:
        count, unit = number_in(self.count), self.unit.data or ""
        one = count.lstrip("0") == "1"
        return f"about {count} {unit.removesuffix('s') if one else unit} ago"

    def fault(self) -> tuple[str, str]:
        """Return the box to look at again and what to say, or two blanks."""
        if not self.way.data and len(self._filled) > 1:
            return f"way-{BY_DATE}", gettext("Select one way to say when.")
        found = {BY_DATE: lambda: day_fault(*self.boxes), BY_AGE: self._age_fault}
        return found.get(self.chosen, lambda: ("", ""))()

    def _age_fault(self) -> tuple[str, str]:
        if not re.fullmatch(r"\d{1,3}", number_in(self.count)):
            return "count", gettext("Enter how long ago as a whole number, such as 3.")
        if self.unit.data not in dict(UNITS):
            return f"unit-{UNITS[0][0]}", gettext("Select days, weeks, months or years.")
        return "", ""


class DateQuestion(PartsQuestion):
    """When something happened, as the patient knows it.

    Attributes:
        stored: What was said before, for who stays with it.
    """

    control = "date_question"
    parts = DateParts
    form: DateParts
    stored: Raw = None

    def spread(self, raw: Raw) -> dict[str, Any]:
        return {**date_parts(raw, current_clinic().today())}

    @property
    def anchor(self) -> str:
        return f"{self.id}-way-{BY_DATE}"

    @property
    def words(self) -> tuple[tuple[str, str], ...]:
        """The words this question takes in place of a date."""
        return tuple((word.value, text) for word, text in self.item.words.items())

    def raw(self) -> Raw:
        if self.form.chosen == KEPT:
            return self.stored if isinstance(self.stored, dict) else None
        return self.form.text() or None

    def faults(self, _today: date) -> list[Fault]:
        part, message = self.form.fault()
        return [Fault(self.item.link_id, f"{self.id}-{part}", message)] if message else []


def _choices(item: Item) -> list[tuple[str, str]]:
    offered = [(option.code, option.text) for option in item.options]
    return [*offered, *(UNKNOWNS if item.offers_unknown else ())]


def fault_of(question: Question, message: str) -> Fault:
    """Return what is wrong with a question, at its first control."""
    return Fault(question.item.link_id, question.anchor, message)


def said_twice(question: Question) -> list[Fault]:
    """Find a question for which a page that is not ours sent several answers where one has room.

    Which of them was meant nobody knows, so none is taken.
    """
    if not is_unclear(cast("Field", question)):
        return []
    return [fault_of(question, gettext("Two different answers were sent. Give one answer again."))]


def is_unclear(field: Field) -> bool:
    """Tell whether a box, or one of those in it, was sent with more than one value."""
    if isinstance(field, FormField | FieldList):
        return any(map(is_unclear, field))
    if getattr(field, "is_unclear", False):  # of the boxes beside a list of ticks
        return True
    is_many = isinstance(field, SelectMultipleField)
    return not is_many and are_several(field.raw_data or [])


def are_several(values: Iterable[object]) -> bool:
    """Tell whether the values of one box differ; the same sent twice is one."""
    return len({str(value).strip() for value in values}) > 1


def trimmed(field: Field) -> str:
    """Return what was typed, without the spaces around it and what no eye can see."""
    typed = str(field.data or "")
    return "".join(c for c in typed if c == "\n" or unicodedata.category(c) != "Cc").strip()


def number_in(field: Field) -> str:
    """Return a number, or a part of a date, with its digits as 0 to 9."""
    return plain_digits(trimmed(field))
