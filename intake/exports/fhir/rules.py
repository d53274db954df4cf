"""A pack's rules as a FHIR PlanDefinition: what each claims, when, and what it rests on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from intake.core.display import TRIAGE
from intake.exports.fhir.form import name_of
from intake.exports.fhir.naming import (
    answered_version,
    canonical,
    coding,
    definition_id,
    rules_version_of,
)
from intake.exports.fhir.narrative import narrative
from intake.exports.rule_book import bullets, outlined

if TYPE_CHECKING:
    from intake.core.evidence import Source
    from intake.core.rules import Rule, RulePack, Triage
    from intake.exports.fhir.naming import Resource

TRIAGES = canonical("CodeSystem", "triage")
SENTENCES = "text/x-intake-sentences"
"""The language of conditions, which no other program runs; each sentence says what it asks."""

NOT_FOR_OTHERS = (
    "Decision support for trained staff; no medical device. A rule can only add a reason to wait,"
    " to look or to ask. What is unknown never counts as no."
)


def rules_of(pack: RulePack) -> str:
    """Return the system of a pack's rules."""
    return canonical("CodeSystem", f"{pack.name}-rules")


def plan_of(pack: RulePack) -> str:
    """Return the address of a pack's rules as a whole, without their version."""
    return canonical("PlanDefinition", pack.name)


def triage_code(triage: Triage) -> Resource:
    """Return the code of a place in the order of the queue."""
    return coding(TRIAGES, triage.value, TRIAGE[triage].word)


def rule_code(rule_id: str, title: str, pack: RulePack) -> Resource:
    """Return the code of a rule."""
    return coding(rules_of(pack), rule_id, title)


def plan_definition(pack: RulePack) -> Resource:
    """Return the rules that are judged, each with its condition as written and its citations."""
    kind = coding(
        "http://terminology.hl7.org/CodeSystem/plan-definition-type", "eca-rule", "ECA Rule"
    )
    return {
        "resourceType": "PlanDefinition",
        "id": definition_id("PlanDefinition", pack),
        "text": narrative([pack.title, f"{len(pack.rules)} rules.", NOT_FOR_OTHERS]),
        "url": plan_of(pack),
        "version": rules_version_of(pack),
        "name": name_of(pack),
        "title": pack.title,
        "type": {"coding": [kind]},
        "status": "active",
        "date": pack.effective.isoformat(),
        "description": NOT_FOR_OTHERS,
        "relatedArtifact": [{"type": "depends-on", "resource": answered_version(pack)}],
        "action": [_action(rule, pack) for rule in pack.rules],
    }


def _action(rule: Rule, pack: RulePack) -> Resource:
    condition = "\n".join(outlined(bullets(rule.when, pack)))
    cited = [_citation(pack.sources[one]) for one in rule.sources if one in pack.sources]
    return {
        "id": rule.id,
        "title": rule.title,
        "description": rule.meaning,
        "textEquivalent": rule.action,
        "code": [
            {
                "coding": [
                    rule_code(rule.id, rule.title, pack),
                    triage_code(rule.level.triage),
                ],
                "text": rule.title,
            }
        ],
        **({"documentation": cited} if cited else {}),
        "condition": [
            {
                "kind": "applicability",
                "expression": {
                    "description": f"{rule.reviewed}; basis: {', '.join(rule.basis)}",
                    "language": SENTENCES,
                    "expression": condition,
                },
            }
        ],
    }


def _citation(source: Source) -> Resource:
    address = url_of(source)
    return {
        "type": "citation",
        "label": source.id,
        "display": source.says,
        "citation": f"{source.citation} {source.address}".strip(),
        **({"url": address} if address else {}),
    }


def url_of(source: Source) -> str:
    """Return where a source is found, the first place where it names several; blank for none."""
    for pattern, where in _PLACES:
        if found := pattern.search(source.address):
            return where + found[1]
    return ""


_PLACES = (
    (re.compile(r"\b(https?://\S+)"), ""),
    (re.compile(r"\bdoi (10\.[^\s,;)]+)"), "https://doi.org/"),
    (re.compile(r"\b(PMC\d+)"), "https://www.ncbi.nlm.nih.gov/pmc/articles/"),
    (re.compile(r"(?:^|\s)((?:[a-z0-9-]+\.)+[a-z]{2,}/[^\s,;)]+)"), "https://"),
)
"""How sources write their addresses, and where these begin."""
