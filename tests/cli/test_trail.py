"""`intake audit`: the trail at the command line."""

import csv
from io import StringIO

import pytest


@pytest.fixture
def clinic(clinic, run):
    run("accounts", "add", "ada", "--name", "Ada", "--role", "practitioner")
    run("accounts", "sign-out", "ada")
    return clinic


def test_lists_the_newest_first(run, clinic):
    lines = run("audit", "list").stdout.splitlines()

    assert "sessions ended" in lines[0]
    assert "trail sealed" in lines[-1]
    assert "rules put in force" in lines[-2]
    assert "command line" in lines[0]


def test_is_narrowed_by_the_same_filters(run, clinic):
    record = run("audit", "list", "--action", "account added").stdout.split()[7]

    of_record = run("audit", "list", "--record", record).stdout.splitlines()
    none = run("audit", "list", "--until", "2020-01-01")
    of_ada = run("audit", "list", "--actor", "ada")

    assert len(of_record) == 2
    assert (none.exit_code, none.stdout, of_ada.stdout) == (0, "", "")


def test_says_when_there_is_more(run, clinic):
    result = run("audit", "list", "--limit", "1")

    assert len(result.stdout.splitlines()) == 1
    assert "--limit shows more" in result.stderr


def test_is_exported_and_says_so_itself(run, clinic):
    result = run("audit", "export")

    rows = list(csv.DictReader(StringIO(result.stdout.removeprefix("\ufeff"))))
    assert [row["action"] for row in rows[:2]] == ["trail sealed", "rules put in force"]
    assert rows[-1]["action"] == "trail exported"


def test_without_a_clinic_makes_none(run, data):
    assert run("audit", "list").exit_code == 2
    assert not data.exists()
