"""A test that waits for ever is ended: on its second try too, where it has one, and behind it."""

import signal

import pytest
from pytest_timeout import Settings

TRIED_AGAIN = pytest.mark.flaky(reruns=1, only_rerun="pytest-timeout")
"""Marks what is tried once more when it waited too long.

It is for those alone that need it: before each of them its worker asks the process that leads the
workers, over a connection, how often it was tried.
"""


def _ring(item):
    """Let the time begin anew, and ring again after that.

    pytest-timeout rings once, and not at all any more once a test failed: a second try that waits
    would wait for ever, and so would what clears up after the first.
    """
    if item.config.pluginmanager.hasplugin("timeout") and hasattr(signal, "setitimer"):
        own = item.get_closest_marker("timeout")
        usual = item.config.getoption("timeout") or item.config.getini("timeout")
        seconds = float(own.args[0] if own else usual)
        how = Settings(seconds, "signal", func_only=False, disable_debugger_detection=False)
        item.config.hook.pytest_timeout_set_timer(item=item, settings=how)
        signal.setitimer(signal.ITIMER_REAL, seconds, seconds)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    _ring(item)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item):
    _ring(item)
