"""Every table in one SQLite file."""

import sqlite3
from contextlib import closing

import pytest

from intake.actions.export import SHAPES
from tests.cli.conftest import invoke, opened


@pytest.fixture
def made(demo, tmp_path):
    file = tmp_path / "for-analysts.db"
    done = invoke(demo, "export", "sqlite", "--output", file)
    assert done.exit_code == 0, done.output
    return file


def rows(file, sql):
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(sql).fetchall()


def test_it_holds_every_table_with_its_keys(made):
    names = {name for (name,) in rows(made, "SELECT name FROM sqlite_master WHERE type = 'table'")}

    assert names == {*SHAPES, "dictionary"}
    assert rows(made, "PRAGMA foreign_key_check") == []
    (orphans,) = rows(
        made, "SELECT count(*) FROM answers LEFT JOIN cases USING (response_id)"
        " WHERE cases.response_id IS NULL",
    )  # fmt: skip
    assert orphans == (0,)


def test_it_holds_what_the_clinic_holds(demo, made):
    with closing(opened(demo)) as store:
        there = store.row("SELECT count(*) AS n FROM responses")["n"]

    assert rows(made, "SELECT count(*) FROM cases") == [(there,)]
    assert rows(made, "SELECT count(*) > 10 FROM answers") == [(1,)]
    assert rows(made, "SELECT count(*) > 0 FROM findings WHERE met = 'unknown'") == [(1,)]


def test_it_is_for_its_owner_alone_and_never_overwrites(demo, made):
    assert made.stat().st_mode & 0o777 == 0o600

    again = invoke(demo, "export", "sqlite", "--output", made)

    assert again.exit_code != 0
    assert "exists already" in again.output


def test_numbers_compare_as_numbers(made):
    kinds = rows(
        made, "SELECT DISTINCT typeof(unknown_answers) FROM cases WHERE triage IS NOT NULL UNION"
        " SELECT DISTINCT typeof(set_aside) FROM answers UNION"
        " SELECT DISTINCT typeof(number) FROM decisions",
    )  # fmt: skip

    assert kinds == [("integer",)]
    assert rows(made, "SELECT DISTINCT typeof(deepest_mm) FROM sessions") == [("real",)]


def test_what_was_refused_leaves_no_file(demo, tmp_path):
    file = tmp_path / "few.db"

    refused = invoke(
        demo, "export", "sqlite", "--deidentified", "--at-least", "99", "--output", file
    )

    assert refused.exit_code == 2
    assert not file.exists()
    again = invoke(demo, "export", "sqlite", "--deidentified", "--output", file)
    assert again.exit_code == 0, again.output
    years = "SELECT DISTINCT typeof(begun_at) FROM cases WHERE begun_at IS NOT NULL"
    assert rows(file, years) in ([("integer",)], [])


def test_a_shape_is_refused_since_all_are_in_it(demo, tmp_path):
    done = invoke(demo, "export", "sqlite", "--shape", "findings", "--output", tmp_path / "few.db")

    assert done.exit_code == 2
    assert "the file holds every table" in done.output


def test_it_needs_a_file(demo):
    done = invoke(demo, "export", "sqlite")

    assert done.exit_code == 2
    assert "name the file to write" in done.output


def test_each_case_that_went_out_is_written_down(demo, made):
    with closing(opened(demo)) as store:
        lines = store.rows("SELECT detail FROM audit_events WHERE action = 'records exported'")

    assert len(lines) == len(SHAPES)
    assert all("sqlite" in line["detail"] for line in lines)
