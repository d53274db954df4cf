"""The list of cases at the desk, and the audit trail."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from intake.actions.permission import require_administrator, require_clinician
from intake.core.review import OPEN, CaseStatus, status_of
from intake.core.truth import Truth
from intake.storage import audit, cases
from intake.storage.cases import Listed, Selection

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from intake.core.records import AuditEvent, Patient, Practitioner
    from intake.core.rules import Triage
    from intake.core.screening import Screening
    from intake.storage import Store

NOTHING_FOUND = "No rule matched. Review is still required."
MOST_ROWS = 300

STATUS_FILTERS = {
    "open": frozenset(OPEN),
    "all": frozenset(CaseStatus),
    **{status.value: frozenset({status}) for status in CaseStatus},
}
"""What the status filter can be, and the statuses it lets through."""


@dataclass(frozen=True, slots=True)
class QueueFilters:
    """What to show. `open` is whatever somebody at the desk has to do something about."""

    status: str = "open"
    triage: frozenset[Triage] = field(default_factory=frozenset)
    since: date | None = None
    until: date | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One line of the queue."""

    response_id: str
    patient: Patient
    status: CaseStatus
    triage: Triage | None
    top_finding: str
    unknown_count: int
    begun_at: datetime
    submitted_at: datetime | None
    earliest_safe_date: date | None
    deferred_until: date | None
    decided_by_name: str | None
    area: tuple[str, ...]
    pack_version: str


def list_cases(
    store: Store, *, filters: QueueFilters, today: date, by: Practitioner, now: datetime
) -> list[CaseRow]:
    """Return at most 300 cases, most serious first, then waiting longest.

    A search by name or number is audited, without its words.
    """
    require_clinician(by)
    if filters.text:
        with store.write() as db:
            audit.append(db, at=now, actor=by.id, action="queue searched", subject="queue")
    wanted = STATUS_FILTERS.get(filters.status, STATUS_FILTERS["open"])
    selection = Selection(filters.triage, filters.since, filters.until, filters.text)
    return list(islice(_rows(store, selection, wanted, today), MOST_ROWS))


def _rows(
    store: Store, selection: Selection, wanted: frozenset[CaseStatus], today: date
) -> Iterator[CaseRow]:
    for listed in cases.listed(store, selection):
        status = status_of(listed.facts, today)
        if status in wanted:
            yield _row(listed, status)


def _row(listed: Listed, status: CaseStatus) -> CaseRow:
    screening = listed.screening
    area = listed.plan.get("area")
    return CaseRow(
        response_id=listed.response_id,
        patient=listed.patient,
        status=status,
        triage=screening.triage if screening else None,
        top_finding=_first_reason(screening) if screening else "",
        unknown_count=screening.unknown_count if screening else 0,
        begun_at=listed.begun_at,
        submitted_at=listed.submitted_at,
        earliest_safe_date=screening.earliest_safe_date if screening else None,
        deferred_until=listed.facts.until,
        decided_by_name=listed.decided_by_name,
        area=tuple(area) if isinstance(area, list) else (),
        pack_version=screening.pack_version if screening else "",
    )


def _first_reason(screening: Screening) -> str:
    """Say the most serious reason; one that is only open is not stated as a fact."""
    if not screening.findings:
        return NOTHING_FOUND
    first = screening.findings[0]
    if first.truth is Truth.MET:
        return first.title
    return f"Could not be ruled out: {first.title}"


def audit_of(store: Store, *, response_id: str) -> list[AuditEvent]:
    """Return the events of one case, oldest first."""
    return audit.of_subject(store, response_id)


def latest_events(store: Store, *, by: Practitioner) -> list[AuditEvent]:
    """Return the newest 200 events, newest first."""
    require_administrator(by)
    return audit.latest(store)
