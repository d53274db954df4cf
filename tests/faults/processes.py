"""Several web processes that share one clinic on a server, and tablets before all of them.

A tablet goes on with another process when its own is gone, as behind a proxy that fails over, and
asks once more where it was told that nothing was saved. It fills in a whole form over HTTP.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import psycopg

from intake.actions import rule_packs
from intake.actions.permission import COMMAND_LINE
from intake.actions.tablets import enrolment_link
from intake.storage import responses
from tests.load.browser import Browser, RefusedError
from tests.load.figures import Figures
from tests.load.tablet import BEGIN, SEND, Tablet
from tests.postgres import server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from intake.core.answers import Raw
    from intake.core.records import Response
    from intake.core.rules import RulePack
    from intake.storage import Store
    from intake.storage.opening import Server as Place
    from tests.faults.conftest import Clinic
    from tests.load.browser import Answer

PROCESSES = 3
GONE, NOT_SAVED, UNTOLD = "gone", "Not saved", "503 without a word"
"""What a tablet may meet: nobody answers any more, nothing was saved, and nothing that helps."""
ANSWERS_WITHIN_S = 30
"""After how long a tablet looks for another process: longer than anybody waits for a lock."""
WRITES_WITHIN_S, LOOK_EVERY_S = 20, 0.002
"""How long somebody waits for a moment at which something is written, and how often they look."""

_CUT = """
WITH here AS (SELECT pid, backend_xid IS NOT NULL AS writes FROM pg_stat_activity
    WHERE datname = %s AND pid <> pg_backend_pid())
