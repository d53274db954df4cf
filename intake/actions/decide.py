"""Reading a case, deciding it, and adding to it afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.actions.permission import require_clinician, require_reader
from intake.actions.recall import end_with, look_at, require_looked_under, what_keeps
from intake.core.blank import worded
from intake.core.decisions import Addendum, Disposition, Review
from intake.core.errors import (
    AnswerError,
    ConflictError,
    IntakeError,
    NotAllowedError,
    NotFoundError,
    StateError,
)
from intake.core.held import faults_of_holding
from intake.core.review import (
    GOING_AHEAD,
    CaseStatus,
    case_status,
    faults_of,
    may_decide,
    within_reach,
)
from intake.storage import audit, cases, claims

if TYPE_CHECKING:
    from datetime import date, datetime

    from intake.core.decisions import Decision
    from intake.core.records import Case, Practitioner
    from intake.core.rules import RulePack
    from intake.storage import Store


SCREENED_AGAIN = "The case was screened again after you opened it. Read the findings, then decide."
"""What is said to whoever decides on findings that are not the newest."""


PRIVATE_READ = "private answers read"


class DecisionRefusedError(IntakeError):
    """The decision lacks something.

    Attributes:
        faults: What to do about it, one sentence each.
    """

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("the decision lacks something")


def open_case(store: Store, *, response_id: str, by: Practitioner, now: datetime) -> Case:
    """Return what somebody may read of one response; that it was read is audited.

    Raises:
        NotFoundError: there is no such case.
    """
    return _read(store, response_id, "case read", by, now)


def open_private(store: Store, *, response_id: str, by: Practitioner, now: datetime) -> Case:
    """Return a case to somebody who opens what was asked in private; that they did is audited.

    It shows how they changed, and so those of the form before as well, on which that is noted too.

    Raises:
        NotFoundError: there is no such case.
    """
    found = _read(store, response_id, PRIVATE_READ, by, now)
    if found.before is not None:
        with store.write() as db:
            audit.append(db, at=now, actor=by.id, action=PRIVATE_READ, subject=found.before.id)
    return found


def _read(store: Store, response_id: str, act: str, by: Practitioner, now: datetime) -> Case:
    require_reader(by)
    found = _case(store, response_id)
    with store.write() as db:
        audit.append(db, at=now, actor=by.id, action=act, subject=response_id)
    return within_reach(found, by)


def _case(store: Store, response_id: str) -> Case:
    found = cases.case(store, response_id)
    if found is None:
        msg = "There is no such case."
        raise NotFoundError(msg)
    return found


def decide(  # noqa: PLR0913 - each is one fact about the decision
    store: Store,
    pack: RulePack,
    *,
    response_id: str,
    decision: Decision,
    seen: int,
    by: Practitioner,
    now: datetime,
    today: date,
    read: str | None = None,
) -> Review:
    """Sign a decision.

    Args:
        store: Where it is kept.
        pack: The pack of the case's newest screening.
        response_id: Which case.
        decision: What was decided.
        seen: How many decisions the deciding person had before their eyes.
        by: Who decides.
        now: The instant of signing.
        today: The clinic's local date.
        read: The id of the screening whose findings were before their eyes; None takes the newest.

    Raises:
        NotFoundError: there is no such case.
        ConflictError: somebody else decided in the meantime, which says who and when, or the case
            was screened again.
        StateError: the case is in no state to be decided.
        NotAllowedError: it is for somebody else to decide.
        DecisionRefusedError: it lacks something; says all of it.
    """
    require_clinician(by)
    goes_ahead = decision.disposition in GOING_AHEAD
    looked_under = look_at(store, response_id, today=today, now=now) if goes_ahead else None
    with store.write() as db:
        if goes_ahead:
            require_looked_under(store, looked_under)
        case = _case(store, response_id)
        _require_nothing_new(case, seen)
        _require_may_decide(case, by, today)
        screening = case.screening
        if screening is None:
            msg = "This form was not sent yet, so there is nothing to decide."
            raise StateError(msg)
        if read is not None and read != screening.id:
            raise ConflictError(SCREENED_AGAIN)
        faults = [
            *faults_of_holding(decision, case, pack.rules_by_id, by, today),
            *faults_of(decision, screening.screening, pack.rules_by_id, by, today),
        ]
        if goes_ahead and (held := what_keeps(store, response_id)):
            faults.append(held)
        if faults:
            raise DecisionRefusedError(faults)
        review = Review(
            id=store.new_id(),
            response_id=response_id,
            screening_id=screening.id,
            sequence=len(case.reviews) + 1,
            decision=decision,
            by=by.id,
            by_name=by.name,
            by_role=by.role,
            at=now,
        )
        cases.add_review(db, review)
        claims.end_claim(db, response_id)
        if decision.disposition is Disposition.DO_NOT_TREAT:
            end_with(store, db, response_id, words=decision.note, by=by, now=now)
        audit.append(
            db, at=now, actor=by.id, action="decided", subject=response_id,
            sequence=review.sequence,
        )  # fmt: skip
    return review


def _require_nothing_new(case: Case, seen: int) -> None:
    if len(case.reviews) == seen:
        return
    if not 0 <= seen <= len(case.reviews):
        msg = "Read the case again before you decide."
        raise ConflictError(msg)
    last = case.reviews[-1]
    msg = (
        f"{last.by_name} decided this case at {last.at:%H:%M} UTC on {last.at:%d %B %Y}, while you"
        " were reading. Your decision was not stored. Read theirs, then decide again if needed."
    )
    raise ConflictError(msg)


def _require_may_decide(case: Case, by: Practitioner, today: date) -> None:
    status = case_status(case, today)
    if may_decide(by, status):
        return
    if status is CaseStatus.WITH_DERMATOLOGIST:
        msg = "This case was referred; a dermatologist decides it."
        raise NotAllowedError(msg)
    msg = (
        "This case cannot be decided now: it is being filled, or was treated, amended or withdrawn."
    )
    raise StateError(msg)


def add_addendum(
    store: Store, *, response_id: str, text: str, by: Practitioner, now: datetime
) -> Addendum:
    """Add words to a case; nothing that stands there is changed.

    Raises:
        NotFoundError: there is no such case.
        AnswerError: there are no words.
    """
    require_clinician(by)
    words = worded(text)
    if not words:
        msg = "Write what is to be added."
        raise AnswerError(msg)
    with store.write() as db:
        _case(store, response_id)
        addendum = Addendum(store.new_id(), response_id, words, by.id, by.name, now)
        cases.add_addendum(db, addendum)
        audit.append(db, at=now, actor=by.id, action="addendum written", subject=response_id)
    return addendum
