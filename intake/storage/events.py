"""What other systems may be told of, read off the audit trail: so no act can forget to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.core.clients import Event, EventKind
from intake.storage.encoding import moment
from intake.storage.places import at_sites

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.storage.store import Store


def behind(
    store: Store,
    acts: Mapping[str, EventKind],
    *,
    line: int,
    limit: int,
    sites: frozenset[str] | None,
) -> tuple[list[Event], int]:
    """Return the events behind a line of the trail, oldest first, and the line they reach up to.

    That a record was erased concerns whoever may have it; nobody knows any more at which site.

    Args:
        store: Where the trail is.
        acts: The acts to tell of, and what kind of event each is.
        line: Behind which to begin.
        limit: How many events at most.
        sites: Of the cases of which sites; None for every site.
    """
    newest = newest_line(store)
    if not acts:
        return [], newest
    marks = ", ".join(f":act{number}" for number in range(len(acts)))
    at, named = at_sites("r.site", sites)
    rows = store.rows(
        "SELECT e.sequence, e.action, e.at, e.subject FROM audit_events e"  # noqa: S608
        " LEFT JOIN responses r ON r.id = e.subject"
        f" WHERE e.sequence > :line AND e.sequence <= :newest AND e.action IN ({marks})"
        f" AND (e.action = 'record erased' OR (r.id IS NOT NULL AND {at}))"
        " ORDER BY e.sequence LIMIT :limit",
        {
            **named,
            **{f"act{number}": act for number, act in enumerate(acts)},
            "line": line,
            "newest": newest,
            "limit": limit,
        },
    )
    found = [
        Event(row["sequence"], acts[row["action"]], moment(row["at"]), row["subject"])
        for row in rows
    ]
    return found, found[-1].number if len(found) == limit else newest


def newest_line(store: Store) -> int:
    """Return the number of the newest line of the trail."""
    row = store.row("SELECT coalesce(max(sequence), 0) AS n FROM audit_events")
    return int(row["n"]) if row else 0
