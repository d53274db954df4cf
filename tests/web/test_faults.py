"""When something is wrong: health, error pages, and what the log says about it."""

import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Barrier
from time import monotonic, sleep

import pytest

from intake.actions import answer, decide
from intake.storage import Keys, Store, database
from intake.storage.driver import sqlite3
from intake.web.health import MOST_A_SECOND, Health
from tests.conftest import KEYS
from tests.web.pages import Page, Visitor

MARKER = "Wilhelmina Marker"
OTHER = Keys(database=b"\x07" * 32, trail=KEYS.trail)
PLAIN = Keys(database=None, trail=KEYS.trail)
SECRET = "Tomas Novak, hepatitis, 12 March 1988: locked"


def fails(*_args, **_kwargs):
    raise RuntimeError(SECRET)


def test_a_clinic_that_works_is_healthy(stranger):
    page = stranger.get("/healthz")

    assert page.status == 200
    assert page.answer.get_json() == {"status": "ok", "problems": []}


def test_asking_for_health_changes_nothing(stranger, contents):
    before = contents()

    stranger.get("/healthz")

    assert contents() == before


@pytest.mark.of_files
def test_a_clinic_whose_database_is_gone_is_not_healthy(stranger, settings):
    settings.database.rename(settings.database.with_name("elsewhere.db"))

    page = stranger.get("/healthz")

    assert page.status == 503
    assert page.answer.get_json()["status"] == "unhealthy"
    assert not settings.database.exists()


@pytest.mark.of_files
@pytest.mark.parametrize("content", [b"", b"not a database" * 100], ids=["empty", "other"])
def test_a_clinic_whose_database_is_broken_is_not_healthy(stranger, settings, content):
    settings.database.write_bytes(content)

    page = stranger.get("/healthz")

    assert page.status == 503
    assert settings.database.read_bytes() == content


@pytest.mark.of_files
@pytest.mark.parametrize("keys", [OTHER, PLAIN], ids=["another clinic's", "not encrypted"])
def test_a_clinic_whose_database_was_exchanged_is_not_healthy(stranger, settings, keys):
    settings.database.unlink()
    database.create(settings.database, keys)

    page = stranger.get("/healthz")
    sign_in = stranger.get("/desk/sign-in")

    assert page.status == 503
    assert page.answer.get_json()["problems"] == ["StorageError"]
    assert sign_in.status in (200, 503)
    assert "Traceback" not in sign_in.words


@pytest.mark.of_files
def test_a_clinic_is_healthy_again_once_its_database_is_back(stranger, settings):
    kept = settings.database.rename(settings.database.with_name("elsewhere.db"))
    assert stranger.get("/healthz").status == 503

    kept.rename(settings.database)

    assert stranger.get("/healthz").status == 200


@pytest.mark.of_files
def test_nothing_of_a_patient_is_on_the_disk_in_the_clear(cleo, maker, settings, contents):
    maker.sent(MARKER, "healthy-woman")
    cleo.post("/desk/backups")

    files = [
        file
        for place in (settings.data, settings.key_folder, settings.backup_folder)
        for file in place.rglob("*")
        if file.is_file()
    ]

    assert MARKER in contents()
    assert {"clinic.db", "database.key"} < {file.name for file in files}
    assert len(files) >= 4
    assert [file.name for file in files if MARKER.encode() in file.read_bytes()] == []


@pytest.mark.of_files
def test_a_clinic_without_rules_is_not_healthy(settings, stranger):
    settings.database.unlink()
    database.create(settings.database, KEYS)

    page = stranger.get("/healthz")

    assert page.status == 503
    assert page.answer.get_json()["problems"] == ["no rule pack is in force"]


@pytest.mark.parametrize(
    ("who", "path"),
    [("ada", "/desk/"), ("tablet", "/tablet/page/skin_now"), ("stranger", "/tablet/")],
)
def test_without_a_database_people_are_told_it_was_not_saved(request, settings, who, path):
    visitor = request.getfixturevalue(who)
    visitor.client.set_cookie("intake_visit", "x" * 43, path="/tablet", domain="localhost")
    settings.database.rename(settings.database.with_name("elsewhere.db"))

    page = visitor.get(path)

    assert page.status == 503
    assert page.root.one("h1").text == "Not saved"
    assert str(settings.data) not in page.html


@pytest.mark.of_files
def test_it_works_again_once_the_database_is_back(ada, settings):
    away = settings.database.with_name("elsewhere.db")
    settings.database.rename(away)
    during = ada.get("/desk/").status
    away.rename(settings.database)

    after = ada.get("/desk/").status

    assert (during, after) == (503, 200)


def test_sessions_visits_and_rules_survive_a_restart(restarted, clinic_template):
    client = restarted.test_client()
    client.set_cookie("intake_desk", clinic_template.sessions["ada"], path="/desk")
    client.set_cookie("intake_visit", clinic_template.visits["begun"], path="/tablet")
    visitor = Visitor(client)

    assert visitor.get("/desk/").status == 200
    assert visitor.get("/tablet/page/skin_now").status == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [("/nowhere", 404), ("/desk/nowhere", 404), ("/tablet/nowhere", 404), ("/tablet/page/x", 404)],
)
def test_pages_that_do_not_exist_say_so_calmly(tablet, path, status):
    page = tablet.get(path)

    assert page.status == status
    assert page.root.one("h1").text == "There is no such page"
    assert ("Go to the start" in page.words) is path.startswith("/tablet")


