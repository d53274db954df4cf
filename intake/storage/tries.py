"""Tries at a secret, counted before the secret is looked at, and the devices that are known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from intake.storage.encoding import instant
from intake.storage.people import hashed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from intake.storage.contract import Database
    from intake.storage.store import Store

KEPT = timedelta(days=2)
"""How long tries are kept; no window is longer than half of it."""
OVERTAKEN = timedelta(minutes=1)
"""By how much a try may be dated after one that counts it: the lock is waited for less long."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Tries that are counted together.

    Attributes:
        name: What they have in common; kept as a hash, for people type passwords into other boxes.
        owner: The user name whose secret is tried, so that an administrator can forget the tries
            at it; blank where many names count together. Kept as a hash, too.
        most: How many may fail in the window.
        forgives: Whether a success takes back the failures before it.
    """

    name: str
    owner: str
    most: int
    window: timedelta
    forgives: bool = True


def is_full(store: Store, buckets: Sequence[Bucket], now: datetime) -> bool:
    """Tell whether one of the buckets takes no more tries at present."""
    return any(failures(store, bucket, now) >= bucket.most for bucket in buckets)


def failures(store: Store, bucket: Bucket, now: datetime) -> int:
    """Count the failures in a bucket within its window.

    A try from up to a minute after *now* was made while this one waited for its turn, and counts.
    One from later was made while the clock was wrong, and locks nobody out.
    """
    row = store.row(
        "SELECT count(*) AS n FROM tries WHERE bucket = :bucket AND succeeded = 0"
        " AND at BETWEEN :since AND :until AND (:forgives = 0 OR id > coalesce("
        "(SELECT max(id) FROM tries WHERE bucket = :bucket AND succeeded = 1), 0))",
        {
            "bucket": hashed(bucket.name),
            "since": instant(now - bucket.window),
            "until": instant(now + OVERTAKEN),
            "forgives": int(bucket.forgives),
        },
    )
    return int(row["n"]) if row else 0


def add(db: Database, buckets: Sequence[Bucket], now: datetime) -> list[int]:
    """Count a try as failed in every bucket until it is known better; returns its ids."""
    db.execute("DELETE FROM tries WHERE at < ?", [instant(now - KEPT)])
    return [
        int(
            db.execute(
                "INSERT INTO tries (bucket, owner, at, succeeded) VALUES (?, ?, ?, 0) RETURNING id",
                [hashed(bucket.name), hashed(bucket.owner), instant(now)],
            ).fetchone()[0]
        )
        for bucket in buckets
    ]


def succeeded(db: Database, tries: Sequence[int]) -> None:
    """Note that a try was the right one."""
    for one in tries:
        db.execute("UPDATE tries SET succeeded = 1 WHERE id = ?", [one])


def forget(db: Database, owner: str) -> None:
    """Forget the tries at the secrets of one user name."""
    db.execute("DELETE FROM tries WHERE owner = ?", [hashed(owner)])


def failed_at(store: Store, owner: str, since: datetime, now: datetime) -> int:
    """Count what failed at the secrets of one user name, in the fullest of its buckets.

    Those from up to a minute after *now* count as in `failures`.
    """
    row = store.row(
        "SELECT max(n) AS n FROM (SELECT count(*) AS n FROM tries t WHERE owner = ?"
        " AND succeeded = 0 AND at BETWEEN ? AND ? AND id > coalesce((SELECT max(id) FROM tries"
        " WHERE bucket = t.bucket AND succeeded = 1), 0) GROUP BY bucket) AS buckets",
        [hashed(owner), instant(since), instant(now + OVERTAKEN)],
    )
    return int(row["n"] or 0) if row else 0


def know_device(db: Database, token: str, practitioner_id: str, now: datetime) -> None:
    """Keep that somebody signed in on a device."""
    db.execute(
        "INSERT INTO known_devices (token_hash, practitioner_id, since) VALUES (?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        [hashed(token), practitioner_id, instant(now)],
    )


def is_device(store: Store, token: str) -> bool:
    """Tell whether anybody has signed in on a device."""
    row = store.row("SELECT 1 AS n FROM known_devices WHERE token_hash = ?", [hashed(token)])
    return row is not None


def is_known(store: Store, token: str, username: str) -> bool:
    """Tell whether the owner of a user name has signed in on a device before."""
    row = store.row(
        "SELECT 1 AS n FROM known_devices d JOIN practitioners p ON p.id = d.practitioner_id"
        " WHERE d.token_hash = ? AND lower(p.username) = lower(?)",
        [hashed(token), username],
    )
    return row is not None


def begin_anew(db: Database, practitioner_id: str, username: str) -> None:
    """Treat every device of an account as a stranger's, and forget what was tried at it.

    Else whoever goes on guessing would keep out the owner, who has just got a new secret.
    """
    db.execute("DELETE FROM known_devices WHERE practitioner_id = ?", [practitioner_id])
    forget(db, username)
