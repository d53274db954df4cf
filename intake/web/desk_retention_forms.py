"""The forms of keeping and forgetting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, ValidationError

from intake.actions.retention import LONGEST_REASON
from intake.core.dates import Unit
from intake.core.errors import AnswerError
from intake.core.retention import CLASS_WORDS, read_period
from intake.web.choices import offered
from intake.web.desk_forms import DATES, DayField, DeskForm, one_kind_of_line_end
from intake.web.worded import Worded

if TYPE_CHECKING:
    from intake.core.dates import Window

NO_END = "no end"
_CLASSES = offered((one.value, words.name) for one, words in CLASS_WORDS.items())
_UNITS = offered([*((unit.value, unit.value) for unit in reversed(Unit)), (NO_END, "without end")])


def _reason(asked: str) -> TextAreaField:
    return TextAreaField(
        "Why",
        [
            Worded(asked),
            Length(max=LONGEST_REASON, message=f"Write at most {LONGEST_REASON} characters."),
        ],
        filters=[one_kind_of_line_end],
    )


def _record_number() -> StringField:
    return StringField(
        "Record number",
        [DataRequired("Enter a record number such as P-1000001."), Length(max=40)],
    )


def _sure(label: str) -> BooleanField:
    return BooleanField(label, [InputRequired("Tick this to go on: it cannot be undone.")])


class PeriodForm(DeskForm):
    """For how long a class of records is kept.

    Attributes:
        period: What was asked for, once the form is valid; None is without end.
    """

    about = SelectField(
        "Records",
        [AnyOf([*_CLASSES], "Select which records.")],
        choices=_CLASSES,
        validate_choice=False,
    )
    length = StringField("Keep for", [Length(max=4)])
    unit = SelectField("Counted in", choices=_UNITS, validate_choice=False)
    reason = _reason("Write why, such as the law that says so.")

    period: Window | None = None

    def validate_length(self, field: StringField) -> None:
        """Read number and unit together.

        Raises:
            ValidationError: they are no period.
        """
        unit = str(self.unit.data or "")
        number = "" if unit == NO_END else str(field.data or "").strip()
        try:
            self.period = read_period(f"{number} {unit}".strip())
        except AnswerError as error:
            raise ValidationError(str(error)) from error


class HoldForm(DeskForm):
    """Which record must stay, and why."""

    record_number = _record_number()
    reason = _reason("Write why it must stay, without names.")

    def __init__(self, **values: object) -> None:
        super().__init__(prefix="hold-", **values)


class LookForm(DeskForm):
    """Which patient is to be erased."""

    record_number = _record_number()
    born = DayField(
        "Date of birth",
        [InputRequired("Enter the date of birth: it must be theirs.")],
        format=DATES,
    )


class EraseForm(DeskForm):
    """That a patient is to be erased, and why."""

    reason = _reason("Write why, without names.")
    sure = _sure("I have checked that this is the right patient")


class DueForm(DeskForm):
    """That what was looked at is to be erased.

    Attributes:
        seen: The mark of what was looked at.
    """

    seen = HiddenField("Looked at", [Length(max=64)])
    today = BooleanField()
    sure = _sure("I have looked through the list")
