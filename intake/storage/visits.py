"""Visits: the way of one tablet to one form, and the lock on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from intake.core.records import Visit
from intake.storage.encoding import instant, moment, moment_or_none
from intake.storage.people import hashed

if TYPE_CHECKING:
    from datetime import datetime

    from sqlite_utils import Database

    from intake.storage.database import Store


def open_visit(db: Database, response_id: str, token: str, now: datetime) -> None:
    """Give a tablet its way to one form; earlier ways to the same form end."""
    end_visits(db, response_id, now)
    db.table("visits").insert(
        {
            "token_hash": hashed(token),
            "response_id": response_id,
            "opened_at": instant(now),
            "seen_at": instant(now),
        }
    )


def end_visits(db: Database, response_id: str, now: datetime) -> None:
    """End every way to a form."""
    db.execute(
        "UPDATE visits SET ended_at = ? WHERE response_id = ? AND ended_at IS NULL",
        [instant(now), response_id],
    )


def visit(store: Store, token: str) -> Visit | None:
    """Return a visit that has not ended."""
    row = store.row(
        "SELECT * FROM visits WHERE token_hash = ? AND ended_at IS NULL", [hashed(token)]
    )
    return _visit(row) if row else None


def visit_of(store: Store, response_id: str) -> Visit | None:
    """Return the way to a form that is open now."""
    row = store.row(
        "SELECT * FROM visits WHERE response_id = ? AND ended_at IS NULL", [response_id]
    )
    return _visit(row) if row else None


def _visit(row: dict[str, Any]) -> Visit:
    return Visit(
        response_id=row["response_id"],
        opened_at=moment(row["opened_at"]),
        seen_at=moment(row["seen_at"] or row["opened_at"]),
        locked_at=moment_or_none(row["locked_at"]),
        tries=row["tries"],
        place=row["place"],
    )


def put_seen(db: Database, response_id: str, now: datetime) -> None:
    """Store that somebody was there."""
    db.execute(
        "UPDATE visits SET seen_at = ? WHERE response_id = ? AND ended_at IS NULL",
        [instant(now), response_id],
    )


def put_lock(db: Database, response_id: str, locked_at: datetime | None, place: str) -> None:
    """Lock the way to a form, or open it again, with the page to go on with."""
    db.execute(
        "UPDATE visits SET locked_at = ?, place = ?, tries = 0"
        " WHERE response_id = ? AND ended_at IS NULL",
        [instant(locked_at) if locked_at else None, place, response_id],
    )


def add_try(db: Database, response_id: str) -> None:
    """Count a try to open a locked form."""
    db.execute(
        "UPDATE visits SET tries = tries + 1 WHERE response_id = ? AND ended_at IS NULL",
        [response_id],
    )
