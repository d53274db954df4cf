"""`intake demo`, `accounts`, `backup`, `restore`: the clinic as a folder."""

import re
import shutil
from contextlib import closing

import pytest

from intake.actions import accounts
from intake.cli.clinic import ACCOUNTS
from intake.cli.founding import OLD_KEY
from intake.cli.surroundings import now, prepare
from intake.core.records import Role
from intake.core.rules import Triage
from intake.keys import read_keys
from intake.settings import Settings, read_settings
from intake.storage import listing
from intake.storage.driver import sqlite3
from intake.storage.listing import Selection
from tests.cli.conftest import keys_beside, opened, unsealed
from tests.conftest import raw

PASSWORD = re.compile(r"\b[a-z2-9]{4}(?:-[a-z2-9]{4}){3}\b")


def rows(path, sql="SELECT id FROM responses ORDER BY id", allow=""):
    keys = read_keys(read_settings({"INTAKE_DATA": str(path.parent), "INTAKE_ALLOW": allow}))
    connection = raw(path, keys)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


class TestDemo:
    def test_makes_accounts_and_prints_passwords_that_work(self, demo_made, demo):
        printed = demo_made[1]
        shown = {
            line.split()[0]: PASSWORD.search(line)[0]
            for line in printed.stdout.splitlines()
            if PASSWORD.search(line)
        }

        assert printed.exit_code == 0
        assert set(shown) == {account.username for account in ACCOUNTS}
        store = opened(demo)
        try:
            for username, password in shown.items():
                who, _ = accounts.sign_in(store, username=username, password=password, now=now())
                assert who.must_change_password
        finally:
            store.close()

    def test_makes_a_dozen_intakes_of_every_triage(self, demo):
        store = opened(demo)
        try:
            listed = list(listing.listed(store, Selection()))
        finally:
            store.close()

        assert len(listed) >= 12
        assert {case.screening.triage for case in listed if case.screening} == set(Triage)

    def test_again_keeps_the_data_and_prints_new_passwords(self, run_shipped, demo_made, demo):
        before = rows(demo / "clinic.db")

        again = run_shipped("demo", "--no-serve")

        assert again.exit_code == 0
        assert rows(demo / "clinic.db") == before
        new, old = PASSWORD.findall(again.stdout), PASSWORD.findall(demo_made[1].stdout)
        assert len(new) == len(ACCOUNTS)
        assert not set(new) & set(old)

    def test_keeps_a_password_its_owner_chose(self, run_shipped, demo_made, demo):
        one_time = PASSWORD.search(demo_made[1].stdout)[0]
        store = opened(demo)
        who, token = accounts.sign_in(store, username="ada", password=one_time, now=now())
        own = {"who": who, "token": token, "old": one_time, "new": "four words in a row"}
        accounts.change_password(store, **own, now=now())

        again = run_shipped("demo", "--no-serve")

        assert "(the password you chose)" in again.stdout
        accounts.sign_in(store, username="ada", password="four words in a row", now=now())
        store.close()

    def test_fresh_throws_the_old_one_away(self, run_shipped, demo):
        before = rows(demo / "clinic.db")

        result = run_shipped("demo", "--no-serve", "--fresh")

        assert result.exit_code == 0
        after = rows(demo / "clinic.db")
        assert len(after) == len(before)
        assert not set(after) & set(before)

    def test_fresh_throws_nothing_away_that_is_not_a_demo(self, run, clinic):
        run("accounts", "add", "dana", "--name", "Dana", "--role", "administrator")
        before = (clinic / "clinic.db").read_bytes()

        result = run("demo", "--no-serve", "--fresh")

        assert result.exit_code == 2
        assert "is not a demo clinic and was left as it is" in result.stderr
        assert (clinic / "clinic.db").read_bytes() == before

    def test_never_touches_the_passwords_of_a_real_clinic(self, run, clinic):
        added = run("accounts", "add", "dana", "--name", "Dana", "--role", "administrator")

        run("demo", "--no-serve")

        store = opened(clinic)
        try:
            accounts.sign_in(
                store, username="dana", password=added.stdout.splitlines()[-1], now=now()
            )
        finally:
            store.close()

    def test_data_is_for_its_owner_alone(self, demo_made):
        folder = demo_made[0]

        assert folder.stat().st_mode & 0o077 == 0
        assert (folder / "clinic.db").stat().st_mode & 0o077 == 0


