"""Intakes prepared from a list of appointments: all of it, or nothing.

A list is looked through first, which stores nothing but the line about it in the audit trail. What
was found then may have changed by the time it is taken over, so that looks again, under the lock.
Nothing about health comes from a list, and no answer of an earlier visit is taken over: nobody
looked at who it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias

from intake.actions.begin import PlanRefusedError, kept_plan, new_response
from intake.actions.patients import add_or_find, check_birth_date, checked_name
from intake.actions.permission import require_clinician, require_system
from intake.actions.sites import every_site, open_sites_of
from intake.core.appointments import (
    BIRTH_DATE,
    DAY,
    LANGUAGE,
    LONGEST_CELL,
    MOST_FAULTS,
    NAME,
    SITE,
    WRITE_A_DAY,
    Appointment,
    Fault,
    language_offered,
)
from intake.core.clients import ApiClient, ClientRole
from intake.core.errors import AnswerError, IntakeError
from intake.core.questionnaire import PLAN_PREFIX, UNDECIDED_CODE, Kind
from intake.core.records import Practitioner, Site
from intake.core.review import may_reach
from intake.core.translations import SOURCE_LANGUAGE
from intake.storage import audit, patients, responses

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from intake.core.answers import Raw
    from intake.core.appointments import Given, Offered, Sheet
    from intake.core.records import Patient
    from intake.storage import Store
    from intake.storage.contract import Database
    from intake.storage.responses import UnderWay

Importer: TypeAlias = Practitioner | ApiClient | Literal["command line"]
"""Who takes a list over: somebody at the desk, another system, or the command line.

