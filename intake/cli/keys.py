"""Commands about the keys: where they are, whether they open the database, another one."""

from __future__ import annotations

import sys

import click

from intake import keys as key_files
from intake.actions.keys import write_down
from intake.cli.surroundings import COMMAND_LINE, now, open_clinic
from intake.settings import read_settings
from intake.storage import database
from intake.storage.checks import opens
from intake.storage.connections import is_plain
from intake.storage.keys import fingerprint


@click.group()
def keys() -> None:
    """Look after the keys that encrypt the clinic. None is ever printed."""


@keys.command("check")
def check() -> None:
    """Say where the keys are and whether they open the database; exit 1 if they do not.

    A fingerprint tells keys apart and gives nothing away: compare it with that of your copy.
    """
    settings = read_settings()
    found = key_files.read_keys(settings)
    for place in key_files.keys_in(settings):
        click.echo(place)
    if found.database is None:
        click.echo("The database is not encrypted, as INTAKE_ALLOW=plain allows.")
        return
    click.echo(f"Database key: {fingerprint(found.database)}")
    click.echo(f"Trail key:    {fingerprint(found.trail)}")
    for file, key in zip(key_files.older_keys(settings), found.older, strict=True):
        click.echo(f"Older key:    {fingerprint(key)}, for older backups: {file}")
    database.require(settings.database)
    if is_plain(settings.database):
        click.echo(f"{settings.database} is not encrypted. Run 'intake keys encrypt'.")
        sys.exit(1)
    if not opens(settings.database, found.database):
        click.echo(f"They do not open {settings.database}.")
        sys.exit(1)
    click.echo(f"They open {settings.database}.")


@keys.command("encrypt")
def encrypt() -> None:
    """Encrypt a database that is plain. Stop the server first."""
    settings = read_settings()
    database.require(settings.database)
    key_files.encrypt(settings)
    with_key = open_clinic(settings)
    try:
        write_down(with_key, "database encrypted", by=COMMAND_LINE, now=now())
    finally:
        with_key.close()
    click.echo(f"{settings.database} is encrypted. Backups of before are not: lock them away.")


@keys.command("rotate")
def rotate() -> None:
    """Encrypt the database under a new key. Stop the server first.

    The old key is kept in the folder of the keys: backups made until now need it.
    """
    settings = read_settings()
    database.require(settings.database)
    kept = key_files.rotate(settings, now())
    store = open_clinic(settings)
    try:
        write_down(store, "key rotated", by=COMMAND_LINE, now=now())
    finally:
        store.close()
    click.echo(f"{settings.database} is encrypted with a new key. Keep a copy of it elsewhere.")
    click.echo(f"Backups made until now need the old one: {kept}")
