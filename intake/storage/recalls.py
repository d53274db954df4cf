"""Patients to look at again because other rules were put in force."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from intake.core.impact import Group, Moved, Outcome
from intake.core.recall import Dealt, Handling, Recall, counting
from intake.core.records import Role
from intake.core.rules import Triage
from intake.storage import packs_kept
from intake.storage.encoding import from_json, instant, moment, to_json
from intake.storage.places import at_sites

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.storage.contract import Database
    from intake.storage.store import Store

_URGENT = (Group.BOOKED, Group.WAITING, Group.DEFERRED, Group.DECIDED)
"""Who is looked at first: those whom somebody may treat today."""

_TRIAGES = len(Triage)

_COUNTING = (
    "c.is_open = 1 AND r.status = 'completed' AND NOT EXISTS"
    " (SELECT 1 FROM responses n WHERE n.replaces = r.id AND n.status = 'completed')"
)
"""What somebody has still to deal with: of a form that was not replaced or withdrawn since."""

_RECALLS = """
SELECT c.*, k.version AS pack_version FROM recalls c
JOIN packs k ON k.hash = c.pack_hash JOIN responses r ON r.id = c.response_id
"""


def place_of(outcome: Outcome) -> int:
    """Return where a case stands in a list: what is most urgent first, then the most serious."""
    return _URGENT.index(outcome.group) * _TRIAGES + outcome.now.rank


def outcome_text(outcome: Outcome) -> str:
    """Write what other rules make of a case."""
    return to_json(outcome)


def outcome_of(text: str) -> Outcome:
    """Read what other rules make of a case."""
    found = from_json(text)
    return Outcome(
        response_id=found["response_id"],
        group=Group(found["group"]),
        on=date.fromisoformat(found["on"]),
        then=Triage(found["then"]),
        now=Triage(found["now"]),
        moved=tuple(
            Moved(
                **{
                    **one,
                    "then": Triage(one["then"]) if one["then"] else None,
                    "now": Triage(one["now"]) if one["now"] else None,
                }
            )
            for one in found["moved"]
        ),
    )


def add(db: Database, recall: Recall) -> None:
    """Store a recall; it is open."""
    db.table("recalls").insert(
        {
            "id": recall.id,
            "response_id": recall.response_id,
            "screening_id": recall.screening_id,
            "pack_hash": recall.pack_hash,
            "place": place_of(recall.outcome),
            "outcome": outcome_text(recall.outcome),
            "at": instant(recall.at),
        }
    )


def deal(db: Database, dealing_id: str, recall: Recall, dealt: Dealt) -> None:
    """Store what was done about a recall; it is open no more."""
    db.execute("UPDATE recalls SET is_open = 0 WHERE id = ? AND is_open = 1", [recall.id])
    db.table("dealings").insert(
        {
            "id": dealing_id,
            "recall_id": recall.id,
            "response_id": recall.response_id,
            "how": dealt.how.value,
            "words": dealt.words,
            "by": dealt.by,
            "by_name": dealt.by_name,
            "by_role": dealt.by_role.value if dealt.by_role else None,
            "at": instant(dealt.at),
        }
    )


def of_case(store: Store, response_id: str) -> list[Recall]:
    """Return every recall of a case, oldest first."""
    sql = f"{_RECALLS} WHERE c.response_id = ? ORDER BY c.sequence"
    return _read(store, store.rows(sql, [response_id]))


def in_force(store: Store, response_id: str) -> Recall | None:
    """Return the recall of a case that counts now."""
    return counting(of_case(store, response_id), packs_kept.in_force(store))


def of_other_forms(store: Store, response_id: str) -> list[Recall]:
    """Return the recalls that count of the patient's other forms that were sent.

    An earlier version of this form counts only where staff entered this one: what patients say on
    a form of their own is their word.
    """
    rows = store.rows(
        "SELECT DISTINCT c.response_id FROM recalls c JOIN responses r ON r.id = c.response_id"
        " JOIN responses this ON this.patient_id = r.patient_id WHERE this.id = :id"
        " AND r.id <> :id AND r.status = 'completed' AND (this.entered_by IS NOT NULL"
        " OR NOT EXISTS (SELECT 1 FROM responses n WHERE n.replaces = r.id"
        " AND n.status = 'completed'))",
        {"id": response_id},
    )
    found = (in_force(store, row["response_id"]) for row in rows)
    return [one for one in found if one is not None]


def held_among(store: Store, response_ids: Sequence[str]) -> frozenset[str]:
    """Return which of some cases have an open recall."""
    marks = ", ".join("?" for _ in response_ids)
    sql = f"SELECT response_id FROM recalls WHERE is_open = 1 AND response_id IN ({marks})"  # noqa: S608
    return frozenset(row["response_id"] for row in store.rows(sql, list(response_ids)))


def open_by_others(store: Store, pack_hash: str) -> list[Recall]:
    """Return the open recalls that other rules than these gave rise to."""
    sql = f"{_RECALLS} WHERE c.is_open = 1 AND c.pack_hash <> ?"
    return _read(store, store.rows(sql, [pack_hash]))


def open_at(
    store: Store, sites: frozenset[str] | None, limit: int, after: str = ""
) -> list[Recall]:
    """Return a page of the open recalls of some sites, the most urgent first.

    Args:
        store: Where they are.
        sites: Any of these; None means all.
        limit: How many.
        after: The id of the last of the page before.
    """
    at, named = at_sites("r.site", sites)
    values: dict[str, Any] = {**named, "limit": limit}
    behind = ""
    if after:
        behind = (
            " AND (c.place, c.sequence) > (SELECT place, sequence FROM recalls WHERE id = :after)"
        )
        values["after"] = after
    sql = f"{_RECALLS} WHERE {_COUNTING} AND {at}{behind} ORDER BY c.place, c.sequence LIMIT :limit"
    return _read(store, store.rows(sql, values))


def count_open(store: Store, sites: frozenset[str] | None, most: int) -> int:
    """Count the open recalls of some sites, up to *most*."""
    at, named = at_sites("r.site", sites)
    sql = (
        "SELECT count(*) AS n FROM (SELECT 1 FROM recalls c JOIN responses r"  # noqa: S608
        f" ON r.id = c.response_id WHERE {_COUNTING} AND {at} LIMIT :most) AS few"
    )
    row = store.row(sql, {**named, "most": most})
    return int(row["n"]) if row else 0


_TO_BE_ASKED = """
FROM dealings d JOIN recalls c ON c.id = d.recall_id JOIN packs k ON k.hash = c.pack_hash
JOIN responses r ON r.id = c.response_id
WHERE d.how = 'asked_again' AND c.pack_hash = :pack AND r.status = 'completed'
    AND d.sequence = (SELECT max(l.sequence) FROM dealings l WHERE l.recall_id = c.id)
    AND NOT EXISTS (SELECT 1 FROM recalls o WHERE o.response_id = r.id AND o.is_open = 1)
    AND NOT EXISTS (SELECT 1 FROM responses n WHERE n.patient_id = r.patient_id AND n.id <> r.id
        AND n.status IN ('in-progress', 'completed') AND (n.replaces = r.id OR n.begun_at > d.at))
    AND NOT EXISTS (SELECT 1 FROM reviews v WHERE v.response_id = r.id AND v.at > d.at
        AND v.disposition = 'do_not_treat')
