"""`intake move`: the whole clinic from its file to a server, or back."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from intake.actions import moving
from intake.actions.trail_check import heads_elsewhere, keep_head_of
from intake.cli.founding import mark_made
from intake.cli.surroundings import COMMAND_LINE, now, require_own_seal
from intake.core.display import count
from intake.core.errors import StorageError
from intake.keys import read_keys
from intake.protection import require_protection
from intake.settings import read_settings
from intake.storage import database, open_store, opening

if TYPE_CHECKING:
    from intake.settings import Settings
    from intake.storage.opening import Place, Server


@click.command()
@click.option(
    "--to-server", is_flag=True, help="From the file in INTAKE_DATA to INTAKE_DATABASE_URL."
)
@click.option(
    "--to-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="From INTAKE_DATABASE_URL into this new file.",
)
@click.option(
    "--despite-faults", is_flag=True, help="Move it although its trail was edited, or once more."
)
def move(to_server: bool, to_file: Path | None, despite_faults: bool) -> None:
    """Move the clinic from its file to a PostgreSQL server, or back.

    Stop the server first. Every record is compared with the one that arrived, and the audit trail
    is read whole on both sides; where anything differs, nothing was moved. What is moved stays
    where it was, and nobody writes to it any more: neither does a server that was forgotten.
    """
    settings = read_settings()
    if to_server == (to_file is not None):
        msg = "Say where to: --to-server, or --to-file FILE."
        raise click.UsageError(msg)
    server = _server(settings)
    require_protection(settings)
    source, target = (server, to_file) if to_file is not None else (settings.database, server)
    if source == settings.database:
        database.require(settings.database)
    _move(settings, source, target, despite_faults=despite_faults)
    click.echo(_next_step(settings, to_file))


def _server(settings: Settings) -> Server:
    """Return the server that the settings name.

    Raises:
        StorageError: they name none.
    """
    if settings.server is None:
        msg = (
            "INTAKE_DATABASE_URL names no server; write"
            " postgresql://NAME@COMPUTER/DATABASE?sslmode=verify-full."
        )
        raise StorageError(msg)
    return settings.server


def _move(settings: Settings, source: Place, target: Place, *, despite_faults: bool) -> None:
    keys = read_keys(settings)
    opening.bring_up_to_date(source, keys)
    with closing(open_store(source, keys)) as old:
        require_own_seal(old, settings)
    opening.create(target, keys)
    try:
        kept = heads_elsewhere(settings.heads, settings.backup_folder)
        with closing(open_store(source, keys)) as old, closing(open_store(target, keys)) as new:
            found = moving.move(
                old, new, kept=kept.heads, by=COMMAND_LINE, now=now(),
                despite_faults=despite_faults,
            )  # fmt: skip
            keep_head_of(new, settings.heads, now=now(), occasion="moved")
    except BaseException:
        opening.discard(target)
        raise
    mark_made(settings)
    for fault in found.faults:
        click.echo(f"It was so before, and goes along: {fault}", err=True)
    lines = count(found.head.count, "line")
    click.echo(f"Moved to {target}: every record compared, and the trail's {lines}.")


def _next_step(settings: Settings, file: Path | None) -> str:
    if file is None:
        return (
            f"Serve it with INTAKE_DATABASE_URL set, as now. {settings.database} is left as it was:"
            " lock it away with the backups, and remove it once there are new ones."
        )
    where = "" if file.resolve() == settings.database.resolve() else f" put {file} there and"
    return (
        f"To serve it from INTAKE_DATA,{where} take INTAKE_DATABASE_URL away. The server still"
        " holds the clinic as it was."
    )
