"""What is held for a dermatologist beside the findings: what one decided, what is gone unseen.

Deciding again, amending, and entering another answer would otherwise be ways round one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from intake.core.decisions import Disposition, open_referral
from intake.core.other_forms import (
    contradicted_by,
    go_ahead_in,
    refusal,
    sent_before,
)
from intake.core.records import ResponseStatus, Role, StoredScreening, Version
from intake.core.review import GOING_AHEAD, is_for_dermatologist, needs_dermatologist

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from intake.core.decisions import Decision, Review
    from intake.core.records import Case, Entry, Practitioner
    from intake.core.rules import Rule
    from intake.core.screening import Screening

_REFER_WHAT_IS_GONE = (
    "Refer this case: a finding for a dermatologist is gone since an earlier form, by answers"
    " that staff entered. Only a dermatologist goes ahead with it."
)

_ONLY_THEY = "Only a dermatologist goes ahead with it."

_REFER_AGAIN = (
    "Refer this case again, with what you found out: the dermatologist asked for more before they"
    " decide."
)


def gone(earlier: Iterable[Version], now: Version, rules: Mapping[str, Rule]) -> tuple[Entry, ...]:
    """Return who took each finding away that was a dermatologist's to decide, by entering answers.

    It counts until a dermatologist goes ahead who was shown that. What the patient rules out on a
    form of their own is the patient's word, and what could only not be ruled out is what a
    practitioner may ask about and enter.

    Args:
        earlier: The versions that this one replaces, oldest first.
        now: This one.
        rules: The rules by id.
    """
    shown: set[str] = set()
    lost: dict[str, Entry] = {}
    for version in (*earlier, now):
        said, signed = go_ahead_in(version.reviews), frozenset[str]()
        for stored in version.screenings:
            found = {finding.rule_id for finding in stored.screening.findings}
            if version.entered is not None:
                lost = dict.fromkeys(sorted(shown - found), version.entered) | lost
            elif version.replaces is None:
                shown, lost = shown & found, {}
            lost = {rule_id: entry for rule_id, entry in lost.items() if rule_id not in found}
            shown |= _theirs(stored.screening, rules) - signed
            if said is not None and said.screening_id == stored.id:
                signed = _theirs(stored.screening, rules)
                shown, lost = set(), {}
    return tuple(lost.values())


def _theirs(screening: Screening, rules: Mapping[str, Rule]) -> frozenset[str]:
    return frozenset(
        finding.rule_id
        for finding in screening.findings
        if finding.is_met and is_for_dermatologist(finding, rules)
    )


def gone_from(
    case: Case, rules: Mapping[str, Rule], screening: Screening | None = None
) -> tuple[Entry, ...]:
    """Return who took findings for a dermatologist away since earlier versions and forms.

    What the patient says on a form of their own begins anew: that is their word.

    Args:
        case: The case.
        rules: The rules by id.
        screening: Its newest screening where it is not stored yet.
    """
    form, stored = case.response, case.screenings
    if screening is not None:
        stored = (*stored, StoredScreening("", form.id, screening, at=form.begun_at))
    now = Version(
        form.id,
        form.entered,
        stored,
        case.reviews,
        replaces=form.replaces,
        sent_at=form.submitted_at,
    )
    every = sorted([*sent_before(case), *case.earlier], key=lambda one: str(one.sent_at))
    return tuple(dict.fromkeys([*gone(case.earlier, now, rules), *gone(every, now, rules)]))


def gone_words(entries: Sequence[Entry], names: Mapping[str, str]) -> str:
    """Say how many findings for a dermatologist are gone, and who entered that; not which."""
    many = len(entries)
    what = (
        "A finding for a dermatologist is"
        if many == 1
        else f"{many} findings for a dermatologist are"
    )
    who = ", ".join(dict.fromkeys(names.get(entry.by, "Somebody") for entry in entries))
    return f"{what} gone since an earlier form; {who} entered the change."


def faults_of_holding(
    decision: Decision, case: Case, rules: Mapping[str, Rule], who: Practitioner, today: date
) -> list[str]:
    """Return what keeps *who* from signing beside the findings that can be seen."""
    if who.role is Role.DERMATOLOGIST:
        return []
    if decision.disposition in GOING_AHEAD and gone_from(case, rules):
        return [_REFER_WHAT_IS_GONE]
    is_asking = decision.disposition in (Disposition.REFER, Disposition.NEED_INFORMATION)
    if open_referral(case.every_review) and not is_asking:
        return [_REFER_AGAIN]
    if decision.disposition in GOING_AHEAD and (other := contradicted_by(case, rules)):
        return [f"Refer this case, or let that one be decided first: {contradicted_words(other)}"]
    held = refusal(case, today)
    if held is None:
        return []
    if decision.disposition in GOING_AHEAD:
        return [f"Refer this case: {refused_by(held, case)} {_ONLY_THEY}"]
    until = held.decision.until
    if decision.disposition is Disposition.DEFER and until and (decision.until or until) < until:
        return [f"Enter {until.day} {until:%B %Y} or a later day: {refused_by(held, case)}"]
    return []


def keeps_from_withdrawing(
    case: Case, rules: Mapping[str, Rule], who: Practitioner, today: date
) -> str:
    """Say what keeps *who* from withdrawing a form; blank when nothing does.

    What is for a dermatologist to decide, or was decided by one, is not taken away without one. A
    form that was not sent has no decision of its own to take away.
    """
    is_sent = case.response.status is ResponseStatus.COMPLETED
    if not is_sent or who.role is Role.DERMATOLOGIST:
        return ""
    if open_referral(case.every_review):
        return "This case was referred; only a dermatologist withdraws it."
    if case.screening is None or needs_dermatologist(case.screening.screening, rules):
        return "A finding here is for a dermatologist to decide; only one withdraws this case."
    held = refusal(replace(case, elsewhere=()), today)
    return f"Only a dermatologist withdraws this case: {refused_by(held, case)}" if held else ""


def keeps_from_treating(case: Case, rules: Mapping[str, Rule], today: date) -> str:
    """Say what keeps a patient from being treated on a case that goes ahead; blank for nothing."""
    if held := refusal(case, today):
        return f"Let a dermatologist decide this case again first: {refused_by(held, case)}"
    if other := contradicted_by(case, rules):
        return f"Let that form be decided first: {contradicted_words(other)}"
    return ""


def contradicted_words(other: Version) -> str:
    """Say which other form of a patient a dermatologist is to look at first."""
    sent = f", sent on {other.sent_at.day} {other.sent_at:%B %Y}," if other.sent_at else ""
    return f"another form of this patient{sent} holds what a dermatologist is to decide."


def refused_by(held: Review, case: Case) -> str:
    """Say who decided against treating, for a page or a fault."""
    until = held.decision.until
    where = " on another form of this patient" if held not in case.every_review else ""
    if held.decision.disposition is Disposition.DEFER and until:
        day = f"{until.day} {until:%B %Y}"
        return f"{held.by_name}, dermatologist, deferred treatment to {day}{where}."
    return f"{held.by_name}, dermatologist, decided not to treat{where}."
