"""Screenings with what they were made of, a span of them at a time.

A form that was sent never changes, nor does its plan, and what was told beside it stands with the
screening: everything is there that the rules looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from intake.storage.contract import Connection
    from intake.storage.store import Store

StoredAnswers: TypeAlias = "list[tuple[str, str]]"
"""The link id of each answer, and the answer as JSON, in the order they were given."""


class Span(NamedTuple):
    """Screenings by the order in which they were made: behind one, up to another, included."""

    behind: int
    upto: int


@dataclass(frozen=True, slots=True)
class Made:
    """A screening, and the form of which it was made, as they are kept: nothing is read yet.

    Attributes:
        content: The screening as JSON, see `encoding.screening_of`.
        told: What was told beside the form, likewise.
        plan: The form's treatment plan as JSON; None where there is no such form any more.
        beside: What lists and filters read of the screening, by column.
    """

    id: str
    response_id: str
    content: str
    told: str
    plan: str | None
    beside: Mapping[str, str | int]
    answers: StoredAnswers


BESIDE = "pack_hash", "on_date", "triage", "triage_rank", "unknown_count", "needs_dermatologist"
"""The columns in which parts of a screening stand once more."""


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


def count_never_screened(store: Store) -> int:
    """Count the forms of which no screening was made, sent or not."""
    row = store.row(
        "SELECT count(*) AS n FROM responses r WHERE NOT EXISTS"
        " (SELECT 1 FROM screenings s WHERE s.response_id = r.id)"
    )
    return int(row["n"]) if row else 0


def next_few(store: Store, span: Span, limit: int) -> Span | None:
    """Return the part of a span with its first screenings; None where it holds none.

    Numbers may lie far apart: what is between them is not gone through.
    """
    row = store.row(
        "SELECT max(sequence) AS upto FROM (SELECT sequence FROM screenings"
        " WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?) AS few",
        [*span, limit],
    )
    return Span(span.behind, int(row["upto"])) if row and row["upto"] is not None else None


def newest_in(store: Store, span: Span, limit: int) -> list[tuple[int, str]]:
    """Return the first screenings of a span that are the newest of their forms, by number and form.

    Screenings behind the span do not count.
    """
    rows = store.rows(
        "SELECT s.sequence, s.response_id FROM screenings s"
        " WHERE s.sequence > :behind AND s.sequence <= :upto AND s.sequence ="
        " (SELECT max(n.sequence) FROM screenings n"
        " WHERE n.response_id = s.response_id AND n.sequence <= :upto)"
        " ORDER BY s.sequence LIMIT :limit",
        {"behind": span.behind, "upto": span.upto, "limit": limit},
    )
    return [(int(row["sequence"]), row["response_id"]) for row in rows]


def not_screened(store: Store, upto: int, behind: str, limit: int) -> list[str]:
    """Return the first forms by their ids, behind one, of which no screening was made up to one."""
    rows = store.rows(
        "SELECT r.id FROM responses r WHERE r.id > :behind AND NOT EXISTS (SELECT 1 FROM"
        " screenings s WHERE s.response_id = r.id AND s.sequence <= :upto)"
        " ORDER BY r.id LIMIT :limit",
        {"behind": behind, "upto": upto, "limit": limit},
    )
    return [row["id"] for row in rows]


def made_in(store: Store, span: Span) -> list[Made]:
    """Return the screenings of a span in their order, as they stand at one moment."""
    columns = ", ".join(f"s.{name}" for name in BESIDE)
    with store.reading() as db:
        rows = db.execute(
            f"SELECT s.id, s.response_id, s.content, s.told, r.plan, {columns} FROM screenings s"  # noqa: S608 - names of ours
            " LEFT JOIN responses r ON r.id = s.response_id"
            " WHERE s.sequence > ? AND s.sequence <= ? ORDER BY s.sequence",
            list(span),
        ).fetchall()
        answers = answers_of_each(db, {row[1] for row in rows})
    return [
        Made(id_, of, content, told, plan, dict(zip(BESIDE, beside, strict=True)), answers[of])
        for id_, of, content, told, plan, *beside in rows
    ]


def answers_of_each(
    db: Connection, response_ids: Collection[str], link_ids: Collection[str] | None = None
) -> dict[str, StoredAnswers]:
    """Return the answers of some forms, as they are kept.

    Args:
        db: Where they are.
        response_ids: Whose.
        link_ids: To which questions; None for all.
    """
    found: dict[str, StoredAnswers] = {response_id: [] for response_id in response_ids}
    where, values = f"response_id IN ({_marks(found)})", list(found)
    if link_ids is not None:
        where, values = f"{where} AND link_id IN ({_marks(link_ids)})", [*values, *link_ids]
    for response_id, link_id, value in db.execute(
        f"SELECT response_id, link_id, value FROM answers WHERE {where} ORDER BY rowid",  # noqa: S608
        values,
    ):
        found[response_id].append((link_id, value))
    return found


def _marks(values: Collection[str]) -> str:
    return ", ".join("?" for _ in values)
