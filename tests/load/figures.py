"""What was waited for, counted while many threads add to it, and the table at the end."""

from __future__ import annotations

import sys
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple


def p95(waits: list[float]) -> float:
    """Return what 95 of 100 waits stay under; 0 of none."""
    return sorted(waits)[int(len(waits) * 0.95)] if waits else 0.0


@dataclass
class Figures:
    """Waits in milliseconds by what was asked for, and what went wrong."""

    waits: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, kind: str, wait: float) -> None:
        with self.lock:
            self.waits[kind].append(wait)

    def worst(self, kinds: tuple[str, ...]) -> tuple[str, float]:
        """Return the kind whose p95 is the longest, and that."""
        return max(((k, p95(self.waits[k])) for k in kinds), key=lambda pair: pair[1])


class Promise(NamedTuple):
    """One line of the table."""

    name: str
    promised: str
    measured: str
    is_kept: bool


def told(promises: list[Promise]) -> bool:
    """Print the table; tell whether all of it holds."""
    sys.stdout.write(f"\n{'':<5}{'':<40} {'promised':>18} {'measured':>26}\n")
    for one in promises:
        mark = "" if one.is_kept else "  NOT KEPT"
        number, _, name = one.name.partition(" ")
        sys.stdout.write(f"{number:<5}{name:<40} {one.promised:>18} {one.measured:>26}{mark}\n")
    return all(one.is_kept for one in promises)


def say(words: str) -> None:
    """Print a line now, also where the output goes into a file."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()
