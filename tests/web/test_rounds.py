"""Backups that the server makes by itself, and what administrators see of them."""

import logging
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest

from intake.protection import Allowed
from intake.storage import audit
from intake.storage.checks import faults_of
from intake.web.clinic import Clinic
from tests.conftest import KEYS


@pytest.fixture
def house(app) -> Clinic:
    return app.extensions["intake"]


@pytest.fixture
def rounds(house):
    yield house.rounds
    house.rounds.stop()


@pytest.fixture
def folder(settings):
    return settings.backup_folder


@pytest.fixture
def broken(folder):
    """A folder of backups that cannot be written; what is called mends it."""
    folder.write_text("a file stands where the folder should be", encoding="ascii")
    return folder.unlink


def test_one_is_made_as_the_server_starts_and_is_sound(rounds, folder, monkeypatch):
    looked = Event()
    look = rounds.look
    monkeypatch.setattr(rounds, "look", lambda **given: (look(**given), looked.set())[0])

    rounds.start()

    assert looked.wait(30)
    (file,) = folder.iterdir()
    assert faults_of(file, KEYS) == []
    assert rounds.are_made


def test_one_more_is_made_as_the_server_stops(rounds, folder, clock, store):
    rounds.start()
    rounds.stop()
    clock.at += timedelta(minutes=1)
    with store.write() as db:
        audit.append(db, at=clock.at, actor="t", action="t", subject="t")
    rounds.start()

    rounds.stop()

    assert len(list(folder.iterdir())) == 2


def test_none_are_made_where_the_clinic_chose_so(settings, clock, folder):
    house = Clinic(replace(settings, backup_hours=0), KEYS, clock)

    house.rounds.start()
    house.rounds.stop()

    assert not house.rounds.are_made
    assert not folder.exists()


def test_one_that_fails_is_shown_on_every_page_of_administration(rounds, broken, cleo):
    rounds.look()

    for path in ("/desk/backups", "/desk/settings", "/desk/accounts", "/desk/audit"):
        words = cleo.get(path).words
        assert "The backup that was due on 15 June at" in words
        assert "could not be" in words
        assert "It is tried again every few minutes." in words


def test_one_that_fails_is_for_administrators_alone(rounds, broken, ada):
    rounds.look()

    for path in ("/desk/", "/desk/figures", "/desk/rules"):
        assert "backup" not in ada.get(path).words


def test_one_that_fails_is_written_down_once_and_logged(rounds, broken, store, caplog):
    with caplog.at_level(logging.ERROR):
        rounds.look()
        rounds.look()

    events = [event.action for event in audit.latest(store)]
    assert events.count("backup failed") == 1
    assert caplog.text.count("no backup was made") == 2


def test_it_is_no_longer_shown_once_one_was_made(rounds, broken, cleo, folder):
    rounds.look()
    broken()

    rounds.look()

    assert "could not be made" not in cleo.get("/desk/backups").words
    assert len(list(folder.iterdir())) == 1


@pytest.mark.of_files
def test_a_database_that_is_gone_is_trouble_and_not_the_end(rounds, settings):
    settings.database.unlink()

    rounds.look()

    assert "There is no database" in rounds.trouble.words


def test_what_nobody_thought_of_is_trouble_too_and_tells_nothing(rounds, monkeypatch):
    def fails(*_args, **_kwargs):
        msg = "Tomas Novak"
        raise RuntimeError(msg)

    monkeypatch.setattr("intake.actions.backups.make_due", fails)

    rounds.look()

    assert rounds.trouble.words == "RuntimeError"


def test_the_page_shows_the_last_and_the_next(rounds, cleo, clock, store):
    rounds.start()
    rounds.stop()
    rounds.start()
    complete = cleo.get("/desk/backups").words
    with store.write() as db:
        audit.append(db, at=clock.at, actor="t", action="t", subject="t")

    page = cleo.get("/desk/backups").words

    assert "nothing happened since" in complete
    assert "Next by itself once something happens" in complete
    assert "Next by itself 15 Jun 2026, 10:30" in page
    assert "the newest 24, and the last one of each of 30 days" in page


def test_the_page_says_when_the_server_makes_none(cleo):
    assert "none: this server makes none" in cleo.get("/desk/backups").words


@pytest.mark.parametrize("path", ["/desk/settings", "/desk/backups"])
def test_what_is_weak_is_said_to_administrators(cleo, ada, house, monkeypatch, path):
    beside = replace(
        house.settings, keys=house.settings.data / "keys", allow={Allowed.KEYS_BESIDE_DATA}
    )
    monkeypatch.setattr(house, "settings", beside)

    words = cleo.get(path).words

    assert "share a folder with" in words
    assert "Move the keys to a folder of their own" in words
    assert "share a folder" not in ada.get("/desk/").words
