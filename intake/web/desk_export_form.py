"""The form that asks which cases leave the house."""

from __future__ import annotations

from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import DataRequired, Optional, ValidationError

from intake.core.bare_answers import Dates
from intake.web.choices import offered
from intake.web.desk_forms import DATES, TRIAGES, DayField, DeskForm, FilterForm, require_offered


class ExportForm(DeskForm):
    """Which cases leave the house, and in what shape."""

    shape = RadioField(
        "What each row is",
        [DataRequired("Select what each row is.")],
        choices=offered(
            [
                ("cases", "One case a row"),
                ("answers", "One answer a row"),
                ("findings", "One finding a row"),
                ("decisions", "One decision a row"),
                ("sessions", "One session a row"),
            ]
        ),
        validate_choice=False,
    )
    form = RadioField(
        "File",
        [DataRequired("Select the kind of file.")],
        choices=offered(
            [("csv", "CSV, for a spreadsheet"), ("jsonl", "JSON Lines, for a program")]
        ),
        validate_choice=False,
    )
    since = DayField("From", [Optional()], format=DATES)
    until = DayField("To", [Optional()], format=DATES)
    site = SelectField("Site", default="", validate_choice=False)
    triage = SelectMultipleField("Severity", choices=offered(TRIAGES), validate_choice=False)

    deidentified = BooleanField("Leave out names")
    dates = RadioField(
        "Dates in a table without names",
        choices=offered(
            [
                (Dates.YEAR, "Years only, as HIPAA’s Safe Harbor asks"),
                (
                    Dates.SHIFTED,
                    "Days moved by lot, which Safe Harbor does not allow",
                ),
                (Dates.NONE, "No dates"),
            ]
        ),
        validate_choice=False,
    )

    offering = FilterForm.offering
    validate_site = FilterForm.validate_site
    validate_triage = FilterForm.validate_triage
    validate_until = FilterForm.validate_until
    triages = FilterForm.triages

    def validate_shape(self, field: RadioField) -> None:
        """Refuse a shape that is not offered."""
        require_offered(field)

    def validate_dates(self, field: RadioField) -> None:
        """Ask what becomes of dates where names are left out, and only there."""
        if self.deidentified.data and not field.data:
            msg = "Select what becomes of the dates."
            raise ValidationError(msg)
        if field.data and not self.deidentified.data:
            msg = "Tick “Leave out names”: with names, dates stay as they are."
            raise ValidationError(msg)
        if field.data:
            require_offered(field)

    def validate_form(self, field: RadioField) -> None:
        """Refuse a kind of file that is not offered."""
        require_offered(field)
