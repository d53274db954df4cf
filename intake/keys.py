"""Where the keys of a clinic are: in a folder outside its data, or in the environment.

A key beside the data it opens protects nothing: whoever takes the folder takes both.
"""

from __future__ import annotations

import errno
import os
import secrets
from typing import TYPE_CHECKING

from intake.core.errors import IntakeError, StorageError
from intake.protection import Allowed
from intake.storage import rekeying
from intake.storage.checks import opens
from intake.storage.connections import is_plain
from intake.storage.copies import sync
from intake.storage.keys import LENGTH, Keys

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from intake.settings import Settings

DATABASE, TRAIL = FILES = ("database.key", "trail.key")
"""The files in the folder of keys."""

VARIABLES = {DATABASE: "INTAKE_DATABASE_KEY", TRAIL: "INTAKE_TRAIL_KEY"}
"""What stands for each file where the environment holds the secrets."""

NEXT = "database.key.next"
"""The key of a database that is being encrypted anew."""

OLDER = "database-until-*.key"
"""What the database was encrypted with before; older backups still are."""

OUTSIDERS = 0o077
OUTSIDERS_BUT_GROUP = 0o037
FOLDER_OUTSIDERS = 0o066
FOLDER_OUTSIDERS_BUT_GROUP = 0o026


class KeysError(IntakeError):
    """The keys cannot be used; the message says what to do, and nothing of what they are."""


def read_keys(settings: Settings, environment: Mapping[str, str] | None = None) -> Keys:
    """Return the clinic's keys; a change of keys that a crash cut off is brought to its end.

    Raises:
        KeysError: one is missing, is not a key, or can be read by others.
    """
    given = os.environ if environment is None else environment
    folder = settings.key_folder
    trail = _key(folder, TRAIL, given)
    older = tuple(_key_in(file) for file in older_keys(settings))
    if _stays_plain(settings):
        unused = folder / DATABASE
        return Keys(None, trail, (*([_key_in(unused)] if unused.exists() else ()), *older))
    if (folder / NEXT).exists():
        _finish_rotation(settings)
        older = tuple(_key_in(file) for file in older_keys(settings))
    return Keys(_key(folder, DATABASE, given), trail, older)


def keys_in(settings: Settings, environment: Mapping[str, str] | None = None) -> list[str]:
    """Name the places in which a key of this clinic is, whether or not it can be used."""
    given = os.environ if environment is None else environment
    files = [settings.key_folder / name for name in FILES]
    return [
        *(variable for variable in VARIABLES.values() if given.get(variable)),
        *(str(file) for file in files if file.exists()),
    ]


def older_keys(settings: Settings) -> list[Path]:
    """Return the files of the keys that were in use before, newest first."""
    return sorted(settings.key_folder.glob(OLDER), reverse=True)


def make_keys(folder: Path) -> list[Path]:
    """Make the keys of a new clinic, readable by their owner alone; returns the files.

    Raises:
        KeysError: they cannot be written, or one is there already.
    """
    made = []
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in FILES:
            write_key(folder / name, secrets.token_bytes(LENGTH))
            made.append(folder / name)
    except OSError as error:
        remove_keys(made)
        msg = f"The keys could not be written to {folder} ({error.strerror}). Nothing was made."
        raise KeysError(msg) from error
    return made


def remove_keys(files: list[Path]) -> None:
    """Remove keys that were just made and have opened nothing yet."""
    for file in files:
        file.unlink(missing_ok=True)
    for folder in {file.parent for file in files}:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def write_key(file: Path, key: bytes) -> None:
    """Write a key to a new file and see it on the disk: what it encrypts is lost without it.

    It has another name until all of it is there: half a key would keep the clinic from starting.

    Raises:
        FileExistsError: there is such a file already; it is left as it is.
    """
    if file.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(file))
    arriving = file.with_name(f"{file.name}.arriving")
    arriving.unlink(missing_ok=True)
    try:
        number = os.open(arriving, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "w", encoding="ascii") as out:
            out.write(f"{key.hex()}\n")
            out.flush()
            os.fsync(out.fileno())
        arriving.rename(file)
    finally:
        arriving.unlink(missing_ok=True)
    sync(file.parent)


def encrypt(settings: Settings) -> None:
    """Encrypt a database that is plain, with the key that is in the folder.

    Raises:
        StorageError: it is in use, not sound, or encrypted already; nothing was changed.
    """
    if not is_plain(settings.database):
        msg = f"{settings.database.name} is encrypted already."
        raise StorageError(msg)
    key = _key(settings.key_folder, DATABASE, os.environ)
    plain = Keys(None, _key(settings.key_folder, TRAIL, os.environ))
    rekeying.put_under(settings.database, plain, key, lambda: None)