class TestMissingDatabase:
    COMMANDS = (
        ["accounts", "list"],
        ["accounts", "add", "dana", "--name", "Dana", "--role", "administrator"],
        ["accounts", "reset", "dana"],
        ["records", "list"],
        ["records", "count"],
        ["records", "show", "x"],
        ["export", "csv"],
        ["backup", "copy.db"],
        ["rules", "activate"],
    )

    @pytest.mark.parametrize("args", COMMANDS, ids=" ".join)
    def test_is_said_and_none_is_made(self, run, data, args):
        result = run(*args)

        assert result.exit_code == 2
        assert "There is no database at" in result.stderr
        assert not data.exists()

    def test_is_never_replaced_by_an_empty_one_where_a_key_lies(self, run, data):
        data.mkdir()
        (data / OLD_KEY).write_text("a key", encoding="ascii")

        result = run("demo", "--no-serve")

        assert result.exit_code == 2
        assert "is of a clinic, but there is no database" in result.stderr
        assert not (data / "clinic.db").exists()

    def test_is_never_replaced_where_its_keys_are(self, run, clinic, data):
        shutil.rmtree(data)

        result = run("demo", "--no-serve")

        assert result.exit_code == 2
        assert "database.key is of a clinic, but there is no database" in result.stderr
        assert not data.exists()

    def test_is_never_replaced_where_a_clinic_was_made(self, run, clinic, data, tmp_path):
        (data / "clinic.db").unlink()
        keys = {"INTAKE_DATABASE_KEY": "ab" * 32, "INTAKE_TRAIL_KEY": "cd" * 32}

        result = run("demo", "--no-serve", INTAKE_KEYS=str(tmp_path / "none"), **keys)

        assert result.exit_code == 2
        assert "clinic.made is of a clinic, but there is no database" in result.stderr
        assert not (data / "clinic.db").exists()

    @pytest.mark.parametrize(
        "content", [b"", b"not a database", b"SQLite format 3\0" + b"\xff" * 2000]
    )
    def test_one_that_is_not_ours_is_left_as_it_is(self, run, clinic, data, content):
        (data / "clinic.db").write_bytes(content)

        result = run("records", "count")

        assert result.exit_code == 2
        assert "clinic.db is not a " in result.stderr
        assert (data / "clinic.db").read_bytes() == content


class TestAccounts:
    def test_are_added_with_a_password_that_works_once(self, run, clinic):
        result = run("accounts", "add", "dana", "--name", "Dana Doe", "--role", "dermatologist")

        assert result.exit_code == 0
        assert "dana may sign in as dermatologist" in result.stdout
        assert PASSWORD.fullmatch(result.stdout.splitlines()[-1])

    @pytest.mark.parametrize("username", ["dana"])
    def test_of_a_name_that_is_taken_are_refused(self, run, clinic, username):
        add = ("--name", "Dana Doe", "--role", "practitioner")
        run("accounts", "add", "dana", *add)

        result = run("accounts", "add", username, *add)

        assert result.exit_code == 2
        assert result.stderr == f"The user name '{username}' is taken; choose another.\n"

    @pytest.mark.parametrize("username", ["", "  "])
    @pytest.mark.parametrize("name", ["", " "])
    def test_without_a_name_are_refused(self, run, clinic, username, name):
        result = run("accounts", "add", username, "--name", name, "--role", "practitioner")

        assert result.exit_code == 2

    def test_of_no_role_are_refused(self, run, clinic):
        result = run("accounts", "add", "dana", "--name", "Dana", "--role", "owner")

        assert result.exit_code == 2

    def test_are_listed_without_their_passwords(self, run, clinic):
        added = run("accounts", "add", "dana", "--name", "Dana Doe", "--role", "practitioner")

        result = run("accounts", "list")

        assert result.stdout.split() == [
            *("dana", "practitioner", "one-time", "password", "Dana", "Doe"),
        ]
        assert added.stdout.splitlines()[-1] not in result.stdout

    def test_get_a_new_password(self, run, clinic):
        added = run("accounts", "add", "dana", "--name", "Dana", "--role", "practitioner")

        result = run("accounts", "reset", "dana")

        assert result.exit_code == 0
        assert PASSWORD.fullmatch(result.stdout.strip())
        store = opened(clinic)
        try:
            accounts.sign_in(store, username="dana", password=result.stdout.strip(), now=now())
            with pytest.raises(accounts.SignInRefusedError):
                accounts.sign_in(
                    store, username="dana", password=added.stdout.splitlines()[-1], now=now()
                )
        finally:
            store.close()

    def test_that_are_not_there_get_none(self, run, clinic):
        result = run("accounts", "reset", "nobody")

        assert (result.exit_code, result.stderr) == (2, "There is no account 'nobody'.\n")


