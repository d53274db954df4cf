"""Sending a form: it is completed, screened and audited in one write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.actions.answer import unanswered_screen
from intake.actions.begin import TABLET
from intake.actions.rescreen import screen_response
from intake.actions.returning import to_confirm
from intake.core.answers import has_letters
from intake.core.errors import AnswerError, IntakeError, NotFoundError, StateError
from intake.core.records import ResponseStatus, SignatureKind
from intake.storage import audit, responses, visits

if TYPE_CHECKING:
    from datetime import date, datetime

    from intake.core.questionnaire import Page
    from intake.core.records import Practitioner, Response, Signature
    from intake.core.rules import RulePack
    from intake.storage import Store

STATEMENT = (
    "I have answered these questions as well as I can. I know that I can change an answer or ask"
    " a question at any time before treatment. I agree that the clinic's staff read my answers to"
    " decide, together with me, about my treatment."
)
"""The text the patient signs."""


class IncompleteError(IntakeError):
    """A question that needs an answer has none.

    Attributes:
        page: Where it is asked.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        super().__init__("a question has no answer yet")


def submit(
    store: Store,
    pack: RulePack,
    *,
    response_id: str,
    signature: Signature,
    now: datetime,
    today: date,
    by: Practitioner | None = None,
) -> Response:
    """Complete a form and screen it under the pack it was begun with.

    Sending the same form again changes nothing and returns it as it was sent. A practitioner who
    entered the answers states them (see `actions.entering`); a patient signs.

    Raises:
        NotFoundError: there is no such form.
        StateError: it was stopped.
        IncompleteError: a question that needs an answer has none, or an answer of an earlier visit
            was not confirmed.
        AnswerError: there is no signature.
    """
    check_signature(signature)
    if (signature.kind is SignatureKind.STAFF) is (by is None):
        msg = "Nobody at the desk signs for a patient, and no patient states an entry."
        raise StateError(msg)
    with store.write() as db:
        response = responses.response(store, response_id)
        if response is None:
            msg = "There is no such form."
            raise NotFoundError(msg)
        if response.status is ResponseStatus.COMPLETED:
            return response
        if response.status is not ResponseStatus.IN_PROGRESS:
            msg = "This form was withdrawn. Please hand the tablet back."
            raise StateError(msg)
        if pack.hash != response.pack_hash:
            msg = "This form was begun under other rules; it is screened under those."
            raise StateError(msg)
        if page := unanswered_screen(pack, response, today):
            raise IncompleteError(page)
        if waiting := to_confirm(pack, response, today):
            raise IncompleteError(pack.questionnaire.page_of(waiting[0].link_id))
        receipt = store.new_number(8)
        responses.complete(db, response_id, signature=signature, receipt=receipt, now=now)
        visits.end_visits(db, response_id, now)
        audit.append(db, at=now, actor=by.id if by else TABLET, action="sent", subject=response_id)
        screen_response(store, db, pack, response, now=now, today=today)
        sent = responses.response(store, response_id)
    if sent is None:
        msg = "There is no such form."
        raise NotFoundError(msg)
    return sent


def check_signature(signature: Signature) -> None:
    """Refuse an empty signature.

    Raises:
        AnswerError: no name was typed, or hardly anything was drawn.
    """
    points = {point for stroke in signature.strokes for point in stroke}
    is_more_than_a_dot = len(points) >= 3  # noqa: PLR2004 - a long press repeats one point
    drawn = signature.kind is SignatureKind.DRAWN and is_more_than_a_dot
    typed = signature.kind is not SignatureKind.DRAWN and has_letters(signature.name)
    if not drawn and not typed:
        msg = "Sign with your finger, or type your name."
        raise AnswerError(msg)
