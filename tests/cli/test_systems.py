"""`intake systems`: letting other systems in from the command line."""

import re
from contextlib import closing

from intake.actions import clients, sites
from intake.cli.surroundings import COMMAND_LINE, now
from tests.cli.conftest import opened

TOKEN = re.compile(r"intake_[\w-]{43}")


def token_in(result):
    return TOKEN.search(result.stdout)[0]


def who(clinic, token):
    with closing(opened(clinic)) as store:
        return clients.who_asks(store, token=token, now=now())


def test_a_system_is_let_in_with_a_token_that_is_printed_once(run, clinic):
    added = run("systems", "add", "Appointment book", "--role", "scheduler", "--days", "30")
    listed = run("systems", "list")

    found = who(clinic, token_in(added))
    assert (found.name, found.role, found.sites) == ("Appointment book", "scheduler", None)
    assert (found.until - found.added_at).days == 30
    assert "Appointment book, every site" in listed.stdout
    assert not TOKEN.search(listed.stdout)


def test_a_system_is_let_in_for_the_cases_of_a_site(run, clinic):
    with closing(opened(clinic)) as store:
        made = sites.open_site(store, name="North", by=COMMAND_LINE, now=now())

    added = run("systems", "add", "Records", "--role", "reader", "--site", "north")

    assert who(clinic, token_in(added)).sites == {made.id}
    assert "Records, North" in run("systems", "list").stdout


def test_a_new_token_ends_the_old_one(run, clinic):
    old = token_in(run("systems", "add", "Records", "--role", "reader"))
    begins = who(clinic, old).id[:8]

    new = token_in(run("systems", "renew", begins))

    assert who(clinic, old) is None
    assert who(clinic, new).name == "Records"


def test_a_system_is_shut_out_for_good(run, clinic):
    token = token_in(run("systems", "add", "Records", "--role", "reader"))
    begins = who(clinic, token).id[:8]

    out = run("systems", "revoke", begins)
    again = run("systems", "renew", begins)

    assert (out.exit_code, again.exit_code) == (0, 2)
    assert who(clinic, token) is None
    assert "shut out" in run("systems", "list").stdout


def test_an_id_that_fits_several_is_asked_for_again(run, clinic):
    for name in ("One", "Two"):
        run("systems", "add", name, "--role", "reader")

    result = run("systems", "revoke", "")

    assert result.exit_code == 2
    assert "2 systems have an id that begins so" in result.stderr
