"""A clinic from one engine to the other: every record, in its order, and proof of it."""

from contextlib import closing

import pytest

from intake.core.errors import StorageError
from intake.storage import open_store
from intake.storage.moving import copy_all, sum_of
from intake.storage.trail_check import verdict_of
from tests.conftest import KEYS
from tests.storage.builders import add_patients, everything


@pytest.fixture
def target(empty):
    """A clinic that nobody has used yet, on the engine at hand."""
    return empty


@pytest.fixture
def source(tmp_path, filled_bytes):
    """The small clinic, in a file."""
    (tmp_path / "source.db").write_bytes(filled_bytes)
    with closing(open_store(tmp_path / "source.db", KEYS)) as store:
        yield store


def test_everything_arrives_with_its_trail(source, target):
    with source.write():
        counts = copy_all(source, target)

    assert everything(target) == everything(source)
    assert verdict_of(target) == verdict_of(source)
    assert counts == {table: len(rows) for table, rows in everything(source).items()}


def test_rows_keep_the_order_in_which_they_were_written(source, target):
    order = "SELECT response_id, link_id FROM answers ORDER BY rowid"
    with source.write() as db:
        for link_id in ("zebra", "ant", "moth"):
            db.execute(
                "INSERT INTO answers (response_id, link_id, value, answered_at)"
                " VALUES ('draft', ?, '1', '2026')",
                [link_id],
            )

    with source.write():
        copy_all(source, target)

    assert target.rows(order) == source.rows(order)


def test_numbers_go_on_from_where_they_were(source, target):
    with source.write():
        copy_all(source, target)
    before = verdict_of(target).head.count

    add_patients(target, "Nina")

    assert verdict_of(target).faults == ()
    assert verdict_of(target).head.count == before + 1
    assert target.counters()["audit_events"] == before + 1


def test_what_is_written_afterwards_is_guarded_as_ever(source, target):
    with source.write():
        copy_all(source, target)

    with pytest.raises(Exception, match="screenings are kept"), target.write() as db:
        db.execute("DELETE FROM screenings")

    assert list(target.structure_faults()) == []


def test_a_row_that_changes_on_the_way_is_noticed_and_nothing_is_kept(source, target, monkeypatch):
    real, before = type(target).fill, everything(target)

    def spoiling(store, table, rows):
        if table == "patients":
            rows = [{**row, "name": f"{row['name']}x"} for row in rows]
        real(store, table, rows)

    monkeypatch.setattr(type(target), "fill", spoiling)

    with pytest.raises(StorageError, match="What arrived in patients"), source.write():
        copy_all(source, target)

    assert everything(target) == before


def test_a_sum_does_not_hang_on_the_order_of_rows_but_on_every_value(clinic):
    add_patients(clinic, "Nina", "Olga")
    before = sum_of(clinic, "patients")

    with clinic.write() as db:
        db.execute("UPDATE patients SET name = 'Nona' WHERE name = 'Nina'")
    changed = sum_of(clinic, "patients")
    with clinic.write() as db:
        db.execute("UPDATE patients SET name = 'Nina' WHERE name = 'Nona'")

    assert changed.rows == before.rows
    assert changed.digest != before.digest
    assert sum_of(clinic, "patients") == before
