"""`intake backup` into its folder, `intake backups`."""

from pathlib import Path

import pytest

from intake.storage import audit
from tests.cli.conftest import keys_beside, opened


@pytest.fixture
def folder(data):
    return data.with_name(f"{data.name}-backups")


def put(folder, *stamps):
    folder.mkdir(exist_ok=True)
    for stamp in stamps:
        (folder / f"clinic-{stamp}.db").write_text("old", encoding="ascii")


def test_a_backup_without_a_file_goes_to_its_folder(run, clinic, folder):
    result = run("backup")

    (file,) = folder.iterdir()
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{file}: ")
    assert result.stdout.endswith("0 intakes, checked.\n")
    elsewhere = {"INTAKE_DATA": str(folder / "new"), "INTAKE_KEYS": keys_beside(clinic)}
    assert run("restore", file, **elsewhere).exit_code == 0


def test_the_folder_may_be_elsewhere(run, clinic, tmp_path, folder):
    run("backup", INTAKE_BACKUPS=str(tmp_path / "disk/two"))

    assert len(list((tmp_path / "disk/two").iterdir())) == 1
    assert not folder.exists()


def test_every_backup_is_written_down(run, clinic, tmp_path):
    run("backup")
    run("backup", tmp_path / "mine.db")

    store = opened(clinic)
    found = [event.action for event in audit.latest(store)[:2]]
    store.close()
    assert found == ["backup made"] * 2


def test_older_ones_are_removed_when_that_is_asked_for(run, clinic, folder):
    put(folder, "20200101T000000Z", "20210101T000000Z")
    (folder / "notes.txt").write_text("kept", encoding="ascii")

    result = run("backup", "--keep", "2")

    left = sorted(path.name for path in folder.iterdir())
    assert "clinic-20200101T000000Z.db: removed." in result.stdout
    assert len(left) == 3
    assert {"clinic-20210101T000000Z.db", "notes.txt"} < set(left)


def test_the_one_just_made_stays_beside_one_of_a_clock_that_was_ahead(run, clinic, folder):
    put(folder, "20200101T000000Z", "20990101T000000Z-999999-00000000000000ab")

    result = run("backup", "--keep", "1")

    made = result.stdout.partition(": ")[0]
    left = {path.name for path in folder.iterdir()}
    assert left == {Path(made).name, "clinic-20990101T000000Z-999999-00000000000000ab.db"}


def test_they_are_listed_newest_first(run, clinic, folder):
    put(folder, "20200101T000000Z", "20210101T000000Z")

    lines = run("backups", "list").stdout.splitlines()

    assert [line[:16] for line in lines] == ["2021-01-01 00:00", "2020-01-01 00:00"]


def test_one_that_is_not_sound_is_named(run, clinic, folder):
    run("backup")
    sound = run("backups", "check")
    put(folder, "20200101T000000Z")

    broken = run("backups", "check")

    assert (sound.exit_code, broken.exit_code) == (0, 1)
    assert sound.stdout.endswith(": sound\n")
    assert "clinic-20200101T000000Z.db: no key of this clinic opens it" in broken.stdout


def test_keeping_is_about_the_folder(run, clinic, tmp_path):
    assert run("backup", tmp_path / "mine.db", "--keep", "2").exit_code == 2
    assert not (tmp_path / "mine.db").exists()
