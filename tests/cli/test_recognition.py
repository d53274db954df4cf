"""A start looks whether the clinic is the one that was last here, before it writes to it."""

import shutil
from contextlib import closing

import pytest

from intake.core.errors import StorageError
from intake.keys import read_keys
from intake.settings import read_settings
from intake.storage.copies import copied_under
from tests.cli.conftest import opened, unsealed
from tests.storage.builders import by_hand


@pytest.fixture
def rolled_back(run, clinic, tmp_path):
    """A clinic whose database of yesterday was put back by hand."""
    run("accounts", "add", "ada", "--name", "Ada", "--role", "practitioner")
    shutil.copy(clinic / "clinic.db", tmp_path / "old.db")
    run("accounts", "disable", "ada")
    run("audit", "verify")
    shutil.copy(tmp_path / "old.db", clinic / "clinic.db")
    return clinic


def lines(clinic):
    with closing(opened(clinic)) as store:
        return store.row("SELECT count(*) AS n FROM audit_events")["n"]


def test_another_key_of_the_trail_refuses_the_start_and_writes_nothing(clinic, settle):
    before, file = lines(clinic), clinic.with_name("data-keys") / "trail.key"
    right = file.read_text()
    file.write_text("ab" * 32)

    with pytest.raises(StorageError, match="this is not the key the trail was sealed with"):
        settle()

    assert lines(clinic) == before
    file.write_text(right)
    settle()


def test_a_newest_line_that_was_edited_refuses_the_start(run, clinic, settle):
    with closing(opened(clinic)) as store:
        by_hand(
            store.connection,
            "UPDATE audit_events SET actor = 'eve'"
            " WHERE sequence = (SELECT max(sequence) FROM audit_events)",
        )

    with pytest.raises(StorageError, match="was edited"):
        settle()

    taken = run("restore", clinic / "clinic.db", "--replace", "--despite-faults")
    settle()
    assert taken.exit_code == 0


def test_an_older_copy_put_in_place_refuses_the_start(rolled_back, settle):
    with pytest.raises(StorageError, match="its end was cut, or this is an older copy"):
        settle()


def test_an_older_copy_is_refused_whatever_heads_are_kept_of_it_later(run, rolled_back, settle):
    run("audit", "verify")

    with pytest.raises(StorageError, match="older copy"):
        settle()


def test_an_older_copy_goes_on_where_somebody_restores_it_itself(run, rolled_back, settle):
    result = run("restore", rolled_back / "clinic.db", "--replace", "--despite-faults")

    settle()
    assert result.exit_code == 0
    assert "backup restored" in run("audit", "list").stdout


def test_a_copy_without_seals_put_in_place_refuses_the_start(run, clinic, settle, tmp_path):
    run("audit", "verify")
    key = read_keys(read_settings({"INTAKE_DATA": str(clinic)})).database
    (clinic / "clinic.db").unlink()
    copied_under(unsealed(tmp_path / "plain.db"), None, clinic / "clinic.db", key)

    with pytest.raises(StorageError, match="of a version without seals"):
        settle()


def test_a_start_goes_on_after_a_restore_and_a_change_of_keys(run, clinic, settle, tmp_path):
    run("backup", tmp_path / "copy.db")
    run("accounts", "add", "ada", "--name", "Ada", "--role", "practitioner")
    run("audit", "verify")

    restored = run("restore", tmp_path / "copy.db", "--replace")
    settle()
    rotated = run("keys", "rotate")
    settle()

    assert (restored.exit_code, rotated.exit_code) == (0, 0)


def test_a_line_that_is_no_head_is_told_and_keeps_nobody_out(run, clinic, settle):
    run("audit", "verify")
    with (clinic.with_name("data-keys") / "heads.log").open("a") as heads:
        heads.write("half a li\n")

    assert "Line 2 of heads.log is not a head that the program kept." in settle()
