"""Whether anybody ever worked in a database, or it is only what a first start began."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from intake.core.errors import StorageError
from intake.storage.checks import key_of
from intake.storage.connections import JOURNAL, LOG, connect_bare
from intake.storage.driver import sqlite3
from intake.storage.trail import PROGRAM

if TYPE_CHECKING:
    from pathlib import Path

    from intake.storage.keys import Keys

_OF_SOMEBODY = ("practitioners", "patients", "responses", "packs", "tablets")
"""Tables that are empty until somebody came."""

_PAGE_BYTES = 4096


def is_blank(path: Path) -> bool:
    """Tell whether no row was ever written: there is no byte, or the first page was under way."""
    sizes = [_size(path, suffix) for suffix in ("", *LOG)]
    is_first_page = sizes[0] <= _PAGE_BYTES and _size(path, JOURNAL) > 0
    return not any(sizes[1:]) and (sizes[0] == 0 or is_first_page)


def _size(path: Path, suffix: str) -> int:
    part = path.with_name(path.name + suffix)
    return part.stat().st_size if part.exists() else 0


def is_unused(path: Path, keys: Keys) -> bool:
    """Tell whether a database holds nothing that anybody did; one that cannot be read may."""
    try:
        with closing(connect_bare(path, key_of(path, keys), to_read=True)) as connection:
            return not any(_found(connection))
    except (StorageError, sqlite3.Error):
        return False


def _found(connection: sqlite3.Connection) -> list[bool]:
    """Look for every trace of somebody in the tables that are there."""
    there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    rows = [f"SELECT EXISTS (SELECT 1 FROM {name})" for name in _OF_SOMEBODY if name in there]  # noqa: S608
    if "audit_events" in there:
        rows.append(f"SELECT EXISTS (SELECT 1 FROM audit_events WHERE actor <> '{PROGRAM}')")  # noqa: S608
    return [bool(connection.execute(sql).fetchone()[0]) for sql in rows]
