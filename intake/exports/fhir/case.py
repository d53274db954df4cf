"""A whole case as FHIR R4: every resource of its record, and the bundles they go out in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.core.answers import Missing
from intake.core.medicines import Status
from intake.core.records import ResponseStatus
from intake.exports.fhir import people
from intake.exports.fhir.acts import Acts
from intake.exports.fhir.findings import Findings
from intake.exports.fhir.form import questionnaire
from intake.exports.fhir.links import moment
from intake.exports.fhir.naming import (
    answered_version,
    classes_of,
    coding,
    uuid_of,
)
from intake.exports.fhir.narrative import plain
from intake.exports.fhir.phrases import ROUTES
from intake.exports.fhir.response import answers_in, texts_of
from intake.exports.fhir.rules import plan_definition
from intake.exports.fhir.values import partial_date

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from intake.core.medicines import Recognition
    from intake.core.rules import RulePack
    from intake.exports.fhir.extract import Extract
    from intake.exports.fhir.links import Links
    from intake.exports.fhir.naming import Resource
    from intake.exports.fhir.phrases import Say
    from intake.exports.fhir.response import Texts

KINDS = (
    "Patient",
    "Organization",
    "Device",
    "Practitioner",
    "Questionnaire",
    "PlanDefinition",
    "QuestionnaireResponse",
    "Consent",
    "MedicationStatement",
    "DetectedIssue",
    "RiskAssessment",
    "Flag",
    "ClinicalImpression",
    "Provenance",
    "AuditEvent",
)
"""In the order of a bundle: what is named comes before what names it, as far as that goes."""

_STATEMENTS = {
    Status.CURRENT: "active",
    Status.STOPPED: "stopped",
    Status.UNKNOWN: "unknown",
}


@dataclass(frozen=True, slots=True)
class Definitions:
    """The form and the rules of one version, which many cases share.

    Attributes:
        texts: What the form's items are called in each language.
    """

    questionnaire: Resource
    plan: Resource
    texts: Texts


def definitions(pack: RulePack, say: Say) -> Definitions:
    """Return the form and the rules of the very version, which nobody may change."""
    return pack.worked_out((definitions, say), lambda: _defined(pack, say))


def _defined(pack: RulePack, say: Say) -> Definitions:
    form = questionnaire(pack, say)
    return Definitions(form, plan_definition(pack), texts_of(form))


def resources(extract: Extract, defined: Definitions, links: Links) -> dict[str, list[Resource]]:
    """Return every resource of a case, by its kind.

    Args:
        extract: The case.
        defined: Its form and rules, as `definitions` makes them.
        links: How the resources name each other.
    """
    case, maker = extract.case, extract.maker
    medicines = {one.link_id: list(one.recognised) for one in extract.medicines}
    ids = {
        link_id: [_medicine_id(extract, link_id, n) for n in range(len(found))]
        for link_id, found in medicines.items()
    }
    findings, acts = Findings(extract, links, ids), Acts(extract, links)
    made: dict[str, list[Resource]] = {
        "Patient": [people.patient(case.patient, extract.spoken, links)],
        "Organization": [people.organization(maker, links)],
        "Device": [people.device(maker, links)],
        "Practitioner": [people.practitioner(who, links) for who in extract.concerned],
        "Questionnaire": [defined.questionnaire],
        "PlanDefinition": [defined.plan],
        "QuestionnaireResponse": [_response(extract, defined, links)],
        "MedicationStatement": [
            _medicine(extract, link_id, n, one, links)
            for link_id, found in medicines.items()
            for n, one in enumerate(found)
        ],
        "DetectedIssue": list(findings.issues()),
        "RiskAssessment": list(findings.assessments()),
        "Flag": list(findings.flags()),
        "ClinicalImpression": list(acts.impressions(findings)),
        "Consent": list(acts.consents()),
    }
    made["Provenance"] = list(acts.provenances(made))
    made["AuditEvent"] = list(acts.events())
    return {kind: made[kind] for kind in KINDS}


def collection(made: Mapping[str, list[Resource]], extract: Extract, links: Links) -> Resource:
    """Return a case as one bundle to keep or to read."""
    return {
        "resourceType": "Bundle",
        "id": uuid_of("Bundle", f"{links.clinic}/{extract.case.response.id}"),
        "identifier": links.identifier("case", extract.case.response.id)[0],
        "type": "collection",
        "timestamp": moment(extract.maker.at),
        "entry": [
            {"fullUrl": f"urn:uuid:{one['id']}", "resource": one}
            for kind in KINDS
            for one in made[kind]
        ],
    }


def transaction(made: Mapping[str, list[Resource]]) -> Resource:
    """Return a case as one bundle that a server stores resource by resource.

    What has a number or an address of ours is made only where the server does not know it yet.
    """
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "fullUrl": f"urn:uuid:{one['id']}",
                "resource": one,
                "request": {"method": "POST", "url": kind, **_unless_known(one)},
            }
            for kind in KINDS
            for one in made[kind]
        ],
    }


def _unless_known(one: Resource) -> Resource:
    if "url" in one:
        return {"ifNoneExist": f"url={one['url']}&version={one['version'].replace('+', '%2B')}"}
    known = one.get("identifier")
    if not known:
        return {}
    first = known[0] if isinstance(known, list) else known
    return {"ifNoneExist": f"identifier={first['system']}|{first['value']}"}


def _response(extract: Extract, defined: Definitions, links: Links) -> Resource:
    case, response = extract.case, extract.case.response
    subject = links.to("Patient", case.patient.id)
    entered = response.entered
    author = links.to("Practitioner", entered.by) if entered else subject
    return links.resource(
        "QuestionnaireResponse",
        response.id,
        _told(extract),
        {
            "language": response.language,
            "identifier": links.identifier("response", response.id)[0],
            "questionnaire": answered_version(extract.pack),
            "status": _status(extract),
            "subject": subject,
            "authored": moment(response.submitted_at or response.begun_at),
            "author": author,
            "source": subject,
            "item": answers_in(defined.questionnaire, extract.pack, extract.judged,
                               response.language, case.languages, defined.texts),
        },
    )  # fmt: skip


def _told(extract: Extract) -> Iterator[str]:
    """Say what was answered, and how many questions wait: a draft has hundreds of them."""
    lines = [line for part in extract.parts for topic in part.topics for line in topic.lines]
    silent = sum(line.missing is Missing.NOT_ANSWERED for line in lines)
    yield from (f"{x.ask} {x.said}" for x in lines if x.missing is not Missing.NOT_ANSWERED)
    if silent:
        yield f"Not answered: {silent} question{'s' * (silent > 1)}."


def _status(extract: Extract) -> str:
    response = extract.case.response
    if response.status is ResponseStatus.COMPLETED and response.replaces:
        return "amended"
    return response.status.value


def _medicine_id(extract: Extract, link_id: str, number: int) -> str:
    return f"{extract.case.response.id}/{link_id}/{number}"


def _medicine(
    extract: Extract, link_id: str, number: int, one: Recognition, links: Links
) -> Resource:
    case, entry = extract.case, one.typed
    when = moment(case.response.submitted_at or case.response.begun_at)
    titles = extract.pack.vocabulary.classes
    classes = sorted({c for m in one.matches for c in m.medicine.classes_by(one.entry.route)})
    classed = [coding(classes_of(extract.pack), name, titles.get(name, name)) for name in classes]
    how = [f"{match.words}: {match.medicine.name} ({match.how})" for match in one.matches]
    unread = f"Not understood: {', '.join(one.rest)}." if one.rest else ""
    doubt = (
        f"Open, because of the word: {one.doubt or one.not_stopped}."
        if (one.doubt or one.not_stopped)
        else ""
    )
    return links.resource(
        "MedicationStatement",
        _medicine_id(extract, link_id, number),
        [entry.in_words(), *how, unread, doubt],
        {
            "identifier": links.identifier("medicine", _medicine_id(extract, link_id, number)),
            "status": extract.status(_STATEMENTS[one.entry.status]),
            "medicationCodeableConcept": {
                **({"coding": classed} if classed else {}),
                "text": plain(entry.name),
            },
            "subject": links.to("Patient", case.patient.id),
            "effectivePeriod": _until(one),
            "dateAsserted": when,
            "informationSource": links.to("Patient", case.patient.id),
            "derivedFrom": [links.to("QuestionnaireResponse", case.response.id)],
            "note": [{"text": plain(line)} for line in (*how, unread, doubt) if line],
            "dosage": _dosage(one),
        },
    )  # fmt: skip


def _until(one: Recognition) -> Resource:
    stopped = one.typed.stopped
    end = partial_date(stopped) if stopped else ""
    return {"end": end} if end else {}


def _dosage(one: Recognition) -> list[Resource]:
    entry = one.typed
    said: Resource = {"text": plain(entry.dose)} if entry.dose else {}
    if entry.route:
        said["route"] = {"text": ROUTES[entry.route]}
    return [said] if said else []
