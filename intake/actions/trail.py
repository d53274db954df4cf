"""Reading the audit trail, and taking it out as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.actions.permission import require_operator
from intake.core.clocks import midnight
from intake.exports.tables import csv_lines
from intake.storage import audit
from intake.storage.encoding import instant, to_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime, tzinfo

    from intake.actions.permission import Operator
    from intake.core.records import AuditEvent
    from intake.storage import Store

PAGE_EVENTS = 100
COLUMNS = ("sequence", "at", "actor", "name", "action", "record", "facts", "records", "mac")
"""With these, the key and `docs/trail.md` anybody can reckon the seals of a whole export anew."""


@dataclass(frozen=True, slots=True)
class TrailFilters:
    """What to read; what is empty narrows nothing.

    Attributes:
        actor: The id of an account, or who acts without one.
        record: The id of a record, for its whole history.
        since: The first day, by the clinic's clocks.
        until: The last day.
    """

    actor: str = ""
    action: str = ""
    record: str = ""
    since: date | None = None
    until: date | None = None

    def wanted(self, zone: tzinfo | None) -> audit.Wanted:
        """Say it in instants."""
        since = midnight(self.since, zone) if self.since else None
        before = midnight(self.until, zone, days=1) if self.until else None
        return audit.Wanted(self.actor, self.action, self.record, since, before)


@dataclass(frozen=True, slots=True)
class TrailPage:
    """One page of the trail, newest first.

    Attributes:
        below: The number below which the next page begins; None when this is the last.
    """

    events: tuple[AuditEvent, ...]
    below: int | None


def read_trail(
    store: Store,
    filters: TrailFilters,
    *,
    zone: tzinfo | None,
    by: Operator,
    below: int | None = None,
    limit: int = PAGE_EVENTS,
) -> TrailPage:
    """Return the newest events below a number."""
    require_operator(by)
    found = audit.newest_of(store, filters.wanted(zone), below=below, limit=limit + 1)
    shown = tuple(found[:limit])
    return TrailPage(shown, shown[-1].sequence if len(found) > limit else None)


def export_trail(
    store: Store,
    filters: TrailFilters,
    *,
    zone: tzinfo | None,
    people: Mapping[str, str],
    by: Operator,
    now: datetime,
) -> Iterator[str]:
    """Return the events as CSV, oldest first; that they leave the house is itself an event."""
    actor = require_operator(by)
    with store.write() as db:
        audit.append(db, at=now, actor=actor, action="trail exported", subject="audit trail")
    events = audit.each_of(store, filters.wanted(zone))
    return csv_lines(COLUMNS, (_row(event, people) for event in events))


def _row(event: AuditEvent, people: Mapping[str, str]) -> dict[str, object]:
    return {
        "sequence": event.sequence,
        "at": instant(event.at),
        "actor": event.actor,
        "name": people.get(event.actor, ""),
        "action": event.action,
        "record": event.subject,
        "facts": to_json(facts_of(event)) if facts_of(event) else "",
        "records": event.records,
        "mac": event.mac,
    }


def facts_of(event: AuditEvent) -> dict[str, object]:
    """Return the facts kept with an event; the reason of a withdrawal stays with its case."""
    return {} if event.action == "withdrawn" else dict(event.detail)


def history_of(store: Store, *, subject: str, by: Operator) -> list[AuditEvent]:
    """Return every event of one record, oldest first."""
    require_operator(by)
    return audit.of_subject(store, subject)
