"""`intake move`, and every other command over a clinic that is kept on a server."""

import re
import shutil
from contextlib import closing

import pytest

from intake.cli.surroundings import open_clinic, prepare
from intake.core.errors import IntakeError, StorageError
from intake.keys import TRAIL
from intake.settings import read_settings
from intake.storage import moving, opening
from tests.postgres import Place, server
from tests.storage.builders import by_hand


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


def _database(place):
    return place.url.rpartition("/")[2]


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


class TestWhatWasLeftBehind:
    """Only one place goes on: nobody writes to the other, whoever has it open or forgot of it."""

    def test_is_not_served(self, demo, moved):
        with pytest.raises(IntakeError, match="Set INTAKE_DATABASE_URL to serve it"):
            prepare(_settings(demo))

    def test_takes_nothing_more_from_a_server_that_was_not_stopped(self, demo, on_server):
        with closing(open_clinic(_settings(demo))) as running:
            on_server("move", "--to-server")

            with pytest.raises(StorageError, match="moved to another place"):
                running.try_to_write()

    def test_is_not_served_by_another_computer_either(
        self, demo, moved, on_server, place, tmp_path
    ):
        shutil.copytree(_settings(demo).key_folder, tmp_path / "other-keys")
        other = _settings(tmp_path / "other", place)
        on_server("move", "--to-file", tmp_path / "back.db")

        with pytest.raises(IntakeError, match="Take INTAKE_DATABASE_URL away"):
            prepare(other)

    def test_is_not_moved_a_second_time(self, demo, moved, run_shipped, on_server, place):
        opening.discard(place)

        again = on_server("move", "--to-server")

        assert again.exit_code == 2
        assert "moved to another place" in again.output
        assert not opening.is_there(place)

    def test_can_be_gone_on_with_where_the_other_one_is_lost(self, demo, moved, run_shipped):
        back = run_shipped("restore", _settings(demo).database, "--replace", "--despite-faults")

        assert back.exit_code == 0, back.output
        prepare(_settings(demo))
        assert run_shipped("sites", "open", "Harbour").exit_code == 0

    def test_can_be_moved_once_more_where_the_other_one_is_lost(self, demo, moved, on_server,
                                                                run_shipped, tmp_path):  # fmt: skip
        on_server("move", "--to-file", tmp_path / "lost.db")

        again = on_server("move", "--to-file", tmp_path / "back.db", "--despite-faults")

        assert again.exit_code == 0, again.output
        assert run_shipped(
            "restore", tmp_path / "back.db", "--replace", "--despite-faults"
        ).exit_code == 0  # fmt: skip
        prepare(_settings(demo))


class TestAnotherTrailKey:
    """Whatever it would write would be sealed with it, and the clinic served by nobody again."""

    @pytest.fixture
    def env(self, demo, tmp_path):
        shutil.copytree(_settings(demo).key_folder, tmp_path / "keys")
        (tmp_path / "keys" / TRAIL).write_text(f"{'7' * 64}\n")
        return {"INTAKE_KEYS": str(tmp_path / "keys")}

    ADD = ("sites", "open", "Harbour")

    def test_writes_nothing_to_a_server(self, moved, on_server, env):
        refused = on_server(*self.ADD, **env)

        assert refused.exit_code == 2
        assert "Put back the trail.key" in refused.output
        assert on_server("audit", "verify").exit_code == 0

    def test_writes_nothing_to_a_file(self, demo, run_shipped, env):
        assert run_shipped(*self.ADD, **env).exit_code == 2
        assert run_shipped("audit", "verify").exit_code == 0

    def test_is_told_what_is_wrong_and_leaves_no_line(self, demo, run_shipped, env):
        told = run_shipped("audit", "verify", **env)

        assert told.exit_code == 1
        assert "this is not the key the trail was sealed with" in told.output
        assert run_shipped("audit", "verify").exit_code == 0

    def test_moves_nothing(self, demo, on_server, place, env):
        refused = on_server("move", "--to-server", "--despite-faults", **env)

        assert refused.exit_code == 2
        assert "Put back the trail.key" in refused.output
        assert not opening.is_there(place)


