"""What the other forms of a patient say against going ahead on one.

Each form would otherwise be a way round the others: beginning anew, withdrawing, or treating on the
one that was decided before. Whatever stands open on a form stands open for the patient.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.core.decisions import Disposition, open_referral
from intake.core.records import Role
from intake.core.review import GOING_AHEAD, needs_dermatologist

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from intake.core.decisions import Review
    from intake.core.records import Case, Version
    from intake.core.rules import Rule

AGAINST = (Disposition.DEFER, Disposition.DO_NOT_TREAT)

FINAL = (*GOING_AHEAD, *AGAINST)
"""The dispositions that decide a case to an end, at least for a time."""


def refusal(case: Case, today: date) -> Review | None:
    """Return a dermatologist's decision not to treat, or not yet, that holds; None without one.

    It holds until a dermatologist decides otherwise, or the day comes to which they deferred. Each
    form has its own last word, so that a deferral on one that is over takes nothing from what was
    said on another; once a dermatologist went ahead on any, what was said on others before is over.
    """
    if held := _against(_theirs(case.every_review), today):
        return held
    others = [_reviews(form) for form in _forms(case)]
    said = [one for one in map(go_ahead_in, [case.every_review, *others]) if one]
    ahead = max((one.at for one in said), default=None)
    found = [held for one in others if (held := _against(_theirs(one), today))]
    holding = [one for one in found if ahead is None or one.at > ahead]
    return max(holding, key=lambda one: one.at, default=None)


def contradicted_by(case: Case, rules: Mapping[str, Rule]) -> Version | None:
    """Return another form of the patient that a dermatologist is to look at first.

    It was referred, or holds a finding for a dermatologist that nobody decided on since it came up.
    On a form that is newer than this one it takes a dermatologist to decide: the patient said it
    since. What was there when a dermatologist went ahead on this form counts no more.

    Args:
        case: The one that would go ahead.
        rules: The rules by id.
    """
    said = go_ahead_in(case.reviews)
    ahead = said.at if said else None
    for form in _forms(case):
        newest, referral = form[-1], open_referral(_reviews(form))
        if referral is not None and _is_since(referral.at, ahead):
            return newest
        waits = _waits(newest, rules) and not _is_answered(newest, case)
        if waits and _is_since(newest.reopened_at or newest.sent_at, ahead):
            return newest
    return None


def sent_before(case: Case) -> list[Version]:
    """Return the other forms of the patient that were sent before this one, oldest first."""
    sent = case.response.submitted_at
    return [one for one in case.elsewhere if sent and one.sent_at and one.sent_at <= sent]


def goes_ahead(review: Review) -> bool:
    """Tell whether a dermatologist let treatment go ahead."""
    return review.by_role is Role.DERMATOLOGIST and review.decision.disposition in GOING_AHEAD


def go_ahead_in(reviews: Iterable[Review]) -> Review | None:
    """Return a dermatologist's word that treatment goes ahead, if it is the last of theirs.

    To ask for more, or for another opinion, takes it back.
    """
    theirs = [one for one in reviews if one.by_role is Role.DERMATOLOGIST]
    return theirs[-1] if theirs and goes_ahead(theirs[-1]) else None


def _waits(form: Version, rules: Mapping[str, Rule]) -> bool:
    """Tell whether a form holds something for a dermatologist; one that was not assessed may."""
    return form.screening is None or needs_dermatologist(form.screening, rules)


def _is_answered(form: Version, case: Case) -> bool:
    """Tell whether what a form holds for a dermatologist was decided by who may."""
    if form.reopened_at is not None:
        return False
    if go_ahead_in(form.reviews):
        return True
    is_newer = _is_before(case.response.submitted_at, form.sent_at)
    return not is_newer and _is_final(form.reviews)


def _is_final(reviews: Sequence[Review]) -> bool:
    return bool(reviews) and reviews[-1].decision.disposition in FINAL


def _is_before(one: datetime | None, other: datetime | None) -> bool:
    return one is None or other is None or one < other


def _is_since(at: datetime | None, ahead: datetime | None) -> bool:
    """Tell whether something came up after a dermatologist went ahead, or nobody knows when."""
    return at is None or ahead is None or at >= ahead


def _forms(case: Case) -> list[list[Version]]:
    """Return the other forms of the patient, each as its versions, oldest first."""
    forms: dict[str, list[Version]] = {}
    for one in case.elsewhere:
        form = [*forms.pop(one.replaces or "", []), one]
        forms[one.response_id] = form
    return list(forms.values())


def _reviews(form: Iterable[Version]) -> list[Review]:
    return [one for version in form for one in version.reviews]


def _theirs(reviews: Iterable[Review]) -> list[Review]:
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
