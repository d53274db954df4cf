"""`intake import`: intakes prepared from a list of another system, in nobody's name."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, BinaryIO

import click

from intake.actions.appointments import ListRefusedError, look_through, take_over
from intake.actions.rule_packs import hash_in_force, kept_pack
from intake.actions.sites import only_site, site_called
from intake.cli.surroundings import COMMAND_LINE, clinic_store, now, today
from intake.core.appointments import MOST_BYTES, Offered
from intake.core.display import count
from intake.core.errors import StateError
from intake.exports.appointments import read_list, text_of
from intake.web.languages import offered_languages

if TYPE_CHECKING:
    from intake.actions.appointments import Checked, Looked
    from intake.storage import Store


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Say what would be done, and store nothing.")
@click.option("--site", "site_name", help="Where the treatments are, for rows that name no site.")
def import_command(file: BinaryIO, site_name: str | None, *, dry_run: bool) -> None:
    """Prepare intakes from a list of appointments, all of it or nothing.

    FILE (or - for standard input) is a table of text with the columns name, birth_date (1990-04-23)
    and language, and if you like site, date and fields of the plan (docs/exchange.md); or FHIR R4
    Patients: one, a Bundle of them, or one a line.

    Patients who are known by name and birth date continue their record; who has an intake already
    gets no other, so a list can be read twice. What is wrong is said with its row and column, and
    then the exit code is 2.
    """
    text = text_of(file.read(MOST_BYTES + 1))
    with clinic_store() as store:
        pack = kept_pack(store, hash_in_force(store) or "", today())
        offered = Offered(pack, tuple(offered_languages(pack)), today())
        act = look_through if dry_run else take_over
        site = _site(store, site_name)
        try:
            checked = act(
                store, offered, read_list(text, offered), site=site, by=COMMAND_LINE, now=now()
            )
        except ListRefusedError as refused:
            checked = refused.checked
    _say(checked, is_dry=dry_run)
    sys.exit(2 if checked.faults else 0)


def _site(store: Store, name: str | None) -> str:
    """Return the id of the site named, or of the only one; blank when every row has to name it."""
    if name:
        return site_called(store, name).id
    try:
        return only_site(store).id
    except StateError:
        return ""


def _say(checked: Checked, *, is_dry: bool) -> None:
    """Print what was done, or what is to be mended; never a patient's name."""
    for note in checked.notes:
        click.echo(note, err=True)
    if checked.faults:
        for fault in checked.faults:
            click.echo(f"{fault.place}: {fault.says}", err=True)
        click.echo("Nothing was stored.", err=True)
        return
    for one in checked.rows:
        click.echo(f"row {one.given.row}: {_outcome(one)}")
    intakes, new = count(checked.begun, "intake"), count(checked.registered, "new patient")
    if is_dry:
        click.echo(f"Would be prepared: {intakes}, of {new}. Nothing was stored.")
    else:
        click.echo(f"Prepared: {intakes}, of {new}.")


def _outcome(one: Looked) -> str:
    who = one.patient.record_number if one.patient else "new patient"
    if one.under_way is not None:
        state = "is being filled" if one.under_way.sent_at is None else "was sent"
        return f"{who}: nothing, a form {state} already"
    coming = one.appointment
    words = [f"intake in {coming.language}, {coming.site.name}"] if coming else []
    return f"{who}: {'. '.join([*words, *one.notes])}"
