"""`intake serve` as a service manager runs it: started, killed, stopped."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from intake.storage import audit, open_store
from intake.storage.checks import faults_of
from tests.cli.conftest import opened
from tests.conftest import NOW

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are of POSIX")


@pytest.fixture
def serving(data, tiny, settle):
    """Run a server over the data folder until the block ends."""
    settle()
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    @contextmanager
    def serving(**environment):
        env = {**os.environ, "INTAKE_DATA": str(data), "INTAKE_RULES": str(tiny)}
        env |= {"INTAKE_PORT": str(port), **environment}
        command = [sys.executable, "-c", "from intake.cli import main; main()", "serve"]
        with subprocess.Popen(
            command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            try:
                process.env = env
                _wait_for(f"http://127.0.0.1:{port}/healthz")
                yield process
            finally:
                process.kill()

    return serving


def _wait_for(address):
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            with urlopen(address, timeout=5) as answer:  # noqa: S310 - our own, of http
                assert answer.status == 200
                return
        except URLError:
            time.sleep(0.1)
    pytest.fail("the server did not begin")


def _backups(data, number):
    """Wait until there are so many backups."""
    folder = data.with_name(f"{data.name}-backups")
    end = time.monotonic() + 30
    while len(found := sorted(folder.glob("clinic-*.db"))) < number and time.monotonic() < end:
        time.sleep(0.05)
    return found


def test_it_makes_a_backup_as_it_starts_and_as_it_is_told_to_stop(serving, data):
    with serving() as process:
        assert len(_backups(data, 1)) == 1
        with closing(opened(data)) as store:
            while audit.latest(store)[0].action != "backup made":
                time.sleep(0.05)
            with store.write() as db:
                audit.append(db, at=NOW, actor="t", action="later", subject="t")
        time.sleep(1)  # backups are named by the second
        process.send_signal(signal.SIGTERM)
        output = process.communicate(timeout=30)[0]

    with closing(opened(data)) as store:
        keys = store.keys
    _, second = _backups(data, 2)
    assert faults_of(second, keys) == []
    with closing(open_store(second, keys)) as backup:
        assert audit.latest(backup)[0].action == "later"
    assert process.returncode == 0
    assert "Traceback" not in output
    assert not (data / "clinic.db-wal").exists()


def test_nobody_changes_the_key_or_the_database_under_it(serving, run, tmp_path):
    run("backup", tmp_path / "backup.db")
    with serving(INTAKE_BACKUP_HOURS="0"):
        refused = [run("keys", "rotate"), run("restore", tmp_path / "backup.db", "--replace")]

    for result in refused:
        assert result.exit_code == 2
        assert "Stop the server" in result.stderr
    assert run("keys", "check").exit_code == run("verify").exit_code == 0


def test_a_port_that_is_taken_is_said(serving):
    with serving() as process:
        second = subprocess.run(
            process.args, env=process.env, capture_output=True, text=True, check=False
        )

    assert second.returncode == 2
    assert "name another port in INTAKE_PORT" in second.stderr
    assert "Traceback" not in second.stderr
