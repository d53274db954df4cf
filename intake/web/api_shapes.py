"""The shapes of what other systems read: the API's words, which keep their meaning."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from intake.core.appointments import LONGEST_CELL, LONGEST_TAG, WRITE_A_DAY
from intake.core.clients import EventKind
from intake.core.decisions import Disposition
from intake.core.review import CaseStatus, status_of
from intake.core.rules import Level, Triage
from intake.core.truth import Truth
from intake.exports.sending import LONGEST_URL
from intake.web.api_base import Shape

if TYPE_CHECKING:
    from intake.core.clients import Event
    from intake.core.screening import Finding as Found
    from intake.storage.listing import Listed
    from intake.storage.subscriptions import Delivery, Subscription

Id = Annotated[str, StringConstraints(pattern="^[0-9a-f]{32}$")]
"""128 random bits; it says nothing of a patient."""


def _as_written(value: object) -> object:
    """Refuse a day that is a number: it would be read as seconds since 1970."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        return value
    raise ValueError(WRITE_A_DAY)


_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
Day = Annotated[date, BeforeValidator(_as_written)]
"""A day as year-month-day."""

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""A number that is written as one; `true` is none."""

MOST_AT_ONCE = 200
LONGEST_LINE = 2**53
"""The largest whole number that every reader of JSON keeps."""


class CasesAsked(Shape):
    """Which cases, and from where on."""

    since: Day | None = Field(None, description="First day of begin or submission, in UTC.")
    until: Day | None = Field(None, description="Last day, included.")
    triage: tuple[Triage, ...] = Field((), description="Any of these; repeat the name.")
    after: Id | None = Field(None, description="The `next` of the page before.")
    limit: int = Field(50, ge=1, le=MOST_AT_ONCE)


class EventsAsked(Shape):
    """Which events, and from where on."""

    after: int = Field(0, ge=0, le=LONGEST_LINE, description="The `next` of the answer before.")
    kind: tuple[EventKind, ...] = Field((), description="Any of these; repeat the name.")
    limit: int = Field(100, ge=1, le=MOST_AT_ONCE)


class Person(Shape):
    """Whose case it is."""

    record_number: str
    name: str
    birth_date: date


class Place(Shape):
    """Where a case belongs."""

    id: str
    name: str


class Rules(Shape):
    """The rule pack of the newest screening, or the one the form is filled in under."""

    version: str
    hash: str


class Screened(Shape):
    """What the rules say: an order of the queue, and no more. None of it says "safe"."""

    on: date = Field(description="The day that windows of time were counted from.")
    triage: Triage
    earliest_safe_date: date | None = None
    unknown_answers: int
    met: int = Field(description="Rules that are met.")
    could_not_be_ruled_out: int


class Decided(Shape):
    """The newest decision of a named clinician."""

    disposition: Disposition
    until: date | None = None
    by: str
    at: datetime


class Case(Shape):
    """One intake, as it stands now."""

    id: Id
    status: CaseStatus
    patient: Person
    site: Place
    language: str
    plan: dict[str, Any] = Field(description="What is planned, by field of the plan.")
    begun_at: datetime
    submitted_at: datetime | None = None
    receipt: str | None = None
    rules: Rules
    screening: Screened | None = Field(
        None, description="Missing until the answers are sent and could be screened."
    )
    decision: Decided | None = Field(None, description="Missing until somebody decided.")


class Cases(Shape):
    """A page of cases in the order of their ids."""

    cases: list[Case]
    next: Id | None = Field(None, description="Send it as `after`; missing on the last page.")


class Finding(Shape):
    """A rule that is met, or that could not be ruled out: unknown never reads as no."""

    rule: str
    title: str
    truth: Truth
    level: Level
    effect: Triage
    earliest_safe_date: date | None = None
    only_vague_dates: bool
    device_label: str | None = None
    told_by: str
    could_not_be_judged: bool


class Findings(Shape):
    """What the newest screening found, the most serious first; nobody is cleared by an empty list.

    A form that was not sent, or whose rules could not be read, was not screened: `screened_on` is
    missing. What a form says that was withdrawn or superseded is not the patient's last word.
    """

    status: CaseStatus
    screened_on: date | None = None
    triage: Triage | None = None
    findings: list[Finding]


class Happened(Shape):
    """An event: what happened to which record, and nothing of a patient."""

    number: int
    type: EventKind
    at: datetime
    record: Id


class Events(Shape):
    """What happened, oldest first."""

    events: list[Happened]
    next: int = Field(description="Send it as `after` to go on; the same when there is no more.")


def case_shape(one: Listed, today: date) -> Case:
    """Return a case as other systems read it."""
    return Case(
        id=one.response_id,
        status=status_of(one.facts, today),
        patient=Person(
            record_number=one.patient.record_number,
            name=one.patient.name,
            birth_date=one.patient.birth_date,
        ),
        site=Place(id=one.site.id, name=one.site.name),
        language=one.language,
        plan=one.plan,
        begun_at=one.begun_at,
        submitted_at=one.submitted_at,
        receipt=one.receipt,
        rules=Rules(version=one.pack_version, hash=one.pack_hash),
        screening=_screened(one),
        decision=_decided(one),
    )


def _screened(one: Listed) -> Screened | None:
    if one.screening is None:
        return None
    met = sum(found.is_met for found in one.screening.findings)
    return Screened(
        on=one.screening.on,
        triage=one.screening.triage,
        earliest_safe_date=one.screening.earliest_safe_date,
        unknown_answers=one.screening.unknown_count,
        met=met,
        could_not_be_ruled_out=len(one.screening.findings) - met,
    )


def _decided(one: Listed) -> Decided | None:
    said, by, at = one.facts.disposition, one.decided_by_name, one.decided_at
    if said is None or by is None or at is None:
        return None
    return Decided(disposition=said, until=one.facts.until, by=by, at=at)


def findings_shape(one: Listed, today: date) -> Findings:
    """Return what the newest screening of a case found."""
    screening, status = one.screening, status_of(one.facts, today)
    if screening is None:
        return Findings(status=status, findings=[])
    return Findings(
        status=status,
        screened_on=screening.on,
        triage=screening.triage,
        findings=[_finding(found) for found in screening.findings],
    )


def _finding(found: Found) -> Finding:
    return Finding(
        rule=found.rule_id,
        title=found.title,
        truth=found.truth,
        level=found.level,
        effect=found.effect,
        earliest_safe_date=found.earliest_safe_date,
        only_vague_dates=found.only_dates,
        device_label=found.label,
        told_by=found.teller.value,
        could_not_be_judged=found.error,
    )


def event_shape(one: Event) -> Happened:
    """Return an event as other systems are told of it."""
    return Happened(number=one.number, type=one.kind, at=one.at, record=one.subject)


class SubscriptionWanted(Shape):
    """Where events are to be sent."""

    url: str = Field(
        max_length=LONGEST_URL,
        pattern=r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[!-\"$-~]*)?$",
        description="An https address on a computer that the clinic lets events go to.",
    )
    kinds: tuple[EventKind, ...] = Field((), description="Empty for every kind.")


class Subscribed(Shape):
    """A subscription to events."""

    id: Id
    url: str
    kinds: list[EventKind]
    begun_at: datetime
    ended_at: datetime | None = None
    secret: str | None = Field(
        None, description="Events are signed with it (Standard Webhooks); shown this once."
    )


class SubscriptionsKept(Shape):
    """The subscriptions of the system that asks, ended ones included, newest first."""

    subscriptions: list[Subscribed]


class Sent(Shape):
    """One event on its way."""

    id: Id = Field(description="The same at every try: `webhook-id`.")
    event: int = Field(description="The `number` of the event.")
    made_at: datetime
    tries: int
    tried_at: datetime | None = None
    status: int | None = Field(None, description="What the last try was answered with.")
    fault: str | None = Field(None, description="Why the last try failed.")
    arrived_at: datetime | None = None
    next_at: datetime | None = Field(None, description="Missing when it is not sent any more.")


class SentLog(Shape):
    """What was sent in the last 30 days, newest first, 100 at most."""

    deliveries: list[Sent]


def subscription_shape(one: Subscription, secret: str | None = None) -> Subscribed:
    """Return a subscription as its system reads it."""
    return Subscribed(
        id=one.id,
        url=one.url,
        kinds=sorted(one.kinds),
        begun_at=one.begun_at,
        ended_at=one.ended_at,
        secret=secret,
    )


def delivery_shape(one: Delivery) -> Sent:
    """Return what became of an event as its system reads it."""
    return Sent(
        id=one.id,
        event=one.line,
        made_at=one.made_at,
        tries=one.tries,
        tried_at=one.tried_at,
        status=one.status,
        fault=one.fault or None,
        arrived_at=one.arrived_at,
        next_at=one.next_at,
    )


class IntakeWanted(Shape):
    """An appointment for which an intake is to be begun; nothing about health is taken."""

    name: str = Field(description="The full name.", min_length=1, max_length=LONGEST_CELL)
    birth_date: Day
    language: str = Field(
        "",
        max_length=LONGEST_TAG,
        description="One that the tablets offer, such as `es` or `es-MX`; blank for English.",
    )
    plan: dict[str, str | Number | tuple[str, ...]] = Field(
        {}, description="What is planned, by field of the plan; what is left out stays open."
    )
    site: str = Field(
        "", max_length=LONGEST_CELL, description="Its name, where the clinic has several."
    )


class Intake(Shape):
    """Where an intake stands."""

    id: Id
    begun: bool = Field(description="Whether this request began it; else it was there before.")
    begun_at: datetime
    submitted_at: datetime | None = Field(None, description="Missing until it was sent.")
