"""How often a secret may be tried, by whom and from where.

Every try is counted in the database before the secret is looked at, so that many at once cannot
slip past a limit, and a restart forgets nothing. Strangers share what they may try; a device on
which its owner has signed in before has tries of its own, and so has each tablet, so that whoever
guesses from outside keeps nobody out of the clinic.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from intake.core.errors import IntakeError
from intake.storage import tries
from intake.storage.tries import Bucket

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from intake.core.records import Practitioner
    from intake.storage import Store
    from intake.storage.contract import Database

MOST_FAILURES = 5
FAILURE_WINDOW = timedelta(minutes=5)
MOST_FROM_A_PLACE = 20
"""Failures of all strangers together from one address."""
MOST_AT_LOCKS = 20
"""Failures at one user name at the locks of all tablets together: one tablet cannot use them up."""
MOST_BEGINS = 10
"""Forms begun on one tablet of the clinic in five minutes; whoever needs more is no patient."""
MOST_CODES_A_DAY = 50
"""Wrong codes in a day, by whoever has the password already: one in seven thousand gets in."""
MOST_LOOK_UPS_A_DAY = 20
"""Dates of birth in a day that are not those of the record: a lifetime has thirty thousand."""
DAY = timedelta(days=1)

REFUSED = (
    "The user name or password is not right, or there were too many tries."
    " Check both, wait five minutes, or ask your administrator."
)
"""One message for every refusal, so that it tells nobody which user names exist."""


class SignInRefusedError(IntakeError):
    """Nobody was let in; the message is the same for every reason."""


class TooManyTriesError(SignInRefusedError):
    """The secret was not even looked at."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a try comes from.

    Attributes:
        address: Of the network; blank when it is not known.
        device: The secret a device got when somebody signed in on it; blank on a new one.
        station: What the server knows a tablet by, on which staff open a locked form; never what
            a browser says, or every new word would have tries of its own.
        browser: Its family, for the list of one's sessions.
    """

    address: str = ""
    device: str = ""
    station: str = ""
    browser: str = ""


NOWHERE = Origin()


@dataclass
class Try:
    """One try, counted; it failed unless somebody says that it did not."""

    is_right: bool = False


def device_of(store: Store, given: str) -> str:
    """Return the secret of a device; a new one where nobody has signed in on what it gave."""
    return given if given and is_device(store, given) else store.new_token()


def is_device(store: Store, given: str) -> bool:
    """Tell whether a secret is that of a device on which anybody has signed in."""
    return tries.is_device(store, given)


def of_password(store: Store, username: str, origin: Origin) -> list[Bucket]:
    """Return in which buckets a try at a password counts."""
    name = username.casefold()
    if origin.station:
        return [
            Bucket(f"station {origin.station}", "", MOST_FAILURES, FAILURE_WINDOW, forgives=False),
            Bucket(f"locks {name}", name, MOST_AT_LOCKS, FAILURE_WINDOW, forgives=False),
        ]
    if origin.device and tries.is_known(store, origin.device, username):
        return [_five(f"device {origin.device} {name}", name)]
    return [_five(f"account {name}", name), *([_place(origin.address)] if origin.address else [])]


def of_code(who: Practitioner) -> list[Bucket]:
    """Return in which buckets a try at a second factor counts."""
    name, owner = f"code {who.id}", who.username
    return [
        _five(name, owner),
        Bucket(f"{name} in a day", owner, MOST_CODES_A_DAY, DAY, forgives=False),
    ]


def of_look_ups(who: Practitioner) -> list[Bucket]:
    """Return in which buckets a date of birth counts that somebody gives for a record number.

    They belong to no account's secrets: what is full there keeps nobody from signing in.
    """
    name, most = f"look-ups {who.id}", MOST_LOOK_UPS_A_DAY
    return [
        Bucket(name, "", MOST_FAILURES, FAILURE_WINDOW, forgives=False),
        Bucket(f"{name} in a day", "", most, DAY, forgives=False),
    ]


def of_owner(who: Practitioner) -> list[Bucket]:
    """Return in which buckets somebody counts who is signed in and is asked once more."""
    return [_five(f"again {who.id}", who.username)]


def is_locked_out(store: Store, who: Practitioner, now: datetime) -> bool:
    """Tell whether there were so many wrong tries that an account may be refused somewhere."""
    at_once = tries.failed_at(store, who.username, now - FAILURE_WINDOW, now) >= MOST_FAILURES
    return at_once or tries.is_full(store, of_code(who), now)


def _five(name: str, owner: str) -> Bucket:
    return Bucket(name, owner, MOST_FAILURES, FAILURE_WINDOW)


def _place(name: str) -> Bucket:
    """A success forgives nothing here: else a thief with one account could reset the count."""
    return Bucket(f"place {name}", "", MOST_FROM_A_PLACE, FAILURE_WINDOW, forgives=False)


def of_begins(tablet_id: str) -> list[Bucket]:
    """Return in which bucket a form counts that somebody begins on a tablet of the clinic."""
    return [Bucket(f"begins {tablet_id}", "", MOST_BEGINS, FAILURE_WINDOW, forgives=False)]


def count_one(store: Store, db: Database, buckets: Sequence[Bucket], now: datetime) -> None:
    """Count an act in the write that does it.

    Raises:
        TooManyTriesError: it was done too often.
    """
    if tries.is_full(store, buckets, now):
        raise TooManyTriesError(REFUSED)
    tries.add(db, buckets, now)


@contextmanager
def counted(store: Store, buckets: Sequence[Bucket], now: datetime) -> Iterator[Try]:
    """Count a try, and let it be looked at; one more than may be is neither counted nor looked at.

    Not counted: whoever goes on guessing must not keep the owner out for ever.

    Raises:
        TooManyTriesError: there were too many.
    """
    if tries.is_full(store, buckets, now):  # without the lock, so that a flood costs no writing
        raise TooManyTriesError(REFUSED)
    with store.write() as db:
        if tries.is_full(store, buckets, now):
            raise TooManyTriesError(REFUSED)
        ids = tries.add(db, buckets, now)
    made = Try()
    yield made
    if made.is_right:
        with store.write() as db:
            tries.succeeded(db, ids)
