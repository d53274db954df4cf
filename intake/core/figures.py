"""What figures are made of: spans of days, shares, waits, and the load of a day."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from zoneinfo import ZoneInfo

    from intake.core.rules import Triage

SMALL = 10
"""Of fewer cases than this no rate and no usual time is told: the counts are."""

FEW = 5
"""Fewer than this are not told apart where a question is asked in private."""

USUAL_DAYS = 90
EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)

_Z = 1.959963984540054
"""Of a normal distribution, 95 % lie within so many deviations."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days in the clinic's time zone, both included."""

    since: date
    until: date

    def instants(self, timezone: ZoneInfo | None) -> tuple[datetime, datetime]:
        """Return the instant at which it begins and that before which it ends, in UTC."""
        days = (self.since, self.until + timedelta(days=1))
        begins, ends = (datetime.combine(d, time.min, timezone).astimezone(UTC) for d in days)
        return begins, ends


def span_of(since: date | None, until: date | None, today: date) -> Span:
    """Return the span that was asked for; the usual one is the last 90 days."""
    last = until or max(today, since or today)
    first = since or max(last, EARLIEST + timedelta(USUAL_DAYS)) - timedelta(USUAL_DAYS - 1)
    first = min(max(first, EARLIEST), LATEST)
    return Span(first, min(max(last, first), LATEST))


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many; None stands for a number too small to be told."""

    part: int | None
    whole: int | None

    @property
    def is_small(self) -> bool:
        """Whether there are too few for a rate."""
        return self.part is None or self.whole is None or self.whole < SMALL

    @property
    def rate(self) -> float:
        """The part of the whole, from 0 to 1."""
        return (self.part or 0) / self.whole if self.whole else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Where the rate lies with 95 % certainty, after Wilson; from 0 to 1 when unknown."""
        number, rate = self.whole, self.rate
        if not number or self.part is None:
            return 0.0, 1.0
        square = _Z * _Z / number
        middle = rate + square / 2
        reach = sqrt(square * (rate * (1 - rate) + square / 4))
        low, high = (middle - reach) / (1 + square), (middle + reach) / (1 + square)
        return min(max(low, 0.0), rate), max(min(high, 1.0), rate)


@dataclass(frozen=True, slots=True)
class Wait:
    """How long cases waited from sending to the first decision that is an end, in minutes.

    Attributes:
        ended: How many have such a decision; None for a number too small to be told.
        half: Half of them had it within this time; None while they are few.
        most: Nine in ten had.
        longest: None when nothing ended.
        still: How many have none yet.
        oldest: Since when the longest of these waits.
    """

    ended: int | None
    half: int | None
    most: int | None
    longest: int | None
    still: int | None
    oldest: int | None


def within(times: Mapping[int, int], tenths: int) -> int:
    """Return the least time within which at least so many tenths of the cases ended."""
    wanted, so_far = tenths * sum(times.values()), 0
    for minutes in sorted(times):
        so_far += 10 * times[minutes]
        if so_far >= wanted:
            return minutes
    return 0


def told(number: int | None) -> int | None:
    """Return a number about something private, or None where it is too small to be told."""
    return None if number is None or number < FEW else number


@dataclass(frozen=True, slots=True)
class DayFigures:
    """The load of one day: forms sent, and cases decided, by triage."""

    day: date
    sent: Mapping[Triage, int]
    decided: Mapping[Triage, int]


def load(
    sent: Iterable[tuple[datetime, Triage]],
    decided: Iterable[tuple[str, datetime, Triage]],
    timezone: ZoneInfo | None,
) -> tuple[DayFigures, ...]:
    """Count the load of each day from the first on which anything happened to the last.

    Args:
        sent: When each form was sent, and the triage it came with.
        decided: Which case was decided to an end, when, and the triage it had; the decisions on a
            case follow each other. A case counts once a day.
        timezone: The clinic's; None for the computer's.
    """
    came: defaultdict[date, Counter[Triage]] = defaultdict(Counter)
    went: defaultdict[date, Counter[Triage]] = defaultdict(Counter)
    for at, triage in sent:
        came[at.astimezone(timezone).date()][triage] += 1
    before: tuple[str, date] | None = None
    for case, at, triage in decided:
        day = at.astimezone(timezone).date()
        if (case, day) != before:
            went[day][triage] += 1
        before = (case, day)
    days = {*came, *went}
    if not days:
        return ()
    number = (max(days) - min(days)).days + 1
    every = (min(days) + timedelta(n) for n in range(number))
    return tuple(DayFigures(d, came.get(d, Counter()), went.get(d, Counter())) for d in every)
