"""The whole course of one patient: visits, sessions, reactions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.actions.permission import require_clinician
from intake.core.errors import NotFoundError
from intake.core.review import case_status
from intake.storage import audit, cases, patients, responses, treatments

if TYPE_CHECKING:
    from datetime import date, datetime

    from intake.core.records import Case, Patient, Practitioner
    from intake.core.review import CaseStatus
    from intake.core.treatment import Reaction, TreatmentSession
    from intake.storage import Store


@dataclass(frozen=True, slots=True)
class Course:
    """Everything the clinic has had to do with one patient.

    Attributes:
        visits: A case for each form that was not replaced by a newer version, oldest first.
        sessions: Oldest first.
        reactions: Every note, oldest first.
    """

    patient: Patient
    visits: tuple[Case, ...]
    sessions: tuple[TreatmentSession, ...]
    reactions: tuple[Reaction, ...]

    def status_of(self, visit: Case, today: date) -> CaseStatus:
        """Derive where a visit stands."""
        return case_status(visit, today)


def course_of(store: Store, *, patient_id: str, by: Practitioner, now: datetime) -> Course:
    """Return a patient's course; that it was read is audited.

    Raises:
        NotFoundError: there is no such patient.
    """
    require_clinician(by)
    patient = patients.patient(store, patient_id)
    if patient is None:
        msg = "There is no such patient."
        raise NotFoundError(msg)
    found = [cases.case(store, one) for one in responses.ids_of(store, patient_id)]
    with store.write() as db:
        audit.append(db, at=now, actor=by.id, action="course read", subject=patient_id)
    return Course(
        patient,
        tuple(case for case in found if case is not None and not case.superseded_by),
        treatments.sessions(store, patient_id),
        treatments.reactions(store, patient_id),
    )
