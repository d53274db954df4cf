"""The desk's fixed forms. Those made from a rule pack or a screening are in rooms of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import AnyOf, DataRequired, Length, Optional, ValidationError

from intake.actions.patients import check_birth_date, checked_name
from intake.core.dates import parse_date
from intake.core.display import HANDLING, SOURCES, STATUS_FILTERS, TRIAGE
from intake.core.errors import AnswerError
from intake.core.recall import BY_PEOPLE
from intake.core.rules import Triage
from intake.exports.figure_tables import TABLES
from intake.web.choices import offered
from intake.web.worded import Worded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from wtforms import Field

    from intake.core.dates import Interval
    from intake.core.records import Site

MAX_WORDS = 2000
"""Longest note, question or reason, in characters."""

DATES = ["%Y-%m-%d", "%d %B %Y", "%d %b %Y"]
"""As a date box sends it, or as people write it; digits alone could mix up day and month."""


class DayField(DateField):
    """One day, from a date box or as people write it; may be left open."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day, or say how to write it."""
        try:
            super().process_formdata([value.strip() for value in valuelist])
        except ValueError:
            msg = "Enter a day such as 2026-12-05 or 5 December 2026."
            raise ValueError(msg) from None


def one_kind_of_line_end(text: str | None) -> str | None:
    """Count a new line as one character, as the browser did, and not as the two it sends."""
    return text.replace("\r\n", "\n") if text else text


def refuse_backwards(since: date | None, until: date | None) -> None:
    """Refuse a span that runs backwards.

    Raises:
        ValidationError: it does.
    """
    if since and until and until < since:
        msg = "Enter a last day that is not before the first."
        raise ValidationError(msg)


def choices_of_sites(sites: Iterable[Site], everywhere: str) -> Any:  # noqa: ANN401 - see `offered`
    """Offer sites, with words for all of them first; those that are closed are named so."""
    named = ((site.id, f"{site.name} (closed)" if site.closed_at else site.name) for site in sites)
    return offered([("", everywhere), *named])


TRIAGES = [(triage.value, words.word) for triage, words in TRIAGE.items()]


class Problems(list[tuple[str, str]]):
    """What keeps a form from being taken: the id of the control to go to, and the words."""


class DeskForm(FlaskForm):
    """A form whose faults can be listed at the top of the page, each leading to its control."""

    def refuse(self, message: str) -> None:
        """Add a fault of the form as a whole."""
        self.form_errors.append(message)

    def words(self, name: str) -> str:
        """Return what was typed into one box, without the space around it."""
        return str(self[name].data or "").strip()

    def error(self, name: str) -> str:
        """Return the first fault of one control; empty when there is none."""
        errors = self[name].errors
        return str(errors[0]) if errors else ""

    def problems(self) -> Problems:
        """List every fault, in the order of the page."""
        return Problems(self._problems())

    def _problems(self) -> Iterator[tuple[str, str]]:
        for message in self.form_errors:
            yield first_control(self), message
        for field in self:
            for message in field.errors:
                yield str(field.id), str(message)


def first_control(form: FlaskForm) -> str:
    """Return the id of the first control people see."""
    shown = (field for field in form if field.type not in ("CSRFTokenField", "HiddenField"))
    return next((str(field.id) for field in shown), "main")


class FilterForm(DeskForm):
    """What the queue is narrowed to; it lives in the address, so it holds nothing of a patient."""

    class Meta:
        """Nothing is changed by looking."""

        csrf = False

    status = SelectField(
        "Status", choices=offered(STATUS_FILTERS.items()), default="open", validate_choice=False
    )
    triage = SelectMultipleField("Severity", choices=offered(TRIAGES), validate_choice=False)
    since = DayField("From", [Optional()], format=DATES)
    until = DayField("To", [Optional()], format=DATES)
    site = SelectField("Site", default="", validate_choice=False)
    mine = BooleanField("Taken by me")
    dermatologist = BooleanField("Needs a dermatologist")

    def offering(self, sites: Iterable[Site]) -> Self:
        """Offer the sites whose cases somebody may read; one alone needs no choice."""
        self.site.choices = choices_of_sites(sites, "Every site")
        return self

    def validate_site(self, field: SelectField) -> None:
        """Refuse a site that is not offered."""
        require_offered(field)

    def validate_status(self, field: SelectField) -> None:
        """Refuse a status that is not offered."""
        require_offered(field)

    def validate_triage(self, field: SelectMultipleField) -> None:
        """Refuse a severity that is not offered."""
        if not codes_of(field).issuperset(field.data or []):
            msg = "Tick severities that are offered."
            raise ValidationError(msg)

    def validate_until(self, field: Field) -> None:
        """Refuse a span that runs backwards."""
        refuse_backwards(self.since.data, field.data)

    @property
    def triages(self) -> frozenset[Triage]:
        """The severities ticked; none means all."""
        return frozenset(Triage(value) for value in self.triage.data or [])

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the usual view was asked for."""
        parts = (self.triage, self.since, self.until, self.site, self.mine, self.dermatologist)
        return self.status.data != "open" or any(part.data for part in parts)


class FiguresForm(DeskForm):
    """Which days and which version to count; it lives in the address and names nobody."""

    class Meta:
        """Nothing is changed by looking."""

        csrf = False

    since = DayField("From", [Optional()], format=DATES)
    until = DayField("To", [Optional()], format=DATES)
    pack = SelectField("Version of the rules", default="", validate_choice=False)

    def offer(self, packs: Iterable[tuple[str, str]]) -> None:
        """Offer the versions that were kept, each by its hash and words."""
        self.pack.choices = offered([("", "All versions"), *packs])

    def validate_pack(self, field: SelectField) -> None:
        """Refuse a version that is not offered."""
        require_offered(field)

    def validate_until(self, field: Field) -> None:
        """Refuse a span that runs backwards."""
        refuse_backwards(self.since.data, field.data)


class FiguresExportForm(FiguresForm):
    """One table of what is shown, as a file."""

    class Meta:
        """What leaves the house is asked for by this page only."""

        csrf = True

    table = StringField("Table")

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Refuse a table that is not offered; a button sends it, so there is no control to name."""
        is_right = bool(super().validate(extra_validators))
        if self.table.data not in TABLES:
            self.refuse("Choose one of the tables on this page.")
            return False
        return is_right


