"""The same thing done at the same moment: two decisions about a case, six sendings of a form."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, NamedTuple

from tests.load.browser import RefusedError, require
from tests.load.tablet import receipt_on, signed

if TYPE_CHECKING:
    from intake.storage import Store
    from tests.load.desk import Person
    from tests.load.tablet import Tablet

TIMES = 6


class Race(NamedTuple):
    """What came of some rounds."""

    rounds: int
    right: int

    @property
    def is_kept(self) -> bool:
        return self.right == self.rounds > 0


def decide_twice(pair: tuple[Person, Person], ids: list[str], store: Store) -> Race:
    """Let two people decide each case at once: one wins, the other is told who did, and when."""
    right = 0
    with ThreadPoolExecutor(2) as threads:
        for id_ in ids:
            cases = [one.open_case(id_) for one in pair]
            start = Barrier(2)

            def decide(n: int, start: Barrier = start, cases=cases, id_=id_):
                start.wait()
                return pair[n].decide(cases[n], id_)

            won, lost = sorted(threads.map(decide, range(2)), key=lambda answer: answer.status)
            told = lost.words_of(r'id="conflict"(.*?)</section>')
            said = [f"<strong>{name}</strong>" in told for name in ("Load 0", "Load 1")]
            is_told = (won.status, lost.status) == (303, 409) and sum(said) == 1 and " on " in told
            lines = store.rows(
                "SELECT 1 FROM audit_events WHERE subject = ? AND action = 'decided'", [id_]
            )
            right += is_told and len(lines) == 1
    return Race(len(ids), right)


def send_six_times(tablets: list[Tablet], rounds: int, store: Store) -> Race:
    """Let one form be sent six times at once: one record, and everybody sees its receipt."""
    right, left = 0, rounds
    while left > 0:
        few = tablets[:left]
        left -= len(few)
        with ThreadPoolExecutor(len(few)) as threads:
            reviews = list(threads.map(lambda one: one.to_review(), few))
        right += sum(_sent(one, review, store) for one, review in zip(few, reviews, strict=True))
    return Race(rounds, right)


def _sent(tablet: Tablet, review, store: Store) -> bool:
    start, twins = Barrier(TIMES), [tablet.browser.twin() for _ in range(TIMES)]

    def send(browser) -> str:
        browser.get("/tablet/review")  # opens the connection
        start.wait()
        sent = require(browser.post("/tablet/review", signed(review)), 303)
        end = require(browser.get(sent.to), 303)
        return receipt_on(require(browser.get(end.to), 200))

    with ThreadPoolExecutor(TIMES) as threads:
        try:
            receipts = set(threads.map(send, twins))
        except RefusedError:
            return False
    tablet.browser.cookies = twins[0].cookies
    for twin in twins:
        twin.close()
    require(tablet.browser.post("/tablet/checked", tablet.browser.get("/tablet/thanks").token), 200)
    kept = store.rows("SELECT id FROM responses WHERE receipt = ?", [min(receipts)])
    tablet.figures.receipts.append(min(receipts))
    return len(receipts) == len(kept) == 1
