"""`intake keys`: where they are, whether they fit, another one, the first one."""

import errno
import os
import re

import pytest

from intake import keys
from intake.core.errors import StorageError
from intake.keys import read_keys
from intake.settings import read_settings
from intake.storage import audit
from intake.storage.connections import is_plain
from tests.cli.conftest import keys_beside, opened

FINGERPRINT = re.compile(r"Database key: ([0-9a-f]{4}-[0-9a-f]{4})")


@pytest.fixture
def clinic(data, settle):
    settle()
    return data


def test_check_says_where_they_are_and_that_they_fit(run, clinic):
    result = run("keys", "check")

    assert result.exit_code == 0
    assert f"{keys_beside(clinic)}/database.key" in result.stdout
    assert f"They open {clinic}/clinic.db." in result.stdout


def test_check_shows_no_key(run, clinic):
    found = read_keys(read_settings({"INTAKE_DATA": str(clinic)}))

    shown = run("keys", "check").stdout

    assert FINGERPRINT.search(shown)
    assert found.database.hex()[:8] not in shown
    assert found.trail.hex()[:8] not in shown


def test_check_tells_when_they_do_not_fit(run, clinic):
    right, wrong = run("keys", "check"), run("keys", "check", INTAKE_DATABASE_KEY="ab" * 32)

    assert (right.exit_code, wrong.exit_code) == (0, 1)
    assert "They do not open" in wrong.stdout
    assert FINGERPRINT.search(right.stdout)[1] != FINGERPRINT.search(wrong.stdout)[1]


def test_check_tells_when_the_key_of_the_trail_does_not_fit(run, clinic):
    result = run("keys", "check", INTAKE_TRAIL_KEY="ab" * 32)

    assert result.exit_code == 1
    assert "but the trail key does not fit. No line fits its seal" in result.stdout


def test_rotate_changes_the_key_and_writes_it_down(run, clinic):
    before = FINGERPRINT.search(run("keys", "check").stdout)[1]

    result = run("keys", "rotate")

    after = run("keys", "check").stdout
    store = opened(clinic)
    event = audit.latest(store)[0]
    store.close()
    assert result.exit_code == 0
    assert FINGERPRINT.search(after)[1] != before
    assert f"Older key:    {before}" in after
    assert (event.actor, event.action) == ("command line", "key rotated")
    assert run("verify").exit_code == 0


def test_a_backup_of_before_is_restored_after_a_change_of_keys(run, clinic, tmp_path):
    run("backup", tmp_path / "old.db")
    run("keys", "rotate")

    refused = run("restore", tmp_path / "old.db")
    restored = run("restore", tmp_path / "old.db", "--replace")

    assert (refused.exit_code, restored.exit_code) == (2, 0)
    assert "use --replace" in refused.stderr
    assert run("keys", "check").exit_code == run("verify").exit_code == 0


def test_encrypt_takes_in_a_plain_clinic_and_writes_it_down(run, data, settle):
    settle(INTAKE_ALLOW="plain")
    was_plain = is_plain(data / "clinic.db")
    refused = run("records", "count")

    result = run("keys", "encrypt")

    store = opened(data)
    event = audit.latest(store)[0]
    store.close()
    assert was_plain
    assert not is_plain(data / "clinic.db")
    assert (refused.exit_code, "intake keys encrypt" in refused.stderr) == (2, True)
    assert result.exit_code == 0
    assert event.action == "database encrypted"


def test_encrypting_twice_is_refused(run, clinic):
    result = run("keys", "encrypt")

    assert (result.exit_code, result.stderr) == (2, "clinic.db is encrypted already.\n")


@pytest.mark.parametrize("command", ["check", "rotate", "encrypt"])
def test_without_a_clinic_it_is_said(run, data, command):
    result = run("keys", command)

    assert result.exit_code == 2
    assert result.stderr.startswith("There is no ")
    assert not data.exists()


@pytest.mark.parametrize("full_at", [1, 2])
def test_rotate_on_a_full_disk_of_keys_changes_nothing(run, clinic, monkeypatch, full_at):
    folder = clinic.with_name("data-keys")
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    synced, sync = [], os.fsync

    def full(number):
        synced.append(number)
        if len(synced) == full_at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(number)

    def write_key(file, key):
        with monkeypatch.context() as disk:
            disk.setattr("intake.keys.os.fsync", full)
            disk.setattr("intake.keys.sync", lambda _: None)
            real(file, key)

    real = keys.write_key
    monkeypatch.setattr(keys, "write_key", write_key)

    result = run("keys", "rotate")

    assert result.exit_code == 2
    assert result.stderr == (
        f"The new key could not be written to {folder} (No space left on device). See whether its"
        " disk is full or read-only. Nothing was changed.\n"
    )
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert run("verify").exit_code == 0


def test_a_change_of_keys_that_cannot_be_written_down_is_not_called_unsaved(
    run, clinic, monkeypatch
):
    def full(*_args, **_kwargs):
        msg = "Nothing was saved: the database could not be written (database or disk is full)."
        raise StorageError(msg) from OSError("database or disk is full")

    monkeypatch.setattr("intake.cli.keys.write_down", full)

    result = run("keys", "rotate")

    assert result.exit_code == 2
    assert "is encrypted with a new key" in result.stdout
    assert "Nothing was saved" not in result.stderr
    assert "could not be written into the audit trail (database or disk is full)" in result.stderr
