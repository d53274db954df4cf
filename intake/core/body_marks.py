"""The body map as the case page shows it: the patient's picture, read by a practitioner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.core.answers import Picked
from intake.core.body_picture import PICTURE, sides_of
from intake.core.questionnaire import NONE_CODE, PLAN_PREFIX, Kind
from intake.core.spots import numbered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from intake.core import conditions
    from intake.core.body_picture import Point, Side
    from intake.core.questionnaire import Item
    from intake.core.rules import RulePack
    from intake.core.spots import Spot

AREA = f"{PLAN_PREFIX}area"


@dataclass(frozen=True, slots=True)
class Pin:
    """A numbered spot on one view."""

    number: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Shown:
    """One view with what is marked on it.

    Attributes:
        marks: Where ticked regions without a pin are marked.
    """

    side: Side
    pins: tuple[Pin, ...]
    marks: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One spot, or one ticked region of which nothing was said, in words.

    Attributes:
        number: That of its pin; 0 for none.
        is_lost: It was put on a picture that is not drawn any more.
    """

    number: int
    region: str
    what: str
    in_area: bool
    is_lost: bool = False


@dataclass(frozen=True, slots=True)
class BodyMap:
    """What a patient marked on the body map.

    Attributes:
        regions: The treatment area of each region the question offers.
        planned: The areas to be treated.
        is_private: The question was asked in private.
    """

    link_id: str
    ask: str
    is_private: bool
    regions: dict[str, str]
    planned: frozenset[str]
    ticked: frozenset[str]
    shown: tuple[Shown, ...]
    entries: tuple[Entry, ...]
    unsure: bool


def body_maps(pack: RulePack, judged: conditions.Case) -> Iterator[BodyMap]:
    """Yield the body maps on which something is marked."""
    planned = _codes(judged.answer(AREA)) if AREA in pack.items else frozenset()
    for page in pack.questionnaire.pages:
        for item in page.items:
            answer = judged.answer(item.link_id)
            if item.kind is Kind.BODY_MAP and isinstance(answer, Picked) and _codes(answer):
                yield _map(item, answer, planned, is_private=page.private or item.private)


def _codes(answer: object) -> frozenset[str]:
    return answer.codes - {NONE_CODE} if isinstance(answer, Picked) else frozenset()


def _map(item: Item, answer: Picked, planned: frozenset[str], *, is_private: bool) -> BodyMap:
    regions = {o.code: o.area or "" for o in item.options if o.code != NONE_CODE}
    ticked, spots = _codes(answer), tuple(numbered(answer.spots))
    return BodyMap(
        item.link_id,
        item.ask,
        is_private,
        regions,
        planned,
        ticked,
        tuple(_shown(regions, planned, ticked, spots)),
        tuple(_entries(item, planned, ticked, spots)),
        answer.unsure,
    )


def _shown(
    regions: dict[str, str],
    planned: frozenset[str],
    ticked: frozenset[str],
    spots: tuple[tuple[int, Spot], ...],
) -> Iterator[Shown]:
    """Yield the views with a pin, a mark, or a part of the treatment area not yet shown.

    A ticked region without a pin is marked in the first view that shows it.
    """
    areas = planned
    bare = ticked - {spot.region for _, spot in spots if _is_drawn(spot)}
    for side in sides_of(regions):
        pins = tuple(_pins(side, spots))
        here = sorted(bare & set(side.regions))
        bare -= set(here)
        marks = tuple(mark for code in here for mark in side.regions[code].marks)
        new_areas = areas & {regions.get(code) for code in side.regions}
        areas -= new_areas
        if pins or marks or new_areas:
            yield Shown(side, pins, marks)


def _pins(side: Side, spots: Iterable[tuple[int, Spot]]) -> Iterator[Pin]:
    for number, spot in spots:
        if spot.place and _is_drawn(spot) and spot.place.view is side.view:
            x, y = spot.place.x * side.width, spot.place.y * side.height
            yield Pin(number, round(x, 1), round(y, 1))


def _is_drawn(spot: Spot) -> bool:
    return spot.place is not None and spot.place.picture == PICTURE


def _entries(
    item: Item,
    planned: frozenset[str],
    ticked: frozenset[str],
    spots: tuple[tuple[int, Spot], ...],
) -> Iterator[Entry]:
    areas = {o.code: o.area for o in item.options}
    for number, spot in spots:
        is_lost = spot.place is not None and not _is_drawn(spot)
        is_in = areas.get(spot.region) in planned
        yield Entry(number, item.text_of(spot.region), spot.what, is_in, is_lost)
    said = {spot.region for _, spot in spots}
    for option in item.options:
        if option.code in ticked - said:
            yield Entry(0, option.text, "", option.area in planned)
