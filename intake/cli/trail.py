"""Commands about the audit trail: list, export, verify, heads."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from intake.actions.accounts import list_accounts
from intake.actions.names import names_of_actors, systems
from intake.actions.trail import PAGE_EVENTS, TrailFilters, export_trail, facts_of, read_trail
from intake.actions.trail_check import (
    check_trail,
    head_of_trail,
    heads_elsewhere,
    is_held,
    keep_head_of,
)
from intake.cli.surroundings import COMMAND_LINE, clinic_store, day, now, say_head
from intake.core.chain import head_of
from intake.core.errors import TrailError
from intake.settings import read_settings
from intake.storage.backups import head_in_name
from intake.storage.heads import KeptHead
from intake.storage.recognition import newest_line_fault
from intake.storage.trail_check import verdict_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from intake.storage import Store
    from intake.storage.heads import HeadsKept
    from intake.storage.trail_check import Verdict


@click.group()
def audit() -> None:
    """Read the audit trail: who did what to which record, and when."""


def _filters(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that narrow the trail."""
    for option in (
        click.option("--until", type=day, help="Last day, included."),
        click.option("--since", type=day, help="First day."),
        click.option("--record", default="", help="The id of a record: its whole history."),
        click.option("--action", default="", help="Such as 'case read', as the trail has it."),
        click.option("--actor", default="", help="A user name, or such as 'command line'."),
    ):
        command = option(command)
    return command


def _narrowed(
    store: Store, actor: str, action: str, record: str, span: tuple[date | None, date | None]
) -> TrailFilters:
    """Take an actor for the account of that user name, if there is one."""
    known = {who.username: who.id for who in list_accounts(store)}
    return TrailFilters(known.get(actor, actor), action, record, *span)


@audit.command("list")
@_filters
@click.option(
    "--limit",
    default=PAGE_EVENTS,
    show_default=True,
    type=click.IntRange(1, 100_000),
    help="How many at most.",
)
def list_command(
    actor: str, action: str, record: str, since: date | None, until: date | None, limit: int
) -> None:
    """List events, newest first."""
    zone = read_settings().timezone
    with clinic_store() as store:
        people = systems(store) | {who.id: who.username for who in list_accounts(store)}
        filters = _narrowed(store, actor, action, record, (since, until))
        found = read_trail(store, filters, zone=zone, by=COMMAND_LINE, limit=limit)
        for event in found.events:
            who, at = people.get(event.actor, event.actor), event.at.astimezone(zone)
            facts = " ".join(f"{key}={value}" for key, value in facts_of(event).items())
            click.echo(
                f"{event.sequence:>8}  {at:%Y-%m-%d %H:%M:%S}  {who:<14}  {event.action:<20}"
                f"  {event.subject}  {facts}".rstrip()
            )
    if found.below is not None:
        click.echo(f"The newest {limit}; --limit shows more.", err=True)


@audit.command("export")
@_filters
@click.option("--output", type=click.File("w", encoding="utf-8"), default="-", help="The file.")
def export(
    actor: str,
    action: str,
    record: str,
    since: date | None,
    until: date | None,
    output: TextIO,
) -> None:
    """Write events as CSV, oldest first; that it was exported is itself an event."""
    zone = read_settings().timezone
    with clinic_store() as store:
        people = names_of_actors(store)
        filters = _narrowed(store, actor, action, record, (since, until))
        rows = export_trail(store, filters, zone=zone, people=people, by=COMMAND_LINE, now=now())
        output.writelines(rows)
        say_head(store)


@audit.command("verify")
@click.option(
    "--head", "given", multiple=True, metavar="COUNT:MAC", help="A head that was noted elsewhere."
)
@click.option(
    "--backup",
    "copies",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A backup whose name holds a head; those in INTAKE_BACKUPS are compared anyway.",
)
@click.option(
    "--heads",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of heads; the one beside the keys without it.",
)
@click.option("--newest", type=click.IntRange(1), help="Look at so many of the newest lines only.")
def verify(
    given: tuple[str, ...], copies: tuple[Path, ...], heads: Path | None, newest: int | None
) -> None:
    """Check that nobody changed the trail or what it speaks of; exit 1 and say where if so.

    Every line is held against its seal and every record against the last line about it. That the
    end was cut shows in heads that were kept elsewhere: on printed day lists, in names of backups
    and exports, in documents, and in the file beside the keys.
    """
    settings = read_settings()
    known = heads_elsewhere(heads or settings.heads, settings.backup_folder)
    told = [
        *(KeptHead(head_of(text), f"the head {text}") for text in given),
        *(_head_of_backup(path) for path in copies),
    ]
    kept = replace(known, heads=(*known.heads, *told))
    with clinic_store(despite_seal=True) as store:
        found = _found(store, kept, newest)
    for fault in found.faults:
        click.echo(fault)
    if found.faults:
        sys.exit(1)
    click.echo(_all_well(found, len(kept.heads)))


def _found(store: Store, kept: HeadsKept, newest: int | None) -> Verdict:
    """Check the trail, and write that down unless it would be sealed with another clinic's key."""
    if newest_line_fault(store):
        found = verdict_of(store, kept=kept.heads, newest=newest)
        return replace(found, faults=(*found.faults, *kept.faults))
    found = check_trail(store, kept=kept, newest=newest, by=COMMAND_LINE, now=now())
    keep_head_of(store, read_settings().heads, now=now(), occasion="check")
    return found


def _all_well(found: Verdict, compared: int) -> str:
    lines = (
        f"{found.head.count:,} lines"
        if found.since == 1
        else f"The lines {found.since:,} to {found.head.count:,}"
    )
    said = [f"{lines} and the records they speak of are as they were written."]
    if found.sealed_later:
        said.append(
            f"The first {found.sealed_later:,} were written before there were seals, and sealed"
            " later."
        )
    if found.erased:
        said.append(
            f"Forms and patients erased, of which no more can be compared: {found.erased:,}."
        )
    said.append(f"Heads kept elsewhere that fit: {compared}.")
    return f"{' '.join(said)}\nHead: {found.head}"


@audit.command("heads")
def heads_command() -> None:
    """List the heads kept elsewhere: when, which, with what, and whether the trail still has it."""
    settings = read_settings()
    known = heads_elsewhere(settings.heads, settings.backup_folder)
    with clinic_store() as store:
        for one in known.heads:
            at = f"{one.at:%Y-%m-%d %H:%M} UTC" if one.at else ""
            fits = "fits" if is_held(store, one) else "does not fit"
            click.echo(f"{at:<20}  {one.head.short:<26}  {fits:<12}  {one.where}")
        click.echo(f"Now: {head_of_trail(store)}")
    for fault in known.faults:
        click.echo(fault, err=True)


def _head_of_backup(path: Path) -> KeptHead:
    """Read the head in the name of a backup.

    Raises:
        TrailError: the name holds none.
    """
    found = head_in_name(path)
    if found is None:
        msg = f"The name of {path.name} holds no head; give the one you noted with --head."
        raise TrailError(msg)
    return found
