"""Three web processes over one clinic on a server: one is killed, and every connection is cut."""

import random
import shutil
import time
from contextlib import closing

import pytest

from intake.keys import read_keys
from intake.settings import read_settings
from tests.faults.conftest import RELEASE, told
from tests.faults.processes import GONE, NOT_SAVED, PROCESSES, Processes
from tests.postgres import CLINICS, ON_A_SERVER

pytestmark = ON_A_SERVER

IS_LARGE = RELEASE >= 10
TABLETS, ROUNDS, CUTS, WITHIN_S = (200, 2, 20, 270) if IS_LARGE else (12, 1, 4, 90)
"""How many, and for how many seconds tablets go on at most: a test is ended after 300."""
SENDING_TAKES_S = 0.05
LOOKED_AFTER = ("keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout")
"""How a connection over which nothing comes is tried, in seconds and times; and for how long what
was sent may have no answer, in milliseconds."""

every_round = pytest.mark.parametrize("number", range(ROUNDS))


@pytest.fixture
def processes(new_clinic, clinic_made):
    """Three computers that serve one clinic: they share the server and the keys, and no folder."""
    settings = read_settings({"INTAKE_DATA": str(clinic_made[0])})
    place = CLINICS.new(settings.database.read_bytes(), read_keys(settings))
    each = [new_clinic(INTAKE_DATABASE_URL=place.url) for _ in range(PROCESSES)]
    for one in each:
        shutil.rmtree(one.data)
    yield Processes(place, each)
    for one in each:
        one.kill()
    CLINICS.drop(place)


def test_computers_that_have_nothing_but_settings_and_keys_begin_at_once(processes):
    processes.begin()

    assert processes.are_well()


def test_both_sides_give_up_one_that_vanished_within_half_a_minute(processes):
    with closing(processes.open()) as store:
        rows = store.rows("SELECT name, setting FROM pg_settings WHERE name LIKE 'tcp_%'")
        here = store.connection._raw.info.get_parameters()

    there = {row["name"].replace("tcp_keepalives", "keepalives"): row["setting"] for row in rows}
    for side in (there, here):
        idle, every, count, sent = (int(side.get(name, 0)) for name in LOOKED_AFTER)
        assert 0 < idle + every * count <= 30
        assert 0 < sent <= 30_000


@every_round
def test_a_process_that_is_killed_loses_nothing_that_a_tablet_was_told(processes, number):
    rng = random.Random(number)  # noqa: S311 - the same ones each time
    processes.begin()

    with processes.visited(TABLETS, WITHIN_S) as tablets:
        port = tablets.wait_for(lambda: len(tablets.kept) >= TABLETS // 3 and tablets.sends_at())
        time.sleep(rng.uniform(0, SENDING_TAKES_S))  # at any moment of it
        before, asked, sent = len(tablets.kept), tablets.asking[port], tablets.sending[port]
        processes.at(port).kill()
        processes.require_kept(list(tablets.kept), at_work=True)
        seconds = processes.at(port).serve()

    told(
        f"C12: one of {PROCESSES} processes killed while it answered {asked} requests, {sent} of"
        f" them sendings; {tablets.met[GONE]} went to another; of {TABLETS} tablets {before} were"
        f" told before that a form is kept, and {len(tablets.kept)} in all; all of it is there once"
        f" and whole; up again beside them within {seconds:.1f} s"
    )
    processes.require_kept(tablets.kept)
    assert len(tablets.kept) == TABLETS
    assert tablets.met.keys() == {GONE}
    assert processes.are_well()


@every_round
def test_connections_that_are_cut_lose_nothing_and_need_no_restart(processes, number):
    cut = []
    processes.begin()

    with processes.visited(TABLETS, WITHIN_S) as tablets:
        for part in range(CUTS):
            least = TABLETS * part * 2 // (CUTS * 3)  # the last one while a third is to come
            tablets.wait_for(lambda least=least: len(tablets.kept) >= least)
            cut.append((len(tablets.kept), processes.cut()))

    told(
        f"C13: {sum(one.connections for _, one in cut)} connections cut in {CUTS} cuts,"
        f" {sum(one.writing for _, one in cut)} of them in the middle of a write;"
        f" of {TABLETS} tablets {cut[-1][0]} were told before the last cut that a form is kept,"
        f" and {len(tablets.kept)} in all; {tablets.met[NOT_SAVED]} times one was told that nothing"
        f" was saved; all of it is there once and whole, with no restart"
    )
    processes.require_kept(tablets.kept)
    assert len(tablets.kept) == TABLETS
    assert tablets.met.keys() == {NOT_SAVED}
    assert processes.are_well()
