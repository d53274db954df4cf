"""What an administrator does with the accounts of others: add, reset, change, shut out, let in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.actions import accounts, own_sessions
from intake.actions.passwords import ONE_TIME_FOR, new_one_time_password
from intake.actions.permission import require_operator, require_operator_still
from intake.actions.tries import is_locked_out
from intake.core.errors import NotFoundError, StateError
from intake.core.records import Practitioner, Role
from intake.storage import audit, factors, people, tries

if TYPE_CHECKING:
    from datetime import datetime

    from intake.actions.own_sessions import OwnSession
    from intake.actions.permission import Operator
    from intake.storage import Store
    from intake.storage.contract import Database

NOT_YOURSELF = "You cannot do this to your own account. Ask another administrator."


@dataclass(frozen=True, slots=True)
class Account:
    """An account as an administrator sees it.

    Attributes:
        last_seen: When it was last used at the desk; None when never.
        is_locked_out: It was tried so often with wrong passwords or codes that it may be refused.
        has_lapsed: Its one-time password was not used in time, and lets nobody in.
    """

    who: Practitioner
    last_seen: datetime | None
    is_signed_in: bool
    is_locked_out: bool = False
    has_lapsed: bool = False


def list_staff(store: Store, *, by: Operator, now: datetime) -> list[Account]:
    """Return every account, in order of user names; those that are disabled included."""
    require_operator(by)
    seen, there = people.last_seen(store), own_sessions.signed_in(store, now)
    return [
        Account(
            who,
            seen.get(who.id),
            is_signed_in=who.id in there,
            is_locked_out=is_locked_out(store, who, now),
            has_lapsed=who.has_lapsed(now),
        )
        for who in people.practitioners(store)
    ]


def account(store: Store, *, account_id: str, by: Operator, now: datetime) -> Account:
    """Return one account.

    Raises:
        NotFoundError: there is none of that id.
    """
    for found in list_staff(store, by=by, now=now):
        if found.who.id == account_id:
            return found
    raise NotFoundError(_NO_ACCOUNT)


_NO_ACCOUNT = "There is no such account."


def id_of(store: Store, username: str) -> str:
    """Return the id of the account of a user name, written in any case.

    Raises:
        NotFoundError: there is none.
    """
    for who in people.practitioners(store):
        if who.username.casefold() == username.strip().casefold():
            return who.id
    msg = f"There is no account '{username}'."
    raise NotFoundError(msg)


def add(
    store: Store, *, username: str, name: str, role: Role, by: Operator, now: datetime
) -> tuple[Practitioner, str]:
    """Add an account; returns it with the password that works once.

    Raises:
        AnswerError: the user name or the full name cannot be used.
        ConflictError: the user name is taken.
    """
    require_operator(by)
    who = accounts.new_account(store, username=username, name=name, role=role, now=now)
    password, hashed = new_one_time_password()
    with store.write():
        actor = require_operator_still(store, by)
        accounts.put_account(store, who, hashed, actor=actor, now=now)
    return who, password


def reset(store: Store, *, account_id: str, by: Operator, now: datetime) -> str:
    """Give an account a new password that works once; its sessions end.

    Raises:
        StateError: it is disabled, or one's own.
    """
    actor = require_operator(by)
    password, hashed = new_one_time_password()
    with store.write() as db:
        require_operator_still(store, by)
        who = _somebody_else(store, account_id, actor)
        _require_enabled(who)
        people.set_password(db, who.id, hashed, one_time_until=now + ONE_TIME_FOR)
        tries.begin_anew(db, who.id, who.username)
        _written_down(db, who, "password reset", actor=actor, now=now)
    return password


def reset_second_factor(store: Store, *, account_id: str, by: Operator, now: datetime) -> None:
    """Take somebody's second factor away; their sessions end, and they add another at sign-in.

    Raises:
        StateError: it is one's own, it is disabled, or it has none.
    """
    actor = require_operator(by)
    with store.write() as db:
        who = _somebody_else(store, account_id, actor)
        _require_enabled(who)
        if not who.has_second_factor:
            msg = f"The account '{who.username}' has no second factor."
            raise StateError(msg)
        factors.forget(db, who.id)
        tries.begin_anew(db, who.id, who.username)
        _written_down(db, who, "second factor reset", actor=actor, now=now)


def unlock(store: Store, *, account_id: str, by: Operator, now: datetime) -> bool:
    """Forget what was tried at an account, so that its owner can sign in at once.

    Returns:
        Whether it was locked out. Whoever goes on guessing fills the count anew.
    """
    actor = require_operator(by)
    who = _known(store, account_id)
    with store.write() as db:
        was_locked_out = is_locked_out(store, who, now)
        tries.forget(db, who.username)
        audit.append(db, at=now, actor=actor, action="account unlocked", subject=who.id)
    return was_locked_out


def sessions(
    store: Store, *, account_id: str, by: Operator, now: datetime, token: str = ""
) -> list[OwnSession]:
    """Return the sessions in which somebody is signed in; that of *token* is told apart."""
    require_operator(by)
    return own_sessions.of_account(store, account_id, now=now, token=token)


def end_session(
    store: Store, *, account_id: str, session_id: str, by: Operator, now: datetime
) -> None:
    """End one session of an account.

    Raises:
        NotFoundError: there is none of that id.
    """
    actor = require_operator(by)
    with store.write() as db:
        if not people.end_session_of(db, account_id, session_id, now):
            msg = "There is no such session; it may have ended by itself."
            raise NotFoundError(msg)
        audit.append(db, at=now, actor=actor, action="session ended", subject=account_id)


def change_role(
    store: Store, *, account_id: str, role: Role, by: Operator, now: datetime
) -> Practitioner:
    """Give an account another role; its sessions end, so that none goes on with the old one.

    Raises:
        StateError: it is one's own, it is disabled, or it is the last administrator.
    """
    actor = require_operator(by)
    with store.write() as db:
        who = _somebody_else(store, account_id, actor)
        _require_enabled(who)
        if role is not who.role:
            _keep_one_administrator(store, who)
            people.set_role(db, who.id, role)
            change = {"was": who.role.value, "is": role.value}
            _written_down(db, who, "role changed", actor=actor, now=now, **change)
    return who


def disable(store: Store, *, account_id: str, by: Operator, now: datetime) -> Practitioner:
    """Shut an account out, at once and everywhere; its name stays on what it decided.

    Raises:
        StateError: it is one's own, it is disabled already, or it is the last administrator.
    """
    actor = require_operator(by)
    with store.write() as db:
        who = _somebody_else(store, account_id, actor)
        _require_enabled(who)
        _keep_one_administrator(store, who)
        people.set_disabled(db, who.id, now)
        _written_down(db, who, "account disabled", actor=actor, now=now)
    return who


def enable(store: Store, *, account_id: str, by: Operator, now: datetime) -> str:
    """Let an account in again; returns a new password that works once.

    The old password does not come back: why it was shut out, nobody here knows.

    Raises:
        StateError: it is not disabled.
    """
    actor = require_operator(by)
    password, hashed = new_one_time_password()
    with store.write() as db:
        require_operator_still(store, by)
        who = _somebody_else(store, account_id, actor)
        if who.disabled_at is None:
            msg = f"The account '{who.username}' is not switched off."
            raise StateError(msg)
        people.set_disabled(db, who.id, None)
        people.set_password(db, who.id, hashed, one_time_until=now + ONE_TIME_FOR)
        tries.begin_anew(db, who.id, who.username)
        _written_down(db, who, "account enabled", actor=actor, now=now)
    return password


def sign_out_everywhere(store: Store, *, account_id: str, by: Operator, now: datetime) -> None:
    """End every session of an account; it may be one's own."""
    actor = require_operator(by)
    with store.write() as db:
        _written_down(db, _known(store, account_id), "sessions ended", actor=actor, now=now)


