"""The tablet's field for the body map: ticked regions, and what is said of spots in them.

With a script every spot is a numbered row of its own; without one there is a box for words under
each region. A row carries the region, the words, and where on the picture the spot is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from wtforms.utils import unset_value

from intake.core.body_picture import PICTURE, Side, sides_of
from intake.core.questionnaire import NONE_CODE
from intake.core.spots import MAX_SPOTS, numbered
from intake.web.languages import gettext
from intake.web.tablet_fields import CheckQuestion, Fault, are_several, fault_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from intake.core.answers import Picked, Raw
    from intake.core.questionnaire import AnswerOption

ROW_PARTS = ("region", "what", "place")
"""What is sent of each row."""

PLACE_PARTS = 4
"""The view, two fractions and the version of the picture, with spaces between them."""


class SpotRow(NamedTuple):
    """One spot as it stands in the boxes of a page.

    Attributes:
        is_bare: It came without the boxes in which our pages ask what and where it is.
    """

    region: str
    what: str
    place: str
    is_bare: bool = False

    @property
    def says_something(self) -> bool:
        """Whether it is more than a row whose boxes were emptied."""
        return self.is_bare or len(self.raw()) > 1

    def raw(self) -> dict[str, Raw]:
        """Return the spot as an answer holds it; what is no place is for the core to refuse."""
        said: dict[str, Raw] = {"region": self.region}
        if self.what.strip():
            said["what"] = self.what
        parts = self.place.split()
        if not parts:
            return said
        if len(parts) != PLACE_PARTS:
            return {**said, "view": self.place}
        view, x, y, picture = parts
        return {**said, "view": view, "x": _float(x), "y": _float(y), "picture": _int(picture)}


class BodyMapQuestion(CheckQuestion):
    """Regions of the body, with spots in them."""

    control = "body_map_question"
    picture, most = PICTURE, MAX_SPOTS
    rows: list[SpotRow]
    is_unclear: bool = False

    def process(
        self,
        formdata: Any,  # noqa: ANN401 - as WTForms has it
        data: Any = unset_value,  # noqa: ANN401 - as WTForms has it
        extra_filters: Any = None,  # noqa: ANN401 - as WTForms has it
    ) -> None:
        """Part the stored answer into ticks and spots, then take what was sent."""
        kept = data if isinstance(data, list) else []
        spots = [row for row in kept if isinstance(row, dict)]
        ticks = [row for row in kept if not isinstance(row, dict)] if kept else data
        super().process(formdata, ticks, extra_filters)
        stored = [_row(spot) for spot in spots]
        self.is_unclear = False
        self.rows = stored if formdata is None else list(self._sent(formdata))

    def _sent(self, formdata: Any) -> Iterator[SpotRow]:  # noqa: ANN401 - as WTForms has it
        """Yield every row of which anything was sent, whatever rows there are before it."""

        def box(name: str) -> str:
            values = formdata.getlist(f"{self.name}-{name}")
            self.is_unclear |= are_several(values)
            return str(values[0]) if values else ""

        name = re.compile(f"{re.escape(self.name)}-spots-([^-]+)-({'|'.join(ROW_PARTS)})")
        sent: dict[str, set[str]] = {}
        for found in filter(None, map(name.fullmatch, formdata)):
            sent.setdefault(found[1], set()).add(found[2])
        for number in sorted(sent, key=lambda one: (len(one), one)):
            region, what, place = (box(f"spots-{number}-{part}") for part in ROW_PARTS)
            is_bare = bool(region) and sent[number] == {"region"}
            yield SpotRow(region, what, place, is_bare)
        for code in self.item.codes:
            if what := box(f"what-{code}"):
                yield SpotRow(code, what, "")

    @property
    def groups(self) -> dict[str, list[tuple[str, str]]]:
        """The regions by the treatment area they belong to; under "" those of no area."""
        grouped: dict[str, list[tuple[str, str]]] = {}
        for option in self.item.options:
            if option.code != NONE_CODE:
                grouped.setdefault(option.area or "", []).append((option.code, option.text))
        return grouped

    @property
    def regions(self) -> dict[str, str]:
        """The treatment area of each region; blank for none."""
        return {o.code: o.area or "" for o in self.item.options if o.code != NONE_CODE}

    @property
    def sides(self) -> tuple[Side, ...]:
        """The views of the picture that show something this question offers."""
        return sides_of(self.regions)

    def rows_in(self, region: str) -> list[tuple[int, SpotRow]]:
        """Return the rows of one region, each with its place among all."""
        return [(at, row) for at, row in enumerate(self.rows) if row.region == region]

    def raw(self) -> Raw:
        told = [spot for row in self.rows if len(spot := row.raw()) > 1]
        return [*(self.data or []), *told] or None

    def faults(self, today: date) -> list[Fault]:
        """Find words about a region that is not ticked; neither is taken for the other."""
        if found := super().faults(today):
            return found
        ticked, names = set(self.data or []), dict(self.item_texts)
        left = [row.region for row in self.rows if row.says_something and row.region not in ticked]
        if not names.keys() >= set(left):
            words = gettext("Choose where the spot is from the places offered.")
            return [fault_of(self, words)]
        return [
            Fault(self.item.link_id, f"{self.id}-{region}", _tick_too(names[region]))
            for region in dict.fromkeys(left)
        ]

    @property
    def item_texts(self) -> list[tuple[str, str]]:
        """The regions as they read."""
        return [pair for pairs in self.groups.values() for pair in pairs]


def lines_of(region: AnswerOption, given: Picked) -> list[str]:
    """Say what was ticked or marked in a region, one spot a line."""
    here = [pair for pair in numbered(given.spots) if pair[1].region == region.code]
    return [_line(region.text, number, spot.what) for number, spot in here] or [region.text]


def _line(place: str, number: int, what: str) -> str:
    if number:
        place = gettext("%(place)s (spot %(number)s)", place=place, number=number)
    return f"{place}: {what}" if what else place


def _tick_too(place: str) -> str:
    return gettext("Tick “%(place)s” as well, or empty the box under it.", place=place)


def _row(spot: dict[str, Raw]) -> SpotRow:
    """Return the row of a stored spot."""
    place = [str(spot[part]) for part in ("view", "x", "y", "picture") if part in spot]
    return SpotRow(str(spot.get("region", "")), str(spot.get("what", "")), " ".join(place))


def _float(text: str) -> Raw:
    try:
        return float(text)
    except ValueError:
        return text


def _int(text: str) -> Raw:
    return int(text) if text.isascii() and text.isdigit() and len(text) < PLACE_PARTS else text
