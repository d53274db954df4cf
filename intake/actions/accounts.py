"""Accounts at the desk: adding them, signing in and out, passwords, sessions."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from intake.actions.patients import checked_name
from intake.core.errors import AnswerError, ConflictError, IntakeError, NotFoundError
from intake.core.records import Practitioner, Role
from intake.storage import audit, people

if TYPE_CHECKING:
    from intake.storage import Store
    from intake.storage.people import Session

IDLE_LIMIT = timedelta(minutes=10)
ABSOLUTE_LIMIT = timedelta(hours=12)
MOST_FAILURES = 5
FAILURE_WINDOW = timedelta(minutes=5)
SHORTEST_PASSWORD = 15
"""Characters, where no second factor is asked for. Source: OWASP ASVS 5.0.0, 6.2.1."""
LONGEST_PASSWORD = 200

REFUSED = (
    "The user name or password is not right, or there were too many tries."
    " Check both, wait five minutes, or ask your administrator."
)
"""One message for every refusal, so that it tells nobody which user names exist."""

_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash(secrets.token_urlsafe())
"""Verified when there is no such account, so that it takes as long as when there is one."""

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")

_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that nobody confuses when reading them out."""


class SignInRefusedError(IntakeError):
    """Nobody was let in; the message is the same for every reason."""


class PasswordRefusedError(IntakeError):
    """The new password cannot be used; the message says what can."""


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
    if not _USERNAME.fullmatch(username):
        msg = "Choose a user name of 2 to 40 small letters, digits, dots or dashes."
        raise AnswerError(msg)
    name = checked_name(name)
    who = Practitioner(
        store.new_id(), username, name, role, must_change_password=True, created_at=now
    )
    password, hashed = new_one_time_password()
    with store.write() as db:
        if any(
            other.username.casefold() == username.casefold()
            for other in people.practitioners(store)
        ):
            msg = f"The user name '{username}' is taken; choose another."
            raise ConflictError(msg)
        people.add_practitioner(db, who, hashed)
        audit.append(
            db, at=now, actor=actor, action="account added", subject=who.id, role=role.value
        )
    return who, password


