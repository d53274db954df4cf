"""A form after it was begun: newer versions of what was sent, and forms that are withdrawn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from intake.actions.permission import require_clinician
from intake.actions.recall import look_at, require_looked_under
from intake.actions.unsent import only_in_draft
from intake.core.blank import worded
from intake.core.decisions import Addendum
from intake.core.errors import AnswerError, NotAllowedError, NotFoundError, StateError
from intake.core.held import keeps_from_withdrawing
from intake.core.records import Response, ResponseStatus, Role
from intake.storage import audit, cases, recalls, responses, visits

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from intake.core.records import Practitioner
    from intake.core.rules import RulePack
    from intake.storage import Store


def amend(
    store: Store,
    *,
    response_id: str,
    by: Practitioner,
    now: datetime,
    again: frozenset[str] = frozenset(),
) -> Response:
    """Begin a new version of a completed form; the old one stays as it was sent.

    It begins with who helped and with what help was wanted; not with who entered the old version.
    The new version takes the old one's place once it has been sent. Amending again while the new
    version is being filled returns that version.

    Args:
        store: Where it is kept.
        response_id: The form.
        by: Who begins it.
        now: When.
        again: Link ids of questions that the patient is to answer anew: the new version begins
            without their answers, so that the tablet asks them, and what they open, first.

    Raises:
        NotFoundError: there is no such form.
        StateError: it was not sent yet, has been amended already, or is being amended while
            questions are to be asked again.
    """
    require_clinician(by)
    with store.write() as db:
        old = responses.response(store, response_id)
        if old is None:
            msg = "There is no such intake."
            raise NotFoundError(msg)
        if begun := responses.amendment_in_progress(store, response_id):
            if again:
                msg = "A newer version of this form is being filled. Go on with that one."
                raise StateError(msg)
            return begun
        if old.status is not ResponseStatus.COMPLETED or responses.successor(store, response_id):
            msg = "Only the newest version of a form that was sent can be amended."
            raise StateError(msg)
        new = replace(
            old,
            id=store.new_id(),
            status=ResponseStatus.IN_PROGRESS,
            begun_at=now,
            begun_by=by.id,
            submitted_at=None,
            receipt=None,
            signature=None,
            replaces=old.id,
            follows=None,
            carried=frozenset(),
            entered=None,
            answers={k: v for k, v in old.answers.items() if k not in again | old.carried},
        )
        responses.add_response(db, new)
        gone = dict.fromkeys((again | old.carried) & old.answers.keys())
        responses.put_answers(db, new.id, gone, now, language=new.language)
        audit.append(
            db, at=now, actor=by.id, action="amendment begun", subject=old.id,
            version=new.id, questions=len(again) or None,
        )  # fmt: skip
        audit.append(db, at=now, actor=by.id, action="intake begun", subject=new.id, amends=old.id)
    return new


def withdraw(
    store: Store,
    *,
    response_id: str,
    reason: str,
    by: Practitioner,
    pack_of: Callable[[str], RulePack],
    now: datetime,
    today: date,
) -> None:
    """Stop an unfinished form, or mark one that was sent as entered in error; nothing is deleted.

    Raises:
        NotFoundError: there is no such form.
        AnswerError: no reason was given.
        StateError: it was withdrawn already, or a newer version is there or being filled.
        NotAllowedError: it waits for a dermatologist, or one decided against treating.
        PackError: the rules in force cannot be read.
        ConflictError: other rules were put in force just now.
    """
    require_clinician(by)
    reason = worded(reason)
    if not reason:
        msg = "Write why this intake is withdrawn."
        raise AnswerError(msg)
    looked_under = look_at(store, response_id, today=today, now=now)
    with store.write() as db:
        require_looked_under(store, looked_under)
        found = responses.response(store, response_id)
        if found is None:
            msg = "There is no such intake."
            raise NotFoundError(msg)
        status = _WITHDRAWN.get(found.status)
        if status is None:
            msg = "This intake was withdrawn already."
            raise StateError(msg)
        _require_newest(store, response_id)
        _require_not_held(store, found, pack_of(found.pack_hash), by, today)
        responses.set_status(db, response_id, status)
        responses.forget_carried(db, response_id)
        visits.end_visits(db, response_id, now)
        words = Addendum(store.new_id(), response_id, f"Withdrawn: {reason}", by.id, by.name, now)
        cases.add_addendum(db, words)
        audit.append(db, at=now, actor=by.id, action="withdrawn", subject=response_id)
    if found.replaces is not None:  # the version before counts again
        look_at(store, found.replaces, today=today, now=now)


def _require_newest(store: Store, response_id: str) -> None:
    """Refuse to take a version out of the middle: the one before it would count again."""
    if responses.successor(store, response_id) or responses.amendment_in_progress(
        store, response_id
    ):
        msg = "There is a newer version of this form. Withdraw that one first."
        raise StateError(msg)


def _require_not_held(
    store: Store, form: Response, pack: RulePack, by: Practitioner, today: date
) -> None:
    """Refuse to take away what is for a dermatologist.

    So is what a patient has answered so far in a newer version: without it the decision on the one
    before would count again.
    """
    is_newer = form.status is ResponseStatus.IN_PROGRESS and form.replaces
    if is_newer and by.role is not Role.DERMATOLOGIST and only_in_draft(store, pack, form, today):
        msg = (
            "What was answered so far holds a finding for a dermatologist. Let it be sent, or"
            " ask one to withdraw it."
        )
        raise NotAllowedError(msg)
    recall = recalls.in_force(store, form.id)
    if recall and recall.waits_for_dermatologist and by.role is not Role.DERMATOLOGIST:
        msg = "The rules in force leave this case to a dermatologist; only one withdraws it."
        raise NotAllowedError(msg)
    case = cases.case(store, form.id)
    if case and (fault := keeps_from_withdrawing(case, pack.rules_by_id, by, today)):
        raise NotAllowedError(fault)


_WITHDRAWN = {
    ResponseStatus.IN_PROGRESS: ResponseStatus.STOPPED,
    ResponseStatus.COMPLETED: ResponseStatus.ENTERED_IN_ERROR,
}