class FindForm(DeskForm):
    """A name or record number; sent in the body, because an address is kept in many places."""

    text = StringField(
        "Name or record number",
        [DataRequired("Enter a name or a record number."), Length(max=200)],
    )


class SiteForm(DeskForm):
    """At which site; where there is only one, nobody is asked."""

    site = SelectField("Site", validate_choice=False)

    def offering(self, sites: Iterable[Site], usual: str = "") -> Self:
        """Offer the sites, the usual one first chosen."""
        self.site.choices = choices_of_sites(sites, "Select a site")
        codes = codes_of(self.site) - {""}
        if self.site.data is None:
            self.site.data = codes.pop() if len(codes) == 1 else usual
        return self

    def validate_site(self, field: SelectField) -> None:
        """Refuse no site, and one that is not offered."""
        if not field.data or field.data not in codes_of(field):
            msg = "Select the site."
            raise ValidationError(msg)


class RegisterForm(DeskForm):
    """A new patient: name and birth date."""

    name = StringField(
        "Full name", [DataRequired("Enter the patient's full name."), Length(max=200)]
    )
    day = StringField("Day", name="birth-day")
    month = StringField("Month", name="birth-month")
    year = StringField("Year", name="birth-year")

    today: date
    """The clinic's date, set by `register_form`."""

    def validate_name(self, field: Field) -> None:
        """Refuse what cannot be a name."""
        try:
            checked_name(field.data or "")
        except AnswerError as error:
            raise ValidationError(str(error)) from None

    def validate_day(self, field: Field) -> None:
        """Refuse, with one message for the three boxes, what cannot be a birth date."""
        del field
        if not all(self._boxes()):
            msg = "Enter the day, the month and the year of birth."
            raise ValidationError(msg)
        try:
            born = self._read()
            check_birth_date(born.latest, self.today)
        except AnswerError as error:
            raise ValidationError(str(error)) from None
        if not born.is_exact:
            msg = "Enter the year of birth with four digits."
            raise ValidationError(msg)

    @property
    def birth_date(self) -> date:
        """The three boxes as a date, once the form is valid."""
        return self._read().earliest

    def _boxes(self) -> tuple[str, ...]:
        return tuple((box.data or "").strip() for box in (self.day, self.month, self.year))

    def _read(self) -> Interval:
        day, month, year = self._boxes()
        text = f"{year}-{month}-{day}" if month.isdigit() else f"{day} {month} {year}"
        return parse_date(text, self.today)


def register_form(today: date, *, blank: bool = False) -> RegisterForm:
    """Make the form, empty or filled with what was sent."""
    form = RegisterForm(formdata=None) if blank else RegisterForm()
    form.today = today
    return form


class SourceForm(DeskForm):
    """What the answers are from that a practitioner is about to enter."""

    source = RadioField(
        "What do you have the answers from?",
        [AnyOf([*SOURCES], "Select what you have the answers from.")],
        choices=offered((code.value, words) for code, words in SOURCES.items()),
        validate_choice=False,
    )


class RecallForm(DeskForm):
    """What was done about a case that rules in force are stricter on."""

    recall = HiddenField()
    how = RadioField(
        "What follows for this patient?",
        [AnyOf([one.value for one in BY_PEOPLE], "Select what follows for this patient.")],
        choices=offered((one.value, HANDLING[one]) for one in BY_PEOPLE),
        validate_choice=False,
    )
    about = TextAreaField(
        "What was done, or why nothing has to be",
        [Worded("Write what was done, or why nothing has to be."), Length(max=MAX_WORDS)],
        filters=[one_kind_of_line_end],
    )


class CleanedForm(DeskForm):
    """What somebody did to clean a device."""

    how = StringField(
        "What you did",
        [Worded("Write what you did to clean this device."), Length(max=500)],
    )


class AddendumForm(DeskForm):
    """Words added to a case."""

    text = TextAreaField(
        "Addendum",
        [Worded("Write the addendum."), Length(max=MAX_WORDS)],
        filters=[one_kind_of_line_end],
    )


class AskAgainForm(DeskForm):
    """Which questions the patient is to answer anew."""

    again = SelectMultipleField("Questions", validate_choice=False)

    def validate_again(self, field: SelectMultipleField) -> None:
        """Ask for one at least, and refuse what is not among the questions of the form."""
        if not field.data:
            msg = "Tick the questions to ask again."
            raise ValidationError(msg)
        if not codes_of(field).issuperset(field.data):
            msg = "Tick questions of this form."
            raise ValidationError(msg)


class WithdrawForm(DeskForm):
    """Why an intake is taken out of the queue."""

    reason = StringField("Reason", [Worded("Write the reason."), Length(max=MAX_WORDS)])


def codes_of(field: SelectField) -> set[str]:
    """Return the codes a field offers."""
    return {choice[0] for choice in field.iter_choices()}


def require_offered(field: SelectField) -> None:
    """Refuse what a field does not offer."""
    if field.data and field.data not in codes_of(field):
        msg = "Select one of those offered."
        raise ValidationError(msg)
