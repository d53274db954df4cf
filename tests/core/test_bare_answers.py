"""What is left of an answer: codes and words of the pack, and nothing that anybody typed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.answers import (
    Chosen,
    Happened,
    Listed,
    Measured,
    Missing,
    Picked,
    Worded,
    Written,
)
from intake.core.bare_answers import (
    _BARE,
    _DONE,
    KNOWN,
    Bare,
    Dates,
    Days,
    bare,
    done_to,
    is_trait,
)
from intake.core.dates import DateWord, Interval
from intake.core.medicines import MedicineEntry, Status
from intake.core.pseudonyms import Pseudonyms
from intake.core.questionnaire import AnswerOption, Freshness, Item, Kind
from intake.core.spots import Spot

ON = date(2026, 6, 15)
OPTIONS = (AnswerOption("a", "A"), AnswerOption("b", "B"), AnswerOption("none", "None"))
PLANTED = "Zyxwvut Qqplanted"
typed = st.text().map(lambda text: f"{PLANTED} {text}")


def days(dates=Dates.YEAR):
    return Days(dates, Pseudonyms(b"secret" * 8), "p1", ON, ON)


def left(kind, answer, vocabulary, dates=Dates.YEAR, **more):
    return bare(Item("x", "X?", kind, options=OPTIONS, **more), answer, vocabulary, days(dates))


@pytest.fixture(scope="module")
def vocabulary(shipped_pack):
    return shipped_pack.vocabulary


def test_every_kind_of_answer_has_a_treatment_and_words_for_it():
    assert set(_BARE) == set(_DONE) == set(Kind)


def test_a_kind_that_nobody_told_of_is_left_out(vocabulary, monkeypatch):
    monkeypatch.delitem(_BARE, Kind.YES_NO)

    assert left(Kind.YES_NO, Chosen("yes"), vocabulary) is None
    assert done_to(Item("x", "X?", Kind.YES_NO)) == "Left out."


@given(typed)
def test_of_words_it_is_told_only_that_there_are_some(text):
    assert left(Kind.TEXT, Written(text), None) == Bare(("written",))


@given(typed, typed, typed)
def test_of_medicines_no_word_is_told_that_was_typed(vocabulary, name, dose, said):
    stopped = Interval(ON, ON)
    entry = MedicineEntry(f"warfarin {name}", Status.STOPPED, stopped, said, None, dose)

    found = left(Kind.MEDICINES, Listed((entry,), unsure=True), vocabulary)

    known = {m.substance for m in vocabulary.medicines}
    classes = {f"class:{one}" for one in vocabulary.classes}
    assert set(found.values) <= {*known, *classes, "not_understood", "not_sure"}
    assert not any(PLANTED in str(value) for value in found.values)


def test_a_medicine_is_told_as_its_substance_with_its_classes(vocabulary):
    found = left(Kind.MEDICINES, Listed((MedicineEntry("Coumadin"),)), vocabulary)

    assert found.values[0] == "warfarin"
    assert all(value.startswith("class:") for value in found.values[1:])
    assert found.is_list


@pytest.mark.parametrize("words", ["not on warfarin", "blue pills", "warfarin my husband takes"])
def test_a_medicine_that_is_in_doubt_is_not_understood(vocabulary, words):
    found = left(Kind.MEDICINES, Listed((MedicineEntry(words),)), vocabulary)

    assert found.values == ("not_understood",)


def test_no_medicines_are_none(vocabulary):
    assert left(Kind.MEDICINES, Listed(()), vocabulary).values == ("none",)


@given(typed)
def test_of_the_body_map_the_regions_are_told_and_no_spot(text):
    answer = Picked(frozenset("ab"), unsure=True, spots=(Spot("a", text),))

    assert left(Kind.BODY_MAP, answer, None).values == ("a", "b", "not_sure")


@given(typed, st.dates(date(1990, 1, 1), ON))
def test_of_a_date_the_year_is_told_and_not_how_it_was_said(said, day):
    found = left(Kind.DATE, Happened(said, Interval(day, day)), None)

    assert found == Bare((str(day.year),))


@pytest.mark.parametrize(
    ("earliest", "latest", "told"),
    [
        (date(2018, 1, 1), date(2019, 3, 1), "2018 to 2019"),
        (date(1906, 6, 15), date(2019, 3, 1), "to 2019"),
        (date(1936, 6, 16), date(1936, 6, 16), "1936"),
        (date(1936, 6, 15), date(1936, 6, 15), None),
        (date(1906, 6, 15), date(1930, 1, 1), None),
    ],
    ids=["two years", "before", "just under ninety", "ninety", "long ago"],
)
def test_no_year_is_told_that_would_tell_an_age_over_eighty_nine(earliest, latest, told):
    found = left(Kind.DATE, Happened("then", Interval(earliest, latest)), None)

    assert found.values == (told,)


@given(st.dates(date(2000, 1, 1), ON))
def test_a_day_is_moved_and_not_counted(day):
    found = left(Kind.DATE, Happened("then", Interval(day, day)), None, Dates.SHIFTED)

    assert date.fromisoformat(found.values[0]) != day
    assert not found.is_counted


@given(st.dates(date(2000, 1, 1), ON), st.integers(1, 800))
def test_of_what_is_no_single_day_no_moved_day_is_told(day, length):
    """A year that is moved would still be as long as one, and begin where one begins."""
    said = Happened("then", Interval(day, day + timedelta(length)))

    found = left(Kind.DATE, said, None, Dates.SHIFTED)

    assert found.values == (KNOWN,)


def test_a_moved_day_past_the_calendar_is_told_of_nobody():
    far = date(9990, 1, 1)
    said = Happened("then", Interval(far, far))

    assert left(Kind.DATE, said, None, Dates.SHIFTED).values == (None,)


def test_without_dates_it_is_told_that_one_is_known():
    found = left(Kind.DATE, Happened("then", Interval(ON, ON)), None, Dates.NONE)

    assert found == Bare(("known",))


@pytest.mark.parametrize(
    ("kind", "answer", "values"),
    [
        (Kind.YES_NO, Chosen("no"), ("no",)),
        (Kind.CHOICE, Chosen("b"), ("b",)),
        (Kind.CHOICES, Picked(frozenset("ba")), ("a", "b")),
        (Kind.NUMBER, Measured(Decimal("2.50")), ("2.50",)),
        (Kind.DATE, Worded(DateWord.NEVER), ("never",)),
        (Kind.TEXT, Missing.NOT_ANSWERED, ("not_answered",)),
        (Kind.MEDICINES, Missing.WITHHELD, ("withheld",)),
    ],
)
def test_codes_stay_as_they_are(kind, answer, values):
    assert left(kind, answer, None).values == values


@pytest.mark.parametrize("kind", Kind)
def test_an_answer_of_another_kind_is_left_out(kind, vocabulary):
    strange = Written(PLANTED) if kind is not Kind.TEXT else Chosen(PLANTED)

    assert left(kind, strange, vocabulary) is None


def test_the_date_of_birth_is_left_out():
    born = Happened("12 March 1988", Interval(date(1988, 3, 12), date(1988, 3, 12)))

    assert left(Kind.DATE, born, None, from_record="birth_date") is None
    assert "age" in done_to(Item("born", "Born?", Kind.DATE, from_record="birth_date"))


def test_what_is_asked_once_in_a_life_is_what_others_may_know(shipped_pack):
    assert [i.link_id for i in shipped_pack.items.values() if is_trait(i)] == ["skin_tone"]
    assert not is_trait(Item("x", "X?", Kind.TEXT, freshness=Freshness.ONCE))
