"""Accounts, sessions, sign-in attempts and tablets."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from intake.core.records import FIRST_SITE, Practitioner, Role
from intake.storage.encoding import from_json, instant, moment, moment_or_none, to_json

if TYPE_CHECKING:
    from datetime import datetime

    from sqlite_utils import Database

    from intake.storage.database import Store


def hashed(token: str) -> str:
    """Return what is stored of a secret of 256 random bits: a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser."""

    token_hash: str
    practitioner_id: str
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Tablet:
    """A device that may show the patient's side only."""

    id: str
    name: str
    added_at: datetime
    enrolled_at: datetime | None
    revoked_at: datetime | None
    code_until: datetime | None = None
    site: str = FIRST_SITE

    def is_awaited(self, now: datetime) -> bool:
        """Tell whether its link still works."""
        is_new = self.enrolled_at is None and self.revoked_at is None
        return is_new and self.code_until is not None and now < self.code_until


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
        }
    )


def practitioners(store: Store) -> list[Practitioner]:
    """Return every account, in order of user names."""
    return [
        _practitioner(row) for row in store.rows("SELECT * FROM practitioners ORDER BY username")
    ]


def practitioner(store: Store, practitioner_id: str) -> Practitioner | None:
    """Return one account that is not disabled."""
    row = store.row(
        "SELECT * FROM practitioners WHERE id = ? AND disabled_at IS NULL", [practitioner_id]
    )
    return _practitioner(row) if row else None


def any_practitioner(store: Store, practitioner_id: str) -> Practitioner | None:
    """Return one account, disabled or not."""
    row = store.row("SELECT * FROM practitioners WHERE id = ?", [practitioner_id])
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
    db.table("practitioners").update(practitioner_id, {"disabled_at": instant(at) if at else None})


def with_password(store: Store, username: str) -> tuple[Practitioner, str] | None:
    """Return the account of a user name and its password hash."""
    row = store.row(
        "SELECT * FROM practitioners WHERE username = ? AND disabled_at IS NULL", [username]
    )
    return (_practitioner(row), row["password_hash"]) if row else None


def set_password(
    db: Database, practitioner_id: str, password_hash: str, *, one_time: bool = False
) -> None:
    """Replace a password by one its owner chose, or by one that works once."""
    db.table("practitioners").update(
        practitioner_id, {"password_hash": password_hash, "must_change_password": int(one_time)}
    )


def add_session(db: Database, token: str, practitioner_id: str, now: datetime) -> None:
    """Store a new session under the hash of its token."""
    db.table("sessions").insert(
        {
            "token_hash": hashed(token),
            "practitioner_id": practitioner_id,
            "created_at": instant(now),
            "seen_at": instant(now),
        }
    )


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
        row["token_hash"], row["practitioner_id"], moment(row["created_at"]), moment(row["seen_at"])
    )


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


def end_session(db: Database, token: str, now: datetime) -> None:
    """End one session, and the visit in which its owner enters answers in that browser."""
    end_hashed_session(db, hashed(token), now)
    db.execute(
        "UPDATE visits SET ended_at = ? WHERE desk_session = ? AND ended_at IS NULL",
        [instant(now), hashed(token)],
    )


def end_hashed_session(db: Database, token_hash: str, now: datetime) -> None:
    """End one session, and leave the visit in which its owner enters answers."""
    db.execute(
        "UPDATE sessions SET ended_at = ? WHERE token_hash = ? AND ended_at IS NULL",
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


def add_attempt(db: Database, username: str, now: datetime) -> int:
    """Count a try to sign in, before the password is looked at; returns its id."""
    cursor = db.execute(
        "INSERT INTO sign_in_attempts (username, at, succeeded) VALUES (?, ?, 0)",
        [username, instant(now)],
    )
    return int(cursor.lastrowid or 0)


def attempt_succeeded(db: Database, attempt_id: int) -> None:
    """Note that a try was the right one."""
    db.table("sign_in_attempts").update(attempt_id, {"succeeded": 1})


def failures_since(store: Store, username: str, since: datetime, now: datetime) -> int:
    """Count the tries on a user name since *since* or the last success, whichever is later.

    A try from after *now* was made while the clock was wrong, and locks nobody out.
    """
    row = store.row(
        "SELECT count(*) AS n FROM sign_in_attempts WHERE username = :name"
        " AND at BETWEEN :since AND :now AND succeeded = 0"
        " AND id > coalesce((SELECT max(id) FROM sign_in_attempts"
        " WHERE username = :name AND succeeded = 1), 0)",
        {"name": username, "since": instant(since), "now": instant(now)},
    )
    return int(row["n"]) if row else 0


def add_tablet(
    db: Database,
    *,
    tablet_id: str,
    name: str,
    site: str,
    code: str,
    until: datetime,
    by: str,
    now: datetime,
) -> None:
    """Store a tablet that is still to be enrolled with a one-time code."""
    db.table("tablets").insert(
        {
            "id": tablet_id,
            "name": name,
            "site": site,
            "code_hash": hashed(code),
            "code_until": instant(until),
            "added_at": instant(now),
            "added_by": by,
        }
    )


def enrol_tablet(db: Database, code: str, token: str, now: datetime) -> str | None:
    """Spend a one-time code; returns the tablet's id, or None when it is spent, old or unknown."""
    rows = list(
        db.query(
            "UPDATE tablets SET code_hash = NULL, token_hash = ?, enrolled_at = ?"
            " WHERE code_hash = ? AND code_until > ? AND revoked_at IS NULL RETURNING id",
            [hashed(token), instant(now), hashed(code), instant(now)],
        )
    )
    return rows[0]["id"] if rows else None


def tablet_of(store: Store, token: str) -> Tablet | None:
    """Return the enrolled tablet of a token unless it was revoked."""
    row = store.row(
        "SELECT * FROM tablets WHERE token_hash = ? AND revoked_at IS NULL", [hashed(token)]
    )
    return _tablet(row) if row else None


def tablets(store: Store) -> list[Tablet]:
    """Return every tablet, newest first."""
    return [_tablet(row) for row in store.rows("SELECT * FROM tablets ORDER BY added_at DESC")]


def revoke_tablet(db: Database, tablet_id: str, by: str, now: datetime) -> bool:
    """Shut a tablet out for good; False when there is no such tablet in use."""
    cursor = db.execute(
        "UPDATE tablets SET revoked_at = ?, revoked_by = ? WHERE id = ? AND revoked_at IS NULL",
        [instant(now), by, tablet_id],
    )
    return cursor.rowcount == 1


def _tablet(row: dict[str, Any]) -> Tablet:
    return Tablet(
        id=row["id"],
        name=row["name"],
        added_at=moment(row["added_at"]),
        enrolled_at=moment_or_none(row["enrolled_at"]),
        revoked_at=moment_or_none(row["revoked_at"]),
        code_until=moment_or_none(row["code_until"]),
        site=row["site"],
    )
