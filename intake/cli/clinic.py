"""Commands about the clinic as a whole: demo, serve, settings."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from intake.actions import accounts as account_actions
from intake.actions.trail_check import keep_head_of_day
from intake.cli.demo import ACCOUNTS, fill, is_demo, mark, passwords
from intake.cli.server import listening
from intake.cli.surroundings import now, open_clinic, prepare, today
from intake.core.errors import StorageError
from intake.settings import Settings, SettingsError, read_settings
from intake.settings_words import told
from intake.web import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator

SWITCH_S = 0.0005
"""After how long a thread lets another one run. A save takes some forty steps in SQLite, and stands
in line for Python again after each: with Python's own 5 ms, beside seven busy threads, it would
hold the lock of the database for a fifth of a second."""


@click.command()
@click.option("--no-serve", is_flag=True, help="Only make the data.")
@click.option("--fresh", is_flag=True, help="Throw the old demo away and make a new one.")
def demo(no_serve: bool, fresh: bool) -> None:
    """Make a demo clinic with a dozen intakes, and serve it.

    The data goes to INTAKE_DATA, or to demo-data. Passwords that work once are printed; those
    already replaced by their owners stay.
    """
    settings = _settings_of_a_demo()
    if (fresh and settings.data.exists()) or _was_thrown_away(settings):
        _throw_away(settings)
    is_new = not settings.database.exists()
    if not is_new:
        _require_demo(settings)
    for note in prepare(settings):
        click.echo(note)
    store = open_clinic(settings)
    try:
        if is_new:
            mark(settings.data)
            mark(settings.key_folder)
            fill(store, now=now(), today=today(settings))
        shown = passwords(store, now=now())
    finally:
        store.close()
    click.echo("\nSign in at the desk as one of:")
    for account in ACCOUNTS:
        password = shown.get(account.username) or "(the password you chose)"
        click.echo(f"  {account.username:<10} {password:<24} {account.role.value}, {account.name}")
    if shown:
        click.echo("Each is for the first sign-in only: you then choose a password of your own.")
    if not settings.second_factor:
        click.echo("The demo asks for no second factor; a real clinic does.\n")
    if not no_serve:
        _serve(settings)


def _settings_of_a_demo() -> Settings:
    settings = read_settings({"INTAKE_DATA": "demo-data", **os.environ})
    if settings.server is not None:
        click.echo(f"A demo clinic is kept in a file; {settings.server} is left alone.")
    settings = replace(settings, clinic_name=f"{settings.clinic_name} (demo)", server=None)
    if "INTAKE_SECOND_FACTOR" not in settings.given:
        settings = replace(settings, second_factor=False)
    return settings


def _throw_away(settings: Settings) -> None:
    """Remove a demo's data with its keys and the backups beside it, and nothing that is not one.

    The keys go last: as long as they are there it can be told what the rest was.
    """
    if settings.data.exists():
        _require_demo(settings)
        shutil.rmtree(settings.data)
    if settings.backups is None:
        shutil.rmtree(settings.backup_folder, ignore_errors=True)
    if is_demo(settings.key_folder):
        shutil.rmtree(settings.key_folder)


def _was_thrown_away(settings: Settings) -> bool:
    """Tell whether somebody removed the data of a demo, and left its keys."""
    return not settings.data.exists() and is_demo(settings.key_folder)


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
    store = open_clinic(settings)
    try:
        keep_head_of_day(store, settings.heads, now=now())
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
    house = app.extensions["intake"]
    by_itself = (house.rounds, house.deliveries, house.passes)
    # Open as long as the server runs, so that nobody puts the database under another key meanwhile.
    held = open_clinic(settings)
    sys.setswitchinterval(SWITCH_S)
    with _stopped_in_order():
        try:
            for rounds in by_itself:
                rounds.start()
            server = listening(
                app, host=settings.host, port=settings.port, proxies=settings.proxies
            )
            server.print_listen("Serving on http://{}:{}")
            server.run()
        except OSError as error:
            msg = (
                f"Nothing can be served at {address} ({error.strerror}). Stop what is there, or"
                " name another port in INTAKE_PORT."
            )
            raise SettingsError(msg) from error
        finally:
            for rounds in reversed(by_itself):
                rounds.stop()
            held.close()
    if trouble := house.rounds.trouble:
        click.echo(f"The last backup could not be made: {trouble.words}", err=True)


@contextmanager
def _stopped_in_order() -> Iterator[None]:
    """Let a service manager's word to stop do what Ctrl+C does."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@click.command("settings")
def settings_command() -> None:
    """Print every setting, and whether it comes from the environment."""
    for one in told(read_settings()):
        source = "given" if one.is_given else "default"
        click.echo(f"{one.name:<20} {source:<8} {one.value}")
