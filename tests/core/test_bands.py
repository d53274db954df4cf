"""Ready answers to "about when was that?" and the days they mean."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.bands import Band, bands
from intake.core.dates import Unit, Window, parse_date, shift_days, shift_months
from intake.core.errors import AnswerError
from intake.core.questionnaire import Kind
from intake.core.truth import Truth
from tests.core.builders import TODAY, window
from tests.strategies import DAYS

USUAL = [
    "less than 2 weeks ago",
    "2 weeks to 4 weeks ago",
    "4 weeks to 3 months ago",
    "3 months to 6 months ago",
    "6 months to 1 year ago",
    "more than 1 year ago",
]


def said(*limits: str) -> list[str]:
    return [band.said for band in bands(map(window, limits))]


def test_without_a_rule_the_usual_bands_are_offered():
    assert said() == USUAL


def test_a_limit_that_is_a_usual_step_changes_nothing():
    assert said("6 months") == USUAL


def test_days_and_months_that_are_whole_weeks_and_years_read_as_these():
    assert said("14 days", "12 months") == USUAL


@pytest.mark.parametrize(
    ("limits", "read"),
    [
        (["2 days"], ["less than 2 days ago", "2 days to 2 weeks ago", "more than 2 weeks ago"]),
        (
            ["3 days", "7 days"],
            [
                "less than 3 days ago",
                "3 days to 7 days ago",
                "7 days to 2 weeks ago",
                "more than 2 weeks ago",
            ],
        ),
        (
            ["14 days", "3 months"],
            [
                "less than 2 weeks ago",
                "2 weeks to 4 weeks ago",
                "4 weeks to 3 months ago",
                "3 months to 6 months ago",
                "more than 6 months ago",
            ],
        ),
    ],
)
def test_bands_end_at_the_limits_with_one_step_beyond(limits, read):
    assert said(*limits) == read


def test_of_two_limits_that_are_almost_one_the_longer_stays():
    assert "4 weeks to 3 months ago" in said("12 weeks", "3 months")


@pytest.mark.parametrize(
    ("words", "earliest", "latest"),
    [
        ("less than 2 weeks ago", "2026-06-02", "2026-06-15"),
        ("2 weeks to 4 weeks ago", "2026-05-19", "2026-06-01"),
        ("4 weeks to 3 months ago", "2026-03-16", "2026-05-18"),
        ("more than 1 year ago", "1906-06-15", "2025-06-15"),
        ("less than 1 day ago", "2026-06-15", "2026-06-15"),
    ],
)
def test_a_band_means_its_days(words, earliest, latest):
    when = parse_date(words, date(2026, 6, 15))

    assert (str(when.earliest), str(when.latest)) == (earliest, latest)


@pytest.mark.parametrize(
    "words",
    [
        "4 weeks to 2 weeks ago",
        "2 weeks to 14 days ago",
        "less than 0 days ago",
        "more than 200 years ago",
        "2 to 4 weeks ago",
    ],
)
def test_what_is_no_band_is_refused(words):
    with pytest.raises(AnswerError):
        parse_date(words, TODAY)


LENGTHS = st.builds(Window, st.integers(1, 59), st.sampled_from(Unit))
LIMITS = st.lists(LENGTHS, max_size=4)


@given(LIMITS, DAYS)
def test_every_day_lies_in_exactly_one_band(limits, today):
    ends = [parse_date(band.said, today) for band in bands(limits)]

    assert ends[0].latest == today
    assert ends[-1].earliest == shift_months(today, -12 * 120)
    assert all(shift_days(old.latest, 1) == new.earliest for new, old in pairwise(ends))


@given(LIMITS)
def test_what_a_band_writes_it_reads(limits):
    for band in bands(limits):
        assert Band.parse(band.said) == band


@given(LENGTHS, DAYS)
def test_no_band_leaves_the_limit_open_at_which_it_ends(limit, today):
    for band in bands([limit]):
        assert parse_date(band.said, today).within(limit, today) is not Truth.UNKNOWN


def test_no_band_of_the_shipped_pack_but_those_of_near_limits_leaves_a_rule_open(shipped_pack):
    blurred = {
        (link_id, str(limit))
        for link_id, limits in shipped_pack.limits.items()
        if shipped_pack.items[link_id].kind is Kind.DATE and link_id != "birth_date"
        for limit in limits
        for band in bands(limits)
        if parse_date(band.said, TODAY).within(limit, TODAY) is Truth.UNKNOWN
    }

    assert blurred == {("laser_date", "12 weeks")}


def test_limits_are_those_of_the_rules(shipped_pack):
    assert shipped_pack.limits["botulinum_date"] == {window("14 days"), window("3 months")}
    assert Window.parse("6 months") in shipped_pack.limits["medicines"]
