"""`intake sites`, and `intake accounts sites`."""

import pytest


@pytest.fixture
def clinic(clinic, run):
    run("accounts", "add", "ada", "--name", "Ada", "--role", "practitioner")
    run("sites", "open", "Harbour")
    return clinic


def test_sites_are_listed_the_open_ones_first(run, clinic):
    run("sites", "close", "harbour")

    assert run("sites", "list").stdout == "open     Main site\nclosed   Harbour\n"


def test_a_closed_site_is_opened_again(run, clinic):
    run("sites", "close", "harbour")

    assert run("sites", "open", "harbour").exit_code == 0
    assert "closed" not in run("sites", "list").stdout


def test_a_site_is_renamed(run, clinic):
    run("sites", "rename", "main site", "Old town")

    assert "Old town" in run("sites", "list").stdout


@pytest.mark.parametrize(
    "args",
    [["close", "Nowhere"], ["rename", "Harbour", "main site"], ["open", "harbour"]],
    ids=" ".join,
)
def test_what_cannot_be_done_is_said(run, clinic, args):
    result = run("sites", *args)

    assert result.exit_code == 2
    assert "site" in result.stderr


def test_an_account_reads_the_cases_of_some_sites(run, clinic):
    result = run("accounts", "sites", "ada", "Harbour")

    assert result.stdout == "ada reads the cases of Harbour.\n"
    assert "sites changed" in run("audit", "list").stdout


@pytest.mark.parametrize("args", [[], ["--every", "Harbour"], ["Nowhere"]])
def test_an_account_needs_some_sites_or_all(run, clinic, args):
    assert run("accounts", "sites", "ada", *args).exit_code == 2


def test_a_tablet_needs_a_site_where_there_are_two(run, clinic):
    nowhere = run("tablets", "enrol", "Room 2")

    assert nowhere.exit_code == 2
    assert "Main site" in nowhere.stderr
    assert run("tablets", "enrol", "Room 2", "--site", "Harbour").exit_code == 0
