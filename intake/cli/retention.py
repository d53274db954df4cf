"""Commands about keeping and forgetting: periods, holds, erasing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from intake.actions import backups
from intake.actions import retention as actions
from intake.cli.surroundings import COMMAND_LINE, clinic_store, day, now, today
from intake.core.retention import RecordClass, read_period
from intake.settings import read_settings

if TYPE_CHECKING:
    from datetime import date

    from intake.core.retention import Due
    from intake.storage import Store

CLASSES = [one.value for one in RecordClass]


@click.group(invoke_without_command=True)
@click.option("--dry-run", is_flag=True, help="Only list what is due; nothing is changed.")
@click.option("--yes", is_flag=True, help="Do not ask; for a timer of the machine.")
@click.option(
    "--today-is", type=day, help="Today's date; asked for where the clock may have been set wrong."
)
@click.pass_context
def retention(ctx: click.Context, dry_run: bool, yes: bool, today_is: date | None) -> None:
    """Erase what was kept for as long as the clinic decided; without a period nothing is due.

    It lists what is due and asks before it erases. What is on hold stays. The audit trail keeps
    its lines, which hold nobody's answers.

    Where nothing was done for more than a month, the clock may be wrong since, and nothing is
    erased until --today-is says the same day; that counts until the next such silence.
    """
    if ctx.invoked_subcommand is not None:
        return
    with clinic_store() as store:
        found = actions.due(store, by=COMMAND_LINE, today=today())
        _list(found)
        if dry_run:
            return
        if found.is_empty:
            actions.sweep(store, by=COMMAND_LINE)
            return
        if not yes:
            click.confirm("Erase these for good?", abort=True)
        actions.erase_due(
            store,
            by=COMMAND_LINE,
            now=now(),
            today=today(),
            expected=actions.seen(found),
            is_day_confirmed=today_is == today(),
        )
        click.echo("Erased.")
        _tell_backups(store)


def _list(found: Due) -> None:
    for record_class, each in found.patients.items():
        for one in each:
            click.echo(f"{one.record_number}  {record_class.value:<10}  last on {one.last_on}")
    for form in found.forms:
        click.echo(f"{form}  never sent")
    for one in found.held:
        click.echo(f"{one.record_number}  stays, on hold: {one.held}")
    if found.sign_ins:
        click.echo(f"{found.sign_ins} traces of signing in")
    if found.is_empty:
        click.echo("Nothing is due.")


def _tell_backups(store: Store) -> None:
    settings = read_settings()
    folder, place = settings.backup_folder, settings.place
    for one in backups.holding_what_was_erased(store, folder, by=COMMAND_LINE, now=now()):
        click.echo(f"{one.path} still holds it; 'intake backups forget' removes it.", err=True)
    for name in backups.set_aside_with_what_was_erased(store, place, by=COMMAND_LINE):
        click.echo(
            f"{name}, which a restore set aside, may hold it; remove it once nobody needs it.",
            err=True,
        )


@retention.command("periods")
def list_periods() -> None:
    """List for how long each class of records is kept, and why."""
    with clinic_store() as store:
        for record_class, kept in actions.periods(store, by=COMMAND_LINE).items():
            click.echo(f"{record_class.value:<10}  {kept.period or 'no end'!s:<10}  {kept.reason}")


@retention.command("set")
@click.argument("record_class", metavar="CLASS", type=click.Choice(CLASSES))
@click.argument("period")
@click.option("--reason", required=True, help="Why, such as the law that says so.")
def set_period(record_class: str, period: str, reason: str) -> None:
    """Decide how long CLASS is kept: PERIOD is such as "8 years", "90 days" or "no end".

    \b
    treated    patients who had a session here, from the last that happened with them
    untreated  patients who never had one, from the last that happened with them
    unsent     forms begun and never sent, from the last answer
    sign-ins   tries to sign in and ended sessions
    """  # noqa: D301 - click takes the escape for "keep these lines as they are"
    wanted = read_period(period)
    with clinic_store() as store:
        actions.set_period(
            store,
            record_class=RecordClass(record_class),
            period=wanted,
            reason=reason,
            by=COMMAND_LINE,
            now=now(),
        )
    click.echo(f"{record_class}: {wanted or 'no end'}. 'intake retention' erases.")


@retention.command("holds")
def list_holds() -> None:
    """List the records that must not be erased, newest first."""
    with clinic_store() as store:
        for one in actions.holds(store, by=COMMAND_LINE):
            click.echo(f"{one.at:%Y-%m-%d}  {one.record_number}  {one.reason}")


@retention.command("hold")
@click.argument("record_number")
@click.option("--reason", required=True, help="Why, without names.")
def hold(record_number: str, reason: str) -> None:
    """Keep a patient's whole record from being erased, whatever its period."""
    with clinic_store() as store:
        made = actions.hold(
            store, record_number=record_number, reason=reason, by=COMMAND_LINE, now=now()
        )
    click.echo(f"{made.record_number} is on hold.")


@retention.command("lift")
@click.argument("record_number")
def lift(record_number: str) -> None:
    """Lift the hold on a patient's record."""
    with clinic_store() as store:
        actions.lift(store, record_number=record_number, by=COMMAND_LINE, now=now())
    click.echo(f"{record_number} is no longer on hold.")


@click.command()
@click.argument("record_number")
@click.option("--born", type=day, required=True, help="The patient's date of birth.")
@click.option("--reason", required=True, help="Why, without names.")
@click.option("--dry-run", is_flag=True, help="Only say what there is; nothing is changed.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(record_number: str, born: date, reason: str, dry_run: bool, yes: bool) -> None:
    """Erase one patient and everything that is kept of them, so that no byte is left.

    The date of birth must be theirs, so that a slip of a digit erases nobody.
    """
    with clinic_store() as store:
        found = actions.outline_of(store, record_number=record_number, by=COMMAND_LINE)
        click.echo(
            f"{found.record_number}: {found.forms} forms, {found.sessions} sessions,"
            f" last on {found.last_on}." + (f" On hold: {found.held}" if found.held else "")
        )
        if dry_run:
            sys.exit(0)
        if not yes:
            click.confirm("Erase this patient for good?", abort=True)
        made = actions.erase_patient(
            store, record_number=record_number, born=born, reason=reason, by=COMMAND_LINE, now=now()
        )
        click.echo(f"Erased. The note of it has the id {made.id}.")
        _tell_backups(store)
