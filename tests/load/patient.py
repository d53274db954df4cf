"""A patient who answers as one of the pack's vignettes does, and by chance where it is silent."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

from intake.core.conditions import BIRTH_DATE
from intake.core.questionnaire import Item, Kind
from tests.web.filling import boxes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.core.answers import Raw
    from intake.core.rules import RulePack
    from tests.load.browser import Answer, Fields

_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_PLAIN: Mapping[Kind, Raw] = {
    Kind.YES_NO: "yes",
    Kind.NUMBER: "60",
    Kind.DATE: "about 2 years ago",
    Kind.MEDICINES: "none",
    Kind.TEXT: "As I said.",
}
"""What somebody says who has to say something."""


class Patient:
    """One person with a form in hand; the seed tells everything about them.

    Attributes:
        answered: What was said last to each question; the date of birth before the first page.
    """

    def __init__(self, pack: RulePack, seed: str) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - the same patients every time
        told = [v for v in pack.vignettes if _DAY.fullmatch(str(v.answers.get(BIRTH_DATE)))]
        self._items, self._said = pack.items, self._chance.choice(told).answers
        self.name = f"Load {seed}"
        self._rows: dict[str, int] = {}
        self.answered: dict[str, Raw] = {BIRTH_DATE: self._said[BIRTH_DATE]}

    @property
    def birth(self) -> Fields:
        year, month, day = str(self._said[BIRTH_DATE]).split("-")
        return {"birth-year": [year], "birth-month": [month], "birth-day": [day]}

    def fill(self, page: Answer) -> Fields:
        """Return what is sent of a page of questions, with the button that is pressed.

        What was refused is answered with "Not sure", or as plainly as can be.
        """
        sent = page.hidden("csrf_token", "state", "shown")
        press = "continue"
        for item in self._asked_on(page):
            raw = self._plain(item) if page.status == 422 else self._raw(item)
            self.answered[item.link_id] = raw
            if item.kind is Kind.MEDICINES:
                own, press = self._medicines(item, raw, page)
            else:
                own = boxes(item, raw)
            sent |= own
        return {**sent, "do": [press]}

    def _asked_on(self, page: Answer) -> list[Item]:
        names = dict.fromkeys(name.partition("-")[0] for name in sorted(page.names))
        return [self._items[name] for name in names if name in self._items]

    def _raw(self, item: Item) -> Raw:
        if item.link_id in self._said:
            return self._said[item.link_id]
        is_open = item.offers_unknown and self._chance.random() < 0.5
        return "not_sure" if is_open else self._plain(item, by_chance=True)

    def _plain(self, item: Item, *, by_chance: bool = False) -> Raw:
        if item.offers_unknown and not by_chance:
            return "not_sure"
        if item.kind is Kind.YES_NO and by_chance:
            return self._chance.choice(["yes", "no"])
        if item.codes:
            code = self._chance.choice(item.codes)
            return code if item.kind is Kind.CHOICE else [code]
        return _PLAIN[item.kind]

    def _medicines(self, item: Item, raw: Raw, page: Answer) -> tuple[Fields, str]:
        """Fill in the row that is on the screen, or ask for the next, or leave the list."""
        said = raw if isinstance(raw, list) else [raw]
        rows = [row for row in said if row not in ("none", "not_sure", "withheld")]
        words = {f"{item.link_id}-more": [str(word) for word in said if word not in rows]}
        number = self._rows.get(item.link_id, 0)
        shown = f"{item.link_id}-entries-"
        if not any(name.startswith(shown) for name in page.names):
            return (words, "continue") if number >= len(rows) else ({}, "add")
        if number >= len(rows):
            return words, "keep"
        self._rows[item.link_id] = number + 1
        own = boxes(item, [rows[number]])
        at = re.findall(rf"{shown}(\d+)-name", " ".join(page.names))[0]
        return {k.replace(f"{shown}0-", f"{shown}{at}-"): v for k, v in own.items()}, "keep"
