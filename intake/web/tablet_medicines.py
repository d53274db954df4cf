"""The tablet's field for medicines: a list of rows, by the names on their boxes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wtforms import FieldList, Form, FormField, RadioField, SelectMultipleField, StringField

from intake.actions.answer import refuse_before_birth
from intake.core.answers import MAX_MEDICINE_WORDS, MAX_MEDICINES, Missing
from intake.core.errors import AnswerError
from intake.core.keeping import keep
from intake.core.medicines import Status
from intake.core.questionnaire import NONE_CODE
from intake.exports.fhir import phrases
from intake.web.choices import offered
from intake.web.clinic import current_clinic
from intake.web.languages import gettext, say
from intake.web.languages import lazy_gettext as _
from intake.web.tablet_dates import BY_DATE, KEPT, date_parts
from intake.web.tablet_fields import (
    NOT_SURE,
    WITHHELD,
    DateParts,
    Fault,
    PartsQuestion,
    fault_of,
    is_unclear,
    trimmed,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from intake.core.answers import Answer, Raw
    from intake.core.questionnaire import Item

FOR = "for "
"""How the purpose of a medicine without a name begins, as the vocabulary reads it."""

STATUSES = tuple((code, _(words)) for code, words in phrases.STATUSES.items())
ROUTES = tuple((code, _(words)) for code, words in phrases.ROUTES.items())


class MedicineParts(Form):
    """One medicine as the patient knows it."""

    name = StringField()
    purpose = StringField()
    status = RadioField(choices=lambda: offered(STATUSES), validate_choice=False)
    stopped = FormField(DateParts)
    route = RadioField(choices=lambda: offered(ROUTES), validate_choice=False)
    dose = StringField()

    def row(self) -> dict[str, Raw]:
        """Return what was said about it, and nothing else.

        What a medicine is for stands with its name, or in place of it, where rules read it.
        """
        purpose = trimmed(self.purpose).removeprefix(FOR).strip()
        said = {
            "name": f"{trimmed(self.name)} {FOR if purpose else ''}{purpose}".strip(),
            "status": trimmed(self.status),
            "stopped": "" if self.status.data == Status.CURRENT else self.stopped.form.text(),
            "route": trimmed(self.route),
            "dose": trimmed(self.dose),
        }
        # A list is kept without what is not clear of it; the name stays, lest the medicine go too.
        unclear = {part for part in said if part != "name" and is_unclear(self[part])}
        if "status" in unclear:
            unclear.add("stopped")  # which would say that it was
        return {part: words for part, words in said.items() if words and part not in unclear}

    def too_long(self) -> str:
        """Return the box that has more words than a browser lets anybody type; blank for none."""
        boxes = (self.name, self.purpose, self.dose)
        long = (box.short_name for box in boxes if len(trimmed(box)) > MAX_MEDICINE_WORDS)
        return next(long, "")


class Rows(FieldList):  # type: ignore[type-arg]  # which WTForms cannot be told at run time
    """The rows that a form sent, by the numbers in the names of its boxes."""

    def _extract_indices(self, prefix: str, formdata: Iterable[str]) -> list[int]:
        """Return the numbers such as our pages write; WTForms reads others, and fails over some.

        One more than a list has room for: the first too many is a fault, and no more are built.
        """
        numbered = re.compile(rf"{re.escape(prefix)}-([0-9]{{1,4}})-")
        found = {int(name[1]) for name in map(numbered.match, formdata) if name}
        return sorted(found)[: MAX_MEDICINES + 1]


class MedicinesParts(Form):
    """The rows that are on the screen, and what may be said beside the list or in its place."""

    entries = Rows(FormField(MedicineParts))
    more = SelectMultipleField(validate_choice=False)


class MedicinesQuestion(PartsQuestion):
    """Medicines by the names on their boxes: a list, and one row at a time to fill in.

    Attributes:
        row: The number of the row on the screen, counted from 0; None for the list.
        leaving: The number of the row that the patient is asked about, whether to take it out.
    """

    control = "medicines_question"
    parts = MedicinesParts
    form: MedicinesParts
    row: int | None = None
    leaving: int | None = None
    more = (
        (NOT_SURE[0], _("There is one whose name I don't know")),
        (NONE_CODE, _("I have no medicine to list here")),
        WITHHELD,
    )

    def __init__(self, item: Item, **kwargs: Any) -> None:  # noqa: ANN401 - as WTForms has it
        super().__init__(item, **kwargs)
        self._kept: list[dict[str, Raw]] = []
        self._first = 0
        self._born: Answer = Missing.NOT_ANSWERED

    def spread(self, raw: Raw) -> dict[str, Any]:
        rows = _rows_of(raw)
        words = raw if isinstance(raw, list) else [raw]
        return {
            "entries": list(map(_medicine_parts, rows)),
            "more": [word for word in words if isinstance(word, str)],
        }

    @property
    def anchor(self) -> str:
        return f"{self.entries[0].id}-name" if self.entries else f"{self.id}-more-{NOT_SURE[0]}"

    @property
    def entries(self) -> list[FormField[MedicineParts]]:
        """The rows of the form, blank ones included."""
        return self.form.entries.entries

    @property
    def shown(self) -> FormField[MedicineParts] | None:
        """The row on the screen."""
        return next((e for number, e in self._numbered() if number == self.row), None)

    @property
    def beside(self) -> tuple[tuple[str, Any], ...]:
        """What may be ticked in place of a list, or beside one that has rows."""
        if self.has_rows:
            return ((NOT_SURE[0], _("There is another one whose name I don't know")),)
        return self.more

    @property
    def count(self) -> int:
        """How many medicines the list has."""
        return sum(isinstance(row, dict) for row in self._answer())

    @property
    def has_rows(self) -> bool:
        """Whether the list has any medicine."""
        return self.count > 0

    def show_row(self, number: int | None) -> None:
        """Show one row instead of the list; an empty list begins with its first row."""
        self._kept = [entry.form.row() for entry in self.entries]
        if number == len(self.entries) or not self._answer():
            self.form.entries.append_entry()
            number = len(self.entries) - 1
        self.row = number

    def keep_rows(self, raw: Raw, first: int | None, born: Answer) -> None:
        """Take along what is stored and was not on the screen.

        Args:
            raw: The stored answer.
            first: The number of the first row that was sent. None where the list has changed
                since: then what was sent comes behind it, unless it is there already.
            born: The date of birth, before which nothing was stopped.
        """
        self._kept, self._born = _rows_of(raw), born
        self._first = len(self._kept) if first is None else first
        if self.entries and self._kept and isinstance(raw, list) and NOT_SURE[0] in raw:
            self.leave_open()  # a row is sent without the boxes beside the list
        if first is None and all(self._is_kept(entry.form.row()) for entry in self.entries):
            self.form.entries.entries = []
        self.row = self._first if self.entries else None

    def _is_kept(self, row: dict[str, Raw]) -> bool:
        """Tell whether a row that was sent is on the list already: a page that was sent twice."""
        return any(_told(row) == _told(kept) for kept in self._kept)

    def leave_open(self) -> None:
        """Say that there may be another one."""
        self.form.more.data = list(dict.fromkeys([*(self.form.more.data or []), NOT_SURE[0]]))

    def take_out(self, number: int | None) -> None:
        """Leave out the stored row of this number, counted from 0; None leaves out none."""
        self._kept = [row for at, row in enumerate(self._kept) if at != number]

    def raw(self) -> Raw:
        said = self._answer()
        return WITHHELD[0] if said == [WITHHELD[0]] else said or None

    def _answer(self) -> list[Raw]:
        """Put the rows on the screen in their places among those that are stored."""
        rows = dict(enumerate(self._kept))
        for number, entry in self._numbered():
            if row := self._row(number, entry):
                rows[number] = row
        more = [word for word in self.form.more.data or [] if word in dict(self.more)]
        return [*(rows[number] for number in sorted(rows)), *more]

    def _row(self, number: int, entry: FormField[MedicineParts]) -> dict[str, Raw]:
        """Return a row of the screen; what it says as before is taken from the stored one."""
        row = entry.form.row()
        before = self._kept[number] if number < len(self._kept) else {}
        if row and "name" not in row and "name" in before:
            row = {"name": before["name"]}
        if row.get("stopped") == KEPT:
            row = {**row, "stopped": before.get("stopped")}
        return row

    def _numbered(self) -> Iterator[tuple[int, FormField[MedicineParts]]]:
        """Yield each row of the form with its number in the list."""
        return enumerate(self.entries, self._first)

    def faults(self, today: date) -> list[Fault]:
        numbered = self._numbered()
        found = [fault for n, entry in numbered if (fault := self._row_fault(n, entry, today))]
        more = set(self.form.more.data or [])
        others = self.has_rows or len(more) > 1
        if not found and others and more & {NONE_CODE, WITHHELD[0]}:
            message = gettext("List the medicines or select one of the boxes below them, not both.")
            found.append(fault_of(self, message))
        return found

    def _row_fault(self, number: int, entry: FormField[MedicineParts], today: date) -> Fault | None:
        row = entry.form.row()
        if not row and number >= len(self._kept):
            return None
        if number >= MAX_MEDICINES:
            words = gettext(
                "Enter at most {count} medicines; tell your practitioner about the others."
            )
            return Fault(self.item.link_id, f"{entry.id}-name", words.format(count=MAX_MEDICINES))
        if "name" not in row:
            name = f"{entry.id}-name"
            words = gettext("Enter the name of the medicine as you know it.")
            return Fault(self.item.link_id, name, words)
        if part := entry.form.too_long():
            words = gettext("Shorten this to {count} characters.").format(count=MAX_MEDICINE_WORDS)
            return Fault(self.item.link_id, f"{entry.id}-{part}", words)
        row = self._row(number, entry)
        part, words = entry.form.stopped.form.fault() if "stopped" in row else ("", "")
        if words:
            return Fault(self.item.link_id, f"{entry.id}-stopped-{part}", words)
        try:
            refuse_before_birth(self.item, keep(self.item, [row], today), self._born, today)
        except AnswerError as error:
            part = f"stopped-way-{BY_DATE}" if "stopped" in row else "name"
            return Fault(self.item.link_id, f"{entry.id}-{part}", say(error))
        return None


def _rows_of(raw: Raw) -> list[dict[str, Raw]]:
    return [row for row in raw if isinstance(row, dict)] if isinstance(raw, list) else []


def _medicine_parts(row: dict[str, Raw]) -> dict[str, Raw]:
    name = str(row.get("name", ""))
    known = {"purpose": name.removeprefix(FOR)} if name.startswith(FOR) else {"name": name}
    stopped = date_parts(row.get("stopped"), current_clinic().today())
    return {**row, "name": "", **known, "stopped": dict(stopped)}


def _told(row: dict[str, Raw]) -> tuple[Raw, ...]:
    """Return what a row says, whether it was sent or is stored."""
    stopped = row.get("stopped")
    said = stopped.get("said") if isinstance(stopped, dict) else stopped
    status = row.get("status") or Status.UNKNOWN.value
    return (row.get("name"), status, said or "", row.get("route"), row.get("dose"))
