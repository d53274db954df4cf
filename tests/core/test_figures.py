"""Spans, shares with their intervals, waits, and the load of days."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.figures import EARLIEST, LATEST, Share, Span, load, span_of, told, within
from intake.core.rules import Triage

TODAY = date(2026, 6, 15)
MADRID = ZoneInfo("Europe/Madrid")
SHARES = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
INSTANTS = st.integers(0, 5_000_000).map(
    lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
DAYS = st.dates()


class TestASpan:
    def test_is_the_last_ninety_days_unless_asked_otherwise(self):
        assert span_of(None, None, TODAY) == Span(date(2026, 3, 18), TODAY)

    def test_that_only_ends_has_ninety_days_as_well(self):
        span = span_of(None, date(2026, 1, 31), TODAY)

        assert (span.until - span.since).days == 89

    def test_that_only_begins_goes_up_to_today(self):
        assert span_of(date(2026, 6, 1), None, TODAY) == Span(date(2026, 6, 1), TODAY)

    @given(since=st.none() | DAYS, until=st.none() | DAYS, today=DAYS)
    def test_never_runs_backwards_and_has_instants_whatever_is_asked(self, since, until, today):
        span = span_of(since, until, today)
        begins, ends = span.instants(MADRID)

        assert EARLIEST <= span.since <= span.until <= LATEST
        assert begins < ends

    def test_ends_with_the_days_of_the_clinic(self):
        begins, ends = Span(date(2026, 3, 29), date(2026, 3, 29)).instants(MADRID)

        assert begins == datetime(2026, 3, 28, 23, tzinfo=UTC)
        assert ends - begins == timedelta(hours=23)  # the clocks went forward


class TestAShare:
    @pytest.mark.parametrize(
        ("part", "whole", "low", "high"),
        [(0, 10, 0.0, 0.278), (5, 10, 0.237, 0.763), (10, 10, 0.722, 1.0), (12, 40, 0.181, 0.454)],
    )
    def test_has_the_interval_of_wilson(self, part, whole, low, high):
        assert Share(part, whole).interval == pytest.approx((low, high), abs=0.001)

    @given(SHARES)
    def test_lies_in_its_interval(self, share):
        low, high = Share(*share).interval

        assert 0 <= low <= Share(*share).rate <= high <= 1
        assert low < high

    @given(SHARES)
    def test_has_an_interval_whose_ends_would_just_be_doubted(self, share):
        part, whole = share
        low, high = Share(part, whole).interval
        for end in (low, high):
            spread = (end * (1 - end) / whole) ** 0.5
            if 0 < end < 1:
                assert abs(part / whole - end) == pytest.approx(1.96 * spread, rel=1e-3)

    @given(SHARES, st.integers(2, 9))
    def test_of_more_is_surer(self, share, times):
        part, whole = share
        low, high = Share(part, whole).interval
        surer_low, surer_high = Share(part * times, whole * times).interval

        assert surer_high - surer_low < high - low

    @pytest.mark.parametrize(
        ("share", "is_small"),
        [
            (Share(3, 9), True),
            (Share(3, 10), False),
            (Share(0, 0), True),
            (Share(None, 40), True),
            (Share(3, None), True),
        ],
    )
    def test_of_few_has_no_rate(self, share, is_small):
        assert share.is_small is is_small

    def test_that_is_not_told_lies_anywhere(self):
        assert Share(None, 40).interval == (0.0, 1.0)


@given(st.lists(st.integers(0, 50), min_size=1), st.integers(1, 10))
def test_within_is_the_least_time_that_is_enough(times, tenths):
    found = within(Counter(times), tenths)

    assert 10 * sum(1 for t in times if t <= found) >= tenths * len(times)
    assert 10 * sum(1 for t in times if t < found) < tenths * len(times)


@pytest.mark.parametrize(
    ("number", "shown"), [(None, None), (0, None), (4, None), (5, 5), (500, 500)]
)
def test_a_small_number_about_something_private_is_not_told(number, shown):
    assert told(number) == shown


class TestTheLoad:
    def test_of_a_day_follows_the_clocks_of_the_clinic(self):
        late = datetime(2026, 6, 14, 22, 30, tzinfo=UTC)

        (day,) = load([(late, Triage.STOP)], [], MADRID)

        assert (day.day, day.sent) == (date(2026, 6, 15), {Triage.STOP: 1})

    def test_counts_a_case_once_a_day(self):
        at = datetime(2026, 6, 14, 9, tzinfo=UTC)
        decided = [
            ("a", at, Triage.STOP),
            ("a", at + timedelta(hours=1), Triage.STOP),
            ("a", at + timedelta(days=1), Triage.REVIEW),
            ("b", at, Triage.STOP),
        ]

        days = load([], decided, UTC)

        assert [dict(day.decided) for day in days] == [{Triage.STOP: 2}, {Triage.REVIEW: 1}]

    def test_has_days_without_any(self):
        at = datetime(2026, 6, 14, 9, tzinfo=UTC)

        days = load([(at, Triage.STOP), (at + timedelta(days=3), Triage.STOP)], [], UTC)

        assert [sum(day.sent.values()) for day in days] == [1, 0, 0, 1]

    @given(st.lists(st.tuples(INSTANTS, st.sampled_from(Triage)), max_size=20))
    def test_loses_nothing(self, sent):
        days = load(sent, [], MADRID)

        total = Counter()
        for day in days:
            total.update(day.sent)
        assert total == Counter(triage for _, triage in sent)
        assert [d.day for d in days] == sorted({d.day for d in days})

    def test_of_nothing_is_nothing(self):
        assert load([], [], UTC) == ()
