"""Spots on the body map: what the patient says one is, and where on the picture it was put.

A spot only adds to a tick: its region counts as ticked, and no rule looks at anything else of it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from intake.core.errors import AnswerError
from intake.core.questionnaire import NONE_CODE, UNDECIDED_CODE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from intake.core.answers import Raw
    from intake.core.questionnaire import Item

MAX_SPOTS = 30
"""Most spots one answer may hold."""

MAX_SPOT_TEXT = 200
"""Longest words about one spot, in characters."""

MAX_PICTURE = 999
_DIGITS = 4


class View(StrEnum):
    """The sides from which the picture shows a person, in the order of its tabs."""

    FACE = "face"
    FRONT = "front"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the picture.

    Attributes:
        x: From the left edge of the picture, as a fraction of its width.
        y: From its upper edge, as a fraction of its height.
        picture: The version of the picture; a newer one may be drawn differently.
    """

    view: View
    x: float
    y: float
    picture: int


@dataclass(frozen=True, slots=True)
class Spot:
    """One spot that worries the patient.

    Attributes:
        region: The code of the region it lies in; left and right are the patient's own.
        what: What the patient says it is, on one line; may be blank.
        place: Where it was put on the picture; None when only words were given.
    """

    region: str
    what: str = ""
    place: Place | None = None

    def kept(self) -> dict[str, Raw]:
        """Return the form in which it is stored."""
        said: dict[str, Raw] = {"region": self.region}
        if self.what:
            said["what"] = self.what
        return {**said, **(asdict(self.place) if self.place else {})}


def numbered(spots: Iterable[Spot]) -> Iterator[tuple[int, Spot]]:
    """Count the spots that have a place on the picture from 1; the others get 0."""
    count = 0
    for spot in spots:
        count += spot.place is not None
        yield (count if spot.place else 0), spot


def read_spots(item: Item, rows: Iterable[Mapping[str, Raw]]) -> tuple[Spot, ...]:
    """Read the spots of an answer.

    Raises:
        AnswerError: one cannot be read, or there are more than `MAX_SPOTS`.
    """
    spots = tuple(_read_spot(item, row) for row in rows)
    if len(spots) > MAX_SPOTS:
        msg = "Mark at most {count} spots; tell your practitioner about the others."
        raise AnswerError(msg, count=str(MAX_SPOTS))
    return spots


def _read_spot(item: Item, row: Mapping[str, Raw]) -> Spot:
    region = row.get("region")
    if not isinstance(region, str) or region not in _regions(item):
        msg = "Choose where the spot is from the places offered."
        raise AnswerError(msg)
    if strange := sorted(set(row) - {"region", "what", "view", "x", "y", "picture"}):
        msg = "A spot has a region, what, view, x, y and picture, but not {key}."
        raise AnswerError(msg, key=strange[0])
    return Spot(region, _words(row.get("what")), _place(row))


def _regions(item: Item) -> set[str]:
    return set(item.codes) - {NONE_CODE, UNDECIDED_CODE}


def _words(raw: Raw) -> str:
    """Bring words to one line: NFC, single spaces, no control characters or lone surrogates."""
    if not isinstance(raw, str | None):
        msg = "Say in words what the spot is."
        raise AnswerError(msg)
    shown = (" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in raw or "")
    words = " ".join("".join(shown).split())
    if len(words) <= MAX_SPOT_TEXT:  # ordering marks takes as long as their number squared
        words = " ".join(unicodedata.normalize("NFC", words).split())
    if len(words) > MAX_SPOT_TEXT:
        msg = "Use at most {count} letters to say what a spot is."
        raise AnswerError(msg, count=str(MAX_SPOT_TEXT))
    return words


def _place(row: Mapping[str, Raw]) -> Place | None:
    """Read where a spot was put: all of it, or nothing."""
    if not {"view", "x", "y", "picture"} & set(row):
        return None
    view, x, y = row.get("view"), _fraction(row.get("x")), _fraction(row.get("y"))
    picture = _version(row.get("picture"))
    if view not in tuple(View) or x is None or y is None or picture is None:
        msg = "Mark the spot on the picture again: its place cannot be read."
        raise AnswerError(msg)
    return Place(View(str(view)), x, y, picture)


def _version(raw: Raw) -> int | None:
    if isinstance(raw, bool) or not isinstance(raw, int):
        return None
    return raw if 1 <= raw <= MAX_PICTURE else None


def _fraction(raw: Raw) -> float | None:
    """Read a part of a width or height, from 0 to 1; None when it is anything else."""
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None
    return round(float(raw), _DIGITS) + 0.0 if 0 <= raw <= 1 else None
