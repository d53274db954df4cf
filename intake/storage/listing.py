"""Lists of cases as the desk and exports show them: one row each, most serious first."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from intake.core.records import (
    Company,
    EntrySource,
    SignatureKind,
    Site,
)
from intake.storage.encoding import (
    from_json,
    instant,
    moment,
    moment_or_none,
    screening_of,
)
from intake.storage.patients import patient_of
from intake.storage.places import FACTS, NEWEST, at_sites, facts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from intake.core.records import Patient
    from intake.core.review import Facts
    from intake.core.rules import Triage
    from intake.core.screening import Screening
    from intake.storage.store import Store


@dataclass(frozen=True, slots=True)
class Listed:
    """One case in a list, with what its status is derived from.

    Attributes:
        signed: How the patient signed, or that somebody stated what they had entered.
    """

    response_id: str
    patient: Patient
    facts: Facts
    begun_at: datetime
    submitted_at: datetime | None
    plan: dict[str, Any]
    receipt: str | None
    pack_hash: str
    pack_version: str
    screening: Screening | None
    decided_by_name: str | None
    decided_at: datetime | None
    language: str
    helper: Company | None
    help: tuple[str, ...]
    signed: SignatureKind | None
    entered_by_name: str | None
    entered_from: EntrySource | None
    site: Site


_FIRST, _FINAL = date.min + timedelta(days=2), date.max - timedelta(days=2)
"""The calendar as far as a day of it is one in every time zone."""


@dataclass(frozen=True, slots=True)
class Last:
    """Where a case stands, and its newest screening as it is kept: nothing of it is read yet.

    Attributes:
        pack_hash: Of the rules the form was begun with.
        plan: JSON.
        content: The screening as JSON; None before the first.
        told: What was told beside the form for it, as JSON; None likewise.
    """

    response_id: str
    facts: Facts
    pack_hash: str
    plan: str
    content: str | None
    told: str | None


@dataclass(frozen=True, slots=True)
class Selection:
    """Which cases to list.

    Attributes:
        since: First day of begin or submission.
        until: Last day, included.
        open_only: Leave out what was decided to an end, stopped or amended.
        sites: Any of these; None means all.
        zone: In which instants are days; None for the computer's.
    """

    triage: frozenset[Triage] = field(default_factory=frozenset)
    since: date | None = None
    until: date | None = None
    open_only: bool = False
    sites: frozenset[str] | None = None
    zone: tzinfo | None = UTC

    def begin_of(self, day: date, later: int = 0) -> str:
        """Return the instant at which a day begins, or one so many days later."""
        near = min(max(day, _FIRST), _FINAL) + timedelta(days=later)
        return instant(datetime.combine(near, time(), self.zone).astimezone(UTC))


_LIST = f"""
SELECT r.id AS response_id, r.begun_at, r.submitted_at, r.plan, r.receipt, r.pack_hash,
    r.language, r.helper, r.help, r.entered_from, r.site, x.name AS site_name,
    json_extract(r.signature, '$.kind') AS signed,
    e.name AS entered_by_name, k.version AS pack_version,
    p.id AS p_id, p.record_number AS p_record_number, p.name AS p_name,
    p.birth_date AS p_birth_date, p.created_at AS p_created_at,
    s.content AS screening, v.by_name, v.at AS decided_at, {FACTS}
FROM responses r
JOIN patients p ON p.id = r.patient_id
JOIN packs k ON k.hash = r.pack_hash
JOIN sites x ON x.id = r.site
LEFT JOIN practitioners e ON e.id = r.entered_by
{NEWEST}"""  # noqa: S608 - constants of this program

_LAST = f"""
SELECT r.id, r.pack_hash, r.plan, s.content, s.told, {FACTS} FROM responses r {NEWEST}
"""  # noqa: S608 - constants of this program

_IDS = """
SELECT r.id FROM responses r
LEFT JOIN screenings s ON s.response_id = r.id AND s.sequence =
    (SELECT max(sequence) FROM screenings WHERE response_id = r.id)
