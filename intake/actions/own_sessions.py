"""Who is signed in, and where: sessions as their owners see and end them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.actions.accounts import IDLE_LIMIT, lets_in
from intake.core.errors import NotFoundError
from intake.storage import audit, people

if TYPE_CHECKING:
    from datetime import datetime

    from intake.core.records import Practitioner
    from intake.storage import Store


@dataclass(frozen=True, slots=True)
class OwnSession:
    """One of the sessions of an account, as its owner sees it.

    Attributes:
        is_this: It is the one in which the list is shown.
    """

    id: str
    browser: str
    created_at: datetime
    seen_at: datetime
    is_this: bool


def of_account(
    store: Store, practitioner_id: str, *, now: datetime, token: str = ""
) -> list[OwnSession]:
    """Return the sessions that still let somebody in, the one used last first."""
    here = people.hashed(token)
    return [
        OwnSession(one.id, one.browser, one.created_at, one.seen_at, one.token_hash == here)
        for one in people.sessions_of(store, practitioner_id)
        if lets_in(one, now)
    ]


def signed_in(store: Store, now: datetime) -> frozenset[str]:
    """Return the ids of the accounts with a session that still lets its owner in."""
    used = people.sessions_used_since(store, now - IDLE_LIMIT)
    return frozenset(one.practitioner_id for one in used if lets_in(one, now))


def end(store: Store, *, who: Practitioner, session_id: str, now: datetime) -> None:
    """End one session of one's own.

    Raises:
        NotFoundError: it is none of these, or has ended.
    """
    with store.write() as db:
        if not people.end_session_of(db, who.id, session_id, now):
            msg = "There is no such session; it may have ended by itself."
            raise NotFoundError(msg)
        audit.append(db, at=now, actor=who.id, action="session ended", subject=who.id)


def end_others(store: Store, *, who: Practitioner, token: str, now: datetime) -> int:
    """End every session of one's own but the present one; returns how many there were."""
    with store.write() as db:
        ended = people.end_other_sessions(db, who.id, token, now)
        audit.append(db, at=now, actor=who.id, action="other sessions ended", subject=who.id)
    return ended
