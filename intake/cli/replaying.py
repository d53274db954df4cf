"""`intake replay`: every stored screening made again, on all cores."""

from __future__ import annotations

import os
import signal
import sys
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import click

from intake import __version__
from intake.actions.replay import FEW, SHOWN, Replayed, Replayer, replay_history
from intake.cli.progress import Progress
from intake.cli.surroundings import clinic_store, now, open_clinic
from intake.core.display import count
from intake.core.errors import StateError
from intake.exports.ndjson import Lines
from intake.exports.replay import DIFFERENCES, changed
from intake.settings import read_settings
from intake.storage import replaying

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from intake.actions.replay import Standing
    from intake.core.replay import Difference, RuleChange
    from intake.core.screening import Finding
    from intake.storage import Store
    from intake.storage.replaying import Span

ALL_SAME = "Every one came out as it was stored."
CUT_OFF = "A process of the replay was ended from outside, perhaps for want of memory."


@click.command("replay")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder for every difference, from which a replay that was cut off goes on.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    help="How many processes work; without it as many as the computer has cores.",
)
@click.option(
    "--progress/--no-progress",
    default=None,
    help="Say how far it has come; without it only where somebody sits at a terminal.",
)
def replay_command(out: Path | None, jobs: int | None, *, progress: bool | None) -> None:
    """Make every stored screening again, with its own rules, answers and day.

    Exits 1 when one comes out otherwise than it was stored, and says which: run it after an
    upgrade. Nothing of the clinic is changed, and others may work meanwhile. With --out, the same
    command goes on where it was cut off.
    """
    told = Progress(sys.stderr.isatty() if progress is None else progress, "screenings")
    with clinic_store() as store:
        lines = Lines(out) if out else None
        number = min(jobs or _cores(), 1 + replaying.newest(store) // FEW)
        with _goes_on(lines), _workers(store, number) as over:
            standing = replay_history(
                store, lines, over=over, program=__version__, now=now(), told=told
            )
    for line in _report(standing, out):
        click.echo(line)
    sys.exit(1 if standing.different else 0)


def _cores() -> int:
    """Return how many cores this program may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _workers(store: Store, number: int) -> Iterator[Callable[[Iterable[Span]], Iterator[Replayed]]]:
    """Lend what makes spans of screenings again, in this process or in some of their own.

    Each of these opens the database for itself.

    Raises:
        StateError: one was ended from outside.
    """
    if number == 1:
        replayer = Replayer(store)
        yield lambda spans: map(replayer.replay, spans)
        return
    pool = ProcessPoolExecutor(number, mp_context=get_context("spawn"), initializer=_ignore_stops)
    try:
        yield lambda spans: pool.map(_replay, spans)
    except BrokenProcessPool as error:
        raise StateError(CUT_OFF) from error
    finally:
        pool.shutdown(cancel_futures=True)


_REPLAYER: list[Replayer] = []
"""That of a process which was started for it, once it is needed."""


def _ignore_stops() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it ends it


def _replay(span: Span) -> Replayed:
    if not _REPLAYER:
        _REPLAYER.append(Replayer(open_clinic(read_settings())))
    return _REPLAYER[0].replay(span)


@contextmanager
def _goes_on(lines: Lines | None) -> Iterator[None]:
    """Say to whoever stops it how it goes on."""
    try:
        yield
    except KeyboardInterrupt:
        how = "Run the same command again to go on from here." if lines else "Nothing was kept."
        click.echo(f"\nStopped. {how}", err=True)
        raise


def _report(standing: Standing, out: Path | None) -> Iterator[str]:
    yield f"{count(standing.done, 'screening')} made again with version {__version__}."
    if not standing.different:
        yield ALL_SAME
        return
    ways = ", ".join(f"{number:,} {_WAYS[way]}" for way, number in sorted(standing.ways.items()))
    yield f"{standing.different:,} came out otherwise: {ways}."
    for difference in standing.first:
        yield from _lines_of(difference)
    if out:
        yield f"All of them: {out / DIFFERENCES}"
    elif standing.different > SHOWN:
        yield f"These are the first {SHOWN}; run it with --out DIR to have all of them."


_WAYS = {
    "lower": "with a less serious triage",
    "higher": "with a more serious triage",
    "same": "with the same triage for other reasons",
    "not screened again": "could not be screened again",
}


def _lines_of(difference: Difference) -> Iterator[str]:
    now_ = f"{difference.now} now" if difference.now else difference.fault
    yield (
        f"{difference.response_id}, screened for {difference.on} by {difference.pack},"
        f" engine {difference.engine}: {difference.then} then, {now_}"
    )
    for change in difference.rules:
        yield f"    {change.rule_id}: {_said(change)}"
    if difference.other:
        yield f"    other than stored: {', '.join(difference.other)}"


def _said(change: RuleChange) -> str:
    names = changed(change)
    if names and "truth" not in names and "effect" not in names:
        return f"other {', '.join(names)}"
    return f"{_finding(change.then)} then, {_finding(change.now)} now"


def _finding(finding: Finding | None) -> str:
    return f"{finding.truth} ({finding.effect})" if finding else "nothing"
