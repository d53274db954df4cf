"""The clinic in a server's database: made, opened, replaced by a copy.

It has a schema of its own beside whatever else is there. One that is replaced keeps another name,
as a file does.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from intake.core.errors import StorageError
from intake.storage.driver import sqlite3
from intake.storage.later_migrations import MIGRATION_NAMES
from intake.storage.moving import copy_all
from intake.storage.postgres.connection import connect
from intake.storage.postgres.dialect import COUNTERS, LEDGER, SCHEMA
from intake.storage.postgres.store import PostgresStore
from intake.storage.postgres.structure import lay_groundwork
from intake.storage.retention import erased_ids

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from intake.storage.keys import Keys
    from intake.storage.postgres.connection import ServerConnection
    from intake.storage.store import Store

_OLDEST = 150000
"""PostgreSQL 15: older ones let anybody who has an account build into a database."""

_ARRIVING = f"{SCHEMA}_arriving"
"""The schema of a copy until it is whole."""

_IS_THERE, _NO_RIGHT = "42P06", "42501"

_UNTIL = f"{SCHEMA}_until_"
"""In the name of a schema that was set aside, before the instant."""


def open_on_server(url: str, keys: Keys) -> PostgresStore:
    """Open the clinic; never makes one in the place of one that is missing.

    Raises:
        StorageError: the server does not answer or is too old, holds no clinic, or one that was
            written by a newer version.
    """
    store = PostgresStore(url, _connected(url), keys)
    try:
        _require_known(store)
    except BaseException:
        store.close()
        raise
    return store


def _require_known(store: PostgresStore) -> None:
    """See that the database holds a clinic that this version knows.

    Raises:
        StorageError: it does not.
    """
    if not _has_clinic(store.connection):
        msg = "The server's database holds no clinic. Make one with 'intake serve'."
        raise StorageError(msg)
    if unknown := min(store.applied() - MIGRATION_NAMES, default=""):
        msg = f"The clinic was written by a newer version ({unknown}); install that version."
        raise StorageError(msg)


def create_on_server(url: str, keys: Keys) -> None:
    """Make a new, empty clinic.

    Raises:
        StorageError: there is one already, or it cannot be made; what is there is left as it is.
    """
    with closing(_connected(url)) as connection:
        _laid(connection, SCHEMA)
        PostgresStore(url, connection, keys).migrate()


def _laid(connection: ServerConnection, schema: str) -> None:
    """Make a schema, and what stands under all migrations.

    Raises:
        StorageError: it is there already, or cannot be made.
    """
    connection.run("BEGIN")
    try:
        connection.run(f"CREATE SCHEMA {schema}")
        lay_groundwork(connection)
        connection.commit()
    except sqlite3.DatabaseError as error:
        connection.rollback()
        why = _why_not(error, schema)
        msg = f"No clinic could be made on the server: {why} It was left as it is."
        raise StorageError(msg) from error


def _why_not(error: sqlite3.DatabaseError, schema: str) -> str:
    """Say in words why a schema cannot be made. Source: PostgreSQL, appendix A."""
    said = str(error)
    if _IS_THERE in said:
        return f"its database has a schema '{schema}' already. Name another database."
    if _NO_RIGHT in said:
        return "its account may not make one. Let it own the database, or GRANT CREATE ON it."
    return f"{said}."


def discard_on_server(url: str) -> None:
    """Remove a clinic that was made just now and that nobody has used."""
    with closing(_connected(url)) as connection:
        connection.run(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")


def is_there(url: str) -> bool:
    """Tell whether there is a clinic.

    Raises:
        StorageError: the server does not answer, or is too old.
    """
    with closing(_connected(url)) as connection:
        return _has_clinic(connection)


def replace_on_server(
    url: str, source: Store, *, replacing: bool, now: datetime, before: Callable[[], None]
) -> str | None:
    """Put a copy in the place of the clinic, all of it at once; the one that was there is kept.

    Args:
        url: Of the server.
        source: The copy, proven and complete.
        replacing: Whether it may take the place of another.
        now: Names the one that was there.
        before: Is called when all is done but the last step; what it raises leaves all as it was.

    Returns:
        The schema in which the clinic that was there is kept, or None when there was none.

    Raises:
        StorageError: there is a clinic and *replacing* is off, or the copy could not be written;
            nothing was changed.
    """
    with closing(_connected(url)) as connection:
        was_there = _has_clinic(connection)
        if was_there and not replacing:
            msg = "There is a clinic. Stop the server and use --replace; the old one is kept."
            raise StorageError(msg)
        connection.run(f"DROP SCHEMA IF EXISTS {_ARRIVING} CASCADE")  # which a kill left
        try:
            _arrived(url, source)
            kept = f"{_UNTIL}{now:%Y%m%dt%H%M%S%f}" if was_there else None
            return _swapped(connection, kept, before)
        except BaseException:
            connection.run(f"DROP SCHEMA IF EXISTS {_ARRIVING} CASCADE")
            raise


def _arrived(url: str, source: Store) -> None:
    """Write a copy into a schema of its own, every record compared."""
    with closing(_connected(url, _ARRIVING)) as connection:
        _laid(connection, _ARRIVING)
        arriving = PostgresStore(url, connection, source.keys)
        arriving.migrate()
        with source.write():
            copy_all(source, arriving)


def _swapped(
    connection: ServerConnection, kept: str | None, before: Callable[[], None]
) -> str | None:
    """Let the copy take the clinic's name once nobody writes; the clinic takes that to be kept."""
    connection.run("BEGIN")
    try:
        if kept is not None:
            connection.run(f"SELECT seq FROM {COUNTERS} WHERE name = '{LEDGER}' FOR UPDATE")  # noqa: S608
            connection.run(f"ALTER SCHEMA {SCHEMA} RENAME TO {kept}")
        connection.run(f"ALTER SCHEMA {_ARRIVING} RENAME TO {SCHEMA}")
        before()
        connection.commit()
    except sqlite3.DatabaseError as error:
        connection.rollback()
        msg = f"The copy could not take the clinic's place ({error}). Nothing was changed."
        raise StorageError(msg) from error
    except BaseException:
        connection.rollback()
        raise
    return kept


