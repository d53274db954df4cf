"""Measure what people wait for: `make bench`. Prints one table; nothing here passes or fails."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from intake import packs
from intake.actions import begin
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
from tests import copies, crowd, history, saving, slow_tablet
from tests.bulk import clinic
from tests.conftest import TODAY
from tests.load.loading import Load, Size
from tests.load.server import Server, free_port
from tests.measured import Table, median_ms
from tests.peers import measuring
from tests.postgres import programs
from tests.web.conftest import sign_in
from tests.web.pages import Visitor

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from intake.core.records import Practitioner
    from intake.core.rules import RulePack
    from intake.settings import Settings
    from intake.storage import Store

LOADING_S = 1
"""In how long a pack should be loaded and checked."""


def main() -> None:
    """Measure against the shipped pack and a demo clinic in a temporary folder."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--history", type=int, default=10_000, help="Of how many cases it is made.")
    parser.add_argument("--filled", type=int, default=500, help="How many of these are no copies.")
    parser.add_argument("--place", type=Path, help="Where that clinic is made, and left.")
    given = parser.parse_args()
    table = Table()
    pack = _rules(table)
    measuring.measure(pack, TODAY, table)
    with tempfile.TemporaryDirectory() as place:
        settings = replace(read_settings({}), data=Path(place) / "clinic")
        prepare(settings)
        store = open_store(settings.place, read_keys(settings))
        now = datetime.now(UTC)
        fill(store, now=now, today=now.date())
        ada = next(who for who in people.practitioners(store) if who.role is Role.PRACTITIONER)
        _pages(table, settings, ada)
        _starts(table, pack, settings)
        table.head(f"A tablet with its processor {slow_tablet.SLOWER} times slower")
        slow_tablet.measure(create_app(settings), _visit(store, ada, now), table)
        _crowds(lambda: _copy(store, Path(place)), ada, now, table)
        copies.measure(lambda: _copy(store, Path(place)), pack, ada, now, now.date(), table)
        saving.measure(lambda: _copy(store, Path(place)), ada, Path(place), now, table)
        trail = median_ms(lambda: verdict_of(store), rounds=5)
        table.add("check the audit trail of the demo", f"{trail:.1f} ms")
        store.close()
        _tablets(Path(place), table)
        _history(given.place or Path(place) / "history", given.history, given.filled, table)


def _history(place: Path, number: int, filled: int, table: Table) -> None:
    """Measure a clinic of many cases being screened again, by its rules and by others."""
    data = clinic.made(place / str(number), number, filled)
    settings, today = replace(read_settings({}), data=data), clinic.NOW.date()
    files = packs.texts_of(folder("rules") / "microneedling")
    with closing(open_store(settings.place, read_keys(settings))) as store:
        history.measure(store, data, files, packs.load_texts(files, today), today, table)


def _tablets(place: Path, table: Table) -> None:
    """Measure what tablets wait for when many are in use, and one alone."""
    size = Size(flows=3, rounds=0)
    table.head(
        f"{size.tablets} tablets without a pause, 10 practitioners reading {size.records:,} cases"
    )
    surroundings = {
        "INTAKE_DATA": str(place / "loaded"),
        "INTAKE_PORT": str(free_port()),
        "INTAKE_TIMEZONE": "UTC",
    }
    load = Load(Server(surroundings), place, size, lambda _: None)
    load.run()
    load.add_to(table)


def _crowds(make: Callable[[], Store], ada: Practitioner, now: datetime, table: Table) -> None:
    """Measure lists of many cases in a file, and on a server where there is one to start."""

    def crowded(number: int) -> Store:
        return crowd.fill(make(), number, ada, now)

    crowd.measure(crowded, ada, now, now.date(), table)
    if programs() is not None:
        crowd.measure(
            lambda number: crowd.moved(crowded(number)), ada, now, now.date(), table, "on a server"
        )


def _rules(table: Table) -> RulePack:
    """Measure what a pack costs before the first patient, and a whole screening after that."""
    table.head("The shipped pack")
    texts = packs.texts_of(folder("rules") / "microneedling")
    days = (TODAY + timedelta(days=n) for n in count())  # one that was loaded is not built anew
    loading = median_ms(lambda: packs.load_texts(texts, next(days)), rounds=5)
    table.budget("load and check the pack", loading / 1000, LOADING_S, "s")
    pack = packs.load_texts(texts, TODAY)
    vignettes = iter(pack.vignettes * 2)

    def one() -> None:
        vignette = next(vignettes)
        answers = read_all(pack, vignette.answers, vignette.plan, vignette.on).answers
        screen(pack, answers, vignette.on)

    table.add("read and screen one patient", f"{median_ms(one, rounds=1000):.2f} ms")
    starts = iter(dict.fromkeys(n[:4] for m in pack.vocabulary.medicines for n in m.names))
    suggesting = median_ms(lambda: pack.vocabulary.suggest(next(starts)), rounds=500)
    table.add("suggest medicines", f"{suggesting:.2f} ms")
    proving = median_ms(lambda: Examined(pack, TODAY).proofs, rounds=3)
    table.add("prove every rule on its whole table", f"{proving:,.0f} ms")
    faults = median_ms(lambda: Examined(pack, TODAY).score, rounds=1)
    table.add("put every small fault into every rule", f"{faults:,.0f} ms")
    return pack


def _pages(table: Table, settings: Settings, ada: Practitioner) -> None:
    table.head("Pages of a demo clinic")
    client = create_app(settings).test_client()
    least = median_ms(lambda: client.get("/healthz"))
    table.add("answer /healthz", f"{least:.1f} ms")
    page = median_ms(lambda: client.get("/desk/sign-in"))
    table.add("show the sign-in page", f"{page:.1f} ms", ratio=page / least, of="/healthz")
    unknown = median_ms(lambda: _guess(client, "nobody"), rounds=5)
    table.add("refuse the password of an unknown name", f"{unknown:.0f} ms")
    known = median_ms(lambda: _guess(client, ada.username), rounds=5)
    table.add(
        "refuse a wrong password of a known name", f"{known:.0f} ms",
        ratio=known / unknown, wanted="1", of="an unknown name",
    )  # fmt: skip


def _starts(table: Table, pack: RulePack, settings: Settings) -> None:
    """Measure how long it takes from nothing until there is an answer."""
    table.head("Starts")
    bare = median_ms(lambda: _run("-c", "pass"), rounds=5)
    table.add("python itself", f"{bare:.0f} ms")
    sent = json.dumps({"answers": dict(pack.vignettes[0].answers), "plan": {}}).encode()
    cold = median_ms(lambda: _run("-m", "intake", "screen", "-", given=sent), rounds=5)
    table.add("a cold 'intake screen'", f"{cold:,.0f} ms", ratio=cold / bare, of="python itself")
    begun = time.perf_counter()
    port = str(free_port())
    server = Server({"INTAKE_DATA": str(settings.data), "INTAKE_PORT": port})
    with server.serving(settings.data / "server.log"):
        served = (time.perf_counter() - begun) * 1000
    table.add("start the server", f"{served:,.0f} ms", ratio=served / bare, of="python itself")


def _run(*words: str, given: bytes = b"") -> None:
    subprocess.run(
        [sys.executable, *words], input=given, capture_output=True, check=False, env={**os.environ}
    )


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
