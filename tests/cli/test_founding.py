"""A first start that was cut off is begun anew; on the word of its mark alone nothing is lost."""

import shutil
from contextlib import closing

import pytest

from intake.cli.founding import BEGUN, MARK
from intake.core.errors import IntakeError
from intake.keys import make_keys
from intake.storage import Keys, database
from intake.storage.connections import BESIDE
from tests.cli.conftest import keys_beside, opened
from tests.postgres import ON_A_SERVER, server


@pytest.fixture
def begun(run, clinic):
    """A clinic with one account, that somebody marked as one that was never finished."""
    run("accounts", "add", "dana", "--name", "Dana", "--role", "administrator")
    (clinic / MARK).unlink()
    (clinic / BEGUN).touch()
    return clinic


def _files(clinic):
    """Return every file of the clinic with its content."""
    parts = (clinic, clinic.with_name(f"{clinic.name}-keys"))
    found = (p for part in parts if part.exists() for p in part.rglob("*") if p.is_file())
    return {p: p.read_bytes() for p in found if not p.name.endswith(BESIDE)}


def _keys(clinic):
    return {path.name: path.read_bytes() for path in (clinic.with_name("data-keys")).iterdir()}


def test_a_clinic_in_use_is_never_taken_for_one_that_was_cut_off(run, begun, settle):
    keys = _keys(begun)

    notes = settle()

    assert not any("new, empty clinic" in note for note in notes)
    assert "dana" in run("accounts", "list").stdout
    assert _keys(begun) == keys
    assert (begun / MARK).exists()
    assert not (begun / BEGUN).exists()


def test_a_database_that_the_keys_do_not_open_is_left_as_it_is(begun, settle):
    (begun / "clinic.db").unlink()
    database.create(begun / "clinic.db", Keys(b"\x01" * 32, bytes(32)))
    before = _files(begun)

    with pytest.raises(IntakeError, match="not a database that this clinic's key opens"):
        settle()

    assert _files(begun) == before


def test_a_database_whose_keys_are_gone_is_left_as_it_is(begun, settle):
    shutil.rmtree(keys_beside(begun))
    before = _files(begun)

    with pytest.raises(IntakeError, match="There is no key"):
        settle()

    assert _files(begun) == before


@pytest.mark.parametrize("left", ["backup", "heads", "older key"])
def test_what_only_a_clinic_in_use_leaves_keeps_its_keys(run, begun, settle, left):
    folder = begun.with_name("data-keys")
    if left == "backup":
        run("backup")
    (folder / "heads.log").unlink(missing_ok=True)
    if left == "heads":
        (folder / "heads.log").write_text("2026-11-22T10:00:00+00:00 5:ab check\n")
    if left == "older key":
        (folder / "database-until-20260101T000000000000.key").write_text("ab" * 32)
    (begun / "clinic.db").unlink()
    before = _files(begun)

    with pytest.raises(IntakeError, match="is of a clinic, but there is no database"):
        settle()

    assert _files(begun) == before


def test_a_key_that_was_cut_short_is_set_aside(data, settle):
    folder = data.with_name("data-keys")
    folder.mkdir(mode=0o700)
    (folder / "database.key").touch(mode=0o600)
    data.mkdir()
    (data / BEGUN).touch()

    settle()

    opened(data).close()
    (aside,) = folder.glob("database.key.until-*")
    assert aside.read_bytes() == b""


def test_a_first_page_that_was_under_way_is_written_anew(data, settle):
    """A database with the journal of its first write cannot be looked into without changing it."""
    make_keys(data.with_name("data-keys"))
    data.mkdir()
    for name, size in ((BEGUN, 0), ("clinic.db", 4096), ("clinic.db-journal", 512)):
        (data / name).write_bytes(bytes(size))

    settle()

    assert {file.name for file in data.iterdir()} == {"clinic.db", MARK}
    opened(data).close()


def test_the_keys_of_a_first_start_that_was_killed_are_taken(data, settle, monkeypatch):
    monkeypatch.setattr("intake.cli.founding._clear_away", lambda *_: None)
    monkeypatch.setattr("intake.cli.founding.mark_made", _killed)
    with pytest.raises(KeyboardInterrupt):
        settle()
    monkeypatch.undo()
    keys = _keys(data)

    notes = settle()

    assert _keys(data) == keys
    assert f"Its keys are in {keys_beside(data)}" in notes[1]
    with closing(opened(data)) as store:
        assert store.row("SELECT count(*) AS n FROM activations") == {"n": 1}


def _killed(*_args, **_kwargs):
    raise KeyboardInterrupt


@ON_A_SERVER
def test_a_further_computer_needs_nothing_but_the_settings_and_the_keys(data, settle):
    url = server().url(server().new_database())
    settle(INTAKE_DATABASE_URL=url)
    other = data.with_name("other")
    shutil.copytree(keys_beside(data), keys_beside(other))

    notes = settle(INTAKE_DATA=str(other), INTAKE_DATABASE_URL=url)

    assert not any("new, empty clinic" in note for note in notes)
    assert (other / MARK).exists()
    assert other.stat().st_mode & 0o777 == 0o700