class TestSettings:
    def test_say_whether_they_were_given(self, run):
        result = run("settings", INTAKE_CLINIC_NAME="Skin Clinic")

        lines = {line.split()[0]: line.split()[1:] for line in result.stdout.splitlines()}
        assert lines["INTAKE_CLINIC_NAME"] == ["given", "Skin", "Clinic"]
        assert lines["INTAKE_PORT"] == ["default", "8000"]


class TestBackup:
    @pytest.mark.parametrize("name", ["copy.db", "copy #1, 100%.db", "copy?.db"])
    def test_of_a_clinic_in_use_can_be_restored_elsewhere(self, run_shipped, demo, tmp_path, name):
        store = opened(demo)
        with store.write() as db:
            db.execute("UPDATE patients SET name = 'Written A Moment Ago'")

        made = run_shipped("backup", tmp_path / name)
        restored = run_shipped(
            "restore",
            tmp_path / name,
            INTAKE_DATA=str(tmp_path / "new"),
            INTAKE_KEYS=keys_beside(demo),
        )

        store.close()
        assert made.exit_code == 0
        assert made.stdout.rstrip().endswith("16 intakes, checked.")
        assert restored.exit_code == 0
        everything = "SELECT name FROM patients"
        shutil.copytree(keys_beside(demo), tmp_path / "new-keys")
        assert rows(tmp_path / "new/clinic.db") == rows(demo / "clinic.db")
        assert rows(tmp_path / "new/clinic.db", everything) == rows(demo / "clinic.db", everything)
        assert rows(tmp_path / "new/clinic.db", everything)[0] == ("Written A Moment Ago",)

    def test_is_for_its_owner_alone(self, run, clinic, tmp_path):
        run("backup", tmp_path / "copy.db")

        assert (tmp_path / "copy.db").stat().st_mode & 0o077 == 0

    def test_never_overwrites_a_file(self, run, clinic, tmp_path):
        (tmp_path / "copy.db").write_text("precious", encoding="ascii")

        result = run("backup", tmp_path / "copy.db")

        assert result.exit_code == 2
        assert result.stderr == "copy.db already exists; name a new file for the backup.\n"
        assert (tmp_path / "copy.db").read_text(encoding="ascii") == "precious"

    def test_into_a_folder_that_is_not_there_is_said_in_one_line(self, run, clinic, tmp_path):
        result = run("backup", tmp_path / "none" / "copy.db")

        assert result.exit_code == 2
        assert result.stderr.count("\n") == 1


