"""Passes of other rules over what was screened: how far each has come, and what it found.

A pass goes through screenings in the order in which they were made, so that one which does not end
comes to every new one as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from intake.core.impact import Impact
from intake.core.replay import Direction
from intake.storage import replaying
from intake.storage.encoding import from_json, instant, moment, moment_or_none, to_json
from intake.storage.recalls import outcome_of, outcome_text, place_of
from intake.storage.replaying import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from intake.core.impact import Outcome
    from intake.storage.contract import Database
    from intake.storage.store import Store


BEGUN = "pass begun"
"""The event of the trail that is written with a pass."""

_CHANGING = ("decided", "session recorded", "withdrawn", "record erased")
"""Events after which a case may stand elsewhere."""

_LAST_EVENTS = 100_000
_SAME_LAST = 1000
_NO_END = 2**62


class Kind(StrEnum):
    """What a pass is for: to know beforehand, to watch for a while, or to call patients back."""

    IMPACT = "impact"
    SHADOW = "shadow"
    RECALL = "recall"


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass of a pack over what was screened.

    Attributes:
        begun_by: The actor, as in the audit trail.
        behind: The last screening that was gone through; 0 before the first.
        upto: The last there is to go through; None for a pass that goes on.
        looked: How many cases were looked at.
        impact: What was found, as counts.
        trouble: Why it does not go on; blank while it does.
    """

    id: int
    kind: Kind
    pack_hash: str
    begun_at: datetime
    begun_by: str
    behind: int
    upto: int | None
    looked: int
    impact: Impact
    trouble: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Piece:
    """A few screenings on the way of a pass.

    Attributes:
        upto: The last of them.
        cases: The forms whose newest screening is among them, and that of which.
    """

    upto: int
    cases: dict[str, str]


def begin(
    db: Database, kind: Kind, pack_hash: str, *, upto: int | None, by: str, now: datetime
) -> None:
    """Begin a pass; one of its kind over the same pack that has not ended ends now."""
    end(db, kind, pack_hash, now=now)
    db.table("passes").insert(
        {
            "kind": kind.value,
            "pack_hash": pack_hash,
            "begun_at": instant(now),
            "begun_by": by,
            "behind": 0,
            "upto": upto,
            "counts": to_json(Impact().counts),
        }
    )


def end(db: Database, kind: Kind, pack_hash: str | None = None, *, now: datetime) -> bool:
    """End the passes of a kind, or that of one pack; tells whether there was one."""
    only, values = ("", []) if pack_hash is None else (" AND pack_hash = ?", [pack_hash])
    ended = db.execute(
        f"UPDATE passes SET ended_at = ? WHERE kind = ? AND ended_at IS NULL{only}",  # noqa: S608
        [instant(now), kind.value, *values],
    )
    return ended.rowcount > 0


def forget(db: Database, kind: Kind, pack_hash: str) -> None:
    """Delete what ended passes of a kind found with a pack: a new one says it anew."""
    old = "SELECT id FROM passes WHERE kind = ? AND pack_hash = ? AND ended_at IS NOT NULL"
    values = [kind.value, pack_hash]
    db.execute(f"DELETE FROM differences WHERE pass_id IN ({old})", values)  # noqa: S608
    db.execute(f"DELETE FROM passes WHERE id IN ({old})", values)  # noqa: S608


def under_way(store: Store) -> list[Pass]:
    """Return every pass that has not ended, recalls first."""
    rows = store.rows(
        "SELECT * FROM passes WHERE ended_at IS NULL ORDER BY kind = 'recall' DESC, id"
    )
    return [_pass(row) for row in rows]


def begun_beside(store: Store) -> frozenset[str]:
    """Return the packs that run beside the rules in force."""
    rows = store.rows("SELECT pack_hash FROM passes WHERE kind = 'shadow' AND ended_at IS NULL")
    return frozenset(row["pack_hash"] for row in rows)


def newest(store: Store, kind: Kind, pack_hash: str) -> Pass | None:
    """Return the last pass of a kind over a pack."""
    row = store.row(
        "SELECT * FROM passes WHERE kind = ? AND pack_hash = ? ORDER BY id DESC LIMIT 1",
        [kind.value, pack_hash],
    )
    return _pass(row) if row else None


def next_piece(store: Store, one: Pass, limit: int) -> Piece | None:
    """Return the next screenings that a pass comes to; None where there is none.

    A form that was screened again comes with its newest screening alone. A recall looks at none
    that its own rules have made.
    """
    rows = store.rows(
        "SELECT s.sequence, s.id, s.response_id, s.pack_hash, s.sequence = (SELECT max(n.sequence)"
        " FROM screenings n WHERE n.response_id = s.response_id"
        " AND (:upto IS NULL OR n.sequence <= :upto)) AS is_newest FROM screenings s"
        " WHERE s.sequence > :behind AND (:upto IS NULL OR s.sequence <= :upto)"
        " ORDER BY s.sequence LIMIT :limit",
        {"behind": one.behind, "upto": one.upto, "limit": limit},
    )
    if not rows:
        return None
    left_out = one.pack_hash if one.kind is Kind.RECALL else ""
    cases = {
        row["response_id"]: row["id"]
        for row in rows
        if row["is_newest"] and row["pack_hash"] != left_out
    }
    return Piece(int(rows[-1]["sequence"]), cases)


