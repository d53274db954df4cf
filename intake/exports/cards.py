"""Findings as cards of CDS Hooks 2.0: one card a finding, and never none for lack of knowledge."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from intake.core.decisions import Disposition
from intake.core.display import DISPOSITION, OVERRIDE_REASON, ROLE, TRIAGE
from intake.core.rules import Triage
from intake.exports.fhir.findings import REASONS
from intake.exports.fhir.naming import coding
from intake.exports.fhir.rules import triage_code, url_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from intake.core.decisions import Review
    from intake.core.rules import RulePack
    from intake.core.screening import Finding, Screening
    from intake.exports.fhir.arriving_items import Problem
    from intake.exports.fhir.naming import Resource

LONGEST_SUMMARY = 139
"""Characters: fewer than 140. Source: CDS Hooks 2.0."""
INDICATORS = {
    Triage.STOP: "critical",
    Triage.REVIEW: "warning",
    Triage.DEFER: "warning",
    Triage.CAUTION: "info",
    Triage.ROUTINE: "info",
}
MOST_PROBLEMS = 50
"""Of one form that are told one by one."""
NOTHING_KNOWN = "nothing-known"
NOTHING_FOUND = "nothing-found"
NOT_READ = "not-read"
DECIDED = "decided"
NOT_THE_LAST = "not-the-last-word"
NOBODY_CLEARED = "This clears nobody: a named clinician decides."
_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+!|~-])")


@dataclass(frozen=True, slots=True)
class About:
    """What cards are given for.

    Attributes:
        request: The id of the request (`hookInstance`); the same request gives the same cards.
        response_id: The case; blank for a form that another system sent along.
        at: When the form was sent; None where nobody knows.
        of_some_sites: Whether forms of other sites were not looked at.
        is_alone: Whether the other system sent no forms of its own along.
    """

    request: str
    response_id: str = ""
    at: datetime | None = None
    of_some_sites: bool = False
    is_alone: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One card, its id, and the rule it is about; blank for one to which nothing can be said."""

    id: str
    rule_id: str
    content: Resource


def cards_of(
    screening: Screening, pack: RulePack, about: About, *, is_unreadable: bool = False
) -> list[Card]:
    """Return a card for each finding, the most serious first; without any, one that says so.

    Of what could not be read that is not said: nobody knows what would have been found.
    """
    found = [_card(finding, screening.on, pack, about) for finding in screening.findings]
    if found or is_unreadable:
        return found
    says = "No rule of the pack found a reason to wait, to look or to ask."
    detail = f"{says} {NOBODY_CLEARED} {_answered(about, screening.on)}"
    return [_plain(NOTHING_FOUND, says, detail, "info", pack, about)]


def nothing_known(why: str, pack: RulePack, about: About) -> Card:
    """Return the card that says that nothing was screened, and why."""
    says = "No health history to screen: nothing is known for or against"
    detail = f"{why} {NOBODY_CLEARED}{_not_looked_at(about)}"
    return _plain(NOTHING_KNOWN, says, detail, "warning", pack, about)


def not_read(problems: Sequence[Problem], pack: RulePack, about: About) -> Card:
    """Return the card that names what of a form could not be read, and so counts as unknown."""
    says = "Some answers could not be read, and count as unknown"
    lines = [f"- {_text(one.where)}: {_text(one.says)}" for one in problems[:MOST_PROBLEMS]]
    if more := len(problems) - len(lines):
        lines.append(f"- … and {more} more.")
    listed = "\n".join(lines)
    return _plain(NOT_READ, says, f"{says}.\n\n{listed}", "warning", pack, about)


def not_the_last_word(why: Sequence[str], pack: RulePack, about: About) -> Card:
    """Return the card that says why what was screened may not be what the patient said last."""
    says = "What was screened may not be the patient's last word"
    listed = "\n".join(f"- {one}" for one in why)
    return _plain(NOT_THE_LAST, says, f"{says}.\n\n{listed}", "warning", pack, about)


