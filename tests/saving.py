"""What a backup and its way back cost with many cases: a part of `make bench`."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

from intake.storage import backups, copies, open_store
from intake.storage.checks import faults_of
from tests.copies import fill

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from intake.core.records import Practitioner
    from intake.storage import Store
    from tests.measured import Table

Result = TypeVar("Result")
NUMBER = 10_000
BUDGET_S = 60


def measure(
    make: Callable[[], Store], by: Practitioner, place: Path, now: datetime, table: Table
) -> None:
    """Add how long a backup of many cases takes, checked, and how long its restoring elsewhere.

    Args:
        make: Opens a clinic anew that has a few cases.
        by: Who decided them.
        place: A folder to write to.
        now: When.
        table: Where it is added.
    """
    with closing(make()) as store:
        fill(store, NUMBER, by)
        keys = store.keys
        saved, seconds = _timed(lambda: backups.make(store, place / "backups", now))
        expected = store.row("SELECT count(*) AS n FROM responses")
    target = place / "elsewhere" / "clinic.db"
    _, way_back = _timed(lambda: copies.restore(saved.path, target, keys, replacing=False, now=now))
    faults, checking = _timed(lambda: faults_of(target, keys))
    with closing(open_store(target, keys)) as restored:
        is_same = restored.row("SELECT count(*) AS n FROM responses") == expected
    table.head(f"{NUMBER:,} cases on the disk")
    made = f"make a backup of {saved.size / 1e6:.0f} MB, and check it"
    table.budget(made, seconds, BUDGET_S, "s")
    table.budget("restore it elsewhere", way_back, BUDGET_S, "s")
    found = "sound, as many" if is_same and not faults else "NOT THE SAME"
    table.budget(f"check it once more: {found}", checking, BUDGET_S, "s")


def _timed(act: Callable[[], Result]) -> tuple[Result, float]:
    start = time.perf_counter()
    result = act()
    return result, time.perf_counter() - start
