"""Charts as shapes on a plane: values in, boxes, lines and words out; a template writes the SVG.

A chart is laid out for a width, in units of a CSS pixel, so that its letters have one size on a
narrow screen and on a wide one; a narrow chart has fewer columns and its names above the bars. No
shape depends on colour: each kind has a pattern of its own.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from intake.core.figures import DayFigures

WIDE, NARROW = 860, 340
"""The widths of a chart on a tablet or a desk, and on a telephone."""

_LETTER = 7.2
"""How wide a letter is, on average, with some to spare."""
_LINE = 18
_BAR = 20
_GAP = 14
_SWATCH = 16

PATTERNS: Mapping[str, str] = {
    "stop": "solid",
    "review": "hatch",
    "defer": "lines",
    "caution": "dots",
    "routine": "blank",
    "met": "solid",
    "open": "hatch",
    "not_sure": "solid",
    "withheld": "hatch",
    "not_understood": "dots",
    "untold": "lines",
    "higher": "solid",
    "lower": "dots",
    "same": "blank",
}
"""How each kind is filled; black on white they still differ."""


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle of one kind."""

    x: float
    y: float
    width: float
    height: float
    kind: str

    @property
    def pattern(self) -> str:
        """How it is filled."""
        return PATTERNS[self.kind]


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line: `grid`, `axis` or `reach`, the whisker of an interval."""

    x1: float
    y1: float
    x2: float
    y2: float
    kind: str


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text; it begins, is centred or ends at its place."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    kind: str = "plain"


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything on one plane.

    Attributes:
        legend: The kinds that are drawn, each with its words.
    """

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    words: tuple[Words, ...]
    legend: tuple[tuple[str, str], ...]

    @property
    def patterns(self) -> tuple[tuple[str, str], ...]:
        """Each kind that needs a pattern of its own, with the name of the pattern."""
        kinds = dict.fromkeys(box.kind for box in self.boxes)
        plain = ("solid", "blank")
        return tuple((kind, PATTERNS[kind]) for kind in kinds if PATTERNS[kind] not in plain)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, with shares from 0 to 1.

    Attributes:
        note: The figures in words, as the table has them.
        parts: What the bar is made of, from its beginning: the kind and the share.
        reach: The two ends of an interval around the whole bar, where it is a rate of a sample.
    """

    name: str
    note: str
    parts: tuple[tuple[str, float], ...]
    reach: tuple[float, float] | None = None

    @property
    def end(self) -> float:
        """The farthest share that is drawn."""
        whole = sum(share for _, share in self.parts)
        return max(whole, self.reach[1]) if self.reach else whole


def bar_chart(bars: Sequence[Bar], legend: Mapping[str, str], width: int) -> Chart:
    """Lay out horizontal bars on a scale of per cent, with their intervals as whiskers."""
    is_narrow = width < WIDE
    left = 0 if is_narrow else round(width * 0.44)
    right = 2.5 * _LETTER
    top = _Scale.of(max((bar.end for bar in bars), default=1.0))
    plane = _Plane(width, legend)
    begins = plane.y
    for bar in bars:
        plane.bar(bar, left, width - left - right, top, is_narrow=is_narrow)
    plane.scale(top, left, width - left - right, begins)
    return plane.chart()


@dataclass(frozen=True, slots=True)
class _Scale:
    """An axis from nothing to *end*, with a line at every *step*."""

    end: float
    step: float

    @classmethod
    def of(cls, largest: float) -> _Scale:
        """Return the shortest scale of shares that holds the largest."""
        for end, step in ((0.1, 0.02), (0.2, 0.05), (0.5, 0.1)):
            if largest <= end:
                return cls(end, step)
        return cls(1.0, 0.25)

    @property
    def marks(self) -> list[float]:
        return [self.step * n for n in range(round(self.end / self.step) + 1)]


class _Plane:
    """A chart in the making: what comes next stands below."""

    def __init__(self, width: int, legend: Mapping[str, str]) -> None:
        self.width = width
        self.legend = tuple(legend.items())
        self.boxes: list[Box] = []
        self.lines: list[Line] = []
        self.words: list[Words] = []
        self.y = 2.0
        self._explain()

    def _explain(self) -> None:
        """Say at the top what each pattern stands for."""
        x = 1.0
        for kind, words in self.legend:
            room = _SWATCH + 6 + len(words) * _LETTER + 16
            if x > 1 and x + room - 16 > self.width:
                x, self.y = 1.0, self.y + _LINE + 4
            self.boxes.append(Box(x, self.y, _SWATCH, _SWATCH, kind))
            self.words.append(Words(x + _SWATCH + 6, self.y + 13, words))
            x += room
        self.y += _LINE + _GAP if self.legend else 0

    def bar(self, bar: Bar, left: float, room: float, top: _Scale, *, is_narrow: bool) -> None:
        """Put a bar with its name and its figures beside it, or above it where it is narrow."""
        letters = int((self.width if is_narrow else left - _GAP) / _LETTER)
        names = textwrap.wrap(bar.name, letters, max_lines=3, placeholder=" …") or [""]
        notes = textwrap.wrap(bar.note, letters, max_lines=2, placeholder=" …")
        for n, (text, kind) in enumerate(
            [(t, "plain") for t in names] + [(t, "soft") for t in notes]
        ):
            self.words.append(Words(0, self.y + 14 + n * _LINE, text, kind=kind))
        tall = (len(names) + len(notes)) * _LINE
        y = self.y + tall + 6 if is_narrow else self.y + max(0.0, (tall - _BAR) / 2)
        x = float(left)
        for kind, share in bar.parts:
            wide = room * share / top.end
            if wide > 0:
                self.boxes.append(Box(round(x, 1), y, round(wide, 1), _BAR, kind))
            x += wide
        if bar.reach:
            self._reach(bar.reach, left, room / top.end, y + _BAR / 2)
        self.y = y + _BAR + _GAP if is_narrow else self.y + max(tall, _BAR) + _GAP

    def _reach(self, ends: tuple[float, float], left: float, unit: float, y: float) -> None:
        low, high = (round(left + unit * end, 1) for end in ends)
        self.lines.append(Line(low, y, high, y, "reach"))
        for x in (low, high):
            self.lines.append(Line(x, y - 5, x, y + 5, "reach"))

    def scale(self, top: _Scale, left: float, room: float, begins: float) -> None:
        """Draw the axis below, its marks in per cent, and a line up from each."""
        for mark in top.marks:
            x = round(left + room * mark / top.end, 1)
            self.lines.append(Line(x, begins - 4, x, self.y, "grid" if mark else "axis"))
            anchor = "start" if not mark and not left else "middle"
            self.words.append(Words(x, self.y + 16, f"{mark * 100:.0f} %", anchor, "soft"))
        self.y += _LINE + 4

    def panel(
        self, title: str, columns: Sequence[Column], rows: str, top: int, tall: float
    ) -> None:
        """Draw one row of stacked columns with its title and its scale."""
        left = _LETTER * (len(str(top)) + 1)
        step = (self.width - left) / max(len(columns), 1)
        self.words.append(Words(0, self.y + 14, title, kind="strong"))
        self.y += _LINE + _GAP
        foot = self.y + tall
        for mark in range(0, top + 1, _step(top)):
            y = round(foot - tall * mark / top, 1)
            self.lines.append(Line(left, y, self.width, y, "grid" if mark else "axis"))
            self.words.append(Words(left - 5, y + 5, str(mark), "end", "soft"))
        for n, column in enumerate(columns):
            y = foot
            for kind, number in getattr(column, rows).items():
                high = tall * number / top
                y -= high
                x, wide = left + n * step + step * 0.12, step * 0.76
                self.boxes.append(
                    Box(round(x, 1), round(y, 1), round(wide, 1), round(high, 1), kind)
                )
        self.y = foot

    def days(self, columns: Sequence[Column], top: int) -> None:
        """Name the columns, as many of them as there is room for."""
        left = _LETTER * (len(str(top)) + 1)
        step = (self.width - left) / max(len(columns), 1)
        longest = max((len(column.name) for column in columns), default=1)
        each = max(1, ceil((longest + 2) * _LETTER / step))
        for n, column in enumerate(columns):
            middle = left + (n + 0.5) * step
            if n % each == 0 and middle + longest * _LETTER / 2 <= self.width + 4:
                self.words.append(
                    Words(round(middle, 1), self.y + 16, column.name, "middle", "soft")
                )
        self.y += _LINE + 4

    def chart(self) -> Chart:
        """Close it."""
        shapes = (tuple(self.boxes), tuple(self.lines), tuple(self.words))
        return Chart(self.width, ceil(self.y + 2), *shapes, self.legend)


def _step(largest: int) -> int:
    """Return the whole step (1, 2, 5, 10, 20 ...) by which at most five lead to the largest."""
    unit = 1
    while True:
        for step in (unit, 2 * unit, 5 * unit):
            if 5 * step >= largest:
                return step
        unit *= 10


def _top(largest: int) -> int:
    """Return the end of a scale of whole numbers: the first step that is not below the largest."""
    step = _step(largest)
    return max(1, ceil(largest / step)) * step


@dataclass(frozen=True, slots=True)
class Column:
    """One column: a day, a week, a month or a year, with its numbers by kind."""

    name: str
    sent: Mapping[str, int]
    decided: Mapping[str, int]


STEPS = ("day", "week", "month", "year")


def begin_of(day: date, step: str) -> date:
    """Return the first day of the day's week (a Monday), month or year; of a day, itself."""
    if step == "week":
        return day - timedelta(days=day.weekday())
    if step == "month":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if step == "year" else day