SELECT writes, pg_terminate_backend(pid) FROM here WHERE (SELECT bool_or(writes) FROM here)
"""


class Cut(NamedTuple):
    """How many connections were ended, and how many of them were in the middle of a write."""

    connections: int
    writing: int


@dataclass(frozen=True)
class Kept:
    """What a tablet was told is kept."""

    receipt: str
    name: str
    answers: dict[str, Raw]


class Proxy:
    """What tablets find the processes by, and what they met on the way.

    Attributes:
        begun: How many forms were begun.
        kept: What was acknowledged: the number was on the screen of a tablet.
        met: How often a process was gone, and how often a tablet was told that nothing was saved.
        asking: How many requests each process, by its port, has to answer now.
        sending: How many of them send a form.
    """

    def __init__(self, ports: list[int], within_s: float) -> None:
        self.ports, self.ends_at = ports, time.monotonic() + within_s
        self.figures, self.begun = Figures(), 0
        self.kept: list[Kept] = []
        self.met: Counter[str] = Counter()
        self.asking: Counter[int] = Counter()
        self.sending: Counter[int] = Counter()
        self.changed = threading.Condition()

    def after(self, port: int) -> int:
        """Return where to ask when one is gone."""
        return self.ports[(self.ports.index(port) + 1) % len(self.ports)]

    def sends_at(self) -> int:
        """Return the port to which most forms are being sent now; 0 for none."""
        return max(+self.sending, key=self.sending.get, default=0)

    def came(self, kind: str) -> None:
        """Count an answer."""
        with self.changed:
            self.begun += kind == BEGIN
            self.changed.notify_all()

    def acknowledge(self, kept: Kept) -> None:
        """Note what a tablet was told."""
        with self.changed:
            self.kept.append(kept)
            self.changed.notify_all()

    def note(self, what: str) -> None:
        """Note what a tablet met."""
        with self.changed:
            self.met[what] += 1

    @contextmanager
    def under_way(self, port: int, kind: str) -> Iterator[None]:
        """Count a request until it is answered."""
        with self.changed:
            self.asking[port] += 1
            self.sending[port] += kind == SEND
            self.changed.notify_all()
        try:
            yield
        finally:
            with self.changed:
                self.asking[port] -= 1
                self.sending[port] -= kind == SEND

    def look_again(self) -> None:
        """Let whoever waits see what a tablet came to."""
        with self.changed:
            self.changed.notify_all()

    def wait_for(self, what: Callable[[], Any]) -> Any:
        """Wait for something that tablets do, and return it; an error of theirs ends that."""
        with self.changed:
            left, errors = self.ends_at - time.monotonic(), self.figures.errors
            found = self.changed.wait_for(lambda: errors or what(), max(0.0, left))
        assert errors == []
        assert found, f"{self.begun} begun, {len(self.kept)} acknowledged, met {dict(self.met)}"
        return found


class Roaming(Browser):
    """A browser whose requests go to whichever process answers."""

    patience_s = ANSWERS_WITHIN_S

    def __init__(self, proxy: Proxy, port: int) -> None:
        super().__init__(port, proxy.figures)
        self._proxy = proxy

    def _ask(self, method: str, path: str, kind: str, body: str | None = None) -> Answer:
        while time.monotonic() < self._proxy.ends_at:
            try:
                with self._proxy.under_way(self.port, kind):
                    answer = super()._ask(method, path, kind, body)
            except RefusedError:
                self._proxy.note(GONE)
                self.port = self._proxy.after(self.port)
                continue
            if answer.status != 503:
                self._proxy.came(kind)
                return answer
            self._proxy.note(NOT_SAVED if NOT_SAVED in answer.text else UNTOLD)
        msg = f"{kind or method}: no answer in time"
        raise RefusedError(msg)


class Visited(Tablet):
    """A tablet on which one patient fills in a form, and that says what it was told."""

    def __init__(self, proxy: Proxy, pack: RulePack, number: int) -> None:
        port = proxy.ports[number % len(proxy.ports)]
        super().__init__(port, proxy.figures, pack, number)
        self.browser = Roaming(proxy, port)
        self._proxy = proxy

    def flow(self) -> None:
        super().flow()
        self.browser.close()
        self._proxy.look_again()

    def was_told(self, receipt: str) -> None:
        assert self.patient is not None
        self._proxy.acknowledge(Kept(receipt, self.patient.name, self.patient.answered))


@dataclass
class Processes:
    """A clinic on a server with its web processes, each of a computer of its own."""

    place: Place
    each: list[Clinic]

    def begin(self) -> None:
        """Start all at the same time, and wait until each of them serves."""
        for one in self.each:
            one.begin()
        for one in self.each:
            one.wait_until_it_serves()

    def open(self) -> Store:
        return self.each[0].open()

    def at(self, port: int) -> Clinic:
        """Return the one that serves there."""
        return next(one for one in self.each if one.port == port)

    def are_well(self) -> bool:
        """Tell whether each still runs that was begun, and takes intakes."""
        return all(
            one.process is not None and one.process.poll() is None and one.health() == 200
            for one in self.each
        )

    @contextmanager
    def visited(self, number: int, within_s: float) -> Iterator[Proxy]:
        """Let so many tablets fill in and send a form each, at the same time, beside a block.

        The block begins when all forms are begun: a tablet that never heard that one was begun on
        it is put in order by staff first, which is right, and no part of this.

        Args:
            number: How many tablets.
            within_s: After how many seconds every tablet gives up, whatever went wrong.
        """
        proxy = Proxy([one.port for one in self.each], within_s)
        tablets = self._enrolled(proxy, number)
        with ThreadPoolExecutor(number) as pool:
            going = [pool.submit(one.flow) for one in tablets]
            try:
                proxy.wait_for(lambda: proxy.begun == number)
                yield proxy
            except BaseException:
                proxy.ends_at = 0.0  # let every tablet give up
                raise
        for one in going:
            one.result()
        assert proxy.figures.errors == []

    def _enrolled(self, proxy: Proxy, number: int) -> list[Visited]:
        now = datetime.now(UTC)
        with closing(self.open()) as store, store.write():
            hash_ = rule_packs.hash_in_force(store) or ""
            pack = rule_packs.kept_pack(store, hash_, now.date())
            codes = [
                enrolment_link(store, name=f"Room {n}", by=COMMAND_LINE, now=now)
                for n in range(number)
            ]
        tablets = [Visited(proxy, pack, n) for n in range(number)]
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda one, code: one.enrol(f"/tablet/enrol/{code}"), tablets, codes))
        return tablets

    def cut(self) -> Cut:
        """End every connection of the clinic at a moment when one is in the middle of a write."""
        end = time.monotonic() + WRITES_WITHIN_S
        with closing(psycopg.connect(server().url(), autocommit=True)) as beside:
            while time.monotonic() < end:
                found = beside.execute(_CUT, [self.place.url.rpartition("/")[2]]).fetchall()
                if found:
                    return Cut(len(found), sum(writes for writes, _ in found))
                time.sleep(LOOK_EVERY_S)
        msg = f"nobody wrote for {WRITES_WITHIN_S} s"
        raise AssertionError(msg)

    def require_kept(self, kept: list[Kept], *, at_work: bool = False) -> None:
        """See that these forms are there once each, whole and as they were said, and no other.

        Args:
            kept: What was acknowledged.
            at_work: Tablets go on sending, so that there may be more by now; none of it is half.
        """
        with closing(self.open()) as store, store.reading():
            rows = store.rows("SELECT id FROM responses")
            forms = [one for row in rows if (one := responses.response(store, row["id"]))]
            names = {row["id"]: row["name"] for row in store.rows("SELECT id, name FROM patients")}
        sent = [one for one in forms if one.submitted_at is not None]
        found = [Kept(one.receipt or "", names[one.patient_id], _as_said(one)) for one in sent]
        _require_same(found, kept, may_be_more=at_work)
        told = {one.id: one.receipt or "" for one in sent}
        self.each[0].require_nothing_lost(told, [one.id for one in forms])


def _as_said(form: Response) -> dict[str, Raw]:
    """Return the answers of a form in the words in which they were given."""
    return {
        link_id: cast("Raw", raw["said"]) if isinstance(raw, dict) else raw
        for link_id, raw in form.answers.items()
    }


def _require_same(found: list[Kept], told: list[Kept], *, may_be_more: bool) -> None:
    """Compare what is stored with what was promised, and name what differs."""
    lost = [one for one in told if one not in found]
    more = [one for one in found if one not in told]
    assert not lost, f"not there as it was promised: {lost}; but: {more}"
    assert may_be_more or not more, f"there, and nobody was told: {more}"
    assert len(found) == len(told) + len(more), "a form is there twice, or was acknowledged twice"
