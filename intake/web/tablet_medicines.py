"""The tablet's field for medicines: a list of rows, by the names on their boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wtforms import FieldList, Form, FormField, RadioField, SelectMultipleField, StringField

from intake.core.answers import read_answer
from intake.core.errors import AnswerError
from intake.core.medicines import Route, Status
from intake.core.questionnaire import NONE_CODE
from intake.web.choices import offered
from intake.web.languages import gettext, say
from intake.web.languages import lazy_gettext as _
from intake.web.tablet_dates import BY_DATE, date_parts
from intake.web.tablet_fields import (
    NOT_SURE,
    WITHHELD,
    DateParts,
    Fault,
    PartsQuestion,
    fault_of,
    trimmed,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from intake.core.answers import Raw

STATUSES = (
    (Status.CURRENT.value, _("I take it now")),
    (Status.STOPPED.value, _("I have stopped")),
    (Status.UNKNOWN.value, _("Not sure")),
)
ROUTES = (
    (Route.MOUTH.value, _("By mouth")),
    (Route.SKIN.value, _("On the skin")),
    (Route.INJECTION.value, _("By injection")),
    (Route.INHALED.value, _("Breathed in")),
    (Route.NASAL.value, _("In the nose")),
    (Route.EYE.value, _("In the eye")),
)


class MedicineParts(Form):
    """One medicine as the patient knows it."""

    name = StringField()
    status = RadioField(choices=lambda: offered(STATUSES), validate_choice=False)
    stopped = FormField(DateParts)
    route = RadioField(choices=lambda: offered(ROUTES), validate_choice=False)
    dose = StringField()

    def row(self) -> dict[str, Raw]:
        """Return what was said about it, and nothing else."""
        said = {
            "name": trimmed(self.name),
            "status": trimmed(self.status),
            "stopped": "" if self.status.data == Status.CURRENT else self.stopped.form.text(),
            "route": trimmed(self.route),
            "dose": trimmed(self.dose),
        }
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
        (NOT_SURE[0], _("There is another one whose name I don't know")),
        (NONE_CODE, _("I have no medicine to list here")),
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
            message = gettext("List the medicines or select one of the boxes below them, not both.")
            found.append(fault_of(self, message))
        return found

    def _row_fault(self, entry: FormField[MedicineParts], today: date) -> Fault | None:
        row = entry.form.row()
        if not row:
            return None
        if "name" not in row:
            name = f"{entry.id}-name"
            words = gettext("Enter the name of the medicine as you know it.")
            return Fault(self.item.link_id, name, words)
        part, words = entry.form.stopped.form.fault() if "stopped" in row else ("", "")
        if words:
            return Fault(self.item.link_id, f"{entry.id}-stopped-{part}", words)
        try:
            read_answer(self.item, [row], today)
        except AnswerError as error:
            part = f"stopped-way-{BY_DATE}" if "stopped" in row else "name"
            return Fault(self.item.link_id, f"{entry.id}-{part}", say(error))
        return None


def _medicine_parts(row: dict[str, Raw]) -> dict[str, Raw]:
    return {**row, "stopped": dict(date_parts(row.get("stopped")))}
