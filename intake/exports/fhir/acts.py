"""Who did what to a case: decisions, consent, signatures, and the lines of the audit trail."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.core.display import DISPOSITION
from intake.core.records import SignatureKind
from intake.core.trail_words import ACTOR, AUDIT
from intake.exports.fhir.links import moment
from intake.exports.fhir.naming import canonical, coding
from intake.exports.fhir.narrative import plain
from intake.exports.fhir.people import CLINIC, PROGRAM
from intake.exports.fhir.strokes import png_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from intake.core.decisions import Review
    from intake.core.records import AuditEvent, Signature
    from intake.exports.fhir.extract import Extract
    from intake.exports.fhir.findings import Findings
    from intake.exports.fhir.links import Links
    from intake.exports.fhir.naming import Resource

DISPOSITIONS = canonical("CodeSystem", "dispositions")
ACTIONS = canonical("CodeSystem", "audit-actions")
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_PATIENT_RECORD = coding(DICOM, "110110", "Patient Record")
_SIGNATURES = "urn:iso-astm:E1762-95:2013"
_TAKES_PART = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"

READS = frozenset(
    {
        "case read",
        "case exported",
        "course read",
        "document made",
        "private answers read",
        "patient read",
        "day printed",
        "case refused",
        "page refused",
        "record refused",
    }
)
"""Lines that change nothing. They are not exported: each export would differ by the one before."""

_CREATED = frozenset(
    {
        "intake begun",
        "amendment begun",
        "decided",
        "addendum written",
        "confirmed at the chair",
        "session recorded",
        "reaction noted",
    }
)
_EXECUTED = frozenset({"screened", "assessed later", "handed over", "entering begun"})
_FAILED = frozenset({"rule failed", "not assessed"})


@dataclass(frozen=True, slots=True)
class Acts:
    """Writes who did what to a case."""

    extract: Extract
    links: Links

    def _who(self, actor: str) -> Resource:
        """Return whoever acted; what has no account is a program, ours unless it has a name."""
        if known := self.extract.people.get(actor):
            return self.links.to("Practitioner", known.id, known.name)
        if named := self.extract.systems.get(actor):
            return {"display": named}
        return self.links.to("Device", PROGRAM, ACTOR.get(actor, actor))

    def _response(self) -> Resource:
        return self.links.to("QuestionnaireResponse", self.extract.case.response.id)

    def impressions(self, findings: Findings) -> Iterator[Resource]:
        """Yield one impression for each decision; the newest names the issues it dealt with."""
        before: Review | None = None
        for review in self.extract.case.reviews:
            yield self._impression(review, before, findings)
            before = review

    def _impression(self, review: Review, before: Review | None, findings: Findings) -> Resource:
        case, decision = self.extract.case, review.decision
        stored = next((one for one in case.screenings if one.id == review.screening_id), None)
        words = DISPOSITION[decision.disposition]
        until = f"Until {decision.until}." if decision.until else ""
        assessed = [self.links.to("RiskAssessment", stored.id)] if stored else []
        issues = stored.screening.findings if stored and stored == case.screening else ()
        return self.links.resource(
            "ClinicalImpression",
            review.id,
            [f"{words}. {until} {decision.note}", f"{review.by_name}, {review.by_role}."],
            {
                "identifier": self.links.identifier("decision", review.id),
                "status": self.extract.status("completed"),
                "subject": self.links.to("Patient", case.patient.id),
                "effectiveDateTime": moment(review.at),
                "date": moment(review.at),
                "assessor": self.links.to("Practitioner", review.by, review.by_name),
                "previous": self.links.to("ClinicalImpression", before.id) if before else None,
                "investigation": [
                    {
                        "code": {"text": "The form and what the rules say of it"},
                        "item": [self._response(), *assessed],
                    }
                ],
                "summary": plain(f"{words}. {until} {decision.note}".strip()),
                "finding": [
                    {
                        "itemCodeableConcept": {
                            "coding": [coding(DISPOSITIONS, decision.disposition.value, words)],
                            "text": words,
                        }
                    }
                ],
                "supportingInfo": [
                    self.links.to("DetectedIssue", findings.issue_id(one)) for one in issues
                ],
            },
        )

    def consents(self) -> Iterator[Resource]:
        """Yield what the patient agreed to; a practitioner's statement is no consent."""
        case, signed = self.extract.case, self._signature()
        if signed is None or case.response.submitted_at is None:
            return
        yield self.links.resource(
            "Consent",
            case.response.id,
            [signed.statement],
            {
                "identifier": self.links.identifier("consent", case.response.id),
                "status": self.extract.status("active"),
                "scope": {
                    "coding": [
                        coding(
                            "http://terminology.hl7.org/CodeSystem/consentscope",
                            "patient-privacy",
                            "Privacy Consent",
                        )
                    ]
                },
                "category": [
                    {"coding": [coding("http://loinc.org", "59284-0", "Patient Consent")]}
                ],
                "patient": self.links.to("Patient", case.patient.id),
                "dateTime": moment(case.response.submitted_at),
                "performer": [self.links.to("Patient", case.patient.id)],
                "organization": [self.links.to("Organization", CLINIC)],
                "sourceReference": self._response(),
                "policy": [{"uri": _text_signed(signed)}],
            },
        )

    def _replaced(self) -> list[Resource]:
        """Return the form that this one takes the place of, by its number."""
        before = self.extract.case.response.replaces
        if before is None:
            return []
        (number,) = self.links.identifier("response", before)
        what = {"type": "QuestionnaireResponse", "identifier": number}
        return [{"role": "revision", "what": what}]

    def _signature(self) -> Signature | None:
        """Return the patient's own signature."""
        signed = self.extract.case.response.signature
        return signed if signed and signed.kind is not SignatureKind.STAFF else None

    def provenances(self, made: Mapping[str, list[Resource]]) -> Iterator[Resource]:
        """Yield who wrote each part of a record.

        Args:
            made: The resources of the record by their kind.
        """
        response = self.extract.case.response
        consents = [self.links.to("Consent", response.id)] if made["Consent"] else []
        yield self._provenance(
            response.id,
            [self._response(), *consents],
            moment(response.submitted_at or response.begun_at),
            [self._author(), self._agent("assembler", self.links.to("Device", PROGRAM))],
            {"entity": self._replaced(), "signature": self._signed(), "policy": self._policy()},
        )
        for stored in self.extract.case.screenings:
            yield self._provenance(
                stored.id,
                [self.links.to("RiskAssessment", stored.id)],
                moment(stored.at),
                [self._agent("assembler", self.links.to("Device", PROGRAM))],
                {"entity": [{"role": "source", "what": self._response()}]},
            )
        for review in self.extract.case.reviews:
            yield self._provenance(
                review.id,
                [self.links.to("ClinicalImpression", review.id)],
                moment(review.at),
                [self._agent("author", self.links.to("Practitioner", review.by, review.by_name))],
                {"entity": [{"role": "source", "what": self._response()}]},
            )

    def _provenance(
        self,
        id_: str,
        targets: Iterable[Resource],
        recorded: str,
        agents: list[Resource],
        more: Mapping[str, object],
    ) -> Resource:
        activity = coding(
            "http://terminology.hl7.org/CodeSystem/v3-DataOperation", "CREATE", "create"
        )
        return self.links.resource(
            "Provenance",
            id_,
            [f"Written on {recorded}."],
            {
                "target": list(targets),
                "recorded": recorded,
                "activity": {"coding": [activity]},
                "agent": agents,
                **more,
            },
        )

    def _agent(self, kind: str, who: Resource) -> Resource:
        return {"type": {"coding": [coding(_TAKES_PART, kind, kind.capitalize())]}, "who": who}

    def _author(self) -> Resource:
        """Return who typed the answers."""
        case = self.extract.case
        if entered := case.response.entered:
            return self._agent("author", self._who(entered.by))
        return self._agent("author", self.links.to("Patient", case.patient.id))

    def _policy(self) -> list[str]:
        signed = self.extract.case.response.signature
        return [_text_signed(signed)] if signed else []

    def _signed(self) -> list[Resource]:
        case, signed = self.extract.case, self.extract.case.response.signature
        if signed is None or case.response.submitted_at is None:
            return []
        is_theirs = signed.kind is not SignatureKind.STAFF
        kind = (
            coding(_SIGNATURES, "1.2.840.10065.1.12.1.7", "Consent Signature")
            if is_theirs
            else coding(_SIGNATURES, "1.2.840.10065.1.12.1.1", "Author's Signature")
        )
        who = self.links.to("Patient", case.patient.id) if is_theirs else self._author()["who"]
        is_drawn = signed.kind is SignatureKind.DRAWN
        text = b64encode(plain(signed.name).encode()).decode("ascii")
        return [
            {
                "type": [kind],
                "when": moment(case.response.submitted_at),
                "who": who,
                "sigFormat": "image/png" if is_drawn else "text/plain",
                "data": png_of(signed) if is_drawn else text,
            }
        ]

    def events(self) -> Iterator[Resource]:
        """Yield the lines of the audit trail that say what was changed, and this export."""
        for event in self.extract.case.events:
            if event.action not in READS:
                yield self._event(event)
        yield self._export()

    def _event(self, event: AuditEvent) -> Resource:
        words = AUDIT.get(event.action, event.action)
        who = self._who(event.actor)
        return self._audit(
            f"{self.extract.case.response.id}/{event.sequence}",
            _PATIENT_RECORD,
            coding(ACTIONS, action_code(event.action), words),
            {
                "action": _action_of(event.action),
                "recorded": moment(event.at),
                "outcome": "4" if event.action in _FAILED else "0",
                "agent": [{"who": who, "requestor": True}],
            },
            f"{who.get('display', '')} {words}.",
        )

    def _export(self) -> Resource:
        maker = self.extract.maker
        who = self._who(maker.by.id if maker.by else "command line")
        return self._audit(
            f"{self.extract.case.response.id}/export",
            coding(DICOM, "110106", "Export"),
            coding(ACTIONS, action_code("case exported"), AUDIT["case exported"]),
            {
                "action": "R",
                "recorded": moment(maker.at),
                "outcome": "0",
                "agent": [{"who": who, "requestor": True}],
            },
            f"{who.get('display', '')} exported the case.",
        )

    def _audit(
        self, id_: str, kind: Resource, subtype: Resource, parts: Mapping[str, object], says: str
    ) -> Resource:
        return self.links.resource(
            "AuditEvent",
            id_,
            [says],
            {
                "type": kind,
                "subtype": [subtype],
                **parts,
                "source": {"observer": self.links.to("Device", PROGRAM)},
                "entity": [{"what": self._response()}],
            },
        )


def action_code(action: str) -> str:
    """Return the code of what a line of the audit trail says was done."""
    return action.replace(" ", "-")


def _action_of(action: str) -> str:
    if action in _CREATED:
        return "C"
    return "E" if action in _EXECUTED or action in _FAILED else "U"


def _text_signed(signed: Signature) -> str:
    """Return the name of the very text that was signed: its address ends with its SHA-256."""
    digest = hashlib.sha256(signed.statement.encode(errors="surrogatepass")).hexdigest()
    return canonical("signed-text", digest)
