"""Seeing more than one's role in an emergency: with a reason, for a short time, and never unseen.

Source: HIPAA, 45 CFR 164.312(a)(2)(ii), emergency access procedure. What it opens is said in
`core.review.opened_to`, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from intake.actions.permission import require_administrator
from intake.core.blank import worded
from intake.core.errors import AnswerError, NotFoundError, StateError
from intake.core.review import gains_by_emergency, may_administer
from intake.storage import audit, emergencies, people
from intake.storage.emergencies import Emergency

if TYPE_CHECKING:
    from intake.core.records import Practitioner
    from intake.storage import Store

LASTS = timedelta(minutes=15)
SHORTEST_REASON = 10
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Notice:
    """What administrators are told of an emergency.

    Attributes:
        reads: How many lines of the audit trail were written in it so far.
    """

    emergency: Emergency
    name: str
    reads: int


def require_gain(who: Practitioner) -> None:
    """Let those pass to whom an emergency would open something.

    Raises:
        StateError: to this person it would open nothing.
    """
    if not gains_by_emergency(who):
        msg = "You may read every case already; there is nothing more to open."
        raise StateError(msg)


def begin(store: Store, *, who: Practitioner, reason: str, now: datetime) -> Emergency:
    """Open what an emergency opens, for fifteen minutes; every administrator is told.

    Raises:
        AnswerError: the reason is too short to be one.
        StateError: one is under way, or it would open nothing.
    """
    require_gain(who)
    words = worded(reason)
    if not SHORTEST_REASON <= len(words) <= LONGEST_REASON or len(set(words)) < SHORTEST_REASON / 2:
        msg = "Write why this cannot wait, in at least 10 characters."
        raise AnswerError(msg)
    made = Emergency(store.new_id(), who.id, words, now, now + LASTS)
    with store.write() as db:
        if emergencies.current(db, who.id, now) is not None:
            msg = "You act in an emergency already. End it before you begin another."
            raise StateError(msg)
        emergencies.add(db, made)
        audit.append(db, at=now, actor=who.id, action="emergency begun", subject=who.id)
    return made


def current(store: Store, *, who: Practitioner, now: datetime) -> Emergency | None:
    """Return the emergency in which somebody acts."""
    return emergencies.current(store.db, who.id, now)


def end(store: Store, *, who: Practitioner, now: datetime) -> None:
    """Close what an emergency had opened."""
    with store.write() as db:
        if emergencies.current(db, who.id, now) is not None:
            audit.append(db, at=now, actor=who.id, action="emergency ended", subject=who.id)
            emergencies.end(db, who.id, now)


def to_tell(store: Store, *, who: Practitioner) -> list[Notice]:
    """Return what an administrator has not said to have seen; nothing to anybody else."""
    if not may_administer(who):
        return []
    found = emergencies.unseen_by(store, who.id)
    names = {one.id: one.name for one in people.practitioners(store)} if found else {}
    return [
        Notice(one, names[one.practitioner_id], audit.count_in_emergency(store, one.id))
        for one in found
    ]


def acknowledge(store: Store, *, emergency_id: str, by: Practitioner, now: datetime) -> None:
    """Note that an administrator has seen an emergency.

    Raises:
        NotFoundError: there is none of that id.
    """
    require_administrator(by)
    found = emergencies.one(store, emergency_id)
    if found is None:
        msg = "There is no such emergency."
        raise NotFoundError(msg)
    with store.write() as db:
        if emergencies.put_seen(db, found.id, by.id, now):
            subject = found.practitioner_id
            audit.append(db, at=now, actor=by.id, action="emergency seen", subject=subject)
