"""What a backup and its way back cost with many cases: a part of `make bench`."""

from __future__ import annotations

import sys
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

Result = TypeVar("Result")
NUMBER = 10_000
BUDGET_S = 60


def measure(make: Callable[[], Store], by: Practitioner, place: Path, now: datetime) -> None:
    """Print how long a backup of many cases takes, checked, and how long its restoring elsewhere.

    Args:
        make: Opens a clinic anew that has a few cases.
        by: Who decided them.
        place: A folder to write to.
        now: When.
    """
    with closing(make()) as store:
        fill(store, NUMBER, by)
        keys, head = store.keys, f"{NUMBER:,} cases on the disk"
        saved, seconds = _timed(lambda: backups.make(store, place / "backups", now))
        expected = store.row("SELECT count(*) AS n FROM responses")
    target = place / "elsewhere" / "clinic.db"
    _, way_back = _timed(lambda: copies.restore(saved.path, target, keys, replacing=False, now=now))
    faults, checking = _timed(lambda: faults_of(target, keys))
    with closing(open_store(target, keys)) as restored:
        is_same = restored.row("SELECT count(*) AS n FROM responses") == expected
    sys.stdout.write(f"\n{head:<44} {'s':>9} {'budget':>9}\n")
    sys.stdout.write(f"{f'make a backup of {saved.size / 1e6:.0f} MB, and check it':<44}")
    sys.stdout.write(f" {seconds:>9.1f} {BUDGET_S:>9}\n")
    sys.stdout.write(f"{'restore it elsewhere':<44} {way_back:>9.1f} {BUDGET_S:>9}\n")
    found = "sound, as many" if is_same and not faults else "NOT THE SAME"
    sys.stdout.write(f"{f'check it once more: {found}':<44} {checking:>9.1f} {BUDGET_S:>9}\n")


def _timed(act: Callable[[], Result]) -> tuple[Result, float]:
    start = time.perf_counter()
    result = act()
    return result, time.perf_counter() - start
