"""Somebody else holds the database: a short while is waited for, a long one is told in time."""

import threading
import time
from contextlib import closing

from tests.faults.conftest import rounds, told
from tests.faults.tablets import receipts, send_all, show_all

TABLETS = 8
LONGEST_S = 12


def _held(clinic, seconds):
    """Hold the database for a while, as a tool does in which somebody forgot to commit."""
    is_held = threading.Event()

    def hold():
        with closing(clinic.open()) as store:
            store.connection.execute("BEGIN IMMEDIATE")
            is_held.set()
            time.sleep(seconds)
            store.connection.rollback()

    holding = threading.Thread(target=hold)
    holding.start()
    assert is_held.wait(10)
    return holding


def test_two_seconds_are_waited_for(clinic):
    clinic.serve()
    tablets = clinic.forms(TABLETS)
    show_all(tablets)

    holding = _held(clinic, 2)
    answers = send_all(tablets)
    holding.join()

    slowest = max(answer.seconds for answer in answers.values())
    assert len(receipts(answers)) == TABLETS
    told(f"C5: held 2 s: {TABLETS} of {TABLETS} sent, the last after {slowest:.1f} s")


def test_longer_is_told_in_time_and_works_afterwards(clinic):
    clinic.serve()
    tablets, seconds = clinic.forms(TABLETS), rounds(13, 15)
    show_all(tablets)

    holding = _held(clinic, seconds)
    answers = send_all(tablets)
    holding.join()
    afterwards = send_all(tablets)

    slowest = max(answer.seconds for answer in answers.values())
    assert slowest <= LONGEST_S
    assert [answer.status for answer in answers.values()] == [503] * TABLETS
    for answer in answers.values():
        assert "Not saved" in answer.page
        assert "Tell the desk" in answer.page
    assert len(receipts(afterwards)) == TABLETS
    clinic.require_sound()
    told(f"C5: held {seconds} s: all told within {slowest:.1f} s, all sent afterwards")
