"""Where each case stands in the queue: an index over the facts, written together with them.

Status is derived from facts (see `core.review`). A list of a million cases cannot derive it row by
row, so what the order and the filters need is kept beside each case, anew after every write that
changes a fact. Nothing but lists reads it, and it can be made anew at any time.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any

from intake.core.decisions import Disposition
from intake.core.records import ResponseStatus
from intake.core.review import CaseStatus, Facts, status_of
from intake.core.rules import Triage
from intake.storage.encoding import day_or_none, instant
from intake.storage.patients import responses_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from intake.storage.contract import Database
    from intake.storage.store import Store

NOT_SCREENED = 9
"""The rank of a form that is still being filled; it comes last.

One that was sent and could not be screened is ranked like a review: nobody knows what is in it.
"""

FEW = 64
"""How many places are read at a time."""

RANKS = (*(triage.rank for triage in Triage), NOT_SCREENED)

REFERRED = """
coalesce(CASE WHEN r.replaces IS NOT NULL AND v.disposition IS NULL THEN (
    WITH RECURSIVE versions (id, before, age) AS (
        SELECT id, replaces, 1 FROM responses WHERE id = r.replaces
        UNION ALL
        SELECT o.id, o.replaces, age + 1 FROM responses o JOIN versions ON o.id = before)
    SELECT w.disposition = 'refer' FROM versions JOIN reviews w ON w.response_id = versions.id
    WHERE w.disposition <> 'need_information'
    ORDER BY age, w.sequence DESC LIMIT 1) END, FALSE) AS referred
"""
"""Whether a form `r` with no review `v` replaces versions on which the last word was to refer.

To ask for more is no word on that, as in `core.decisions.open_referral`.
"""

FACTS = f"""
r.status, v.disposition, v.until,
    EXISTS (SELECT 1 FROM responses n WHERE n.replaces = r.id AND n.status = 'completed')
        AS superseded,
    EXISTS (SELECT 1 FROM treatment_sessions t WHERE t.response_id = r.id) AS treated,
    coalesce(s.reopens = 1 AND v.screening_id <> s.id, FALSE) AS news, {REFERRED}
"""  # noqa: S608 - constants of this program
"""What the status of a case is derived from, see `facts_of`."""

NEWEST = """
LEFT JOIN screenings s ON s.response_id = r.id AND s.sequence =
    (SELECT max(sequence) FROM screenings WHERE response_id = r.id)
LEFT JOIN reviews v ON v.response_id = r.id AND v.sequence =
    (SELECT max(sequence) FROM reviews WHERE response_id = r.id)
"""
"""The newest screening and the last decision of a form `r`."""

_CASES = f"""
SELECT r.id AS response_id, r.site, coalesce(r.submitted_at, r.begun_at) AS since,
    s.triage_rank, coalesce(s.needs_dermatologist, 0) AS needs_dermatologist, {FACTS}
