"""The picture of the body map: a person from three sides, with a shape for each region.

It is never mirrored, in no language: the person faces us, and left and right are the patient's own.
Who changes a shape so that an older pin would lie elsewhere gives the picture a new version.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from intake.core import body_shapes
from intake.core.spots import View

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from intake.core.body_shapes import Drawing

PICTURE = 1
"""The version of the picture, kept with every pin."""

Point = tuple[float, float]
Step = tuple[str, tuple[Point, ...]]
"""A letter of a way with its points."""


@dataclass(frozen=True, slots=True)
class Region:
    """Where one region lies in one view.

    Attributes:
        way: Its outline; of a region on both sides, two closed ones.
        marks: Where the mark of a ticked region stands.
    """

    way: str
    marks: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One view; the pen's lines are those of the left half, which the picture shows turned as well.

    Attributes:
        once: Fine lines that are not shown turned.
        face: Where a touch leads to the view of the face; blank for nowhere.
        regions: By code; those that come later lie on top.
    """

    view: View
    width: int
    height: int
    body: str
    hair: str
    lines: str
    fine: str
    once: str
    seams: str
    solid: str
    face: str
    regions: Mapping[str, Region]

    @property
    def faces_us(self) -> bool:
        """Whether the patient's right is on the left of the picture."""
        return self.view is not View.BACK


@cache
def sides() -> tuple[Side, ...]:
    """Return the views in the order of their tabs."""
    drawn = {
        View.FACE: body_shapes.FACE,
        View.FRONT: body_shapes.FRONT,
        View.BACK: body_shapes.BACK,
    }
    return tuple(_side(view, drawing) for view, drawing in drawn.items())


def sides_of(codes: Iterable[str]) -> tuple[Side, ...]:
    """Return the views that show at least one of these regions."""
    asked = set(codes)
    return tuple(side for side in sides() if asked & set(side.regions))


def _side(view: View, half: Drawing) -> Side:
    width = half.width
    return Side(
        view,
        width,
        half.height,
        body=_whole(half.body, width),
        hair=_whole(half.hair, width),
        lines="".join(half.lines),
        fine="".join(half.fine),
        once=half.once,
        seams="".join(half.seams),
        solid="".join(half.solid),
        face=_whole(half.face, width) if half.face else "",
        regions=dict(_regions(half)),
    )


def _regions(half: Drawing) -> Iterable[tuple[str, Region]]:
    width = half.width
    for code, way in half.across.items():
        x, y = half.marks.get(code, (width / 2, _centre(way)[1]))
        yield code, Region(_whole(way, width), ((x, y),))
    for (here, there), way in half.paired.items():
        x, y = _centre(way)
        yield here, Region(f"{way}Z", ((x, y),))
        yield there, Region(f"{_mirrored(way, width)}Z", ((width - x, y),))
    for code, way in half.twice.items():
        x, y = _centre(way)
        yield code, Region(f"{way}Z{_mirrored(way, width)}Z", ((x, y), (width - x, y)))


def _centre(way: str) -> Point:
    """Return the middle of the box around the points a way passes."""
    xs, ys = zip(*(ends[-1] for _, ends in _steps(way)), strict=True)
    return round((min(xs) + max(xs)) / 2), round((min(ys) + max(ys)) / 2)


def _mirrored(way: str, width: int) -> str:
    return _written((letter, _turned(ends, width)) for letter, ends in _steps(way))


def _whole(way: str, width: int) -> str:
    """Close a way from the middle line to the middle line with its mirror, which runs back."""
    steps = _steps(way)
    back = _turned(tuple(point for _, ends in steps for point in ends), width)[::-1]
    closing: list[Step] = []
    at = 1
    for letter, ends in reversed(steps[1:]):
        closing.append((letter, back[at : at + len(ends)]))
        at += len(ends)
    return f"{way}{_written(closing)}Z"


def _turned(points: tuple[Point, ...], width: int) -> tuple[Point, ...]:
    return tuple((width - x, y) for x, y in points)


def _steps(way: str) -> list[Step]:
    return [(letter, _points(numbers)) for letter, numbers in re.findall(r"([MLC])([^MLCZ]*)", way)]


def _points(numbers: str) -> tuple[Point, ...]:
    flat = [float(number) for number in numbers.split()]
    return tuple(zip(flat[::2], flat[1::2], strict=True))


def _written(steps: Iterable[Step]) -> str:
    return "".join(
        letter + " ".join(f"{round(x, 1):g} {round(y, 1):g}" for x, y in points)
        for letter, points in steps
    )
