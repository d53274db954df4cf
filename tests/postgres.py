"""A PostgreSQL server that is thrown away: for the tests that run on both engines."""

from __future__ import annotations

import atexit
import hashlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from contextlib import closing, suppress
from functools import cache
from pathlib import Path

import psycopg
import pytest

from intake.storage import Keys, open_store
from intake.storage.moving import copy_all
from intake.storage.opening import Server as Place
from intake.storage.opening import create
from tests.quickest_disk import quickest_disk

MISSING = "PostgreSQL is not installed; on Debian, as root: apt-get install -y postgresql"

_ORDINARY = "nobody"
"""PostgreSQL does not run as root."""

_QUICK = ("fsync=off", "full_page_writes=off", "max_wal_size=4GB", "shared_buffers=64MB",
          "autovacuum=off", "wal_level=minimal", "max_wal_senders=0", "checkpoint_timeout=1d",
          "max_connections=300", "unix_socket_directories=",
          "log_min_error_statement=panic", "log_error_verbosity=terse")  # fmt: skip


def programs() -> Path | None:
    """Return where the newest PostgreSQL's programs are, whether or not they are on the path."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent  # a link leads to one program, not to the others
    kept = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    return kept[-1].parent if kept else None


ON_A_SERVER = pytest.mark.skipif(programs() is None and not os.environ.get("CI"), reason=MISSING)
"""Marks tests that are left out where there is no server to start; nothing is left out in CI."""


class Server:
    """A server of one's own, on an address of this computer, for as long as the process lives.

    Args:
        programs: Where PostgreSQL's are.
        settings: Its own, such as `wal_level=replica`.
        like: A server that runs, of which this one becomes a copy by the server's own backup.
    """

    def __init__(self, programs: Path, *settings: str, like: Server | None = None) -> None:
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="intake-server-", dir=quickest_disk()))
        self._as: dict = {}
        if os.getuid() == 0:
            self._as = {"user": _ORDINARY, "group": pwd.getpwnam(_ORDINARY).pw_gid}
            os.chown(self._folder, pwd.getpwnam(_ORDINARY).pw_uid, -1)
        self.port = _free_port()
        self._settings = (*_QUICK, f"port={self.port}", "listen_addresses=127.0.0.1", *settings)
        self._data = self._folder / "data"
        self._owner: psycopg.Connection | None = None
        self._number = 0
        if like is not None:
            self._run("pg_basebackup", "--username=owner", "--host=127.0.0.1", "--port",
                      str(like.port), "--no-sync", "--checkpoint=fast", "--pgdata",
                      str(self._data))  # fmt: skip
            self.start()
            return
        self._run("initdb", "--username=owner", "--auth=trust", "--encoding=UTF8", "--no-sync",
                  "--locale=C.UTF-8", "--pgdata", str(self._data))  # fmt: skip
        self.start()
        self._run_beside("CREATE ROLE clinic LOGIN")

    def _run(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [self._programs / program, *words], capture_output=True, text=True, check=False,
            cwd=self._folder, **self._as,
        )  # fmt: skip
        if done.returncode:
            msg = f"{program} ended with {done.returncode}: {done.stderr}"
            raise RuntimeError(msg)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = " ".join(f"-c {setting}" for setting in self._settings)
        self._run("pg_ctl", "start", "--wait", "--silent", "--pgdata", str(self._data),
                  "--log", str(self._folder / "log"), "--options", options)  # fmt: skip

    def stop(self) -> None:
        """Stop it at once, as a power cut would."""
        if self._owner is not None:
            self._owner.close()
        with suppress(RuntimeError):
            self._run("pg_ctl", "stop", "--mode=immediate", "--silent", "--pgdata", str(self._data))

    def throw_away(self) -> None:
        """Stop it and remove all of it."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, database: str = "postgres") -> str:
        """Return how a database of it is reached."""
        return f"postgresql://clinic@127.0.0.1:{self.port}/{database}"

    def close_to(self, database: str) -> None:
        """Cut every connection to a database."""
        self.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"  # noqa: S608 - a name of ours
            f" WHERE datname = '{database}'"
        )

    def run(self, sql: str, database: str = "postgres") -> list[tuple]:
        """Run a statement as the owner of everything; returns its rows."""
        url = self.url(database).replace("clinic@", "owner@")
        with closing(psycopg.connect(url, autocommit=True)) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def _run_beside(self, sql: str) -> None:
        """Run a statement as the owner, over a connection that is kept: each test needs it twice.

        One that was cut is made anew before, so that a statement is never run twice.
        """
        if self._owner is None or self._is_cut(self._owner):
            url = self.url().replace("clinic@", "owner@")
            self._owner = psycopg.connect(url, autocommit=True)
        self._owner.execute(sql.encode())

    @staticmethod
    def _is_cut(connection: psycopg.Connection) -> bool:
        with suppress(psycopg.Error):
            connection.execute("SELECT 1")
        return connection.closed

    def new_database(self, like: str = "template1") -> str:
        """Make a database of one's own, as a copy of another; returns its name."""
        self._number += 1
        name = f"clinic_{self._number}"
        self._run_beside(f"CREATE DATABASE {name} OWNER clinic TEMPLATE {like} STRATEGY file_copy")
        return name

    def drop(self, database: str) -> None:
        """Remove a database, whoever is connected to it."""
        self._run_beside(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


@cache
def server() -> Server:
    """Return the server of this process; it ends with it."""
    found = programs()
    if found is None:
        if os.environ.get("CI"):
            raise RuntimeError(MISSING)
        pytest.skip(MISSING)  # nobody has to have a server to work on the rest; CI has to
    made = Server(found)
    atexit.register(made.throw_away)
    return made


class Clinics:
    """Clinics of tests on the server: each kind is moved there once, and copied for every test."""

    def __init__(self) -> None:
        self._kinds: dict[bytes, str] = {}

    def new(self, content: bytes, keys: Keys) -> Place:
        """Make a clinic from the bytes of a database file; without any it is an empty one."""
        kind = hashlib.sha256(content).digest()
        if kind not in self._kinds:
            self._kinds[kind] = self._moved(content, keys)
        return Place(server().url(server().new_database(like=self._kinds[kind])))

    def _moved(self, content: bytes, keys: Keys) -> str:
        name = server().new_database()
        place = Place(server().url(name))
        create(place, keys)
        if content:
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder, "clinic.db")
                file.write_bytes(content)
                source, target = open_store(file, keys), open_store(place, keys)
                with closing(source), closing(target), source.write():
                    copy_all(source, target)
        return name

    def drop(self, place: Place) -> None:
        """Remove one, whoever still has it open."""
        server().drop(place.url.rpartition("/")[2])


CLINICS = Clinics()
