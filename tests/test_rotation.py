"""Another key for the database: whenever it is cut off, a key in the folder opens it."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from datetime import timedelta

import pytest

from intake.core.errors import StorageError
from intake.keys import (
    DATABASE,
    NEXT,
    KeysError,
    encrypt,
    make_keys,
    older_keys,
    read_keys,
    rotate,
    write_key,
)
from intake.protection import Allowed
from intake.settings import read_settings
from intake.storage import Keys, audit, database, open_store
from intake.storage.checks import faults_of, opens
from intake.storage.connections import is_plain
from intake.storage.trail import RESTATED
from tests.conftest import NOW

WAYS_TO_DIE = """
import os, signal, sys
from datetime import datetime, UTC
from intake.keys import rotate
from intake.settings import read_settings

left = int(sys.argv[2])
sync = os.fsync

def fsync(number):
    global left
    sync(number)
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

os.fsync = fsync
settings = read_settings({"INTAKE_DATA": sys.argv[1]})
print("ready", flush=True)
while True:
    rotate(settings, datetime.now(UTC))
    if left > 0:
        break
"""
"""Rotates until the n-th time something is put on the disk; with 0 until somebody kills it."""

STEPS = 7
"""How often something is put on the disk: the new file; two keys, each with its folder; the new
file's name; the key's name."""


@pytest.fixture
def clinic(tmp_path):
    """The settings of a clinic with keys of its own and an event in its database."""
    settings = read_settings({"INTAKE_DATA": str(tmp_path / "clinic")})
    make_keys(settings.key_folder)
    database.create(settings.database, read_keys(settings))
    with closing(_opened(settings)) as store, store.write() as db:
        audit.append(db, at=NOW, actor="t", action="kept", subject="t")
    return settings


def _opened(settings):
    return open_store(settings.database, read_keys(settings))


def _holds_the_same(settings):
    with closing(_opened(settings)) as store:
        found = audit.latest(store)
    return [event.action for event in found] == ["kept", RESTATED]


def _dying(settings, left):
    return subprocess.Popen(
        [sys.executable, "-c", WAYS_TO_DIE, str(settings.data), str(left)],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_the_database_has_another_key_and_the_same_records(clinic):
    before = read_keys(clinic)

    rotate(clinic, NOW)

    after = read_keys(clinic)
    assert after.database != before.database
    assert not opens(clinic.database, before.database)
    assert _holds_the_same(clinic)


def test_the_key_of_the_trail_stays(clinic):
    before = read_keys(clinic)

    rotate(clinic, NOW)

    assert read_keys(clinic).trail == before.trail


def test_the_old_keys_are_kept_for_the_old_backups(clinic):
    first = read_keys(clinic).database
    rotate(clinic, NOW)
    second = read_keys(clinic).database

    kept = rotate(clinic, NOW + timedelta(days=1))

    assert read_keys(clinic).older == (second, first)
    assert older_keys(clinic)[0] == kept
    assert [file.stat().st_mode & 0o777 for file in clinic.key_folder.iterdir()] == [0o600] * 4


@pytest.mark.skipif(os.name != "posix", reason="signals are of POSIX")
@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_a_kill_at_any_step_loses_nothing(clinic, step):
    with _dying(clinic, step) as process:
        assert process.wait(timeout=60) == -signal.SIGKILL

    assert _holds_the_same(clinic)
    assert faults_of(clinic.database, read_keys(clinic)) == []
    rotate(clinic, NOW)
    assert _holds_the_same(clinic)
    assert not (clinic.key_folder / NEXT).exists()


@pytest.mark.skipif(os.name != "posix", reason="signals are of POSIX")
def test_there_are_no_more_steps_than_those(clinic):
    with _dying(clinic, STEPS + 1) as process:
        assert process.wait(timeout=60) == 0


@pytest.mark.skipif(os.name != "posix", reason="signals are of POSIX")
def test_a_kill_at_any_time_loses_nothing(clinic):
    for delay in (0.01, 0.03, 0.07, 0.2):
        with _dying(clinic, 0) as process:
            process.stdout.readline()
            time.sleep(delay)
            process.kill()
        assert process.returncode == -signal.SIGKILL

        assert _holds_the_same(clinic)


def test_it_is_refused_while_the_server_runs(clinic):
    before = read_keys(clinic)

    with closing(_opened(clinic)) as server:
        server.rows("SELECT 1 FROM patients")
        with pytest.raises(StorageError, match=r"Stop the server"):
            rotate(clinic, NOW)

    assert read_keys(clinic) == before
    assert _holds_the_same(clinic)


def test_a_key_in_the_environment_is_changed_where_it_is(clinic, monkeypatch):
    monkeypatch.setenv("INTAKE_DATABASE_KEY", read_keys(clinic).database.hex())

    with pytest.raises(KeysError, match="take INTAKE_DATABASE_KEY out of the environment"):
        rotate(clinic, NOW)


def test_a_next_key_that_opens_nothing_is_left_alone(clinic):
    """As after a kill before the new file was in place."""
    before = read_keys(clinic)
    (clinic.key_folder / NEXT).write_bytes((clinic.key_folder / DATABASE).read_bytes()[::-1])

    assert read_keys(clinic) == before


class TestEncrypt:
    @pytest.fixture
    def plain(self, tmp_path):
        """The settings of a clinic that is not encrypted, as somebody chose."""
        settings = read_settings({"INTAKE_DATA": str(tmp_path / "plain"), "INTAKE_ALLOW": "plain"})
        make_keys(settings.key_folder)
        database.create(settings.database, Keys(None, read_keys(settings).trail))
        return settings

    def test_a_clinic_that_chose_plain_has_no_key_of_the_database(self, plain):
        assert plain.allow == {Allowed.PLAIN}
        assert read_keys(plain).database is None

    def test_nothing_of_it_is_plain_afterwards(self, plain):
        encrypt(plain)

        assert not is_plain(plain.database)
        assert [file.name for file in plain.data.iterdir()] == ["clinic.db"]

    def test_the_key_is_used_even_where_plain_is_still_allowed(self, plain):
        encrypt(plain)

        _opened(plain).close()

    def test_twice_is_refused(self, plain):
        encrypt(plain)

        with pytest.raises(StorageError, match="encrypted already"):
            encrypt(plain)


def test_a_key_is_there_whole_or_not_at_all(tmp_path, monkeypatch):
    monkeypatch.setattr("os.fsync", _cut_off)
    with pytest.raises(KeyboardInterrupt):
        write_key(tmp_path / "a.key", bytes(32))
    monkeypatch.undo()
    left = (tmp_path / "a.key").exists()

    write_key(tmp_path / "a.key", bytes(32))

    assert not left
    assert [file.name for file in tmp_path.iterdir()] == ["a.key"]


def _cut_off(_number):
    raise KeyboardInterrupt


def test_a_key_is_never_written_over_another(tmp_path):
    write_key(tmp_path / "a.key", bytes(32))

    with pytest.raises(FileExistsError):
        write_key(tmp_path / "a.key", b"\1" * 32)

    assert (tmp_path / "a.key").read_text() == "00" * 32 + "\n"
