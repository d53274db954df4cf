"""Commands about the clinic as a whole: demo, serve, settings, restore."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import click
from waitress import serve as waitress_serve

from intake.actions import accounts as account_actions
from intake.actions.retention import erase_again
from intake.cli.demo import ACCOUNTS, fill, is_demo, mark, passwords
from intake.cli.surroundings import now, prepare, today
from intake.core.display import count
from intake.core.errors import StorageError
from intake.settings import Settings, read_settings
from intake.settings_words import told
from intake.storage import database, open_store
from intake.storage.retention import erased_ids
from intake.web import create_app

THREADS = 8


@click.command()
@click.option("--no-serve", is_flag=True, help="Only make the data.")
@click.option("--fresh", is_flag=True, help="Throw the old demo away and make a new one.")
def demo(no_serve: bool, fresh: bool) -> None:
    """Make a demo clinic with a dozen intakes, and serve it.

    The data goes to INTAKE_DATA, or to demo-data. Passwords that work once are printed; those
    already replaced by their owners stay.
    """
    settings = read_settings({"INTAKE_DATA": "demo-data", **os.environ})
    settings = replace(settings, clinic_name=f"{settings.clinic_name} (demo)")
    if fresh and settings.data.exists():
        _throw_away(settings)
    is_new = not settings.database.exists()
    if not is_new:
        _require_demo(settings)
    for note in prepare(settings):
        click.echo(note)
    store = open_store(settings.database)
    try:
        if is_new:
            mark(settings.data)
            fill(store, now=now(), today=today(settings))
        shown = passwords(store, now=now())
    finally:
        store.close()
    click.echo("\nSign in at the desk as one of:")
    for account in ACCOUNTS:
        password = shown.get(account.username) or "(the password you chose)"
        click.echo(f"  {account.username:<10} {password:<24} {account.role.value}, {account.name}")
    if shown:
        click.echo("Each is for the first sign-in only: you then choose a password of your own.\n")
    if not no_serve:
        _serve(settings)


def _throw_away(settings: Settings) -> None:
    """Remove a demo's data folder, and nothing that is not one."""
    _require_demo(settings)
    shutil.rmtree(settings.data)


def _require_demo(settings: Settings) -> None:
    if not is_demo(settings.data):
        msg = f"{settings.data} is not a demo clinic and was left as it is."
        raise StorageError(msg)


@click.command()
def serve() -> None:
    """Serve the clinic in INTAKE_DATA; a new folder becomes a new, empty clinic."""
    settings = read_settings()
    for note in prepare(settings):
        click.echo(note)
    store = open_store(settings.database)
    try:
        if not account_actions.list_accounts(store):
            click.echo(
                "Nobody can sign in yet. Add the first account, in another window:\n"
                "  intake accounts add USERNAME --name 'Full Name' --role administrator"
            )
    finally:
        store.close()
    _serve(settings)


def _serve(settings: Settings) -> None:
    address = f"http://{settings.host}:{settings.port}"
    click.echo(f"Desk:    {address}/desk\nTablet:  {address}/tablet\nStop with Ctrl+C.")
    app = create_app(settings)
    app.test_client().get("/healthz")  # loads the rules, so that nobody waits for them
    waitress_serve(app, host=settings.host, port=settings.port, threads=THREADS, ident=None)


@click.command("settings")
def settings_command() -> None:
    """Print every setting, and whether it comes from the environment."""
    for one in told(read_settings()):
        source = "given" if one.is_given else "default"
        click.echo(f"{one.name:<20} {source:<8} {one.value}")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", "replacing", is_flag=True, help="Take the place of the present clinic.")
def restore(file: Path, replacing: bool) -> None:
    """Put a backup in the place of the clinic in INTAKE_DATA.

    Stop the server first. With --replace the present database is kept beside it under another
    name. What was erased since the backup was made is erased again.
    """
    settings = read_settings()
    erased = _erased_in(settings.database)
    kept = database.restore(file, settings.database, replacing=replacing, now=now())
    database.bring_up_to_date(settings.database)
    if kept is not None:
        click.echo(f"The clinic that was here is kept as {kept.name}.")
    with closing(open_store(settings.database)) as store:
        again = erase_again(store, erased, now=now())
    if again:
        click.echo(f"Erased again, as before that backup was put back: {count(again, 'record')}.")
    click.echo(f"{settings.database} holds what {file.name} held.")


def _erased_in(path: Path) -> dict[str, str]:
    """Return what was erased in the clinic that is replaced; nothing when it cannot be read."""
    try:
        with closing(open_store(path)) as store:
            return erased_ids(store)
    except (StorageError, sqlite3.DatabaseError):
        return {}
