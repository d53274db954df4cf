"""`intake export fhir`: cases in bulk, as NDJSON."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from intake.actions.fhir_bulk import export_bulk
from intake.cli.exporting import filters_of, selecting
from intake.cli.progress import Progress
from intake.cli.surroundings import clinic_store, now, say_head
from intake.settings import read_settings
from intake.web import create_app
from intake.web.clinic import current_store
from intake.web.press import current_press

if TYPE_CHECKING:
    from collections.abc import Iterator


@click.command("fhir")
@selecting
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder to write; a new one, or that of an export that was cut off.",
)
@click.option(
    "--gzip",
    "is_packed",
    is_flag=True,
    help="Compress the files: a fifteenth of the room.",
)
@click.option(
    "--progress/--no-progress",
    default=None,
    help="Say how far it has come; without it only where somebody sits at a terminal.",
)
def fhir_command(out: Path, *, is_packed: bool, progress: bool | None, **chosen: object) -> None:
    """Write cases as FHIR R4 in bulk: NDJSON, a file for each kind of resource, and a manifest.

    Cut off at whatever moment, the same command goes on where it stopped. It is finished once the
    folder holds manifest.json. The files hold everything, what was asked in private included, and
    are not encrypted.
    """
    with clinic_store():
        pass  # says what is wrong with the clinic before anything is made for it
    with create_app(read_settings()).test_request_context(), _goes_on():
        store = current_store()
        files = export_bulk(
            store, current_press(), out, filters=filters_of(store, chosen), now=now(),
            told=Progress(sys.stderr.isatty() if progress is None else progress),
            is_packed=is_packed,
        )  # fmt: skip
        for one in files:
            click.echo(f"{one.lines:>12,}  {out / one.name}: {one.size:,} bytes")
        say_head(store)


@contextmanager
def _goes_on() -> Iterator[None]:
    """Say to whoever stops it how it goes on."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo("\nStopped. Run the same command again to go on from here.", err=True)
        raise
