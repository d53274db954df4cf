"""`intake replay`: every stored screening made again, on all cores."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from intake import __version__
from intake.actions.made_again import Replayer
from intake.actions.replay import FEW, SHOWN, replay_history
from intake.cli.progress import Progress
from intake.cli.surroundings import clinic_store, now
from intake.cli.workers import cores, workers
from intake.core.display import count
from intake.core.errors import IntakeError
from intake.core.screening import ENGINE_VERSION
from intake.exports.ndjson import Lines
from intake.exports.replay import DIFFERENCES, changed
from intake.storage import replaying
from intake.storage.driver import sqlite3
from intake.storage.replaying import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.actions.replay import Standing
    from intake.core.replay import Difference, RuleChange
    from intake.core.screening import Finding

ALL_SAME = "Every one came out as it was stored."
NONE_YET = "There are no screenings here yet: nothing was made again."
MISSING = (
    "{number} of {of} could not be found any more. Where nobody erased them meanwhile, run"
    " 'intake verify'; then run this again."
)
OTHERS = (
    "{number} of {of} were made by another version of the engine than this one, which is {this}:"
    " {named}."
)
FAILED = (
    "The replay failed ({fault}), which says nothing about the screenings. Run 'intake verify'; if"
    " that finds nothing, report this with the version of the program."
)
DIFFERENT, FAILURE = 1, 2


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

    Exits 1 when one comes out otherwise than it was stored, or cannot be made again, and says
    which: run it after an upgrade. Exits 2 when the replay itself failed. Nothing of the clinic is
    changed, and others may work meanwhile. With --out, the same command goes on where it was cut
    off.
    """
    told = Progress(sys.stderr.isatty() if progress is None else progress, "screenings")
    with _failing_otherwise(), clinic_store() as store:
        lines = Lines(out, "replay") if out else None
        stored = replaying.count_behind(store, Span(0, replaying.newest(store)))
        number = min(jobs or cores(), 1 + stored // FEW)
        with _goes_on(lines), workers(store, number, Replayer) as over:
            standing = replay_history(
                store, lines, over=over, program=__version__, now=now(), told=told
            )
    for line in _report(standing, out):
        click.echo(line)
    sys.exit(0 if standing.is_sound else DIFFERENT)


@contextmanager
def _failing_otherwise() -> Iterator[None]:
    """End with another code than for differences when something else goes wrong."""
    try:
        yield
    except (IntakeError, sqlite3.DatabaseError):
        raise
    except Exception as fault:
        if isinstance(fault, OSError) and fault.filename is not None:
            raise
        click.echo(FAILED.format(fault=type(fault).__name__), err=True)
        sys.exit(FAILURE)


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
    if not standing.screenings:
        yield NONE_YET
        return
    yield f"{count(standing.done, 'screening')} made again with version {__version__}."
    yield from _engines(standing)
    if standing.missing:
        yield MISSING.format(number=f"{standing.missing:,}", of=f"{standing.screenings:,}")
    if standing.is_sound:
        yield ALL_SAME
    if not standing.different:
        return
    ways = ", ".join(f"{number:,} {_WAYS[way]}" for way, number in sorted(standing.ways.items()))
    yield f"{standing.different:,} came out otherwise: {ways}."
    for difference in standing.first:
        yield from _lines_of(difference)
    if out:
        yield f"All of them: {out / DIFFERENCES}"
    elif standing.different > SHOWN:
        yield f"These are the first {SHOWN}; run it with --out DIR to have all of them."


def _engines(standing: Standing) -> Iterator[str]:
    """Say how many were made by another engine: they are held against this one all the same."""
    others = {name: n for name, n in standing.engines.items() if name != ENGINE_VERSION}
    if others:
        named = ", ".join(f"{n:,} by {name or 'one unknown'}" for name, n in sorted(others.items()))
        number = f"{sum(others.values()):,}"
        yield OTHERS.format(
            number=number, of=f"{standing.done:,}", this=ENGINE_VERSION, named=named
        )


_WAYS = {
    "lower": "with a less serious triage",
    "higher": "with a more serious triage",
    "same": "with the same triage for other reasons",
    "not screened again": "could not be screened again",
}


def _lines_of(difference: Difference) -> Iterator[str]:
    now_ = f"{difference.now} now" if difference.now else difference.fault
    yield (
        f"{difference.response_id}, screened for {difference.on or 'an unknown day'} by"
        f" {difference.pack}, engine {difference.engine or 'unknown'}:"
        f" {difference.then or 'unknown'} then, {now_}"
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