def one_time_password() -> str:
    """Make a password of 16 readable characters in four groups (about 79 bits)."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4))


def reset_password(store: Store, *, username: str, actor: str, now: datetime) -> str:
    """Give an account a new password that works once; its sessions end.

    Raises:
        NotFoundError: there is no such account.
    """
    found = people.with_password(store, username)
    if found is None:
        msg = f"There is no account '{username}'."
        raise NotFoundError(msg)
    password, hashed = new_one_time_password()
    with store.write() as db:
        people.set_password(db, found[0].id, hashed, one_time=True)
        people.end_sessions_of(db, found[0].id, now)
        audit.append(db, at=now, actor=actor, action="password reset", subject=found[0].id)
    return password


def new_one_time_password() -> tuple[str, str]:
    """Make a password that works once; returns it with its hash."""
    password = one_time_password()
    return password, _HASHER.hash(password)


def list_accounts(store: Store) -> list[Practitioner]:
    """Return every account."""
    return people.practitioners(store)


def sign_in(
    store: Store, *, username: str, password: str, now: datetime
) -> tuple[Practitioner, str]:
    """Let somebody in.

    The try is counted in the database before the password is looked at, so that many tries at
    once cannot slip past the limit.

    Returns:
        The account and the token of its new session.

    Raises:
        SignInRefusedError: for whatever reason.
    """
    username = username.strip()[:100]
    with store.write() as db:
        failures = people.failures_since(store, username, now - FAILURE_WINDOW, now)
        if failures >= MOST_FAILURES:
            # Not counted: whoever goes on guessing must not keep the owner out for ever.
            audit.append(db, at=now, actor="nobody", action="sign-in refused", subject="desk")
        attempt = people.add_attempt(db, username, now) if failures < MOST_FAILURES else 0
    found = people.with_password(store, username)
    right = _verify(found[1] if found else _NOBODY, password)
    if failures >= MOST_FAILURES:
        raise SignInRefusedError(REFUSED)
    if found is None or not right:
        with store.write() as db:
            audit.append(db, at=now, actor="nobody", action="sign-in refused", subject="desk")
        raise SignInRefusedError(REFUSED)
    token = store.new_token()
    with store.write() as db:
        if people.with_password(store, username) != found:
            # The password was changed, or the account disabled, while this one was looked at.
            raise SignInRefusedError(REFUSED)
        people.attempt_succeeded(db, attempt)
        people.add_session(db, token, found[0].id, now)
        audit.append(db, at=now, actor=found[0].id, action="signed in", subject=found[0].id)
    return found[0], token


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password[:LONGEST_PASSWORD])
    except VerificationError:
        return False


def who_is(store: Store, *, token: str, now: datetime, is_used: bool = True) -> Practitioner | None:
    """Return who holds a session; None when it was ended, is too old, or was idle too long.

    It stays awake while it is used.
    """
    session = people.session(store, token)
    if session is None or not _holds(session, now):
        return None
    if is_used and now - session.seen_at > timedelta(seconds=30):
        with store.write() as db:
            people.touch_session(db, session.token_hash, now)
    return people.practitioner(store, session.practitioner_id)


def lapsed(store: Store, *, token: str, now: datetime) -> Practitioner | None:
    """Return whose session ended because nobody touched the desk, and for no other reason."""
    session = people.session(store, token) if token else None
    if session is None or _holds(session, now):
        return None
    if not timedelta(0) <= now - session.created_at <= ABSOLUTE_LIMIT:
        return None
    who = people.practitioner(store, session.practitioner_id)
    return who if who is not None and who.disabled_at is None else None


def is_open(store: Store, token_hash: str, *, now: datetime) -> bool:
    """Tell whether a session, by the hash of its token, still lets its owner in."""
    session = people.hashed_session(store, token_hash)
    return session is not None and _holds(session, now)


def _holds(session: Session, now: datetime) -> bool:
    is_young = timedelta(0) <= now - session.created_at <= ABSOLUTE_LIMIT
    return is_young and now - session.seen_at <= IDLE_LIMIT


def signed_in(store: Store, now: datetime) -> frozenset[str]:
    """Return the ids of the accounts with a session that still lets its owner in."""
    used = people.sessions_used_since(store, now - IDLE_LIMIT)
    return frozenset(one.practitioner_id for one in used if _holds(one, now))


def sign_out(store: Store, *, token: str, now: datetime) -> None:
    """End a session at the server."""
    session = people.session(store, token)
    if session is None:
        return
    who = session.practitioner_id
    with store.write() as db:
        people.end_session(db, token, now)
        audit.append(db, at=now, actor=who, action="signed out", subject=who)


def change_password(store: Store, *, who: Practitioner, old: str, new: str, now: datetime) -> str:
    """Replace a password; every session of the account ends.

    Returns:
        The token of a new session.

    Raises:
        PasswordRefusedError: the old one is wrong, or the new one cannot be used.
    """
    found = people.with_password(store, who.username)
    if found is None or not _verify(found[1], old):
        msg = "Enter your present password as it was given to you."
        raise PasswordRefusedError(msg)
    if fault := _fault_of(new, old, who):
        raise PasswordRefusedError(fault)
    token = store.new_token()
    hashed = _HASHER.hash(new)
    with store.write() as db:
        people.set_password(db, who.id, hashed)
        people.end_sessions_of(db, who.id, now)
        people.add_session(db, token, who.id, now)
        audit.append(db, at=now, actor=who.id, action="password changed", subject=who.id)
    return token


def _fault_of(new: str, old: str, who: Practitioner) -> str:
    if not SHORTEST_PASSWORD <= len(new) <= LONGEST_PASSWORD:
        return f"Use at least {SHORTEST_PASSWORD} characters, for example four words in a row."
    if new == old:
        return "Choose a password that differs from the present one."
    if who.username.casefold() in new.casefold() or len(set(new)) < 5:  # noqa: PLR2004 - "aaaa…"
        return "Choose a password without your user name and with more than a few letters."
    return ""
