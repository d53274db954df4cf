"""What may take the place of a clinic: a copy that a key of it made, whole, with its trail."""

import re
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from intake.actions import accounts, clients
from intake.cli.surroundings import now
from intake.core.errors import StorageError
from intake.core.records import Role
from intake.keys import read_keys
from intake.settings import read_settings
from intake.storage import Keys, copies, database, open_store
from intake.storage.connections import connect_bare, is_plain
from intake.storage.copies import copied_under
from intake.storage.database import APPLICATION_ID
from intake.storage.driver import sqlite3
from tests.cli.conftest import opened, unsealed
from tests.storage.builders import MARIA, stock

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


def settings_of(clinic):
    return read_settings({"INTAKE_DATA": str(clinic)})


def patients(path, clinic):
    keys = read_keys(settings_of(clinic))
    with closing(connect_bare(path, keys.database, to_read=True)) as connection:
        return connection.execute("SELECT count(*) FROM patients").fetchone()[0]


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


@pytest.fixture
def left(clinic):
    """What kills left of copies under way, in this version and earlier ones."""
    kinds = ("arriving", "arriving-journal", "incoming", "incoming-wal")
    files = [clinic / f"clinic.{kind}" for kind in kinds]
    for file in files:
        file.write_bytes(b"half a copy")
    return files


def test_a_start_removes_what_kills_left_of_copies(left, settle):
    settle()

    assert not [file for file in left if file.exists()]


def test_a_restore_removes_what_kills_left_of_copies(run, good, left):
    result = run("restore", good, "--replace")

    assert result.exit_code == 0
    assert not [file for file in left if file.exists()]


@pytest.fixture
def erased(run, clinic, tmp_path):
    """A backup with the one patient, who was erased in the clinic since."""
    with closing(opened(clinic)) as store:
        stock(store)
    run("backup", tmp_path / "before.db")
    born = ("--born", MARIA.birth_date, "--reason", "Asked.", "--yes")
    assert run("erase", MARIA.record_number, *born).exit_code == 0
    return tmp_path / "before.db"


@pytest.fixture
def older(run, clinic, tmp_path):
    """A backup of the time before that patient came."""
    run("backup", tmp_path / "older.db")
    return tmp_path / "older.db"


@pytest.mark.parametrize("is_set_aside", [True, False])
def test_who_was_erased_stays_so_when_an_older_backup_was_put_back_between(
    run, clinic, older, erased, is_set_aside
):
    run("restore", older, "--replace")
    if not is_set_aside:
        for file in clinic.glob("clinic-until-*"):
            file.unlink()

    result = run("restore", erased, "--replace")

    assert "Erased again, as before that backup was put back: 1 record." in result.stdout
    assert patients(clinic / "clinic.db", clinic) == 0
    assert run("audit", "verify").exit_code == 0


def test_what_was_erased_is_read_from_those_set_aside_when_the_clinic_is_broken(
    run, clinic, erased
):
    shutil.copy(clinic / "clinic.db", clinic / "clinic-until-20260101T000000000000.db")
    (clinic / "clinic.db").write_bytes(b"text" * 2000)

    result = run("restore", erased, "--replace")

    assert "The clinic that is here cannot be read" in result.stderr
    assert patients(clinic / "clinic.db", clinic) == 0


def killed(*_args, **_kwargs):
    raise KeyboardInterrupt


def no_second_names(*_args):
    raise OSError


@pytest.mark.parametrize(
    "cut_off_at",
    [
        "intake.cli.restoring.erase_again",
        "intake.cli.restoring.mark_made",
        "intake.storage.copies.set_aside",
        "intake.storage.copies.put_in_place",
    ],
)
def test_a_restore_that_is_cut_off_brings_nobody_back(
    run, clinic, erased, monkeypatch, settle, cut_off_at
):
    monkeypatch.setattr(cut_off_at, killed)
    cut_off = run("restore", erased, "--replace")
    monkeypatch.undo()

    there = patients(clinic / "clinic.db", clinic)
    settle()
    again = run("restore", erased, "--replace")

    assert (cut_off.exit_code, there) == (1, 0)
    assert "Erased again, as before that backup was put back: 1 record." in again.stdout
    assert patients(clinic / "clinic.db", clinic) == 0
    assert run("audit", "verify").exit_code == 0


def test_the_copy_is_complete_before_it_takes_the_name(run, clinic, erased, monkeypatch):
    arrived = []
    put_in_place = copies.put_in_place

    def look(arriving, target):
        arrived.append(patients(arriving, clinic))
        put_in_place(arriving, target)

    monkeypatch.setattr(copies, "put_in_place", look)

    assert run("restore", erased, "--replace").exit_code == 0
    assert arrived == [0]


def test_what_was_erased_is_read_from_a_clinic_that_was_only_set_aside(
    run, clinic, erased, monkeypatch
):
    """As on a disk that knows no second names, where a kill comes between two steps."""
    monkeypatch.setattr(Path, "hardlink_to", no_second_names)
    monkeypatch.setattr(copies, "put_in_place", killed)
    run("restore", erased, "--replace")
    monkeypatch.undo()
    is_gone = not (clinic / "clinic.db").exists()

    result = run("restore", erased)

    assert is_gone
    assert (result.exit_code, "Erased again" in result.stdout) == (0, True)
    assert patients(clinic / "clinic.db", clinic) == 0


