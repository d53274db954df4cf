"""What administrators did to the ways in which somebody signs in, as their owner is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.actions.accounts import list_accounts
from intake.core.trail_words import actor_name
from intake.storage import audit
from intake.storage.audit import Wanted

if TYPE_CHECKING:
    from datetime import datetime

    from intake.core.records import Practitioner
    from intake.storage import Store

MOST_TOLD = 3

WORDS = {
    "password reset": "New one-time password",
    "account enabled": "Let in again, with a new one-time password",
    "second factor reset": "Second factor taken away",
}
"""What gives whoever does it, until the owner signs in, a way to sign in as them."""


@dataclass(frozen=True, slots=True)
class Reset:
    """One of these acts, and the name of who did it."""

    words: str
    at: datetime
    by: str


def of_account(store: Store, who: Practitioner) -> list[Reset]:
    """Return the last resets of an account, newest first; the trail keeps every one.

    More than one, because an owner who was shut out by the first asks for a second.
    """
    names = {one.id: one.name for one in list_accounts(store)}
    found = [
        event
        for action in WORDS
        for event in audit.newest_of(
            store, Wanted(action=action, subject=who.id), below=None, limit=MOST_TOLD
        )
    ]
    newest = sorted(found, key=lambda event: event.sequence, reverse=True)[:MOST_TOLD]
    return [Reset(WORDS[one.action], one.at, actor_name(one.actor, names)) for one in newest]
