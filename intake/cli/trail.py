"""Commands about the audit trail: list, export."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

import click

from intake.actions.accounts import list_accounts
from intake.actions.trail import PAGE_EVENTS, TrailFilters, export_trail, facts_of, read_trail
from intake.cli.surroundings import COMMAND_LINE, clinic_store, day, now
from intake.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from intake.storage import Store


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
        people = {who.id: who.username for who in list_accounts(store)}
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
        people = {who.id: who.name for who in list_accounts(store)}
        filters = _narrowed(store, actor, action, record, (since, until))
        rows = export_trail(store, filters, zone=zone, people=people, by=COMMAND_LINE, now=now())
        output.writelines(rows)
