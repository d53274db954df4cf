"""A real server in a process of its own over an encrypted clinic, to be killed and mended.

`INTAKE_FAULT_ROUNDS=100`, as in `make faults`, tries as often as a release promises; without it
there are a few rounds of each. The rules are a tiny pack, but where a start is measured.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

from intake.actions import accounts, rule_packs
from intake.cli.surroundings import open_clinic, prepare
from intake.core.records import Role
from intake.resources import folder
from intake.settings import read_settings
from intake.storage import cases, responses
from intake.storage.trail_check import verdict_of
from tests.cli.conftest import invoke
from tests.faults.layer import as_others
from tests.faults.tablets import Browser, Tablet
from tests.packs.builders import TINY, written
from tests.web.making import Maker

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.core.records import Practitioner
    from intake.storage import Store

RELEASE = int(os.environ.get("INTAKE_FAULT_ROUNDS") or 0)
"""How many rounds a release is tried with; 0 in the suite."""
ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "four words in a row"
"""Ada's."""


def rounds(few: int, of_a_hundred: int) -> int:
    """Return how often to try: a few times, or a release's share of its rounds."""
    return max(few, RELEASE * of_a_hundred // 100) if RELEASE else few


def told(figure: str) -> None:
    """Print a figure; `make faults` shows it."""
    sys.stdout.write(f"\n{figure}\n")


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="limits and rights are set as on Linux")


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(LINUX)


class Forked:
    """A server that was forked off; what is asked of it is what a `Popen` can tell."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        """Return None while it runs."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 1
        return None

    def send_signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)
        self.wait(30)

    def wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while self.poll() is None:
            assert time.monotonic() < end, "the server does not end"
            time.sleep(0.005)


@pytest.fixture(scope="session")
def fork():
    """Start servers off a process that has read the program already."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.forking"], text=True, cwd=ROOT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as forking:  # fmt: skip

        def fork(**how) -> Forked:
            forking.stdin.write(f"{json.dumps(how)}\n")
            forking.stdin.flush()
            return Forked(int(forking.stdout.readline()))

        yield fork
        forking.stdin.close()


@dataclass
class Clinic:
    """A clinic on the disk, with the process that serves it while there is one."""

    data: Path
    rules: Path
    port: int
    fork: Callable[..., Forked]
    process: Forked | subprocess.Popen[str] | None = None
    made: int = 0
    env: dict[str, str] = field(default_factory=dict)

    @property
    def settings(self):
        return read_settings(self.env)

    @property
    def log(self) -> Path:
        return self.data.with_name("server.log")

    def open(self) -> Store:
        return open_clinic(self.settings)

    def run(self, *args, **environment):
        """Run a command of the program over it."""
        return invoke(self.data, *args, **{**self.env, **environment})

    def desk(self) -> Browser:
        """Return a browser in which Ada is signed in."""
        with closing(self.open()) as store:
            now = datetime.now(UTC)
            _, token = accounts.sign_in(store, username="ada", password=PASSWORD, now=now)
        return Browser(self.port, intake_desk=token)

    def forms(self, number: int, at: datetime | None = None) -> list[Tablet]:
        """Fill forms up to their last page, each handed over on a tablet; one write for all."""
        with closing(self.open()) as store, store.write():
            now = at or datetime.now(UTC)
            hash_ = rule_packs.hash_in_force(store) or ""
            pack = rule_packs.kept_pack(store, hash_, now.date())
            by = next(who for who in accounts.list_accounts(store) if who.username == "ada")
            maker = Maker(store, pack, by, now, now.date())
            return [self._form(maker) for _ in range(number)]

    def _form(self, maker: Maker) -> Tablet:
        self.made += 1
        name = f"Ann Bee {self.made}"
        known = {vignette.id for vignette in maker.pack.vignettes}
        made = maker.filled(name, next(v for v in ("healthy", "healthy-woman") if v in known))
        return Tablet(self.port, made.id, name, maker.visit(made))

    def serve(
        self,
        *,
        layered: bool = False,
        others: bool = False,
        anew: bool = False,
        health: int = 200,
        **environment: str,
    ) -> float:
        """Start the server; returns after how many seconds it answered.

        Args:
            layered: Over the file layer that notes and fails.
            others: With no more rights to files than others have, if we are root.
            anew: By a Python that has to read the program first, as in a clinic.
            health: What it says of itself once it serves.
            **environment: More settings.
        """
        began = time.monotonic()
        if others or anew:
            before = as_others if others else None
            self.process = self.start(layered=layered, before=before, **environment)
        else:
            self.begin(layered=layered, **environment)
        self.wait_until_it_serves(health)
        return time.monotonic() - began

    def begin(self, *, layered: bool = False, **environment: str) -> None:
        """Start the server, and wait for nothing."""
        self.process = self.forked("serve", layered=layered, **environment)

    def wait_until_it_serves(self, health: int = 200) -> None:
        """Wait until the server says this of itself."""
        began = time.monotonic()
        while self.health() != health:
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() - began < 60, self.log.read_text()
            time.sleep(0.02)

    def forked(self, do: str, *, layered: bool = False, **environment: str) -> Forked:
        """Let a process of its own do something; see `forking.py`."""
        env = {**os.environ, **self.env, **environment}
        return self.fork(do=do, environment=env, log=str(self.log), layered=layered)

    def start(self, *, layered=False, before=None, output=None, **environment):
        """Start the server in an interpreter of its own, and wait for nothing.

        Args:
            layered: Over the file layer.
            before: What the new process does to itself first.
            output: Where it prints to; the log when it is None.
            **environment: More settings.
        """
        plain = ["-c", "from intake.cli import main; main()"]
        command = [sys.executable, *(["-m", "tests.faults.layer"] if layered else plain), "serve"]
        env = {**os.environ, **self.env, "PYTHONPATH": str(ROOT), **environment}
        with self.log.open("a") as log:
            return subprocess.Popen(
                command, env=env, stdout=output or log, stderr=subprocess.STDOUT, text=True,
                preexec_fn=before,  # noqa: PLW1509 - no threads
            )  # fmt: skip

    def health(self) -> int:
        """Return the status of `/healthz`; 0 when nobody answers."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=30) as answer:
                return answer.status
        except HTTPError as error:
            error.close()
            return error.code
        except (URLError, OSError):
            return 0

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, number: int) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(30)
            self.process = None

    def require_nothing_lost(self, acknowledged: dict[str, str], known: list[str]) -> None:
        """See that what was acknowledged is there, that no form is half sent, and the chain whole.

        All of it is read as it stands at one moment: others may be sending.

        Args:
            acknowledged: Receipts by form.
            known: The ids of all forms.
        """
        with closing(self.open()) as store, store.reading():
            found = {one: responses.response(store, one) for one in known}
            lost = {one for one, number in acknowledged.items() if found[one].receipt != number}
            assert lost == set()
            for one, form in found.items():
                sent = [
                    bool(form.receipt),
                    bool(form.signature),
                    bool(cases.screenings(store, one)),
                ]
                sent += [form.submitted_at is not None, form.status.value == "completed"]
                lines = store.rows(
                    "SELECT action FROM audit_events WHERE subject = ? AND action = 'sent'", [one]
                )
                assert {*sent, len(lines) == 1} in ({True}, {False}), form.status
            assert verdict_of(store).faults == ()

    def require_sound(self) -> None:
        """See that `intake verify` finds nothing."""
        result = self.run("verify")
        assert (result.exit_code, result.stderr) == (0, ""), result.output


