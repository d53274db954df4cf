"""`intake systems`: letting other systems in from the command line."""

import json
import re
from contextlib import closing

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

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


def test_a_system_that_signs_is_let_in_by_its_public_keys(run, clinic, tmp_path):
    known = ec.generate_private_key(ec.SECP384R1()).public_key()
    key = {**jwt.algorithms.ECAlgorithm.to_jwk(known, as_dict=True), "alg": "ES384"}
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [key]}))

    added = run(
        "systems", "add-by-key", "Records", "--issuer", "https://r.example", "--keys", file
    )  # fmt: skip
    renewed = run("systems", "renew", "")

    assert added.exit_code == 0
    assert "decision-support" in run("systems", "list").stdout
    assert (renewed.exit_code, renewed.stderr.strip()) == (
        2,
        "This system signs with its own key and has no token.",
    )


def test_what_is_no_set_of_keys_lets_nobody_in(run, clinic, tmp_path):
    file = tmp_path / "keys.json"
    file.write_bytes(b"\xff")

    added = run(
        "systems", "add-by-key", "Records", "--issuer", "https://r.example", "--keys", file
    )  # fmt: skip

    assert added.exit_code == 2
    assert "no JSON Web Key Set" in added.stderr
