"""How far a long command has come, on standard error."""

from __future__ import annotations

import sys
import time

import click

_BETWEEN_S = 0.2
_BETWEEN_LINES_S = 10.0
"""How often it is said where each time leaves a line, as in a log."""


class Progress:
    """Says how much is done, how fast, and how long the rest will take."""

    def __init__(self, is_wanted: bool, what: str = "cases") -> None:
        self._is_wanted = is_wanted
        self._what = what
        self._is_terminal = sys.stderr.isatty()
        self._begun_at = self._said_at = time.monotonic()
        self._before: int | None = None

    def __call__(self, done: int, of: int) -> None:
        """Take note of how many of how many are done."""
        if self._before is None:
            self._before = done  # by a run that was cut off
        if not self._is_wanted:
            return
        now, is_last = time.monotonic(), done >= of
        between = _BETWEEN_S if self._is_terminal else _BETWEEN_LINES_S
        if is_last or now - self._said_at >= between:
            self._said_at = now
            line = progress_line(done, of, done - self._before, now - self._begun_at, self._what)
            is_over = is_last or not self._is_terminal
            click.echo(f"\r{line}" if self._is_terminal else line, err=True, nl=is_over)


def progress_line(done: int, of: int, by_this: int, seconds: float, what: str = "cases") -> str:
    """Say how far it has come.

    Args:
        done: How many are done.
        of: How many there are; some may have gone since they were counted.
        by_this: How many of them this run did.
        seconds: That it took for these.
        what: They are.
    """
    said = f"{done:,} of {max(done, of):,} {what}"
    if not by_this or seconds <= 0:
        return said
    left = max(0, of - done) * seconds / by_this
    return f"{said}, {by_this / seconds:,.0f} per second, {_duration(left)} left"


def _duration(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"