FROM responses r {NEWEST}"""  # noqa: S608 - constants of this program


def put_place(db: Database, response_id: str) -> None:
    """Bring the place of a case, and of the version it amends, in step with the facts."""
    where = " WHERE r.id = :id OR r.id = (SELECT replaces FROM responses WHERE id = :id)"
    _put(db, list(db.query(_CASES + where, {"id": response_id})))


def put_every_place(db: Database) -> None:
    """Make all places anew."""
    _put(db, list(db.query(_CASES)))


_COLUMNS_OF_A_PLACE = ("status", "rank", "since", "until", "needs_dermatologist", "site")


def out_of_place(store: Store) -> int:
    """Count the cases that lists do not show as the facts have them."""
    kept = ", ".join(f"p.{one} AS kept_{one}" for one in _COLUMNS_OF_A_PLACE)
    sql = f"SELECT f.*, {kept} FROM ({_CASES}) f LEFT JOIN places p USING (response_id)"  # noqa: S608
    return sum(
        any(row[f"kept_{one}"] != place[one] for one in _COLUMNS_OF_A_PLACE)
        for row in store.each(sql)
        for place in [_place(row)]
    )


def facts_of(row: dict[str, Any]) -> Facts:
    """Read what the status of a case is derived from."""
    return Facts(
        ResponseStatus(row["status"]),
        Disposition(row["disposition"]) if row["disposition"] else None,
        day_or_none(row["until"]),
        superseded=bool(row["superseded"]),
        treated=bool(row["treated"]),
        news=bool(row["news"]),
        referred=bool(row["referred"]),
    )


def _place(row: dict[str, Any]) -> dict[str, Any]:
    """Return the place that the facts of a case give it."""
    facts = facts_of(row)
    return {
        "response_id": row["response_id"],
        "status": status_of(facts, date.min).value,
        "rank": _rank(row),
        "since": row["since"],
        "until": row["until"],
        "needs_dermatologist": row["needs_dermatologist"],
        "site": row["site"],
    }


def _put(db: Database, rows: Iterable[dict[str, Any]]) -> None:
    for row in rows:
        db.execute(
            "INSERT INTO places VALUES (:response_id, :status, :rank, :since, :until,"
            " :needs_dermatologist, :site)"
            " ON CONFLICT (response_id) DO UPDATE SET status = excluded.status,"
            " rank = excluded.rank, since = excluded.since, until = excluded.until,"
            " needs_dermatologist = excluded.needs_dermatologist, site = excluded.site",
            _place(row),
        )


def _rank(row: dict[str, Any]) -> int:
    if row["triage_rank"] is not None:
        return int(row["triage_rank"])
    was_sent = row["status"] == ResponseStatus.COMPLETED
    return Triage.REVIEW.rank if was_sent else NOT_SCREENED


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases are looked for, on which day.

    Attributes:
        statuses: Any of these.
        triage: Any of these; none means all.
        since: First day of begin or submission, in UTC.
        until: Last day, included.
        owner: Only cases that this practitioner took.
        for_dermatologist: Only cases of which a finding is for a dermatologist to decide.
        text: The beginnings of names, or a record or receipt number.
        sites: Only cases of these sites; None for every site.
    """

    statuses: frozenset[CaseStatus]
    today: date
    triage: frozenset[Triage] = frozenset()
    since: date | None = None
    until: date | None = None
    owner: str = ""
    for_dermatologist: bool = False
    text: str = ""
    sites: frozenset[str] | None = None


_COLUMNS = "SELECT p.response_id, p.rank, p.since FROM places p"


def in_order(store: Store, wanted: Wanted, *, after: str = "") -> Iterator[str]:
    """Yield the ids of cases, most serious first, then waiting longest.

    Every run of one status and rank is read off an index, so that the first ids cost the same
    however many cases there are.

    Args:
        store: Where to read.
        wanted: Which cases.
        after: The case behind which to go on; from the beginning when none at those sites is.
    """
    there, named = at_sites("site", wanted.sites)
    start = store.row(
        f"SELECT rank, since, response_id FROM places WHERE response_id = :after AND {there}",  # noqa: S608
        {"after": after, **named},
    )
    if wanted.owner or wanted.text.strip():
        yield from _few(store, wanted, start)
        return
    for rank in _ranks(wanted):
        if start and rank < start["rank"]:
            continue
        begins = start if start and rank == start["rank"] else None
        runs = [_run(store, wanted, rank, part, begins) for part in _parts_of_sites(wanted)]
        merged = heapq.merge(*runs, key=lambda row: (row["since"], row["response_id"]))
        yield from (row["response_id"] for row in merged)


def _ranks(wanted: Wanted) -> Sequence[int]:
    return sorted(triage.rank for triage in wanted.triage) if wanted.triage else RANKS


