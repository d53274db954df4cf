"""A test that waits for ever is ended, however often it is tried."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
WAITS = """
import time
import pytest
from tests.waiting import TRIED_AGAIN

pytestmark = TRIED_AGAIN

@pytest.fixture
def slow_to_end():
    yield
    time.sleep(600)

@pytest.mark.timeout(1)
def test_waits_in_both_tries():
    time.sleep(600)

@pytest.mark.timeout(1)
def test_waits_while_it_clears_up(slow_to_end):
    time.sleep(600)

def test_comes_after_them_and_may_take_longer():
    time.sleep(2)
"""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="alarms are of POSIX")
def test_a_test_that_waits_each_time_is_ended_and_the_next_one_is_run(tmp_path):
    file = tmp_path / "test_of_waiting.py"
    file.write_text(WAITS)
    ours = ["-c", ROOT / "setup.cfg", "--rootdir", tmp_path, "-p", "tests.waiting"]

    told = subprocess.run(
        [sys.executable, "-m", "pytest", *ours, "-p", "no:cacheprovider", file],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip

    assert told.returncode == 1, told.stdout + told.stderr
    assert "1 passed" in told.stdout
    assert "2 failed" in told.stdout
    assert "3 rerun" in told.stdout, "one of them waits in its test and behind it"
