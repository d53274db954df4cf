"""`intake export`: records as tables, or as FHIR in bulk."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, TypeAlias

import click

from intake.actions.export import SHAPES, ExportFilters, export_table
from intake.actions.export_sqlite import export_sqlite
from intake.actions.fhir_bulk import export_bulk
from intake.actions.rule_packs import hash_in_force, kept_pack
from intake.actions.sites import site_called
from intake.cli.progress import Progress
from intake.cli.records import TRIAGES
from intake.cli.surroundings import clinic_store, day, now, say_head, today
from intake.core.rules import Triage
from intake.settings import read_settings
from intake.storage import Store
from intake.web import create_app
from intake.web.clinic import current_store
from intake.web.press import current_press

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

FiltersOf: TypeAlias = Callable[[Store], ExportFilters]
"""Says which cases of a clinic are asked for; sites are named there."""


@click.group()
def export() -> None:
    """Write records for other programs; that they go out is audited."""


def _selecting(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say which cases."""

    @click.option("--triage", type=click.Choice(TRIAGES), multiple=True, help="Only these.")
    @click.option("--since", type=day, help="First day of begin or submission.")
    @click.option("--until", type=day, help="Last day, included.")
    @click.option("--site", "site_name", help="Only cases of this site.")
    @wraps(command)
    def selected(
        triage: tuple[str, ...],
        since: date | None,
        until: date | None,
        site_name: str | None,
        **others: object,
    ) -> None:
        def filters(store: Store) -> ExportFilters:
            site = site_called(store, site_name).id if site_name else ""
            return ExportFilters(since, until, frozenset(Triage(t) for t in triage), site)

        command(filters=filters, **others)

    return selected


_shape = click.option("--shape", type=click.Choice(SHAPES), default="cases", help="What a row is.")
_output = click.option(
    "--output",
    type=click.File("w", encoding="utf-8"),
    default="-",
    help="The file to write; standard output without it.",
)


@export.command("csv")
@_shape
@_selecting
@_output
def csv_command(filters: FiltersOf, shape: str, output: TextIO) -> None:
    """Write a table as CSV, safe to open in a spreadsheet."""
    _write_table("csv", filters, shape, output)


@export.command("jsonl")
@_shape
@_selecting
@_output
def jsonl_command(filters: FiltersOf, shape: str, output: TextIO) -> None:
    """Write a table as JSON Lines: an object a row, its values as they are."""
    _write_table("jsonl", filters, shape, output)


def _write_table(form: str, filters: FiltersOf, shape: str, output: TextIO) -> None:
    with clinic_store() as store:
        lines = export_table(
            store, shape=shape, form=form, filters=filters(store), by=None, now=now(), today=today()
        )
        output.writelines(_with_progress(lines))
        say_head(store)


def _with_progress(lines: Iterator[str]) -> Iterator[str]:
    """Say on standard error, every thousand lines, how far it has come."""
    number = 0
    for number, line in enumerate(lines, start=1):
        if number % 1000 == 0 and sys.stderr.isatty():
            click.echo(f"\r{number:,} lines", err=True, nl=False)
        yield line
    if sys.stderr.isatty():
        click.echo(f"\r{number:,} lines", err=True)


@export.command("sqlite")
@_selecting
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The file to write; an existing one is left as it is.",
)
def sqlite_command(filters: FiltersOf, output: Path) -> None:
    """Write every table and the data dictionary into one SQLite file, which is not encrypted."""
    with clinic_store() as store:
        pack = kept_pack(store, hash_in_force(store) or "", today())
        counts = export_sqlite(
            store, pack, output, filters=filters(store), now=now(), today=today()
        )
        for table, number in counts.items():
            click.echo(f"{number:>8}  {table}", err=True)
        say_head(store)


@export.command("fhir")
@_selecting
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder to write; a new one, or that of an export that was cut off.",
)
@click.option(
    "--progress/--no-progress",
    default=None,
    help="Say how far it has come; without it only where somebody sits at a terminal.",
)
def fhir_command(filters: FiltersOf, out: Path, *, progress: bool | None) -> None:
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
            store, current_press(), out, filters=filters(store), now=now(),
            told=Progress(sys.stderr.isatty() if progress is None else progress),
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
