"""Whether a database file is whole: looked at from outside, told in words."""

from __future__ import annotations

from contextlib import closing, suppress
from typing import TYPE_CHECKING

from intake.core.errors import StorageError
from intake.storage.connections import connect_bare, is_plain
from intake.storage.database import APPLICATION_ID, mark_of
from intake.storage.driver import sqlite3
from intake.storage.structure import structure_faults

if TYPE_CHECKING:
    from pathlib import Path

    from intake.storage.keys import Keys

_NEEDED = {"patients", "responses", "answers", "screenings", "reviews", "packs", "audit_events"}
"""Tables without which a file is no clinic of ours, whatever its mark says."""


def key_of(path: Path, keys: Keys) -> bytes | None:
    """Return which of a clinic's keys opens a file; None for one that is not encrypted.

    Raises:
        StorageError: none does, or the file cannot be read.
    """
    try:
        if not path.stat().st_size:
            msg = "it is empty"
            raise StorageError(msg)
        if is_plain(path):
            return None
        for key in keys.openers:
            if opens(path, key):
                return key
    except OSError as error:
        msg = f"it cannot be read ({error.strerror})"
        raise StorageError(msg) from error
    msg = "no key of this clinic opens it: it was made with another key, or it is damaged"
    raise StorageError(msg)


def opens(path: Path, key: bytes) -> bool:
    """Tell whether a key opens a file."""
    try:
        mark_of(path, key)
    except sqlite3.DatabaseError:
        return False
    return True


def faults_of(path: Path, keys: Keys) -> list[str]:
    """Check a database file from outside; returns what is wrong, in words, or nothing."""
    try:
        key = key_of(path, keys)
        with closing(connect_bare(path, key, to_read=True)) as connection:
            if damaged_pages(connection):
                _bring_in_log(path, key)
            return faults_in(connection)
    except StorageError as error:
        return [str(error)]
    except sqlite3.DatabaseError as error:
        return [damage_told(error)]


def faults_in(connection: sqlite3.Connection) -> list[str]:
    """Check a database that is open; returns what is wrong, in words, or nothing."""
    return _foreign(connection) or [
        *damaged_pages(connection),
        *broken_structure(connection),
        *broken_references(connection),
        *structure_faults(connection),
    ]


def _bring_in_log(path: Path, key: bytes | None) -> None:
    """Write the pages that the log holds into the file.

    A power cut meanwhile can leave some torn in the file, where nobody reads them, as long as the
    log has them whole.
    """
    log = path.with_name(f"{path.name}-wal")
    if not log.exists() or not log.stat().st_size:
        return
    with suppress(sqlite3.OperationalError), closing(connect_bare(path, key)) as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def _foreign(connection: sqlite3.Connection) -> list[str]:
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        return ["it is not a database of this program"]
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    return [] if names >= _NEEDED else ["tables are missing from it"]


def damaged_pages(connection: sqlite3.Connection) -> list[str]:
    """Name the pages of an encrypted file that nobody who has the key wrote like this."""
    found = [str(row[0]) for row in connection.execute("PRAGMA cipher_integrity_check")]
    return [damage_told(words) for words in found]


def damage_told(words: object) -> str:
    """Say that a file is not as it was written."""
    return f"what is stored was changed or damaged ({words})"


def broken_structure(connection: sqlite3.Connection) -> list[str]:
    """Say where tables and indexes contradict themselves."""
    found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
    return [] if found == ["ok"] else found


def broken_references(connection: sqlite3.Connection) -> list[str]:
    """Say whether a record refers to one that is not there."""
    broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    return ["a record refers to one that is not there"] if broken else []
