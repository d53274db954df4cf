"""What may take the place of a clinic: a copy that a key of it made, whole, with its trail."""

import shutil
from contextlib import closing

import pytest

from intake.actions import accounts
from intake.cli.surroundings import now
from intake.core.records import Role
from intake.storage import Keys, database, open_store
from intake.storage.connections import is_plain
from intake.storage.database import APPLICATION_ID
from intake.storage.driver import sqlite3
from tests.cli.conftest import opened

NEEDED = ("patients", "responses", "answers", "screenings", "reviews", "packs", "audit_events")


@pytest.fixture
def clinic(run, clinic):
    run("accounts", "add", "dana", "--name", "Dana", "--role", "administrator")
    return clinic


@pytest.fixture
def good(run, clinic, tmp_path):
    """A backup of the clinic with Dana."""
    run("backup", tmp_path / "good.db")
    return tmp_path / "good.db"


def hollow(path):
    """Write a file with our mark and the names of our tables, and nothing else."""
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    for name in NEEDED:
        connection.execute(f"CREATE TABLE {name} (a)")
    connection.close()
    return path


def foreign(path):
    """Make a whole clinic of somebody else's, in which they may sign in."""
    keys = Keys(None, b"\x07" * 32)
    database.create(path, keys)
    with closing(open_store(path, keys)) as store:
        accounts.add_account(
            store, username="eve", name="Eve", role=Role.ADMINISTRATOR, actor="eve", now=now()
        )
    return path


def edited(clinic):
    """Change an account behind the program's back."""
    with closing(opened(clinic)) as store:
        store.connection.execute("UPDATE practitioners SET name = 'Eve'")


@pytest.mark.parametrize("make", [hollow, foreign])
def test_a_plain_file_does_not_replace_an_encrypted_clinic(run, clinic, tmp_path, make):
    file = make(tmp_path / "plain.db")
    before = (clinic / "clinic.db").read_bytes()

    result = run("restore", file, "--replace")

    assert result.exit_code == 2
    assert "plain.db is not encrypted, as this clinic is" in result.stderr
    assert "Nothing was changed." in result.stderr
    assert (clinic / "clinic.db").read_bytes() == before
    assert not list(clinic.glob("clinic-until-*"))


@pytest.mark.parametrize("make", [hollow, foreign])
def test_a_plain_file_is_no_newest_backup(run, clinic, data, make):
    run("backup")
    folder = data.with_name("data-backups")
    make(folder / "clinic-20990101T000000Z.db")

    checked, verified = run("backups", "check"), run("verify")

    assert (checked.exit_code, verified.exit_code) == (1, 1)
    assert "clinic-20990101T000000Z.db: it is not " in checked.stdout
    assert "newest backup: it is not " in verified.stdout


def test_a_clinic_of_before_encryption_comes_in_where_somebody_vouches(run, data, settle):
    settle(INTAKE_ALLOW="plain")
    allowed = {"INTAKE_ALLOW": "plain"}
    run("accounts", "add", "dana", "--name", "Dana", "--role", "administrator", **allowed)
    run("backup", data.parent / "old.db", **allowed)
    run("keys", "encrypt")

    refused = run("restore", data.parent / "old.db", "--replace")
    taken = run("restore", data.parent / "old.db", "--replace", **allowed)

    assert (refused.exit_code, taken.exit_code) == (2, 0)
    assert not is_plain(data / "clinic.db")
    assert "dana" in run("accounts", "list").stdout


def test_what_only_has_the_names_of_a_clinic_is_none(run, clinic, tmp_path):
    file = hollow(tmp_path / "plain.db")
    before = sorted(path.name for path in clinic.iterdir())

    result = run("restore", file, "--replace", INTAKE_ALLOW="plain")

    assert result.exit_code == 2
    assert "plain.db cannot be restored: it is not a clinic" in result.stderr
    assert sorted(path.name for path in clinic.iterdir()) == before
    assert "dana" in run("accounts", "list").stdout


def test_a_clinic_without_one_of_its_columns_is_none(run, clinic, tmp_path):
    with closing(opened(clinic)) as store:
        store.connection.execute("ALTER TABLE codes_used RENAME TO codes")
    shutil.copy(clinic / "clinic.db", tmp_path / "lacking.db")

    result = run("restore", tmp_path / "lacking.db", "--replace")

    assert result.exit_code == 2
    assert "the table codes was put in outside the program" in result.stderr


def test_a_backup_that_was_edited_is_taken_only_despite_its_faults(run, clinic, tmp_path):
    edited(clinic)
    run("backup", tmp_path / "edited.db")

    refused = run("restore", tmp_path / "edited.db", "--replace")
    kept = list(clinic.glob("clinic-until-*"))
    taken = run("restore", tmp_path / "edited.db", "--replace", "--despite-faults")

    assert (refused.exit_code, kept) == (2, [])
    assert "was changed outside the program" in refused.stderr
    assert "--despite-faults takes it as it is" in refused.stderr
    assert taken.exit_code == 0
    assert "was changed outside the program" in taken.stderr
    assert "Eve" in run("accounts", "list").stdout


@pytest.mark.parametrize("harm", ["hollow", "no erasures", "empty", "text"])
def test_a_broken_clinic_is_always_replaced_by_a_good_backup(run, clinic, good, harm):
    if harm == "no erasures":
        with closing(opened(clinic)) as store:
            store.connection.execute("DROP TABLE erased")
    else:
        (clinic / "clinic.db").unlink()
        (clinic / "clinic.db").write_bytes(b"" if harm == "empty" else b"text\n" * 2000)
    if harm == "hollow":
        (clinic / "clinic.db").unlink()
        hollow(clinic / "clinic.db")

    result = run("restore", good, "--replace")

    assert result.exit_code == 0
    assert "cannot be read, and so not what was erased in it" in result.stderr
    assert "dana" in run("accounts", "list").stdout
    assert run("verify").exit_code == 0


def test_nothing_is_left_of_a_copy_that_was_refused(run, clinic, tmp_path):
    edited(clinic)
    run("backup", tmp_path / "edited.db")
    before = {path.name for path in clinic.iterdir()}

    run("restore", tmp_path / "edited.db", "--replace")

    assert {path.name for path in clinic.iterdir()} == before
