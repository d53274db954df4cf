"""Passwords: how they are kept, and which are taken."""

from __future__ import annotations

import base64
import secrets
import unicodedata
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]

from intake.actions.tries import REFUSED, TooManyTriesError
from intake.core.errors import IntakeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.core.records import Practitioner

SHORTEST_PASSWORD = 15
"""Characters, where no second factor is asked for. Source: OWASP ASVS 5.0.0, 6.2.1."""
SHORTEST_WITH_FACTOR = 8
LONGEST_PASSWORD = 200
MOST_TYPED = 1000
"""Longest password whose spelling is looked at; a longer one is too long in any spelling."""
FEWEST_LETTERS = 5
"""Different characters a password must have, so that "aaaa…" is none."""

COMMON = frozenset(FREQUENCY_LISTS["passwords"])
"""The passwords that are tried first; ASVS 6.2.4 asks for at least 3,000 of them."""
CONTEXT = ("microneedling", "intake")
SHORTEST_CONTEXT = 5
"""Letters a word of the clinic's name must have to count: "of" and "skin" are in many phrases."""

ONE_TIME_FOR = timedelta(hours=72)
"""How long a password that the program made lets in: over a weekend, and no longer.

The hours are a default of our own; OWASP ASVS 5.0.0, 6.4.1 asks for a short period.
"""

_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that nobody confuses when reading them out."""

HASHER = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4)
"""Argon2id with 64 MiB, the second recommendation of RFC 9106; OWASP's floor is 19 MiB."""

HASHES_AT_ONCE = 2
_AT_ONCE = BoundedSemaphore(HASHES_AT_ONCE)
"""Each hash takes 64 MiB: a flood of sign-ins waits its turn and does not eat the memory."""
MOST_WAITING = 4
_STRANGERS = BoundedSemaphore(HASHES_AT_ONCE + MOST_WAITING)
"""Each that waits takes one of the few threads on which patients' pages are answered."""


def _in_vain() -> str:
    """Make what looks like the hash of a password, and is that of none."""
    salt, tag = (base64.b64encode(secrets.token_bytes(n)).decode().rstrip("=") for n in (16, 32))
    cost = f"m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${tag}"


NOBODY = _in_vain()
"""Verified when there is no such account, so that it takes as long as when there is one."""


@contextmanager
def turn(*, is_known: bool) -> Iterator[None]:
    """Hold a place among those whose passwords are looked at; whoever is known may always wait.

    Raises:
        TooManyTriesError: so many strangers wait that one more would take a patient's thread.
    """
    if is_known:
        yield
        return
    if not _STRANGERS.acquire(blocking=False):
        raise TooManyTriesError(REFUSED)
    try:
        yield
    finally:
        _STRANGERS.release()


class PasswordRefusedError(IntakeError):
    """The new password cannot be used; the message says what can."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What a clinic asks of passwords.

    Attributes:
        asks_factor: Every account has to have a second factor.
        clinic: Its name, which is easily guessed.
    """

    asks_factor: bool = False
    clinic: str = ""

    def shortest(self, who: Practitioner) -> int:
        """Return how many characters a password of *who* has at least."""
        has_more = self.asks_factor or who.has_second_factor
        return SHORTEST_WITH_FACTOR if has_more else SHORTEST_PASSWORD


def hash_of(password: str) -> str:
    """Return what is stored of a password."""
    with _AT_ONCE:
        return HASHER.hash(_one_spelling(password))


def is_right(password_hash: str, password: str) -> bool:
    """Tell whether a password is the one that was stored; takes as long for one that is not."""
    typed = _one_spelling(password)
    with _AT_ONCE:
        try:
            HASHER.verify(password_hash, typed[:LONGEST_PASSWORD])
        except (VerificationError, InvalidHashError):
            return False
    return len(typed) <= LONGEST_PASSWORD


def is_outdated(password_hash: str) -> bool:
    """Tell whether a hash was made with other parameters than are used now."""
    return HASHER.check_needs_rehash(password_hash)


def _one_spelling(password: str) -> str:
    """Return one spelling of what keyboards send in several: é as one character or as two."""
    typed = password.encode("utf-8", "replace").decode()
    if len(typed) > MOST_TYPED:  # ordering marks takes as long as their number squared
        return typed
    return unicodedata.normalize("NFC", typed)


def one_time_password(groups: int = 4) -> str:
    """Make a password of groups of four readable characters, of about 20 bits each."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(groups))


def new_one_time_password() -> tuple[str, str]:
    """Make a password that works once; returns it with its hash."""
    password = one_time_password()
    return password, hash_of(password)


def fault_of(new: str, who: Practitioner, policy: Policy) -> str:
    """Say what keeps a password from being used; blank when nothing does."""
    new, least = _one_spelling(new), policy.shortest(who)
    if not least <= len(new) <= LONGEST_PASSWORD:
        return f"Use {least} to {LONGEST_PASSWORD} characters, for example four words in a row."
    if _plain(new) in COMMON or new.casefold() in COMMON:
        return "Choose another password: this one is among those that are tried first."
    if len(set(new)) < FEWEST_LETTERS:
        return "Choose a password with more than a few different letters."
    if word := _context_in(new, who, policy):
        return f"Choose a password without “{word}”, which others would guess."
    return ""


def _plain(text: str) -> str:
    """Leave the letters and digits."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _context_in(new: str, who: Practitioner, policy: Policy) -> str:
    clinic = [word for word in policy.clinic.split() if len(_plain(word)) >= SHORTEST_CONTEXT]
    for word in (who.username, *CONTEXT, *clinic):
        if _plain(word) and _plain(word) in _plain(new):
            return word
    return ""
