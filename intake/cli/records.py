"""Commands about records: list, show, count, figures."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, TextIO

import click

from intake.actions.assess import assess_all
from intake.actions.figures import Wanted, export_figures
from intake.actions.rule_packs import kept_pack
from intake.cli.surroundings import COMMAND_LINE, clinic_store, day, now, say_head, today
from intake.core.errors import NotFoundError
from intake.core.figures import span_of
from intake.core.review import status_of
from intake.core.rules import Triage
from intake.exports.figure_tables import TABLES
from intake.settings import read_settings
from intake.storage import audit, cases, listing
from intake.storage.listing import Selection

if TYPE_CHECKING:
    from datetime import date


TRIAGES = [triage.value for triage in Triage]


@click.group()
def records() -> None:
    """List, show and count what is kept."""


@records.command("list")
@click.option("--triage", type=click.Choice(TRIAGES), multiple=True, help="Only these.")
@click.option("--since", type=day, help="First day of begin or submission.")
@click.option("--until", type=day, help="Last day, included.")
def list_command(triage: tuple[str, ...], since: date | None, until: date | None) -> None:
    """List the cases, most serious first, then waiting longest."""
    selection = Selection(
        frozenset(Triage(t) for t in triage), since, until, zone=read_settings().timezone
    )
    with clinic_store() as store:
        for case in listing.listed(store, selection):
            found = case.screening.triage if case.screening else "-"
            status = status_of(case.facts, today())
            patient = case.patient
            click.echo(
                f"{case.response_id}  {found:<8}  {status:<18}  {patient.record_number}"
                f"  {patient.birth_date}  {patient.name}"
            )


@records.command("assess")
def assess_command() -> None:
    """Screen the forms that were sent while their rules could not be read.

    Exit code 1: the rules of some still cannot be read; 'intake rules kept' lists the packs.
    """
    with clinic_store() as store:
        done, left = assess_all(
            store, lambda hash_: kept_pack(store, hash_, today()), now=now(), today=today()
        )
    click.echo(f"Assessed: {done}. Still not assessed: {left}.")
    if left:
        sys.exit(1)


@records.command()
@click.argument("response_id", metavar="ID")
def show(response_id: str) -> None:
    """Print one case as JSON; that it was read is audited."""
    with clinic_store() as store:
        found = cases.case(store, response_id)
        if found is None:
            msg = f"There is no record {response_id}."
            raise NotFoundError(msg)
        with store.write() as db:
            audit.append(db, at=now(), actor=COMMAND_LINE, action="case read", subject=response_id)
    click.echo(json.dumps(asdict(found), indent=2, default=_plain, ensure_ascii=False))


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset | set) else str(value)


@records.command()
def count() -> None:
    """Count patients, responses, screenings and decisions."""
    with clinic_store() as store:
        for name, number in cases.counts(store).items():
            click.echo(f"{number:>8}  {name}")


@click.command()
@click.option("--since", type=day, help="First day on which forms were sent; 90 days without it.")
@click.option("--until", type=day, help="Last day, included; today without it.")
@click.option(
    "--table",
    type=click.Choice(tuple(TABLES)),
    default="rules",
    help="What is counted: rules, questions left open, the load of days, or waits by severity.",
)
@click.option(
    "--output",
    type=click.File("w", encoding="utf-8"),
    default="-",
    help="The file to write; standard output without it.",
)
def figures(since: date | None, until: date | None, table: str, output: TextIO) -> None:
    """Count how rules and questions do, as CSV; nobody is named, and it is audited.

    The same numbers as on the desk's page of figures; docs/figures.md tells the columns.
    """
    if since and until and until < since:
        msg = "the last day is before the first"
        raise click.BadParameter(msg, param_hint="--until")
    wanted = Wanted(span_of(since, until, today()), read_settings().timezone)
    with clinic_store() as store:
        lines = export_figures(
            store,
            lambda hash_: kept_pack(store, hash_, today()),
            wanted,
            table=table,
            by=None,
            now=now(),
            today=today(),
        )
        output.writelines(lines)
        say_head(store)
