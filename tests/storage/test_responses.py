from datetime import timedelta

import pytest

from intake.storage import responses as stored
from intake.storage import visits
from tests.storage.builders import DRAFT, NOW

LATER = NOW + timedelta(minutes=5)


def test_a_form_comes_back_as_it_was_stored(clinic):
    assert stored.response(clinic, "draft") == DRAFT


def test_there_is_no_form_of_an_unknown_id(clinic):
    assert stored.response(clinic, "nothing") is None


def test_an_answer_taken_away_is_gone(clinic):
    with clinic.write() as db:
        stored.put_answers(db, "draft", {"smoker": None}, LATER, language="en")

    assert "smoker" not in stored.response(clinic, "draft").answers


def test_an_answer_given_again_keeps_its_time(clinic):
    with clinic.write() as db:
        stored.put_answers(db, "draft", {"smoker": "no"}, LATER, language="en")

    assert stored.answer_times(clinic, "draft")["smoker"] == NOW


def test_a_changed_answer_has_the_time_of_the_change(clinic):
    with clinic.write() as db:
        stored.put_answers(db, "draft", {"smoker": "yes"}, LATER, language="en")

    assert stored.answer_times(clinic, "draft") == {"smoker": LATER, "birth_date": NOW}


@pytest.mark.parametrize(
    "value",
    ["no", ["face", "not_sure"], {"said": "May", "earliest": "2026-05-01"}, "1 = 1; DROP 'x'", "ü"],
)
def test_any_kind_of_answer_comes_back(clinic, value):
    with clinic.write() as db:
        stored.put_answers(db, "draft", {"question": value}, NOW, language="en")

    assert stored.response(clinic, "draft").answers["question"] == value


def test_a_token_is_stored_as_its_hash_only(clinic, path):
    clinic.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    assert visits.visit(clinic, "visit-token").response_id == "draft"
    for token in (b"visit-token", b"session-token"):
        assert token not in path.read_bytes()
