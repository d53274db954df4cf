"""Partial dates as intervals of days, windows of time, and the earliest safe date.

A patient says "March 2025", "about 3 weeks ago" or "before 2020". Each is an interval of civil
days `[earliest, latest]`. A window of N is over when at least N has elapsed: the anniversary is
outside. The cut-off is always today minus N, clamped to the end of the month, and computed only
here: databases and browsers disagree on month arithmetic.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from intake.core.errors import AnswerError
from intake.core.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Callable

OLDEST_AGE_YEARS = 120
"""No event before this many years ago is taken for a real one: it is asked again."""

_MONTHS = (
    "january february march april may june july august september october november december"
).split()


class Unit(StrEnum):
    """What a window is counted in. Months and years are calendar months and years."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


@dataclass(frozen=True, slots=True)
class Window:
    """A length of time such as 14 days or 6 calendar months."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        """Write it as in a rule file: `1 month`, `14 days`."""
        word = self.unit.value
        return f"{self.count} {word[:-1] if self.count == 1 else word}"

    @classmethod
    def parse(cls, text: str) -> Window:
        """Read `14 days`, `1 month`.

        Raises:
            ValueError: not a whole number followed by days, weeks, months or years.
        """
        found = re.fullmatch(r"(\d{1,4}) +(day|week|month|year)s?", text.strip())
        if not found:
            msg = f"'{text}' is not a length of time; write for example '14 days' or '6 months'"
            raise ValueError(msg)
        return cls(int(found[1]), Unit(found[2] + "s"))

    def before(self, day: date) -> date:
        """Return *day* minus this window, clamped to the end of the month."""
        match self.unit:
            case Unit.DAYS:
                return shift_days(day, -self.count)
            case Unit.WEEKS:
                return shift_days(day, -7 * self.count)
            case Unit.MONTHS:
                return shift_months(day, -self.count)
            case Unit.YEARS:
                return shift_months(day, -12 * self.count)

    def over_from(self, event: date) -> date:
        """Return the first day on which this window, counted back from that day, is over.

        The guess from adding can fall a day or three short at a month's end (31 August plus six
        months is clipped to 28 February, but 28 February minus six months is 28 August, which is
        still inside), so the answer is searched for by the definition.
        """
        if self.unit in (Unit.DAYS, Unit.WEEKS):
            return shift_days(event, self.count * (7 if self.unit is Unit.WEEKS else 1))
        day = shift_months(event, self.count * (12 if self.unit is Unit.YEARS else 1))
        while day < date.max and self.before(day) < event:
            day += timedelta(days=1)
        return day


def shift_days(day: date, days: int) -> date:
    """Move by days, stopping at the ends of the calendar instead of overflowing."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min


