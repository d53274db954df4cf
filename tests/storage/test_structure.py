"""Nothing may be built into the database, or taken out of it, but by the program itself."""

from contextlib import closing

import pytest

from intake.core.errors import StorageError
from intake.storage import open_store
from intake.storage.checks import faults_of
from intake.storage.structure import structure_faults
from intake.storage.trail_check import verdict_of
from tests.conftest import KEYS, raw

ACTS_UNSEEN = """CREATE TRIGGER claims_no_update AFTER INSERT ON tries BEGIN
UPDATE practitioners SET role = 'administrator'; -- BEGIN SELECT RAISE(ABORT, 'x');
END"""
REBUILT = "CREATE TABLE reviews AS SELECT * FROM kept"
CHANGES = {
    "a trigger more": (
        ["CREATE TRIGGER eve AFTER INSERT ON audit_events BEGIN DELETE FROM audit_touched; END"],
        "the trigger eve was put in outside the program",
    ),
    "one that seems to refuse": (
        [ACTS_UNSEEN],
        "the trigger claims_no_update was put in outside the program",
    ),
    "one that notes no more": (
        ["DROP TRIGGER reviews_noted_update"],
        "the trigger reviews_noted_update is missing: it was taken out outside the program",
    ),
    "one that refuses no more": (
        ["DROP TRIGGER reviews_no_delete"],
        "the trigger reviews_no_delete is missing: it was taken out outside the program",
    ),
    "one in the place of another": (
        [
            "DROP TRIGGER reviews_no_delete",
            "CREATE TRIGGER reviews_no_delete BEFORE DELETE ON reviews BEGIN SELECT 1; END",
        ],
        "the trigger reviews_no_delete was changed outside the program",
    ),
    "a view": (
        ["CREATE VIEW eve AS SELECT 1"],
        "the view eve was put in outside the program",
    ),
    "an index gone": (
        ["DROP INDEX places_of_site_in_order"],
        "the index places_of_site_in_order is missing: it was taken out outside the program",
    ),
    "a column more": (
        ["ALTER TABLE tries ADD COLUMN role TEXT DEFAULT 'administrator'"],
        "the table tries was changed outside the program",
    ),
    "a name that is no name": (
        ['CREATE TABLE "<b>\x1b[2J" (a)'],
        "the table <b>\\x1b[2J was put in outside the program",
    ),
}
EVERY_CHANGE = pytest.mark.parametrize(("statements", "words"), CHANGES.values(), ids=CHANGES)


@pytest.fixture
def changed(path, statements):
    with closing(raw(path)) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


def test_a_new_clinic_is_built_as_it_should_be(path):
    with closing(raw(path)) as connection:
        assert list(structure_faults(connection)) == []


@EVERY_CHANGE
def test_a_change_from_outside_is_named(changed, words):
    with closing(open_store(changed, KEYS)) as store:
        assert verdict_of(store).faults == (f"T{words[1:]}.",)
    assert faults_of(changed, KEYS) == [words]


@EVERY_CHANGE
def test_nothing_is_served_from_it(changed, words):
    with closing(open_store(changed, KEYS)) as store, pytest.raises(StorageError) as refused:
        store.require_sound()

    assert words in str(refused.value)


def test_a_table_that_lost_its_key_is_named(path):
    with closing(raw(path)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("CREATE TABLE kept AS SELECT * FROM reviews")
        connection.execute("DROP TABLE reviews")
        connection.execute(REBUILT)

    with closing(open_store(path, KEYS)) as store:
        found = list(structure_faults(store.connection))

    assert "the table reviews was changed outside the program" in found


def test_what_sqlite_notes_to_search_quickly_is_no_change(path):
    with closing(raw(path)) as connection:
        connection.execute("ANALYZE")

        assert list(structure_faults(connection)) == []
