"""A test that waits for ever is ended, however often it is tried."""

import signal

import pytest


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="alarms are of POSIX")
def test_what_ends_a_test_that_waits_rings_more_than_once():
    left, again = signal.getitimer(signal.ITIMER_REAL)

    assert 0 < left <= again
