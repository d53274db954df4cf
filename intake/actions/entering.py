"""Answers that somebody at the desk enters for a patient, and states; never signs as the patient.

The same pages are used, through a visit that knows who enters. It hangs on that practitioner's
session at the desk: signing out ends it, a lock shuts the desk as well, and the statement at the
end is made at the desk, with the account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from intake.actions.begin import require_in_progress
from intake.actions.decide import PRIVATE_READ
from intake.actions.permission import require_clinician
from intake.actions.returning import forget_unreached
from intake.actions.submit import submit
from intake.actions.unsent import only_in_draft
from intake.core.errors import NotAllowedError, NotFoundError, StateError
from intake.core.records import Entry, EntrySource, Role, Signature, SignatureKind
from intake.storage import audit, people, responses, visits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from intake.core.records import Practitioner, Response
    from intake.core.rules import RulePack
    from intake.storage import Store

AS_TOLD: Mapping[EntrySource, str] = {
    EntrySource.PAPER: "from a paper form, as they are written there",
    EntrySource.IN_PERSON: "as the patient told me in person",
    EntrySource.TELEPHONE: "as the patient told me by telephone",
}
"""What a practitioner states about where the answers are from."""

STATEMENT = (
    "I, {name} ({role}), have entered these answers for the patient, {source}. I have added"
    " nothing of my own: where the answer was not known to me, it says so. The questions were read"
    " in {language}. The patient has not signed on the tablet."
)
"""What a practitioner states in place of the patient's signature."""


class Seat(NamedTuple):
    """Where a practitioner sits.

    Attributes:
        session: The token of their session at the desk, which a visit hangs on.
        device_token: The secret of the browser, without which the visit opens nothing.
    """

    session: str
    device_token: str = ""


def enter_for(
    store: Store,
    pack: RulePack,
    *,
    response_id: str,
    source: EntrySource,
    by: Practitioner,
    at: Seat,
    now: datetime,
    today: date,
) -> str:
    """Open a visit in which a practitioner enters the answers; earlier visits of the form end.

    Its pages show what is there already; where some of it is private, that is audited as read.

    Args:
        store: Where the records are.
        pack: The pack of the form.
        response_id: The form.
        source: What the answers are from.
        by: Who enters them.
        at: Where they sit.
        now: The instant.
        today: The clinic's local date.

    Returns:
        The visit's token, for the tablet's cookie.

    Raises:
        NotFoundError: there is no such form.
        StateError: it is not being filled any more.
        NotAllowedError: the patient answered what a dermatologist is to see, and did not send it.
    """
    require_clinician(by)
    token = store.new_token()
    with store.write() as db:
        response = require_in_progress(store, response_id)
        _require_not_overwritten(store, pack, response, by, today)
        forget_unreached(store, db, response, by)
        if response.answers.keys() & pack.questionnaire.private:
            audit.append(db, at=now, actor=by.id, action=PRIVATE_READ, subject=response_id)
        responses.put_entry(db, response_id, Entry(by.id, source, now))
        visit = visits.bound(token, at.device_token)
        visits.open_visit(db, response_id, visit, now, entered_by=by.id, desk_session=at.session)
        audit.append(
            db, at=now, actor=by.id, action="entering begun", subject=response_id, source=source
        )
    return token


def _require_not_overwritten(
    store: Store, pack: RulePack, form: Response, by: Practitioner, today: date
) -> None:
    """Refuse to enter answers over what the patient said and nobody has screened yet."""
    since = form.entered.at if form.entered else form.begun_at
    if by.role is Role.DERMATOLOGIST or not visits.was_patients(store, form.id, since):
        return
    if any(finding.is_met for finding in only_in_draft(store, pack, form, today)):
        msg = (
            "The patient's answers so far hold a finding for a dermatologist. Hand the form over"
            " and help the patient to send it, or ask a dermatologist to enter the rest."
        )
        raise NotAllowedError(msg)


def is_entering(store: Store, response_id: str, by: Practitioner) -> bool:
    """Tell whether a practitioner's own visit of a form is open, in which they enter answers."""
    visit = visits.visit_of(store, response_id)
    return visit is not None and visit.entered_by == by.id and visit.locked_at is None


def who_enters(store: Store, practitioner_id: str) -> Practitioner:
    """Return the practitioner who enters the answers.

    Raises:
        NotFoundError: the account is gone.
    """
    found = people.practitioner(store, practitioner_id)
    if found is None:
        msg = "There is no such account."
        raise NotFoundError(msg)
    return found


def require_own_entry(response: Response, by: Practitioner) -> Entry:
    """Return what is known about the entry of a form's answers.

    Raises:
        StateError: somebody else entered them last, or nobody did.
    """
    if response.entered is None or response.entered.by != by.id:
        msg = "Only whoever entered the answers can state it. Enter them, or hand the form over."
        raise StateError(msg)
    return response.entered


def _require_own_visit(store: Store, response_id: str, by: Practitioner) -> None:
    """Refuse a statement about a form that somebody else has in hand by now.

    Raises:
        StateError: the form is on a tablet, or with another practitioner.
    """
    visit = visits.visit_of(store, response_id)
    if visit is not None and visit.entered_by != by.id:
        msg = "Somebody else has this form open now. Enter the answers again before you state them."
        raise StateError(msg)


def statement_of(entry: Entry, by: Practitioner, language: str) -> str:
    """Write what a practitioner states; *language* is the name of the questions' language."""
    return STATEMENT.format(
        name=by.name, role=by.role.value, source=AS_TOLD[entry.source], language=language
    )


def state(
    store: Store,
    pack: RulePack,
    *,
    response_id: str,
    by: Practitioner,
    language: str,
    now: datetime,
    today: date,
) -> Response:
    """Complete a form with the practitioner's statement in place of the patient's signature.

    It is screened like any other.

    Raises:
        NotFoundError: there is no such form.
        StateError: it was stopped, or somebody else entered the answers.
        IncompleteError: a question that needs an answer has none.
    """
    require_clinician(by)
    with store.write():
        entry = require_own_entry(require_in_progress(store, response_id), by)
        _require_own_visit(store, response_id, by)
        text = statement_of(entry, by, language)
        signature = Signature(SignatureKind.STAFF, text, by.name)
        return submit(
            store,
            pack,
            response_id=response_id,
            signature=signature,
            now=now,
            today=today,
            by=by,
        )
