"""Pseudonyms and moved dates: the same within one export, and strange to every other."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from intake.core.pseudonyms import Pseudonyms

ONE, OTHER = Pseudonyms(b"one" * 16), Pseudonyms(b"two" * 16)
days = st.dates(date(1900, 1, 1), date(2100, 1, 1))
names = st.text(min_size=1)


@given(days, days, names)
def test_the_days_between_two_dates_of_a_patient_stay(first, second, patient):
    moved = ONE.shifted(second, patient) - ONE.shifted(first, patient)

    assert moved == second - first


@given(days, names)
def test_a_day_is_moved_by_one_to_two_centuries(day, patient):
    moved = ONE.shifted(day, patient) - day

    assert timedelta(36_525) <= moved < timedelta(2 * 36_525)


def test_patients_are_moved_by_different_numbers_of_days():
    day = date(2026, 6, 15)

    assert len({ONE.shifted(day, f"p{n}") for n in range(200)}) > 190


def test_a_day_past_the_calendar_is_not_told():
    assert ONE.shifted(date.max, "p1") is None


@given(names)
def test_a_name_has_one_pseudonym_an_export_and_kind(name):
    assert ONE.of("patient", name) == ONE.of("patient", name)
    assert len({ONE.of("patient", name), ONE.of("case", name), OTHER.of("patient", name)}) == 3
    assert len(name) < 4 or name not in ONE.of("patient", name)


def test_the_secret_is_in_no_word_about_it():
    assert "one" not in repr(ONE)
