"""Finding patients again, and registering new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.actions.permission import require_clinician
from intake.core.answers import clean_text, has_letters
from intake.core.dates import OLDEST_AGE_YEARS, shift_months
from intake.core.errors import AnswerError
from intake.core.names import without_unseen
from intake.core.records import Patient
from intake.storage import audit, patients

if TYPE_CHECKING:
    from datetime import date, datetime

    from intake.core.records import Practitioner
    from intake.storage import Store
    from intake.storage.contract import Database

LONGEST_NAME = 120


def find_patients(store: Store, *, text: str, by: Practitioner, now: datetime) -> list[Patient]:
    """Find up to 20 patients by the beginnings of their names or by record number."""
    require_clinician(by)
    found = patients.find_patients(store, text)
    with store.write() as db:
        audit.append(
            db,
            at=now,
            actor=by.id,
            action="patients searched",
            subject="patients",
            found=len(found),
        )
    return found


def register_patient(
    store: Store, *, name: str, birth_date: date, by: Practitioner, now: datetime
) -> Patient:
    """Register a patient, or return the one of that name born on that day.

    Raises:
        AnswerError: the name is blank or too long, or the birth date cannot be right.
    """
    require_clinician(by)
    with store.write() as db:
        return add_or_find(store, db, name=name, birth_date=birth_date, actor=by.id, now=now)


def add_or_find(
    store: Store, db: Database, *, name: str, birth_date: date, actor: str, now: datetime
) -> Patient:
    """Return the patient of that name born on that day, registering one if there is none."""
    name = checked_name(name)
    check_birth_date(birth_date, now.date())
    known = patients.same_patient(store, name, birth_date)
    if known:
        return known
    number = patients.new_record_number(store)
    patient = Patient(store.new_id(), number, name, birth_date, now)
    patients.add_patient(db, patient)
    audit.append(db, at=now, actor=actor, action="patient registered", subject=patient.id)
    return patient


def get_patient(store: Store, *, patient_id: str, by: Practitioner) -> Patient | None:
    """Return one patient."""
    require_clinician(by)
    return patients.patient(store, patient_id)


def checked_name(name: str) -> str:
    """Return a name in one line, cleaned, without what nobody sees in it.

    Raises:
        AnswerError: it is blank or longer than 120 characters.
    """
    name = " ".join(without_unseen(clean_text(name)).split())
    if not name or not has_letters(name):
        msg = "Enter the full name."
        raise AnswerError(msg)
    if len(name) > LONGEST_NAME:
        msg = "Shorten the name to {count} characters."
        raise AnswerError(msg, count=str(LONGEST_NAME))
    return name


def check_birth_date(born: date, today: date) -> None:
    """Refuse a birth date that cannot be a patient's.

    Raises:
        AnswerError: in the last month, in the future, or more than 120 years ago.
    """
    if born >= shift_months(today, -1):
        msg = "Check the date of birth: it is in the last month or later."
        raise AnswerError(msg)
    if born < shift_months(today, -12 * OLDEST_AGE_YEARS):
        msg = "Check the year of birth: it is more than {count} years ago."
        raise AnswerError(msg, count=str(OLDEST_AGE_YEARS))
