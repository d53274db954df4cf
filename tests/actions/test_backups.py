"""Backups: for administrators, and none of which the trail does not know."""

import sqlite3

import pytest

from intake.actions import backups
from intake.core.errors import NotAllowedError
from tests.conftest import NOW


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "backups"


ACTS = {
    "into the folder": lambda store, folder, by: backups.make_backup(store, folder, by=by, now=NOW),
    "to a file": lambda store, folder, by: backups.back_up_to(
        store, folder.parent / "mine.db", by=by, now=NOW
    ),
}


@pytest.mark.parametrize("act", ACTS)
def test_only_administrators_make_one(store, people, folder, act):
    for by in (people.ada, people.ben):
        with pytest.raises(NotAllowedError):
            ACTS[act](store, folder, by)

    assert not folder.exists()
    assert not (folder.parent / "mine.db").exists()


@pytest.mark.parametrize("act", ACTS)
def test_one_that_cannot_be_written_down_is_removed(store, people, folder, act):
    store.connection.execute(
        "CREATE TRIGGER audit_down BEFORE INSERT ON audit_events"
        " BEGIN SELECT RAISE(ABORT, 'the audit trail is full'); END"
    )

    with pytest.raises(sqlite3.IntegrityError, match="audit trail is full"):
        ACTS[act](store, folder, people.cleo)

    assert not (folder.parent / "mine.db").exists()
    assert not folder.exists() or not list(folder.iterdir())


def test_only_administrators_list_them(people, folder):
    for by in (people.ada, people.ben):
        with pytest.raises(NotAllowedError):
            backups.list_backups(folder, by=by)

    assert backups.list_backups(folder, by=people.cleo) == []
