import re
import secrets
from datetime import date, timedelta

import pytest

from intake.actions import patients
from intake.core.errors import AnswerError
from intake.storage import audit
from tests.actions.conftest import BORN, actions_on, refused, together
from tests.conftest import NOW, TODAY


def _register(desk, name="Maria Duarte", born=BORN):
    return patients.register_patient(
        desk.store, name=name, birth_date=born, by=desk.people.ada, now=NOW
    )


def _found(desk, text):
    return patients.find_patients(desk.store, text=text, by=desk.people.ada, now=NOW)


def test_a_registered_patient_is_found_by_name_and_by_number(desk):
    maria = _register(desk)

    assert re.fullmatch(r"P-\d{7}", maria.record_number)
    assert _found(desk, "duarte") == _found(desk, maria.record_number) == [maria]
    assert actions_on(desk.store, maria.id) == ["patient registered"]


@pytest.mark.parametrize(
    "name", ["Maria Duarte", "MARÍA  DUARTE", " maria duarte\n", "Maria\u200b Du\u200darte\ufeff"]
)
def test_the_same_name_and_birth_date_is_the_same_patient(desk, name):
    maria = _register(desk, "María Duarte")

    assert _register(desk, name) == maria
    assert actions_on(desk.store, maria.id) == ["patient registered"]


@pytest.mark.parametrize(
    ("name", "born"), [("Maria Duarte", BORN + timedelta(1)), ("Mario Duarte", BORN)]
)
def test_another_name_or_birth_date_is_another_patient(desk, name, born):
    assert _register(desk).id != _register(desk, name, born).id


def test_two_desks_that_register_the_same_patient_at_once_make_one(desk, settings):
    def register(store, _):
        return patients.register_patient(
            store, name="Maria Duarte", birth_date=BORN, by=desk.people.ada, now=NOW
        ).id

    assert len(set(together(settings, register, 6))) == 1


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  Maria \n Duarte\t", "Maria Duarte"),
        ("Maria\0Duarte", "MariaDuarte"),
        ("Maria\u200b Duarte\u200f", "Maria Duarte"),
        ("Mari\u0301a", "María"),
        ("李小龍", "李小龍"),
        ("x" * 120, "x" * 120),
        ("<b>Maria</b>", "<b>Maria</b>"),
        ("\ud800Maria", "Maria"),
    ],
)
def test_a_name_is_stored_in_one_clean_line(desk, typed, stored):
    assert _register(desk, typed).name == stored


@pytest.mark.parametrize("name", ["", "   ", "\0", "\n", "12345", "...", "x" * 121, "x" * 5000])
def test_what_is_no_name_is_refused(desk, name):
    refused(desk.store, AnswerError, lambda: _register(desk, name))


@pytest.mark.parametrize(
    "born",
    [
        TODAY + timedelta(1),
        TODAY,
        date(2026, 5, 15),
        date(9999, 12, 31),
        date(1906, 6, 14),
        date(1, 1, 1),
    ],
    ids=["tomorrow", "today", "a month ago", "end of time", "over 120 years ago", "year one"],
)
def test_a_birth_date_that_cannot_be_right_is_refused(desk, born):
    refused(desk.store, AnswerError, lambda: _register(desk, born=born))


@pytest.mark.parametrize("born", [date(2026, 5, 14), date(1906, 6, 15), date(2024, 2, 29)])
def test_a_birth_date_that_can_be_right_is_kept_to_the_day(desk, born):
    assert _register(desk, born=born).birth_date == born


def test_a_search_is_audited_without_what_was_searched_for(desk):
    _register(desk)

    _found(desk, "Duarte")

    event = audit.latest(desk.store)[0]
    assert (event.actor, event.action) == (desk.people.ada.id, "patients searched")
    assert event.detail == {"found": 1}


def test_getting_a_patient_by_id(desk):
    maria = _register(desk)

    assert patients.get_patient(desk.store, patient_id=maria.id, by=desk.people.ben) == maria
    assert patients.get_patient(desk.store, patient_id="nobody", by=desk.people.ben) is None


def test_a_number_that_another_patient_has_is_not_given_twice(desk, monkeypatch):
    drawn = iter([5, 5, 6])
    monkeypatch.setattr(secrets, "randbelow", lambda _: next(drawn))

    made = [_register(desk, name) for name in ("Ann Amber", "Bea Blue")]

    assert [one.record_number for one in made] == ["P-1000005", "P-1000006"]
