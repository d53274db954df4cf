"""What a clinician says of one form: the decision, its reasons, and words added later."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from intake.core.records import Role


class Disposition(StrEnum):
    """The clinician's word on one response."""

    PROCEED = "proceed"
    PROCEED_WITH_PRECAUTIONS = "proceed_with_precautions"
    DEFER = "defer"
    REFER = "refer"
    DO_NOT_TREAT = "do_not_treat"
    NEED_INFORMATION = "need_information"


class OverrideReason(StrEnum):
    """Why a clinician decides against a finding; words go with it."""

    EXAMINED = "examined"
    ANSWER_CORRECTED = "answer_corrected"
    PRESCRIBER_CONSULTED = "prescriber_consulted"
    PLAN_CHANGED = "plan_changed"
    BENEFIT_OUTWEIGHS = "benefit_outweighs"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Override:
    """One finding decided against, and why."""

    rule_id: str
    reason: OverrideReason
    words: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What a clinician wants to record, before it is stored.

    Attributes:
        until: For `defer`: the day on which the case comes back.
        note: Free words; for `refer` the question, for `need_information` what is missing.
        acknowledged: Ids of the cautions that were read.
    """

    disposition: Disposition
    note: str = ""
    until: date | None = None
    overrides: tuple[Override, ...] = ()
    acknowledged: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Review:
    """A signed decision. Later ones supersede it; it stays readable.

    Attributes:
        sequence: 1 for the first decision on a response.
        by_name: The name as it was when signed; so is the role.
    """

    id: str
    response_id: str
    screening_id: str
    sequence: int
    decision: Decision
    by: str
    by_name: str
    by_role: Role
    at: datetime


def open_referral(reviews: Sequence[Review]) -> Review | None:
    """Return the referral that no dermatologist has answered; to ask for more is no answer.

    Args:
        reviews: The decisions on a form and the versions before it, oldest first.
    """
    said = [one for one in reviews if one.decision.disposition is not Disposition.NEED_INFORMATION]
    return said[-1] if said and said[-1].decision.disposition is Disposition.REFER else None


@dataclass(frozen=True, slots=True)
class Owner:
    """Who has taken a case, and since when; anybody who may decide it can take it over."""

    by: str
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Addendum:
    """Words added to a case after it was decided."""

    id: str
    response_id: str
    text: str
    by: str
    by_name: str
    at: datetime
