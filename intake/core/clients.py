"""Other systems that ask over the API, and the events they may be told of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class ClientRole(StrEnum):
    """What another system is let in for."""

    READER = "reader"
    SCHEDULER = "scheduler"
    DECISION_SUPPORT = "decision-support"


ROLE_MEANS: Mapping[ClientRole, str] = {
    ClientRole.READER: "reads cases, findings and documents, and is told of events",
    ClientRole.SCHEDULER: "begins intakes, and asks whether they were sent",
}
"""What each may do that has a token; a system that shows cards signs with a key of its own."""


@dataclass(frozen=True, slots=True)
class ApiClient:
    """Another system that is let in, by a token or by the key it signs with.

    Attributes:
        sites: Ids of the sites whose cases it may ask for; None for every site.
        until: From when on its token, or its key, opens nothing.
        issuer: What it calls itself in what it signs; blank for one with a token.
    """

    id: str
    name: str
    role: ClientRole
    sites: frozenset[str] | None
    added_at: datetime
    until: datetime
    revoked_at: datetime | None = None
    issuer: str = ""

    def is_let_in(self, now: datetime) -> bool:
        """Tell whether its token opens anything at an instant."""
        return self.revoked_at is None and now < self.until


class EventKind(StrEnum):
    """What other systems are told of; each is an act that the audit trail has a line of."""

    BEGUN = "intake.begun"
    SENT = "intake.sent"
    NOT_ASSESSED = "intake.not-assessed"
    AMENDED = "intake.amendment-begun"
    WITHDRAWN = "intake.withdrawn"
    SCREENED = "case.screened"
    DECIDED = "case.decided"
    ADDED_TO = "case.addendum-written"
    CONFIRMED = "case.confirmed-at-the-chair"
    TREATED = "case.session-recorded"
    REACTED = "case.reaction-noted"
    ERASED = "record.erased"


ACTS: Mapping[str, EventKind] = {
    "intake begun": EventKind.BEGUN,
    "sent": EventKind.SENT,
    "not assessed": EventKind.NOT_ASSESSED,
    "amendment begun": EventKind.AMENDED,
    "withdrawn": EventKind.WITHDRAWN,
    "screened": EventKind.SCREENED,
    "decided": EventKind.DECIDED,
    "addendum written": EventKind.ADDED_TO,
    "confirmed at the chair": EventKind.CONFIRMED,
    "session recorded": EventKind.TREATED,
    "reaction noted": EventKind.REACTED,
    "record erased": EventKind.ERASED,
}
"""The kind of event that a line of the audit trail is."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a record; it says which, and nothing of a patient.

    Attributes:
        number: Of its line in the audit trail; later events have higher ones.
        subject: The id of the record.
    """

    number: int
    kind: EventKind
    at: datetime
    subject: str


@dataclass(frozen=True, slots=True)
class CardAnswer:
    """What somebody said to a finding that another system showed them.

    Attributes:
        id: Of the card.
        outcome: `accepted` or `overridden`.
        reason: Why it was overridden, in words; blank when none was given.
        words: What they wrote beside it.
        said_at: When, by the other system's clock.
        at: When that arrived.
    """

    id: str
    response_id: str
    client_id: str
    rule_id: str
    outcome: str
    reason: str
    words: str
    said_at: datetime
    at: datetime
