"""What is held for a dermatologist beside the findings: what one decided, what is gone unseen.

Deciding again, amending, and entering another answer would otherwise be ways round one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.core.decisions import Disposition, open_referral
from intake.core.records import ResponseStatus, Role, Version
from intake.core.review import GOING_AHEAD, is_for_dermatologist
from intake.core.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from intake.core.decisions import Decision, Review
    from intake.core.records import Case, Entry, Practitioner
    from intake.core.rules import Rule
    from intake.core.screening import Screening

_REFER_WHAT_IS_GONE = (
    "Refer this case: a finding for a dermatologist is gone since the version before, by answers"
    " that staff entered. Only a dermatologist goes ahead with it."
)

_ONLY_THEY = "Only a dermatologist goes ahead with it."

_REFER_AGAIN = (
    "Refer this case again, with what you found out: the dermatologist asked for more before they"
    " decide."
)

_AGAINST = (Disposition.DEFER, Disposition.DO_NOT_TREAT)


FINAL = (*GOING_AHEAD, *_AGAINST)
"""The dispositions that decide a case to an end, at least for a time."""


def refusal(
    reviews: Iterable[Review], today: date, *, elsewhere: Iterable[Review] = ()
) -> Review | None:
    """Return a dermatologist's decision not to treat, or not yet, that holds; None without one.

    It holds until a dermatologist decides otherwise, or the day comes to which they deferred. One
    on another form of the patient holds as well, unless a dermatologist decided on this one since:
    beginning anew is no way round it.

    Args:
        reviews: The decisions on a form and the versions before it, oldest first.
        today: The clinic's local date.
        elsewhere: Those on other forms of the patient, oldest first.
    """
    own, others = _by_dermatologist(reviews), _by_dermatologist(elsewhere)
    since = [one for one in others if not own or one.at > own[-1].at]
    last = (_against(own, today), _against(since, today))
    return next((one for one in last if one is not None), None)


def _by_dermatologist(reviews: Iterable[Review]) -> list[Review]:
    return [
        one
        for one in reviews
        if one.by_role is Role.DERMATOLOGIST and one.decision.disposition in FINAL
    ]


def _against(reviews: Sequence[Review], today: date) -> Review | None:
    """Return the last of some decisions if it is one against treating that is not over."""
    last = reviews[-1] if reviews else None
    if last is None or last.decision.disposition in GOING_AHEAD:
        return None
    until = last.decision.until
    is_over = last.decision.disposition is Disposition.DEFER and until and until <= today
    return None if is_over else last


def gone(earlier: Iterable[Version], now: Version, rules: Mapping[str, Rule]) -> tuple[Entry, ...]:
    """Return who took each finding away that was a dermatologist's to decide, by entering answers.

    It counts until a dermatologist goes ahead. What the patient corrects is the patient's word, and
    what could only not be ruled out is what a practitioner may ask about and enter.

    Args:
        earlier: The versions that this one replaces, oldest first.
        now: This one.
        rules: The rules by id.
    """
    shown: set[str] = set()
    lost: dict[str, Entry] = {}
    for version in (*earlier, now):
        if version.screening is not None:
            found = {finding.rule_id for finding in version.screening.findings}
            if version.entered is not None:
                lost = dict.fromkeys(sorted(shown), version.entered) | lost
            lost = {rule_id: entry for rule_id, entry in lost.items() if rule_id not in found}
            shown |= _theirs(version.screening, rules)
        if any(_goes_ahead(review) for review in version.reviews):
            shown, lost = set(), {}
    return tuple(lost.values())


def _theirs(screening: Screening, rules: Mapping[str, Rule]) -> set[str]:
    return {
        finding.rule_id
        for finding in screening.findings
        if finding.truth is Truth.MET and is_for_dermatologist(finding, rules)
    }


def _goes_ahead(review: Review) -> bool:
    return review.by_role is Role.DERMATOLOGIST and review.decision.disposition in GOING_AHEAD


def gone_from(case: Case, rules: Mapping[str, Rule]) -> tuple[Entry, ...]:
    """Return who took findings for a dermatologist away since earlier versions of a case."""
    stored = case.screening
    newest = stored.screening if stored else None
    now = Version(case.response.id, case.response.entered, newest, case.reviews)
    return gone(case.earlier, now, rules)


def gone_words(entries: Sequence[Entry], names: Mapping[str, str]) -> str:
    """Say how many findings for a dermatologist are gone, and who entered that; not which."""
    many = len(entries)
    what = (
        "A finding for a dermatologist is"
        if many == 1
        else f"{many} findings for a dermatologist are"
    )
    who = ", ".join(dict.fromkeys(names.get(entry.by, "Somebody") for entry in entries))
    return f"{what} gone since the version before; {who} entered the change."


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
    held = refusal(case.every_review, today, elsewhere=case.elsewhere)
    if held is None:
        return []
    if decision.disposition in GOING_AHEAD:
        return [f"Refer this case: {refused_by(held, case)} {_ONLY_THEY}"]
    until = held.decision.until
    if decision.disposition is Disposition.DEFER and until and (decision.until or until) < until:
        return [f"Enter {until.day} {until:%B %Y} or a later day: {refused_by(held, case)}"]
    return []


def keeps_from_withdrawing(case: Case, who: Practitioner, today: date) -> str:
    """Say what keeps *who* from withdrawing a form; blank when nothing does.

    What was referred, and what a dermatologist decided against, is not begun anew without one. A
    form that was not sent has no decision of its own to take away.
    """
    is_sent = case.response.status is ResponseStatus.COMPLETED
    if not is_sent or who.role is Role.DERMATOLOGIST:
        return ""
    if open_referral(case.every_review):
        return "This case was referred; only a dermatologist withdraws it."
    held = refusal(case.every_review, today)
    return f"Only a dermatologist withdraws this case: {refused_by(held, case)}" if held else ""


def refused_by(held: Review, case: Case) -> str:
    """Say who decided against treating, for a page or a fault."""
    until = held.decision.until
    where = " on another form of this patient" if held in case.elsewhere else ""
    if held.decision.disposition is Disposition.DEFER and until:
        day = f"{until.day} {until:%B %Y}"
        return f"{held.by_name}, dermatologist, deferred treatment to {day}{where}."
    return f"{held.by_name}, dermatologist, decided not to treat{where}."
