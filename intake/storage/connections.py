"""How a database file is opened: its key first, then durability."""

from __future__ import annotations

import time
from contextlib import closing, contextmanager
from threading import RLock
from typing import TYPE_CHECKING

from intake.core.errors import StorageError
from intake.storage.driver import IS_SQLCIPHER, sqlite3

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUSY_TIMEOUT_S = 10
"""How long a writer waits its turn before it gives up."""

_BETWEEN_TRIES_S = 0.005

LOG = ("-wal", "-shm")
"""What SQLite keeps beside a database while it is open."""

JOURNAL = "-journal"
"""What lies beside a database while something is written to it that has no log."""

BESIDE = (*LOG, JOURNAL)
"""All that a kill may leave beside a database, and that SQLite would play into the next one."""


def is_plain(path: Path) -> bool:
    """Tell whether a file is a database that is not encrypted.

    SQLite is asked, and the file never opened by ourselves: on POSIX whoever closes a file lets go
    of every lock that the process has on it, those of other connections too.

    Raises:
        StorageError: it cannot be opened at all.
    """
    if not path.stat().st_size:
        return False
    try:
        with closing(connect_bare(path, None, to_read=True)) as connection:
            connection.execute("PRAGMA application_id")
    except sqlite3.OperationalError as error:
        msg = f"{path.name} cannot be opened ({error})."
        raise StorageError(msg) from error
    except sqlite3.DatabaseError:
        return False
    return True


def connect(path: Path, key: bytes | None) -> sqlite3.Connection:
    """Open with durability first: a commit survives a power cut, deleted text is overwritten."""
    connection = _logged(path, key)
    try:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")
        # What a query puts aside, VACUUM too, never reaches the disk.
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA trusted_schema = OFF")
        # So that INSERT OR REPLACE meets the triggers that guard what must not be deleted.
        connection.execute("PRAGMA recursive_triggers = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _logged(path: Path, key: bytes | None) -> sqlite3.Connection:
    """Open with a log beside the file; waits while another file is about to take its name.

    Whoever waits inside SQLite has the old file open, and would write to it once the new one is in
    place. So nobody waits with a file open, and each try opens what has the name then.

    Raises:
        sqlite3.OperationalError: the file was held for longer than one waits.
    """
    end = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            return _logged_at_once(path, key)
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > end:
                raise
            time.sleep(_BETWEEN_TRIES_S)


def _logged_at_once(path: Path, key: bytes | None) -> sqlite3.Connection:
    before = _identity(path)
    if before is None:  # between two files of its name: none is made in the place of either
        raise _taken_by_another()
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=rw",
        uri=True, timeout=0, isolation_level=None, check_same_thread=False,
    )  # fmt: skip
    try:
        _unlock(connection, key)
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        connection.close()
        if _identity(path) != before:  # SQLite says that what has lost its name is read-only
            raise _taken_by_another() from error
        raise
    except BaseException:
        connection.close()
        raise
    if _identity(path) == before:
        return connection
    connection.close()
    raise _taken_by_another()


def _taken_by_another() -> sqlite3.OperationalError:
    """Say what `is_busy` knows: somebody is putting another file in the place of this one."""
    return sqlite3.OperationalError("database is locked")


def _identity(path: Path) -> tuple[int, int] | None:
    """Tell one file from another that gets its name; None when there is no file."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def is_busy(error: sqlite3.OperationalError) -> bool:
    """Tell whether somebody else has the file, and nothing is wrong with it."""
    return "locked" in str(error)


def connect_bare(path: Path, key: bytes | None, *, to_read: bool = False) -> sqlite3.Connection:
    """Open a file and set nothing: to look into it from outside, or to copy into it.

    One that was cut off in the middle of a write can be read only once its journal is played back.
    """
    is_cut_off = path.with_name(path.name + JOURNAL).exists()
    mode = ("rw" if is_cut_off else "ro") if to_read else "rwc"
    address = f"{path.resolve().as_uri()}?mode={mode}"
    connection = sqlite3.connect(
        address, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    try:
        _unlock(connection, key)
    except BaseException:
        connection.close()
        raise
    return connection


def attach(connection: sqlite3.Connection, path: Path, key: bytes | None, name: str) -> None:
    """Open a second file beside the first, under a name and with a key of its own."""
    connection.execute(f"ATTACH DATABASE ? AS {name} KEY ?", [str(path), _literal(key)])


@contextmanager
def held(path: Path, key: bytes | None) -> Iterator[None]:
    """Keep a database as it is, with nothing in a log: nobody else has it open, nobody writes.

    Raises:
        StorageError: somebody has it open, or its log cannot be brought in.
    """
    with closing(connect_bare(path, key)) as connection:
        try:
            connection.execute("PRAGMA busy_timeout = 500")
            # Only the last one that has it open can take it out of this mode.
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise StorageError(_not_held(path, error)) from error
        yield


def _not_held(path: Path, error: sqlite3.OperationalError) -> str:
    if is_busy(error):
        return f"{path.name} is in use. Stop the server, and what else has it open, and try again."
    return (
        f"What waits in the log of {path.name} cannot be written into it ({error}). See whether its"
        " disk is full, read-only or failing, and try again. Nothing was changed."
    )


_TURN = RLock()
"""Held by the thread of this process that writes."""


@contextmanager
def turn_to_write(connection: sqlite3.Connection) -> Iterator[None]:
    """Hold the write lock for a block, which commits; whatever is raised in it rolls it back.

    SQLite lets whoever waits for the lock sleep and try again, for longer and longer, so that with
    many tablets it lies idle between two tries. The threads of this process wake each other.

    Raises:
        sqlite3.OperationalError: the lock could not be had in time, by this wait and SQLite's own
            together.
    """
    patience = connection.execute("PRAGMA busy_timeout").fetchone()[0] / 1000
    begun = time.monotonic()
    if not _TURN.acquire(timeout=patience):
        msg = "database is locked"
        raise sqlite3.OperationalError(msg)
    try:
        _take_lock(connection, patience, patience - (time.monotonic() - begun))
        try:
            yield
        except BaseException:
            connection.rollback()
            raise
    finally:
        _TURN.release()


def _take_lock(connection: sqlite3.Connection, patience: float, left: float) -> None:
    """Begin to write within the seconds that are *left* of those that one waits in all."""
    connection.execute(f"PRAGMA busy_timeout = {max(0, round(left * 1000))}")
    try:
        connection.execute("BEGIN IMMEDIATE")
    finally:
        connection.execute(f"PRAGMA busy_timeout = {round(patience * 1000)}")


def _unlock(connection: sqlite3.Connection, key: bytes | None) -> None:
    """Give the key, whole and not as a password, so that opening costs no time."""
    if key is None:
        return
    if not IS_SQLCIPHER:
        msg = "The database is encrypted, and SQLCipher is not installed: pip install sqlcipher3"
        raise StorageError(msg)
    connection.execute(f'PRAGMA key = "{_literal(key)}"')


def _literal(key: bytes | None) -> str:
    """Write a key as SQLCipher takes it; blank for none."""
    return f"x'{key.hex()}'" if key is not None else ""
