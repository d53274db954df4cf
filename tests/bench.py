"""Measure what people wait for: `make bench`. Prints a table; nothing here passes or fails."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from intake import packs
from intake.actions import begin
from intake.actions.queue import QueueFilters, list_cases
from intake.cli.demo import fill
from intake.cli.surroundings import prepare
from intake.core.examined import Examined
from intake.core.reading import read_all
from intake.core.records import Role
from intake.core.screening import screen
from intake.keys import read_keys
from intake.resources import folder
from intake.settings import read_settings
from intake.storage import open_store, people
from intake.storage.copies import copy_to
from intake.storage.trail_check import verdict_of
from intake.web import create_app
from tests import copies, crowd, saving, slow_tablet
from tests.conftest import TODAY
from tests.peers import measuring
from tests.web.conftest import sign_in
from tests.web.pages import Visitor

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from intake.core.records import Practitioner
    from intake.storage import Store

ROUNDS = 30


def measured(name: str, act: Callable[[], object], rounds: int = ROUNDS) -> None:
    """Print the median and the slowest of some rounds, in milliseconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        act()
        times.append((time.perf_counter() - start) * 1000)
    sys.stdout.write(f"{name:<44} {statistics.median(times):>9.1f} {max(times):>9.1f}\n")


def main() -> None:
    """Measure against the shipped pack and a demo clinic in a temporary folder."""
    sys.stdout.write(f"{'ms':<44} {'median':>9} {'slowest':>9}\n")
    texts = packs.texts_of(folder("rules") / "microneedling")
    measured("load the shipped pack", lambda: packs.load_texts(texts, TODAY), rounds=5)
    pack = packs.load_texts(texts, TODAY)
    vignettes = iter(pack.vignettes * 2)

    def one() -> None:
        vignette = next(vignettes)
        answers = read_all(pack, vignette.answers, vignette.plan, vignette.on).answers
        screen(pack, answers, vignette.on)

    measured("screen one patient", one, rounds=500)
    measuring.measure(pack, TODAY)
    sys.stdout.write("\n")
    starts = iter(dict.fromkeys(n[:4] for m in pack.vocabulary.medicines for n in m.names))
    measured("suggest medicines", lambda: pack.vocabulary.suggest(next(starts)), rounds=500)
    measured("prove every rule on its whole table", lambda: Examined(pack, TODAY).proofs, rounds=3)
    measured("put every small fault into every rule", lambda: Examined(pack, TODAY).score, rounds=1)
    with tempfile.TemporaryDirectory() as place:
        settings = replace(read_settings({}), data=Path(place) / "clinic")
        prepare(settings)
        store = open_store(settings.database, read_keys(settings))
        now = datetime.now(UTC)
        fill(store, now=now, today=now.date())
        ada = next(who for who in people.practitioners(store) if who.role is Role.PRACTITIONER)
        filters = QueueFilters(status="all")
        measured(
            "list the queue of the demo",
            lambda: list_cases(store, filters=filters, today=now.date(), by=ada, now=now),
        )
        measured("check the audit trail of the demo", lambda: verdict_of(store), rounds=5)
        client = create_app(settings).test_client()
        measured("answer /healthz", lambda: client.get("/healthz"))
        measured("show the sign-in page", lambda: client.get("/desk/sign-in"))
        for title, username in (("a known name", ada.username), ("an unknown name", "nobody")):
            measured(
                f"refuse the password of {title}", lambda u=username: _guess(client, u), rounds=5
            )
        sys.stdout.write(f"\n{'on a tablet four times slower':<44} {'measured':>9} {'budget':>9}\n")
        slow_tablet.measure(create_app(settings), _visit(store, ada, now))
        copies.measure(lambda: _copy(store, Path(place)), pack, ada, now, now.date())
        crowd.measure(lambda: _copy(store, Path(place)), ada, now, now.date())
        saving.measure(lambda: _copy(store, Path(place)), ada, Path(place), now)
        store.close()


def _guess(client: FlaskClient, username: str) -> None:
    """Try a wrong password; five rounds are as many as are looked at."""
    visitor = Visitor(client)
    page = sign_in(visitor, username, "wrong")
    if page.status != HTTPStatus.UNPROCESSABLE_ENTITY:
        msg = f"A wrong password was answered with {page.status}."
        raise RuntimeError(msg)


def _copy(store: Store, place: Path) -> Store:
    """Open a copy of a clinic."""
    copy = place / "copy.db"
    copy.unlink(missing_ok=True)
    copy_to(store, copy)
    return open_store(copy, store.keys)


def _visit(store: Store, ada: Practitioner, now: datetime) -> str:
    """Begin a form and hand it to a tablet."""
    row = store.row("SELECT id FROM responses WHERE status = 'in-progress'") or {"id": ""}
    return begin.hand_over(store, response_id=row["id"], by=ada, now=now)


if __name__ == "__main__":
    main()
