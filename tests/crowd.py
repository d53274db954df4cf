"""What lists, a case and an export cost with few cases and with a million: part of `make bench`.

The cases are made in SQL from one that was really sent; most are decided, as in a clinic of years.
"""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from intake.actions.queue import QueueFilters, list_cases
from intake.core.decisions import Disposition
from intake.core.rules import Triage
from intake.storage import cases, listing, open_store
from intake.storage.encoding import instant, screening_of, screening_text
from intake.storage.moving import copy_all
from intake.storage.opening import Server as Place
from intake.storage.opening import create
from tests.measured import median_ms
from tests.postgres import server

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from intake.core.records import Practitioner
    from intake.core.screening import Screening
    from intake.storage import Store
    from tests.measured import Table

NUMBERS = (1_000, 100_000, 1_000_000)
OPEN = 200
"""How many cases are still open, whatever a clinic has behind it."""

ROUNDS = 15
EXPORTED = 100
"""How many cases a page of an export has."""

_PATIENTS = """
INSERT INTO patients
SELECT printf('p%07d', n), printf('Q-%07d', n), 'Name ' || substr('abcdefghij', n % 10 + 1, 1) || n,
    'name ' || substr('abcdefghij', n % 10 + 1, 1) || n, '1980-01-01', :at
FROM generate
"""
_WORDS = """
INSERT INTO patient_words
SELECT substr('abcdefghij', n % 10 + 1, 1) || n, printf('p%07d', n) FROM generate
"""
_RESPONSES = """
INSERT INTO responses (id, patient_id, status, pack_hash, plan, visited, begun_at, submitted_at,
    receipt, signature)
SELECT printf('r%07d', n), printf('p%07d', n), 'completed', :pack, '{"area": ["face"]}', '[]',
    strftime('%Y-%m-%dT%H:%M:%S', '2020-01-01', '+' || n || ' minutes') || '.000000Z',
    strftime('%Y-%m-%dT%H:%M:%S', '2020-01-01', '+' || n || ' minutes') || '.000000Z',
    printf('q%07d', n), :signature
FROM generate
"""
_SCREENINGS = """
INSERT INTO screenings (id, sequence, response_id, pack_hash, on_date, triage, triage_rank,
    unknown_count, content, at, needs_dermatologist)
SELECT printf('s%07d', n), :from + n, printf('r%07d', n), :pack, :day,
    json_extract(t.value, '$[0]'), json_extract(t.value, '$[1]'), 0,
    json_extract(t.value, '$[2]'), :at, n % 2
FROM generate JOIN json_each(:screenings) t ON t.key = n % 5
"""
_REVIEWS = """
INSERT INTO reviews (id, response_id, screening_id, sequence, disposition, decision, by, by_name,
    by_role, at)
SELECT printf('v%07d', n), printf('r%07d', n), printf('s%07d', n), 1, 'proceed', :decision, :by,
    'Ada', 'practitioner', :at
FROM generate WHERE n % :open <> 0
"""
_PLACES = """
INSERT INTO places (response_id, status, rank, since, needs_dermatologist)
SELECT r.id, iif(v.id IS NULL, 'waiting', 'decided'), s.triage_rank, r.submitted_at,
    s.needs_dermatologist
FROM responses r JOIN screenings s ON s.response_id = r.id
LEFT JOIN reviews v ON v.response_id = r.id WHERE r.id LIKE 'r%' AND r.receipt LIKE 'q%'
"""
_GENERATE = "WITH RECURSIVE generate (n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM generate"


def moved(store: Store) -> Store:
    """Move a clinic from its file to a server that is thrown away."""
    place = Place(server().url(server().new_database()))
    create(place, store.keys)
    target = open_store(place, store.keys)
    with closing(store), store.write():
        copy_all(store, target)
    return target


