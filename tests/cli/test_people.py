"""`intake accounts` and `intake tablets` beyond adding: roles, shutting out, links."""

import re
from contextlib import closing

import pytest

from intake.actions import accounts, second_factor
from intake.actions.tries import SignInRefusedError
from intake.cli.surroundings import now
from tests.cli.conftest import opened
from tests.codes import codes
from tests.conftest import session_of

PASSWORD = re.compile(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}")


@pytest.fixture
def clinic(clinic, run):
    """A clinic with two administrators and a practitioner."""
    for username, role in (
        ("cleo", "administrator"),
        ("dora", "administrator"),
        ("ada", "practitioner"),
    ):
        run("accounts", "add", username, "--name", username.title(), "--role", role)
    return clinic


def line_of(run, username):
    lines = run("accounts", "list").stdout.splitlines()
    return next(line for line in lines if line.startswith(username))


def test_a_role_is_changed(run, clinic):
    result = run("accounts", "role", "ADA", "dermatologist")

    assert (result.exit_code, result.stdout) == (0, "ada is now dermatologist.\n")
    assert "dermatologist" in line_of(run, "ada")


def test_an_account_is_shut_out_and_let_in_again(run, clinic):
    out = run("accounts", "disable", "ada")
    shut = line_of(run, "ada")
    let_in = run("accounts", "enable", "ada")

    assert out.exit_code == let_in.exit_code == 0
    assert "disabled" in shut
    assert PASSWORD.fullmatch(let_in.stdout.strip())
    assert "one-time password" in line_of(run, "ada")


@pytest.mark.parametrize(
    "args", [["disable", "dora"], ["role", "dora", "practitioner"]], ids=" ".join
)
def test_the_last_administrator_stays(run, clinic, args):
    run("accounts", "disable", "cleo")

    result = run("accounts", *args)

    assert result.exit_code == 2
    assert result.stderr == "'dora' is the last administrator. Add another one first.\n"
    assert "administrator" in line_of(run, "dora")


@pytest.mark.parametrize("act", ["disable", "enable", "sign-out", "reset"])
def test_an_account_that_is_not_there_is_said(run, clinic, act):
    result = run("accounts", act, "nobody")

    assert (result.exit_code, result.stderr) == (2, "There is no account 'nobody'.\n")


def test_signing_out_everywhere_is_said(run, clinic):
    result = run("accounts", "sign-out", "ada")

    assert (result.exit_code, result.stdout) == (0, "ada is signed out everywhere.\n")


def test_a_tablet_gets_a_link_and_is_listed(run, clinic):
    link = run("tablets", "enrol", "Room 2", "--address", "https://intake.example/")
    listed = run("tablets", "list").stdout.split(maxsplit=2)

    assert re.fullmatch(r"https://intake\.example/tablet/enrol/[\w-]{40,}", link.stdout.strip())
    assert listed[1:] == ["waiting", "Room 2\n"]
    assert link.stdout.rpartition("/")[2].strip() not in run("tablets", "list").stdout


def test_a_tablet_is_revoked_once(run, clinic):
    run("tablets", "enrol", "Room 2")
    tablet_id = run("tablets", "list").stdout.split()[0]

    first, again = (run("tablets", "revoke", tablet_id) for _ in range(2))

    assert (first.exit_code, again.exit_code) == (0, 2)
    assert again.stderr == "There is no such tablet in use.\n"
    assert "revoked" in run("tablets", "list").stdout


def test_a_tablet_needs_a_name(run, clinic):
    result = run("tablets", "enrol", " ")

    assert result.exit_code == 2
    assert "Enter a name for the tablet" in result.stderr


def test_unlocking_says_whether_anybody_was_kept_out(run, clinic):
    before = run("accounts", "unlock", "ADA")
    with closing(opened(clinic)) as store:
        for _ in range(5):
            with pytest.raises(SignInRefusedError):
                accounts.sign_in(store, username="ada", password="wrong", now=now())

    after = run("accounts", "unlock", "ada")

    assert (before.exit_code, before.stdout) == (0, "ADA was not locked out.\n")
    assert (after.exit_code, after.stdout) == (0, "ada can sign in again.\n")


def test_a_second_factor_is_taken_away(run, clinic):
    none_yet = run("accounts", "reset-second-factor", "ada")
    with closing(opened(clinic)) as store:
        ada = next(who for who in accounts.list_accounts(store) if who.username == "ada")
        code = codes(second_factor.begin(store, who=ada))(now())
        token = session_of(store, ada, now())
        second_factor.confirm(store, who=ada, token=token, code=code, now=now())

    taken = run("accounts", "reset-second-factor", "ada")

    assert none_yet.exit_code == 2
    assert none_yet.stderr == "The account 'ada' has no second factor.\n"
    assert taken.exit_code == 0
    assert taken.stdout.startswith("ada is signed out everywhere")