def step_for(days: Sequence[DayFigures], most: int) -> str:
    """Return the shortest step that makes at most so many columns; a year if none does."""
    return next(
        (s for s in STEPS if len({begin_of(one.day, s) for one in days}) <= most), STEPS[-1]
    )


def _name(day: date, step: str) -> str:
    """Name a column by its first day, as far as the step makes it matter."""
    if step == "year":
        return f"{day:%Y}"
    return f"{day:%b %Y}" if step == "month" else f"{day.day} {day:%b}"


def columns_of(days: Iterable[DayFigures], step: str) -> list[Column]:
    """Put days together into columns, in their order."""
    columns: dict[date, tuple[dict[str, int], dict[str, int]]] = {}
    for one in days:
        sums = columns.setdefault(begin_of(one.day, step), ({}, {}))
        for found, into in zip((one.sent, one.decided), sums, strict=True):
            for triage, number in found.items():
                into[triage.value] = into.get(triage.value, 0) + number
    return [Column(_name(day, step), *sums) for day, sums in columns.items()]


def load_chart(
    days: Sequence[DayFigures], titles: tuple[str, str], legend: Mapping[str, str], width: int
) -> Chart:
    """Lay out the load: columns of what was sent, and below them of what was decided."""
    columns = columns_of(days, step_for(days, width // 9 if width >= WIDE else width // 24))
    ordered = [_in_order(column, legend) for column in columns]
    highest = (sum(rows.values()) for c in ordered for rows in (c.sent, c.decided))
    top = _top(max(highest, default=1))
    plane = _Plane(width, legend)
    for rows, title in zip(("sent", "decided"), titles, strict=True):
        plane.panel(title, ordered, rows, top, 120)
        plane.days(ordered, top)
        plane.y += _GAP
    return plane.chart()


def _in_order(column: Column, legend: Mapping[str, str]) -> Column:
    """Stack the kinds as the legend names them: the first stands at the foot."""
    stacks = ({k: rows[k] for k in legend if rows.get(k)} for rows in (column.sent, column.decided))
    return Column(column.name, *stacks)
