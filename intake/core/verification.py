"""What can be checked about a pack without a patient.

Each check yields the place, what is wrong and what to do. Nothing here changes a pack.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

from intake.core.answers import Chosen, Measured, Missing, Picked, Worded
from intake.core.conditions import AREA_FIELD, All
from intake.core.evidence import Basis
from intake.core.questionnaire import NONE_CODE, PLAN_PREFIX, UNDECIDED_CODE, Kind
from intake.core.rules import Triage
from intake.core.screening import case_of, judge, read_all, screen
from intake.core.sentences import Includes, Is, Overlaps
from intake.core.truth import Truth
from intake.core.wording import reading_level, words_for_patients

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from intake.core.answers import Answer
    from intake.core.conditions import Case, Condition
    from intake.core.questionnaire import Item
    from intake.core.rules import Rule, RulePack, Vignette
    from intake.core.screening import Screening

MOST_CELLS = 50_000
"""Largest table of answers that is gone through; beyond it a question stays open."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: which check found it, where, and what to do."""

    check: str
    place: str
    words: str

    def __str__(self) -> str:
        """Write it as `file:line: words`."""
        return f"{self.place}: {self.words}"


def problems_of(pack: RulePack, today: date) -> Iterator[tuple[str, list[Problem]]]:
    """Run every check, yielding its name and what it found."""
    for name, check in CHECKS.items():
        yield name, [Problem(name, place, words) for place, words in check(pack, today)]


def _conditions(pack: RulePack) -> Iterator[Condition]:
    yield from (rule.when for rule in pack.rules)
    yield from pack.gates.values()


def _named_answers(pack: RulePack) -> dict[str, set[str]]:
    """Return the answers that some rule or gate mentions, by question; all questions looked at."""
    named: dict[str, set[str]] = {}
    for condition in _conditions(pack):
        for sentence in condition.sentences():
            codes = named.setdefault(sentence.subject, set())
            if isinstance(sentence, Is | Includes):
                codes |= sentence.codes
            elif isinstance(sentence, Overlaps):
                codes.update(pack.items[sentence.subject].codes)
                named.setdefault(AREA_FIELD, set()).update(pack.items[AREA_FIELD].codes)
    for rule in pack.rules:
        for stricter, _ in rule.stricter:
            named.setdefault(PLAN_PREFIX + "device", set()).add(stricter.label)
    return named


def _dead_questions(pack: RulePack, _today: date) -> Iterator[tuple[str, str]]:
    """Find questions nobody uses: each costs a patient time and answers nothing."""
    named = _named_answers(pack)
    for link_id, item in pack.items.items():
        if link_id not in named and not item.informational:
            yield (
                pack.places[link_id],
                (f"no rule uses '{link_id}'; use it, take it out, or mark it informational: yes"),
            )


def _dead_answers(pack: RulePack, _today: date) -> Iterator[tuple[str, str]]:
    """Find answers no rule mentions and nobody marked harmless."""
    named = _named_answers(pack)
    for link_id, item in pack.items.items():
        if item.kind not in (Kind.CHOICE, Kind.CHOICES) or item.informational:
            continue
        settled = named.get(link_id, set()) | item.harmless | {NONE_CODE, UNDECIDED_CODE}
        for code in [code for code in item.codes if code not in settled]:
            yield (
                pack.places[link_id],
                (
                    f"no rule mentions the answer '{code}' of '{link_id}'; use it or list it under"
                    " harmless"
                ),
            )


def _unreachable_rules(pack: RulePack, _today: date) -> Iterator[tuple[str, str]]:
    """Find rules that no answers can meet, such as one that needs a question its gate hides."""
    fired = {rule_id for v in pack.vignettes for rule_id in v.expect.fires}
    for rule in pack.rules:
        if rule.id not in fired and not _may_be_met(pack, rule.when):
            yield (
                rule.where,
                (
                    f"the rule '{rule.id}' can never be met: its parts contradict each other, or a"
                    " question it needs is not asked when it would count"
                ),
            )


def _may_be_met(pack: RulePack, condition: Condition) -> bool:
    """Tell whether some answers leave *condition* met or open.

    All combinations of choices are gone through, dates, numbers and medicines being left open;
    too large a table counts as "may be".
    """
    cells = {s: _cells(pack.items[s]) for s in _closure(pack, condition)}
    size = 1
    for answers in cells.values():
        size *= len(answers)
    if size > MOST_CELLS:
        return True
    today = pack.effective
    return any(
        condition.truth(case_of(pack, dict(zip(cells, chosen, strict=True)), today))
        is not Truth.NOT_MET
        for chosen in product(*cells.values())
    )


