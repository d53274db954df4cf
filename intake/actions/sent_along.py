"""What another system sends along with a question for cards: of whom it is, and which intakes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from intake.actions.patients import checked_name
from intake.actions.signatures import CLOCKS
from intake.core.appointments import BIRTH_DATE, NAME
from intake.core.errors import AnswerError
from intake.exports.fhir.arriving import FINISHED
from intake.exports.fhir.links import Links
from intake.exports.fhir.naming import answered_version, questionnaire_of
from intake.exports.fhir.patients import read_patient
from intake.storage import patients, trail

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.core.appointments import Offered
    from intake.core.records import Patient
    from intake.core.rules import RulePack
    from intake.exports.fhir.naming import Resource
    from intake.storage import Store

PATIENT, INTAKE = "patient", "intake"
"""What another system is asked to send along."""
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """What another system asks.

    Attributes:
        request: The id of the request.
        patient_id: The id of the patient in that system.
        sent: What was sent along, by `PATIENT` and `INTAKE`.
    """

    request: str
    patient_id: str
    sent: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sought:
    """Of whom cards are asked for.

    Attributes:
        patient: Who that is here; None for nobody who is known.
        is_read: Whether that could be told from what was sent along.
    """

    patient: Patient | None = None
    is_read: bool = False


@dataclass(frozen=True, slots=True)
class SentAlong:
    """An answer to our form that was sent along.

    Attributes:
        at: When it was written; None where nobody knows, or that is still to come.
        fault: Why it is not read; blank for one that is.
    """

    resource: Resource
    at: datetime | None
    fault: str = ""

    @property
    def order(self) -> datetime:
        """When it was written; of which nobody knows may be the last."""
        return self.at or _LAST


def sought_in(store: Store, asked: Asked, offered: Offered) -> Sought:
    """Find the patient who was sent along: by our record number, or by name and birth date."""
    sent = asked.sent.get(PATIENT)
    if not isinstance(sent, dict) or sent.get("resourceType") != "Patient":
        return Sought()
    given = read_patient(sent, offered)
    if given is None or sent.get("id", asked.patient_id) != asked.patient_id:
        return Sought()
    born = _day(given.cell(BIRTH_DATE))
    if (found := _by_number(store, sent)) is not None:
        return Sought(found, is_read=True) if born in (None, found.birth_date) else Sought()
    try:
        name = checked_name(given.cell(NAME))
    except AnswerError:
        return Sought()
    return Sought(patients.same_patient(store, name, born), is_read=True) if born else Sought()


def _by_number(store: Store, sent: Resource) -> Patient | None:
    ours = Links(trail.origin(store.connection)).system_of("record-number")
    listed = sent.get("identifier")
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict) and one.get("system") == ours:
            number = one.get("value")
            if isinstance(number, str) and number.isascii():
                return patients.with_number(store, number)
    return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def sent_along(asked: Asked, pack: RulePack, now: datetime) -> list[SentAlong]:
    """Return every answer to our form, of whichever version, by itself or among others."""
    return [
        SentAlong(one, _authored(one, now), _fault_of(one, asked, pack))
        for one in _resources(asked.sent.get(INTAKE))
        if one.get("resourceType") == "QuestionnaireResponse"
        and str(one.get("questionnaire")).partition("|")[0] == questionnaire_of(pack)
    ]


def _resources(sent: object) -> list[Resource]:
    if not isinstance(sent, dict):
        return []
    if sent.get("resourceType") != "Bundle":
        return [sent]
    entries = sent.get("entry")
    listed = entries if isinstance(entries, list) else []
    found = [one.get("resource") for one in listed if isinstance(one, dict)]
    return [one for one in found if isinstance(one, dict)]


def _fault_of(resource: Resource, asked: Asked, pack: RulePack) -> str:
    if resource.get("questionnaire") != answered_version(pack):
        return "it answers another version of the form"
    if resource.get("status") not in FINISHED:
        return "it is not finished, or was entered in error"
    return "it is about another patient" if _is_of_another(resource, asked.patient_id) else ""


def _is_of_another(resource: Resource, patient_id: str) -> bool:
    subject = resource.get("subject")
    named = str(subject.get("reference")) if isinstance(subject, dict) else ""
    kind, _, id_ = named.partition("/_history")[0].rpartition("/")
    return kind.rpartition("/")[2] == "Patient" and id_ != patient_id


def _authored(resource: Resource, now: datetime) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(resource.get("authored")))
    except ValueError:
        return None
    return found if found.tzinfo and found <= now + CLOCKS else None
