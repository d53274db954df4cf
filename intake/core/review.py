"""The status of a case, what a decision must hold, and who may do what.

Status is derived from facts each time it is shown and never stored beside them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from intake.core.blank import is_blank
from intake.core.decisions import Disposition
from intake.core.records import Practitioner, ResponseStatus, Role, is_reopened
from intake.core.rules import Reviewer, Triage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from intake.core.clients import ApiClient
    from intake.core.decisions import Decision
    from intake.core.records import Case
    from intake.core.rules import Rule
    from intake.core.screening import Finding, Screening


class CaseStatus(StrEnum):
    """Where a case stands."""

    FILLING = "filling"
    WAITING = "waiting"
    WITH_DERMATOLOGIST = "with_dermatologist"
    DEFERRED = "deferred"
    INFORMATION_NEEDED = "information_needed"
    DECIDED = "decided"
    TREATED = "treated"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


OPEN = (CaseStatus.WAITING, CaseStatus.WITH_DERMATOLOGIST, CaseStatus.INFORMATION_NEEDED)
"""The statuses in which somebody at the desk has something to do."""


GOING_AHEAD = (Disposition.PROCEED, Disposition.PROCEED_WITH_PRECAUTIONS)
"""The dispositions that decide against every finding which says wait or look."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the status of a case is derived from.

    Attributes:
        superseded: A newer version was sent.
        treated: A session was recorded.
        news: The newest screening was made after the last decision, and holds a finding that this
            decision did not deal with.
        referred: The version before was referred, and nobody has answered that.
    """

    response: ResponseStatus
    disposition: Disposition | None
    until: date | None
    superseded: bool
    treated: bool = False
    news: bool = False
    referred: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """One line of the table of statuses.

    Attributes:
        facts: What is the case, in words.
        holds: Whether it is, on a day.
    """

    facts: str
    holds: Callable[[Facts, date], bool]
    status: CaseStatus


def _after(*dispositions: Disposition | None) -> Callable[[Facts, date], bool]:
    return lambda facts, _: facts.disposition in dispositions


STANDINGS = (
    Standing(
        "the form is being filled",
        lambda facts, _: facts.response is ResponseStatus.IN_PROGRESS,
        CaseStatus.FILLING,
    ),
    Standing(
        "the form was stopped, or entered in error",
        lambda facts, _: facts.response is not ResponseStatus.COMPLETED,
        CaseStatus.WITHDRAWN,
    ),
    Standing("a newer version was sent", lambda facts, _: facts.superseded, CaseStatus.SUPERSEDED),
    Standing(
        "nothing was decided yet, and the version before was referred",
        lambda facts, _: facts.disposition is None and facts.referred,
        CaseStatus.WITH_DERMATOLOGIST,
    ),
    Standing("nothing was decided yet", _after(None), CaseStatus.WAITING),
    Standing("a session was recorded", lambda facts, _: facts.treated, CaseStatus.TREATED),
    Standing(
        "the last decision was to treat, and something came up since that it did not deal with",
        lambda facts, _: facts.news and facts.disposition in GOING_AHEAD,
        CaseStatus.WAITING,
    ),
    Standing(
        "the last decision deferred it to a day that is still to come",
        lambda facts, today: (
            facts.disposition is Disposition.DEFER and (facts.until is None or facts.until > today)
        ),
        CaseStatus.DEFERRED,
    ),
    Standing(
        "the last decision deferred it to a day that has come",
        _after(Disposition.DEFER),
        CaseStatus.WAITING,
    ),
    Standing(
        "the last decision referred it", _after(Disposition.REFER), CaseStatus.WITH_DERMATOLOGIST
    ),
    Standing(
        "the last decision asked for more",
        _after(Disposition.NEED_INFORMATION),
        CaseStatus.INFORMATION_NEEDED,
    ),
    Standing(
        "the last decision was to treat, or not to treat",
        _after(*GOING_AHEAD, Disposition.DO_NOT_TREAT),
        CaseStatus.DECIDED,
    ),
)
"""The first line whose facts hold gives the status. `docs/statuses.md` is made from it."""


def status_of(facts: Facts, today: date) -> CaseStatus:
    """Derive the status; a deferred case waits again from the day it was deferred to."""
    return next(line.status for line in STANDINGS if line.holds(facts, today))


def case_status(case: Case, today: date) -> CaseStatus:
    """Derive where a case stands."""
    last, newest = case.last_decision, case.screening
    facts = Facts(
        case.response.status,
        last.disposition if last else None,
        last.until if last else None,
        superseded=case.superseded_by is not None,
        treated=case.session is not None,
        news=newest is not None and is_reopened(case.reviews, newest),
        referred=case.referral is not None,
    )
    return status_of(facts, today)


CLINICIANS = (Role.PRACTITIONER, Role.DERMATOLOGIST)


def may_treat_patients(who: Practitioner) -> bool:
    """Whether *who* may begin intakes, read cases and decide."""
    return who.role in CLINICIANS


def may_administer(who: Practitioner) -> bool:
    """Whether *who* may enrol tablets, read the audit trail and see accounts."""
    return who.role is Role.ADMINISTRATOR


class Opened(StrEnum):
    """What an emergency can open beyond a role."""

    CASES = "cases"
    OTHER_SITES = "other sites"


def opened_to(who: Practitioner) -> frozenset[Opened]:
    """Return what an emergency opens to *who* beyond their role; nothing else decides it.

    It opens reading alone: what is done to a patient stays with those who treat them.
    """
    return frozenset(Opened) if who.emergency else frozenset()


def gains_by_emergency(who: Practitioner) -> bool:
    """Whether an emergency would open anything to *who*."""
    return not may_treat_patients(who) or who.sites is not None


def reads_every_site(who: Practitioner) -> bool:
    """Whether *who* may just now read the cases of sites that are not theirs."""
    return Opened.OTHER_SITES in opened_to(who)


def may_read_cases(who: Practitioner) -> bool:
    """Whether *who* may look at cases: those who treat patients, and anybody in an emergency."""
    return may_treat_patients(who) or Opened.CASES in opened_to(who)


_CLOSED = (
    CaseStatus.FILLING,
    CaseStatus.TREATED,
    CaseStatus.SUPERSEDED,
    CaseStatus.WITHDRAWN,
)


def may_reach(who: Practitioner | ApiClient, site: str) -> bool:
    """Whether the cases of a site are *who*'s to read."""
    return who.sites is None or site in who.sites


