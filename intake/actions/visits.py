"""A visit on a tablet: still there, locked, opened again, parked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from intake.actions import accounts
from intake.actions.begin import TABLET, patient_of
from intake.actions.permission import require_clinician
from intake.actions.returning import forget_unreached
from intake.actions.tries import NOWHERE
from intake.core.errors import NotAllowedError
from intake.core.records import ResponseStatus
from intake.core.review import may_reach, may_treat_patients
from intake.storage import audit, patients, people, responses, sites, visits

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from intake.actions.tries import Origin
    from intake.core.records import Patient, Practitioner, Response, Visit
    from intake.storage import Store
    from intake.storage.devices import Device

LONGEST = timedelta(hours=4)
"""A visit ends after so long, whoever is there: a tablet that was carried off, or a browser whose
pages somebody keeps awake, must not lead to a form for ever. The longest form with a pause takes an
hour; it is kept, and can be handed over again. The hours are a default of our own, without source.
"""

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

    One that nobody touched for *idle* is locked, and one that was locked or lasted too long is
    parked. Where a practitioner enters the answers, it counts as work at the desk, and ends with
    the account, or as soon as the form's site is none of theirs.
    """
    found = visits.visit(store, token)
    if found is None or (found.entered_by and not _may_enter(store, found)):
        return None
    if found.desk_session and not accounts.is_open(store, found.desk_session, now=now):
        found = replace(found, desk_session="")
    lapsed_at = _lapsed_at(found, idle, now)
    if lapsed_at is not None:
        found = lock(store, found, place=found.place, at=lapsed_at)
        found = replace(found, has_lapsed=True)
    if _is_over(found, now):
        _park(store, found, now, actor=TABLET)
        return None
    if found.locked_at is None and abs(now - found.seen_at) >= SEEN_EVERY:
        with store.write() as db:
            visits.put_seen(db, found.response_id, now)
            since = now - accounts.IDLE_LIMIT
            people.keep_session(db, found.desk_session, since=since, now=now)
        found = replace(found, seen_at=now)
    return found


def end_overdue(store: Store, given: Iterable[Device], *, idle: timedelta, now: datetime) -> bool:
    """Park what lasted too long on these devices, though no browser brings the visit any more.

    One whose browser lost its cookies would have a patient for ever, and never be checked. Nothing
    is locked that is not over: a tablet that slept may still hand in its page.

    Returns:
        Whether any visit was ended.
    """
    over = []
    for device in given:
        visit = visits.visit_of(store, device.response_id or "") if device.is_in_hand else None
        locked_at = (visit.locked_at or _lapsed_at(visit, idle, now)) if visit else None
        if visit is not None and _is_over(replace(visit, locked_at=locked_at), now):
            over.append(visit)
    for visit in over:
        _park(store, visit, now, actor=TABLET)
    return bool(over)


def take_back(store: Store, device: Device, *, by: Practitioner, now: datetime) -> None:
    """End the visit on a device that somebody of the clinic has in their hands again.

    Raises:
        NotAllowedError: somebody else than a clinician.
    """
    require_clinician(by)
    visit = visits.visit_of(store, device.response_id or "") if device.is_in_hand else None
    if visit is not None:
        _park(store, visit, now, actor=by.id)


def _park(store: Store, visit: Visit, now: datetime, *, actor: str) -> None:
    with store.write() as db:
        visits.end_visits(db, visit.response_id, now)
        audit.append(db, at=now, actor=actor, action="visit parked", subject=visit.response_id)


def _lapsed_at(visit: Visit, idle: timedelta, now: datetime) -> datetime | None:
    """Return since when a visit should have been locked; None for one that is used, or locked.

    A clock that was put back counts as well: nobody knows how long the tablet was alone.
    """
    if visit.locked_at is not None or abs(now - visit.seen_at) < idle + GRACE:
        return None
    return min(visit.seen_at + idle, now)


def _may_enter(store: Store, visit: Visit) -> bool:
    """Tell whether who enters the answers still treats patients, at the site of the form too."""
    who = people.practitioner(store, visit.entered_by or "")
    site = sites.site_of(store, visit.response_id)
    return who is not None and may_treat_patients(who) and site is not None and may_reach(who, site)


def _is_over(visit: Visit, now: datetime) -> bool:
    is_parked = visit.locked_at is not None and abs(now - visit.locked_at) >= PARKED_AFTER
    return is_parked or now - visit.opened_at >= LONGEST


