"""What the rules found of a case: one DetectedIssue a finding, a RiskAssessment a screening."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.core.display import OVERRIDE_REASON, TRIAGE
from intake.core.review import was_read
from intake.core.rules import Level, Triage
from intake.exports.fhir.links import moment
from intake.exports.fhir.naming import canonical, coding, rules_version_of
from intake.exports.fhir.narrative import plain
from intake.exports.fhir.people import PROGRAM
from intake.exports.fhir.rules import plan_of, rule_code, triage_code, url_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.core.casefile import Shown
    from intake.core.clients import CardAnswer
    from intake.core.decisions import Override, Review
    from intake.core.records import StoredScreening
    from intake.core.screening import Finding
    from intake.exports.fhir.extract import Extract
    from intake.exports.fhir.links import Links
    from intake.exports.fhir.naming import Resource

UNDECIDED = coding(canonical("CodeSystem", "findings"), "undecided", "Could not be ruled out")
REASONS = canonical("CodeSystem", "override-reasons")
SEVERITY = {Level.STOP: "high", Level.REVIEW: "high", Level.DEFER: "moderate", Level.CAUTION: "low"}
"""How grave the matter is. The place in the queue stands in the RiskAssessment."""


@dataclass(frozen=True, slots=True)
class Findings:
    """Writes what the rules found.

    Attributes:
        medicines: The ids of the medicines of each list, by its link id.
    """

    extract: Extract
    links: Links
    medicines: dict[str, list[str]]

    def issues(self) -> Iterator[Resource]:
        """Yield one issue for each finding of the newest screening."""
        stored = self.extract.case.screening
        for group in self.extract.groups if stored else ():
            for shown in group.shown:
                assert stored is not None  # noqa: S101 - groups are of a screening
                yield self._issue(shown, stored)

    def issue_id(self, finding: Finding) -> str:
        """Return what an issue is made of; the same as long as the finding is."""
        return f"{self.extract.case.response.id}/{finding.rule_id}/{finding.teller}"

    def _issue(self, shown: Shown, stored: StoredScreening) -> Resource:
        finding, rule, case = shown.finding, shown.rule, self.extract.case
        overridden = list(self._overrides(finding))
        because = [f"{one.ask} {one.said}" for one in shown.cited]
        said = [rule.meaning, rule.action] if rule else []
        state = "is met" if shown.is_met else "could not be ruled out"
        codes = [rule_code(finding.rule_id, finding.title, self.extract.pack)]
        evidence = [
            self.links.to("QuestionnaireResponse", case.response.id),
            self.links.to_definition("PlanDefinition", self.extract.pack),
        ]
        sources = [url for one in shown.sources if (url := url_of(one))]
        status = "amended" if overridden else "final" if shown.is_met else "preliminary"
        return self.links.resource(
            "DetectedIssue",
            self.issue_id(finding),
            [f"{finding.title}: {state}. {TRIAGE[finding.effect].word}.", *said, *because],
            {
                "identifier": self.links.identifier("finding", self.issue_id(finding)),
                "status": self.extract.status(status),
                "code": {
                    "coding": codes if shown.is_met else [*codes, UNDECIDED],
                    "text": finding.title,
                },
                "severity": SEVERITY[finding.level],
                "patient": self.links.to("Patient", case.patient.id),
                "identifiedDateTime": moment(stored.at),
                "author": self.links.to("Device", PROGRAM),
                "implicated": list(self._implicated(shown)),
                "evidence": [{"detail": evidence}],
                "detail": plain(" ".join([*said, *because])),
                "reference": sources[0] if sources else None,
                "mitigation": [
                    *(self._mitigation(*one) for one in overridden),
                    *(self._said(one) for one in case.answered if one.rule_id == finding.rule_id),
                ],
            },
        )

    def _implicated(self, shown: Shown) -> Iterator[Resource]:
        for cited in shown.cited:
            for id_ in self.medicines.get(cited.link_id, ()):
                yield self.links.to("MedicationStatement", id_)

    def _overrides(self, finding: Finding) -> Iterator[tuple[Review, Override]]:
        """Yield who decided against this finding, and not against a milder one of its rule."""
        read = {
            stored.id: {one.rule_id: one for one in stored.screening.findings}
            for stored in self.extract.case.screenings
        }
        for review in self.extract.case.reviews:
            known = read.get(review.screening_id, {}).get(finding.rule_id)
            for override in review.decision.overrides:
                if override.rule_id == finding.rule_id and was_read(finding, known):
                    yield review, override

    def _mitigation(self, review: Review, override: Override) -> Resource:
        words = OVERRIDE_REASON[override.reason]
        return {
            "action": {
                "coding": [coding(REASONS, override.reason.value, words)],
                "text": plain(f"{words}: {override.words}"),
            },
            "date": moment(review.at),
            "author": self.links.to("Practitioner", review.by, review.by_name),
        }

    def _said(self, one: CardAnswer) -> Resource:
        """Return what was said elsewhere; it decided nothing here, so the issue stays as it is."""
        where = self.extract.systems.get(one.client_id, "another system")
        said = ": ".join(filter(None, (one.reason, one.words)))
        text = f"{one.outcome.capitalize()} in {where}, no decision here. {said}".strip()
        reasons = [code for code, words in OVERRIDE_REASON.items() if words == one.reason]
        codes = [coding(REASONS, code.value, one.reason) for code in reasons]
        action = {"coding": codes} if codes else {}
        return {"action": {**action, "text": plain(text)}, "date": moment(one.said_at)}

    def assessments(self) -> Iterator[Resource]:
        """Yield one assessment for each screening; the newest rests on the issues above."""
        for stored in self.extract.case.screenings:
            yield self._assessment(stored)

    def _assessment(self, stored: StoredScreening) -> Resource:
        case, pack, found = self.extract.case, self.extract.pack, stored.screening
        is_newest = stored == case.screening
        issues = found.findings if is_newest else ()
        basis = [
            self.links.to("QuestionnaireResponse", case.response.id),
            *(self.links.to("DetectedIssue", self.issue_id(one)) for one in issues),
        ]
        severity = TRIAGE[found.triage]
        until = (
            f"Earliest safe date: {found.earliest_safe_date}." if found.earliest_safe_date else ""
        )
        rationale = "; ".join(
            f"{one.title}{'' if one.is_met else ' (could not be ruled out)'}"
            for one in found.findings
        )
        return self.links.resource(
            "RiskAssessment",
            stored.id,
            [f"{severity.word}. {severity.means}", until, rationale],
            {
                "identifier": self.links.identifier("screening", stored.id),
                "status": self.extract.status("final"),
                "method": {
                    "coding": [coding(plan_of(pack), rules_version_of(pack), pack.label)],
                    "text": pack.label,
                },
                "subject": self.links.to("Patient", case.patient.id),
                "occurrenceDateTime": moment(stored.at),
                "performer": self.links.to("Device", PROGRAM),
                "basis": basis,
                "prediction": [
                    {
                        "outcome": {"text": "Harm by microneedling as planned"},
                        "qualitativeRisk": {
                            "coding": [triage_code(found.triage)],
                            "text": severity.word,
                        },
                        "rationale": rationale or severity.means,
                    }
                ],
                "mitigation": " ".join(filter(None, [severity.means, until])),
            },
        )

    def flags(self) -> Iterator[Resource]:
        """Yield what must outlive the visit: each reason not to treat that is met."""
        case, stored = self.extract.case, self.extract.case.screening
        for finding in stored.screening.findings if stored else ():
            if stored is None or not finding.is_met or finding.effect is not Triage.STOP:
                continue
            is_over = case.superseded_by is not None
            yield self.links.resource(
                "Flag",
                self.issue_id(finding),
                [finding.title],
                {
                    "identifier": self.links.identifier("flag", self.issue_id(finding)),
                    "status": self.extract.status("inactive" if is_over else "active"),
                    "category": [
                        {
                            "coding": [
                                coding(
                                    "http://terminology.hl7.org/CodeSystem/flag-category",
                                    "clinical",
                                    "Clinical",
                                )
                            ]
                        }
                    ],
                    "code": {
                        "coding": [rule_code(finding.rule_id, finding.title, self.extract.pack)],
                        "text": finding.title,
                    },
                    "subject": self.links.to("Patient", case.patient.id),
                    "period": {"start": moment(stored.at)},
                    "author": self.links.to("Device", PROGRAM),
                },
            )
