"""Pieces of work for many processes: in their order, and few of them at a time."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count, islice
from pathlib import Path

import pytest

from intake.cli import workers
from tests.conftest import ROOT


@pytest.fixture
def doubled(monkeypatch):
    monkeypatch.setattr(workers, "_do", lambda piece: 2 * piece)


@pytest.mark.parametrize("pieces", [0, 1, 3, 20])
def test_what_comes_of_pieces_comes_in_their_order(doubled, pieces):
    with ThreadPoolExecutor(2) as pool:
        assert list(workers._in_order(pool, 4, range(pieces))) == [2 * n for n in range(pieces)]


def test_no_more_are_taken_than_are_under_way(doubled):
    taken = count()

    with ThreadPoolExecutor(2) as pool:
        found = list(islice(workers._in_order(pool, 4, taken), 10))

    assert found == [2 * n for n in range(10)]
    assert next(taken) == 14


class Named:
    """Says which process does a piece."""

    def __init__(self, store):
        del store

    def __call__(self, piece):
        time.sleep(0.5)  # so that each process gets one
        return os.getpid()


AT_WORK = """
import time
from intake.cli.workers import workers
from tests.cli.test_workers import Named

if __name__ == "__main__":
    with workers(None, 2, Named) as over:
        print(*set(over(range(4))), flush=True)
        time.sleep(60)
"""


def test_a_command_that_is_killed_leaves_no_process_behind(demo, tmp_path):
    (tmp_path / "at_work.py").write_text(AT_WORK)
    with subprocess.Popen(
        [sys.executable, tmp_path / "at_work.py"], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "INTAKE_DATA": str(demo)},
    ) as command:  # fmt: skip
        pids = [int(pid) for pid in command.stdout.readline().split()]
        command.kill()

    assert len(pids) == 2
    _wait_until(lambda: not any(map(_is_there, pids)))


def _is_there(pid):
    """Tell whether a process runs; one that ended may wait for somebody to ask how."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def _wait_until(done, seconds=20):
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)
