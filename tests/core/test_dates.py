"""Windows, partial dates and the day on which a window is over."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.dates import Interval, Unit, Window, parse_date, shift_months
from intake.core.errors import AnswerError
from tests.core.builders import MET, NOT_MET, TODAY, UNKNOWN, days, window
from tests.strategies import DAYS, INTERVALS, WINDOWS


def day(text: str) -> date:
    return date.fromisoformat(text)


class TestWindow:
    @pytest.mark.parametrize(
        ("length", "on", "cutoff"),
        [
            ("14 days", "2026-06-15", "2026-06-01"),
            ("2 weeks", "2026-06-15", "2026-06-01"),
            ("6 months", "2026-06-15", "2025-12-15"),
            ("1 year", "2026-06-15", "2025-06-15"),
            ("1 month", "2026-03-31", "2026-02-28"),
            ("1 month", "2024-03-31", "2024-02-29"),
            ("6 months", "2026-08-31", "2026-02-28"),
            ("6 months", "2024-08-31", "2024-02-29"),
            ("1 year", "2024-02-29", "2023-02-28"),
            ("4 years", "2024-02-29", "2020-02-29"),
            ("1 month", "2026-01-15", "2025-12-15"),
            ("12 months", "2026-12-31", "2025-12-31"),
            ("0 days", "2026-06-15", "2026-06-15"),
        ],
    )
    def test_cutoff_is_the_day_minus_the_window(self, length, on, cutoff):
        assert window(length).before(day(on)) == day(cutoff)

    @pytest.mark.parametrize(
        ("length", "event", "over"),
        [
            ("14 days", "2026-06-01", "2026-06-15"),
            ("2 weeks", "2026-06-01", "2026-06-15"),
            ("6 months", "2025-12-15", "2026-06-15"),
            ("6 months", "2025-08-31", "2026-03-01"),
            ("6 months", "2025-08-29", "2026-03-01"),
            ("6 months", "2025-08-28", "2026-02-28"),
            ("6 months", "2023-08-31", "2024-03-01"),
            ("1 month", "2026-01-31", "2026-03-01"),
            ("1 month", "2026-02-28", "2026-03-28"),
            ("1 year", "2024-02-29", "2025-03-01"),
            ("4 years", "2024-02-29", "2028-02-29"),
        ],
    )
    def test_is_over_from(self, length, event, over):
        assert window(length).over_from(day(event)) == day(over)

    @pytest.mark.parametrize("length", ["14 days", "2 weeks", "6 months", "1 year"])
    def test_the_anniversary_is_outside_and_the_day_after_the_cutoff_inside(self, length):
        cutoff = window(length).before(TODAY)
        next_day = cutoff + timedelta(days=1)

        assert Interval(cutoff, cutoff).within(window(length), TODAY) is NOT_MET
        assert Interval(next_day, next_day).within(window(length), TODAY) is MET

    @given(DAYS, WINDOWS)
    def test_over_from_is_the_first_day_whose_cutoff_reaches_the_event(self, event, length):
        over = length.over_from(event)

        assert length.before(over) >= event
        assert over == event or length.before(over - timedelta(days=1)) < event

    @given(DAYS, DAYS, WINDOWS)
    def test_over_from_tells_the_same_as_within(self, event, today, length):
        inside = Interval(event, event).within(length, today) is MET

        assert inside == (today < length.over_from(event))

    @given(DAYS, WINDOWS)
    def test_within_ends_once_and_for_all(self, event, length):
        around = [length.over_from(event) + timedelta(days=n) for n in range(-40, 40)]

        truths = [Interval(event, event).within(length, today) for today in around]

        assert truths == [MET] * 40 + [NOT_MET] * 40

    @given(DAYS, WINDOWS, WINDOWS)
    def test_a_longer_window_of_the_same_unit_never_ends_earlier(self, event, one, other):
        longer = Window(one.count + other.count, one.unit)

        assert longer.over_from(event) >= one.over_from(event)

    @pytest.mark.parametrize(
        ("text", "read"),
        [
            ("14 days", Window(14, Unit.DAYS)),
            ("1 day", Window(1, Unit.DAYS)),
            ("2 weeks", Window(2, Unit.WEEKS)),
            (" 6 months ", Window(6, Unit.MONTHS)),
            ("1 year", Window(1, Unit.YEARS)),
        ],
    )
    def test_is_read_as_written_and_written_as_read(self, text, read):
        assert Window.parse(text) == read
        assert str(read) == text.strip()

    @pytest.mark.parametrize(
        "text", ["", "14", "days", "1.5 days", "-3 days", "12345 days", "2 moons"]
    )
    def test_refuses_what_is_not_a_length_of_time(self, text):
        with pytest.raises(ValueError, match="is not a length of time; write for example"):
            Window.parse(text)

    def test_stops_at_the_ends_of_the_calendar(self):
        assert window("9999 years").before(TODAY) == date.min
        assert window("9999 days").before(date(5, 1, 1)) == date.min
        assert window("9999 years").over_from(TODAY) == date.max
        assert window("9999 weeks").over_from(date(9999, 1, 1)) == date.max

    def test_months_are_clipped_to_the_end_of_the_month(self):
        assert shift_months(day("2025-08-31"), 6) == day("2026-02-28")
        assert shift_months(day("2023-08-31"), 6) == day("2024-02-29")
        assert shift_months(day("2026-03-31"), -1) == day("2026-02-28")
        assert shift_months(day("2025-11-30"), 3) == day("2026-02-28")


class TestInterval:
    def test_refuses_to_run_backwards(self):
        with pytest.raises(ValueError, match="2026-02-02 is after 2026-01-01"):
            days("2026-02-02", "2026-01-01")

    @pytest.mark.parametrize(
        ("first", "last", "truth"),
        [
            ("2026-06-02", "2026-06-15", MET),
            ("2026-06-01", "2026-06-15", UNKNOWN),
            ("2026-06-01", "2026-06-02", UNKNOWN),
            ("2026-01-01", "2026-06-01", NOT_MET),
        ],
    )
    def test_a_vague_date_straddling_the_cutoff_is_unknown(self, first, last, truth):
        assert days(first, last).within(window("14 days"), TODAY) is truth

    @given(DAYS, DAYS, WINDOWS)
    def test_an_exact_day_is_never_unknown(self, event, today, length):
        exact = Interval(event, event)

        assert exact.is_exact
        assert exact.within(length, today) is not UNKNOWN

    @given(INTERVALS, DAYS, WINDOWS, st.data())
    def test_what_a_vague_date_settles_every_day_in_it_settles_alike(
        self, vague, today, length, data
    ):
        event = data.draw(st.dates(vague.earliest, vague.latest))

        settled = vague.within(length, today)

        assert settled in (UNKNOWN, Interval(event, event).within(length, today))

    @given(INTERVALS, DAYS, WINDOWS)
    def test_unknown_only_while_both_ends_disagree(self, vague, today, length):
        ends = {Interval(d, d).within(length, today) for d in (vague.earliest, vague.latest)}

        assert (vague.within(length, today) is UNKNOWN) == (len(ends) == 2)

    @pytest.mark.parametrize(
        ("born", "on", "truth"),
        [
            ("2008-06-15", "2026-06-15", MET),
            ("2008-06-16", "2026-06-15", NOT_MET),
            ("2008-02-29", "2026-02-28", NOT_MET),
            ("2008-02-29", "2026-03-01", MET),
        ],
    )
    def test_a_birthday_counts_from_its_own_day_on(self, born, on, truth):
        assert days(born).years_at_least(18, day(on)) is truth

    def test_age_from_a_year_of_birth_may_be_unknown(self):
        assert days("2008-01-01", "2008-12-31").years_at_least(18, TODAY) is UNKNOWN


class TestParseDate:
    @pytest.mark.parametrize(
        ("said", "first", "last"),
        [
            ("2025-03-14", "2025-03-14", "2025-03-14"),
            ("2025-3-4", "2025-03-04", "2025-03-04"),
            ("14 March 2025", "2025-03-14", "2025-03-14"),
            ("14 mar. 2025", "2025-03-14", "2025-03-14"),
            ("March 14, 2025", "2025-03-14", "2025-03-14"),
            ("  MARCH   2025 ", "2025-03-01", "2025-03-31"),
            ("Sept 2025", "2025-09-01", "2025-09-30"),
            ("Feb 2024", "2024-02-01", "2024-02-29"),
            ("2025-03", "2025-03-01", "2025-03-31"),
            ("2025", "2025-01-01", "2025-12-31"),
            ("today", "2026-06-15", "2026-06-15"),
            ("now", "2026-06-15", "2026-06-15"),
            ("yesterday", "2026-06-14", "2026-06-14"),
            ("0 days ago", "2026-06-15", "2026-06-15"),
            ("3 days ago", "2026-06-12", "2026-06-12"),
            ("about 3 days ago", "2026-06-10", "2026-06-14"),
            ("3 weeks ago", "2026-05-18", "2026-06-01"),
            ("about 3 weeks ago", "2026-05-18", "2026-06-01"),
            ("around 10 weeks ago", "2026-03-23", "2026-04-20"),
            ("a month ago", "2026-05-01", "2026-05-29"),
            ("about two months ago", "2026-04-01", "2026-04-29"),
            ("6 months ago", "2025-11-15", "2026-01-15"),
            ("one year ago", "2024-12-15", "2025-12-15"),
            ("three years ago", "2022-12-15", "2023-12-15"),
            ("an week ago", "2026-06-01", "2026-06-15"),
            ("before 2020", "1906-06-15", "2019-12-31"),
            ("before March 2025", "1906-06-15", "2025-02-28"),
            ("since 2024", "2024-01-01", "2026-06-15"),
            ("after 14 March 2025", "2025-03-14", "2026-06-15"),
        ],
    )
    def test_reads(self, said, first, last):
        assert parse_date(said, TODAY) == days(first, last)

    @pytest.mark.parametrize(
        ("said", "last"),
        [("2026", "2026-06-15"), ("June 2026", "2026-06-15"), ("2026-06", "2026-06-15")],
    )
    def test_cuts_off_days_after_today(self, said, last):
        assert parse_date(said, TODAY).latest == day(last)

    def test_cuts_off_days_before_any_living_person(self):
        assert parse_date("1906", TODAY) == days("1906-06-15", "1906-12-31")

    @pytest.mark.parametrize(
        "said", ["2026-06-16", "July 2026", "2027", "2999-01-01", "since 2027"]
    )
    def test_refuses_a_day_after_today(self, said):
        with pytest.raises(AnswerError, match="not after today, 15 June 2026"):
            parse_date(said, TODAY)

    @pytest.mark.parametrize(
        "said", ["1899", "1899-12-31", "December 1899", "999 years ago", "before 1899"]
    )
    def test_refuses_a_day_before_any_living_person(self, said):
        with pytest.raises(AnswerError, match="Enter a year after 1906"):
            parse_date(said, TODAY)

    @pytest.mark.parametrize(
        ("said", "message"),
        [
            ("2025-02-29", "that month has no day 29"),
            ("31 April 2025", "that month has no day 31"),
            ("2025-03-00", "that month has no day 00"),
            ("2025-13", "'13' is not one"),
            ("2025-00-10", "'00' is not one"),
            ("14 Marz 2025", "'marz' is not one"),
            ("ma 2025", "'ma' is not one"),
            ("0000", "four digits"),
            ("0000-05", "four digits"),
        ],
    )
    def test_refuses_a_day_that_does_not_exist(self, said, message):
        with pytest.raises(AnswerError, match=message):
            parse_date(said, TODAY)

    @pytest.mark.parametrize(
        "said",
        [
            "3/4/2025",
            "14.03.2025",
            "25",
            "soon",
            "-3 days ago",
            "1e3",
            "before",
            "2025-03-14T10:00",
        ],
    )
    def test_refuses_what_can_be_read_in_two_ways_or_not_at_all(self, said):
        with pytest.raises(AnswerError, match="Enter a date such as 14 March 2025"):
            parse_date(said, TODAY)

    @pytest.mark.parametrize("said", ["٢٠٢٥-٠٣-١٤", "२०२५-०३-१४", "２０２５-０３-１４"])
    def test_digits_of_other_scripts_are_the_same_day_or_refused(self, said):
        try:
            read = parse_date(said, TODAY)
        except AnswerError:
            return

        assert read == days("2025-03-14")

    @pytest.mark.parametrize("said", ["２０２５²", "²⁰²⁵", "٢ weeks and a bit ago"])
    def test_refuses_digits_that_are_not_decimal(self, said):
        with pytest.raises(AnswerError):
            parse_date(said, TODAY)

    def test_before_a_date_no_living_person_saw_is_refused(self):
        """The year 1906 has days that count, but no day before it does."""
        with pytest.raises(AnswerError):
            parse_date("before 1906", TODAY)

    def test_endless_nesting_is_refused_with_a_message(self):
        with pytest.raises(AnswerError):
            parse_date("before " * 500 + "2020", TODAY)

    @given(st.text(max_size=30))
    def test_any_text_is_an_interval_up_to_today_or_refused_with_advice(self, said):
        try:
            read = parse_date(said, TODAY)
        except AnswerError as error:
            advice = str(error)
        else:
            advice = "Enter nothing else" if read.latest <= TODAY else ""

        assert advice.startswith("Enter ")

    @given(st.dates(date(1907, 1, 1), TODAY))
    def test_a_written_day_is_that_day(self, event):
        assert parse_date(f"{event:%d %B %Y}", TODAY) == Interval(event, event)
        assert parse_date(event.isoformat(), TODAY) == Interval(event, event)

    @given(st.integers(0, 99), st.sampled_from(["days", "weeks", "months", "years"]))
    def test_what_was_some_time_ago_contains_the_day_counted_back(self, count, unit):
        exact = Window(count, Unit(unit)).before(TODAY)

        read = parse_date(f"about {count} {unit} ago", TODAY)

        assert read.earliest <= exact <= read.latest
