"""The picture of a patient's course: where each visit, session and reaction lies in time.

Pure layout in the units of an SVG; the template draws it. The lists under it say the same in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from intake.core.dates import shift_months
from intake.core.treatment import standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from intake.actions.course import Course
    from intake.core.rules import Triage
    from intake.core.treatment import Reaction

WIDTH = 960
LEFT, RIGHT = 96, 900
"""Where the first and the last day lie."""

NEAR = 72
"""Labels closer than this would run into each other."""

SHORTEST = timedelta(days=28)
"""The picture spans at least this."""

TICKS = 8
"""Months that are named at most."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A visit or a session.

    Attributes:
        label: The day, where there is room for it.
        says: What it is, in words.
    """

    x: float
    day: date
    label: bool
    says: str
    triage: Triage | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of days: the wait after a session, or a reaction.

    Attributes:
        is_open: It has no end that is known.
    """

    x: float
    width: float
    says: str
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole picture; the lanes are drawn one under the other.

    Attributes:
        ticks: The first days of months, with where they lie.
        today: Where today lies.
    """

    visits: tuple[Mark, ...]
    sessions: tuple[Mark, ...]
    waits: tuple[Bar, ...]
    reactions: tuple[Bar, ...]
    ticks: tuple[tuple[float, date], ...]
    today: float
    width: int = WIDTH


def picture_of(course: Course, day_of: Callable[[datetime], date], today: date) -> Picture | None:
    """Lay out a course; None while there is nothing but one visit to show.

    Args:
        course: What happened.
        day_of: Tells the clinic's local date of an instant.
        today: The clinic's local date.
    """
    if len(course.visits) + len(course.sessions) <= 1:
        return None
    visits = [(day_of(v.response.submitted_at or v.response.begun_at), v) for v in course.visits]
    days = [day for day, _ in visits] + [s.on for s in course.sessions]
    ends = [today, *days, *(s.next_from for s in course.sessions if s.next_from)]
    scale = _Scale(min(days), max(*ends, min(days) + SHORTEST))
    return Picture(
        visits=tuple(
            _marks(
                scale,
                [
                    (day, "form", v.screening.screening.triage if v.screening else None)
                    for day, v in visits
                ],
            )
        ),
        sessions=tuple(
            _marks(scale, [(s.on, f"{s.done.depth_mm} mm", None) for s in course.sessions])
        ),
        waits=tuple(
            Bar(scale.x(s.on), scale.x(s.next_from) - scale.x(s.on), f"not before {s.next_from}")
            for s in course.sessions
            if s.next_from
        ),
        reactions=tuple(_bars(scale, course.reactions, today)),
        ticks=tuple(scale.ticks()),
        today=scale.x(today),
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    first: date
    last: date

    def x(self, day: date) -> float:
        """Return where a day lies, to a tenth."""
        share = (day - self.first).days / (self.last - self.first).days
        return round(LEFT + max(0.0, min(1.0, share)) * (RIGHT - LEFT), 1)

    def ticks(self) -> Iterator[tuple[float, date]]:
        """Yield first days of months, evenly, at most eight."""
        months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month
        step = max(1, -(-months // TICKS))
        day = shift_months(self.first.replace(day=1), step if self.first.day > 1 else 0)
        while day <= self.last:
            yield self.x(day), day
            day = shift_months(day, step)


def _marks(scale: _Scale, events: Iterable[tuple[date, str, Triage | None]]) -> Iterator[Mark]:
    last = -float(NEAR)
    for day, says, triage in sorted(events, key=lambda event: event[0]):
        x = scale.x(day)
        has_room = x - last >= NEAR
        last = x if has_room else last
        yield Mark(x, day, has_room, says, triage)


def _bars(scale: _Scale, notes: Iterable[Reaction], today: date) -> Iterator[Bar]:
    every = {note.id: note for note in notes}
    for note in standing(every.values()):
        first = note
        while (before := every.get(first.noticed.follows or "")) is not None:
            first = before
        begun = first.noticed.on or today
        is_open = not note.noticed.settled
        ended = today if is_open else note.noticed.on or today
        x = scale.x(begun)
        yield Bar(x, max(scale.x(ended) - x, 6.0), note.noticed.kind, is_open)
