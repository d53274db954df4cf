"""Backups at the desk: made, listed, warned about; never sent to the browser."""

from datetime import timedelta

import pytest

from intake.storage import audit
from intake.storage.backups import head_in_name
from intake.storage.checks import faults_of
from tests.conftest import KEYS, raw


@pytest.fixture
def folder(settings):
    return settings.backup_folder


def test_without_one_the_page_says_what_to_do(cleo, folder):
    words = cleo.get("/desk/backups").words

    assert "There is no backup yet" in words
    assert "intake backup --keep 14" in words
    assert str(folder) in words
    assert not folder.exists()


def test_one_is_made_checked_listed_and_written_down(cleo, store, folder, people):
    made = cleo.post("/desk/backups")

    (file,) = folder.iterdir()
    event = audit.latest(store)[0]
    page = cleo.get(made.location)
    assert faults_of(file, KEYS) == []
    assert file.stat().st_mode & 0o077 == folder.stat().st_mode & 0o077 == 0
    assert (event.actor, event.action, event.subject) == (
        people.cleo.id,
        "backup made",
        file.name,
    )
    assert file.name in page.words
    assert "There is no backup yet" not in page.words
    assert f"intake restore {file} --replace" in page.words


def test_it_holds_what_the_clinic_holds(cleo, store, folder):
    cleo.post("/desk/backups")

    (file,) = folder.iterdir()
    copy = raw(file)
    try:
        (number,) = copy.execute("SELECT count(*) FROM answers").fetchone()
    finally:
        copy.close()
    assert {"n": number} == store.row("SELECT count(*) AS n FROM answers")


def test_one_that_is_a_day_old_is_warned_about(at_desk, cleo, clock, folder):
    folder.mkdir()
    age = timedelta(hours=25)
    cleo.post("/desk/backups")
    (file,) = folder.iterdir()
    old = file.with_name(f"clinic-{clock.at - age:%Y%m%dT%H%M%SZ}.db")
    fresh = "The newest backup is" in cleo.get("/desk/backups").words

    file.rename(old)

    assert not fresh
    assert "The newest backup is 1 day old" in cleo.get("/desk/backups").words


def test_what_is_no_backup_is_not_listed(cleo, folder):
    folder.mkdir()
    for name in ("clinic-20260101T000000Z.arriving", "notes.txt", "clinic-20269999T000000Z.db"):
        (folder / name).write_text("x", encoding="ascii")

    assert "No backup here" in cleo.get("/desk/backups").words


def test_two_in_one_second_are_not_mixed_up(cleo, folder):
    for _ in range(2):
        cleo.post("/desk/backups")

    counts = {head_in_name(file).head.count for file in folder.iterdir()}

    assert len(counts) == 2


def test_a_folder_that_cannot_be_written_is_said(cleo, folder, contents):
    folder.write_text("a file stands where the folder should be", encoding="ascii")
    before = contents()

    page = cleo.post("/desk/backups")

    assert page.status == 503
    assert contents() == before