def secret_of(store: Store, given: Sequence[str], device: str) -> str:
    """Return the secret of the open visit that a browser brings; blank when it brings none.

    Of several it is the one opened last: an earlier patient may have laid their own before it.

    Args:
        store: Where it is kept.
        given: What the browser sent under the name of the visit's cookie.
        device: The secret of the device, without which a visit that was given on one is nobody's.
    """
    secrets = [secret for one in given for secret in (visits.bound(one, device), one)]
    known = [(found, one) for one in secrets if (found := visits.visit(store, one)) is not None]
    return max(known, key=lambda pair: pair[0].opened_at)[1] if known else ""


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
    store: Store,
    visit: Visit,
    *,
    username: str,
    password: str,
    now: datetime,
    origin: Origin = NOWHERE,
) -> str | None:
    """Open a locked form for its patient with the name and password of a clinician.

    Nobody is signed in by this, but the practitioner who enters the answers: the lock had shut
    their desk as well, and nobody else goes on with it by a password. Their session ends when the
    one that the lock shut would have, for a password alone begins no new day. Where the account has
    a second factor, a password opens the form alone, and the desk asks for both.

    Returns:
        The token of their new session at the desk.

    Raises:
        SignInRefusedError: name or password are wrong, or were tried too often.
        NotAllowedError: this account is not a clinician's, or not that of who enters the answers.
    """
    who, found = accounts.check_password(
        store, username=username, password=password, now=now, origin=origin
    )
    is_own = visit.entered_by == who.id
    may_open = may_treat_patients(who) and not who.must_change_password
    if not may_open or (visit.entered_by and not is_own):
        msg = "Only practitioners and dermatologists may open a form."
        raise NotAllowedError(msg)
    with store.write() as db:
        accounts.require_unchanged(store, who, found)
        if not _is_locked_still(store, visit):
            return None
        _open(store, visit, who.id, now, staff=who)
        since = people.began_of_session_ended(store, who.id, visit.locked_at or now)
        is_enough = is_own and not who.has_second_factor
        if not is_enough or since is None or now - since > accounts.ABSOLUTE_LIMIT:
            return None
        token = accounts.open_session(store, who, origin=origin, now=now, since=since)
        visits.put_desk_session(db, visit.response_id, token)
    return token


def _is_locked_still(store: Store, visit: Visit) -> bool:
    """Tell whether a visit is locked as it was: one lock is opened once, and none that ended."""
    found = visits.visit_of(store, visit.response_id)
    return found is not None and found.locked_at == visit.locked_at is not None


def person_at(store: Store, response: Response, visit: Visit) -> Patient:
    """Return whose form a visit leads to, as the tablet may show it.

    Who began it there has typed the name; how it is kept would tell whether the record was there
    before, and with that a date of birth.
    """
    found = patient_of(store, response)
    return replace(found, name=visit.called) if visit.called else found


def end_by_token(store: Store, *, token: str, now: datetime) -> None:
    """End what is left of an earlier visit, when another begins on the same tablet."""
    found = visits.visit(store, token)
    if found is not None:
        end(store, found, now)


def end(store: Store, visit: Visit, now: datetime) -> None:
    """End a visit in which somebody else was handed the form; it waits at the desk, unfinished.

    One that was begun by the visit itself, and of which no page was saved, is withdrawn.
    """
    with store.write() as db:
        visits.end_visits(db, visit.response_id, now)
        audit.append(
            db, at=now, actor=acting(visit), action="visit refused", subject=visit.response_id
        )
        form = responses.response(store, visit.response_id)
        if form is not None and visit.began(form) and not form.visited:
            responses.set_status(db, form.id, ResponseStatus.STOPPED)
            audit.append(db, at=now, actor=TABLET, action="withdrawn", subject=form.id)


def _open(
    store: Store, visit: Visit, actor: str, now: datetime, staff: Practitioner | None = None
) -> None:
    with store.write() as db:
        response = responses.response(store, visit.response_id)
        if staff is not None and response is not None:
            forget_unreached(store, db, response, staff)
        visits.put_lock(db, visit.response_id, None, visit.place)
        visits.put_seen(db, visit.response_id, now)
        audit.append(db, at=now, actor=actor, action="visit unlocked", subject=visit.response_id)
