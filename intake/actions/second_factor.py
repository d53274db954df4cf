"""The second factor: one-time codes (TOTP, RFC 6238), each taken once, and recovery codes."""

from __future__ import annotations

import hmac
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pyotp

from intake.actions import accounts, passwords
from intake.actions.tries import NOWHERE, SignInRefusedError, counted, of_code
from intake.core.errors import StateError
from intake.storage import audit, factors, people

if TYPE_CHECKING:
    from intake.actions.tries import Origin
    from intake.core.records import Practitioner
    from intake.storage import Store

STEP = 30
"""Seconds for which a code is shown."""
SLACK = 1
"""Steps by which the clock of a telephone may be off."""
RECOVERY_CODES = 10
RECOVERY_GROUPS = 6
"""Of each: about 119 bits, which a quick hash keeps. Source: OWASP ASVS 5.0.0, 6.5.2."""
WAITS = timedelta(minutes=5)
"""For how long a sign-in waits for its second factor."""

WRONG = (
    "The code is not right, was used before, or there were too many tries."
    " Wait until a new one is shown and enter that."
)
LAPSED = "This took too long. Enter your user name and password again."

_DIGITS = re.compile(r"[0-9]{6}")


def key_of(store: Store) -> bytes:
    """Return the key from which that of sealed values is derived."""
    return store.keys.trail


def begin(store: Store, *, who: Practitioner) -> str:
    """Return the seed that an account is to confirm, made when it is first asked for.

    Raises:
        StateError: the account has a second factor; only an administrator takes it away.
    """
    with store.write() as db:
        if _has_factor(store, who):
            msg = "Your account has a second factor. An administrator can reset it."
            raise StateError(msg)
        seed = factors.seed_of(store, key_of(store), who.id, confirmed=False)
        if seed is None:
            seed = pyotp.random_base32()
            factors.put_seed(db, key_of(store), who.id, seed)
    return seed


def address_of(seed: str, who: Practitioner, clinic: str) -> str:
    """Return what the QR code holds, for the telephone's program."""
    return pyotp.TOTP(seed).provisioning_uri(name=who.username, issuer_name=clinic)


def confirm(
    store: Store,
    *,
    who: Practitioner,
    token: str,
    code: str,
    now: datetime,
    origin: Origin = NOWHERE,
) -> tuple[str, tuple[str, ...]]:
    """Make a seed the second factor of an account, by the first code; every session ends.

    Args:
        store: Where the account is.
        who: Whose it becomes.
        token: That of the session in which it is added.
        code: The first one.
        now: When.
        origin: From where.

    Returns:
        The token of a new session, and the recovery codes, which are shown now and never again.

    Raises:
        SignInRefusedError: the code is not right, or the session was ended in the meantime.
        StateError: the account has a second factor already.
    """
    seed = begin(store, who=who)
    with counted(store, of_code(who), now) as attempt, store.write() as db:
        accounts.require_session(store, who, token)
        if _has_factor(store, who) or not _spend(store, who.id, seed, code, now):
            raise SignInRefusedError(WRONG)
        attempt.is_right = True
        factors.confirm_seed(db, who.id, now)
        codes = _put_recovery_codes(store, who.id)
        people.end_sessions_of(db, who.id, now)
        fresh = store.new_token()
        people.add_session(db, fresh, who.id, now, browser=origin.browser)
        audit.append(db, at=now, actor=who.id, action="second factor added", subject=who.id)
    return fresh, codes


def _has_factor(store: Store, who: Practitioner) -> bool:
    found = people.practitioner(store, who.id)
    return found is not None and found.has_second_factor


def waiting(store: Store, *, token: str, now: datetime) -> Practitioner | None:
    """Return whose sign-in waits for a second factor; None when it waited too long."""
    begun = factors.begun(store, token) if token else None
    if begun is None or not timedelta(0) <= now - begun.at <= WAITS:
        return None
    return people.practitioner(store, begun.practitioner_id)


def finish(
    store: Store, *, token: str, code: str, now: datetime, origin: Origin = NOWHERE
) -> tuple[Practitioner, str]:
    """Let somebody in whose password was right, by a one-time code or a recovery code.

    Returns:
        The account and the token of its new session.

    Raises:
        SignInRefusedError: for whatever reason; the sign-in goes on waiting.
    """
    who = waiting(store, token=token, now=now)
    if who is None:
        raise SignInRefusedError(LAPSED)
    check(store, who=who, code=code, now=now)
    return who, let_in(store, who, token=token, now=now, origin=origin)


