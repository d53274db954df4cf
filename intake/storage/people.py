"""Accounts and their sessions."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from intake.core.records import Practitioner, Role
from intake.storage.encoding import (
    from_json,
    instant,
    instant_or_none,
    moment,
    moment_or_none,
    to_json,
)

if TYPE_CHECKING:
    from datetime import datetime

    from intake.storage.contract import Database
    from intake.storage.store import Store


def hashed(token: str) -> str:
    """Return what is stored of a secret of 256 random bits: a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser.

    Attributes:
        id: For its owner's list; opens nothing.
        browser: Its family.
        confirmed_at: When its owner last showed who they are.
    """

    token_hash: str
    practitioner_id: str
    created_at: datetime
    seen_at: datetime
    id: str = ""
    browser: str = ""
    confirmed_at: datetime | None = None


def _practitioner(row: dict[str, Any]) -> Practitioner:
    return Practitioner(
        id=row["id"],
        username=row["username"],
        name=row["name"],
        role=Role(row["role"]),
        must_change_password=bool(row["must_change_password"]),
        created_at=moment(row["created_at"]),
        disabled_at=moment_or_none(row["disabled_at"]),
        sites=None if row["sites"] is None else frozenset(from_json(row["sites"])),
        has_second_factor=bool(row["has_second_factor"]),
        one_time_until=moment_or_none(row["one_time_until"]),
    )


_ACCOUNTS = (
    "SELECT p.*, EXISTS (SELECT 1 FROM second_factors f WHERE f.practitioner_id = p.id"
    " AND f.confirmed_at IS NOT NULL) AS has_second_factor FROM practitioners p"
)


def add_practitioner(db: Database, who: Practitioner, password_hash: str) -> None:
    """Store a new account."""
    db.table("practitioners").insert(
        {
            "id": who.id,
            "username": who.username,
            "name": who.name,
            "role": who.role.value,
            "password_hash": password_hash,
            "must_change_password": int(who.must_change_password),
            "created_at": instant(who.created_at),
            "sites": None if who.sites is None else to_json(who.sites),
            "one_time_until": instant_or_none(who.one_time_until),
        }
    )


def practitioners(store: Store) -> list[Practitioner]:
    """Return every account, in order of user names."""
    return [_practitioner(row) for row in store.rows(f"{_ACCOUNTS} ORDER BY lower(username)")]


def practitioner(store: Store, practitioner_id: str) -> Practitioner | None:
    """Return one account that is not disabled."""
    row = store.row(f"{_ACCOUNTS} WHERE id = ? AND disabled_at IS NULL", [practitioner_id])
    return _practitioner(row) if row else None


def any_practitioner(store: Store, practitioner_id: str) -> Practitioner | None:
    """Return one account, disabled or not."""
    row = store.row(f"{_ACCOUNTS} WHERE id = ?", [practitioner_id])
    return _practitioner(row) if row else None


def set_role(db: Database, practitioner_id: str, role: Role) -> None:
    """Give an account another role."""
    db.table("practitioners").update(practitioner_id, {"role": role.value})


def set_sites(db: Database, practitioner_id: str, sites: frozenset[str] | None) -> None:
    """Say whose cases an account may read: those of some sites, or with None of every site."""
    kept = None if sites is None else to_json(sites)
    db.table("practitioners").update(practitioner_id, {"sites": kept})


def set_disabled(db: Database, practitioner_id: str, at: datetime | None) -> None:
    """Shut an account out, or let it in again with None."""
    db.table("practitioners").update(practitioner_id, {"disabled_at": instant_or_none(at)})


def with_password(store: Store, username: str) -> tuple[Practitioner, str] | None:
    """Return the account of a user name and its password hash."""
    row = store.row(
        f"{_ACCOUNTS} WHERE lower(username) = lower(?) AND disabled_at IS NULL", [username]
    )
    return (_practitioner(row), row["password_hash"]) if row else None


def set_password(
    db: Database,
    practitioner_id: str,
    password_hash: str,
    *,
    one_time_until: datetime | None = None,
) -> None:
    """Replace a password by one its owner chose, or by one that works once, until some moment."""
    changed = {
        "password_hash": password_hash,
        "must_change_password": int(one_time_until is not None),
        "one_time_until": instant_or_none(one_time_until),
    }
    db.table("practitioners").update(practitioner_id, changed)


def replace_hash(db: Database, practitioner_id: str, password_hash: str) -> None:
    """Keep the same password under another hash."""
    db.table("practitioners").update(practitioner_id, {"password_hash": password_hash})


def add_session(
    db: Database,
    token: str,
    practitioner_id: str,
    now: datetime,
    *,
    browser: str = "",
    since: datetime | None = None,
) -> None:
    """Store a new session under the hash of its token.

    Args:
        db: Where it is kept.
        token: Its secret.
        practitioner_id: Whose it is.
        now: Since when it is used, and when its owner showed who they are.
        browser: The family of the browser.
        since: When the session that it goes on with began.
    """
    db.table("sessions").insert(
        {
            "token_hash": hashed(token),
            "practitioner_id": practitioner_id,
            "created_at": instant(since or now),
            "seen_at": instant(now),
            "ended_at": None,
            "id": secrets.token_hex(16),
            "browser": browser,
            "confirmed_at": instant(now),
        }
    )


def confirm_session(db: Database, token: str, fresh: str, now: datetime) -> None:
    """Note that the owner of a session showed once more who they are; it goes on by a new token."""
    old, new = hashed(token), hashed(fresh)
    db.execute(
        "UPDATE sessions SET confirmed_at = ?, token_hash = ?"
        " WHERE token_hash = ? AND ended_at IS NULL",
        [instant(now), new, old],
    )
    db.execute("UPDATE visits SET desk_session = ? WHERE desk_session = ?", [new, old])


def session(store: Store, token: str) -> Session | None:
    """Return the session of a token unless it was ended."""
    return hashed_session(store, hashed(token))


def hashed_session(store: Store, token_hash: str) -> Session | None:
    """Return a session by the hash of its token unless it was ended."""
    row = store.row(
        "SELECT * FROM sessions WHERE token_hash = ? AND ended_at IS NULL", [token_hash]
    )
    return _session(row) if row else None


def _session(row: dict[str, Any]) -> Session:
    return Session(
        row["token_hash"],
        row["practitioner_id"],
        moment(row["created_at"]),
        moment(row["seen_at"]),
        row["id"],
        row["browser"],
        moment_or_none(row["confirmed_at"]),
    )


def sessions_of(store: Store, practitioner_id: str) -> list[Session]:
    """Return the sessions of an account that were not ended, the one used last first."""
    rows = store.rows(
        "SELECT * FROM sessions WHERE practitioner_id = ? AND ended_at IS NULL"
        " ORDER BY seen_at DESC",
        [practitioner_id],
    )
    return [_session(row) for row in rows]


def began_of_session_ended(store: Store, practitioner_id: str, at: datetime) -> datetime | None:
    """Return when the session began that a lock ended at just that instant."""
    row = store.row(
        "SELECT created_at FROM sessions WHERE practitioner_id = ? AND ended_at = ?",
        [practitioner_id, instant(at)],
    )
    return moment(row["created_at"]) if row else None


def last_seen(store: Store) -> dict[str, datetime]:
    """Return when each account was last used, by its id; those never used are left out."""
    rows = store.rows(
        "SELECT practitioner_id, max(seen_at) AS at FROM sessions GROUP BY practitioner_id"
    )
    return {row["practitioner_id"]: moment(row["at"]) for row in rows}


def sessions_used_since(store: Store, since: datetime) -> list[Session]:
    """Return every session that was not ended and was used since."""
    rows = store.rows(
        "SELECT * FROM sessions WHERE ended_at IS NULL AND seen_at >= ?", [instant(since)]
    )
    return [_session(row) for row in rows]


def touch_session(db: Database, token_hash: str, now: datetime) -> None:
    """Note that a session was used."""
    db.execute(
        "UPDATE sessions SET seen_at = ? WHERE token_hash = ? AND ended_at IS NULL",
        [instant(now), token_hash],
    )


def end_session(db: Database, token: str, now: datetime) -> bool:
    """End one session, and the visit in which its owner enters answers in that browser.

    Returns:
        False when it had ended before.
    """
    was_open = end_hashed_session(db, hashed(token), now)
    _end_entering(db, hashed(token), now)
    return was_open


def end_hashed_session(db: Database, token_hash: str, now: datetime) -> bool:
    """End one session, and leave the visit in which its owner enters answers.

    Returns:
        False when it had ended before.
    """
    cursor = db.execute(
        "UPDATE sessions SET ended_at = ? WHERE token_hash = ? AND ended_at IS NULL",
        [instant(now), token_hash],
    )
    return cursor.rowcount == 1


def end_session_of(db: Database, practitioner_id: str, session_id: str, now: datetime) -> bool:
    """End one session of an account; False when it has none of that id."""
    rows = list(
        db.query(
            "UPDATE sessions SET ended_at = ? WHERE practitioner_id = ? AND id = ?"
            " AND ended_at IS NULL RETURNING token_hash",
            [instant(now), practitioner_id, session_id],
        )
    )
    for row in rows:
        _end_entering(db, row["token_hash"], now)
    return bool(rows)


def end_other_sessions(db: Database, practitioner_id: str, token: str, now: datetime) -> int:
    """End every session of an account but that of a token; returns how many."""
    rows = list(
        db.query(
            "UPDATE sessions SET ended_at = ? WHERE practitioner_id = ? AND token_hash <> ?"
            " AND ended_at IS NULL RETURNING token_hash",
            [instant(now), practitioner_id, hashed(token)],
        )
    )
    for row in rows:
        _end_entering(db, row["token_hash"], now)
    return len(rows)


def _end_entering(db: Database, token_hash: str, now: datetime) -> None:
    """End the visit in which the owner of a session enters answers in that browser."""
    db.execute(
        "UPDATE visits SET ended_at = ? WHERE desk_session = ? AND ended_at IS NULL",
        [instant(now), token_hash],
    )


def keep_session(db: Database, token_hash: str, *, since: datetime, now: datetime) -> None:
    """Note that a session was used, unless it was last used before *since*."""
    db.execute(
        "UPDATE sessions SET seen_at = ?"
        " WHERE token_hash = ? AND ended_at IS NULL AND seen_at >= ?",
        [instant(now), token_hash, instant(since)],
    )


def end_sessions_of(db: Database, practitioner_id: str, now: datetime) -> None:
    """End every session of an account, and the visits in which its owner enters answers."""
    db.execute(
        "UPDATE visits SET ended_at = ? WHERE entered_by = ? AND ended_at IS NULL",
        [instant(now), practitioner_id],
    )
    db.execute(
        "UPDATE sessions SET ended_at = ? WHERE practitioner_id = ? AND ended_at IS NULL",
        [instant(now), practitioner_id],
    )
    db.execute(
        "UPDATE sign_ins_begun SET ended_at = ? WHERE practitioner_id = ? AND ended_at IS NULL",
        [instant(now), practitioner_id],
    )