"""
"""Whom somebody said to ask again under the rules in force, and who has no newer form yet."""


def to_be_asked(
    store: Store, sites: frozenset[str] | None, pack_hash: str, limit: int
) -> list[Recall]:
    """Return the first patients whom nobody has asked again yet, the most urgent first."""
    at, named = at_sites("r.site", sites)
    sql = (
        f"SELECT c.*, k.version AS pack_version {_TO_BE_ASKED} AND {at}"
        " ORDER BY c.place, c.sequence LIMIT :limit"
    )
    return _read(store, store.rows(sql, {**named, "pack": pack_hash, "limit": limit}))


def one(store: Store, recall_id: str) -> Recall | None:
    """Return one recall."""
    return next(iter(_read(store, store.rows(f"{_RECALLS} WHERE c.id = ?", [recall_id]))), None)


def _read(store: Store, rows: Sequence[dict[str, Any]]) -> list[Recall]:
    marks = ", ".join("?" for _ in rows)
    dealings: dict[str, list[Dealt]] = {row["id"]: [] for row in rows}
    for each in store.rows(
        f"SELECT * FROM dealings WHERE recall_id IN ({marks}) ORDER BY sequence",  # noqa: S608
        list(dealings),
    ):
        dealings[each["recall_id"]].append(
            Dealt(
                Handling(each["how"]), each["words"], each["by"], each["by_name"],
                Role(each["by_role"]) if each["by_role"] else None, moment(each["at"]),
            )
        )  # fmt: skip
    return [
        Recall(
            id=row["id"],
            response_id=row["response_id"],
            screening_id=row["screening_id"],
            pack_hash=row["pack_hash"],
            pack_version=row["pack_version"],
            outcome=outcome_of(row["outcome"]),
            at=moment(row["at"]),
            dealings=tuple(dealings[row["id"]]),
        )
        for row in rows
    ]
