"""A clinic from one kind of place to another, record by record, and proof that it is the same."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.core.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.storage.contract import Row
    from intake.storage.store import Store

AS_WRITTEN = frozenset(("answers", "packs", "responses", "addenda", "passkeys"))
"""The tables of which it counts in what order rows were put in, beside what stands in them."""

_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Sum:
    """What the rows of a table come to, in whatever order they are read.

    Attributes:
        rows: How many there are.
        digest: The sum of their digests.
    """

    rows: int
    digest: int


def copy_all(source: Store, target: Store) -> dict[str, int]:
    """Put every row of a clinic into another that nobody uses yet; returns how many of each table.

    Raises:
        StorageError: a clinic is not built as this version builds it, or what arrived is not what
            was sent; then nothing is kept.
    """
    with target.filling():
        for table in source.tables():
            target.fill(table, _rows(source, table))
        target.count_on(source.counters())
        return _proven(source, target)


def _rows(store: Store, table: str) -> Iterator[Row]:
    """Yield the rows of a table, and in their order where it counts."""
    order = " ORDER BY rowid" if table in AS_WRITTEN else ""
    return store.each(f"SELECT * FROM {table}{order}")  # noqa: S608 - a name of ours


def _proven(source: Store, target: Store) -> dict[str, int]:
    """Compare every table with the one it came from.

    Raises:
        StorageError: one is not the same.
    """
    counts: dict[str, int] = {}
    for table in source.tables():
        sent, arrived = sum_of(source, table), sum_of(target, table)
        if sent != arrived:
            msg = f"What arrived in {table} is not what was sent. Nothing was moved."
            raise StorageError(msg)
        counts[table] = sent.rows
    return counts


def sum_of(store: Store, table: str) -> Sum:
    """Add up the rows of a table."""
    number = total = 0
    for row in store.each(f"SELECT * FROM {table}"):  # noqa: S608 - a name of ours
        text = json.dumps(row, sort_keys=True)
        digest = hashlib.blake2b(text.encode(), digest_size=_DIGEST_BYTES).digest()
        total += int.from_bytes(digest)
        number += 1
    return Sum(number, total % 2 ** (8 * _DIGEST_BYTES))