class TestRestore:
    @pytest.fixture
    def copy(self, run, clinic, tmp_path):
        """A backup of the clinic as it was before Dana came."""
        run("backup", tmp_path / "copy.db")
        run("accounts", "add", "dana", "--name", "Dana", "--role", "administrator")
        return tmp_path / "copy.db"

    def test_takes_the_place_of_nothing_unless_told_to(self, run, clinic, copy):
        result = run("restore", copy)

        assert result.exit_code == 2
        assert "Stop the server and use --replace" in result.stderr
        assert "dana" in run("accounts", "list").stdout

    def test_keeps_the_clinic_that_was_there(self, run, clinic, copy):
        result = run("restore", copy, "--replace")

        assert result.exit_code == 0
        assert run("accounts", "list").stdout == ""
        (kept,) = clinic.glob("clinic-until-*.db")
        assert kept.name in result.stdout
        assert rows(kept, "SELECT username FROM practitioners") == [("dana",)]

    @pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\0" + b"\0" * 99])
    @pytest.mark.parametrize("flags", [[], ["--replace"]])
    def test_refuses_what_is_no_backup(self, run, clinic, tmp_path, content, flags):
        (tmp_path / "wrong.db").write_bytes(content)
        before = (clinic / "clinic.db").read_bytes()

        result = run("restore", tmp_path / "wrong.db", *flags)

        assert result.exit_code == 2
        assert "wrong.db cannot be restored" in result.stderr
        assert "Nothing was changed." in result.stderr
        assert (clinic / "clinic.db").read_bytes() == before

    def test_refuses_the_database_of_another_program(self, run, clinic, data, tmp_path):
        (data / "clinic.db").unlink()
        other = sqlite3.connect(tmp_path / "other.db")
        other.execute("CREATE TABLE t (a)")
        other.close()

        result = run("restore", tmp_path / "other.db")

        assert result.exit_code == 2
        assert "it is not a database of this program" in result.stderr
        assert not (data / "clinic.db").exists()

    def test_refuses_a_backup_that_was_damaged(self, run, clinic, copy):
        whole = copy.read_bytes()
        half = len(whole) // 2
        copy.write_bytes(whole[:half])

        result = run("restore", copy, "--replace")

        assert result.exit_code == 2
        assert "dana" in run("accounts", "list").stdout

    def test_refuses_a_file_that_is_not_there(self, run, tmp_path):
        assert run("restore", tmp_path / "none.db").exit_code == 2

    def test_is_not_mixed_with_the_log_of_a_database_that_was_lost(self, run, clinic, tmp_path):
        store = opened(clinic)
        run("backup", tmp_path / "copy.db")
        accounts.add_account(
            store, username="eve", name="Eve", role=Role.ADMINISTRATOR, actor="test", now=now()
        )
        old_log = (clinic / "clinic.db-wal").read_bytes()
        store.close()
        shutil.rmtree(clinic)
        clinic.mkdir()
        (clinic / "clinic.db-wal").write_bytes(old_log)

        restored = run("restore", tmp_path / "copy.db")
        listed = run("accounts", "list")

        assert restored.exit_code == 0
        assert (listed.exit_code, listed.stdout) == (0, "")


class TestKeysOfTheDemo:
    @pytest.fixture(autouse=True)
    def quickly(self, monkeypatch):
        """Put nobody into the demo."""
        monkeypatch.setattr("intake.cli.clinic.fill", lambda *_, **__: None)

    def test_go_with_its_data_when_somebody_removed_those(self, data, run):
        run("demo", "--no-serve")
        run("backup")
        shutil.rmtree(data)

        again = run("demo", "--no-serve")

        assert again.exit_code == 0
        assert "A new, empty clinic was made" in again.stdout
        assert not data.with_name(f"{data.name}-backups").exists()

    def test_go_with_a_demo_that_is_thrown_away(self, data, run):
        run("demo", "--no-serve")
        settings = read_settings({"INTAKE_DATA": str(data)})
        before = read_keys(settings)

        again = run("demo", "--no-serve", "--fresh")

        assert again.exit_code == 0
        assert read_keys(settings) != before

    @pytest.mark.parametrize("fresh", [[], ["--fresh"]])
    def test_are_told_from_those_of_a_clinic(self, clinic, data, run, fresh):
        shutil.rmtree(data)

        result = run("demo", "--no-serve", *fresh)

        assert result.exit_code == 2
        assert "is of a clinic, but there is no database" in result.stderr
        assert len(list(data.with_name(f"{data.name}-keys").iterdir())) == 2


def test_a_clinic_of_an_earlier_version_gets_keys_and_is_encrypted(data, tiny):
    settings = Settings(data, tiny, "Clinic", None, "127.0.0.1", 8000)
    data.mkdir()
    with closing(sqlite3.connect(unsealed(data / "clinic.db"), isolation_level=None)) as connection:
        connection.execute(
            "INSERT INTO audit_events (at, actor, action, subject, detail)"
            " VALUES ('2026-06-15T09:30:00.000000Z', 'ada', 'signed in', 'ada', '{}')"
        )
    (data / OLD_KEY).touch()

    notes = prepare(settings)

    assert "was not encrypted and now is" in notes[0]
    assert f"Its keys are in {keys_beside(data)}" in notes[1]
    assert not (data / OLD_KEY).exists()
    first = "SELECT sequence, actor, action FROM audit_events ORDER BY sequence LIMIT 1"
    assert rows(data / "clinic.db", first) == [(1, "ada", "signed in")]
