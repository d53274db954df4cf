"""Load a real server and see whether it keeps its promises: `make soak`.

A server of its own (`intake serve`: waitress, an encrypted clinic, backups) is driven over HTTP
from this process, whose forty tablets and ten practitioners take a part of the same cores: what is
measured is never better than a clinic would see, and on two cores somewhat worse.

The empty page, with which every other is compared, is the one that thanks: the same frame, cookies
and headers as any page of a form, the database opened and the device looked up, but no question,
no answer and nothing written. It is asked for by as many tablets at once as fill in forms later,
while the same people read lists; both wait in the same line, so the ratio tells what the questions,
the rules and the saving cost.

Settings, from the environment: TABLETS, FLOWS of each, RECORDS in the lists, ROUNDS of each race,
HOURS of the soak with RATE flows a second (0 leaves it out). Exits 1 where a promise is not kept.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from intake.actions.tries import FAILURE_WINDOW, MOST_BEGINS
from intake.cli.surroundings import open_clinic
from tests.load import clinic
from tests.load.browser import RefusedError
from tests.load.desk import LIST, Readers, reload_rules
from tests.load.figures import Figures, Promise, p95, say, told
from tests.load.races import decide_twice, send_six_times
from tests.load.server import Server, free_port
from tests.load.soak import soak
from tests.load.tablet import PAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.core.rules import RulePack
    from intake.storage import Store
    from tests.load.desk import Person
    from tests.load.tablet import Tablet

MOST_TIMES_EMPTY = 8
MOST_MB = 50
MOST_LIST_MS = 1000
EMPTIES = 20
"""How often each tablet asks for the empty page."""


def setting(name: str, default: str) -> float:
    return float(os.environ.get(name) or default)


class Load:
    """One run over one server."""

    def __init__(self, server: Server, place: Path) -> None:
        self.server, self.place, self.figures = server, place, Figures()
        self.number, self.flows = int(setting("TABLETS", "40")), int(setting("FLOWS", "10"))
        self.records = int(setting("RECORDS", "50000"))
        self.rounds, self.hours = int(setting("ROUNDS", "100")), setting("HOURS", "0")
        self.promises: list[Promise] = []
        self.people: list[Person] = []
        self.tablets: list[Tablet] = []
        self.done: list[str] = []

    def run(self) -> bool:
        """Make the clinic, load it, look at what is left of it; tell whether all holds."""
        say(f"making a clinic with {self.records:,} cases")
        pack, passwords = clinic.make(self.server.settings, self.records)
        with self.server.serving(self.place / "server.log"):
            self.people, self.admin = clinic.sign_everybody_in(
                self.server.port, self.figures, passwords
            )
            self._enrol(pack, self.number)
            self._all_at_once(lambda tablet: tablet.flow())  # the first patients of the day
            self._empty()
            self._enrol(pack, self.number)
            self._loaded()
            self._enrol(pack, self.number)
            with closing(open_clinic(self.server.settings)) as store:
                self._races(store)
            if self.hours:
                self._soak(pack)
            for one in (*self.people, self.admin, *self.tablets):
                one.browser.close()
        self._whole()
        return told(self.promises)

    def _enrol(self, pack: RulePack, number: int) -> None:
        """Take other tablets: no tablet lets as many forms be begun on it as are begun here."""
        for one in self.tablets:
            one.browser.close()
        first = self.tablets[-1].number + 1 if self.tablets else 0
        self.tablets = clinic.enrol_tablets(self.admin, self.figures, pack, number, first)

    def _all_at_once(self, act: Callable[[Tablet], None]) -> None:
        with ThreadPoolExecutor(self.number) as threads:
            list(threads.map(act, self.tablets))

    def _readers(self) -> Readers:
        return Readers(self.people[1:], self.figures, self.records)

    def _empty(self) -> None:
        for _ in range(EMPTIES * 2):
            self.tablets[0].show_empty("empty, alone")
        with self._readers():
            self._all_at_once(
                lambda tablet: [tablet.show_empty("empty") for _ in range(EMPTIES)] and None
            )

    def _loaded(self) -> None:
        readers, before = len(self.people) - 1, self.server.held()
        say(f"{self.number} tablets, {self.flows} patients each, {readers} practitioners")
        self.figures.errors.clear()
        for kind in (*PAGES, LIST):
            self.figures.waits.pop(kind, None)
        most, begun, worked = [before], time.monotonic(), self.server.worked()
        with ExitStack() as stack:
            stack.enter_context(self._readers())
            stack.enter_context(watched(lambda: most.append(self.server.held())))
            beside = stack.enter_context(ThreadPoolExecutor(1)).submit(self._beside)
            self._all_at_once(lambda tablet: [tablet.flow() for _ in range(self.flows)] and None)
            took, worked = time.monotonic() - begun, self.server.worked() - worked
            beside.result()
        self._tell_waits(took, worked)
        self._first_promises(max(one.memory for one in most) - before.memory)

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
            say(f"  {name}, in {time.monotonic() - began:.1f} s")

    def _tell_waits(self, took: float, worked: float) -> None:
        number = self.number * self.flows
        say(f"  {number} patients in {took:.0f} s, {number / took:.2f} a second")
        each = worked / number
        say(f"  the server used {worked / took:.2f} of a processor, {each:.2f} s of it a patient")
        for kind in (*PAGES, LIST, "empty", "empty, alone"):
            waits = sorted(self.figures.waits[kind]) or [0.0]
            middle, late = waits[len(waits) // 2], p95(waits)
            say(f"  {kind:<16} {len(waits):>7} times, median {middle:>7.0f}, p95 {late:>7.0f} ms")

    def _first_promises(self, grown: float) -> None:
        waits = self.figures.waits
        kind, worst = self.figures.worst(PAGES)
        ratio, alone = worst / p95(waits["empty"]), worst / p95(waits["empty, alone"])
        errors = sorted(set(self.figures.errors))
        self.promises += [
            Promise("D1 errors", "0", str(len(self.figures.errors)), not errors),
            Promise(
                f"D1 worst page ({kind}) / the empty one",
                f"<= {MOST_TIMES_EMPTY}",
                f"{ratio:.1f} ({alone:.0f} times, unloaded)",
                ratio <= MOST_TIMES_EMPTY,
            ),
            Promise("D1 memory, MB", f"<= +{MOST_MB}", f"+{grown:.0f}", grown <= MOST_MB),
            Promise(
                f"D2 a list of {self.records:,}, p95 ms",
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
            say(f"  {error}")

    def _races(self, store: Store) -> None:
        say(f"{self.rounds} rounds of each race")
        sent = send_six_times(self.tablets, self.rounds, store)
        waiting = store.rows(
            "SELECT response_id AS id FROM places JOIN responses ON id = response_id"
            " WHERE places.status = 'waiting' AND receipt NOT LIKE 'q%'"
            " ORDER BY submitted_at LIMIT ?",
            [self.rounds],
        )
        ids = [row["id"] for row in waiting]
        decided = decide_twice((self.people[0], self.people[1]), ids, store)
        for name, race in (("D3 two decide a case", decided), ("D4 a form sent six times", sent)):
            self.promises.append(
                Promise(name, "all rounds", f"{race.right} of {race.rounds}", race.is_kept)
            )

    def _soak(self, pack: RulePack) -> None:
        rate = setting("RATE", "2")
        say(f"{self.hours:g} hours at {rate:g} flows a second")
        most = MOST_BEGINS / FAILURE_WINDOW.total_seconds()
        self._enrol(pack, max(self.number, ceil(2 * rate / most)))
        with self._readers():
            grown = soak(self.server, self.tablets, self.figures, self.hours, rate)
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
        say(f"\n{found.stdout}{found.stderr}")
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


def main() -> None:
    """Run once in a temporary folder."""
    with tempfile.TemporaryDirectory() as place:
        environment = {
            "INTAKE_DATA": str(Path(place) / "clinic"),
            "INTAKE_PORT": str(free_port()),
            "INTAKE_TIMEZONE": "UTC",
        }
        kept = Load(Server(environment), Path(place)).run()
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