def shift_months(day: date, months: int) -> date:
    """Move by calendar months, clipped to the last day of the month reached.

    31 August plus 6 months is the last day of February.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if year < date.min.year:
        return date.min
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Interval:
    """The days on which an event may have happened, both ends included."""

    earliest: date
    latest: date

    def __post_init__(self) -> None:
        """Refuse an interval that runs backwards."""
        if self.earliest > self.latest:
            msg = f"{self.earliest} is after {self.latest}"
            raise ValueError(msg)

    @property
    def is_exact(self) -> bool:
        """Whether it is one single day."""
        return self.earliest == self.latest

    def in_words(self) -> str:
        """Name its day, or its first and last: `1 May 2026 to 31 May 2026`."""
        ends = (self.earliest,) if self.is_exact else (self.earliest, self.latest)
        return " to ".join(f"{day.day} {day:%B %Y}" for day in ends)

    def within(self, window: Window, today: date) -> Truth:
        """Tell whether the event lies in the last *window*; unknown when it may or may not."""
        cutoff = window.before(today)
        if self.earliest > cutoff:
            return Truth.MET
        return Truth.NOT_MET if self.latest <= cutoff else Truth.UNKNOWN

    def years_at_least(self, years: int, today: date) -> Truth:
        """Tell whether somebody born in this interval is at least *years* old.

        Who was born on 29 February turns a year older on 1 March: the later day.
        """
        cutoff = Window(years, Unit.YEARS).before(today)
        if self.latest <= cutoff:
            return Truth.MET
        return Truth.NOT_MET if self.earliest > cutoff else Truth.UNKNOWN


class DateWord(StrEnum):
    """Words that answer "when?" without a date."""

    NEVER = "never"
    STILL = "still"


def parse_date(text: str, today: date) -> Interval:
    """Read a date as people know it.

    Takes `2025-03-14`, `14 March 2025`, `March 2025`, `2025-03`, `2025`, `today`, `yesterday`,
    `3 weeks ago`, `about 2 months ago`, `before 2020`, `since` or `after` one of them, and bands:
    `less than 2 weeks ago`, `2 weeks to 3 months ago`, `more than 1 year ago`. Days after *today*
    are cut off the interval.

    Raises:
        AnswerError: it cannot be read, lies after *today*, or more than 120 years before it.
    """
    said = " ".join(text.lower().replace(",", " ").split())
    for pattern, read in _FORMS:
        if found := re.fullmatch(pattern, said):
            return in_the_past(read(found, today), today)
    msg = (
        "Enter a date such as 14 March 2025, March 2025, 2025 or '3 weeks ago'."
        " Write the month as a word or the date as 2025-03-14."
    )
    raise AnswerError(msg)


def names_its_day(said: str) -> bool:
    """Tell whether a date that was said is one day on whatever day it is read: `14 March 2025`."""
    plain = " ".join(said.lower().replace(",", " ").split())
    return any(re.fullmatch(pattern, plain) for pattern in _DAYS)


def in_the_past(interval: Interval, today: date) -> Interval:
    """Cut days after *today* and more than 120 years before it off an interval.

    Raises:
        AnswerError: nothing is left.
    """
    if interval.earliest > today:
        msg = "Enter a date that is not after today, {today}."
        raise AnswerError(msg, today=today)
    oldest = shift_months(today, -12 * OLDEST_AGE_YEARS)
    if interval.latest < oldest:
        msg = "Enter a year after {year}."
        raise AnswerError(msg, year=str(oldest.year))
    return Interval(max(interval.earliest, oldest), min(interval.latest, today))


def _day(year: str, month: str, day: str) -> Interval:
    number = _month_number(month)
    try:
        exact = date(int(year), number, int(day))
    except ValueError:
        msg = "Enter a day that exists: that month has no day {day}."
        raise AnswerError(msg, day=day) from None
    return Interval(exact, exact)


def _month(year: str, month: str) -> Interval:
    number = _month_number(month)
    if int(year) < 1:
        msg = "Enter the year with four digits, such as 2025."
        raise AnswerError(msg)
    return Interval(
        date(int(year), number, 1), date(int(year), number, monthrange(int(year), number)[1])
    )


def _month_number(month: str) -> int:
    if month.isdigit():
        number = int(month)
        if 1 <= number <= 12:  # noqa: PLR2004 - the months of a year
            return number
    else:
        for number, name in enumerate(_MONTHS, start=1):
            if name.startswith(month) and len(month) >= 3:  # noqa: PLR2004 - "mar", not "m"
                return number
    msg = "Enter a month from 1 to 12 or as a word: '{month}' is not one."
    raise AnswerError(msg, month=month)


def _year(year: str) -> Interval:
    if int(year) < 1:
        msg = "Enter the year with four digits, such as 2025."
        raise AnswerError(msg)
    return Interval(date(int(year), 1, 1), date(int(year), 12, 31))


def _ago(count: int, unit: Unit, today: date, *, about: bool) -> Interval:
    """Give "about 3 weeks ago" its width.

    Expert default, no source gives a number: weeks are plus or minus a week up to eight and two
    weeks beyond, one to three months two weeks, more months one month, years six months. Days are
    exact unless "about" is said, then plus or minus two.
    """
    middle = Window(count, unit).before(today)
    slack = _slack(count, unit, about=about)
    return Interval(slack.before(middle), min(_later(middle, slack), today))


def _slack(count: int, unit: Unit, *, about: bool) -> Window:
    match unit:
        case Unit.DAYS:
            return Window(2 if about else 0, Unit.DAYS)
        case Unit.WEEKS:
            return Window(1 if count <= 8 else 2, Unit.WEEKS)  # noqa: PLR2004 - see `_ago`
        case Unit.MONTHS if count <= 3:  # noqa: PLR2004 - see `_ago`
            return Window(2, Unit.WEEKS)
        case Unit.MONTHS:
            return Window(1, Unit.MONTHS)
        case Unit.YEARS:
            return Window(6, Unit.MONTHS)


def _later(day: date, slack: Window) -> date:
    if slack.unit is Unit.MONTHS:
        return shift_months(day, slack.count)
    return shift_days(day, slack.count * (7 if slack.unit is Unit.WEEKS else 1))


def _before(rest: str, today: date) -> Interval:
    """Everything before the first day of what was named."""
    named = _named_after(rest, today)
    oldest = shift_months(today, -12 * OLDEST_AGE_YEARS)
    if named.earliest <= oldest:
        msg = "Enter a year after {year}."
        raise AnswerError(msg, year=str(oldest.year))
    return Interval(oldest, shift_days(named.earliest, -1))


def _since(rest: str, today: date) -> Interval:
    return Interval(min(_named_after(rest, today).earliest, today), today)


def _named_after(rest: str, today: date) -> Interval:
    """Read the date behind `before` or `since`, which cannot stand one behind the other."""
    if rest.startswith(("before ", "since ", "after ")):
        msg = "Enter one date, such as 'before 2020'."
        raise AnswerError(msg)
    return parse_date(rest, today)


def _less_than(length: str, today: date) -> Interval:
    """Everything nearer than a length of time, which itself is outside."""
    return Interval(min(shift_days(Window.parse(length).before(today), 1), today), today)


def _between(near: str, far: str, today: date) -> Interval:
    """The days from one length of time ago, included, to another, which is not."""
    latest, limit = (Window.parse(length).before(today) for length in (near, far))
    if limit >= latest:
        msg = "Enter the shorter time first, such as '2 weeks to 3 months ago'."
        raise AnswerError(msg)
    return Interval(shift_days(limit, 1), latest)


def _more_than(length: str, today: date) -> Interval:
    """Everything at least a length of time ago."""
    latest = Window.parse(length).before(today)
    oldest = shift_months(today, -12 * OLDEST_AGE_YEARS)
    if latest <= oldest:
        msg = "Enter a year after {year}."
        raise AnswerError(msg, year=str(oldest.year))
    return Interval(oldest, latest)


_LENGTH = r"[1-9]\d{0,2} (?:day|week|month|year)s?"
BAND_FORMS = (
    rf"less than (?P<far>{_LENGTH}) ago",
    rf"(?P<near>{_LENGTH}) to (?P<far>{_LENGTH}) ago",
    rf"more than (?P<near>{_LENGTH}) ago",
)
"""How bands of time are written: their farther end is outside, their nearer end inside."""

_DAYS = _ISO_DAY, _DAY_FIRST, _MONTH_FIRST = (
    r"(\d{4})-(\d{1,2})-(\d{1,2})",
    r"(\d{1,2}) ([a-z]+)\.? (\d{4})",
    r"([a-z]+)\.? (\d{1,2}) (\d{4})",
)
_UNITS = r"(day|week|month|year)s?"
_FORMS: tuple[tuple[str, Callable[[re.Match[str], date], Interval]], ...] = (
    (r"today|now", lambda _, today: Interval(today, today)),
    (r"yesterday", lambda _, today: _ago(1, Unit.DAYS, today, about=False)),
    (_ISO_DAY, lambda m, _: _day(m[1], m[2], m[3])),
    (_DAY_FIRST, lambda m, _: _day(m[3], m[2], m[1])),
    (_MONTH_FIRST, lambda m, _: _day(m[3], m[1], m[2])),
    (r"(\d{4})-(\d{1,2})", lambda m, _: _month(m[1], m[2])),
    (r"before (.+)", lambda m, today: _before(m[1], today)),
    (r"(?:since|after) (.+)", lambda m, today: _since(m[1], today)),
    (r"([a-z]+)\.? (\d{4})", lambda m, _: _month(m[2], m[1])),
    (r"(\d{4})", lambda m, _: _year(m[1])),
    (
        rf"(about |around )?(\d{{1,3}}|an?|one|two|three) {_UNITS} ago",
        lambda m, today: _ago(_count(m[2]), Unit(m[3] + "s"), today, about=bool(m[1])),
    ),
    (BAND_FORMS[0], lambda m, today: _less_than(m["far"], today)),
    (BAND_FORMS[1], lambda m, today: _between(m["near"], m["far"], today)),
    (BAND_FORMS[2], lambda m, today: _more_than(m["near"], today)),
)


def _count(word: str) -> int:
    return {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3}.get(word) or int(word)