def _parts(wanted: Wanted) -> list[tuple[str, dict[str, str]]]:
    """Write each status as a condition; one deferred to a day that has come waits again."""
    today = {"today": wanted.today.isoformat()}
    parts: list[tuple[str, dict[str, str]]] = []
    for status in sorted(wanted.statuses):
        if status is CaseStatus.DEFERRED:
            parts.append(("p.status = 'deferred' AND p.until > :today", today))
            continue
        parts.append((f"p.status = '{status.value}'", {}))
        if status is CaseStatus.WAITING:
            parts.append(("p.status = 'deferred' AND p.until <= :today", today))
    return parts


def _parts_of_sites(wanted: Wanted) -> list[tuple[str, dict[str, str]]]:
    """Write each status at each of the sites, so that every run is read off an index."""
    parts = _parts(wanted)
    if wanted.sites is None:
        return parts
    return [
        (f"p.site = :site AND {condition}", {**parameters, "site": site})
        for site in sorted(wanted.sites)
        for condition, parameters in parts
    ]


def _run(
    store: Store,
    wanted: Wanted,
    rank: int,
    part: tuple[str, dict[str, str]],
    start: dict[str, Any] | None,
) -> Iterator[dict[str, Any]]:
    """Yield the places of one rank and status, waiting longest first, a few read at a time.

    A query that is left half read would keep others from writing.
    """
    status, day = part
    conditions, parameters = _narrowed(wanted)
    conditions = [status, "p.rank = :rank", "(p.since, p.response_id) > (:from, :id)", *conditions]
    query = (
        f"{_COLUMNS} WHERE {' AND '.join(conditions)} ORDER BY p.since, p.response_id LIMIT :few"
    )
    parameters |= {"rank": rank, "few": FEW, **day}
    last: dict[str, Any] | None = start or {"since": "", "response_id": ""}
    while last:
        rows = store.rows(query, {**parameters, "from": last["since"], "id": last["response_id"]})
        yield from rows
        last = rows[-1] if len(rows) == FEW else None


def _narrowed(wanted: Wanted) -> tuple[list[str], dict[str, Any]]:
    conditions: list[str] = []
    parameters: dict[str, Any] = {}
    if wanted.since:
        conditions.append("p.since >= :since")
        parameters["since"] = wanted.since.isoformat()
    if wanted.until:
        conditions.append("substr(p.since, 1, 10) <= :until")
        parameters["until"] = wanted.until.isoformat()
    if wanted.for_dermatologist:
        conditions.append("p.needs_dermatologist = 1")
    return conditions, parameters


def at_sites(column: str, sites: frozenset[str] | None) -> tuple[str, dict[str, str]]:
    """Write the condition that a column names one of some sites; None for every site."""
    if sites is None:
        return "TRUE", {}
    named = {f"site{number}": site for number, site in enumerate(sorted(sites))}
    return f"{column} IN ({', '.join(':' + name for name in named)})", named


def _few(store: Store, wanted: Wanted, start: dict[str, Any] | None) -> Iterator[str]:
    """Yield what one practitioner took, or what a name or number leads to: never many."""
    ids = responses_named(store, wanted.text) if wanted.text.strip() else None
    if wanted.owner:
        rows = store.rows("SELECT response_id FROM claims WHERE by = ?", [wanted.owner])
        taken = [row["response_id"] for row in rows]
        ids = taken if ids is None else [one for one in taken if one in ids]
    conditions, parameters = _narrowed(wanted)
    parts = _parts(wanted)
    conditions.append(f"({' OR '.join(condition for condition, _ in parts)})")
    for _, more in parts:
        parameters |= more
    condition, more = at_sites("p.site", wanted.sites)
    conditions.append(condition)
    parameters |= more
    if wanted.triage:
        conditions.append(f"p.rank IN ({', '.join(map(str, _ranks(wanted)))})")
    if start:
        conditions.append("(p.rank, p.since, p.response_id) > (:rank, :since_, :id)")
        parameters |= {"rank": start["rank"], "since_": start["since"], "id": start["response_id"]}
    parameters |= {f"one{n}": response_id for n, response_id in enumerate(ids or ())}
    among = ", ".join(f":one{n}" for n, _ in enumerate(ids or ()))
    # The limit, which leaves none out, keeps the few from being looked for among all that wait.
    few = f"(SELECT * FROM places WHERE response_id IN ({among}) LIMIT {len(ids or ())})"  # noqa: S608
    yield from (
        row["response_id"]
        for row in store.rows(
            f"SELECT p.response_id FROM {few} p WHERE {' AND '.join(conditions)}"  # noqa: S608
            " ORDER BY p.rank, p.since, p.response_id",
            parameters,
        )
    )


