"""Commands about who and what may come in: accounts, tablets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from intake.actions import staff
from intake.actions import tablets as tablet_actions
from intake.actions.sites import only_site, site_called
from intake.cli.surroundings import COMMAND_LINE, clinic_store, now
from intake.core.records import Role
from intake.settings import read_settings

if TYPE_CHECKING:
    from intake.actions.staff import Account
    from intake.storage.tablets import Tablet

ROLES = click.Choice([role.value for role in Role])


@click.group()
def accounts() -> None:
    """Add, list and change the accounts of the desk."""


@accounts.command("add")
@click.argument("username")
@click.option("--name", required=True, help="The full name, as it signs decisions.")
@click.option("--role", type=ROLES, required=True, help="What this person is there for.")
def add(username: str, name: str, role: str) -> None:
    """Add an account and print its password, which works once and for three days."""
    with clinic_store() as store:
        who, password = staff.add(
            store, username=username, name=name, role=Role(role), by=COMMAND_LINE, now=now()
        )
    click.echo(f"{who.username} may sign in as {who.role.value} with the one-time password")
    click.echo(password)


@accounts.command("list")
def list_accounts() -> None:
    """List the accounts."""
    with clinic_store() as store:
        for account in staff.list_staff(store, by=COMMAND_LINE, now=now()):
            who = account.who
            state = _state(account)
            click.echo(f"{who.username:<16} {who.role.value:<14} {state:<18} {who.name}")


def _state(account: Account) -> str:
    if account.who.disabled_at is not None:
        return "disabled"
    if account.has_lapsed:
        return "password lapsed"
    return "one-time password" if account.who.must_change_password else "active"


@accounts.command("reset")
@click.argument("username")
def reset(username: str) -> None:
    """Give an account a new one-time password for three days; it is signed out everywhere."""
    with clinic_store() as store:
        account_id = staff.id_of(store, username)
        click.echo(staff.reset(store, account_id=account_id, by=COMMAND_LINE, now=now()))


@accounts.command("reset-second-factor")
@click.argument("username")
def reset_second_factor(username: str) -> None:
    """Take an account's second factor away; it adds another at its next sign-in."""
    with clinic_store() as store:
        account_id = staff.id_of(store, username)
        staff.reset_second_factor(store, account_id=account_id, by=COMMAND_LINE, now=now())
    click.echo(
        f"{username} is signed out everywhere, and adds a second factor at the next sign-in."
    )


@accounts.command("unlock")
@click.argument("username")
def unlock(username: str) -> None:
    """Forget wrong tries at an account, so that its owner need not wait."""
    with clinic_store() as store:
        account_id = staff.id_of(store, username)
        was_tried = staff.unlock(store, account_id=account_id, by=COMMAND_LINE, now=now())
    click.echo(f"{username} can sign in again." if was_tried else f"{username} was not locked out.")


@accounts.command("role")
@click.argument("username")
@click.argument("role", type=ROLES)
def change_role(username: str, role: str) -> None:
    """Give an account another role; it is signed out everywhere."""
    with clinic_store() as store:
        account_id = staff.id_of(store, username)
        who = staff.change_role(
            store, account_id=account_id, role=Role(role), by=COMMAND_LINE, now=now()
        )
    click.echo(f"{who.username} is now {role}.")


@accounts.command("disable")
@click.argument("username")
def disable(username: str) -> None:
    """Shut an account out, at once and everywhere; its name stays on what it decided."""
    with clinic_store() as store:
        account_id = staff.id_of(store, username)
        who = staff.disable(store, account_id=account_id, by=COMMAND_LINE, now=now())
    click.echo(f"{who.username} is shut out. 'intake accounts enable' lets it in again.")


@accounts.command("enable")
@click.argument("username")
def enable(username: str) -> None:
    """Let an account in again, and print a password that works once and for three days."""
    with clinic_store() as store:
        account_id = staff.id_of(store, username)
        click.echo(staff.enable(store, account_id=account_id, by=COMMAND_LINE, now=now()))


@accounts.command("sign-out")
@click.argument("username")
def sign_out(username: str) -> None:
    """Sign an account out everywhere."""
    with clinic_store() as store:
        account_id = staff.id_of(store, username)
        staff.sign_out_everywhere(store, account_id=account_id, by=COMMAND_LINE, now=now())
    click.echo(f"{username} is signed out everywhere.")


@click.group()
def tablets() -> None:
    """List, enrol and revoke the clinic's tablets."""


@tablets.command("list")
def list_tablets() -> None:
    """List the tablets, newest first, each with the id by which it is revoked."""
    with clinic_store() as store:
        for tablet in tablet_actions.list_tablets(store, by=COMMAND_LINE):
            click.echo(f"{tablet.id}  {_where(tablet):<10} {tablet.name}")


def _where(tablet: Tablet) -> str:
    if tablet.revoked_at is not None:
        return "revoked"
    if tablet.enrolled_at is not None:
        return "enrolled"
    return "waiting" if tablet.is_awaited(now()) else "too late"


@tablets.command("enrol")
@click.argument("name")
@click.option("--address", help="How tablets reach this server, such as https://intake.example.")
@click.option("--site", "site_name", help="The site where it stands; the only one without it.")
def enrol(name: str, address: str | None, site_name: str | None) -> None:
    """Add a tablet and print its link, which works once and for an hour."""
    settings = read_settings()
    with clinic_store() as store:
        site = site_called(store, site_name).id if site_name else only_site(store).id
        code = tablet_actions.enrolment_link(
            store, name=name, site=site, by=COMMAND_LINE, now=now()
        )
    named = f"https://{settings.hosts[0]}" if settings.hosts else ""
    base = address or named or f"http://{settings.host}:{settings.port}"
    click.echo(f"{base.rstrip('/')}/tablet/enrol/{code}")


@tablets.command("revoke")
@click.argument("tablet_id", metavar="ID")
def revoke(tablet_id: str) -> None:
    """Shut a tablet out for good; it opens nothing any more."""
    with clinic_store() as store:
        tablet_actions.revoke(store, tablet_id=tablet_id, by=COMMAND_LINE, now=now())
    click.echo("The tablet is revoked.")
