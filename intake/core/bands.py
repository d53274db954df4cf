"""Ready answers to "about when was that?": bands of time whose ends are the limits of the rules.

A band that ends where a rule's window ends never leaves that rule open, so a patient who knows only
"between 2 and 4 weeks ago" is not sent to review for want of a day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING

from intake.core.dates import BAND_FORMS, Unit, Window

if TYPE_CHECKING:
    from collections.abc import Iterable

STEPS = tuple(Window.parse(text) for text in "2 weeks,4 weeks,3 months,6 months,1 year".split(","))
"""Ends that people think in; they fill the gaps between the limits of the rules."""

MOST_ENDS = 6
"""A ready answer fewer than this many ends is added only if a rule asks for it."""

ALIKE = 1.15
"""Ends closer than this ratio are one; the longer stays, so that beyond it both limits are past."""

APART = 1.5
"""A step this near to a rule's limit is left out."""

_DAYS = {Unit.DAYS: 1.0, Unit.WEEKS: 7.0, Unit.MONTHS: 30.44, Unit.YEARS: 365.25}
_DAYS_A_WEEK, _MONTHS_A_YEAR = 7, 12


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of time before today; its nearer end belongs to it, its farther end does not.

    Attributes:
        nearer: How long ago at least; None for "less than".
        farther: How long ago less than; None for "more than".
    """

    nearer: Window | None
    farther: Window | None

    @property
    def said(self) -> str:
        """Write it as `parse_date` reads it: `2 weeks to 4 weeks ago`."""
        if self.nearer is None:
            return f"less than {self.farther} ago"
        if self.farther is None:
            return f"more than {self.nearer} ago"
        return f"{self.nearer} to {self.farther} ago"

    @classmethod
    def parse(cls, said: str) -> Band | None:
        """Read what `said` writes; None for any other date."""
        less, between, more = (re.fullmatch(pattern, said) for pattern in BAND_FORMS)
        if less:
            return cls(None, Window.parse(less["far"]))
        if between:
            return cls(Window.parse(between["near"]), Window.parse(between["far"]))
        return cls(Window.parse(more["near"]), None) if more else None


def bands(limits: Iterable[Window]) -> tuple[Band, ...]:
    """Return the ready answers for a date that rules measure against *limits*, newest first.

    Between and below the limits stand the usual steps, and one beyond the farthest.
    """
    ends = _apart(sorted({_plain(limit) for limit in limits}, key=_days))
    last = max(map(_days, ends), default=0.0)
    below = [step for step in STEPS if _days(step) < last]
    beyond = [step for step in STEPS if _days(step) > last]
    for step in (*below, *(beyond[:1] if ends else beyond)):
        if len(ends) < MOST_ENDS and not any(_near(step, end) for end in ends):
            ends.append(step)
    ends.sort(key=_days)
    between = (Band(near, far) for near, far in pairwise(ends))
    return (Band(None, ends[0]), *between, Band(ends[-1], None))


def _apart(ends: list[Window]) -> list[Window]:
    """Leave out every end that the next one almost reaches."""
    longer = [*map(_days, ends[1:]), inf]
    return [end for end, days in zip(ends, longer, strict=False) if days >= ALIKE * _days(end)]


def _near(step: Window, end: Window) -> bool:
    low, high = sorted((_days(step), _days(end)))
    return high < APART * low


def _plain(window: Window) -> Window:
    """Write 14 days as 2 weeks and 12 months as 1 year, which are the same days."""
    weeks, days = divmod(window.count, _DAYS_A_WEEK)
    if window.unit is Unit.DAYS and weeks > 1 and not days:
        return Window(weeks, Unit.WEEKS)
    years, months = divmod(window.count, _MONTHS_A_YEAR)
    return Window(years, Unit.YEARS) if window.unit is Unit.MONTHS and not months else window


def _days(window: Window) -> float:
    return window.count * _DAYS[window.unit]
