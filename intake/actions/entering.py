"""Answers that somebody at the desk enters for a patient, and states; never signs as the patient.

The same pages are used, through a visit that knows who enters. It hangs on that practitioner's
session at the desk: signing out ends it, a lock shuts the desk as well, and the statement at the
end is made at the desk, with the account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.actions.begin import require_in_progress
from intake.actions.decide import PRIVATE_READ
from intake.actions.permission import require_clinician
from intake.actions.returning import forget_unreached
from intake.actions.submit import submit
from intake.core.errors import NotFoundError, StateError
from intake.core.records import Entry, EntrySource, Signature, SignatureKind
from intake.storage import audit, people, responses, visits

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
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


def enter_for(
    store: Store,
    *,
    response_id: str,
    source: EntrySource,
    by: Practitioner,
    session: str,
    now: datetime,
    private: Collection[str] | None = None,
    device_token: str = "",
) -> str:
    """Open a visit in which a practitioner enters the answers; earlier visits of the form end.

    Its pages show what is there already; where some of it is private, that is audited as read.

    Args:
        store: Where the records are.
        response_id: The form.
        source: What the answers are from.
        by: Who enters them.
        session: The token of their session at the desk, which this visit hangs on.
        now: The instant.
        private: Link ids of what is asked in private; None takes every answer for private.
        device_token: The secret of the browser, without which the visit opens nothing.

    Returns:
        The visit's token, for the tablet's cookie.

    Raises:
        NotFoundError: there is no such form.
        StateError: it is not being filled any more.
    """
    require_clinician(by)
    token = store.new_token()
    with store.write() as db:
        response = require_in_progress(store, response_id)
        forget_unreached(store, db, response, by)
        if response.answers if private is None else response.answers.keys() & set(private):
            audit.append(db, at=now, actor=by.id, action=PRIVATE_READ, subject=response_id)
        responses.put_entry(db, response_id, Entry(by.id, source, now))
        visit = visits.bound(token, device_token)
        visits.open_visit(db, response_id, visit, now, entered_by=by.id, desk_session=session)
        audit.append(
            db, at=now, actor=by.id, action="entering begun", subject=response_id, source=source
        )
    return token


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
