"""The command that takes records out as tables."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from intake.actions.export import SHAPES, ExportFilters, export_table
from intake.actions.export_files import (
    FOLDER_FORMS,
    PARQUET,
    dictionary_of,
    tables_of,
    write_folder,
)
from intake.actions.export_sqlite import FORM as SQLITE
from intake.actions.export_sqlite import write_sqlite
from intake.actions.rule_packs import hash_in_force, kept_pack
from intake.actions.sites import site_called
from intake.cli.surroundings import clinic_store, day, now, say_head, today
from intake.core.rules import Triage
from intake.exports.parquet import require_parquet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from intake.exports.tables import Table
    from intake.storage import Store

_STANDARD_OUTPUT = ("-", "<stdout>")


@click.command()
@click.argument("form", type=click.Choice((*FOLDER_FORMS, SQLITE)))
@click.option("--shape", type=click.Choice(SHAPES), help="What a row is; cases without it.")
@click.option("--triage", type=click.Choice(tuple(Triage)), multiple=True, help="Only these.")
@click.option("--since", type=day, help="First day of begin or submission.")
@click.option("--until", type=day, help="Last day, included.")
@click.option("--site", "site_name", help="Only cases of this site.")
@click.option(
    "--output",
    type=click.File("w", encoding="utf-8"),
    default="-",
    help="The file to write; standard output without it.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder in place of a file: one file a shape, and the data dictionary.",
)
def export(
    form: str,
    shape: str | None,
    triage: tuple[str, ...],
    since: date | None,
    until: date | None,
    site_name: str | None,
    output: TextIO,
    out: Path | None,
) -> None:
    """Write records as CSV (safe to open in a spreadsheet), JSON Lines, SQLite or Parquet; audited.

    A SQLite file holds every table and the data dictionary, is not encrypted, and needs --output.
    Parquet needs --out, and the library: pip install 'intake[parquet]'.
    """
    _check_place(form, output, out)
    with clinic_store() as store:
        site = site_called(store, site_name).id if site_name else ""
        filters = ExportFilters(since, until, frozenset(Triage(t) for t in triage), site)
        if out or form == SQLITE:
            shapes = (shape,) if shape and out else SHAPES
            tables = _tables(store, form, filters, shapes)
            _say(
                write_folder(out, form, tables) if out else write_sqlite(Path(output.name), tables)
            )
        else:
            lines = export_table(
                store,
                shape=shape or "cases",
                form=form,
                filters=filters,
                by=None,
                now=now(),
                today=today(),
            )
            output.writelines(_with_progress(lines))
        say_head(store)


def _check_place(form: str, output: TextIO, out: Path | None) -> None:
    """Refuse a place that the form cannot be written to."""
    if form == PARQUET:
        require_parquet()
        if out is None:
            msg = "name the folder to write to"
            raise click.BadParameter(msg, param_hint="--out")
    elif form == SQLITE and (out is not None or output.name in _STANDARD_OUTPUT):
        msg = "name the file to write"
        raise click.BadParameter(msg, param_hint="--output")
    if out is not None and output.name not in _STANDARD_OUTPUT:
        msg = "it goes into a folder or a file, not both"
        raise click.BadParameter(msg, param_hint="--out")


def _tables(
    store: Store, form: str, filters: ExportFilters, shapes: tuple[str, ...]
) -> Iterator[tuple[str, Table]]:
    pack = kept_pack(store, hash_in_force(store) or "", today())
    yield from tables_of(store, form=form, filters=filters, now=now(), today=today(), shapes=shapes)
    yield dictionary_of(pack)


def _say(counts: Iterable[tuple[str, int]]) -> None:
    for name, number in counts:
        click.echo(f"{number:>8}  {name}", err=True)


def _with_progress(lines: Iterator[str]) -> Iterator[str]:
    """Say on standard error, every thousand lines, how far it has come."""
    number = 0
    for number, line in enumerate(lines, start=1):
        if number % 1000 == 0 and sys.stderr.isatty():
            click.echo(f"\r{number:,} lines", err=True, nl=False)
        yield line
    if sys.stderr.isatty():
        click.echo(f"\r{number:,} lines", err=True)