def let_in(
    store: Store, who: Practitioner, *, token: str, now: datetime, origin: Origin = NOWHERE
) -> str:
    """Turn a sign-in that waited into a session; returns its token.

    Raises:
        SignInRefusedError: it ended in the meantime.
    """
    begun = factors.begun(store, token)
    with store.write() as db:
        if begun is None or not factors.end_begun(db, begun.token_hash, now):
            raise SignInRefusedError(LAPSED)
        return accounts.open_session(store, who, origin=origin, now=now)


def check(store: Store, *, who: Practitioner, code: str, now: datetime) -> None:
    """Take a one-time code or a recovery code, which is used up by that.

    Raises:
        SignInRefusedError: it is not right, was used before, or there were too many tries.
    """
    with counted(store, of_code(who), now) as attempt:
        with store.write() as db:
            seed = factors.seed_of(store, key_of(store), who.id, confirmed=True)
            attempt.is_right = seed is not None and _spend(store, who.id, seed, code, now)
            if not attempt.is_right and _spend_recovery(store, who.id, code, now):
                attempt.is_right = True
                audit.append(db, at=now, actor=who.id, action="recovery code used", subject=who.id)
            if not attempt.is_right:
                audit.append(db, at=now, actor=who.id, action="code refused", subject=who.id)
        if not attempt.is_right:
            raise SignInRefusedError(WRONG)


def _spend(store: Store, practitioner_id: str, seed: str, code: str, now: datetime) -> bool:
    """Use up a code; False when it is wrong, or was used. Held under the write lock."""
    typed = "".join(code.split())
    if not _DIGITS.fullmatch(typed):
        return False
    here, makes = int(now.timestamp()) // STEP, pyotp.TOTP(seed)
    fitting = [
        step
        for step in range(here - SLACK, here + SLACK + 1)
        if hmac.compare_digest(makes.generate_otp(step), typed)
    ]
    with store.write() as db:
        return any(factors.spend_step(db, practitioner_id, s, here + SLACK) for s in fitting)


def _spend_recovery(store: Store, practitioner_id: str, code: str, now: datetime) -> bool:
    letters = [letter for letter in code.casefold() if letter.isalnum()]
    groups = ["".join(letters[at : at + 4]) for at in range(0, len(letters), 4)]
    with store.write() as db:
        return factors.spend_recovery_code(db, practitioner_id, "-".join(groups), now)


def new_recovery_codes(
    store: Store, *, who: Practitioner, token: str, now: datetime
) -> tuple[str, ...]:
    """Make new recovery codes, which are shown now and never again; the old ones are dead.

    Raises:
        SignInRefusedError: the session of *token* was ended in the meantime.
        StateError: the account has no second factor.
    """
    with store.write() as db:
        accounts.require_session(store, who, token)
        if not _has_factor(store, who):
            msg = "Add a second factor first; recovery codes stand in for it."
            raise StateError(msg)
        codes = _put_recovery_codes(store, who.id)
        audit.append(db, at=now, actor=who.id, action="recovery codes made", subject=who.id)
    return codes


def _put_recovery_codes(store: Store, practitioner_id: str) -> tuple[str, ...]:
    codes = tuple(passwords.one_time_password(RECOVERY_GROUPS) for _ in range(RECOVERY_CODES))
    with store.write() as db:
        factors.put_recovery_codes(db, practitioner_id, codes)
    return codes


def recovery_codes_left(store: Store, who: Practitioner) -> int:
    """Count the recovery codes that still work."""
    return factors.recovery_codes_left(store, who.id)


def confirm_again(
    store: Store, *, who: Practitioner, token: str, secret: str, now: datetime
) -> str:
    """Take the password or a one-time code of somebody who is signed in; the session is fresh then.

    Returns:
        Its new token; the old one opens nothing any more. Source: OWASP ASVS 5.0.0, 7.2.4.

    Raises:
        SignInRefusedError: it is neither, there were too many tries, or the session was ended.
    """
    if who.has_second_factor and _DIGITS.fullmatch("".join(secret.split())):
        check(store, who=who, code=secret, now=now)
    else:
        accounts.check_own_password(store, who=who, password=secret, now=now)
    with store.write() as db:
        accounts.require_session(store, who, token)
        fresh = store.new_token()
        people.confirm_session(db, token, fresh, now)
        audit.append(db, at=now, actor=who.id, action="confirmed again", subject=who.id)
    return fresh
