"""Charts: nothing is lost, nothing overlaps the edge, everything differs without colour."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.figures import DayFigures, Share
from intake.core.rules import Triage
from intake.exports.charts import (
    NARROW,
    PATTERNS,
    STEPS,
    WIDE,
    Bar,
    bar_chart,
    begin_of,
    columns_of,
    load_chart,
    step_for,
)

KINDS = ("not_sure", "withheld", "not_understood")
LEGEND = {kind: kind.replace("_", " ") for kind in KINDS}
TRIAGES = {triage.value: triage.value.title() for triage in Triage}
TITLES = ("Forms sent", "Cases decided")
WIDTHS = pytest.mark.parametrize("width", [WIDE, NARROW])
NAMES = st.text("abc defghi ", max_size=200)
COUNTS = st.dictionaries(st.sampled_from(Triage), st.integers(0, 20))
DAYS = st.lists(st.tuples(COUNTS, COUNTS), min_size=1, max_size=400).map(
    lambda rows: [DayFigures(date(2026, 1, 1) + timedelta(n), *pair) for n, pair in enumerate(rows)]
)


@st.composite
def bars(draw):
    whole = draw(st.integers(1, 60))
    parts = [draw(st.integers(0, whole // 3)) for _ in KINDS]
    shares = tuple((kind, part / whole) for kind, part in zip(KINDS, parts, strict=True))
    return Bar(draw(NAMES), "1 of 2", shares, Share(sum(parts), whole).interval)


def inside(chart):
    """Tell whether every shape lies on the plane."""
    return (
        all(
            b.x >= 0 and b.x + b.width <= chart.width + 1 and b.y + b.height <= chart.height
            for b in chart.boxes
        )
        and all(0 <= x <= chart.width for line in chart.lines for x in (line.x1, line.x2))
        and all(0 < words.y <= chart.height for words in chart.words)
    )


@WIDTHS
@given(some=st.lists(bars(), min_size=1, max_size=12))
def test_bars_lie_on_the_plane_and_are_as_long_as_their_shares(width, some):
    chart = bar_chart(some, LEGEND, width)

    drawn = chart.boxes[len(LEGEND) :]
    longest = max(sum(share for _, share in bar.parts) for bar in some)
    assert inside(chart)
    assert len(drawn) == sum(1 for bar in some for _, share in bar.parts if share > 0)
    if longest:
        shares = [share for bar in some for _, share in bar.parts if share > 0]
        units = [box.width / share for box, share in zip(drawn, shares, strict=True)]
        assert max(units) - min(units) < 0.11 / min(shares)


@WIDTHS
def test_no_two_bars_overlap(width):
    some = [Bar("A long name of a rule " * 6, "1 of 2", (("met", 0.5),), (0.1, 0.9))] * 5

    drawn = bar_chart(some, {"met": "Met"}, width).boxes[1:]

    assert all(a.y + a.height < b.y for a, b in pairwise(drawn))


@WIDTHS
def test_an_interval_is_drawn_around_its_bar(width):
    bar = Bar("Rule", "5 of 10", (("met", 0.5),), (0.25, 0.75))

    chart = bar_chart([bar], {"met": "Met"}, width)

    box = chart.boxes[-1]
    reach = [line for line in chart.lines if line.kind == "reach"]
    middle = box.x + box.width
    assert [len(reach), reach[0].x1 < middle < reach[0].x2] == [3, True]
    assert middle - reach[0].x1 == pytest.approx(reach[0].x2 - middle, abs=0.2)


def test_names_stand_above_the_bars_where_it_is_narrow():
    bar = Bar("A rule", "5 of 10", (("met", 0.5),), (0.25, 0.75))

    wide, narrow = (bar_chart([bar], {"met": "Met"}, width) for width in (WIDE, NARROW))

    assert wide.boxes[-1].x > 0
    assert narrow.boxes[-1].x == 0


def test_small_shares_get_a_scale_of_their_own():
    bar = Bar("A rule", "1 of 200", (("met", 0.01),), (0.0, 0.05))

    words = [one.text for one in bar_chart([bar], {"met": "Met"}, WIDE).words]

    assert "10 %" in words
    assert "100 %" not in words


@WIDTHS
@given(days=DAYS)
def test_columns_lie_on_the_plane_and_lose_nothing(width, days):
    chart = load_chart(days, TITLES, TRIAGES, width)
    columns = columns_of(days, step_for(days, 100))

    assert inside(chart)
    for triage in Triage:
        for rows in ("sent", "decided"):
            drawn = sum(getattr(column, rows).get(triage.value, 0) for column in columns)
            assert drawn == sum(getattr(day, rows).get(triage, 0) for day in days)


@pytest.mark.parametrize(
    ("number", "marks"),
    [(0, "01"), (1, "01"), (4, "01234"), (5, "012345"), (6, "0246"), (37, "0 10 20 30 40"),
     (101, "0 50 100 150")],
)  # fmt: skip
def test_the_scale_of_the_load_has_round_marks_up_to_the_highest_column(number, marks):
    days = [DayFigures(date(2026, 6, 1), {Triage.STOP: number}, {})]

    chart = load_chart(days, TITLES, TRIAGES, WIDE)

    shown = [words.text for words in chart.words if words.anchor == "end"]
    half = shown[: len(shown) // 2]
    assert half == (marks.split() if " " in marks else list(marks))


def test_columns_are_as_high_as_their_numbers():
    days = [DayFigures(date(2026, 6, 1), {Triage.STOP: 2, Triage.ROUTINE: 6}, {})]

    stop, routine = load_chart(days, TITLES, TRIAGES, WIDE).boxes[len(TRIAGES) :]

    assert (stop.kind, routine.kind) == ("stop", "routine")
    assert routine.height == pytest.approx(3 * stop.height, abs=0.3)
    assert routine.y + routine.height == pytest.approx(stop.y, abs=0.2)


@pytest.mark.parametrize(
    ("number", "most", "step"),
    [(14, 95, "day"), (90, 95, "day"), (90, 14, "week"), (365, 95, "week"), (365, 14, "month"),
     (4000, 14, "year")],
)  # fmt: skip
def test_many_days_become_weeks_months_or_years(number, most, step):
    days = [DayFigures(date(2020, 1, 1) + timedelta(n), {}, {}) for n in range(number)]

    assert step_for(days, most) == step


@given(st.dates(date(2000, 1, 1), date(2999, 12, 31)), st.sampled_from(STEPS))
def test_a_step_begins_on_a_day_that_begins_it(day, step):
    begin = begin_of(day, step)

    assert begin <= day
    assert begin_of(begin, step) == begin


def test_kinds_that_stand_in_one_chart_have_different_patterns():
    for kinds in (tuple(TRIAGES), ("met", "open"), (*KINDS, "untold")):
        assert len({PATTERNS[kind] for kind in kinds}) == len(kinds)
