"""Commands about backups: make, list, check."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from intake.actions import backups as backup_actions
from intake.actions.trail_check import keep_head_of
from intake.cli.surroundings import COMMAND_LINE, clinic_store, now
from intake.keys import read_keys
from intake.settings import read_settings
from intake.storage import backups as files


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--keep", type=click.IntRange(1, 10_000), help="Remove all but the newest so many.")
def backup(file: Path | None, keep: int | None) -> None:
    """Copy the whole clinic while it is being used; the copy is checked.

    Without FILE it goes to the folder in INTAKE_BACKUPS, under a name of its own; --keep then
    removes the oldest ones there.
    """
    if file is not None and keep is not None:
        msg = "--keep is about the folder of backups; leave it out, or leave out FILE."
        raise click.UsageError(msg)
    folder = read_settings().backup_folder
    with clinic_store() as store:
        if file is None:
            file = backup_actions.make_backup(store, folder, by=COMMAND_LINE, now=now()).path
        else:
            backup_actions.back_up_to(store, file, by=COMMAND_LINE, now=now())
        keep_head_of(store, read_settings().heads, now=now(), occasion="backup")
        found = store.row("SELECT count(*) AS n FROM responses") or {"n": 0}
    click.echo(f"{file}: {file.stat().st_size:,} bytes, {found['n']} intakes, checked.")
    if keep is None:
        return
    for gone in files.thin_out(folder, keep=keep, days=0, now=now()):
        click.echo(f"{gone.path}: removed.")


@click.group()
def backups() -> None:
    """List and check the backups in the folder of INTAKE_BACKUPS."""


@backups.command("list")
def list_command() -> None:
    """List the backups, newest first."""
    for one in backup_actions.list_backups(read_settings().backup_folder, by=COMMAND_LINE):
        click.echo(f"{one.made_at:%Y-%m-%d %H:%M} UTC  {one.size:>14,} bytes  {one.path}")


@backups.command("check")
def check() -> None:
    """Check every backup anew; exit 1 if one is not sound."""
    settings = read_settings()
    found = files.faults_in(settings.backup_folder, read_keys(settings))
    for name, faults in found.items():
        click.echo(f"{name}: {'; '.join(faults) or 'sound'}")
    sys.exit(1 if any(found.values()) else 0)


@backups.command("forget")
def forget() -> None:
    """Make a new backup, and remove those that still hold what was erased."""
    settings = read_settings()
    with clinic_store() as store:
        gone = backup_actions.forget(store, settings.backup_folder, by=COMMAND_LINE, now=now())
        if gone:
            keep_head_of(store, settings.heads, now=now(), occasion="backup")
    for one in gone:
        click.echo(f"{one.path}: removed.")
    if not gone:
        click.echo("No backup holds anything that was erased.")
