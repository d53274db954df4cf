"""Writing down that somebody at the desk was shown a record, or knocked at one in vain."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from intake.storage import audit, patients, responses

if TYPE_CHECKING:
    from datetime import datetime

    from intake.core.clients import ApiClient
    from intake.core.records import Practitioner
    from intake.storage import Store

TOGETHER = timedelta(minutes=10)
"""Within which one line tells of all that one person was shown of one record."""

LIST_READ = "list read"
REFUSED = "record refused"
PAGE_REFUSED = "page refused"
_REFUSALS = {REFUSED, "case refused"}
CASE_EXPORTED = "case exported"
_SHOWS_LITTLE = _REFUSALS | {CASE_EXPORTED}
"""Acts after which a reading has a line of its own: who took a thousand cases out read none."""


def note_reading(
    store: Store, *, act: str, subject: str, by: Practitioner | ApiClient, now: datetime
) -> None:
    """Write down that a record was shown, unless a line of the last minutes says as much.

    Whoever just read, decided or printed it had it before their eyes: any act tells that. Of a list
    only its reading does: a search of it may have shown nothing.

    Args:
        store: Where the trail is.
        act: What was read, as the trail has it.
        subject: The id of the record, or the name of a list.
        by: Who was shown it.
        now: When.
    """
    told = _recent(store, subject, by, now) - _SHOWS_LITTLE
    if (told & {act}) if act == LIST_READ else told:
        return
    with store.write() as db:
        audit.append(db, at=now, actor=by.id, action=act, subject=subject)


def note_refusal(
    store: Store, *, subject: str, by: Practitioner | ApiClient, now: datetime
) -> None:
    """Write down that somebody asked for a record that is there, and was told that there is none.

    An id that belongs to nothing leaves no line: it names nobody.
    """
    is_there = responses.exists(store, subject) or patients.patient(store, subject) is not None
    if not is_there or _recent(store, subject, by, now) & _REFUSALS:
        return
    with store.write() as db:
        audit.append(db, at=now, actor=by.id, action=REFUSED, subject=subject)


def note_page_refused(store: Store, *, page: str, by: Practitioner, now: datetime) -> None:
    """Write down that somebody asked for a page that is for another role."""
    if PAGE_REFUSED in _recent(store, page, by, now):
        return
    with store.write() as db:
        audit.append(db, at=now, actor=by.id, action=PAGE_REFUSED, subject=page)


def _recent(store: Store, subject: str, by: Practitioner | ApiClient, now: datetime) -> set[str]:
    return audit.recent_acts(store, by.id, subject, since=now - TOGETHER, until=now)
