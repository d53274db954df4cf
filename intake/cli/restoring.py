"""`intake restore`: a backup in the place of the clinic, looked at as a whole before it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from intake.actions import backups as backup_actions
from intake.actions.retention import erase_again
from intake.actions.trail_check import keep
from intake.cli.founding import mark_made
from intake.cli.surroundings import COMMAND_LINE, clinic_store, now
from intake.core.display import count
from intake.core.errors import StorageError
from intake.keys import read_keys
from intake.protection import Allowed
from intake.settings import read_settings
from intake.storage import copies
from intake.storage.arrivals import looked_at
from intake.storage.backups import head_in_name, is_of_nobody
from intake.storage.driver import sqlite3
from intake.storage.heads import RESTORED
from intake.storage.retention import erased_ids

if TYPE_CHECKING:
    from intake.settings import Settings
    from intake.storage.arrivals import Arrival
    from intake.storage.keys import Keys


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", "replacing", is_flag=True, help="Take the place of the present clinic.")
@click.option(
    "--despite-faults", is_flag=True, help="Take a backup whose audit trail or records were edited."
)
def restore(file: Path, replacing: bool, despite_faults: bool) -> None:
    """Put a backup in the place of the clinic in INTAKE_DATA.

    Stop the server first. With --replace the present database is kept beside it under another
    name. What was erased since the backup was made is erased again.
    """
    settings = read_settings()
    keys = read_keys(settings)
    _refuse_of_nobody(file, settings, keys)
    arrivals: list[Arrival] = []

    def prove(copy: Path) -> None:
        arrivals.append(_proven(file, copy, keys, despite_faults=despite_faults))

    erased = _erased_now(settings)
    kept = copies.restore(
        file, settings.database, keys, replacing=replacing, now=now(), prove=prove
    )
    keep(arrivals[0].head, settings.heads, now=now(), occasion=RESTORED)
    with clinic_store() as store:
        backup_actions.note_restored(store, file, by=COMMAND_LINE, now=now())
        again = erase_again(store, erased, now=now())
    mark_made(settings)
    if kept is not None:
        click.echo(f"The clinic that was here is kept as {kept.name}.")
    if again:
        click.echo(f"Erased again, as before that backup was put back: {count(again, 'record')}.")
    click.echo(f"{settings.database} holds what {file.name} held.")


def _refuse_of_nobody(file: Path, settings: Settings, keys: Keys) -> None:
    """See that a plain file comes into an encrypted clinic only if somebody vouches for it.

    Raises:
        StorageError: nobody does; nothing was changed.
    """
    if Allowed.PLAIN not in settings.allow and is_of_nobody(file, keys):
        msg = (
            f"{file.name} is not encrypted, as this clinic is: no key of the clinic made it, and"
            " anybody can have. Restore an encrypted backup. If it is of the time before the clinic"
            " was encrypted, and nobody else could write to where it was kept, INTAKE_ALLOW=plain"
            " takes it. Nothing was changed."
        )
        raise StorageError(msg)


def _proven(file: Path, copy: Path, keys: Keys, *, despite_faults: bool) -> Arrival:
    """Look at the copy of a backup, and say what is wrong with its trail.

    Raises:
        StorageError: it is no clinic, or its trail does not hold and nobody takes it all the same.
    """
    try:
        named = head_in_name(file)
        found = looked_at(copy, keys, [named] if named else [])
    except StorageError as error:
        words = str(error).rstrip(".").replace(copy.name, "it")
        msg = f"{file.name} cannot be restored: {words}. Nothing was changed."
        raise StorageError(msg) from error
    for fault in found.faults:
        click.echo(f"{file.name}: {fault}", err=True)
    if found.faults and not despite_faults:
        msg = (
            f"{file.name} was changed outside the program, as said above, or is not of this clinic."
            " Restore another backup; where there is none, --despite-faults takes it as it is."
            " Nothing was changed."
        )
        raise StorageError(msg)
    if not found.is_sealed:
        click.echo(
            f"{file.name} is of a version without seals: whether it was changed cannot be told.",
            err=True,
        )
    return found


def _erased_now(settings: Settings) -> dict[str, str]:
    """Return what was erased in the clinic that is replaced; nothing when it cannot be read.

    However broken that is, a good backup can take its place.
    """
    if not settings.database.exists():
        return {}
    try:
        with clinic_store() as store:
            return erased_ids(store)
    except (StorageError, sqlite3.Error):
        click.echo(
            "The clinic that is here cannot be read, and so not what was erased in it: erase again"
            " what you know of.",
            err=True,
        )
        return {}