def _closure(pack: RulePack, condition: Condition) -> list[str]:
    """Return the questions a condition depends on, through the gates as well."""
    found: dict[str, None] = {}
    waiting = [sentence.subject for sentence in condition.sentences()]
    while waiting:
        subject = waiting.pop()
        if subject not in found and subject in pack.gates:
            waiting.extend(s.subject for s in pack.gates[subject].sentences())
        found[subject] = None
    return list(found)


def _cells(item: Item) -> list[Answer]:
    """Return one answer of each kind that a choice allows; what is not a choice is left open."""
    codes = [code for code in item.codes if code != UNDECIDED_CODE]
    if item.kind in (Kind.YES_NO, Kind.CHOICE):
        return [Chosen(code) for code in codes]
    if item.kind in (Kind.CHOICES, Kind.BODY_MAP):
        everything = frozenset(codes) - {NONE_CODE}
        return [*(Picked(frozenset({code})) for code in codes), Picked(everything)]
    return [Missing.NOT_ANSWERED]


def _fails_open(pack: RulePack, _today: date) -> Iterator[tuple[str, str]]:
    """Look for a question whose "not sure" is taken more lightly than one of its answers.

    For the patient of every vignette that ends in routine or caution, each answer in turn is
    replaced by "not sure"; if the triage stays there, no answer to that question may raise it.
    """
    concerned = _rules_by_question(pack)
    for vignette in pack.vignettes:
        if vignette.expect.triage not in (Triage.ROUTINE, Triage.CAUTION):
            continue
        answers = read_all(pack, vignette.answers, vignette.plan, vignette.on).answers
        case = case_of(pack, answers, vignette.on)
        for link_id, rules in concerned.items():
            unsure = _triage_with(pack, case, rules, link_id, Missing.NOT_SURE)
            if unsure.rank < Triage.CAUTION.rank:
                continue
            for answer in _sample(pack.items[link_id]):
                found = _triage_with(pack, case, rules, link_id, answer)
                if found.rank < Triage.CAUTION.rank:
                    yield (
                        vignette.where,
                        (
                            f"'{link_id}' fails open in '{vignette.id}': not sure is {unsure},"
                            f" but one of its answers is {found}"
                        ),
                    )


def _triage_with(
    pack: RulePack, case: Case, rules: tuple[Rule, ...], link_id: str, answer: Answer
) -> Triage:
    """Return the triage of some rules with one answer changed."""
    changed = replace(case, answers={**case.answers, link_id: answer})
    found = (judge(rule, changed, pack) for rule in rules)
    return Triage.most_serious([finding.effect for finding in found if finding])


def _rules_by_question(pack: RulePack) -> dict[str, tuple[Rule, ...]]:
    """Return the rules that each question can change, through the gates as well."""
    found: dict[str, list[Rule]] = {}
    for rule in pack.rules:
        for link_id in _closure(pack, All(tuple(claim.when for claim in rule.claims))):
            found.setdefault(link_id, []).append(rule)
    return {link_id: tuple(rules) for link_id, rules in found.items()}


def _sample(item: Item) -> list[Answer]:
    """Return answers to try: every choice, both ends of a number, every word for a date."""
    if item.kind is Kind.NUMBER:
        return [Measured(end) for end in (item.minimum, item.maximum) if end is not None]
    if item.kind is Kind.DATE:
        return [Worded(word) for word in item.words]
    return [answer for answer in _cells(item) if not isinstance(answer, Missing)]


_WITHOUT_SOURCE = {
    Basis.EXPERT_DEFAULT,
    Basis.GENERAL_KNOWLEDGE,
    Basis.LOCAL_POLICY,
    Basis.LAW,
    Basis.EXTRAPOLATED,
}


