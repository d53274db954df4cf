"""Periods: what is still kept on a day, and which periods are taken."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.dates import Unit, Window
from intake.core.errors import AnswerError
from intake.core.retention import (
    SHORTEST,
    RecordClass,
    check_period,
    read_period,
)

TODAY = date(2026, 6, 15)
PERIODS = st.builds(Window, st.integers(1, 9999), st.sampled_from(Unit))


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("8 years", date(2018, 6, 15)),
        ("1 year", date(2025, 6, 15)),
        ("18 Months", date(2024, 12, 15)),
        (" 90  days ", date(2026, 3, 17)),
    ],
)
def test_what_happened_before_the_first_day_is_no_longer_kept(text, first):
    assert read_period(text).before(TODAY) == first


def test_no_end_is_no_period():
    assert read_period("No end") is None


@pytest.mark.parametrize(
    "text",
    ["", "8", "years", "0 days", "-1 days", "10000 days", "8 fortnights", "٨ years", "1.5 years"],
)
def test_anything_else_is_asked_for_again(text):
    with pytest.raises(AnswerError, match="Write a period such as"):
        read_period(text)


@given(PERIODS)
def test_a_period_reads_back_as_it_is_written(period):
    assert read_period(str(period)) == period


@given(PERIODS, st.dates(), st.dates())
def test_nothing_that_is_kept_today_was_due_earlier(period, one, other):
    earlier, later = sorted((one, other))

    assert period.before(earlier) <= period.before(later) <= later


@pytest.mark.parametrize("record_class", RecordClass)
def test_a_slip_of_the_hand_is_too_short(record_class):
    shortest = SHORTEST[record_class]
    check_period(record_class, shortest, TODAY)
    check_period(record_class, None, TODAY)

    if record_class is not RecordClass.UNSENT:
        with pytest.raises(AnswerError, match=str(shortest)):
            check_period(record_class, Window(1, Unit.DAYS), TODAY)
