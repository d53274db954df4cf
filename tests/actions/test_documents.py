"""Making documents of cases: who may, what they hold, and what the audit trail keeps of it."""

import json
from dataclasses import asdict
from datetime import timedelta

import pytest

from intake import resources
from intake.actions import decide, versions
from intake.actions.documents import document_of, making_of
from intake.core.decisions import Decision, Disposition
from intake.core.errors import NotAllowedError, NotFoundError
from intake.exports.record import plain, record_in
from intake.exports.sealing import Form, intact
from intake.storage import audit
from intake.storage.driver import sqlite3
from intake.storage.encoding import screening_of, to_json
from tests.actions.conftest import refused
from tests.conftest import NOW

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def make(desk, press):
    def act(response_id, by=None, form=Form.HTML):
        return document_of(desk.store, press, response_id=response_id, form=form, by=by, now=LATER)

    return act


def record_of(made):
    return record_in(made.content.decode())


def test_the_record_inside_holds_every_raw_value(desk, make):
    response = desk.sent("transplant-patient")
    desk.decide(response.id, Decision(Disposition.REFER, note="Look at </script> this"))
    decide.add_addendum(
        desk.store, response_id=response.id, text="Told her.", by=desk.people.ada, now=NOW
    )
    case, events = desk.case(response.id), audit.of_subject(desk.store, response.id)

    record = record_of(make(response.id, desk.people.ada))

    assert record["patient"] == plain(asdict(case.patient))
    assert record["response"] == plain(asdict(case.response))
    assert {a["link_id"]: a["value"] for a in record["answers"]} == case.response.answers
    assert record["reviews"] == plain([asdict(review) for review in case.reviews])
    assert record["addenda"] == plain([asdict(one) for one in case.addenda])
    assert record["audit"] == plain([asdict(event) for event in events])
    kept = record["screenings"][0]["screening"]
    assert screening_of(to_json(kept)) == case.screenings[0].screening


def test_the_rules_behind_the_findings_are_in_it_as_they_were(desk, make, pack):
    response = desk.sent("transplant-patient")
    found = desk.case(response.id).screening.screening.findings

    made = make(response.id)

    record = record_of(made)
    assert [rule["id"] for rule in record["rules"]] == [f.rule_id for f in found]
    assert record["pack"]["hash"] == pack.hash
    page = made.content.decode()
    for finding in found:
        assert f'id="rule-{finding.rule_id}"' in page
    assert "not yet reviewed by a clinician" in page


def test_both_versions_of_an_amended_form_are_in_it(desk, make):
    old = desk.sent("pregnant")
    new = versions.amend(desk.store, response_id=old.id, by=desk.people.ada, now=NOW)
    desk.send(desk.fill(new, "pregnant", pregnant_now="no"))

    first, second = record_of(make(old.id)), record_of(make(new.id))

    assert first["superseded_by"] == new.id
    assert second["before"]["answers"]["pregnant_now"] == "yes"
    assert second["response"]["answers"]["pregnant_now"] == "no"


def test_a_form_that_is_not_sent_says_so(desk, make):
    response = desk.filled()

    page = make(response.id).content.decode()

    assert "nothing is screened" in page


def test_making_one_is_written_down_with_its_hash(desk, make):
    response = desk.sent()

    made = make(response.id, desk.people.ada)

    event = audit.of_subject(desk.store, response.id)[-1]
    assert (event.action, event.actor) == ("document made", desk.people.ada.id)
    assert event.detail == {"form": "html", "sha256": made.sha256}
    assert making_of(desk.store, made.sha256) == event
    assert making_of(desk.store, "0" * 64) is None
    assert intact(made.content).sha256 == made.sha256


def test_the_next_document_tells_of_the_one_before(desk, make):
    response = desk.sent()
    first = make(response.id)

    second = record_of(make(response.id))

    assert second["audit"][-1]["detail"]["sha256"] == first.sha256


def test_an_administrator_gets_none(desk, make):
    response = desk.sent()

    refused(desk.store, NotAllowedError, lambda: make(response.id, desk.people.cleo))


def test_there_is_none_of_a_case_that_is_not_there(desk, make):
    refused(desk.store, NotFoundError, lambda: make("0" * 32, desk.people.ada))


def test_none_is_handed_out_that_cannot_be_written_down(desk, make, request):
    response = desk.sent()
    request.getfixturevalue("audit_down")

    refused(desk.store, sqlite3.IntegrityError, lambda: make(response.id, desk.people.ada))


def test_the_layout_is_described_part_by_part(desk, make):
    words = (resources.folder("templates").parent / "docs" / "record.md").read_text("utf-8")

    record = record_of(make(desk.sent().id))

    assert [part for part in record if f"| `{part}` |" not in words] == []
    assert json.dumps(record["schema"]) in words