def test_a_form_whose_token_is_gone_blames_nobody(tablet):
    page = Page(tablet.client.post("/tablet/page/skin_now", data={"skin_today": "none"}))

    assert page.status == 400
    assert "open for too long" in page.words
    assert page.root.one("a", class_="button")["href"] == "/tablet/"


@pytest.fixture
def failing(monkeypatch, tablet, ada, ids):
    """Ask for a page whose action fails with a patient's words in its message."""

    def ask(side):
        if side == "tablet":
            monkeypatch.setattr(answer, "save_page", fails)
            return tablet.post("/tablet/page/skin_now", {"skin_today": "rash"})
        monkeypatch.setattr(decide, "add_addendum", fails)
        return ada.post(f"/desk/cases/{ids['stop']}/addendum", {"text": SECRET})

    return ask


@pytest.mark.parametrize("side", ["tablet", "desk"])
def test_a_failure_shows_nothing_of_the_inside(failing, side):
    page = failing(side)

    assert page.status == 500
    assert page.root.one("h1").text == "Something went wrong"
    for words in ("Traceback", "RuntimeError", "Novak", "hepatitis", ".py"):
        assert words not in page.html


@pytest.mark.parametrize("side", ["tablet", "desk"])
def test_a_failure_is_logged_by_kind_and_place_only(failing, side, caplog):
    caplog.set_level(logging.DEBUG)

    failing(side)

    assert "RuntimeError" in caplog.text
    assert "test_faults.py" in caplog.text
    for words in ("Tomas", "Novak", "hepatitis", "1988"):
        assert words not in caplog.text
        assert not [r for r in caplog.records if r.exc_info]


def test_a_whole_visit_leaves_no_patient_in_the_log(caplog, ada, ids, full_tablet, enrolled):
    caplog.set_level(logging.DEBUG)
    begin = {"name": "Ines Prado", "birth-day": "3", "birth-month": "5", "birth-year": "1980"}

    enrolled.post("/tablet/start", begin)
    full_tablet.post("/tablet/review", {"typed": "Hannah Cole"})
    ada.post("/desk/find", {"text": "Hannah"})
    ada.get(f"/desk/cases/{ids['filled']}")

    for words in ("Ines", "Prado", "Hannah", "Cole", "1980", "1988"):
        assert words not in caplog.text


def test_a_database_error_in_a_view_is_no_trace_on_the_page(ada, monkeypatch, ids):
    def locked(*_args, **_kwargs):
        raise sqlite3.OperationalError(SECRET)

    monkeypatch.setattr(decide, "add_addendum", locked)

    page = ada.post(f"/desk/cases/{ids['stop']}/addendum", {"text": "x"})

    assert page.status in (500, 503)
    assert "locked" not in page.html
    assert "Novak" not in page.html


@pytest.mark.parametrize(
    ("file", "status"), [("/", 503), (":memory:", 500)], ids=["the disk's fault", "ours"]
)
def test_a_disk_that_fails_in_the_middle_of_a_page_is_told_from_a_mistake(
    ada, monkeypatch, ids, file, status
):
    def fail(*_args, **_kwargs):
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("SELECT words FROM nowhere")

    monkeypatch.setattr(decide, "add_addendum", fail)

    page = ada.post(f"/desk/cases/{ids['stop']}/addendum", {"text": "x"})

    assert page.status == status
    assert ("Not saved" in page.words) is (status == 503)


class TestAFloodOfQuestionsAboutHealth:
    @pytest.fixture
    def looks(self, app, monkeypatch):
        """Count the times that the database is written to."""
        look, seen = Store.write, []

        @contextmanager
        def count(store):
            seen.append(1)
            with look(store) as db:
                sleep(0.05)
                yield db

        monkeypatch.setattr(Store, "write", count)
        return seen

    def test_costs_a_few_looks_a_second(self, app, looks):
        begun = monotonic()

        pages = [Visitor(app.test_client()).get("/healthz") for _ in range(60)]

        seconds = monotonic() - begun
        assert {page.status for page in pages} == {200}
        assert len(looks) <= MOST_A_SECOND * (seconds + 1)
        assert len(looks) < len(pages)

    def test_is_told_what_was_found_while_it_waited(self):
        health, looks, start = Health(), [], Barrier(8, timeout=60)

        def look():
            looks.append(1)
            sleep(1)
            return ["StorageError"]

        def ask(_):
            start.wait()
            return health.problems(look)

        with ThreadPoolExecutor(8) as pool:
            told = list(pool.map(ask, range(8)))

        assert told == [["StorageError"]] * 8
        assert len(looks) == 1

    @pytest.mark.of_files
    def test_hears_within_a_second_that_something_broke(self, app, settings, stranger):
        for _ in range(20):
            stranger.get("/healthz")
        settings.database.rename(settings.database.with_name("elsewhere.db"))

        end = monotonic() + 1.1
        while monotonic() < end and stranger.get("/healthz").status == 200:
            pass

        assert stranger.get("/healthz").status == 503
