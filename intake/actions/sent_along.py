"""What another system sends along with a question for cards: of whom it is, and which intakes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from intake.actions.patients import checked_name
from intake.actions.signatures import CLOCKS
from intake.core.appointments import NAME
from intake.core.errors import AnswerError
from intake.core.records import ResponseStatus
from intake.exports.fhir.arriving import FINISHED, answered_at
from intake.exports.fhir.links import Links
from intake.exports.fhir.naming import CHANGES_ALL, PARTIAL_DATE, answered_version, questionnaire_of
from intake.exports.fhir.patients import read_patient
from intake.storage import patients, responses, trail

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from intake.core.appointments import Offered
    from intake.core.records import Patient, Response
    from intake.core.rules import RulePack
    from intake.exports.fhir.naming import Resource
    from intake.storage import Store

PATIENT, INTAKE = "patient", "intake"
"""What another system is asked to send along."""
_HOLD_OTHERS = ("Bundle", "Parameters")
_TYPES = ("Patient", "http://hl7.org/fhir/StructureDefinition/Patient")
_SUBJECT = re.compile(
    r"(?P<server>https?://\S+/)?Patient/(?P<id>[A-Za-z0-9.-]+)(/_history/[A-Za-z0-9.-]+)?"
)

_NO_RESOURCE = "it is neither an answer to a form nor a list of them that can be read"
_NOT_FOUND = "the other system could not look for it"
_CHANGED = "it was taken away, or says that it may mean something else"
_MORE = "it is on a further page of a list"
_NO_FORM = "it does not say which form it answers"
_ANOTHERS = "it is about another patient"
_OTHER_VERSION = "it answers another version of the form"


@dataclass(frozen=True, slots=True)
class Asked:
    """What another system asks.

    Attributes:
        request: The id of the request.
        patient_id: The id of the patient in that system.
        sent: What was sent along, by `PATIENT` and `INTAKE`.
        server: The address of that system's own records; blank where it did not say.
    """

    request: str
    patient_id: str
    sent: Mapping[str, Any]
    server: str = ""


@dataclass(frozen=True, slots=True)
class Sought:
    """Of whom cards are asked for.

    Attributes:
        patient: Who that is here; None for nobody who is known.
        is_read: Whether that could be told from what was sent along.
        born: The birth date that was sent along.
    """

    patient: Patient | None = None
    is_read: bool = False
    born: date | None = None


@dataclass(frozen=True, slots=True)
class SentAlong:
    """Something that was sent along and is an answer to our form, or may be one.

    Attributes:
        resource: What was sent, where it can be read.
        at: When it was written; None where nobody knows, or that is still to come.
        is_of_patient: Whether it names the patient; False where that cannot be told.
        fault: Why it is not read; blank for one that is.
        number: Which form of this clinic it is a copy of; blank for none.
    """

    resource: Resource
    at: datetime | None = None
    is_of_patient: bool = False
    fault: str = ""
    number: str = ""


def sought_in(store: Store, asked: Asked, offered: Offered) -> Sought:
    """Find the patient who was sent along: by our record number, or by name and birth date.

    What is returned tells nobody whether a number is known here.
    """
    sent = _only_one(asked.sent.get(PATIENT))
    if not isinstance(sent, dict) or sent.get("resourceType") != "Patient":
        return Sought()
    given = read_patient(sent, offered)
    if given is None or sent.get("id", asked.patient_id) != asked.patient_id:
        return Sought()
    said, numbers = sent.get("birthDate"), _numbers(store, sent)
    if len(numbers) > 1 or not (
        said is None or (isinstance(said, str) and PARTIAL_DATE.fullmatch(said))
    ):
        return Sought()
    born = _day(said or "")
    for number in numbers:
        found = patients.with_number(store, number)
        if found is not None and found.birth_date.isoformat().startswith(said or ""):
            return Sought(found, is_read=True, born=born)
    try:
        name = checked_name(given.cell(NAME))
    except AnswerError:
        name = ""
    if not numbers and not (name and born):
        return Sought(born=born)
    same = patients.same_patient(store, name, born) if name and born else None
    return Sought(same, is_read=True, born=born)


def _only_one(sent: object) -> object:
    """Return what a list holds that holds one thing alone, as a search does that finds one."""
    if _kind(sent) != "Bundle" or not isinstance(sent, dict):
        return sent
    entries = sent.get("entry")
    (entry,) = entries if isinstance(entries, list) and len(entries) == 1 else (None,)
    if not isinstance(entry, dict) or not _is_there(entry):
        return None
    if any(element in one for element in CHANGES_ALL for one in (sent, entry)):
        return None
    return entry.get("resource")


def _numbers(store: Store, sent: Resource) -> set[str]:
    """Return our record numbers that a Patient carries."""
    ours = Links(trail.origin(store.connection)).system_of("record-number")
    listed = sent.get("identifier")
    every = (one for one in listed if isinstance(one, dict)) if isinstance(listed, list) else ()
    found = (one.get("value") for one in every if one.get("system") == ours)
    return {one for one in found if isinstance(one, str) and one.isascii()}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def sent_along(
    store: Store, asked: Asked, sought: Sought, pack: RulePack, now: datetime
) -> list[SentAlong]:
    """Return every answer to our form, of whichever version, and all that may hold or be one."""
    found: list[SentAlong] = []
    for resource, fault in _held(asked.sent.get(INTAKE)):
        if fault:
            found.append(SentAlong(resource, fault=fault))
        elif _may_be_ours(resource, asked, pack):
            ours, whose = _ours(store, resource), _is_of(resource, asked)
            why = _fault_of(resource, pack) or _fault_here(store, ours, sought)
            why = why or (_ANOTHERS if whose is False else "")
            number = ours.id if ours else ""
            found.append(SentAlong(resource, _authored(resource, now), whose is True, why, number))
    return found


def _ours(store: Store, resource: Resource) -> Response | None:
    """Return the form of this clinic that went out as a resource, by the number it carries."""
    number = resource.get("identifier")
    if not isinstance(number, dict):
        return None
    system, value = Links(trail.origin(store.connection)).system_of("response"), number.get("value")
    if number.get("system") != system or not isinstance(value, str) or not value.isascii():
        return None
    return responses.response(store, value)


def _fault_here(store: Store, ours: Response | None, sought: Sought) -> str:
    """Say why what this clinic knows of its own form stands against it; blank for nothing."""
    if ours is None:
        return ""
    if ours.status is ResponseStatus.ENTERED_IN_ERROR:
        return "it was withdrawn at this clinic"
    if sought.patient is not None and ours.patient_id != sought.patient.id:
        return _ANOTHERS
    return "this clinic has a newer version of it" if responses.successor(store, ours.id) else ""


def _held(sent: object) -> Iterator[tuple[Resource, str]]:
    """Yield what was sent along, one by one, and why it cannot be read; blank where it can."""
    kind = _kind(sent)
    if not isinstance(sent, dict):
        if sent is not None:  # which says that the other system has none
            yield {}, _NO_RESOURCE
    elif kind == "QuestionnaireResponse":
        yield sent, ""
    elif kind != "Bundle":
        yield {}, _NOT_FOUND if kind == "OperationOutcome" else _NO_RESOURCE
    elif any(element in sent for element in CHANGES_ALL):
        yield {}, _CHANGED
    else:
        yield from _listed(sent)


def _listed(bundle: Resource) -> Iterator[tuple[Resource, str]]:
    entries, links = bundle.get("entry", []), bundle.get("link", [])
    if not isinstance(entries, list) or not isinstance(links, list):
        yield {}, _NO_RESOURCE
        return
    total = bundle.get("total", 0)
    is_part = isinstance(total, int) and total > len(entries)
    if is_part or any(isinstance(one, dict) and one.get("relation") == "next" for one in links):
        yield {}, _MORE
    for entry in entries:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        kind = _kind(resource)
        if not isinstance(entry, dict) or not isinstance(resource, dict) or not kind:
            yield {}, _NO_RESOURCE
        elif any(element in entry for element in CHANGES_ALL) or not _is_there(entry):
            yield {}, _CHANGED
        elif kind == "QuestionnaireResponse":
            yield resource, ""
        elif kind in _HOLD_OTHERS:
            yield {}, _NO_RESOURCE
        elif kind == "OperationOutcome" and not _is_by_the_way(resource):
            yield {}, _NOT_FOUND


def _kind(sent: object) -> str:
    kind = sent.get("resourceType") if isinstance(sent, dict) else ""
    return kind if isinstance(kind, str) else ""


def _is_there(entry: Resource) -> bool:
    """Tell whether an entry brings what it holds, and does not take it away."""
    request, response = entry.get("request", {}), entry.get("response", {})
    if not isinstance(request, dict) or not isinstance(response, dict):
        return False
    is_kept = request.get("method") in (None, "GET", "POST", "PUT")
    return is_kept and str(response.get("status", "2")).startswith("2")


def _is_by_the_way(outcome: Resource) -> bool:
    """Tell whether an outcome only informs, so that nothing is missing for it."""
    issues = outcome.get("issue")
    told = issues if isinstance(issues, list) else [None]
    return all(isinstance(one, dict) and one.get("severity") == "information" for one in told)


def _may_be_ours(resource: Resource, asked: Asked, pack: RulePack) -> bool:
    """Tell whether it answers our form, or may: under an address that only its server knows."""
    named = resource.get("questionnaire")
    if not isinstance(named, str) or _form(named) in ("", _form(questionnaire_of(pack))):
        return True
    here = f"{asked.server.rstrip('/')}/" if asked.server else ""
    return named.strip().removeprefix(here).startswith(("Questionnaire/", "urn:"))


def _form(canonical: str) -> str:
    """Return which form is meant, however carelessly it is written."""
    return canonical.partition("|")[0].partition("#")[0].strip().rstrip("/").casefold()


def _fault_of(resource: Resource, pack: RulePack) -> str:
    named = resource.get("questionnaire")
    if named not in (questionnaire_of(pack), answered_version(pack)):
        is_ours = isinstance(named, str) and named.startswith(f"{questionnaire_of(pack)}|")
        return _OTHER_VERSION if is_ours else _NO_FORM
    if resource.get("status") not in FINISHED:
        return "it is not finished, or was entered in error"
    return ""


def _is_of(resource: Resource, asked: Asked) -> bool | None:
    """Tell whether it is about the patient; None where that cannot be told."""
    subject = resource.get("subject")
    if not isinstance(subject, dict) or subject.get("type", "Patient") not in _TYPES:
        return None
    named = _SUBJECT.fullmatch(str(subject.get("reference")))
    if named is None:
        return None
    if named["id"] != asked.patient_id:
        return False
    server = named["server"]
    return True if not server or server == asked.server.rstrip("/") + "/" else None


def _authored(resource: Resource, now: datetime) -> datetime | None:
    at = answered_at(resource)
    return at if at is not None and at <= now + CLOCKS else None
