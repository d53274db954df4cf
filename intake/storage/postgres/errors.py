"""What goes wrong on a server, told as SQLite's driver tells it and without what a row holds."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg

from intake.storage.driver import sqlite3

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def told() -> Iterator[None]:
    """Raise what SQLite's driver would, without the values that a server repeats."""
    try:
        yield
    except psycopg.Error as error:
        raise _as_of_sqlite(error) from None


_INTEGRITY = {
    "23502": "NOT NULL constraint failed",
    "23503": "FOREIGN KEY constraint failed",
    "23505": "UNIQUE constraint failed",
    "23514": "CHECK constraint failed",
    "22P02": "cannot store a value of this kind",
}
_OF_OURS = "23000"
"""What the triggers of the program refuse with."""
_BUSY = ("55P03", "40001", "40P01", "57014")
"""A lock that was not had in time, or was given to another. Source: PostgreSQL, appendix A."""
_GONE = ("08", "53", "57P", "58")
_DAMAGED = "XX"
_REFUSED = "FATAL:"
"""In what the client says of a server that answered and let nobody in."""


def _as_of_sqlite(error: psycopg.Error) -> sqlite3.Error:
    """Return the error of SQLite's that says the same.

    Of what the server says only that is kept in which no value of a row can stand.
    """
    state, said = error.sqlstate or "", error.diag.message_primary or ""
    if state == _OF_OURS:
        return sqlite3.IntegrityError(said)
    if state in _INTEGRITY:
        where = error.diag.constraint_name if state != "23503" else ""
        return sqlite3.IntegrityError(_INTEGRITY[state] + (f": {where}" if where else ""))
    if state in _BUSY:
        return _numbered("database is locked", sqlite3.SQLITE_BUSY)
    if state.startswith(_GONE) or (not state and isinstance(error, psycopg.OperationalError)):
        words = said or _first_line(error)
        how = "refuses" if _REFUSED in words else "does not answer"
        return _numbered(f"the server {how}: {words}", sqlite3.SQLITE_IOERR)
    if not state and isinstance(error, psycopg.ProgrammingError):
        return _numbered("INTAKE_DATABASE_URL has a part that nobody knows", sqlite3.SQLITE_ERROR)
    if state.startswith(_DAMAGED):
        return sqlite3.DatabaseError(f"the server says {state}")
    if isinstance(error, psycopg.DataError):
        return sqlite3.DataError(type(error).__name__)
    return _numbered(f"{type(error).__name__} {state}".strip(), sqlite3.SQLITE_ERROR)


def _first_line(error: psycopg.Error) -> str:
    return str(error).partition("\n")[0]


def _numbered(words: str, code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(words)
    error.sqlite_errorcode = code
    return error
