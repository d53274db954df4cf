"""`intake move`, and every other command over a clinic that is kept on a server."""

import shutil
from contextlib import closing

import pytest

from intake.cli.surroundings import open_clinic, prepare
from intake.core.errors import IntakeError
from intake.keys import TRAIL
from intake.settings import read_settings
from intake.storage import moving, opening
from tests.postgres import Place, server


@pytest.fixture
def place():
    """A database on a server with nothing in it."""
    name = server().new_database()
    yield Place(server().url(name))
    server().drop(name)


@pytest.fixture
def on_server(run_shipped, place):
    """Run a command over the data folder, with the clinic on the server."""
    return lambda *args, **env: run_shipped(*args, INTAKE_DATABASE_URL=place.url, **env)


@pytest.fixture
def moved(demo, on_server):
    """A demo clinic that was moved to the server; returns what was printed."""
    done = on_server("move", "--to-server")
    assert done.exit_code == 0, done.output
    return done.output


def _settings(data, place=None):
    url = {"INTAKE_DATABASE_URL": place.url} if place else {}
    return read_settings({"INTAKE_DATA": str(data), **url})


def test_what_is_moved_reads_as_it_did(demo, run_shipped, on_server):
    before = run_shipped("records", "list").output

    done = on_server("move", "--to-server")

    assert "every record compared" in done.output
    assert on_server("records", "list").output == before
    assert [line.partition(": ")[2] for line in on_server("verify").output.splitlines()] == [
        *["sound"] * 4, "none yet"
    ]  # fmt: skip
    assert "moved the clinic" in on_server("audit", "list").output or "clinic moved" in (
        on_server("audit", "list").output
    )


def test_what_is_moved_back_reads_as_it_did(demo, moved, run_shipped, on_server, tmp_path):
    before, file = on_server("records", "list").output, tmp_path / "back.db"

    assert on_server("move", "--to-file", file).exit_code == 0

    shutil.copy(file, demo / "clinic.db")
    assert run_shipped("records", "list").output == before
    assert "database: sound" in run_shipped("verify").output


def test_what_was_left_behind_is_not_served(demo, moved):
    with pytest.raises(IntakeError, match="is not served as it is"):
        prepare(_settings(demo))


def test_a_clinic_that_is_there_is_not_moved_over(moved, on_server):
    before = on_server("records", "list").output

    again = on_server("move", "--to-server")

    assert again.exit_code == 2
    assert "No clinic could be made on the server" in again.output
    assert on_server("records", "list").output == before


def test_what_does_not_arrive_as_it_was_sent_is_not_kept(demo, on_server, place, monkeypatch):
    real = moving.sum_of
    sums = iter(range(10_000))
    monkeypatch.setattr(moving, "sum_of", lambda *a: (real(*a), next(sums)))

    done = on_server("move", "--to-server")

    assert done.exit_code == 2
    assert "is not what was sent" in done.output
    assert not opening.is_there(place)


@pytest.mark.parametrize("options", [(), ("--to-server", "--to-file", "x.db")], ids=str)
def test_one_has_to_say_where_to(demo, on_server, options):
    assert "Say where to" in on_server("move", *options).output


def test_without_a_server_there_is_nowhere_to_go(demo, run_shipped):
    assert "names no server" in run_shipped("move", "--to-server").output


def test_a_file_that_is_there_is_not_overwritten(moved, on_server, tmp_path):
    (tmp_path / "mine.db").write_text("mine")

    done = on_server("move", "--to-file", tmp_path / "mine.db")

    assert done.exit_code == 2
    assert (tmp_path / "mine.db").read_text() == "mine"


class TestAClinicOnAServer:
    @pytest.fixture
    def settings(self, data, place):
        return _settings(data, place)

    def test_is_made_by_the_first_start_and_served_by_the_next(self, settings):
        first, second = prepare(settings), prepare(settings)

        assert f"A new, empty clinic was made in {settings.server}." in first
        assert not [note for note in second if "was made" in note]
        assert not settings.database.exists()

    def test_is_not_made_anew_where_one_was_lost(self, settings, place):
        prepare(settings)
        server().run("DROP SCHEMA intake CASCADE", place.url.rpartition("/")[2])

        with pytest.raises(IntakeError, match="but there is no database at"):
            prepare(settings)

    def test_is_served_by_another_computer_with_the_same_keys(self, settings, tmp_path):
        prepare(settings)
        shutil.copytree(settings.key_folder, tmp_path / "other-keys")

        prepare(_settings(tmp_path / "other", settings.server))

        with closing(open_clinic(_settings(tmp_path / "other", settings.server))) as store:
            store.require_sound()

    def test_is_not_served_with_another_trail_key(self, settings):
        prepare(settings)
        (settings.key_folder / TRAIL).write_text(f"{'7' * 64}\n")

        with pytest.raises(IntakeError, match="is not served as it is"):
            prepare(settings)

    def test_is_backed_up_into_a_file_that_can_be_restored(self, demo, moved, on_server,
                                                           run_shipped, tmp_path):  # fmt: skip
        before = on_server("records", "list").output

        made = on_server("backup", tmp_path / "copy.db")

        assert made.exit_code == 0, made.output
        back = run_shipped("restore", tmp_path / "copy.db", "--replace")
        assert back.exit_code == 0, back.output
        assert run_shipped("records", "list").output == before

    @pytest.mark.parametrize("command", [("keys", "rotate"), ("keys", "encrypt")], ids=str)
    def test_has_no_key_of_its_own_to_change(self, moved, on_server, command):
        done = on_server(*command)

        assert done.exit_code == 2
        assert "whoever runs that server encrypts its disks" in done.output

    def test_says_how_a_backup_is_restored(self, demo, moved, on_server, tmp_path):
        on_server("backup", tmp_path / "copy.db")

        done = on_server("restore", tmp_path / "copy.db", "--replace")

        assert done.exit_code == 2
        assert "intake move --to-server" in done.output

    def test_has_its_keys_checked(self, moved, on_server, place):
        done = on_server("keys", "check")

        assert (done.exit_code, f"They open {place}." in done.output) == (0, True)

    def test_is_named_without_its_password(self, demo, run_shipped):
        url = "postgresql://clinic:s3cr3t-word@localhost:1/clinic"

        outputs = [
            run_shipped(*command, INTAKE_DATABASE_URL=url).output
            for command in (("settings",), ("verify",), ("records", "list"))
        ]

        assert "clinic on localhost:1" in outputs[0]
        assert not [text for text in outputs if "s3cr3t-word" in text]

    def test_that_does_not_answer_is_said_to_be_so(self, demo, run_shipped):
        url = "postgresql://clinic@localhost:1/clinic"

        done = run_shipped("records", "list", INTAKE_DATABASE_URL=url)

        assert done.exit_code == 2
        assert "Look after the server, and try again." in done.output