def returned(store: Store, today: date) -> list[str]:
    """Return the cases deferred to a day that has come, and not screened since."""
    rows = store.rows(
        "SELECT p.response_id FROM places p JOIN screenings s"
        " ON s.response_id = p.response_id AND s.sequence ="
        " (SELECT max(sequence) FROM screenings WHERE response_id = p.response_id)"
        " WHERE p.status = 'deferred' AND p.until <= :today AND s.on_date < p.until",
        {"today": today.isoformat()},
    )
    return [row["response_id"] for row in rows]


def not_assessed(store: Store) -> list[str]:
    """Return the forms that were sent and that no rule has looked at, the oldest first."""
    rows = store.rows(
        "SELECT r.id FROM responses r WHERE r.status = 'completed' AND NOT EXISTS"
        " (SELECT 1 FROM screenings s WHERE s.response_id = r.id) ORDER BY r.submitted_at, r.id"
    )
    return [row["id"] for row in rows]


def unfinished_of(store: Store, patient_id: str) -> list[str]:
    """Return the forms of a patient that were sent and are neither treated nor replaced."""
    rows = store.rows(
        "SELECT p.response_id FROM responses r JOIN places p ON p.response_id = r.id"
        " WHERE r.patient_id = ? AND p.status NOT IN"
        " ('filling', 'treated', 'superseded', 'withdrawn') ORDER BY r.submitted_at",
        [patient_id],
    )
    return [row["response_id"] for row in rows]


def of_day(
    store: Store,
    day: date,
    begins: datetime,
    ends: datetime,
    most: int,
    *,
    sites: frozenset[str] | None = None,
) -> list[str]:
    """Return the first cases of a day at some sites in the order of the queue, up to *most*.

    They were sent, or else begun, between the two instants, or are deferred to that day. What was
    withdrawn or replaced is left out.
    """
    where, named = at_sites("site", sites)
    rows = store.rows(
        "SELECT response_id FROM places WHERE status NOT IN ('withdrawn', 'superseded')"  # noqa: S608
        " AND (since >= :begins AND since < :ends OR status = 'deferred' AND until = :day)"
        f" AND {where} ORDER BY rank, since, response_id LIMIT :most",
        {
            **named,
            "begins": instant(begins),
            "ends": instant(ends),
            "day": day.isoformat(),
            "most": most,
        },
    )
    return [row["response_id"] for row in rows]


def count(store: Store, wanted: Wanted, most: int) -> int:
    """Count cases, up to *most*: counting a million would take a second."""
    return sum(1 for _ in islice(in_order(store, wanted), most))


def withheld(store: Store, response_ids: Sequence[str]) -> dict[str, int]:
    """Count the questions of each case that the patient would rather answer in person."""
    marks = ", ".join("?" for _ in response_ids)
    rows = store.rows(
        f"SELECT response_id, count(*) AS n FROM answers WHERE response_id IN ({marks})"  # noqa: S608
        " AND value IN ('\"withheld\"', '[\"withheld\"]') GROUP BY response_id",
        list(response_ids),
    )
    return {row["response_id"]: int(row["n"]) for row in rows}