"""

_ORDER = " ORDER BY coalesce(s.triage_rank, 9), coalesce(r.submitted_at, r.begun_at), r.id"
"""Most serious first, then waiting longest; what is still being filled comes last."""

FEW = 100
"""How many cases of a long list are read at a time."""


def ids_of(store: Store, selection: Selection) -> list[str]:
    """Return the ids of the cases of a selection in the order of the queue.

    Only these are put in order: whole cases would be held in memory all at once for that, and the
    database's log could not be emptied for as long as somebody fetches a file.
    """
    where, parameters = where_of(selection)
    return [row["id"] for row in store.rows(_IDS + where + _ORDER, parameters)]


def ids_behind(store: Store, selection: Selection, behind: str, limit: int) -> list[str]:
    """Return the first ids of a selection behind one, in the order of ids: any list's next page."""
    where, parameters = where_of(selection)
    sql = f"{_IDS}{where} AND r.id > :behind ORDER BY r.id LIMIT :limit"
    named = {**parameters, "behind": behind, "limit": limit}
    return [row["id"] for row in store.rows(sql, named)]


def count(store: Store) -> int:
    """Count all cases, whatever became of them."""
    row = store.row("SELECT count(*) AS n FROM responses")
    return int(row["n"]) if row else 0


def listed(store: Store, selection: Selection) -> Iterator[Listed]:
    """Yield the cases of a selection in the order of the queue, each as it is when reached."""
    ids = ids_of(store, selection)
    for start in range(0, len(ids), FEW):
        yield from listed_by_id(store, ids[start : start + FEW])


def listed_by_id(store: Store, response_ids: Sequence[str]) -> list[Listed]:
    """Return some cases in the order in which they are named."""
    marks = ", ".join("?" for _ in response_ids)
    rows = {
        row["response_id"]: row
        for row in store.rows(f"{_LIST} WHERE r.id IN ({marks})", list(response_ids))
    }
    return [_listed(rows[response_id]) for response_id in response_ids if response_id in rows]


def last_of_each(store: Store, response_ids: Sequence[str]) -> list[Last]:
    """Return where some cases stand, in the order in which they are named."""
    marks = ", ".join("?" for _ in response_ids)
    found = {
        row["id"]: Last(
            row["id"], facts_of(row), row["pack_hash"], row["plan"], row["content"], row["told"]
        )
        for row in store.rows(f"{_LAST} WHERE r.id IN ({marks})", list(response_ids))
    }
    return [found[response_id] for response_id in response_ids if response_id in found]


def where_of(selection: Selection) -> tuple[str, dict[str, str]]:
    """Write the conditions of a selection; every value is a parameter."""
    parts: list[str] = []
    parameters: dict[str, str] = {}
    if selection.triage:
        names = [f"t{i}" for i in range(len(selection.triage))]
        parts.append(f"s.triage IN ({', '.join(':' + name for name in names)})")
        parameters.update(zip(names, sorted(selection.triage), strict=True))
    if selection.since:
        parts.append("coalesce(r.submitted_at, r.begun_at) >= :since")
        parameters["since"] = selection.begin_of(selection.since)
    if selection.until:
        parts.append("coalesce(r.submitted_at, r.begun_at) < :until")
        parameters["until"] = selection.begin_of(selection.until, later=1)
    if selection.open_only:
        parts.append("r.status IN ('in-progress', 'completed')")
    at, named = at_sites("r.site", selection.sites)
    return f" WHERE {' AND '.join([at, *parts])}", parameters | named


def _listed(row: dict[str, Any]) -> Listed:
    return Listed(
        response_id=row["response_id"],
        patient=patient_of(row, "p_"),
        facts=facts_of(row),
        begun_at=moment(row["begun_at"]),
        submitted_at=moment_or_none(row["submitted_at"]),
        plan=from_json(row["plan"]),
        receipt=row["receipt"],
        pack_hash=row["pack_hash"],
        pack_version=row["pack_version"],
        screening=screening_of(row["screening"]) if row["screening"] else None,
        decided_by_name=row["by_name"],
        decided_at=moment_or_none(row["decided_at"]),
        language=row["language"],
        helper=Company(row["helper"]) if row["helper"] else None,
        help=tuple(from_json(row["help"])),
        signed=SignatureKind(row["signed"]) if row["signed"] else None,
        entered_by_name=row["entered_by_name"],
        entered_from=EntrySource(row["entered_from"]) if row["entered_from"] else None,
        site=Site(row["site"], row["site_name"]),
    )
