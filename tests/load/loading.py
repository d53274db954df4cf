"""Load a real server as a busy clinic does, and hold it to its promises.

A server of its own (`intake serve`: waitress, an encrypted clinic, backups) is driven over HTTP
from this process, whose forty tablets and ten practitioners take a part of the same cores: what is
measured is never better than a clinic would see, and on two cores somewhat worse.

The empty page, with which every other is compared, is the one that thanks: the same frame, cookies
and headers as any page of a form, the database opened and the device looked up, but no question,
no answer and nothing written. It is asked for by as many tablets at once as fill in forms later,
while the same people read lists; both wait in the same line, so the ratio tells what the questions,
the rules and the saving cost.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from math import ceil
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from intake.actions.tries import FAILURE_WINDOW, MOST_BEGINS
from intake.cli.surroundings import open_clinic
from tests.load import clinic
from tests.load.browser import RefusedError
from tests.load.desk import LIST, Readers, reload_rules
from tests.load.figures import Figures, Promise, p95
from tests.load.races import decide_twice, send_six_times
from tests.load.soak import soak
from tests.load.tablet import FLOW, PAGES, SHOW

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from intake.core.rules import RulePack
    from intake.storage import Store
    from tests.load.desk import Person
    from tests.load.server import Server
    from tests.load.tablet import Tablet
    from tests.measured import Table

MOST_TIMES_EMPTY = 8
MOST_MB = 50
MOST_LIST_MS = 1000
EMPTIES = 20
"""How often each tablet asks for the empty page."""
EMPTY, EMPTY_ALONE = "empty", "empty, alone"


@dataclass(frozen=True)
class Size:
    """How much of everything.

    Attributes:
        flows: Patients of each tablet, one after the other without a pause.
        records: Cases in the lists that practitioners read meanwhile.
        alone: Patients of the one tablet that has the server for itself.
        rounds: Of each race; 0 leaves them out.
        hours: Of the soak, with *rate* patients a second; 0 leaves it out.
    """

    tablets: int = 40
    flows: int = 10
    records: int = 50_000
    alone: int = 3
    rounds: int = 100
    hours: float = 0
    rate: float = 2


class Alone(NamedTuple):
    """What one tablet waits for at a server that does nothing else, in milliseconds.

    Attributes:
        requests: Of a whole flow.
    """

    empty: float = 0
    page: float = 0
    flow: float = 0
    requests: float = 0


class Load:
    """One run over one server."""

    def __init__(
        self, server: Server, place: Path, size: Size, say: Callable[[str], object]
    ) -> None:
        self.server, self.place, self.size, self.say = server, place, size, say
        self.figures, self.alone, self.grown_mb = Figures(), Alone(), 0.0
        self.promises: list[Promise] = []
        self.people: list[Person] = []
        self.tablets: list[Tablet] = []
        self.done: list[str] = []

    def run(self) -> None:
        """Make the clinic, load it, and look at what is left of it; *promises* tell what holds."""
        self.say(f"making a clinic with {self.size.records:,} cases")
        pack, passwords = clinic.make(self.server.settings, self.size.records)
        with self.server.serving(self.place / "server.log"):
            self.people, self.admin = clinic.sign_everybody_in(
                self.server.port, self.figures, passwords
            )
            self._enrol(pack, self.size.tablets)
            self._all_at_once(lambda tablet: tablet.flow())  # the first patients of the day
            self._alone()
            self._empty()
            self._enrol(pack, self.size.tablets)
            self._loaded()
            if self.size.rounds:
                self._enrol(pack, self.size.tablets)
                with closing(open_clinic(self.server.settings)) as store:
                    self._races(store)
            if self.size.hours:
                self._soak(pack)
            for one in (*self.people, self.admin, *self.tablets):
                one.browser.close()
        self._whole()

    def add_to(self, table: Table) -> None:
        """Add what was waited for to a table, each against the empty page in the same line."""
        waits, alone = self.figures.waits, self.alone
        empty, resting = p95(waits[EMPTY]), alone.empty
        worst, late = self.figures.worst(PAGES)
        of = f"an empty page, {resting:.1f} ms"
        table.add("one page, alone", f"{alone.page:.1f} ms", ratio=alone.page / resting, of=of)
        of = f"as many empty pages, {alone.requests:.0f}"
        bare = alone.requests * resting
        table.add("a whole visit, alone", f"{alone.flow:,.0f} ms", ratio=alone.flow / bare, of=of)
        table.add(
            f"the slowest page ({worst}), p95", f"{late:,.0f} ms", ratio=late / empty,
            wanted=f"<= {MOST_TIMES_EMPTY}", of=f"an empty page, {empty:,.0f} ms",
        )  # fmt: skip
        flow, bare = median(waits[FLOW]), alone.requests * median(waits[EMPTY])
        table.add("a whole visit", f"{flow / 1000:,.1f} s", ratio=flow / bare, of=of)
        table.budget("a list of them, p95", p95(waits[LIST]), MOST_LIST_MS, "ms")
        table.budget("memory more than before", self.grown_mb, MOST_MB, "MB")
        kept = f"{sum(one.is_kept for one in self.promises)} of {len(self.promises)}"
        table.add("promises kept, of what is lost, wrong or late", kept)

    def _enrol(self, pack: RulePack, number: int) -> None:
        """Take other tablets: no tablet lets as many forms be begun on it as are begun here."""
        for one in self.tablets:
            one.browser.close()
        first = self.tablets[-1].number + 1 if self.tablets else 0
        self.tablets = clinic.enrol_tablets(self.admin, self.figures, pack, number, first)

    def _all_at_once(self, act: Callable[[Tablet], None]) -> None:
        with ThreadPoolExecutor(len(self.tablets)) as threads:
            list(threads.map(act, self.tablets))

    def _readers(self) -> Readers:
        return Readers(self.people[1:], self.figures, self.size.records)

    def _alone(self) -> None:
        """Let one tablet have the server for itself."""
        waits, first = self.figures.waits, self.tablets[0]
        for kind in (*PAGES, FLOW):
            waits.pop(kind, None)
        for _ in range(EMPTIES * 2):
            first.show_empty(EMPTY_ALONE)
        before, flows = first.browser.asked, self.size.alone
        for _ in range(flows):
            first.flow()
        self.alone = Alone(
            empty=median(waits[EMPTY_ALONE]),
            page=median(waits[SHOW]),
            flow=median(waits[FLOW]),
            requests=(first.browser.asked - before) / flows,
        )

    def _empty(self) -> None:
        with self._readers():
            self._all_at_once(
                lambda tablet: [tablet.show_empty(EMPTY) for _ in range(EMPTIES)] and None
            )

    def _loaded(self) -> None:
        readers, before, size = len(self.people) - 1, self.server.held(), self.size
        self.say(f"{size.tablets} tablets, {size.flows} patients each, {readers} practitioners")
        self.figures.errors.clear()
        for kind in (*PAGES, FLOW, LIST):
            self.figures.waits.pop(kind, None)
        most, begun, worked = [before], time.monotonic(), self.server.worked()
        with ExitStack() as stack:
            stack.enter_context(self._readers())
            stack.enter_context(watched(lambda: most.append(self.server.held())))
            beside = stack.enter_context(ThreadPoolExecutor(1)).submit(self._beside)
            self._all_at_once(lambda tablet: [tablet.flow() for _ in range(size.flows)] and None)
            took, worked = time.monotonic() - begun, self.server.worked() - worked
            beside.result()
        self._tell_waits(took, worked)
        self.grown_mb = max(one.memory for one in most) - before.memory
        self._first_promises()

    def _beside(self) -> None:
        """Export, back up and put other rules in force while the tablets are at work."""
        for name, act in (
            ("export", self.people[0].export),
            ("backup", self.admin.back_up),
            ("rules", lambda: reload_rules(self.server, self.place)),
        ):
            began = time.monotonic()
            try:
                act()
            except RefusedError as error:
                self.figures.errors.append(str(error))
                continue
            self.done.append(name)
            self.say(f"  {name}, in {time.monotonic() - began:.1f} s")

    def _tell_waits(self, took: float, worked: float) -> None:
        number = self.size.tablets * self.size.flows
        self.say(f"  {number} patients in {took:.0f} s, {number / took:.2f} a second")
        each = worked / number
        self.say(
            f"  the server used {worked / took:.2f} of a processor, {each:.2f} s of it a patient"
        )
        for kind in (*PAGES, FLOW, LIST, EMPTY, EMPTY_ALONE):
            waits = sorted(self.figures.waits[kind]) or [0.0]
            middle, late = waits[len(waits) // 2], p95(waits)
            self.say(
                f"  {kind:<16} {len(waits):>7} times, median {middle:>7.0f}, p95 {late:>7.0f} ms"
            )

    def _first_promises(self) -> None:
        waits = self.figures.waits
        kind, worst = self.figures.worst(PAGES)
        ratio, alone = worst / p95(waits[EMPTY]), worst / p95(waits[EMPTY_ALONE])
        errors = sorted(set(self.figures.errors))
        self.promises += [
            Promise("D1 errors", "0", str(len(self.figures.errors)), not errors),
            Promise(
                f"D1 worst page ({kind}) / the empty one",
                f"<= {MOST_TIMES_EMPTY}",
                f"{ratio:.1f} ({alone:.0f} times, unloaded)",
                ratio <= MOST_TIMES_EMPTY,
            ),
            Promise(
                "D1 memory, MB",
                f"<= +{MOST_MB}",
                f"+{self.grown_mb:.0f}",
                self.grown_mb <= MOST_MB,
            ),
            Promise(
                f"D2 a list of {self.size.records:,}, p95 ms",
                f"<= {MOST_LIST_MS}",
                f"{p95(waits[LIST]):.0f}",
                p95(waits[LIST]) <= MOST_LIST_MS,
            ),
            Promise(
                "D5 export, backup, rules during D1",
                "D1 holds",
                f"{', '.join(self.done) or 'none'}",
                len(self.done) == 3 and not errors,
            ),
        ]
        for error in errors[:10]:
            self.say(f"  {error}")

    def _races(self, store: Store) -> None:
        rounds = self.size.rounds
        self.say(f"{rounds} rounds of each race")
        sent = send_six_times(self.tablets, rounds, store)
        waiting = store.rows(
            "SELECT response_id AS id FROM places JOIN responses ON id = response_id"
            " WHERE places.status = 'waiting' AND receipt NOT LIKE 'q%'"
            " ORDER BY submitted_at LIMIT ?",
            [rounds],
        )
        ids = [row["id"] for row in waiting]
        decided = decide_twice((self.people[0], self.people[1]), ids, store)
        for name, race in (("D3 two decide a case", decided), ("D4 a form sent six times", sent)):
            self.promises.append(
                Promise(name, "all rounds", f"{race.right} of {race.rounds}", race.is_kept)
            )

    def _soak(self, pack: RulePack) -> None:
        rate, hours = self.size.rate, self.size.hours
        self.say(f"{hours:g} hours at {rate:g} flows a second")
        most = MOST_BEGINS / FAILURE_WINDOW.total_seconds()
        self._enrol(pack, max(self.size.tablets, ceil(2 * rate / most)))
        with self._readers():
            grown = soak(self.server, self.tablets, self.figures, hours, rate)
        self.promises += [
            Promise(f"D6 {one.name}", f"<= 2 x {one.first:.0f}", f"{one.rest:.0f}", one.is_kept)
            for one in grown
        ]

    def _whole(self) -> None:
        """Compare what is stored with what was acknowledged, and let the program check itself."""
        with closing(open_clinic(self.server.settings)) as store:
            rows = store.rows(
                "SELECT receipt FROM responses JOIN patients ON patients.id = patient_id"
                " WHERE submitted_at IS NOT NULL AND patients.name LIKE 'Load %'"
            )
        stored, acked = sorted(row["receipt"] for row in rows), sorted(self.figures.receipts)
        self.promises.append(
            Promise("D1 stored = acknowledged", f"{len(acked)}", f"{len(stored)}", stored == acked)
        )
        found = self.server.run("verify")
        self.say(f"\n{found.stdout}{found.stderr}")
        self.promises.append(
            Promise("D1 intake verify", "sound", f"exit {found.returncode}", not found.returncode)
        )


class watched:  # noqa: N801 - reads as a verb
    """Do something every half second until the block ends."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._act, self._stop = act, threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.5):
            self._act()
