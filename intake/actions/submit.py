"""Sending a form: it is completed, screened and audited in one write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.actions.answer import ChangedMeanwhileError, unanswered_screen
from intake.actions.begin import TABLET
from intake.actions.devices import device_in
from intake.actions.rescreen import RULES, screen_ahead, screen_response
from intake.actions.returning import to_confirm
from intake.core.answers import has_letters
from intake.core.errors import AnswerError, IntakeError, NotFoundError, StateError
from intake.core.records import ResponseStatus, SignatureKind
from intake.storage import audit, responses, visits
from intake.storage.devices import DeviceState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from intake.actions.rescreen import Ahead
    from intake.core.answers import Raw
    from intake.core.questionnaire import Page
    from intake.core.records import Practitioner, Response, Signature
    from intake.core.rules import RulePack
    from intake.storage import Store
    from intake.storage.contract import Database

STATEMENT = (
    "I have answered these questions as well as I can. I know that I can change an answer or ask"
    " a question at any time before treatment. I agree that the clinic's staff read my answers to"
    " decide, together with me, about my treatment."
)
"""The text the patient signs."""

LEAST_POINTS = 3
"""Fewest different points of a signature that is drawn: a long press repeats one."""

MOST_TRIES = 3
"""How often a form that changes meanwhile is screened before the write lock is taken; after that
it is screened under the lock."""


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
    pack: RulePack | None,
    *,
    response_id: str,
    signature: Signature,
    now: datetime,
    today: date,
    by: Practitioner | None = None,
    shown: Mapping[str, Raw] | None = None,
) -> Response:
    """Complete a form and screen it under the pack it was begun with.

    When that pack cannot be read the form is kept as it is, not assessed: whoever filled it in has
    done their part. It waits at the desk like a review until it can be screened.

    It is screened before the write lock is taken, so that nobody waits for it, and the screening
    counts if nothing was changed meanwhile.

    Sending the same form again changes nothing and returns it as it was sent. A practitioner who
    entered the answers states them (see `actions.entering`); a patient signs.

    Where it is known which answers were *shown* above the signature, it is taken for these alone.

    Raises:
        NotFoundError: there is no such form.
        ChangedMeanwhileError: other answers are kept than were shown.
        StateError: it was stopped.
        IncompleteError: a question that needs an answer has none, or an answer of an earlier visit
            was not confirmed.
        AnswerError: there is no signature.
    """
    check_signature(signature)
    if (signature.kind is SignatureKind.STAFF) is (by is None):
        msg = "Nobody at the desk signs for a patient, and no patient states an entry."
        raise StateError(msg)
    for left in reversed(range(MOST_TRIES)):
        ahead = _found_ahead(store, pack, response_id, today)
        with store.write() as db:
            response = _sendable(store, response_id)
            if response.status is ResponseStatus.COMPLETED:
                return response
            if shown is not None and response.answers != shown:
                raise ChangedMeanwhileError(response)
            if pack is not None and not (ahead and ahead.is_of(store, pack, response, today)):
                if left:
                    continue  # it was changed meanwhile
                _check_whole(pack, response, today)
            if pack is None:
                responses.drop_carried(db, response_id, response.carried)
            _complete(store, db, response, signature, now, by)
            if pack is None:
                audit.append(db, at=now, actor=RULES, action="not assessed", subject=response_id)
            else:
                screen_response(store, db, pack, response, now=now, today=today, ahead=ahead)
            break
    return _sendable(store, response_id)


def _complete(
    store: Store,
    db: Database,
    response: Response,
    signature: Signature,
    now: datetime,
    by: Practitioner | None,
) -> None:
    """Close a form for good, with its visits."""
    receipt = responses.new_receipt(store)
    responses.complete(db, response.id, signature=signature, receipt=receipt, now=now)
    visits.end_visits(db, response.id, now)
    actor = by.id if by else TABLET
    audit.append(db, at=now, actor=actor, action="sent", subject=response.id)


def _found_ahead(
    store: Store, pack: RulePack | None, response_id: str, today: date
) -> Ahead | None:
    """Screen a form before the write; None where there is nothing to screen."""
    response = _sendable(store, response_id)
    if pack is None or response.status is ResponseStatus.COMPLETED:
        return None
    _check_whole(pack, response, today)
    return screen_ahead(store, pack, response, today)


def _sendable(store: Store, response_id: str) -> Response:
    """Return a form that is being filled, or was sent already."""
    response = responses.response(store, response_id)
    if response is None:
        msg = "There is no such form."
        raise NotFoundError(msg)
    if response.status not in (ResponseStatus.COMPLETED, ResponseStatus.IN_PROGRESS):
        msg = "This form was withdrawn. Please hand the tablet back."
        raise StateError(msg)
    return response


def _check_whole(pack: RulePack, response: Response, today: date) -> None:
    if pack.hash != response.pack_hash:
        msg = "This form was begun under other rules; it is screened under those."
        raise StateError(msg)
    if page := unanswered_screen(pack, response, today):
        raise IncompleteError(page)
    if waiting := to_confirm(pack, response, today):
        raise IncompleteError(pack.questionnaire.page_of(waiting[0].link_id))


def sent_here(store: Store, given: Sequence[str], device: str) -> Response | None:
    """Return the form that was just sent on a device; None once that was checked or given on.

    What an earlier patient left in its browser stands for nobody else's form.

    Args:
        store: Where it is kept.
        given: What the browser sent as secrets of visits.
        device: The secret of the device; blank where it has none.
    """
    secrets = [secret for one in given for secret in (visits.bound(one, device), one)]
    sent = [found for one in secrets if (found := visits.sent_in(store, one)) is not None]
    last = device_in(store, tablet_token=device, device_token=device)
    if last is not None:
        is_unchecked = last.state is DeviceState.GIVEN
        sent = [one for one in sent if is_unchecked and one == last.response_id]
    return responses.response(store, sent[0]) if sent else None


def check_signature(signature: Signature) -> None:
    """Refuse an empty signature.

    Raises:
        AnswerError: no name was typed, or hardly anything was drawn.
    """
    points = {point for stroke in signature.strokes for point in stroke}
    drawn = signature.kind is SignatureKind.DRAWN and len(points) >= LEAST_POINTS
    typed = signature.kind is not SignatureKind.DRAWN and has_letters(signature.name)
    if not drawn and not typed:
        msg = "Sign with your finger, or type your name."
        raise AnswerError(msg)
