"""Answers, plan, pack and date to findings and a triage.

Every rule is judged, all findings are kept, and what is unknown is a finding of its own. Nothing
here can lower a triage: a rule can only add a reason to wait, look or ask.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from intake.core.answers import Listed, Missing
from intake.core.explanations import Cited, cited_in
from intake.core.reading import case_of
from intake.core.recurring import Codes
from intake.core.rules import Claim, Level, Rule, RulePack, Triage
from intake.core.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from intake.core.answers import Answer
    from intake.core.conditions import Case, Condition, DateKey, DateUse, Deciding
    from intake.core.medicines import MedicineEntry, Recognition

ENGINE_VERSION = "1"
"""Changes whenever the same answers and pack could give another screening."""

MOST_DATE_COMBINATIONS = 4096
"""A rule with more combinations of vague dates than this goes to review instead."""


class Teller(StrEnum):
    """Who said what a finding rests on."""

    FORM = "form"
    RECORD = "record"
    CHAIR = "chair"
    AGE = "age"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that is met or could not be ruled out.

    Attributes:
        level: What the rule claims, made stricter by a device label where one applies.
        effect: What this finding does to the triage.
        truth: Met, or unknown: "could not be ruled out".
        earliest_safe_date: First day on which its windows would be over, if it can be computed.
        only_dates: It is unknown only because a date is vague.
        label: The device label that makes it stricter.
        is_label_open: The rule is met; whether the label applies is not known, so that the effect
            is that of a stricter claim which could not be ruled out.
        error: The rule could not be judged; somebody must look into it.
        teller: Who said what makes it so: the patient's form, the clinic's record of earlier
            sessions, the patient at the chair, or the age of answers that count no more.
    """

    rule_id: str
    title: str
    level: Level
    effect: Triage
    truth: Truth
    cited: tuple[Cited, ...] = ()
    earliest_safe_date: date | None = None
    only_dates: bool = False
    label: str | None = None
    is_label_open: bool = False
    error: bool = False
    teller: Teller = Teller.FORM

    @property
    def weight(self) -> tuple[int, bool, bool, int]:
        """Orders findings of one rule: most serious first, of dates the later, no date first."""
        day = self.earliest_safe_date
        return self.effect.rank, not self.is_met, day is not None, -day.toordinal() if day else 0

    @property
    def is_met(self) -> bool:
        """Whether the rule is met; otherwise it could not be ruled out."""
        return self.truth is Truth.MET


@dataclass(frozen=True, slots=True)
class Screening:
    """What the rules of one pack say of one set of answers on one day.

    Attributes:
        earliest_safe_date: The latest among the deferring findings; None when one has no date.
        set_aside: Answers to questions that are no longer asked; they were not screened.
        unknown_count: Questions asked and answered "not sure", withheld, or not at all.
    """

    on: date
    pack_hash: str
    pack_version: str
    engine_version: str
    triage: Triage
    findings: tuple[Finding, ...]
    earliest_safe_date: date | None = None
    set_aside: tuple[str, ...] = ()
    unknown_count: int = 0


def screen(
    pack: RulePack,
    answers: Mapping[str, Answer],
    today: date,
    *,
    is_unreadable: bool = False,
    seen: dict[MedicineEntry, Recognition] | None = None,
) -> Screening:
    """Judge every rule of *pack*.

    Args:
        pack: The rules in force.
        answers: Typed answers by link id, plan fields as `plan.…`; what is absent is unknown.
        today: The clinic's local date.
        is_unreadable: Something that was said could not be read or placed; whatever it was, it was
            not screened, so the triage is at least review.
        seen: What was recognised in a case before this, see `case_of`.
    """
    case = case_of(pack, answers, today, seen)
    findings = sorted(_findings(pack, case), key=in_order)
    effects = [findings[0].effect] if findings else []
    return Screening(
        on=today,
        pack_hash=pack.hash,
        pack_version=pack.version,
        engine_version=ENGINE_VERSION,
        triage=Triage.most_serious([*effects, *([Triage.REVIEW] if is_unreadable else [])]),
        findings=tuple(findings),
        earliest_safe_date=latest_date(findings),
        set_aside=tuple(set_aside(case)),
        unknown_count=sum(1 for _ in unknown_questions(pack, case)),
    )


