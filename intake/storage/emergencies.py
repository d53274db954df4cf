"""Access in an emergency: who, why, how long, and which administrator has seen it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from intake.storage.encoding import instant, moment, moment_or_none

if TYPE_CHECKING:
    from datetime import datetime

    from intake.storage.contract import Database
    from intake.storage.store import Store


@dataclass(frozen=True, slots=True)
class Emergency:
    """A time in which somebody sees more than their role lets them.

    Attributes:
        until: The first instant after it, unless it was ended before.
    """

    id: str
    practitioner_id: str
    reason: str
    begun_at: datetime
    until: datetime
    ended_at: datetime | None = None


def add(db: Database, emergency: Emergency) -> None:
    """Keep an emergency."""
    db.table("emergencies").insert(
        {
            "id": emergency.id,
            "practitioner_id": emergency.practitioner_id,
            "reason": emergency.reason,
            "begun_at": instant(emergency.begun_at),
            "until": instant(emergency.until),
        }
    )


def current(db: Database, practitioner_id: str, now: datetime) -> Emergency | None:
    """Return the emergency in which somebody acts at an instant."""
    rows = list(
        db.query(
            "SELECT * FROM emergencies WHERE practitioner_id = :who AND until > :now"
            " AND begun_at <= :now AND ended_at IS NULL ORDER BY until DESC LIMIT 1",
            {"who": practitioner_id, "now": instant(now)},
        )
    )
    return _emergency(rows[0]) if rows else None


def end(db: Database, practitioner_id: str, now: datetime) -> bool:
    """End what is left of somebody's emergency; False when there was none."""
    cursor = db.execute(
        "UPDATE emergencies SET ended_at = :now WHERE practitioner_id = :who AND until > :now"
        " AND ended_at IS NULL",
        {"who": practitioner_id, "now": instant(now)},
    )
    return cursor.rowcount > 0


def one(store: Store, emergency_id: str) -> Emergency | None:
    """Return one emergency."""
    row = store.row("SELECT * FROM emergencies WHERE id = ?", [emergency_id])
    return _emergency(row) if row else None


def unseen_by(store: Store, practitioner_id: str) -> list[Emergency]:
    """Return the emergencies that an administrator has not said to have seen, oldest first."""
    rows = store.rows(
        "SELECT * FROM emergencies e WHERE NOT EXISTS (SELECT 1 FROM emergencies_seen s"
        " WHERE s.emergency_id = e.id AND s.practitioner_id = ?) ORDER BY begun_at, id",
        [practitioner_id],
    )
    return [_emergency(row) for row in rows]


def put_seen(db: Database, emergency_id: str, practitioner_id: str, now: datetime) -> bool:
    """Note that an administrator has seen an emergency; False when they had before."""
    cursor = db.execute(
        "INSERT INTO emergencies_seen (emergency_id, practitioner_id, at)"
        " VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [emergency_id, practitioner_id, instant(now)],
    )
    return cursor.rowcount == 1


def _emergency(row: dict[str, Any]) -> Emergency:
    return Emergency(
        row["id"],
        row["practitioner_id"],
        row["reason"],
        moment(row["begun_at"]),
        moment(row["until"]),
        moment_or_none(row["ended_at"]),
    )
