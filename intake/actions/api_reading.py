"""What other systems read over the API: a list of cases, one case, what happened since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.actions.permission import require_system
from intake.core.clients import ACTS, ClientRole
from intake.core.errors import NotFoundError, StateError
from intake.storage import events, listing

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from intake.core.clients import ApiClient, Event, EventKind
    from intake.core.rules import Triage
    from intake.storage import Store
    from intake.storage.listing import Listed


@dataclass(frozen=True, slots=True)
class CaseFilters:
    """Which cases are asked for; days are those of begin or submission, in UTC."""

    since: date | None = None
    until: date | None = None
    triage: frozenset[Triage] = frozenset()


def page_of_cases(
    store: Store, filters: CaseFilters, *, behind: str, limit: int, by: ApiClient
) -> tuple[list[Listed], str | None]:
    """Return some cases in the order of their ids, and behind which to go on, if there are more."""
    require_system(by, ClientRole.READER)
    wanted = listing.Selection(filters.triage, filters.since, filters.until, sites=by.sites)
    ids = listing.ids_behind(store, wanted, behind, limit + 1)
    found = listing.listed_by_id(store, ids[:limit])
    return found, ids[limit - 1] if len(ids) > limit else None


def one_case(store: Store, response_id: str) -> Listed:
    """Return a case; that it may be asked for was seen at the door.

    Raises:
        NotFoundError: it is gone.
    """
    for found in listing.listed_by_id(store, [response_id]):
        return found
    msg = "There is no such case."
    raise NotFoundError(msg)


def events_behind(
    store: Store, *, line: int, limit: int, kinds: Collection[EventKind], by: ApiClient
) -> tuple[list[Event], int]:
    """Return what happened behind a line of the audit trail, and up to which line that is.

    Args:
        store: Where the trail is.
        line: Behind which; 0 for everything.
        limit: Of how many lines at most.
        kinds: Of which kinds; empty for every kind.
        by: Who asks; of other sites than theirs nothing is told but that a record was erased.

    Raises:
        StateError: the trail has no such line: an older copy of the clinic was put back.
    """
    require_system(by, ClientRole.READER)
    if line > events.newest_line(store):
        msg = (
            "There is no event of that number yet: the clinic was put back from a backup, which"
            " may have changed what you know. Read the cases again, and begin with after=0."
        )
        raise StateError(msg)
    wanted = {act: kind for act, kind in ACTS.items() if not kinds or kind in kinds}
    return events.behind(store, wanted, line=line, limit=limit, sites=by.sites)
