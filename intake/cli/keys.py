"""Commands about the keys: where they are, whether they open the database, another one."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING

import click

from intake import keys as key_files
from intake.actions.keys import write_down
from intake.cli.surroundings import COMMAND_LINE, now, open_clinic
from intake.core.errors import StorageError
from intake.settings import read_settings
from intake.storage import database, opening
from intake.storage.checks import opens
from intake.storage.connections import is_plain
from intake.storage.keys import fingerprint
from intake.storage.recognition import seal_fault

if TYPE_CHECKING:
    from intake.settings import Settings


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
    opening.require(settings.place)
    if settings.server is None and is_plain(settings.database):
        click.echo(f"{settings.database} is not encrypted. Run 'intake keys encrypt'.")
        sys.exit(1)
    if settings.server is None and not opens(settings.database, found.database):
        click.echo(f"They do not open {settings.database}.")
        sys.exit(1)
    with closing(open_clinic(settings)) as store:
        fault = seal_fault(store)
    if fault:
        click.echo(f"They open {settings.place}, but the trail key does not fit. {fault}")
        sys.exit(1)
    click.echo(f"They open {settings.place}.")


@keys.command("encrypt")
def encrypt() -> None:
    """Encrypt a database that is plain. Stop the server first."""
    settings = read_settings()
    _require_file(settings)
    key_files.encrypt(settings)
    click.echo(f"{settings.database} is encrypted. Backups of before are not: lock them away.")
    _write_down(settings, "database encrypted")


@keys.command("rotate")
def rotate() -> None:
    """Encrypt the database under a new key. Stop the server first.

    The old key is kept in the folder of the keys: backups made until now need it.
    """
    settings = read_settings()
    _require_file(settings)
    kept = key_files.rotate(settings, now())
    click.echo(f"{settings.database} is encrypted with a new key. Keep a copy of it elsewhere.")
    click.echo(f"Backups made until now need the old one: {kept}")
    _write_down(settings, "key rotated")


def _require_file(settings: Settings) -> None:
    """See that the clinic is kept in a file, which the program itself encrypts.

    Raises:
        StorageError: there is no such file, or the clinic is on a server.
    """
    if settings.server is not None:
        msg = (
            f"The clinic is in {settings.server}: whoever runs that server encrypts its disks. The"
            " database key is for backups alone, and cannot be changed here."
        )
        raise StorageError(msg)
    database.require(settings.database)


def _write_down(settings: Settings, what: str) -> None:
    """Write into the trail what was done already.

    Raises:
        StorageError: that could not be written; what was done stays.
    """
    try:
        with closing(open_clinic(settings)) as store:
            write_down(store, what, by=COMMAND_LINE, now=now())
    except StorageError as error:
        cause = f" ({error.__cause__})" if error.__cause__ else ""
        msg = (
            f"Done as said ({what}), but that could not be written into the audit trail{cause}."
            " See whether the disk is full, and note it yourself."
        )
        raise StorageError(msg) from error
