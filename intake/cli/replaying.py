"""`intake replay`: every stored screening made again, on all cores."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from intake import __version__
from intake.actions.replay import FEW, SHOWN, Replayer, replay_history
from intake.cli.progress import Progress
from intake.cli.surroundings import clinic_store, now
from intake.cli.workers import cores, workers
from intake.core.display import count
from intake.exports.ndjson import Lines
from intake.exports.replay import DIFFERENCES, changed
from intake.storage import replaying

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.actions.replay import Standing
    from intake.core.replay import Difference, RuleChange
    from intake.core.screening import Finding

ALL_SAME = "Every one came out as it was stored."


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
        lines = Lines(out, "replay") if out else None
        number = min(jobs or cores(), 1 + replaying.newest(store) // FEW)
        with _goes_on(lines), workers(store, number, Replayer) as over:
            standing = replay_history(
                store, lines, over=over, program=__version__, now=now(), told=told
            )
    for line in _report(standing, out):
        click.echo(line)
    sys.exit(1 if standing.different else 0)


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
