"""Commands about the sites of a clinic, and who works where."""

from __future__ import annotations

import click

from intake.actions import sites as site_actions
from intake.actions import staff
from intake.cli.surroundings import COMMAND_LINE, clinic_store, now


@click.group()
def sites() -> None:
    """List, open, rename and close the clinic's sites."""


@sites.command("list")
def list_sites() -> None:
    """List the sites, the open ones first."""
    with clinic_store() as store:
        for site in site_actions.every_site(store):
            click.echo(f"{'closed' if site.closed_at else 'open':<8} {site.name}")


@sites.command("open")
@click.argument("name")
def open_site(name: str) -> None:
    """Open a site, or open a closed one again."""
    with clinic_store() as store:
        for site in site_actions.every_site(store):
            if site.name.casefold() == name.strip().casefold() and site.closed_at:
                site_actions.reopen(store, site_id=site.id, by=COMMAND_LINE, now=now())
                break
        else:
            site_actions.open_site(store, name=name, by=COMMAND_LINE, now=now())
    click.echo(f"{name} is open.")


@sites.command("rename")
@click.argument("name")
@click.argument("new_name")
def rename(name: str, new_name: str) -> None:
    """Give a site another name, also on what happened there before."""
    with clinic_store() as store:
        site_id = site_actions.site_called(store, name).id
        site_actions.rename(store, site_id=site_id, name=new_name, by=COMMAND_LINE, now=now())
    click.echo(f"{name} is now {new_name}.")


@sites.command("close")
@click.argument("name")
def close(name: str) -> None:
    """Close a site: nothing begins there any more, and what was begun there stays."""
    with clinic_store() as store:
        site_id = site_actions.site_called(store, name).id
        site_actions.close(store, site_id=site_id, by=COMMAND_LINE, now=now())
    click.echo(f"{name} is closed. Its cases stay.")


@click.command("sites")
@click.argument("username")
@click.argument("names", metavar="SITE...", nargs=-1)
@click.option("--every", is_flag=True, help="Every site, also those to come.")
def works_at(username: str, names: tuple[str, ...], every: bool) -> None:
    """Say of which sites an account may read the cases."""
    if every == bool(names):
        msg = "name the sites, or give --every"
        raise click.UsageError(msg)
    with clinic_store() as store:
        ids = None if every else [site_actions.site_called(store, name).id for name in names]
        account_id = staff.id_of(store, username)
        site_actions.works_at(store, account_id=account_id, sites_=ids, by=COMMAND_LINE, now=now())
    click.echo(f"{username} reads the cases of {'every site' if every else ', '.join(names)}.")
