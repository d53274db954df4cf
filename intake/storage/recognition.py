"""Whether a database is the clinic that was last here, and not an older copy or another's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.storage import trail
from intake.storage.trail_check import head_faults, line_faults

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.storage.heads import KeptHead
    from intake.storage.store import Store

WITHOUT_SEALS = "It is of a version without seals, and {where} was made when it had some."


def seal_fault(store: Store) -> str:
    """Say in words what is wrong with the seal of the newest line; nothing where it holds.

    Of a database without seals it says nothing.

    Raises:
        StorageError: the file is damaged, or another program built something into it.
    """
    with store.reading() as connection:
        if trail.is_laid(connection):
            store.require_built()
    return newest_line_fault(store)


def newest_line_fault(store: Store) -> str:
    """Say the same, whatever else was built into the database: it takes a few reads.

    Raises:
        StorageError: the file is damaged.
    """
    with store.reading() as connection:
        if not trail.is_laid(connection):
            return ""
        newest = trail.head(connection).count
        return next(line_faults(connection, store.keys.trail, max(0, newest - 1)), "")


def moved_fault(store: Store) -> str:
    """Say in words that the clinic was moved elsewhere; nothing where it was not.

    Raises:
        StorageError: the file is damaged.
    """
    with store.reading() as connection:
        return trail.moved_fault(connection)


def head_fault(store: Store, kept: Sequence[KeptHead]) -> str:
    """Say in words which head from elsewhere the trail does not hold; nothing where it has all.

    Raises:
        StorageError: the file is damaged.
    """
    with store.reading() as connection:
        if trail.is_laid(connection):
            return next(head_faults(connection, kept), "")
    sealed = next((one for one in kept if one.is_sealed), None)
    return WITHOUT_SEALS.format(where=sealed.where) if sealed else ""