def test_it_is_said_when_a_clinic_that_was_set_aside_cannot_be_read(run, clinic, good):
    (clinic / "clinic.db").rename(clinic / "clinic-until-20260101T000000000000.db")
    (clinic / "clinic-until-20260101T000000000000.db").write_bytes(b"text" * 2000)

    result = run("restore", good)

    assert result.exit_code == 0
    assert "clinic-until-20260101T000000000000.db cannot be read, and so not" in result.stderr


def full(*_args, **_kwargs):
    msg = "Nothing was saved: the database could not be written (database or disk is full)."
    raise StorageError(msg) from sqlite3.OperationalError("database or disk is full")


def test_a_full_disk_leaves_the_clinic_and_is_said(run, clinic, erased, monkeypatch):
    before = {path.name for path in clinic.iterdir()}
    monkeypatch.setattr("intake.cli.restoring.erase_again", full)

    result = run("restore", erased, "--replace")

    assert result.exit_code == 2
    assert "before.db was not restored" in result.stderr
    assert "(database or disk is full)" in result.stderr
    assert "Nothing was changed." in result.stderr
    assert {path.name for path in clinic.iterdir()} == before
    assert patients(clinic / "clinic.db", clinic) == 0


def test_a_file_that_is_exchanged_between_two_looks_is_not_taken(run, clinic, good, monkeypatch):
    forged = unsealed(good.with_name("forged.db"))
    connects = copies.connect_bare

    def exchange(path, key, **how):
        opened = connects(path, key, **how)
        if path == good and forged.exists():
            forged.replace(good)
        return opened

    monkeypatch.setattr(copies, "connect_bare", exchange)

    result = run("restore", good, "--replace")

    assert result.exit_code == 2
    assert not forged.exists()
    assert "dana" in run("accounts", "list").stdout
    assert not list(clinic.glob("clinic-until-*"))


@pytest.fixture
def without_seals(clinic, tmp_path):
    """A clinic of a version without seals, under the key of this one."""
    plain, key = unsealed(tmp_path / "plain.db"), read_keys(settings_of(clinic)).database
    copied_under(plain, None, tmp_path / "unsealed.db", key)
    return tmp_path / "unsealed.db"


def test_a_copy_without_seals_is_taken_by_a_sealed_clinic_only_despite_that(
    run, clinic, good, without_seals, settle
):
    refused = run("restore", without_seals, "--replace")
    kept = list(clinic.glob("clinic-until-*"))
    taken = run("restore", without_seals, "--replace", "--despite-faults")
    settle()

    assert (refused.exit_code, kept, taken.exit_code) == (2, [], 0)
    assert "--despite-faults takes it as it is" in refused.stderr
    assert "of a version without seals" in taken.stderr
    assert "(backup) was made" in run("verify").stdout  # the head of before still speaks


def test_a_copy_without_seals_comes_into_a_clinic_that_has_no_heads(run, clinic, without_seals):
    result = run("restore", without_seals, "--replace")

    assert result.exit_code == 0
    assert "of a version without seals" in result.stderr


def test_nobody_writes_to_a_clinic_while_a_backup_takes_its_place(run, clinic, good, monkeypatch):
    monkeypatch.setattr("intake.storage.connections.BUSY_TIMEOUT_S", 0.1)
    tried = []
    arrived = copies._arrived

    def write(*args):
        tried.append(run("accounts", "add", "ben", "--name", "Ben", "--role", "practitioner"))
        arrived(*args)

    monkeypatch.setattr(copies, "_arrived", write)

    assert run("restore", good, "--replace").exit_code == 0
    assert tried[0].exit_code == 2
    assert "cannot be used now (database is locked)" in tried[0].stderr


def test_the_present_database_may_be_put_back_itself(run, clinic):
    result = run("restore", clinic / "clinic.db", "--replace")

    assert result.exit_code == 0
    assert "dana" in run("accounts", "list").stdout
    assert "backup restored" in run("audit", "list").stdout


def test_a_restore_that_heads_would_speak_against_is_not_begun(run, clinic, good, monkeypatch):
    def refused(*_args, **_kwargs):
        msg = "The trail's head could not be kept in heads.log. Nothing else was changed."
        raise StorageError(msg)

    monkeypatch.setattr("intake.cli.restoring.keep_head", refused)
    before = {path.name for path in clinic.iterdir()}

    result = run("restore", good, "--replace")

    assert result.exit_code == 2
    assert {path.name for path in clinic.iterdir()} == before


def test_a_restore_says_that_who_was_shut_out_since_is_let_in_again(run, clinic, tmp_path):
    token = re.search(r"intake_\S+", run("systems", "add", "R", "--role", "reader").stdout)[0]
    run("backup", tmp_path / "before.db")
    run("systems", "revoke", "")

    done = run("restore", tmp_path / "before.db", "--replace")

    with closing(opened(clinic)) as store:
        assert clients.who_asks(store, token=token, now=now()) is not None
    assert "Who was shut out since it was made is let in again" in done.stdout
