"""A visit on a tablet: still there, locked, opened again, parked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from intake.actions import accounts
from intake.actions.begin import TABLET
from intake.core.errors import NotAllowedError
from intake.core.review import may_treat_patients
from intake.storage import audit, patients, people, responses, visits

if TYPE_CHECKING:
    from datetime import date, datetime

    from intake.core.records import Visit
    from intake.storage import Store

PARKED_AFTER = timedelta(minutes=20)
"""A visit locked for so long ends: the form waits at the desk, unfinished."""

GRACE = timedelta(minutes=2)
"""How much longer than the tablet the server waits before it locks by itself: the tablet's own
clock warns first, and does not run without a script."""

SEEN_EVERY = timedelta(seconds=15)
"""How closely it is kept when somebody was last there."""

MOST_TRIES = 5
"""Tries with a date of birth; after them only a member of staff opens the form."""


def current(store: Store, *, token: str, idle: timedelta, now: datetime) -> Visit | None:
    """Return the visit of a tablet as it stands now; None when it has ended.

    One that nobody touched for *idle* is locked, and one that was locked too long is parked. Where
    a practitioner enters the answers, it counts as work at the desk, and ends with the account.
    """
    found = visits.visit(store, token)
    if found is None or (found.entered_by and not _may_enter(store, found.entered_by)):
        return None
    if found.desk_session and not accounts.is_open(store, found.desk_session, now=now):
        found = replace(found, desk_session="")
    if found.locked_at is None and now - found.seen_at >= idle + GRACE:
        found = lock(store, found, place=found.place, at=found.seen_at + idle)
        found = replace(found, has_lapsed=True)
    if found.locked_at is not None and now - found.locked_at >= PARKED_AFTER:
        with store.write() as db:
            visits.end_visits(db, found.response_id, now)
            audit.append(db, at=now, actor=TABLET, action="visit parked", subject=found.response_id)
        return None
    if found.locked_at is None and now - found.seen_at >= SEEN_EVERY:
        with store.write() as db:
            visits.put_seen(db, found.response_id, now)
            since = now - accounts.IDLE_LIMIT
            people.keep_session(db, found.desk_session, since=since, now=now)
        found = replace(found, seen_at=now)
    return found


def _may_enter(store: Store, practitioner_id: str) -> bool:
    who = people.practitioner(store, practitioner_id)
    return who is not None and may_treat_patients(who)


def acting(visit: Visit) -> str:
    """Return who acts in a visit: the practitioner who enters the answers, or else the tablet.

    Once a date of birth has opened it, nobody can tell who does.
    """
    return visit.entered_by or TABLET if visit.is_entered else TABLET


def lock(store: Store, visit: Visit, *, place: str, at: datetime) -> Visit:
    """Lock a form on its tablet since *at*; its answers stay, and nobody sees them there.

    It goes on with the page *place*; when that is blank, with the first that is not answered.
    The desk is shut as well where a practitioner was entering the answers from there.
    """
    with store.write() as db:
        people.end_hashed_session(db, visit.desk_session, at)
        visits.put_lock(db, visit.response_id, at, place)
        audit.append(
            db, at=at, actor=acting(visit), action="visit locked", subject=visit.response_id
        )
    return replace(visit, locked_at=at, place=place, tries=0, privacy="", desk_session="")


def open_by_birth_date(store: Store, visit: Visit, born: date, now: datetime) -> bool:
    """Open a locked form for whoever knows the patient's date of birth; tells whether it did.

    The try is counted before it is looked at; after too many nothing opens it but staff.
    """
    with store.write() as db:
        current = visits.visit_of(store, visit.response_id)
        tries = current.tries if current else MOST_TRIES
        if tries < MOST_TRIES:
            visits.add_try(db, visit.response_id)
    response = responses.response(store, visit.response_id)
    patient = patients.patient(store, response.patient_id) if response else None
    if tries >= MOST_TRIES or patient is None or patient.birth_date != born:
        with store.write() as db:
            audit.append(
                db, at=now, actor=TABLET, action="unlocking refused", subject=visit.response_id
            )
        return False
    _open(store, visit, TABLET, now)
    return True


def open_by_staff(
    store: Store, visit: Visit, *, username: str, password: str, now: datetime
) -> str | None:
    """Open a locked form for its patient with the name and password of a clinician.

    Nobody is signed in by this, but the practitioner who enters the answers: the lock had shut
    their desk as well, and nobody else goes on with it by a password.

    Returns:
        The token of their new session at the desk.

    Raises:
        SignInRefusedError: name or password are wrong, or were tried too often.
        NotAllowedError: this account is not a clinician's, or not that of who enters the answers.
    """
    who, token = accounts.sign_in(store, username=username, password=password, now=now)
    is_own = visit.entered_by == who.id
    may_open = may_treat_patients(who) and not who.must_change_password
    if not (may_open and is_own):
        accounts.sign_out(store, token=token, now=now)
    if not may_open or (visit.entered_by and not is_own):
        msg = "Only practitioners and dermatologists may open a form."
        raise NotAllowedError(msg)
    _open(store, visit, who.id, now)
    if not is_own:
        return None
    with store.write() as db:
        visits.put_desk_session(db, visit.response_id, token)
    return token


def end_by_token(store: Store, *, token: str, now: datetime) -> None:
    """End what is left of an earlier visit, when another begins on the same tablet."""
    found = visits.visit(store, token)
    if found is not None:
        end(store, found, now)


def end(store: Store, visit: Visit, now: datetime) -> None:
    """End a visit in which somebody else was handed the form; it waits at the desk, unfinished."""
    with store.write() as db:
        visits.end_visits(db, visit.response_id, now)
        audit.append(
            db, at=now, actor=acting(visit), action="visit refused", subject=visit.response_id
        )


def _open(store: Store, visit: Visit, actor: str, now: datetime) -> None:
    with store.write() as db:
        visits.put_lock(db, visit.response_id, None, visit.place)
        visits.put_seen(db, visit.response_id, now)
        audit.append(db, at=now, actor=actor, action="visit unlocked", subject=visit.response_id)