def count_left(store: Store, one: Pass) -> int:
    """Count the screenings that a pass has still to go through."""
    upto = replaying.newest(store) if one.upto is None else one.upto
    return replaying.count_behind(store, Span(one.behind, upto))


def count_gone(store: Store, one: Pass) -> int:
    """Count the screenings that a pass has gone through."""
    return replaying.count_behind(store, Span(0, one.behind))


def count_screened_since(store: Store, one: Pass) -> int:
    """Count the screenings that were made since a pass began, and that it does not come to."""
    return 0 if one.upto is None else replaying.count_behind(store, Span(one.upto, _NO_END))


def count_changed_since(store: Store, one: Pass) -> int:
    """Count what was decided, recorded, withdrawn or erased since a pass began.

    The trail tells it in order, whatever the clock says. Of a pass that is long ago only the last
    events are looked through.
    """
    marks = ", ".join("?" for _ in _CHANGING)
    row = store.row(
        f"SELECT count(*) AS n FROM audit_events WHERE action IN ({marks})"  # noqa: S608
        " AND sequence > (SELECT coalesce(max(b.sequence), 0) FROM audit_events b"
        " WHERE b.subject = ? AND b.action = ? AND b.at = ?)"
        " AND sequence > (SELECT max(l.sequence) FROM audit_events l) - ?",
        [*_CHANGING, one.pack_hash, BEGUN, instant(one.begun_at), _LAST_EVENTS],
    )
    return int(row["n"]) if row else 0


def advance(db: Database, one: Pass, piece: Piece, impact: Impact) -> bool:
    """Store how far a pass has come; False where another process was there before."""
    changed = db.execute(
        "UPDATE passes SET behind = ?, looked = looked + ?, counts = ?, trouble = ''"
        " WHERE id = ? AND behind = ? AND ended_at IS NULL",
        [piece.upto, len(piece.cases), to_json(impact.counts), one.id, one.behind],
    )
    return changed.rowcount == 1


def finish(db: Database, one: Pass, impact: Impact, now: datetime) -> None:
    """End a pass that came to its end."""
    db.execute(
        "UPDATE passes SET ended_at = ?, counts = ? WHERE id = ? AND ended_at IS NULL",
        [instant(now), to_json(impact.counts), one.id],
    )


def say_trouble(db: Database, one: Pass, words: str) -> None:
    """Keep why a pass does not go on."""
    db.execute("UPDATE passes SET trouble = ? WHERE id = ?", [words, one.id])


def keep_differences(
    db: Database, one: Pass, cases: Iterable[str], found: Iterable[Outcome]
) -> None:
    """Store which of some cases a rule does something else to; the newest word counts."""
    db.conn.executemany(
        "DELETE FROM differences WHERE pass_id = ? AND response_id = ?",
        [(one.id, response_id) for response_id in cases],
    )
    db.conn.executemany(
        "INSERT INTO differences (pass_id, response_id, place, outcome) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (pass_id, response_id) DO UPDATE SET place = excluded.place,"
        " outcome = excluded.outcome",
        [(one.id, o.response_id, _place(o), outcome_text(o)) for o in found],
    )


def _place(outcome: Outcome) -> int:
    """Return where a case stands in a list: whose severity changes comes before everybody else."""
    return place_of(outcome) + (_SAME_LAST if outcome.direction is Direction.SAME else 0)


def differences(store: Store, one: Pass, limit: int) -> Iterator[Outcome]:
    """Yield the first cases of a pass to which a rule does something else.

    Those whose severity changes come first, and of these the urgent ones.
    """
    for row in store.rows(
        "SELECT outcome FROM differences WHERE pass_id = ? ORDER BY place, response_id LIMIT ?",
        [one.id, limit],
    ):
        yield outcome_of(row["outcome"])


def _pass(row: dict[str, Any]) -> Pass:
    return Pass(
        id=row["id"],
        kind=Kind(row["kind"]),
        pack_hash=row["pack_hash"],
        begun_at=moment(row["begun_at"]),
        begun_by=row["begun_by"],
        behind=row["behind"],
        upto=row["upto"],
        looked=row["looked"],
        impact=Impact.from_counts(from_json(row["counts"])),
        trouble=row["trouble"],
        ended_at=moment_or_none(row["ended_at"]),
    )
