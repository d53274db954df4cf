"""Somebody edits the rules on the disk while the server runs: nothing changes, and it is said."""

import shutil
from contextlib import closing
from datetime import UTC, datetime

import pytest

from intake.actions import accounts, rule_packs
from intake.core.records import Role
from intake.keys import read_keys
from intake.storage import responses
from tests.conftest import raw
from tests.faults.conftest import chosen_password, told
from tests.faults.tablets import Browser, receipts, send_all, show_all
from tests.storage.builders import by_hand

DIFFER = "differ from those in force and change nothing"


def _edited(rules):
    file = rules / "pack.yaml"
    file.write_text(file.read_text().replace("version: ", "version: 9"))


def _unreadable(rules):
    (rules / "pack.yaml").write_bytes(b"\xff\xfe not text")


def _gone(rules):
    shutil.rmtree(rules)


@pytest.fixture
def administrator(clinic):
    """A browser in which Cleo is signed in, who looks after the rules."""

    def sign_in():
        now = datetime.now(UTC)
        with closing(clinic.open()) as store:
            cleo, once = accounts.add_account(
                store, username="cleo", name="Cleo Administrator", role=Role.ADMINISTRATOR,
                actor="test", now=now,
            )  # fmt: skip
            token = chosen_password(store, cleo, once, now)
        return Browser(clinic.port, intake_desk=token)

    return sign_in


@pytest.mark.parametrize("harm", [_edited, _unreadable, _gone])
def test_the_pack_that_runs_stays_and_the_edit_is_told(clinic, administrator, tmp_path, harm):
    clinic.rules = shutil.copytree(clinic.rules, tmp_path / "rules")
    clinic.env["INTAKE_RULES"] = str(clinic.rules)
    clinic.serve()
    cleo, tablets = administrator(), clinic.forms(4)
    show_all(tablets)
    with closing(clinic.open()) as store:
        in_force = rule_packs.hash_in_force(store)
    assert clinic.run("verify").stdout.splitlines()[3] == "rules: sound"
    assert DIFFER not in cleo.get("/desk/packs").page

    harm(clinic.rules)
    running = send_all(tablets[:2])
    page, verified = cleo.get("/desk/packs").page, clinic.run("verify")
    clinic.kill()
    clinic.serve()
    restarted = send_all(tablets[2:])

    assert len(receipts(running | restarted)) == len(tablets)
    assert DIFFER in page
    assert DIFFER in verified.stdout
    assert verified.exit_code == 0
    assert DIFFER in clinic.log.read_text()
    with closing(clinic.open()) as store:
        assert rule_packs.hash_in_force(store) == in_force
        forms = [responses.response(store, tablet.response_id) for tablet in tablets]
        assert {form.pack_hash for form in forms} == {in_force}
    clinic.require_nothing_lost(receipts(running | restarted), [form.id for form in forms])
    told(f"C11: rules {harm.__name__.strip('_')}: the pack in force stayed, and it is told")


def test_a_form_sent_while_no_pack_can_be_read_is_kept_for_review(clinic):
    clinic.serve()
    tablets = clinic.forms(2)
    show_all(tablets)
    clinic.kill()
    with closing(raw(clinic.settings.database, read_keys(clinic.settings))) as connection:
        by_hand(connection, "UPDATE packs SET files = replace(files, 'rules:', 'no rules:')")
    clinic.serve(health=503)

    acknowledged = receipts(send_all(tablets))
    queue = clinic.desk().get("/desk/?triage=review").page

    assert len(acknowledged) == len(tablets)
    assert queue.count("Not assessed") >= len(tablets)
    assert all(tablet.name in queue for tablet in tablets)
    with closing(clinic.open()) as store:
        assert store.rows("SELECT 1 FROM screenings") == []
        kept = {row["receipt"] for row in store.rows("SELECT receipt FROM responses")}
    assert kept == set(acknowledged.values())
