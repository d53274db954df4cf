"""The list of cases at the desk, and the events of one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from intake.actions.assess import NOT_ASSESSED
from intake.actions.permission import require_clinician, require_operator, require_reader
from intake.core.errors import ConflictError, NotFoundError, StateError
from intake.core.review import OPEN, CaseStatus, may_reach, may_take, reads_every_site, status_of
from intake.core.rules import Triage
from intake.core.truth import Truth
from intake.storage import audit, claims, listing, places, recalls

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from intake.actions.permission import Operator
    from intake.core.decisions import Owner
    from intake.core.records import AuditEvent, Patient, Practitioner, Site
    from intake.core.screening import Screening
    from intake.storage import Store
    from intake.storage.listing import Listed

NOTHING_FOUND = "No rule matched. Review is still required."
PAGE_ROWS = 50
MOST_COUNTED = 1000

STATUS_FILTERS = {
    "open": frozenset(OPEN),
    "all": frozenset(CaseStatus),
    **{status.value: frozenset({status}) for status in CaseStatus},
}
"""What the status filter can be, and the statuses it lets through."""


@dataclass(frozen=True, slots=True)
class QueueFilters:
    """What to show. `open` is whatever somebody at the desk has to do something about.

    Attributes:
        mine: Only what the asking person has taken.
        for_dermatologist: Only cases with a finding that a dermatologist must decide.
        text: The beginnings of names, or a record or receipt number.
        after: The case behind which the page begins.
        site: Only cases of this site; blank for every site of theirs.
    """

    status: str = "open"
    triage: frozenset[Triage] = field(default_factory=frozenset)
    since: date | None = None
    until: date | None = None
    mine: bool = False
    for_dermatologist: bool = False
    text: str = ""
    after: str = ""
    site: str = ""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One line of the queue.

    Attributes:
        triage: None while it is being filled; a form that could not be assessed is for review.
        withheld_count: Questions that the patient would rather answer in person; they are among
            the unknown ones as well.
        is_recalled: The rules in force are stricter on it, and nobody has dealt with that.
    """

    response_id: str
    patient: Patient
    status: CaseStatus
    triage: Triage | None
    top_finding: str
    unknown_count: int
    withheld_count: int
    begun_at: datetime
    submitted_at: datetime | None
    earliest_safe_date: date | None
    deferred_until: date | None
    decided_by_name: str | None
    area: tuple[str, ...]
    pack_version: str
    owner: Owner | None
    site: Site
    is_assessed: bool
    is_recalled: bool = False


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of the queue.

    Attributes:
        has_more: There are cases behind the last row.
        count: How many there are in all, counted up to a thousand.
    """

    rows: tuple[CaseRow, ...]
    has_more: bool
    count: int


def list_cases(
    store: Store, *, filters: QueueFilters, today: date, by: Practitioner, now: datetime
) -> QueuePage:
    """Return a page of cases, most serious first, then waiting longest.

    A search by name or number is audited, without its words; in an emergency every look is.
    """
    require_reader(by)
    if filters.text or by.emergency:
        act = "queue searched" if filters.text else "queue read"
        with store.write() as db:
            audit.append(db, at=now, actor=by.id, action=act, subject="queue")
    wanted = places.Wanted(
        STATUS_FILTERS.get(filters.status, STATUS_FILTERS["open"]),
        today,
        triage=filters.triage,
        since=filters.since,
        until=filters.until,
        owner=by.id if filters.mine else "",
        for_dermatologist=filters.for_dermatologist,
        text=filters.text,
        sites=None if reads_every_site(by) else reached(by, filters.site),
    )
    found = list(islice(places.in_order(store, wanted, after=filters.after), PAGE_ROWS + 1))
    shown = found[:PAGE_ROWS]
    rows = rows_of(store, shown, today)
    return QueuePage(rows, len(found) > PAGE_ROWS, places.count(store, wanted, MOST_COUNTED))


def reached(by: Practitioner | None, site: str = "") -> frozenset[str] | None:
    """Return the sites whose cases somebody may list, or the one of them that is asked for.

    The command line, which nobody signs in at, reaches every site.
    """
    if not site:
        return None if by is None else by.sites
    return frozenset({site}) if by is None or may_reach(by, site) else frozenset()


def rows_of(store: Store, response_ids: Sequence[str], today: date) -> tuple[CaseRow, ...]:
    """Return the lines of some cases in the order in which they are named."""
    owners, withheld = claims.owners(store, response_ids), places.withheld(store, response_ids)
    recalled = recalls.held_among(store, response_ids)
    rows = (
        _row(one, today, owners.get(one.response_id), withheld.get(one.response_id, 0))
        for one in listing.listed_by_id(store, response_ids)
    )
    return tuple(replace(row, is_recalled=row.response_id in recalled) for row in rows)


def _row(listed: Listed, today: date, owner: Owner | None, withheld: int) -> CaseRow:
    screening = listed.screening
    area = listed.plan.get("area")
    was_sent = listed.submitted_at is not None
    return CaseRow(
        response_id=listed.response_id,
        patient=listed.patient,
        status=status_of(listed.facts, today),
        triage=screening.triage if screening else Triage.REVIEW if was_sent else None,
        top_finding=_first_reason(screening) if screening else NOT_ASSESSED if was_sent else "",
        unknown_count=screening.unknown_count if screening else 0,
        withheld_count=withheld if screening else 0,
        begun_at=listed.begun_at,
        submitted_at=listed.submitted_at,
        earliest_safe_date=screening.earliest_safe_date if screening else None,
        deferred_until=listed.facts.until,
        decided_by_name=listed.decided_by_name,
        area=tuple(area) if isinstance(area, list) else (),
        pack_version=screening.pack_version if screening else "",
        owner=owner,
        site=listed.site,
        is_assessed=screening is not None,
    )


def claim(
    store: Store, *, response_id: str, seen: str, by: Practitioner, today: date, now: datetime
) -> None:
    """Take a case, so that others see who works on it; it can be taken over.

    Args:
        store: Where it is kept.
        response_id: Which case.
        seen: The id of the owner that the page showed; blank for nobody.
        by: Who takes it.
        today: The clinic's local date.
        now: When.

    Raises:
        NotFoundError: there is no such case.
        StateError: there is nothing to be done about it, or it is for somebody else to decide.
        ConflictError: somebody else took it in the meantime; says who.
    """
    require_clinician(by)
    with store.write() as db:
        status = status_of(_require_case(store, response_id).facts, today)
        if not may_take(by, status):
            msg = "This case is not for you to take: there is nothing for you to decide in it now."
            raise StateError(msg)
        has = claims.owner(store, response_id)
        if has and has.by not in (seen, by.id):
            msg = f"{has.name} took this case while you were reading. Nothing was changed."
            raise ConflictError(msg)
        claims.put_claim(db, response_id, by.id, now)
        audit.append(db, at=now, actor=by.id, action="case taken", subject=response_id)


def release(store: Store, *, response_id: str, by: Practitioner, now: datetime) -> None:
    """Give a case back to the queue; of somebody else's case nothing is changed.

    Raises:
        StateError: it is not theirs.
    """
    require_clinician(by)
    with store.write() as db:
        _require_case(store, response_id)
        has = claims.owner(store, response_id)
        if has is None or has.by != by.id:
            msg = "You have not taken this case, so there is nothing to give back."
            raise StateError(msg)
        claims.end_claim(db, response_id)
        audit.append(db, at=now, actor=by.id, action="case given back", subject=response_id)


def _require_case(store: Store, response_id: str) -> Listed:
    for found in listing.listed_by_id(store, [response_id]):
        return found
    msg = "There is no such case."
    raise NotFoundError(msg)


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


def put_in_order(store: Store, *, by: Operator, now: datetime) -> int:
    """Put the cases back that the queue does not show as their records say; returns how many.

    Only a hand from outside leaves them so: the queue is written together with the records.
    """
    actor = require_operator(by)
    number = places.out_of_place(store)
    if number:
        with store.write() as db:
            places.put_every_place(db)
            audit.append(
                db, at=now, actor=actor, action="queue made anew", subject="queue", number=number
            )
    return number
