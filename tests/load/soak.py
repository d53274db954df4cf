"""Hours of patients at an even pace: what the server holds may not grow after the first."""

from __future__ import annotations

import threading
import time
from queue import Empty, Queue
from typing import TYPE_CHECKING, NamedTuple

from tests.load.figures import Figures, p95, say
from tests.load.server import Held
from tests.load.tablet import PAGES

if TYPE_CHECKING:
    from tests.load.server import Server
    from tests.load.tablet import Tablet

HEAD = ("minute", "flows", "behind", "MB", "files", "-wal MB", "p95 ms")
MINUTE_S = 60
FIRST = 60
"""Minutes to which the rest is compared; of a shorter soak it is the first quarter."""


USUAL_LOG = 4.0
"""Megabytes of a log that SQLite writes back as it should; twice of less is no growth."""


class Growth(NamedTuple):
    """How much of one thing was held at most in the first part, and in the rest."""

    name: str
    first: float
    rest: float
    least: float = 0.0

    @property
    def is_kept(self) -> bool:
        """Whether it has not doubled."""
        return self.rest <= 2 * max(self.first, self.least)


def soak(
    server: Server, tablets: list[Tablet], figures: Figures, hours: float, rate: float
) -> list[Growth]:
    """Begin *rate* flows a second, and print each minute what the server holds."""
    due: Queue[None] = Queue()
    stop = threading.Event()
    threads = [threading.Thread(target=_work, args=(one, due, stop)) for one in tablets]
    for thread in threads:
        thread.start()
    held = []
    say("\n{:>6} {:>8} {:>7} {:>8} {:>6} {:>8} {:>8}".format(*HEAD))
    try:
        for minute in range(max(2, round(hours * 60))):
            _pace(due, rate)
            held.append(server.held())
            waits = [w for kind in PAGES for w in figures.waits.pop(kind, [])]
            so_far = f"{minute + 1:>6} {len(figures.receipts):>8} {due.qsize():>7}"
            say(so_far + " {:>8.1f} {:>6} {:>8.1f}".format(*held[-1]) + f" {p95(waits):>8.0f}")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    first = min(FIRST, max(1, len(held) // 4))
    before, after = most(held[:first]), most(held[first:])
    return [
        Growth("memory, MB", before.memory, after.memory),
        Growth("open files", before.files, after.files),
        Growth("-wal, MB", before.log, after.log, USUAL_LOG),
    ]


def most(held: list[Held]) -> Held:
    """Return the most of each that was held."""
    return Held(*(max(column) for column in zip(*held, strict=True)))


def _pace(due: Queue[None], rate: float) -> None:
    """Let flows fall due for a minute, evenly."""
    begun = time.monotonic()
    for number in range(round(MINUTE_S * rate)):
        due.put(None)
        time.sleep(max(0.0, begun + (number + 1) / rate - time.monotonic()))
    time.sleep(max(0.0, begun + MINUTE_S - time.monotonic()))


def _work(tablet: Tablet, due: Queue[None], stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            due.get(timeout=0.5)
        except Empty:
            continue
        tablet.flow()
