"""The whole database under another key, or under one for the first time."""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from intake.core.errors import StorageError
from intake.storage.checks import faults_of
from intake.storage.connections import connect_bare, held
from intake.storage.copies import copied_under, put_in_place
from intake.storage.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ARRIVING = ".arriving"


def put_under(path: Path, keys: Keys, new: bytes, before: Callable[[], None]) -> None:
    """Encrypt a database with a new key; it changes at once, when the new file is proven.

    Args:
        path: The database.
        keys: Its present ones.
        new: The key to encrypt it with.
        before: Is called when the new file is proven, before it takes the place of the old one.

    Raises:
        StorageError: it is in use, not sound, or would not hold the same; nothing was changed.
    """
    arriving = path.with_suffix(ARRIVING)
    try:
        with ExitStack() as hold:
            hold.enter_context(held(path, keys.database))
            copied_under(path, keys.database, arriving, new)
            _require_same(path, keys, arriving, new)
            before()
            if os.name != "posix":  # Windows renames no file that somebody has open
                hold.close()
            put_in_place(arriving, path)
    finally:
        arriving.unlink(missing_ok=True)


def _require_same(path: Path, keys: Keys, arriving: Path, new: bytes) -> None:
    """Prove the new file.

    Raises:
        StorageError: it is not sound, or does not hold what the database holds.
    """
    faults = faults_of(arriving, Keys(new, keys.trail))
    if not faults and _rows(path, keys.database) != _rows(arriving, new):
        faults = ["it does not hold what the database holds"]
    if faults:
        msg = f"{path.name} was left as it is: under the new key, {faults[0]}."
        raise StorageError(msg)


def _rows(path: Path, key: bytes | None) -> dict[str, int]:
    """Count the rows of every table."""
    with closing(connect_bare(path, key, to_read=True)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
            for (name,) in names
        }
