"""Where a clinic begins, or comes from an earlier version: its keys, its database, its mark."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from intake.core.errors import StorageError
from intake.keys import (
    FILES,
    KeysError,
    encrypt,
    keys_in,
    make_keys,
    older_keys,
    read_keys,
    remove_keys,
)
from intake.protection import Allowed
from intake.storage import backups, opening
from intake.storage.connections import BESIDE, is_plain
from intake.storage.copies import sync
from intake.storage.unused import is_blank, is_unused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from intake.settings import Settings

OLD_KEY = "secret.key"
"""What earlier versions kept beside the database, and signed forms with."""

MARK = "clinic.made"
"""Says in the data folder that a clinic was made there, whatever became of it."""

BEGUN = "clinic.begun"
"""Says that a clinic is being made, so that a kill in between is told from a loss."""

_STAMP = "%Y%m%dT%H%M%S%f"

MADE_HERE = (
    "A clinic was made in this folder. If its database is missing, restore a backup:\n"
    "  intake restore FILE\n"
)


def is_to_be_made(settings: Settings) -> bool:
    """Tell whether there is no clinic here, or only what a kill left of making one."""
    return not opening.is_there(settings.place) or _was_cut_off(settings)


def _was_cut_off(settings: Settings) -> bool:
    """Tell whether a clinic was begun here and never finished, so that nobody has used it.

    Anybody can put the mark there, or lose the other: only a database that nobody worked in, with
    no backup and no head of a trail elsewhere, is taken for what a kill left.
    """
    if not (settings.data / BEGUN).exists() or (settings.data / MARK).exists():
        return False
    return next(_traces_of_work(settings), None) is None and _holds_nothing(settings)


def _holds_nothing(settings: Settings) -> bool:
    """Tell whether there is no database, or one in which nobody did anything."""
    if settings.server is not None:
        return not opening.is_there(settings.server)
    if is_blank(settings.database):
        return True
    try:
        return is_unused(settings.database, read_keys(settings))
    except KeysError:
        return False


def found_clinic(settings: Settings) -> list[str]:
    """Make an empty clinic where there is nothing of one, with keys unless it was given some.

    Where a key, a backup or the mark of a clinic lies and the database is gone, something was
    lost, and an empty clinic would hide it.

    Returns:
        What was done, one line each.

    Raises:
        StorageError: there is something of a clinic.
    """
    was_cut_off = _was_cut_off(settings)
    if not was_cut_off and (found := next(_traces(settings), None)):
        msg = (
            f"{found} is of a clinic, but there is no database at {settings.place}. Restore a"
            " backup with 'intake restore FILE', or name other folders in INTAKE_DATA, INTAKE_KEYS"
            " and INTAKE_BACKUPS for a new clinic."
        )
        raise StorageError(msg)
    if was_cut_off:
        _clear_away(settings, [])
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    (settings.data / BEGUN).touch()
    made: list[Path] = []
    try:
        made = _keys_for(settings)
        opening.create(settings.place, read_keys(settings))
        mark_made(settings)
    except BaseException:
        _clear_away(settings, made)
        raise
    told = _told([file for file in _key_files(settings) if file.exists()])
    where = settings.server or settings.data.resolve()
    return [f"A new, empty clinic was made in {where}.", *told]


def _keys_for(settings: Settings) -> list[Path]:
    """Make the keys of a new clinic, unless there are some; returns the files that were made.

    Those of a first start that was killed are taken, or set aside where one is missing or cut
    short: no key is ever removed that was not made just now.
    """
    if not keys_in(settings):
        return make_keys(settings.key_folder)
    there = [file for file in _key_files(settings) if file.exists()]
    try:
        read_keys(settings)
    except KeysError:
        if not there:
            raise
        for file in there:
            file.rename(file.with_name(f"{file.name}.until-{datetime.now(UTC):{_STAMP}}"))
        return make_keys(settings.key_folder)
    return []


def _key_files(settings: Settings) -> list[Path]:
    return [settings.key_folder / name for name in FILES]


def _clear_away(settings: Settings, made: list[Path]) -> None:
    """Remove what was made of a clinic that nobody has used yet."""
    for suffix in ("", *BESIDE):
        path = settings.database
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    remove_keys(made)
    (settings.data / BEGUN).unlink(missing_ok=True)


def _traces(settings: Settings) -> Iterator[Path]:
    """Yield what only a clinic that was here can have left."""
    places = [settings.data / MARK, *_key_files(settings)]
    yield from (place for place in places if place.exists())
    yield from _traces_of_work(settings)


def _traces_of_work(settings: Settings) -> Iterator[Path]:
    """Yield what no first start leaves, wherever it is cut off."""
    places = [settings.data / OLD_KEY, settings.heads, *older_keys(settings)]
    yield from (place for place in places if place.exists())
    yield from (one.path for one in backups.listed(settings.backup_folder))


def mark_made(settings: Settings) -> None:
    """Mark the data folder, so that a database that is lost is missed.

    A further computer that serves a clinic on a server has no such folder before its first start.
    """
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (settings.data / MARK).exists():
        (settings.data / MARK).write_text(MADE_HERE, encoding="utf-8")
        sync(settings.data / MARK)
        sync(settings.data)
    for name in (BEGUN, OLD_KEY):
        (settings.data / name).unlink(missing_ok=True)


def bring_forward(settings: Settings) -> list[str]:
    """Give the clinic of an earlier version its keys, and encrypt its database.

    A plain database is taken for one of an earlier version only where there are neither keys nor a
    mark: elsewhere somebody put it there, or its keys are lost, and it is refused when it is
    opened.

    Returns:
        What was done, and what the operator should know, one line each.
    """
    is_marked = settings.server is not None or (settings.data / MARK).exists()
    if is_marked or keys_in(settings) or not is_plain(settings.database):
        return []
    made = make_keys(settings.key_folder)
    try:
        notes = [] if Allowed.PLAIN in settings.allow else _encrypted(settings)
    except BaseException:
        remove_keys(made)
        raise
    mark_made(settings)
    return [*notes, *_told(made)]


def _encrypted(settings: Settings) -> list[str]:
    encrypt(settings)
    notes = [f"{settings.database} was not encrypted and now is."]
    if backups.listed(settings.backup_folder):
        notes.append(
            f"The backups of before, in {settings.backup_folder}, are not encrypted. Lock them"
            " away, or remove them once there are new ones."
        )
    return notes


def _told(made: list[Path]) -> list[str]:
    """Say where keys were put, and what hangs on them."""
    return [
        f"Its keys are in {folder.resolve()}. Keep a copy of them away from this computer and from"
        " the backups: without them nobody can read either."
        for folder in {file.parent for file in made}
    ]
