"""The SQLite that everything here speaks to: SQLCipher's, which encrypts the whole file.

It brings a newer SQLite than Python's own, and exception classes of its own. sqlite-utils takes
the module it finds under the name of `pysqlite3`, so SQLCipher's is put there before sqlite-utils
is imported for the first time: all of this program, and sqlite-utils, then catch the classes that
are raised. Nothing else imports `sqlite3`, `sqlcipher3` or the class `Database`.

Where SQLCipher cannot be installed Python's own driver stands in; it opens no encrypted file, and
only an explicit setting lets a clinic use it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
else:
    try:
        from sqlcipher3 import dbapi2 as sqlite3
    except ImportError:
        import sqlite3

IS_SQLCIPHER = sqlite3.__name__.startswith("sqlcipher3")
"""Whether files can be encrypted here."""

sys.modules["pysqlite3"] = sys.modules["pysqlite3.dbapi2"] = sqlite3
for _name in [name for name in sys.modules if name.partition(".")[0] == "sqlite_utils"]:
    # Whoever imported it before us keeps the one they have; we need one with our driver.
    del sys.modules[_name]

if IS_SQLCIPHER:
    _connection = sqlite3.connect(":memory:")
    # It would write to the terminal about every wrong key; we say that in words of our own.
    _connection.execute("PRAGMA cipher_log_level = NONE")
    _connection.close()

from sqlite_utils import Database, Migrations  # noqa: E402 - only now may it choose its driver

__all__ = ["IS_SQLCIPHER", "Database", "Migrations", "has_wal_bug", "is_of_the_disk", "sqlite3"]

_FIXED = (3, 51, 3)
"""The first SQLite in which two connections that write and checkpoint at once harm no WAL."""


def has_wal_bug() -> bool:
    """Tell whether this SQLite can damage a database when it is busy (3.7.0 to 3.51.2)."""
    return sqlite3.sqlite_version_info < _FIXED


_OF_THE_DISK = frozenset(
    (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOTADB,
    )
)
"""What SQLite says that is no fault of a statement. Source: sqlite.org/rescode.html."""
_KIND = 0xFF
"""The part of its numbers that says what kind of error it is; the rest says where."""


def is_of_the_disk(error: sqlite3.DatabaseError) -> bool:
    """Tell whether the disk, the file or somebody who holds it is at fault, not the statement."""
    return getattr(error, "sqlite_errorcode", 0) & _KIND in _OF_THE_DISK