def kept_on_server(url: str) -> list[str]:
    """Return the schemas of the clinics that were set aside, the newest first."""
    with closing(_connected(url)) as connection:
        found = connection.execute(
            "SELECT nspname::text FROM pg_namespace WHERE starts_with(nspname, ?)"
            " ORDER BY nspname DESC",
            [_UNTIL],
        )
        return [name for (name,) in found.fetchall()]


def erased_on_server(url: str, keys: Keys, schema: str = SCHEMA) -> dict[str, str] | None:
    """Return the kind of each record that was erased in a clinic; None where it cannot be read."""
    try:
        with closing(_connected(url, schema)) as connection:
            return erased_ids(PostgresStore(url, connection, keys))
    except (StorageError, sqlite3.DatabaseError):
        return None


def _has_clinic(connection: ServerConnection) -> bool:
    look = f"SELECT 1 WHERE to_regclass('{SCHEMA}._sqlite_migrations') IS NOT NULL"
    return connection.execute(look).fetchone() is not None


def _connected(url: str, schema: str = SCHEMA) -> ServerConnection:
    """Connect to a server that can hold a clinic.

    Raises:
        StorageError: it does not answer, is too old, or keeps its texts in too few letters.
    """
    try:
        connection = connect(url, schema)
    except sqlite3.DatabaseError as error:
        msg = f"The database cannot be used now ({error}). Look after the server, and try again."
        raise StorageError(msg) from error
    if fault := _fault(connection):
        connection.close()
        raise StorageError(fault)
    return connection


def _fault(connection: ServerConnection) -> str:
    if connection.version < _OLDEST:
        major = connection.version // 10_000
        return f"The server is PostgreSQL {major}; it has to be 15 or newer."
    if connection.encoding != "UTF8":
        return f"The server's database is in {connection.encoding}; make one in UTF8."
    return ""