def _findings(pack: RulePack, case: Case) -> list[Finding]:
    """Judge the rules that are not ruled out, and of those each that was not judged so before."""
    said: dict[str, str] = {}
    try:
        return list(_together(pack, case, said))
    except Exception:  # noqa: BLE001 - a fault of ours; judged by itself, each rule says so
        judged = (judge(rule, case, pack, said) for rule in pack.rules)
        return [finding for finding in judged if finding is not None]


def _together(pack: RulePack, case: Case, said: dict[str, str]) -> Iterator[Finding]:
    found = pack.bounds.found(case)
    case.asked_so_far.update(pack.bounds.asked_in(found))
    recurring, codes = pack.recurring, Codes(case)
    for place in _open(pack, found):
        finding = recurring.find(place, found, codes)
        if finding is None:
            finding = judge(pack.rules[place], case, pack, said)
            if finding is None:
                continue
            recurring.keep(place, found, codes, finding)
        yield finding


def _open(pack: RulePack, found: int) -> Iterable[int]:
    """Return the places of the rules that are not ruled out."""
    return dict.fromkeys(pack.claimants[number] for number, _ in pack.bounds.open_in(found))


def in_order(finding: Finding) -> tuple[int, bool, str]:
    """Sort findings: most serious first, what is met before what could not be ruled out."""
    return finding.effect.rank, not finding.is_met, finding.rule_id


def latest_date(findings: list[Finding]) -> date | None:
    """Return the day on which the last deferring finding ends; None while one has no end."""
    dates = [f.earliest_safe_date for f in findings if f.effect is Triage.DEFER]
    known = [day for day in dates if day is not None]
    return max(known) if known and len(known) == len(dates) else None


def set_aside(case: Case) -> Iterator[str]:
    """Yield the questions that have an answer but are not asked."""
    is_asked, asked = case.asked_so_far.get, Truth.MET
    for link_id, answer in case.answers.items():
        if is_asked(link_id) is asked or link_id not in case.gates:
            continue
        if answer is not Missing.NOT_ANSWERED and not may_be_asked(link_id, case):
            yield link_id


def unknown_questions(pack: RulePack, case: Case) -> Iterator[str]:
    """Yield the questions that are asked and whose answer has no value."""
    answer_to, is_asked, not_asked = case.answers.get, case.asked_so_far.get, Truth.NOT_MET
    for link_id in pack.required:
        # Of hundreds of questions, nearly all are known not to be asked or have an answer.
        if is_asked(link_id) is not_asked:
            continue
        answer = answer_to(link_id, Missing.NOT_ANSWERED)
        if not isinstance(answer, _WITHOUT_VALUE):
            continue
        if _has_no_value(link_id, answer, case) and may_be_asked(link_id, case):
            yield link_id


_WITHOUT_VALUE = Missing, Listed
"""What may leave something open: a list of medicines may name what nobody knows."""


def _has_no_value(link_id: str, answer: Answer, case: Case) -> bool:
    """Tell whether an answer leaves something open: it is missing, or names what nobody knows."""
    if not isinstance(answer, Listed):
        return True
    try:
        named = case.recognised.get(link_id, ())
    except Exception:  # noqa: BLE001 - a fault of ours; what nobody could read has no value
        return True
    return any(not medicine.is_understood for medicine in named)


def may_be_asked(link_id: str, case: Case) -> bool:
    """Tell whether a question is asked; a gate that cannot be judged counts as open."""
    try:
        asked = case.asked_so_far.get(link_id) or case.asked(link_id)
    except Exception:  # noqa: BLE001 - a fault of ours; the rules it touches say so themselves
        return True
    return asked is not Truth.NOT_MET


def judge(
    rule: Rule, case: Case, pack: RulePack, said: dict[str, str] | None = None
) -> Finding | None:
    """Judge one rule; None when it is not met.

    An exception is a fault of ours, not of the patient's answers: the rule becomes a finding that
    could not be ruled out, and the others are judged all the same.
    """
    try:
        return _judge(rule, case, pack, {} if said is None else said)
    except Exception:  # noqa: BLE001 - one broken rule must neither hide the others nor fail open
        claimed = min((claim.level for claim in rule.claims), key=lambda level: level.triage.rank)
        return Finding(
            rule.id, rule.title, rule.level, _unknown_effect(claimed), Truth.UNKNOWN, error=True
        )


