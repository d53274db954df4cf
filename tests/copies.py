"""What the figures cost with many cases: a part of `make bench`.

The cases are whole copies of those of the demo clinic, with all answers and findings, sent one
every twelve minutes up to now; nearly all are decided.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from intake.actions.figures import Wanted, read_figures
from intake.core.decisions import Disposition
from intake.core.figures import EARLIEST, Span
from tests.measured import median_ms

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from intake.core.records import Practitioner
    from intake.core.rules import RulePack
    from intake.storage import Store
    from tests.measured import Table

NUMBERS = (10, 1_000, 10_000)
ROUNDS = 5

_GENERATE = """
WITH RECURSIVE
generate (n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM generate WHERE n + 1 < :number),
sources AS (SELECT row_number() OVER (ORDER BY id) - 1 AS k, * FROM responses
    WHERE status = 'completed' AND id NOT LIKE 'copy%'),
copies AS (SELECT printf('copy%07d', n) AS copy, n, s.* FROM generate
    JOIN sources s ON s.k = n % (SELECT count(*) FROM sources))
"""
_RESPONSES = """
INSERT INTO responses (id, patient_id, status, pack_hash, plan, visited, begun_at, submitted_at,
    receipt, signature)
{generate} SELECT copy, patient_id, 'in-progress', pack_hash, plan, visited, begun_at,
    strftime('%Y-%m-%dT%H:%M:%S', submitted_at, '-' || (n * 12) || ' minutes') || '.000000Z',
    copy, signature FROM copies
"""
_ANSWERS = """
INSERT INTO answers (response_id, link_id, value, answered_at)
{generate} SELECT c.copy, a.link_id, a.value, a.answered_at
FROM copies c JOIN answers a ON a.response_id = c.id
"""
_SCREENINGS = """
INSERT INTO screenings (sequence, id, response_id, pack_hash, on_date, triage, triage_rank,
    unknown_count, content, at, needs_dermatologist)
{generate} SELECT 1000000 + c.n, c.copy, c.copy, s.pack_hash, s.on_date, s.triage, s.triage_rank,
    s.unknown_count, s.content, s.at, 1 FROM copies c JOIN screenings s ON s.response_id = c.id
    AND s.sequence = (SELECT max(sequence) FROM screenings WHERE response_id = c.id)
"""
_REVIEWS = """
INSERT INTO reviews (id, response_id, screening_id, sequence, disposition, decision, by, by_name,
    by_role, at)
{generate} SELECT copy, copy, copy, 1, 'proceed', :decision, :by, 'Ada', 'practitioner',
    strftime('%Y-%m-%dT%H:%M:%S', submitted_at, '-' || (n * 12 - n % 300) || ' minutes')
    || '.000000Z' FROM copies WHERE n % 50 <> 0
"""
_COMPLETED = "UPDATE responses SET status = 'completed' WHERE id LIKE 'copy%'"


def fill(store: Store, number: int, by: Practitioner) -> None:
    """Put so many copies of sent forms into a clinic."""
    decision = {"disposition": Disposition.PROCEED.value, "note": "", "overrides": []}
    values = {"number": number, "by": by.id, "decision": json.dumps(decision)}
    with store.write() as db:
        for statement in (_RESPONSES, _ANSWERS, _SCREENINGS, _REVIEWS):
            sql = statement.format(generate=_GENERATE)
            db.execute(sql, {k: v for k, v in values.items() if f":{k}" in sql})
        db.execute(_COMPLETED)


def measure(
    make: Callable[[], Store],
    pack: RulePack,
    by: Practitioner,
    now: datetime,
    today: date,
    table: Table,
) -> None:
    """Add what counting all cases costs, for each number of them; a case against one of the first.

    Args:
        make: Opens a clinic anew that has a few cases.
        pack: The pack of all of them.
        by: Who looks.
        now: When.
        today: The local date.
        table: Where it is added.
    """
    table.head("The figures of all cases; the ratio is that of the time for one case")
    first, wanted = None, Wanted(Span(EARLIEST, today), None)
    for number in NUMBERS:
        store = make()
        fill(store, number, by)

        def count(store: Store = store) -> None:
            read_figures(store, lambda _: pack, wanted, by=by, now=now, today=today)

        took = median_ms(count, ROUNDS)
        store.close()
        first = first or took / number
        table.add(f"{number:,} cases", f"{took:,.1f} ms", ratio=took / number / first)