The last two in nobody's name.
"""

LATELY = timedelta(days=7)
"""A form sent so short a time ago is taken for the one of this appointment. The days are a default
of our own, without source: sessions are further apart, and lists are read more than once.
"""

NO_LANGUAGE = "No language is named: the form begins in English."

_SUBJECT = "appointments"
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BETWEEN_CODES = re.compile(r"[\s,;|]+")
_SEVERAL = (Kind.CHOICES, Kind.BODY_MAP)
_ONE = (Kind.YES_NO, Kind.CHOICE)


@dataclass(frozen=True, slots=True)
class Looked:
    """One row of a list, held against the clinic.

    Attributes:
        appointment: What it comes to; None when something is wrong in it.
        patient: The patient who is known already; None for one who is registered.
        under_way: The form because of which nothing is begun; None when an intake is.
        response_id: The intake that was begun; blank until one is.
    """

    given: Given
    faults: tuple[Fault, ...] = ()
    appointment: Appointment | None = None
    patient: Patient | None = None
    under_way: UnderWay | None = None
    notes: tuple[str, ...] = ()
    response_id: str = field(default="", compare=False)

    @property
    def begins(self) -> bool:
        """Whether an intake is begun for it."""
        return self.appointment is not None and self.under_way is None


@dataclass(frozen=True, slots=True)
class Checked:
    """A whole list, held against the clinic.

    Attributes:
        faults: Everything that is wrong, in the order of the rows; with any, nothing is stored.
    """

    rows: tuple[Looked, ...]
    faults: tuple[Fault, ...]
    notes: tuple[str, ...] = ()

    @property
    def begun(self) -> int:
        """How many intakes are begun."""
        return sum(one.begins for one in self.rows)

    @property
    def registered(self) -> int:
        """How many of their patients are new."""
        return sum(one.begins and one.patient is None for one in self.rows)


class ListRefusedError(IntakeError):
    """Something is wrong in a list, so nothing of it was stored.

    Attributes:
        checked: The list with every fault.
    """

    def __init__(self, checked: Checked) -> None:
        self.checked = checked
        super().__init__("Something is wrong in the list. Nothing was stored.")


def look_through(
    store: Store, offered: Offered, sheet: Sheet, *, site: str, by: Importer, now: datetime
) -> Checked:
    """Say what taking a list over would do; only that somebody looked is stored.

    Args:
        store: The clinic's records.
        offered: What the list is held against.
        sheet: The list.
        site: The id of the site for rows that name none; blank when every row has to.
        by: Who looks.
        now: When.
    """
    actor = _actor(by)
    checked = _checked(store, offered, sheet, site, by, now)
    with store.write() as db:
        audit.append(
            db, at=now, actor=actor, action="appointments checked", subject=_SUBJECT,
            rows=len(checked.rows), known=sum(one.patient is not None for one in checked.rows),
            problems=len(checked.faults),
        )  # fmt: skip
    return checked


def take_over(
    store: Store, offered: Offered, sheet: Sheet, *, site: str, by: Importer, now: datetime
) -> Checked:
    """Begin an intake for every patient of a list who has none; returns what was done.

    Raises:
        ListRefusedError: something is wrong in a row; nothing was stored.
    """
    actor = _actor(by)
    with store.write() as db:
        checked = _checked(store, offered, sheet, site, by, now)
        if checked.faults:
            raise ListRefusedError(checked)
        rows = tuple(_begun(store, db, offered, one, actor, now) for one in checked.rows)
        audit.append(
            db, at=now, actor=actor, action="appointments taken over", subject=_SUBJECT,
            rows=len(checked.rows), begun=checked.begun, registered=checked.registered,
        )  # fmt: skip
    return replace(checked, rows=rows)


def _actor(by: Importer) -> str:
    if isinstance(by, str):
        return by
    if isinstance(by, ApiClient):
        require_system(by, ClientRole.SCHEDULER)
    else:
        require_clinician(by)
    return by.id


def _begun(
    store: Store, db: Database, offered: Offered, one: Looked, actor: str, now: datetime
) -> Looked:
    """Begin the intake of a row, if one is to be begun for it."""
    coming = one.appointment
    if coming is None or not one.begins:
        return one
    patient = add_or_find(
        store, db, name=coming.name, birth_date=coming.birth_date, actor=actor, now=now
    )
    response = new_response(
        store, offered.pack, patient, coming.plan, begun_by=actor, now=now, site=coming.site.id,
        language=coming.language,
    )  # fmt: skip
    responses.add_response(db, response)
    audit.append(
        db, at=now, actor=actor, action="intake begun", subject=response.id, **{"from": "a list"}
    )
    return replace(one, response_id=response.id)


def _checked(
    store: Store, offered: Offered, sheet: Sheet, site: str, by: Importer, now: datetime
) -> Checked:
    """Hold a list against the clinic as it is at this moment."""
    row_reader = _RowReader(offered, _sites(store, by), site, now.date())
    named = {(fault.row, fault.column) for fault in sheet.faults}
    rows = [row_reader.read(given) for given in sheet.rows]
    found = [_met(store, one, by, now - LATELY) for one in _once_each(rows)]
    more = (f for one in found for f in one.faults if (f.row, f.column) not in named)
    faults = sorted((*sheet.faults, *more), key=lambda fault: fault.row)
    return Checked(tuple(found), tuple(faults[:MOST_FAULTS]), sheet.notes)


def _sites(store: Store, by: Importer) -> list[Site]:
    if isinstance(by, str):
        return [one for one in every_site(store) if one.closed_at is None]
    return open_sites_of(store, by)


def _once_each(rows: Sequence[Looked]) -> Iterator[Looked]:
    """Refuse a patient who stands in a list twice: nobody knows which of the rows is meant."""
    first: dict[tuple[str, date], int] = {}
    for one in rows:
        coming = one.appointment
        if coming is None:
            yield one
            continue
        who = (patients.name_key(coming.name), coming.birth_date)
        row = first.setdefault(who, one.given.row)
        if row == one.given.row:
            yield one
            continue
        says = f"The same patient stands in row {row}. Leave one of the two."
        yield Looked(one.given, (one.given.fault(NAME, says),), notes=one.notes)


def _met(store: Store, one: Looked, by: Importer, since: datetime) -> Looked:
    """Find the patient of a row again, and the form that keeps another from being begun.

    A form at a site that is none of theirs keeps none: nobody learns of it here.
    """
    if one.appointment is None:
        return one
    known = patients.same_patient(store, one.appointment.name, one.appointment.birth_date)
    forms = responses.under_way(store, known.id, since) if known else []
    reached = (form for form in forms if isinstance(by, str) or may_reach(by, form.site))
    return replace(one, patient=known, under_way=next(reached, None))


@dataclass(frozen=True, slots=True)
class _RowReader:
    """Reads rows of text.

    Attributes:
        sites: Where intakes may be begun.
        site: The id of the one for rows that name none.
        born_by: The day against which birth dates are held.
    """

    offered: Offered
    sites: Sequence[Site]
    site: str
    born_by: date

    def read(self, given: Given) -> Looked:
        """Return what a row comes to, or everything that is wrong in it."""
        faults: list[Fault] = []
        for column, cell in given.cells.items():
            if len(cell) > LONGEST_CELL:
                says = f"Shorten this to {LONGEST_CELL} characters."
                faults.append(given.fault(column, says))
        if faults:
            return Looked(given, tuple(faults))
        name, born = self._name(given, faults), self._birth_date(given, faults)
        language, notes = self._language(given, faults)
        plan, site = self._plan(given, faults), self._site(given, faults)
        self._refuse_past(given, faults)
        if faults or born is None or site is None:
            return Looked(given, tuple(faults), notes=notes)
        return Looked(given, appointment=Appointment(name, born, language, plan, site), notes=notes)

    def _name(self, given: Given, faults: list[Fault]) -> str:
        try:
            return checked_name(given.cell(NAME))
        except AnswerError as error:
            faults.append(given.fault(NAME, str(error)))
            return ""

    def _birth_date(self, given: Given, faults: list[Fault]) -> date | None:
        born = _day(given, BIRTH_DATE, faults)
        if born is not None:
            try:
                check_birth_date(born, self.born_by)
            except AnswerError as error:
                faults.append(given.fault(BIRTH_DATE, str(error)))
        return born

    def _refuse_past(self, given: Given, faults: list[Fault]) -> None:
        """Refuse the list of a day that is over; the day itself is not kept."""
        if given.cell(DAY):
            coming = _day(given, DAY, faults)
            if coming is not None and coming < self.offered.today:
                says = (
                    "This appointment is past. Take the row out, or send the list of another day."
                )
                faults.append(given.fault(DAY, says))

    def _language(self, given: Given, faults: list[Fault]) -> tuple[str, tuple[str, ...]]:
        cell = given.cell(LANGUAGE)
        if not cell:
            return SOURCE_LANGUAGE, given.notes or (NO_LANGUAGE,)
        found = language_offered(cell, self.offered.languages)
        if not found:
            says = f"Write one of: {', '.join(self.offered.languages)}."
            faults.append(given.fault(LANGUAGE, says))
        return found, given.notes

    def _plan(self, given: Given, faults: list[Fault]) -> Mapping[str, Raw]:
        raw = {name: self._planned(name, given.cell(name)) for name in self.offered.plan_fields}
        try:
            return kept_plan(self.offered.pack, raw, self.offered.today)
        except PlanRefusedError as refused:
            faults += [given.fault(name, says) for name, says in refused.problems.items()]
            return {}

    def _planned(self, name: str, cell: str) -> Raw:
        """Return the raw value of a field of the plan; what is not decided stays open."""
        kind = self.offered.pack.items[PLAN_PREFIX + name].kind
        code = cell.casefold()
        if not cell or code == UNDECIDED_CODE:
            return None
        if kind in _SEVERAL:
            return [one for one in _BETWEEN_CODES.split(code) if one]
        return code if kind in _ONE else cell

    def _site(self, given: Given, faults: list[Fault]) -> Site | None:
        cell = given.cell(SITE).casefold()
        for one in self.sites:
            if (one.name.casefold() == cell) if cell else (one.id == self.site):
                return one
        names = ", ".join(one.name for one in self.sites)
        faults.append(given.fault(SITE, f"Name the site, here or for all of the list: {names}."))
        return None


def _day(given: Given, column: str, faults: list[Fault]) -> date | None:
    """Read a whole day. Which of 03/04 is the month nobody can tell, so that is refused."""
    cell = given.cell(column)
    if _ISO_DAY.fullmatch(cell):
        try:
            return date.fromisoformat(cell)
        except ValueError:
            pass
    faults.append(given.fault(column, WRITE_A_DAY))
    return None
