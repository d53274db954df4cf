"""`intake restore`: a backup in the place of the clinic, looked at as a whole before it is."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from intake.actions import backups as backup_actions
from intake.actions.retention import erase_again
from intake.cli.founding import mark_made
from intake.cli.surroundings import COMMAND_LINE, now
from intake.core.display import count
from intake.core.errors import StorageError
from intake.keys import read_keys
from intake.protection import Allowed
from intake.settings import read_settings
from intake.storage import copies, open_store, opening
from intake.storage.arrivals import looked_at
from intake.storage.backups import head_in_name
from intake.storage.heads import RESTORED, UNSEALED, keep_head, kept_heads

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from intake.settings import Settings
    from intake.storage.arrivals import Arrival
    from intake.storage.keys import Keys

_BESIDE = "restored.db"
"""Where a copy is proven before it goes to a server; it is removed whatever comes of it."""

BACK_AGAIN = (
    "Who was shut out since it was made is let in again: look through 'intake accounts list',"
    " 'intake tablets list' and 'intake systems list'."
)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", "replacing", is_flag=True, help="Take the place of the present clinic.")
@click.option(
    "--despite-faults", is_flag=True, help="Take a backup that was edited, or has no seals."
)
def restore(file: Path, replacing: bool, despite_faults: bool) -> None:
    """Put a backup in the place of the clinic in INTAKE_DATA, or in INTAKE_DATABASE_URL.

    Stop the server first. With --replace the present database is kept beside it under another
    name. What was erased since the backup was made is erased again.
    """
    settings = read_settings()
    keys = read_keys(settings)
    arrivals: list[Arrival] = []
    again: list[int] = []

    def prove(copy: Path) -> None:
        found = _proven(file, copy, keys, despite_faults=despite_faults)
        _require_seals(found, file, settings, despite_faults=despite_faults)
        arrivals.append(found)
        again.append(_completed(file, copy, keys, _erased_before(settings, keys)))

    def note() -> None:
        _note_head(arrivals[0], settings)
        mark_made(settings)

    kept = _put_in_place(file, settings, keys, replacing=replacing, prove=prove, before=note)
    if kept:
        click.echo(f"The clinic that was here is kept as {kept}.")
    if number := again[0]:
        click.echo(f"Erased again, as before that backup was put back: {count(number, 'record')}.")
    click.echo(f"{settings.place} holds what {file.name} held.")
    click.echo(BACK_AGAIN)


def _put_in_place(
    file: Path,
    settings: Settings,
    keys: Keys,
    *,
    replacing: bool,
    prove: Callable[[Path], None],
    before: Callable[[], None],
) -> str:
    """Put a proven copy in the place of the clinic; returns how the one before is called now."""
    takes_plain = Allowed.PLAIN in settings.allow
    if settings.server is None:
        kept = copies.restore(
            file, settings.database, keys, replacing=replacing, now=now(),
            takes_plain=takes_plain, prove=prove, before=before,
        )  # fmt: skip
        return kept.name if kept else ""
    beside = settings.data / _BESIDE
    opening.discard(beside)
    try:
        copies.restore(
            file, beside, keys, replacing=False, now=now(), takes_plain=takes_plain, prove=prove
        )
        with closing(open_store(beside, keys)) as copy:
            schema = opening.replace(
                settings.server, copy, replacing=replacing, now=now(), before=before
            )
        return f"schema {schema}" if schema else ""
    finally:
        opening.discard(beside)


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
    return found


def _require_seals(found: Arrival, file: Path, settings: Settings, *, despite_faults: bool) -> None:
    """See that a copy has seals where the clinic has; anybody could make one that has none.

    Raises:
        StorageError: it has none, and nobody takes it all the same.
    """
    if found.is_sealed:
        return
    words = f"{file.name} is of a version without seals: whether it was changed cannot be told."
    had_seals = any(one.is_sealed for one in kept_heads(settings.heads).heads)
    if had_seals and not despite_faults:
        msg = (
            f"{words} This clinic has seals, as {settings.heads.name} beside its keys shows."
            " Restore another backup; where there is none, --despite-faults takes it as it is."
            " Nothing was changed."
        )
        raise StorageError(msg)
    click.echo(words, err=True)


def _completed(file: Path, copy: Path, keys: Keys, erased: Mapping[str, str]) -> int:
    """Write down in the copy that it was put back, and erase again what it brings back.

    Returns:
        How many records were erased.

    Raises:
        StorageError: the copy could not be written.
    """
    try:
        with closing(open_store(copy, keys)) as store:
            backup_actions.note_restored(store, file, by=COMMAND_LINE, now=now())
            return erase_again(store, erased, now=now())
    except StorageError as error:
        cause = f" ({error.__cause__})" if error.__cause__ else ""
        msg = (
            f"{file.name} was not restored: its copy in {copy.parent} could not be written{cause}."
            " See whether the disk is full. Nothing was changed."
        )
        raise StorageError(msg) from error


def _note_head(found: Arrival, settings: Settings) -> None:
    """Add the head of the copy to the file of heads: longer ones of before count no more.

    One without seals takes nothing away from those that have some.

    Raises:
        StorageError: it cannot be written, and heads that are there would speak against the copy.
    """
    occasion = RESTORED if found.is_sealed else UNSEALED
    try:
        keep_head(settings.heads, found.head, at=now(), occasion=occasion)
    except StorageError as error:
        if kept_heads(settings.heads).heads:
            raise
        click.echo(str(error), err=True)


def _erased_before(settings: Settings, keys: Keys) -> dict[str, str]:
    """Return what was erased in the clinic that is replaced, and in those that were before it.

    However broken they are, a good backup can take their place. One that was set aside may know of
    more than the one that is here: that may be an older copy, or broken, or gone.
    """
    erased: dict[str, str] = {}
    for name, found in opening.erased_in_each(settings.place, keys):
        if found is None:
            click.echo(
                f"{name} cannot be read, and so not what was erased in it: erase again what you"
                " know of.",
                err=True,
            )
        else:
            erased |= found
    return erased