def decided_against(review: Review, pack: RulePack, about: About) -> list[Card]:
    """Return the card of a decision not to go ahead; that somebody went ahead is none.

    What they wrote beside it stays here.
    """
    indicator = _AGAINST.get(review.decision.disposition)
    if indicator is None:
        return []
    until = review.decision.until
    words = f"{DISPOSITION[review.decision.disposition]}{f': {until}' if until else ''}"
    by = f"{_text(review.by_name)}, {ROLE[review.by_role].lower()}, on {review.at.date()}"
    says = f"Decided by a clinician here: {words}"
    return [_plain(DECIDED, says, f"**{words}.** {by}.", indicator, pack, about)]


_AGAINST = {
    Disposition.DO_NOT_TREAT: "critical",
    Disposition.DEFER: "warning",
    Disposition.REFER: "warning",
    Disposition.NEED_INFORMATION: "warning",
}


def _plain(kind: str, says: str, detail: str, indicator: str, pack: RulePack, about: About) -> Card:
    content = {
        "summary": says,
        "detail": detail,
        "indicator": indicator,
        "source": {"label": pack.label},
    }
    return Card("", "", content)


def _card(finding: Finding, on: date, pack: RulePack, about: About) -> Card:
    rule = pack.rules_by_id.get(finding.rule_id)
    sources = [pack.sources[name] for name in rule.sources if name in pack.sources] if rule else []
    urls = [url for one in sources if (url := url_of(one))]
    source: dict[str, Any] = {"label": pack.label, "topic": triage_code(finding.effect)}
    if urls:
        source["url"] = urls[0]
    content = {
        "summary": _short(finding),
        "detail": "\n\n".join((*_detail(finding, pack), _answered(about, on))),
        "indicator": INDICATORS[finding.effect],
        "source": source,
    }
    if not about.response_id:  # what is said to it could be kept with no case
        return Card("", "", content)
    id_ = _id_of(about, f"{finding.rule_id}/{finding.teller}")
    reasons = [coding(REASONS, code.value, words) for code, words in OVERRIDE_REASON.items()]
    return Card(id_, finding.rule_id, {"uuid": id_, **content, "overrideReasons": reasons})


def _short(finding: Finding) -> str:
    """Return the summary; that it could not be ruled out is said first, and never cut off."""
    words = finding.title if finding.is_met else f"Could not be ruled out: {finding.title}"
    if len(words) <= LONGEST_SUMMARY:
        return words
    return f"{words[: LONGEST_SUMMARY - 1].rstrip()}…"


def _detail(finding: Finding, pack: RulePack) -> Iterator[str]:
    rule = pack.rules_by_id.get(finding.rule_id)
    yield f"**{TRIAGE[finding.effect].word}.** {TRIAGE[finding.effect].means}"
    if not finding.is_met:
        yield "An answer is missing or not sure, so this could not be ruled out."
    if rule is not None:
        yield f"{_text(rule.meaning)} {_text(rule.action)}"
    if finding.earliest_safe_date:
        yield f"Earliest safe date, by this rule: {finding.earliest_safe_date}."
    if rule is not None:
        yield f"Rule {_text(rule.id)}, {_text(rule.reviewed)}."


def _answered(about: About, on: date) -> str:
    """Say of when the answers are: they may have changed since."""
    when = "It is not known when this was answered"
    if about.at is not None:
        when = f"Answered by {about.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return f"{when}; windows of time were counted from {on}.{_not_looked_at(about)}"


def _not_looked_at(about: About) -> str:
    sites = " Forms of other sites were not looked at." if about.of_some_sites else ""
    alone = " The other system sent no forms along, so that none of its own was looked at."
    return sites + (alone if about.is_alone else "")


def _text(words: str) -> str:
    """Write words so that Markdown shows them as they are."""
    return _MARKUP.sub(r"\\\1", words)


def _id_of(about: About, what: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{about.request}/{about.response_id}/{what}"))
