"""Visits: the way of one tablet to one form, and the lock on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from intake.core.records import Company, Visit
from intake.storage.encoding import instant, instant_or_none, moment, moment_or_none
from intake.storage.people import hashed

if TYPE_CHECKING:
    from datetime import datetime

    from intake.storage.contract import Database
    from intake.storage.store import Store


def bound(token: str, device: str) -> str:
    """Return the secret of a visit on a device: neither half opens it without the other.

    Args:
        token: What the visit's own cookie holds.
        device: The secret of the device; blank where it has none, as in tests.
    """
    return f"{token}.{device}" if device else token


def open_visit(
    db: Database,
    response_id: str,
    token: str,
    now: datetime,
    *,
    entered_by: str | None = None,
    desk_session: str = "",
    called: str = "",
) -> None:
    """Give a tablet its way to one form; earlier ways to the same form end.

    Args:
        db: Where to write.
        response_id: The form.
        token: The secret of the tablet.
        now: When it opens.
        entered_by: The practitioner who enters the answers for the patient.
        desk_session: The token of that practitioner's session at the desk.
        called: The name that was typed on a tablet to begin the form.
    """
    end_visits(db, response_id, now)
    db.table("visits").insert(
        {
            "token_hash": hashed(token),
            "response_id": response_id,
            "opened_at": instant(now),
            "seen_at": instant(now),
            "entered_by": entered_by,
            "desk_session": hashed(desk_session) if desk_session else "",
            "called": called,
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


def sent_in(store: Store, token: str) -> str | None:
    """Return the form whose sending ended a visit; None where something else did."""
    row = store.row(
        "SELECT r.id FROM visits v JOIN responses r ON r.id = v.response_id WHERE v.token_hash = ?"
        " AND r.status = 'completed' AND v.ended_at = r.submitted_at",
        [hashed(token)],
    )
    return row["id"] if row else None


def was_patients(store: Store, response_id: str, since: datetime) -> bool:
    """Tell whether the patient had a form in hand at any time since an instant."""
    row = store.row(
        "SELECT 1 FROM visits WHERE response_id = ? AND entered_by IS NULL AND opened_at >= ?",
        [response_id, instant(since)],
    )
    return row is not None


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
        company=Company(row["company"]) if row["company"] else None,
        privacy=row["privacy"],
        entered_by=row["entered_by"],
        desk_session=row["desk_session"],
        called=row["called"],
    )


def put_seen(db: Database, response_id: str, now: datetime) -> None:
    """Store that somebody was there."""
    db.execute(
        "UPDATE visits SET seen_at = ? WHERE response_id = ? AND ended_at IS NULL",
        [instant(now), response_id],
    )


def put_lock(db: Database, response_id: str, locked_at: datetime | None, place: str) -> None:
    """Lock the way to a form, or open it again, with the page to go on with.

    Who opens it may have company: how private pages are answered is asked again. The desk of
    whoever entered the answers stays shut.
    """
    db.execute(
        "UPDATE visits SET locked_at = ?, place = ?, tries = 0, privacy = '', desk_session = ''"
        " WHERE response_id = ? AND ended_at IS NULL",
        [instant_or_none(locked_at), place, response_id],
    )


def put_company(db: Database, response_id: str, company: Company) -> None:
    """Store who is beside the patient in the visit that is open now."""
    db.execute(
        "UPDATE visits SET company = ?, privacy = '' WHERE response_id = ? AND ended_at IS NULL",
        [company.value, response_id],
    )


def put_desk_session(db: Database, response_id: str, token: str) -> None:
    """Hang the open visit, in which a practitioner enters answers, on a session at the desk."""
    db.execute(
        "UPDATE visits SET desk_session = ? WHERE response_id = ? AND ended_at IS NULL",
        [hashed(token), response_id],
    )


def put_privacy(db: Database, response_id: str, privacy: str) -> None:
    """Store how the private pages at hand are answered."""
    db.execute(
        "UPDATE visits SET privacy = ? WHERE response_id = ? AND ended_at IS NULL",
        [privacy, response_id],
    )


def add_try(db: Database, response_id: str) -> None:
    """Count a try to open a locked form."""
    db.execute(
        "UPDATE visits SET tries = tries + 1 WHERE response_id = ? AND ended_at IS NULL",
        [response_id],
    )
