"""Whether a database is built as the program builds it: its tables, indexes, views and triggers.

A trigger acts in the name of whoever writes next, and a table without its key holds two records
under one name; so nothing may be there that no migration made.
"""

from __future__ import annotations

from contextlib import closing
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from intake.storage.driver import Database, sqlite3
from intake.storage.later_migrations import MIGRATION_NAMES
from intake.storage.migrations import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Part: TypeAlias = tuple[str, str]
"""The kind of a part and its name."""

MOST_NAMED = 5


def structure_faults(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield in words what of the structure is not as the migrations make it that were applied."""
    here = _parts(connection)
    if ("table", "_sqlite_migrations") not in here:
        yield "it is not a clinic that this program made"
        return
    built = _built(frozenset(_applied(connection)))
    yield from differences(here, built)


def differences(here: Mapping[Part, str], built: Mapping[Part, str]) -> Iterator[str]:
    """Yield in words which parts are not as they are built, the first few by their names."""
    wrong = sorted(part for part in here.keys() | built.keys() if here.get(part) != built.get(part))
    for part in islice(wrong, MOST_NAMED):
        yield f"{_named(part)} {_difference(here.get(part), built.get(part))}"
    if len(wrong) > MOST_NAMED:
        yield f"{len(wrong) - MOST_NAMED} more parts of the database are not as they were made"


def _applied(connection: sqlite3.Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM _sqlite_migrations")]


@cache
def _built(applied: frozenset[str]) -> Mapping[Part, str]:
    """Return the structure that some migrations make, by making it in memory."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        db = Database(connection, execute_plugins=False)
        MIGRATIONS.apply(db, stop_before=MIGRATION_NAMES - applied)
        return _parts(connection)


def _parts(connection: sqlite3.Connection) -> dict[Part, str]:
    """Return how every part was made, but for what SQLite notes of how to search quickly."""
    found = connection.execute(
        "SELECT type, name, tbl_name || ': ' || coalesce(sql, '') FROM sqlite_master"
        " WHERE name NOT GLOB 'sqlite_stat[0-9]'"
    )
    return {(kind, name): made for kind, name, made in found}


def _named(part: Part) -> str:
    kind, name = part
    return f"the {kind} {ascii(name)[1:-1][:60]}"


def _difference(here: str | None, built: str | None) -> str:
    if here is None:
        return "is missing: it was taken out outside the program"
    if built is None:
        return "was put in outside the program"
    return "was changed outside the program"
