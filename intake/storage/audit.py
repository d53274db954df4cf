"""The audit trail: appended in the same transaction as the act, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from intake.core.records import AuditEvent
from intake.storage.encoding import from_json, instant, moment, to_json

if TYPE_CHECKING:
    from datetime import datetime

    from sqlite_utils import Database

    from intake.storage.database import Store


def append(
    db: Database,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    **detail: str | int | bool | None,
) -> None:
    """Add one event. *detail* holds facts about the act, never about a patient."""
    db.table("audit_events").insert(
        {
            "at": instant(at),
            "actor": actor,
            "action": action,
            "subject": subject,
            "detail": to_json(detail),
        }
    )


def of_subject(store: Store, subject: str) -> list[AuditEvent]:
    """Return the events of one record, oldest first."""
    rows = store.rows("SELECT * FROM audit_events WHERE subject = ? ORDER BY sequence", [subject])
    return [_event(row) for row in rows]


def latest(store: Store, limit: int = 200) -> list[AuditEvent]:
    """Return the newest events, newest first."""
    rows = store.rows("SELECT * FROM audit_events ORDER BY sequence DESC LIMIT ?", [limit])
    return [_event(row) for row in rows]


def with_hash(store: Store, sha256: str) -> AuditEvent | None:
    """Return the first event that noted this hash of a file; None when there is none."""
    row = store.row(
        "SELECT * FROM audit_events WHERE json_extract(detail, '$.sha256') = ? ORDER BY sequence",
        [sha256],
    )
    return _event(row) if row else None


def _event(row: dict[str, Any]) -> AuditEvent:
    return AuditEvent(
        row["sequence"],
        moment(row["at"]),
        row["actor"],
        row["action"],
        row["subject"],
        from_json(row["detail"]),
    )