def fill(store: Store, number: int, by: Practitioner, now: datetime) -> Store:
    """Put so many cases into a clinic that has one; those that were put in before are left out."""
    pack = (store.row("SELECT hash FROM packs") or {})["hash"]
    first = store.row("SELECT signature FROM responses WHERE signature IS NOT NULL") or {}
    sequence = (store.row("SELECT coalesce(max(sequence), 0) AS n FROM screenings") or {})["n"]
    decision = json.dumps({"disposition": Disposition.PROCEED.value, "note": ""})
    values = {
        "at": instant(now), "day": now.date().isoformat(), "pack": pack, "by": by.id,
        "signature": first["signature"], "from": sequence + 1, "open": max(1, number // OPEN),
        "decision": decision, "screenings": json.dumps(_screenings(store)), "number": number,
    }  # fmt: skip
    for setting in ("journal_mode = MEMORY", "synchronous = OFF", "cache_size = -400000"):
        store.connection.execute(f"PRAGMA {setting}")  # it is thrown away
    with store.write() as db:
        for statement in (_PATIENTS, _WORDS, _RESPONSES, _SCREENINGS, _REVIEWS):
            table, _, rows = statement.partition("SELECT")
            counted = f"{table}{_GENERATE} WHERE n + 1 < :number) SELECT{rows}"
            db.execute(counted, {k: v for k, v in values.items() if f":{k}" in counted})
        db.execute(_PLACES)
    return store


def _screenings(store: Store) -> list[tuple[str, int, str]]:
    """Return a small screening of each severity."""
    stored = store.row("SELECT content FROM screenings WHERE triage = 'stop'") or {}
    one: Screening = screening_of(stored["content"])
    small = replace(one, findings=one.findings[:1])
    return [(t.value, t.rank, screening_text(replace(small, triage=t))) for t in Triage]


def measure(
    make: Callable[[int], Store],
    by: Practitioner,
    now: datetime,
    today: date,
    table: Table,
    where: str = "in a file",
) -> None:
    """Add what pages cost with the most cases, against the fewest.

    Args:
        make: Opens a clinic of so many cases, see `fill`.
        by: Who looks.
        now: When.
        today: The local date.
        table: Where it is added.
        where: Where the clinic is kept.
    """
    table.head(f"A clinic of {NUMBERS[-1]:,} cases {where}, against {_numbers(NUMBERS[:-1])}")
    found: dict[str, list[float]] = {}
    for number in NUMBERS:
        store = make(number)
        for name, act in looks(store, number, by, now, today).items():
            found.setdefault(name, []).append(median_ms(act, ROUNDS))
        store.close()
    for name, medians in found.items():
        few = ", ".join(f"{one:.1f}" for one in medians[:-1])
        table.add(
            name, f"{medians[-1]:.1f} ms", ratio=medians[-1] / medians[0], wanted="<= 1.5",
            of=f"{few} ms",
        )  # fmt: skip


def _numbers(numbers: Sequence[int]) -> str:
    return " and ".join(f"{number:,}" for number in numbers)


def looks(
    store: Store, number: int, by: Practitioner, now: datetime, today: date
) -> dict[str, Callable[[], object]]:
    """Return what somebody does, by its name."""
    middle = f"r{number // 2:07}"
    stops = frozenset({Triage.STOP, Triage.REVIEW})
    usual = {
        "the queue": QueueFilters(),
        "the queue, stop and review": QueueFilters(triage=stops),
        "all cases, from the middle": QueueFilters(status="all", after=middle),
        "a search by name": QueueFilters(status="all", text=f"c{number // 10 + 2}"),
        "what I have taken": QueueFilters(mine=True),
    }

    def listed(filters: QueueFilters) -> Callable[[], object]:
        return lambda: list_cases(store, filters=filters, today=today, by=by, now=now)

    def exported() -> object:
        ids = listing.ids_behind(store, listing.Selection(), middle, EXPORTED)
        return listing.listed_by_id(store, ids)

    return {
        **{name: listed(filters) for name, filters in usual.items()},
        "one case": lambda: cases.case(store, middle),
        "a page of an export": exported,
    }