class TestATrailThatDoesNotHold:
    @pytest.fixture
    def edited(self, demo):
        """Somebody put another actor into an old line."""
        with closing(open_clinic(_settings(demo))) as store:
            by_hand(store.connection, "UPDATE audit_events SET actor = 'eve' WHERE sequence = 3")

    def test_is_not_moved(self, edited, on_server, place):
        refused = on_server("move", "--to-server")

        assert refused.exit_code == 2
        assert "Line 3" in refused.output
        assert "nothing was moved" in refused.output
        assert not opening.is_there(place)

    def test_is_moved_as_it_is_when_asked_to(self, edited, on_server):
        done = on_server("move", "--to-server", "--despite-faults")

        assert done.exit_code == 0, done.output
        assert "It was so before, and goes along: Line 3" in done.output


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
        server().run("DROP SCHEMA intake CASCADE", _database(place))

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

    def test_is_replaced_by_a_backup_and_kept_under_another_name(
        self, moved, on_server, place, tmp_path
    ):
        before = on_server("records", "list").output
        on_server("backup", tmp_path / "copy.db")
        assert on_server("sites", "open", "Harbour").exit_code == 0

        refused = on_server("restore", tmp_path / "copy.db")
        done = on_server("restore", tmp_path / "copy.db", "--replace")

        assert (refused.exit_code, done.exit_code) == (2, 0), done.output
        assert "use --replace" in refused.output
        assert on_server("records", "list").output == before
        assert "Harbour" not in on_server("sites", "list").output
        kept = re.search(r"kept as schema (\w+)", done.output)[1]
        names = server().run(f"SELECT name FROM {kept}.sites", _database(place))  # noqa: S608
        assert ("Harbour",) in names
        assert "database: sound" in on_server("verify").output

    def test_does_not_bring_back_who_was_erased_since(self, moved, on_server, place, tmp_path):
        on_server("backup", tmp_path / "copy.db")
        number, born = server().run(
            "SELECT record_number, birth_date FROM intake.patients p WHERE NOT EXISTS"
            " (SELECT 1 FROM intake.holds h WHERE h.patient_id = p.id) ORDER BY id LIMIT 1",
            _database(place),
        )[0]
        gone = on_server("erase", number, "--born", born, "--reason", "asked for it", "--yes")
        assert gone.exit_code == 0, gone.output

        first = on_server("restore", tmp_path / "copy.db", "--replace").output
        second = on_server("restore", tmp_path / "copy.db", "--replace").output

        left = server().run(
            f"SELECT count(*) FROM intake.patients WHERE record_number = '{number}'",  # noqa: S608
            _database(place),
        )
        assert left == [(0,)]
        assert "Erased again" in first
        assert "Erased again" in second

    def test_is_left_as_it_is_by_a_backup_that_is_not_sound(self, moved, on_server, tmp_path):
        before = on_server("records", "list").output
        (tmp_path / "bad.db").write_bytes(b"no clinic")

        done = on_server("restore", tmp_path / "bad.db", "--replace")

        assert done.exit_code == 2
        assert on_server("records", "list").output == before

    def test_has_its_keys_checked(self, moved, on_server, place):
        done = on_server("keys", "check")

        assert (done.exit_code, f"They open {place}." in done.output) == (0, True)

    def test_is_verified_with_a_word_on_what_undoes_a_promise(self, moved, on_server):
        server().run("ALTER ROLE clinic SET log_statement TO ddl")

        done = on_server("verify")

        server().run("ALTER ROLE clinic RESET ALL")
        assert done.exit_code == 0
        assert "what patients said" in done.output

    def test_is_left_alone_by_a_demo(self, on_server, place, data):
        done = on_server("demo", "--no-serve")

        assert "is left alone" in done.output
        assert not opening.is_there(place)

    def test_says_what_there_is_where_nothing_can_be_made(self, demo, run_shipped, place):
        server().run("CREATE SCHEMA intake", _database(place))
        taken = run_shipped("move", "--to-server", INTAKE_DATABASE_URL=place.url)
        server().run("DROP SCHEMA intake", _database(place))
        unknown = run_shipped("verify", INTAKE_DATABASE_URL=f"{place.url}?nothing=1")

        assert "has a schema 'intake' already. Name another database." in taken.output
        assert "INTAKE_DATABASE_URL has a part that nobody knows" in unknown.output

    def test_is_named_without_its_password(self, demo, run_shipped):
        word = "hush" * 3
        url = f"postgresql://clinic:{word}@localhost:1/clinic"

        outputs = [
            run_shipped(*command, INTAKE_DATABASE_URL=url).output
            for command in (("settings",), ("verify",), ("records", "list"))
        ]

        assert "clinic on localhost:1" in outputs[0]
        assert not [text for text in outputs if word in text]

    def test_that_does_not_answer_is_said_to_be_so(self, demo, run_shipped):
        url = "postgresql://clinic@localhost:1/clinic"

        done = run_shipped("records", "list", INTAKE_DATABASE_URL=url)

        assert done.exit_code == 2
        assert "Look after the server, and try again." in done.output
