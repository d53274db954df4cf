"""The real server in a process of its own, over an encrypted clinic made for it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.error import URLError
from urllib.request import urlopen

from intake.settings import Settings, read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

INTAKE = [sys.executable, "-c", "from intake.cli import main; main()"]
BEGINS_WITHIN_S = 300


def free_port() -> int:
    """Return a port nobody listens at."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Held(NamedTuple):
    """What the server holds at a moment: megabytes of memory and of the log, and open files."""

    memory: float
    files: int
    log: float


class Server:
    """`intake serve`, and the commands beside it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = {**os.environ, **environment}
        self.settings: Settings = read_settings(environment)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        return self.settings.port

    @contextmanager
    def serving(self, output: Path) -> Iterator[None]:
        """Serve until the block ends, then stop as a service manager does."""
        with output.open("wb") as log:
            self.process = subprocess.Popen(
                [*INTAKE, "serve"], env=self.environment, stdout=log, stderr=log
            )
            try:
                self._wait()
                yield
                self.process.send_signal(signal.SIGTERM)
                self.process.wait(timeout=BEGINS_WITHIN_S)
            finally:
                self.process.kill()
                self.process.wait()

    def _wait(self) -> None:
        end = time.monotonic() + BEGINS_WITHIN_S
        while time.monotonic() < end:
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=60):
                    return
            except URLError:
                time.sleep(0.02)
        msg = "the server did not begin"
        raise RuntimeError(msg)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the program beside the server."""
        return subprocess.run(
            [*INTAKE, *words], env=self.environment, capture_output=True, text=True, check=False
        )

    def held(self) -> Held:
        """Look at the process from outside."""
        assert self.process is not None
        own = Path(f"/proc/{self.process.pid}")
        status = (own / "status").read_text()
        kilobytes = int(status.partition("VmRSS:")[2].split()[0])
        log = Path(f"{self.settings.database}-wal")
        size = log.stat().st_size if log.exists() else 0
        return Held(kilobytes / 1024, len(list((own / "fd").iterdir())), size / 2**20)

    def worked(self) -> float:
        """Return the seconds of a processor that the process has used."""
        assert self.process is not None
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)
