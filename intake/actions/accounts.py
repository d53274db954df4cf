"""Accounts at the desk: adding them, signing in and out, passwords, sessions."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from intake.actions import passwords
from intake.actions.passwords import PasswordRefusedError, Policy, new_one_time_password
from intake.actions.patients import checked_name
from intake.actions.tries import (
    NOWHERE,
    REFUSED,
    SignInRefusedError,
    counted,
    of_owner,
    of_password,
)
from intake.core.errors import AnswerError, ConflictError, NotFoundError
from intake.core.records import Practitioner, Role
from intake.storage import audit, emergencies, factors, people, tries

if TYPE_CHECKING:
    from intake.actions.tries import Origin
    from intake.storage import Store
    from intake.storage.people import Session

IDLE_LIMIT = timedelta(minutes=10)
ABSOLUTE_LIMIT = timedelta(hours=12)

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")


def add_account(
    store: Store, *, username: str, name: str, role: Role, actor: str, now: datetime
) -> tuple[Practitioner, str]:
    """Add an account with a password that works once.

    Returns:
        The account and its one-time password, which is shown now and never again.

    Raises:
        AnswerError: the user name or the full name cannot be used.
        ConflictError: the user name is taken.
    """
    who = new_account(store, username=username, name=name, role=role, now=now)
    password, hashed = new_one_time_password()
    put_account(store, who, hashed, actor=actor, now=now)
    return who, password


def new_account(
    store: Store, *, username: str, name: str, role: Role, now: datetime
) -> Practitioner:
    """Return an account that is to be put, with an id of its own.

    Raises:
        AnswerError: the user name or the full name cannot be used.
    """
    if not _USERNAME.fullmatch(username):
        msg = "Choose a user name of 2 to 40 small letters, digits, dots or dashes."
        raise AnswerError(msg)
    name = checked_name(name)
    return Practitioner(
        store.new_id(),
        username,
        name,
        role,
        must_change_password=True,
        created_at=now,
        one_time_until=now + passwords.ONE_TIME_FOR,
    )


def put_account(
    store: Store, who: Practitioner, password_hash: str, *, actor: str, now: datetime
) -> None:
    """Keep a new account under the hash of its one-time password.

    Raises:
        ConflictError: the user name is taken.
    """
    wanted = who.username.casefold()
    with store.write() as db:
        if any(other.username.casefold() == wanted for other in people.practitioners(store)):
            msg = f"The user name '{who.username}' is taken; choose another."
            raise ConflictError(msg)
        people.add_practitioner(db, who, password_hash)
        audit.append(
            db, at=now, actor=actor, action="account added", subject=who.id, role=who.role.value
        )


def reset_password(store: Store, *, username: str, actor: str, now: datetime) -> str:
    """Give an account a new password that works once; its sessions end.

    Raises:
        NotFoundError: there is no such account.
    """
    password, hashed = new_one_time_password()
    with store.write() as db:
        found = people.with_password(store, username)
        if found is None:
            msg = f"There is no account '{username}'."
            raise NotFoundError(msg)
        people.set_password(db, found[0].id, hashed, one_time_until=now + passwords.ONE_TIME_FOR)
        tries.begin_anew(db, found[0].id, found[0].username)
        people.end_sessions_of(db, found[0].id, now)
        audit.append(db, at=now, actor=actor, action="password reset", subject=found[0].id)
    return password


def list_accounts(store: Store) -> list[Practitioner]:
    """Return every account."""
    return people.practitioners(store)


def sign_in(
    store: Store, *, username: str, password: str, now: datetime, origin: Origin = NOWHERE
) -> tuple[Practitioner, str]:
    """Let somebody in by a password, or ask for the second factor that the account has.

    Returns:
        The account and the token of its new session; where `has_second_factor`, the token of a
        sign-in that opens nothing until `second_factor.finish`.

    Raises:
        SignInRefusedError: for whatever reason.
    """
    who, found = check_password(store, username=username, password=password, now=now, origin=origin)
    token = store.new_token()
    with store.write() as db:
        require_unchanged(store, who, found)
        if who.has_second_factor:
            factors.begin_sign_in(db, token, who.id, origin.browser, now)
        else:
            factors.forget_unconfirmed(db, who.id)
            people.add_session(db, token, who.id, now, browser=origin.browser)
            _let_in(store, who, origin, now)
    return who, token


def require_unchanged(store: Store, who: Practitioner, found: str) -> None:
    """Refuse a password that was replaced, or an account changed, while it was looked at.

    Held under the write lock.

    Raises:
        SignInRefusedError: it was.
    """
    if people.with_password(store, who.username) != (who, found):
        raise SignInRefusedError(REFUSED)


def require_session(store: Store, who: Practitioner, token: str) -> Session:
    """Return the session in which somebody acts, unless it was ended while the act was under way.

    Held under the write lock: what ends every session of an account must not be survived by
    what one of them had begun.

    Raises:
        SignInRefusedError: it was.
    """
    found = people.session(store, token)
    if found is None or found.practitioner_id != who.id:
        raise SignInRefusedError(ENDED)
    return found


def _let_in(store: Store, who: Practitioner, origin: Origin, now: datetime) -> None:
    with store.write() as db:
        if origin.device:
            tries.know_device(db, origin.device, who.id, now)
        audit.append(db, at=now, actor=who.id, action="signed in", subject=who.id)


def open_session(
    store: Store, who: Practitioner, *, origin: Origin, now: datetime, since: datetime | None = None
) -> str:
    """Open a session for somebody who has shown who they are; returns its token."""
    token = store.new_token()
    with store.write() as db:
        people.add_session(db, token, who.id, now, browser=origin.browser, since=since)
        _let_in(store, who, origin, now)
    return token


def check_password(
    store: Store, *, username: str, password: str, now: datetime, origin: Origin = NOWHERE
) -> tuple[Practitioner, str]:
    """Look at a password, unless it was tried too often; returns its owner and its hash.

    Raises:
        SignInRefusedError: for whatever reason.
    """
    username = username.strip()[:100]
    turn = passwords.turn(is_known=_is_known(store, username, origin))
    with turn, counted(store, of_password(store, username, origin), now) as attempt:
        found = people.with_password(store, username)
        attempt.is_right = passwords.is_right(found[1] if found else passwords.NOBODY, password)
        if found is None or not attempt.is_right or found[0].has_lapsed(now):
            attempt.is_right = False
            with store.write() as db:
                audit.append(db, at=now, actor="nobody", action="sign-in refused", subject="desk")
            raise SignInRefusedError(REFUSED)
    return found[0], _renewed(store, *found, password)


def _is_known(store: Store, username: str, origin: Origin) -> bool:
    """Tell whether a try comes from a tablet, or from where its owner has signed in before."""
    return bool(origin.station) or tries.is_known(store, origin.device, username)


def _renewed(store: Store, who: Practitioner, found: str, password: str) -> str:
    """Return the hash of a password, made anew where ours are made otherwise by now."""
    if not passwords.is_outdated(found):
        return found
    newer = passwords.hash_of(password)
    with store.write() as db:
        require_unchanged(store, who, found)
        people.replace_hash(db, who.id, newer)
    return newer


def sign_in_again(
    store: Store, *, token: str, password: str, now: datetime, origin: Origin = NOWHERE
) -> str:
    """Go on with a session that lapsed, by its owner's password; returns the token of a new one.

    The browser had shown a second factor when the session began, and the session ends when that
    would have: a pause is no new day. Source: NIST SP 800-63B, 4.2.3.

    Raises:
        SignInRefusedError: for whatever reason.
    """
    session, owner = people.session(store, token), lapsed(store, token=token, now=now)
    if session is None or owner is None:
        raise SignInRefusedError(REFUSED)
    found = check_password(
        store, username=owner.username, password=password, now=now, origin=origin
    )
    with store.write() as db:
        require_unchanged(store, *found)
        if not people.end_session(db, token, now):
            raise SignInRefusedError(REFUSED)
        return open_session(store, owner, origin=origin, now=now, since=session.created_at)


def who_is(store: Store, *, token: str, now: datetime, is_used: bool = True) -> Practitioner | None:
    """Return who holds a session; None when it was ended, is too old, or was idle too long.

    It stays awake while it is used.
    """
    session = people.session(store, token)
    if session is None or not lets_in(session, now):
        return None
    if is_used and now - session.seen_at > timedelta(seconds=30):
        with store.write() as db:
            people.touch_session(db, session.token_hash, now)
    who = people.practitioner(store, session.practitioner_id)
    acts_in = emergencies.current(store.db, who.id, now) if who else None
    return replace(who, emergency=acts_in.id) if who and acts_in else who


def is_fresh(store: Store, *, token: str, within: timedelta, now: datetime) -> bool:
    """Tell whether the owner of a session showed who they are, not longer ago than *within*."""
    session = people.session(store, token)
    if session is None or session.confirmed_at is None:
        return False
    return timedelta(0) <= now - session.confirmed_at <= within


def lapsed(store: Store, *, token: str, now: datetime) -> Practitioner | None:
    """Return whose session ended because nobody touched the desk, and for no other reason."""
    session = people.session(store, token) if token else None
    if session is None or lets_in(session, now):
        return None
    if not timedelta(0) <= now - session.created_at <= ABSOLUTE_LIMIT:
        return None
    who = people.practitioner(store, session.practitioner_id)
    return who if who is not None and who.disabled_at is None else None


def is_session(store: Store, token: str) -> bool:
    """Tell whether a token is that of a session or of a sign-in that were not ended."""
    return people.session(store, token) is not None or factors.begun(store, token) is not None


def is_open(store: Store, token_hash: str, *, now: datetime) -> bool:
    """Tell whether a session, by the hash of its token, still lets its owner in."""
    session = people.hashed_session(store, token_hash)
    return session is not None and lets_in(session, now)


def lets_in(session: Session, now: datetime) -> bool:
    """Tell whether a session is neither too old nor was idle for too long."""
    is_young = timedelta(0) <= now - session.created_at <= ABSOLUTE_LIMIT
    return is_young and abs(now - session.seen_at) <= IDLE_LIMIT


def sign_out(store: Store, *, token: str, now: datetime) -> None:
    """End a session at the server, or a sign-in that was only begun."""
    session, begun = people.session(store, token), factors.begun(store, token)
    if session is None and begun is None:
        return
    with store.write() as db:
        if begun is not None:
            factors.end_begun(db, begun.token_hash, now)
        if session is not None:
            who = session.practitioner_id
            emergencies.end(db, who, now)
            people.end_session(db, token, now)
            audit.append(db, at=now, actor=who, action="signed out", subject=who)


def change_password(
    store: Store,
    *,
    who: Practitioner,
    token: str,
    old: str,
    new: str,
    now: datetime,
    policy: Policy = Policy(),  # noqa: B008 - a frozen value: what is asked where nothing is set
    origin: Origin = NOWHERE,
) -> str:
    """Replace a password; every session of the account ends.

    The new one ends when that in which it is replaced would have: a password alone begins no new
    day, unless it takes the place of a one-time password.

    Args:
        store: Where the account is.
        who: Whose password it is.
        token: That of the session in which it is replaced.
        old: The present one.
        new: The one to come.
        now: When.
        policy: What is asked of passwords.
        origin: From where.

    Returns:
        The token of a new session.

    Raises:
        PasswordRefusedError: the old one is wrong, or the new one cannot be used.
        TooManyTriesError: the old one was tried too often.
        SignInRefusedError: the session was ended, or the account changed, in the meantime.
    """
    found = _own_password(store, who, old, now)
    if found is None:
        msg = "Enter your present password as it was given to you."
        raise PasswordRefusedError(msg)
    if new == old:
        msg = "Choose a password that differs from the present one."
        raise PasswordRefusedError(msg)
    if fault := passwords.fault_of(new, who, policy):
        raise PasswordRefusedError(fault)
    hashed, fresh = passwords.hash_of(new), store.new_token()
    with store.write() as db:
        session = require_session(store, who, token)
        require_unchanged(store, *found)
        since = now if found[0].must_change_password else session.created_at
        people.set_password(db, who.id, hashed)
        people.end_sessions_of(db, who.id, now)
        people.add_session(db, fresh, who.id, now, browser=origin.browser, since=since)
        audit.append(db, at=now, actor=who.id, action="password changed", subject=who.id)
    return fresh


def _own_password(
    store: Store, who: Practitioner, password: str, now: datetime
) -> tuple[Practitioner, str] | None:
    """Return the account and its hash where that is their password; None where it is not."""
    with counted(store, of_owner(who), now) as attempt:
        found = people.with_password(store, who.username)
        attempt.is_right = found is not None and passwords.is_right(found[1], password)
    return found if attempt.is_right else None


def check_own_password(store: Store, *, who: Practitioner, password: str, now: datetime) -> None:
    """Look at the password of somebody who is signed in.

    Raises:
        SignInRefusedError: it is wrong, or was tried too often.
    """
    if _own_password(store, who, password, now) is None:
        with store.write() as db:
            audit.append(db, at=now, actor=who.id, action="confirming refused", subject=who.id)
        raise SignInRefusedError(NOT_CONFIRMED)


ENDED = "You were signed out, or your account was changed, while this was under way. Sign in again."
NOT_CONFIRMED = (
    "This is not right, or there were too many tries. Check it, or wait five minutes and try again."
)
