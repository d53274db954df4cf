"""What others tell of a patient beside the form, and what the rules make of all of it together.

The clinic's own record knows of earlier sessions and how they went; at the chair a patient says
what is new. Neither replaces the form. The rules are judged on what the form says alone, on what
each telling adds to it, and on all together, and of every rule the more serious finding counts: a
telling can add a reason to wait, look or ask, and can never take one away.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from intake.core.answers import Listed, Missing, Picked, read_answer
from intake.core.errors import AnswerError
from intake.core.questionnaire import NONE_CODE, Kind
from intake.core.rules import Level, Triage
from intake.core.screening import Finding, Teller, in_order, latest_date, screen
from intake.core.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from intake.core.answers import Answer, Raw
    from intake.core.medicines import MedicineEntry, Recognition
    from intake.core.rules import RulePack
    from intake.core.screening import Screening


@dataclass(frozen=True, slots=True)
class Telling:
    """What one source adds to a form.

    Attributes:
        answers: Raw values by link id. Parts of a list are added to those that are there; anything
            else takes the place of what the form says.
        gone: Questions whose answers do not count any more.
    """

    by: Teller
    answers: Mapping[str, Raw]
    gone: frozenset[str] = frozenset()

    def without(self, link_ids: frozenset[str]) -> Telling | None:
        """Return what is left when some questions are left out; None when nothing is."""
        answers = {k: v for k, v in self.answers.items() if k not in link_ids}
        left = replace(self, answers=answers, gone=self.gone - link_ids)
        return left if left.answers or left.gone else None


UNPLACED = Finding(
    rule_id="told-without-a-place",
    title="Something was told beside the form that these rules have no place for",
    level=Level.REVIEW,
    effect=Triage.REVIEW,
    truth=Truth.UNKNOWN,
)
"""Stands for what no rule of the pack can look at, so that a clinician does."""


def screen_told(
    pack: RulePack,
    answers: Mapping[str, Answer],
    tellings: Sequence[Telling],
    today: date,
) -> Screening:
    """Judge every rule on a form and on what is told beside it.

    A telling that the pack has no place for, or cannot read, is a finding of its own.
    """
    seen: dict[MedicineEntry, Recognition] = {}
    alone = screen(pack, answers, today, seen=seen)
    if not tellings:
        return alone
    found = [alone]
    every: Mapping[str, Answer] = answers
    for telling in tellings:
        found.append(_screen_one(pack, answers, telling, today, seen))
        every, _ = with_telling(pack, every, telling, today)
    if len(tellings) > 1:
        told = screen(pack, every, today, seen=seen)
        found.append(_told_by(told, tellings[-1].by))
    return worst_of(found)


def _screen_one(
    pack: RulePack,
    answers: Mapping[str, Answer],
    telling: Telling,
    today: date,
    seen: dict[MedicineEntry, Recognition],
) -> Screening:
    typed, is_whole = with_telling(pack, answers, telling, today)
    found = screen(pack, typed, today, seen=seen)
    if not is_whole:
        found = replace(found, triage=Triage.most_serious([found.triage, Triage.REVIEW]))
        found = replace(found, findings=(UNPLACED, *found.findings))
    return _told_by(found, telling.by)


def _told_by(screening: Screening, teller: Teller) -> Screening:
    return replace(screening, findings=tuple(replace(f, teller=teller) for f in screening.findings))


def worst_of(screenings: Sequence[Screening]) -> Screening:
    """Return, of each rule, the most serious finding; the first of those that are alike.

    What is said of the form itself (the count of unknown answers, what was set aside) is that of
    the first.
    """
    worst: dict[str, Finding] = {}
    for screening in screenings:
        for finding in screening.findings:
            known = worst.get(finding.rule_id)
            if known is None or finding.weight < known.weight:
                worst[finding.rule_id] = finding
    findings = sorted((_dated(one, screenings) for one in worst.values()), key=in_order)
    return replace(
        screenings[0],
        triage=Triage.most_serious([one.triage for one in screenings]),
        findings=tuple(findings),
        earliest_safe_date=latest_date(findings),
    )


def _dated(finding: Finding, screenings: Sequence[Screening]) -> Finding:
    """Keep the day that another account of the same rule knows; a deferral without one has none."""
    if finding.earliest_safe_date is not None or finding.effect is Triage.DEFER:
        return finding
    days = [
        other.earliest_safe_date
        for screening in screenings
        for other in screening.findings
        if other.rule_id == finding.rule_id and other.earliest_safe_date is not None
    ]
    return replace(finding, earliest_safe_date=max(days, default=None))


def with_telling(
    pack: RulePack, answers: Mapping[str, Answer], telling: Telling, today: date
) -> tuple[dict[str, Answer], bool]:
    """Add a telling to typed answers.

    Returns:
        The answers, and whether the pack had a place for all of it.
    """
    typed = {**answers, **dict.fromkeys(telling.gone & answers.keys(), Missing.NOT_ANSWERED)}
    is_whole = True
    for link_id, raw in telling.answers.items():
        item = pack.items.get(link_id)
        try:
            told = read_answer(item, raw, today) if item else None
        except AnswerError:
            told = None
        if item is None or told is None:
            is_whole = False
            continue
        now = typed.get(link_id, Missing.NOT_ANSWERED)
        typed[link_id] = _added(now, told) if item.kind in _LISTS else told
    return typed, is_whole


_LISTS = frozenset({Kind.CHOICES, Kind.BODY_MAP, Kind.MEDICINES})


def _added(now: Answer, told: Answer) -> Answer:
    """Add what is told to a list; that there may be more, from either side, stays."""
    if isinstance(now, Listed) or isinstance(told, Listed):
        rows = [*_rows(now), *(row for row in _rows(told) if row not in _rows(now))]
        unsure = _is_open(now) or _is_open(told)
        return Listed(tuple(rows), unsure) if rows or not unsure else Missing.NOT_SURE
    codes = (_codes(now) | _codes(told)) - {NONE_CODE}
    unsure = _is_open(now) or _is_open(told)
    if not codes:
        return Missing.NOT_SURE if unsure else told
    spots = tuple(spot for one in (now, told) if isinstance(one, Picked) for spot in one.spots)
    return Picked(codes, unsure, tuple(dict.fromkeys(spots)))


def _rows(answer: Answer) -> tuple[MedicineEntry, ...]:
    return answer.entries if isinstance(answer, Listed) else ()


def _codes(answer: Answer) -> frozenset[str]:
    return answer.codes if isinstance(answer, Picked) else frozenset()


def _is_open(answer: Answer) -> bool:
    """Tell whether a list may hold more than it says."""
    return isinstance(answer, Missing) or bool(getattr(answer, "unsure", False))
