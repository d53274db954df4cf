"""What every request may ask of the clinic, asked by several at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from intake.actions import rule_packs
from intake.web.clinic import Clinic
from tests.conftest import KEYS

TIMES = 6


@pytest.fixture
def read(monkeypatch):
    """The packs that were read from the database, one after the other."""
    found, kept_pack = [], rule_packs.kept_pack

    def noted(store, hash_, on):
        found.append(hash_)
        return kept_pack(store, hash_, on)

    monkeypatch.setattr(rule_packs, "kept_pack", noted)
    return found


def test_rules_that_several_need_at_once_are_read_once(building, settings, clock, pack, read):
    building.extensions["intake"] = house = Clinic(settings, KEYS, clock)
    barrier = Barrier(TIMES, timeout=60)

    def ask(_):
        with building.app_context():
            barrier.wait()
            return house.pack_of(pack.hash)

    with ThreadPoolExecutor(TIMES) as threads:
        found = list(threads.map(ask, range(TIMES)))

    assert len(read) == 1
    assert {each.hash for each in found} == {pack.hash}