def may_read_at(who: Practitioner | ApiClient, site: str) -> bool:
    """Whether *who* may just now read the cases of a site: theirs, or opened by an emergency."""
    return may_reach(who, site) or (isinstance(who, Practitioner) and reads_every_site(who))


def within_reach(case: Case, who: Practitioner | ApiClient | None) -> Case:
    """Return a case without what *who* may not read of the form it came from.

    From a form of another site no reader of the new one gets the changes, nor the answers that were
    taken over and that the patient has not confirmed: what is confirmed is the new form's own. A
    form that is gone counts as one of another site.

    Args:
        case: The whole of it.
        who: Who reads; None for the command line, which every site is open to.
    """
    if who is None or may_read_at(who, case.before.site if case.before else ""):
        return case
    response, left = case.response, case.response.carried
    answers = {link_id: raw for link_id, raw in response.answers.items() if link_id not in left}
    return replace(case, before=None, response=replace(response, answers=answers))


def may_see_figures(who: Practitioner) -> bool:
    """Whether *who* may see how often rules fire and what becomes of them; nobody is named."""
    return may_treat_patients(who) or may_administer(who)


def may_decide(who: Practitioner, status: CaseStatus) -> bool:
    """Whether *who* may decide a case in *status*; a referred one is the dermatologist's."""
    if status in _CLOSED:
        return False
    if status is CaseStatus.WITH_DERMATOLOGIST:
        return who.role is Role.DERMATOLOGIST
    return may_treat_patients(who)


def may_take(who: Practitioner, status: CaseStatus) -> bool:
    """Whether *who* may take a case in *status*: there is something to do that they may decide."""
    return status in OPEN and may_decide(who, status)