def _judge(rule: Rule, case: Case, pack: RulePack, said: dict[str, str]) -> Finding | None:
    outcomes = [o for claim in rule.claims if (o := _outcome(claim, case, pack)) is not None]
    if not outcomes:
        return None
    worst = min(outcomes, key=lambda outcome: (outcome.effect.rank, outcome.truth is not Truth.MET))
    base = outcomes[0]
    is_label_open = base.truth is Truth.MET and worst.truth is Truth.UNKNOWN
    shown = base if is_label_open else worst
    return Finding(
        rule_id=rule.id,
        title=rule.title,
        level=shown.claim.level,
        effect=worst.effect,
        truth=shown.truth,
        cited=tuple(cited_in(shown.deciding, case, pack, said)),
        earliest_safe_date=_earliest_safe_date(shown.claim.when, case, pack),
        only_dates=shown.only_dates,
        label=worst.claim.label,
        is_label_open=is_label_open,
    )


class _Outcome(NamedTuple):
    claim: Claim
    truth: Truth
    effect: Triage
    deciding: Deciding
    only_dates: bool = False


def _outcome(claim: Claim, case: Case, pack: RulePack) -> _Outcome | None:
    truth, deciding = claim.when.decided(case)
    if truth is Truth.NOT_MET:
        return None
    if truth is Truth.MET:
        return _Outcome(claim, truth, claim.level.triage, deciding)
    only_dates = _only_dates_are_open(claim.when, case, pack)
    if claim.level is Level.DEFER and only_dates:
        return _Outcome(claim, truth, Triage.DEFER, deciding, only_dates=True)
    return _Outcome(claim, truth, _unknown_effect(claim.level), deciding, only_dates)


def _unknown_effect(level: Level) -> Triage:
    """Return what a rule that could not be ruled out does to the triage."""
    return Triage.CAUTION if level is Level.CAUTION else Triage.REVIEW


def _date_uses(condition: Condition, case: Case, pack: RulePack) -> list[DateUse]:
    """Return every date that can change the condition, through the gates of its questions too."""
    return [use for sentence in pack.dated_in(condition) for use in sentence.dates(case)]


def _only_dates_are_open(condition: Condition, case: Case, pack: RulePack) -> bool:
    """Tell whether vague dates alone keep *condition* unknown.

    Every combination of days that could make a difference is tried: if the condition is known for
    each of them, nothing else was missing.
    """
    days: dict[DateKey, set[date]] = {}
    for use in _date_uses(condition, case, pack):
        if use.when.is_exact:
            continue
        cutoff = use.window.before(case.today)
        inside = {d for d in (cutoff, use.when.latest) if use.when.earliest <= d <= use.when.latest}
        days.setdefault(use.key, {use.when.earliest}).update(inside)
    combinations = 1
    for choices in days.values():
        combinations *= len(choices)
    if not days or combinations > MOST_DATE_COMBINATIONS:
        return False
    for chosen in product(*days.values()):
        exact = case
        for key, day in zip(days, chosen, strict=True):
            exact = exact.with_exact_date(key, day)
        if condition.truth(exact) is Truth.UNKNOWN:
            return False
    return True


def _earliest_safe_date(condition: Condition, case: Case, pack: RulePack) -> date | None:
    """Return the first day from which *condition* stays not met if nothing changes but time.

    Its truth can change only on days on which a window ends, so only those are tried. An answer
    that is set aside today would have to be given anew once its question is asked again.
    """
    days = {
        day
        for use in _date_uses(condition, case, pack)
        for day in (use.window.over_from(use.when.earliest), use.window.over_from(use.when.latest))
        if day > case.today
    }
    if not days:
        return None
    counting = {k: v for k, v in case.answers.items() if case.asked(k) is not Truth.NOT_MET}
    later = replace(case, answers=counting)
    first = None
    for day in sorted(days, reverse=True):
        if condition.truth(later.on(day)) is not Truth.NOT_MET:
            break
        first = day
    return first
