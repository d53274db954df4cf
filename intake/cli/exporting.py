"""`intake export`: records as tables."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from intake.actions.deidentified import Deidentified, Manner
from intake.actions.export import SHAPES, Asked, ExportFilters, export_table, lines_of
from intake.actions.export_files import (
    beside,
    dictionary_of,
    tables_of,
    write_folder,
)
from intake.actions.export_sqlite import FORM as SQLITE
from intake.actions.export_sqlite import write_sqlite
from intake.actions.rule_packs import hash_in_force, kept_pack
from intake.actions.safe_harbor import about
from intake.actions.sites import site_called
from intake.cli.records import TRIAGES
from intake.cli.surroundings import clinic_store, day, now, say_head, today
from intake.core.bare_answers import Dates
from intake.core.disclosure import LEAST
from intake.core.figures import FEW
from intake.core.rules import Triage
from intake.exports.parquet import FORM as PARQUET
from intake.exports.parquet import require_parquet
from intake.exports.tables import written_anew
from intake.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from intake.exports.tables import Table
    from intake.storage import Store

_STANDARD_OUTPUT = Path("-")


def selecting(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say which cases; `filters_of` reads them."""
    for option in reversed(
        (
            click.option("--triage", type=click.Choice(TRIAGES), multiple=True, help="Only these."),
            click.option("--since", type=day, help="First day of begin or submission."),
            click.option("--until", type=day, help="Last day, included."),
            click.option("--site", help="Only cases of this site."),
        )
    ):
        command = option(command)
    return command


def filters_of(store: Store, chosen: Mapping[str, Any]) -> ExportFilters:
    """Return which cases were asked for; sites are named there."""
    site = site_called(store, chosen["site"]).id if chosen["site"] else ""
    triage = frozenset(Triage(one) for one in chosen["triage"])
    zone = read_settings().timezone
    return ExportFilters(chosen["since"], chosen["until"], triage, site, zone)


@click.group()
def export() -> None:
    """Write records for other programs; that they go out is audited."""


@click.command()
@click.option("--shape", type=click.Choice(SHAPES), help="What a row is; cases without it.")
@selecting
@click.option(
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    default="-",
    help="A new file, for its owner alone; standard output without it.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder in place of a file: one file a shape, and the data dictionary.",
)
@click.option(
    "--deidentified",
    is_flag=True,
    help="Without names, numbers, free text and exact dates; what few patients have is held back.",
)
@click.option(
    "--dates",
    type=click.Choice([one.value for one in Dates]),
    help="With --deidentified: years (as it is without this), days moved by lot, or no dates.",
)
@click.option(
    "--at-least",
    "least",
    type=click.IntRange(min=FEW),
    help=f"With --deidentified: patients a value must have to be shown; {LEAST} without it.",
)
def _write_tables(
    form: str,
    shape: str | None,
    *,
    output: Path,
    out: Path | None,
    dates: str | None,
    least: int | None,
    deidentified: bool,
    **chosen: object,
) -> None:
    _check_place(form, shape, output, out)
    manner = _manner(dates, least, deidentified=deidentified)
    with clinic_store() as store:
        filters = filters_of(store, chosen)
        if out or form == SQLITE:
            shapes = (shape,) if shape and out else SHAPES
            tables = _tables(store, form, filters, shapes, manner)
            _say(write_folder(out, form, tables) if out else write_sqlite(output, tables))
        else:
            lines = _lines(store, shape or "cases", form, filters, manner)
            _write(output, _with_progress(lines))
        say_head(store)


_WRITES = {
    "csv": "Write a table as CSV, safe to open in a spreadsheet.",
    "jsonl": "Write a table as JSON Lines: an object a row, its values as they are.",
    PARQUET: "Write tables as Parquet, a file each: --out; needs pip install 'intake[parquet]'.",
    SQLITE: "Write every table and the dictionary into one SQLite file, not encrypted: --output.",
}
_TOGETHER = (
    "Tables without names fit together only when they are made together, with --out or as SQLite."
)
for _form, _says in _WRITES.items():
    export.add_command(
        click.Command(
            _form,
            callback=partial(cast("Callable[..., None]", _write_tables.callback), _form),
            params=_write_tables.params,
            help=f"{_says}\n\n{_TOGETHER}",
        )
    )


def _check_place(form: str, shape: str | None, output: Path, out: Path | None) -> None:
    """Refuse a place that the form cannot be written to."""
    is_file = output != _STANDARD_OUTPUT
    if form == PARQUET:
        require_parquet()
        if out is None:
            msg = "name the folder to write to"
            raise click.BadParameter(msg, param_hint="--out")
    elif form == SQLITE and (out is not None or not is_file):
        msg = "name the file to write"
        raise click.BadParameter(msg, param_hint="--output")
    if form == SQLITE and shape:
        msg = "the file holds every table; leave it out"
        raise click.BadParameter(msg, param_hint="--shape")
    if out is not None and is_file:
        msg = "it goes into a folder or a file, not both"
        raise click.BadParameter(msg, param_hint="--out")


def _write(output: Path, lines: Iterator[str]) -> None:
    """Write lines to standard output, or into a new file for its owner alone.

    Raises:
        AnswerError: there is such a file already, or it cannot be written.
    """
    if output == _STANDARD_OUTPUT:
        with click.open_file("-", "w", encoding="utf-8") as printed:
            printed.writelines(lines)
        return
    with written_anew(output) as file:
        file.writelines(lines)


def _manner(dates: str | None, least: int | None, *, deidentified: bool) -> Manner | None:
    """Return how names are taken out; None where they stay."""
    if deidentified:
        zone = read_settings().timezone
        return Manner(Dates(dates or Dates.YEAR), LEAST if least is None else least, zone)
    if dates or least:
        msg = "it says how names are taken out, and goes with --deidentified"
        raise click.BadParameter(msg, param_hint="--dates" if dates else "--at-least")
    return None


def _tables(
    store: Store,
    form: str,
    filters: ExportFilters,
    shapes: tuple[str, ...],
    manner: Manner | None,
) -> Iterator[tuple[str, Table]]:
    pack = kept_pack(store, hash_in_force(store) or "", today())
    if manner:
        asked = Asked.of(filters, None, now())
        yield from Deidentified(store, asked, manner, today()).tables(shapes, form)
        yield from beside(pack, manner.dates, manner.least)
    else:
        yield from tables_of(
            store, form=form, filters=filters, now=now(), today=today(), shapes=shapes
        )
        yield dictionary_of(pack)


def _lines(
    store: Store, shape: str, form: str, filters: ExportFilters, manner: Manner | None
) -> Iterator[str]:
    if manner:
        for line in about(manner.dates, manner.least):
            click.echo(line, err=True)
        asked = Asked.of(filters, None, now())
        table = Deidentified(store, asked, manner, today()).table(shape, form)
        return lines_of(form, table)
    return export_table(
        store, shape=shape, form=form, filters=filters, by=None, now=now(), today=today()
    )


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
