"""One table of what was measured, each against something else in the same run; ratios first."""

from __future__ import annotations

import statistics
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 30


class Table:
    """Lines of a benchmark, printed as they are found."""

    def __init__(self) -> None:
        self._line("times", "wanted", "measured", "of what", "against")

    def head(self, words: str) -> None:
        """Begin a part."""
        sys.stdout.write(f"\n{words}\n")
        sys.stdout.flush()

    def add(
        self, name: str, figure: str, *, ratio: float | None = None, wanted: str = "", of: str = ""
    ) -> None:
        """Add a line.

        Args:
            name: What was measured.
            figure: What came out, with its unit.
            ratio: How many times what it is held against.
            wanted: What the ratio should be.
            of: What it is held against, with its figure.
        """
        self._line("" if ratio is None else f"{ratio:.4g}", wanted, figure, name, of)

    def budget(self, name: str, figure: float, most: float, unit: str) -> None:
        """Add a line of what has a budget."""
        ratio = figure / most if most else figure
        self.add(name, f"{figure:,.4g} {unit}", ratio=ratio, wanted="<= 1", of=f"{most:,} {unit}")

    def _line(self, *cells: str) -> None:
        times, wanted, figure, name, of = cells
        sys.stdout.write(f"{times:>9} {wanted:>8} {figure:>14}  {name:<52} {of}".rstrip() + "\n")
        sys.stdout.flush()


def median_ms(act: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return how long something takes, the round in the middle, in milliseconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        act()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)
