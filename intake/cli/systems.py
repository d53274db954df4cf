"""Commands about other systems: letting one in by a token, shutting one out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from intake.actions import clients
from intake.actions.clients import LONGEST_DAYS, USUAL_DAYS
from intake.actions.sites import every_site, site_called
from intake.cli.surroundings import COMMAND_LINE, clinic_store, now
from intake.core.clients import ROLE_MEANS, ApiClient, ClientRole
from intake.core.errors import NotFoundError

if TYPE_CHECKING:
    from intake.storage import Store

_DAYS = click.option(
    "--days",
    default=USUAL_DAYS,
    show_default=True,
    type=click.IntRange(1, LONGEST_DAYS),
    help="For how long the token is good.",
)


@click.group()
def systems() -> None:
    """Let other systems in over the API, list them and shut them out."""


@systems.command("add")
@click.argument("name")
@click.option(
    "--role",
    required=True,
    type=click.Choice([role.value for role in ROLE_MEANS]),
    help="; ".join(f"{role}: {means}" for role, means in ROLE_MEANS.items()) + ".",
)
@click.option("--site", "sites", multiple=True, help="Of a site's cases only; may be repeated.")
@_DAYS
def add(name: str, role: str, sites: tuple[str, ...], days: int) -> None:
    """Let another system in, and print its token, which is shown this once."""
    with clinic_store() as store:
        reached = [site_called(store, site).id for site in sites] or None
        made, token = clients.add(
            store,
            name=name,
            role=ClientRole(role),
            days=days,
            site_ids=reached,
            by=COMMAND_LINE,
            now=now(),
        )
    _say(made, token)


@systems.command("add-by-key")
@click.argument("name")
@click.option("--issuer", required=True, help="What it calls itself in what it signs (iss).")
@click.option(
    "--keys",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with its public keys, as a JSON Web Key Set.",
)
@click.option("--site", "sites", multiple=True, help="Of a site's cases only; may be repeated.")
@_DAYS
def add_by_key(name: str, issuer: str, keys: Path, sites: tuple[str, ...], days: int) -> None:
    """Let a system in that shows findings as cards (CDS Hooks), and signs its requests."""
    with clinic_store() as store:
        made = clients.add_by_key(
            store,
            name=name,
            issuer=issuer,
            keys=keys.read_text(encoding="utf-8", errors="replace"),
            days=days,
            site_ids=[site_called(store, site).id for site in sites] or None,
            by=COMMAND_LINE,
            now=now(),
        )
    click.echo(f"{made.name} may ask for cards until {made.until:%Y-%m-%d %H:%M} UTC.")


@systems.command("list")
def list_command() -> None:
    """List every system that was let in, newest first."""
    with clinic_store() as store:
        names = {site.id: site.name for site in every_site(store)}
        for one in clients.list_clients(store, by=COMMAND_LINE):
            where = (
                ", ".join(names[id_] for id_ in sorted(one.sites)) if one.sites else "every site"
            )
            click.echo(f"{one.id[:8]}  {one.role.value:<16} {_state(one):<26} {one.name}, {where}")


def _state(one: ApiClient) -> str:
    if one.revoked_at is not None:
        return f"shut out {one.revoked_at:%Y-%m-%d}"
    return f"{'until' if one.is_let_in(now()) else 'ran out'} {one.until:%Y-%m-%d %H:%M} UTC"


@systems.command("renew")
@click.argument("begins")
@_DAYS
def renew(begins: str, days: int) -> None:
    """Print a new token for the system whose id BEGINS so; the one it has opens nothing more."""
    with clinic_store() as store:
        made, token = clients.renew(
            store, client_id=_id_of(store, begins), days=days, by=COMMAND_LINE, now=now()
        )
    _say(made, token)


@systems.command("revoke")
@click.argument("begins")
def revoke(begins: str) -> None:
    """Shut the system out whose id BEGINS so, at once and for good."""
    with clinic_store() as store:
        clients.revoke(store, client_id=_id_of(store, begins), by=COMMAND_LINE, now=now())
    click.echo("It is shut out.")


def _say(made: ApiClient, token: str) -> None:
    click.echo(
        f"{made.name} may ask as {made.role.value} until {made.until:%Y-%m-%d %H:%M} UTC with"
    )
    click.echo(token)


def _id_of(store: Store, begins: str) -> str:
    known = clients.list_clients(store, by=COMMAND_LINE)
    found = [one.id for one in known if one.id.startswith(begins)]
    if len(found) != 1:
        msg = f"{len(found)} systems have an id that begins so. 'intake systems list' shows them."
        raise NotFoundError(msg)
    return found[0]