def _evidence(pack: RulePack, today: date) -> Iterator[tuple[str, str]]:
    """Find rules without a source, past their review date, or floors that are switched off."""
    for rule in pack.rules:
        if not rule.sources and not set(rule.basis) <= _WITHOUT_SOURCE:
            named = ", ".join(rule.basis)
            yield rule.where, f"'{rule.id}' rests on {named} but names no source; add one"
        if rule.review_by <= today:
            yield (
                rule.where,
                (
                    f"'{rule.id}' was to be reviewed by {rule.review_by}; read its sources again"
                    " and set a new date"
                ),
            )
        if not rule.covers:
            yield rule.where, f"'{rule.id}' names no row of the evidence table under covers"


def _settings(pack: RulePack, _today: date) -> Iterator[tuple[str, str]]:
    """Find settings outside the range their sources span."""
    for name, setting in pack.settings.items():
        if not setting.allows(setting.value):
            yield (
                pack.places[f"setting {name}"],
                (f"'{name}' is {setting}, outside its range {setting.range}; mend one of them"),
            )


def _vignette_names(pack: RulePack, _today: date) -> Iterator[tuple[str, str]]:
    """Find vignettes that name a rule which does not exist."""
    for vignette in pack.vignettes:
        expect = vignette.expect
        for rule_id in {*expect.fires, *expect.unknown, *expect.silent} - set(pack.rules_by_id):
            yield (
                vignette.where,
                f"'{vignette.id}' expects the rule '{rule_id}', which is not there",
            )


def _rules_without_vignettes(pack: RulePack, _today: date) -> Iterator[tuple[str, str]]:
    """Find rules that no vignette fires, or none keeps silent."""
    fired = {rule_id for v in pack.vignettes for rule_id in v.expect.fires}
    silent = {rule_id for v in pack.vignettes for rule_id in v.expect.silent}
    for rule in pack.rules:
        if rule.id not in fired:
            yield rule.where, f"no vignette fires '{rule.id}'; add one that lists it under fires"
        if rule.id not in silent:
            yield (
                rule.where,
                (f"no vignette keeps '{rule.id}' silent; add one that lists it under silent"),
            )


def run_vignette(pack: RulePack, vignette: Vignette) -> tuple[Screening, list[str]]:
    """Screen a vignette; returns the screening and every difference from what it expects."""
    reading = read_all(pack, vignette.answers, vignette.plan, vignette.on)
    found = screen(pack, reading.answers, vignette.on)
    expect = vignette.expect
    met = {f.rule_id for f in found.findings if f.truth is Truth.MET}
    unknown = {f.rule_id for f in found.findings if f.truth is Truth.UNKNOWN}
    if reading.problems:
        return found, [f"{link_id}: {words}" for link_id, words in reading.problems]
    faults = []
    if found.triage is not expect.triage:
        faults.append(f"triage is {found.triage}, expected {expect.triage}")
    faults += [f"{rule_id} is not met" for rule_id in expect.fires if rule_id not in met]
    faults += [f"{rule_id} is not unknown" for rule_id in expect.unknown if rule_id not in unknown]
    faults += [
        f"{rule_id} is {'met' if rule_id in met else 'unknown'}, expected silent"
        for rule_id in expect.silent
        if rule_id in met | unknown
    ]
    if expect.earliest and found.earliest_safe_date != expect.earliest:
        faults.append(
            f"earliest safe date is {found.earliest_safe_date}, expected {expect.earliest}"
        )
    if expect.exactly:
        extra = (met - set(expect.fires)) | (unknown - set(expect.unknown))
        faults += [f"{rule_id} was not expected" for rule_id in sorted(extra)]
    return found, faults


def _vignettes_hold(pack: RulePack, _today: date) -> Iterator[tuple[str, str]]:
    """Find vignettes that do not give what they say."""
    for vignette in pack.vignettes:
        for fault in run_vignette(pack, vignette)[1]:
            yield vignette.where, f"'{vignette.id}': {fault}"


CHECKS: Mapping[str, Callable[[RulePack, date], Iterator[tuple[str, str]]]] = {
    "every question is used": _dead_questions,
    "every answer matters": _dead_answers,
    "every rule can be met": _unreachable_rules,
    "vignettes name rules": _vignette_names,
    "every rule has vignettes": _rules_without_vignettes,
    "vignettes hold": _vignettes_hold,
    "not sure never fails open": _fails_open,
    "evidence and review dates": _evidence,
    "settings within their ranges": _settings,
    "words for patients": words_for_patients,
    "reading level for patients": reading_level,
}
"""The checks beyond those made while loading, by the name they are reported under."""
