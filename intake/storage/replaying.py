"""Screenings with what they were made of, a span of them at a time.

A form that was sent never changes, nor does its plan, and what was told beside it stands with the
screening: everything is there that the rules looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from intake.storage.cases import stored_screening
from intake.storage.responses import each_as_read

if TYPE_CHECKING:
    from intake.core.records import Response, StoredScreening
    from intake.storage.store import Store


class Span(NamedTuple):
    """Screenings by the order in which they were made: behind one, up to another, included."""

    behind: int
    upto: int


@dataclass(frozen=True, slots=True)
class Made:
    """A screening, and the form of which it was made."""

    stored: StoredScreening
    response: Response


def newest(store: Store) -> int:
    """Return the number of the screening that was made last; 0 before the first."""
    row = store.row("SELECT coalesce(max(sequence), 0) AS newest FROM screenings")
    return int(row["newest"]) if row else 0


def count_behind(store: Store, span: Span) -> int:
    """Count the screenings of a span."""
    row = store.row(
        "SELECT count(*) AS n FROM screenings WHERE sequence > ? AND sequence <= ?", list(span)
    )
    return int(row["n"]) if row else 0


def made_in(store: Store, span: Span) -> list[Made]:
    """Return the screenings of a span in their order, as they stand at one moment."""
    with store.reading():
        rows = list(
            store.rows(
                "SELECT id, response_id, content, at, told, reopens FROM screenings"
                " WHERE sequence > ? AND sequence <= ? ORDER BY sequence",
                list(span),
            )
        )
        forms = each_as_read(store, list({row["response_id"] for row in rows}))
    return [Made(stored_screening(row), forms[row["response_id"]][0]) for row in rows]