def _written_down(
    db: Database, who: Practitioner, action: str, *, actor: str, now: datetime, **detail: str
) -> None:
    """End the sessions of the account that was changed, and write down who changed it."""
    people.end_sessions_of(db, who.id, now)
    audit.append(db, at=now, actor=actor, action=action, subject=who.id, **detail)


def _known(store: Store, account_id: str) -> Practitioner:
    found = people.any_practitioner(store, account_id)
    if found is None:
        raise NotFoundError(_NO_ACCOUNT)
    return found


def _somebody_else(store: Store, account_id: str, actor: str) -> Practitioner:
    found = _known(store, account_id)
    if found.id == actor:
        raise StateError(NOT_YOURSELF)
    return found


def _require_enabled(who: Practitioner) -> None:
    if who.disabled_at is not None:
        msg = f"The account '{who.username}' is switched off. Let it in again first."
        raise StateError(msg)


def _keep_one_administrator(store: Store, who: Practitioner) -> None:
    """Refuse to take away the last account that can look after the others."""
    others = (
        one
        for one in people.practitioners(store)
        if one.role is Role.ADMINISTRATOR and one.disabled_at is None and one.id != who.id
    )
    if who.role is Role.ADMINISTRATOR and next(others, None) is None:
        msg = f"'{who.username}' is the last administrator. Add another one first."
        raise StateError(msg)
