"""Looking at a copy as a whole before it takes the place of the clinic."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from intake.core.errors import StorageError
from intake.storage import database, trail
from intake.storage.checks import key_of
from intake.storage.connections import connect_bare
from intake.storage.database import SqliteStore, open_store
from intake.storage.driver import sqlite3
from intake.storage.keys import Keys
from intake.storage.retention import erased_ids
from intake.storage.trail_check import verdict_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.core.chain import Head
    from intake.storage.heads import KeptHead


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a copy was found to be.

    Attributes:
        head: Of its trail as it came, before it was brought up to date.
        is_sealed: Whether it came with seals; a copy of an earlier version has none.
        faults: Of its trail, in words.
    """

    head: Head
    is_sealed: bool
    faults: tuple[str, ...]


def looked_at(path: Path, keys: Keys, kept: Sequence[KeptHead]) -> Arrival:
    """Bring a copy up to date and look at all of it.

    Args:
        path: The copy, which nobody uses yet.
        keys: Of the clinic.
        kept: Heads from elsewhere that its trail must hold.

    Raises:
        StorageError: it is no clinic of this version or an earlier one.
    """
    try:
        with closing(open_store(path, keys)) as store:
            head, is_sealed = trail.head_of_copy(store.connection), trail.is_laid(store.connection)
        database.bring_up_to_date(path, keys)
        with closing(open_store(path, keys)) as store:
            _require_structure(store.columns())
            return Arrival(head, is_sealed, verdict_of(store, kept=kept).faults)
    except (sqlite3.Error, ValueError, TypeError) as error:
        msg = f"it is not a clinic that this version can read ({error})"
        raise StorageError(msg) from error


def erased_in(path: Path, keys: Keys) -> dict[str, str]:
    """Return the kind of every record that was erased in a database, by its id.

    It is read from outside, whatever else is wrong with it.

    Raises:
        StorageError: that cannot be read.
    """
    try:
        with closing(connect_bare(path, key_of(path, keys), to_read=True)) as connection:
            return erased_ids(SqliteStore(connection, keys))
    except sqlite3.DatabaseError as error:
        msg = f"{path.name} cannot be read ({error})"
        raise StorageError(msg) from error


def _require_structure(found: set[tuple[str, str]]) -> None:
    """See that every table and column is there that a new clinic has.

    Raises:
        StorageError: one is missing.
    """
    with TemporaryDirectory() as folder:
        path, keys = Path(folder, "new.db"), Keys(None, bytes(32))
        database.create(path, keys)
        with closing(open_store(path, keys)) as new:
            missing = min(new.columns() - found, default=None)
    if missing:
        msg = f"it lacks what a clinic has ({'.'.join(missing)})"
        raise StorageError(msg)