def may_override(who: Practitioner, rule: Rule | None) -> bool:
    """Whether *who* may decide against a finding of *rule*; an unknown rule needs the most."""
    if who.role is Role.DERMATOLOGIST:
        return True
    return who.role is Role.PRACTITIONER and _is_for_practitioners(rule)


def _is_for_practitioners(rule: Rule | None) -> bool:
    return rule is not None and rule.reviewer is Reviewer.PRACTITIONER


def needs_dermatologist(screening: Screening, rules: Mapping[str, Rule]) -> bool:
    """Whether a finding stands in the way that a practitioner may not decide against."""
    return any(is_for_dermatologist(finding, rules) for finding in screening.findings)


def is_for_dermatologist(finding: Finding, rules: Mapping[str, Rule]) -> bool:
    """Whether a practitioner may not decide against a finding."""
    return needs_reason(finding) and not _is_for_practitioners(rules.get(finding.rule_id))


def is_news(screening: Screening, decision: Decision | None, read: Screening | None) -> bool:
    """Whether a finding is there that a decision to treat did not deal with.

    Args:
        screening: What the rules say now.
        decision: The last one.
        read: The screening that decision was made on: a rule that was overridden while it could not
            be ruled out is news once it is met, and so is one that now rests on something else.
    """
    if decision is None or decision.disposition not in GOING_AHEAD:
        return False
    signed = {override.rule_id for override in decision.overrides} | decision.acknowledged
    known = {finding.rule_id: finding for finding in (read.findings if read else ())}
    return any(
        finding.rule_id not in signed or not was_read(finding, known.get(finding.rule_id))
        for finding in screening.findings
    )


def was_read(finding: Finding, known: Finding | None) -> bool:
    """Whether a finding says no more than one that was signed."""
    if known is None or finding.weight < known.weight:
        return False
    said = {(cited.link_id, cited.said) for cited in known.cited}
    return all((cited.link_id, cited.said) in said for cited in finding.cited)


NEEDING_REASON = (Triage.STOP, Triage.REVIEW, Triage.DEFER)
"""What a finding must do to the triage for a reason to be needed."""


def needs_reason(finding: Finding) -> bool:
    """Whether going ahead means deciding against *finding*, which takes a reason."""
    return finding.effect in NEEDING_REASON


def faults_of(
    decision: Decision,
    screening: Screening,
    rules: Mapping[str, Rule],
    who: Practitioner,
    today: date,
) -> list[str]:
    """Return what keeps *decision* from being signed, in words that say what to do."""
    faults: list[str] = []
    if decision.disposition is Disposition.DEFER and (
        decision.until is None or decision.until <= today
    ):
        faults.append("Enter the day on which the case comes back, later than today.")
    if decision.disposition in _NOTE_NEEDED and is_blank(decision.note):
        faults.append(_NOTE_NEEDED[decision.disposition])
    if decision.disposition in GOING_AHEAD:
        faults.extend(_faults_of_going_ahead(decision, screening, rules, who))
    return faults


_NOTE_NEEDED: Mapping[Disposition, str] = {
    Disposition.PROCEED_WITH_PRECAUTIONS: "Write the precautions in the note.",
    Disposition.REFER: "Write the question for the dermatologist.",
    Disposition.NEED_INFORMATION: "Write what is missing.",
    Disposition.DO_NOT_TREAT: "Write why this patient is not to be treated.",
}


def _faults_of_going_ahead(
    decision: Decision, screening: Screening, rules: Mapping[str, Rule], who: Practitioner
) -> list[str]:
    faults: list[str] = []
    given = {o.rule_id: o for o in decision.overrides if not is_blank(o.words)}
    for finding in screening.findings:
        if needs_reason(finding):
            if not may_override(who, rules.get(finding.rule_id)):
                faults.append(
                    f"Refer this case: '{finding.title}' is for a dermatologist to decide."
                )
            elif finding.rule_id not in given:
                faults.append(
                    f"Give a reason, in words, for going ahead in spite of '{finding.title}'."
                )
        elif finding.rule_id not in decision.acknowledged:
            faults.append(f"Tick that you have read the caution '{finding.title}'.")
    return faults