@pytest.fixture
def clinic(new_clinic):
    """A clinic of one's own; its server is ended with the test."""
    return new_clinic()


@pytest.fixture
def new_clinic(clinic_made, fork, tmp_path):
    """Copy the clinic made once into a place of its own, with more settings."""
    made: list[Clinic] = []

    def make(template=clinic_made, **environment: str) -> Clinic:
        made.append(_copied(template, fork, tmp_path / f"place-{len(made)}", environment))
        return made[-1]

    yield make
    for one in made:
        one.kill()


def _copied(template, fork, place: Path, environment: dict[str, str]) -> Clinic:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = place / "clinic"
    for end in ("", "-keys"):
        shutil.copytree(f"{template[0]}{end}", f"{data}{end}")
    made = Clinic(data, template[1], port, fork)
    made.env = {
        "INTAKE_DATA": str(data),
        "INTAKE_RULES": str(template[1]),
        "INTAKE_TIMEZONE": "UTC",
        "INTAKE_PORT": str(port),
        "INTAKE_BACKUP_HOURS": "0",
        "INTAKE_IDLE_MINUTES": "10",
        "INTAKE_SECOND_FACTOR": "no",
        **environment,
    }
    return made


@pytest.fixture(scope="session")
def clinic_made(tmp_path_factory):
    """The data folder of a clinic in which nobody has been yet but Ada, and its rules."""
    place = tmp_path_factory.mktemp("faults")
    return _founded(place, written(place / "tiny", TINY))


@pytest.fixture(scope="session")
def shipped_made(tmp_path_factory):
    """The same under the shipped rules."""
    return _founded(tmp_path_factory.mktemp("shipped"), folder("rules") / "microneedling")


def chosen_password(store: Store, who: Practitioner, once: str, now: datetime) -> str:
    """Sign somebody in for the first time; returns the token of their session."""
    _, token = accounts.sign_in(store, username=who.username, password=once, now=now)
    return accounts.change_password(store, who=who, token=token, old=once, new=PASSWORD, now=now)


def _founded(place: Path, rules: Path) -> tuple[Path, Path]:
    settings = read_settings({"INTAKE_DATA": str(place / "clinic"), "INTAKE_RULES": str(rules)})
    prepare(settings)
    with closing(open_clinic(settings)) as store:
        now = datetime.now(UTC)
        ada, once = accounts.add_account(
            store, username="ada", name="Ada Practitioner", role=Role.PRACTITIONER,
            actor="test", now=now,
        )  # fmt: skip
        chosen_password(store, ada, once, now)
    return place / "clinic", rules
