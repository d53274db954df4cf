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


def test_it_needs_a_file(demo):
    done = invoke(demo, "export", "sqlite")

    assert done.exit_code == 2
    assert "Missing option '--output'" in done.output


def test_each_case_that_went_out_is_written_down(demo, made):
    with closing(opened(demo)) as store:
        lines = store.rows("SELECT detail FROM audit_events WHERE action = 'records exported'")

    assert len(lines) == len(SHAPES)
    assert all("sqlite" in line["detail"] for line in lines)