def rotate(settings: Settings, now: datetime) -> Path:
    """Encrypt the database under a new key; returns where the old one is kept.

    Whenever a crash cuts this off, one of the keys in the folder opens the database, and
    `read_keys` finds out which.

    Raises:
        KeysError: the key is not in the folder, or the new one cannot be written there.
        StorageError: the database is in use, or not sound; nothing was changed.
    """
    folder = settings.key_folder
    keys = read_keys(settings)
    if keys.database is None or os.environ.get(VARIABLES[DATABASE]):
        msg = (
            f"The key cannot be changed here: it is not in {folder}. Encrypt the database with"
            f" 'intake keys encrypt', or take {VARIABLES[DATABASE]} out of the environment first."
        )
        raise KeysError(msg)
    new = secrets.token_bytes(LENGTH)
    old, kept = keys.database, folder / OLDER.replace("*", f"{now:%Y%m%dT%H%M%S%f}")

    def keep_both() -> None:
        try:
            (folder / NEXT).unlink(missing_ok=True)
            write_key(folder / NEXT, new)
            write_key(kept, old)
        except OSError as error:
            (folder / NEXT).unlink(missing_ok=True)
            msg = (
                f"The new key could not be written to {folder} ({error.strerror}). See whether its"
                " disk is full or read-only. Nothing was changed."
            )
            raise KeysError(msg) from error

    rekeying.put_under(settings.database, keys, new, keep_both)
    _promote(folder)
    return kept


def _finish_rotation(settings: Settings) -> None:
    """Put the next key in force if it is the one that opens the database.

    A next key that does not is of a change that never came so far, or is under way; it is left.
    """
    folder = settings.key_folder
    if not settings.database.is_file() or opens(settings.database, _key_in(folder / DATABASE)):
        return
    if opens(settings.database, _key_in(folder / NEXT)):
        _promote(folder)


def _promote(folder: Path) -> None:
    """Let the next key be the key; somebody else may have done so since the database changed."""
    try:
        (folder / NEXT).replace(folder / DATABASE)
    except FileNotFoundError:
        return
    sync(folder)


def _stays_plain(settings: Settings) -> bool:
    """Tell whether the clinic chose to do without encryption, and its database is without."""
    if Allowed.PLAIN not in settings.allow:
        return False
    return not settings.database.is_file() or is_plain(settings.database)


def _key(folder: Path, name: str, environment: Mapping[str, str]) -> bytes:
    if text := environment.get(VARIABLES[name]):
        return _bytes(text, VARIABLES[name])
    return _key_in(folder / name)


def _key_in(file: Path) -> bytes:
    try:
        _refuse_readable(file)
        _refuse_open_folder(file.parent)
        return _bytes(file.read_text(encoding="ascii", errors="replace"), str(file))
    except FileNotFoundError:
        msg = (
            f"There is no key {file}. Put the keys of this clinic there (or name their folder in"
            f" INTAKE_KEYS); without them nobody can read the database or its backups."
        )
        raise KeysError(msg) from None
    except OSError as error:
        msg = f"The key {file} cannot be read ({error.strerror})."
        raise KeysError(msg) from None


def _refuse_readable(file: Path) -> None:
    """Refuse a key that others can read.

    A file that another account handed us (systemd's credentials belong to root) reaches us through
    its group; of our own, nobody else needs to read anything.
    """
    if os.name != "posix":
        return
    found = file.stat()
    outsiders = OUTSIDERS if found.st_uid == os.geteuid() else OUTSIDERS_BUT_GROUP
    if found.st_mode & outsiders:
        msg = f"Others on this computer can read the key {file}. Run: chmod 600 '{file}'"
        raise KeysError(msg)


def _refuse_open_folder(folder: Path) -> None:
    """Refuse keys in a folder that others can list or write: they could put others in their place.

    Where another account handed it to us, its group may list it.
    """
    if os.name != "posix":
        return
    found = folder.stat()
    is_ours = found.st_uid == os.geteuid()
    if found.st_mode & (FOLDER_OUTSIDERS if is_ours else FOLDER_OUTSIDERS_BUT_GROUP):
        msg = (
            f"Others on this computer can list or write the folder of the keys {folder}. Run:"
            f" chmod 700 '{folder}'"
        )
        raise KeysError(msg)


def _bytes(text: str, place: str) -> bytes:
    """Read a key; what stands there is never told, however wrong it is."""
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != LENGTH:
        msg = f"{place} is not a key: {2 * LENGTH} of the digits 0-9 and a-f are needed."
        raise KeysError(msg) from None
    return key
