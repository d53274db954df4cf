"""What protects a clinic's data, and what its operator allowed to be weaker."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from intake.core.errors import IntakeError
from intake.storage.connections import is_plain
from intake.storage.driver import IS_SQLCIPHER, has_wal_bug, sqlite3

if TYPE_CHECKING:
    from pathlib import Path

    from intake.settings import Settings


class Allowed(StrEnum):
    """What an operator may allow in INTAKE_ALLOW, by its name there."""

    PLAIN = "plain"
    KEYS_BESIDE_DATA = "keys-beside-data"
    OLD_SQLITE = "old-sqlite"
    BACKUPS_IN_DATA = "backups-in-data"


class ProtectionError(IntakeError):
    """The clinic is not protected as it should be, and nobody allowed that."""


@dataclass(frozen=True, slots=True)
class Weakness:
    """Something that protects less than it should.

    Attributes:
        kind: What to write in INTAKE_ALLOW to live with it.
        words: What is weak.
        remedy: What to do about it.
    """

    kind: Allowed
    words: str
    remedy: str


def weaknesses(settings: Settings) -> list[Weakness]:
    """Return what is weak in where and with what this clinic keeps its data."""
    found = []
    if Allowed.PLAIN in settings.allow and is_unencrypted(settings):
        found.append(
            Weakness(
                Allowed.PLAIN,
                "The database and its backups are not encrypted",
                "Run 'intake keys encrypt' and take 'plain' out of INTAKE_ALLOW.",
            )
        )
    if shared := _shared(settings):
        found.append(
            Weakness(
                Allowed.KEYS_BESIDE_DATA,
                f"The keys in {settings.key_folder} share a folder with {shared}: whoever takes"
                " that takes both",
                "Move the keys to a folder of their own, and name it in INTAKE_KEYS.",
            )
        )
    if settings.backup_folder.resolve().is_relative_to(settings.data.resolve()):
        found.append(
            Weakness(
                Allowed.BACKUPS_IN_DATA,
                f"The backups in {settings.backup_folder} are in the data folder: whatever takes"
                " the clinic takes them too",
                "Name another folder in INTAKE_BACKUPS, on another disk if there is one, and move"
                " the backups there.",
            )
        )
    if has_wal_bug():
        found.append(
            Weakness(
                Allowed.OLD_SQLITE,
                f"This SQLite ({sqlite3.sqlite_version}) can damage a database that is in use",
                "Install sqlcipher3 (pip install sqlcipher3), or SQLite 3.51.3 or newer.",
            )
        )
    return found


def is_unencrypted(settings: Settings) -> bool:
    """Tell whether there is a database that anybody can read, or one would be made so."""
    return not settings.database.is_file() or is_plain(settings.database)


def require_protection(settings: Settings) -> list[str]:
    """See that nothing is weak but what was allowed; returns that, one line each.

    Raises:
        ProtectionError: something is; the message says what to do.
    """
    found = weaknesses(settings)
    for one in found:
        if one.kind not in settings.allow:
            msg = f"{one.words}. {one.remedy} INTAKE_ALLOW={one.kind} allows it all the same."
            raise ProtectionError(msg)
    if not IS_SQLCIPHER and Allowed.PLAIN not in settings.allow:
        msg = (
            "SQLCipher, which encrypts the database, is not installed: pip install sqlcipher3."
            " INTAKE_ALLOW=plain does without."
        )
        raise ProtectionError(msg)
    return [f"Allowed by INTAKE_ALLOW={one.kind}: {one.words}." for one in found]


def _shared(settings: Settings) -> Path | None:
    """Return the folder of data or backups that lies in that of the keys, or holds it."""
    keys = settings.key_folder.resolve()
    for folder in (settings.data, settings.backup_folder):
        other = folder.resolve()
        if keys.is_relative_to(other) or other.is_relative_to(keys):
            return folder
    return None
