"""The load is put on a real server once, with so little of it that only what is right is held."""

from tests.load.loading import Load, Size
from tests.load.server import Server, free_port

OF_TIME = ("D1 worst", "D1 memory", "D2")
"""Promises that an idle computer is needed for."""


def test_a_small_load_keeps_every_promise_that_is_not_about_time(tmp_path):
    size = Size(tablets=2, flows=1, records=12, alone=1, rounds=1)
    place = {"INTAKE_DATA": str(tmp_path / "clinic"), "INTAKE_PORT": str(free_port())}
    load = Load(Server(place), tmp_path, size, print)

    load.run()

    held = {p.name: p for p in load.promises if not p.name.startswith(OF_TIME)}
    assert len(held) == 6
    assert {p.measured for p in held.values() if not p.is_kept} == set()
    assert load.figures.errors == []
