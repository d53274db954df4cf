"""The audit trail: appended in the same transaction as the act, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from intake.core.records import AuditEvent
from intake.storage import emergencies
from intake.storage.encoding import from_json, instant, moment, to_json
from intake.storage.trail import ERASED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from intake.storage.contract import Database
    from intake.storage.store import Store


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events are asked for; what is empty narrows nothing.

    Attributes:
        since: The first instant.
        before: The first instant after the last one.
    """

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None
    before: datetime | None = None


def append(
    db: Database,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    **detail: str | int | bool | None,
) -> None:
    """Add one event. *detail* holds facts about the act, never about a patient.

    Whatever somebody does in an emergency is marked with it here, so that no act can forget to.
    """
    if acts_in := emergencies.current(db, actor, at):
        detail = {**detail, "emergency": acts_in.id}
    db.table("audit_events").insert(
        {
            "at": instant(at),
            "actor": actor,
            "action": action,
            "subject": subject,
            "detail": to_json(detail),
        }
    )


def append_each(
    db: Database,
    *,
    at: datetime,
    actor: str,
    lines: Sequence[tuple[str, str]],
    **detail: str | int | bool | None,
) -> None:
    """Add one event for each action and subject of *lines*, as `append` does for one."""
    if acts_in := emergencies.current(db, actor, at):
        detail = {**detail, "emergency": acts_in.id}
    when, facts = instant(at), to_json(detail)
    db.conn.executemany(
        "INSERT INTO audit_events (at, actor, action, subject, detail) VALUES (?, ?, ?, ?, ?)",
        [(when, actor, action, subject, facts) for action, subject in lines],
    )


def of_subject(store: Store, subject: str) -> list[AuditEvent]:
    """Return the events of one record, oldest first."""
    rows = store.rows("SELECT * FROM audit_events WHERE subject = ? ORDER BY sequence", [subject])
    return [_event(row) for row in rows]


def line(store: Store, sequence: int) -> AuditEvent | None:
    """Return one event by its number."""
    row = store.row("SELECT * FROM audit_events WHERE sequence = ?", [sequence])
    return _event(row) if row else None


def acts_on_each(store: Store, subjects: Sequence[str]) -> dict[str, list[AuditEvent]]:
    """Return who did what to each of some records and when, oldest first, without its details."""
    marks = ", ".join("?" for _ in subjects)
    found: dict[str, list[AuditEvent]] = {subject: [] for subject in subjects}
    for row in store.rows(
        "SELECT sequence, at, actor, action, subject FROM audit_events"  # noqa: S608
        f" WHERE subject IN ({marks}) ORDER BY sequence",
        subjects,
    ):
        event = AuditEvent(
            row["sequence"], moment(row["at"]), row["actor"], row["action"], row["subject"]
        )
        found[event.subject].append(event)
    return found


def latest(store: Store, limit: int = 200) -> list[AuditEvent]:
    """Return the newest events, newest first."""
    rows = store.rows("SELECT * FROM audit_events ORDER BY sequence DESC LIMIT ?", [limit])
    return [_event(row) for row in rows]


def recent_acts(
    store: Store, actor: str, subject: str, *, since: datetime, until: datetime
) -> set[str]:
    """Return what *actor* did to a record in a span, by its newest lines."""
    newest = store.rows(
        "SELECT actor, action, at FROM audit_events WHERE subject = ?"
        " ORDER BY sequence DESC LIMIT 50",
        [subject],
    )
    return {
        row["action"]
        for row in newest
        if row["actor"] == actor and instant(since) <= row["at"] <= instant(until)
    }


def last_silence(
    store: Store, *, since: int, longer_than: timedelta
) -> tuple[datetime, datetime] | None:
    """Return the instants of the last two neighbours, behind line *since*, that are so far apart.

    A step back is no silence: the clock was put right, or wrong.
    """
    row = store.row(
        "SELECT before, at FROM (SELECT sequence, at, lag(at) OVER (ORDER BY sequence) AS before"
        " FROM audit_events WHERE sequence >= ?) AS neighbours"
        " WHERE julianday(at) - julianday(before) > ? ORDER BY sequence DESC LIMIT 1",
        [since, longer_than / timedelta(days=1)],
    )
    return (moment(row["before"]), moment(row["at"])) if row else None


def last_erased(store: Store) -> tuple[int, datetime] | None:
    """Return the last line that a record was erased in, and the latest instant of such a line."""
    row = store.row(
        "SELECT max(e.sequence) AS sequence, max(e.at) AS at FROM erased d"
        " JOIN audit_events e ON e.subject = d.record_id AND e.action = ?",
        [ERASED],
    )
    return (row["sequence"], moment(row["at"])) if row and row["at"] else None


def with_hash(store: Store, sha256: str) -> AuditEvent | None:
    """Return the first event that noted this hash of a file; None when there is none."""
    row = store.row(
        "SELECT * FROM audit_events WHERE json_extract(detail, '$.sha256') = ? ORDER BY sequence",
        [sha256],
    )
    return _event(row) if row else None


def count_in_emergency(store: Store, emergency_id: str) -> int:
    """Count what was written down as done in an emergency."""
    row = store.row(
        "SELECT count(*) AS n FROM audit_events e JOIN emergencies m ON e.actor = m.practitioner_id"
        " AND e.at >= m.begun_at AND e.at < m.until"
        " WHERE m.id = :id AND json_extract(e.detail, '$.emergency') = :id",
        {"id": emergency_id},
    )
    return int(row["n"]) if row else 0


def newest_of(store: Store, wanted: Wanted, *, below: int | None, limit: int) -> list[AuditEvent]:
    """Return the newest events that are asked for, newest first; those *below* a number."""
    rows = store.rows(
        f"{_WANTED} AND (:below IS NULL OR sequence < :below) ORDER BY sequence DESC LIMIT :limit",
        {**_parameters(wanted), "below": below, "limit": limit},
    )
    return [_event(row) for row in rows]


def each_of(store: Store, wanted: Wanted) -> Iterator[AuditEvent]:
    """Yield every event that is asked for, oldest first."""
    for row in store.each(f"{_WANTED} ORDER BY sequence", _parameters(wanted)):
        yield _event(row)


_WANTED = (
    "SELECT * FROM audit_events WHERE (:actor = '' OR actor = :actor)"
    " AND (:action = '' OR action = :action) AND (:subject = '' OR subject = :subject)"
    " AND (:since IS NULL OR at >= :since) AND (:before IS NULL OR at < :before)"
)


def _parameters(wanted: Wanted) -> dict[str, Any]:
    return {
        "actor": wanted.actor,
        "action": wanted.action,
        "subject": wanted.subject,
        "since": instant(wanted.since) if wanted.since else None,
        "before": instant(wanted.before) if wanted.before else None,
    }


def _event(row: dict[str, Any]) -> AuditEvent:
    return AuditEvent(
        row["sequence"],
        moment(row["at"]),
        row["actor"],
        row["action"],
        row["subject"],
        from_json(row["detail"]),
        row["records"],
        row["mac"],
    )
