"""Stored answers of many forms to typed ones; of most patients they are the same few options."""

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from intake.core.answers import Missing, read_stored
from intake.core.questionnaire import PLAN_PREFIX, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from intake.core.answers import Answer, Raw
    from intake.core.questionnaire import Item

MOST_KEPT = 20_000
"""How many answers are kept; then those are forgotten that were not met for longest."""

_OF_OPTIONS = frozenset({Kind.YES_NO, Kind.CHOICE, Kind.CHOICES})
"""Their answers are read alike on every day, and are the pack's words, not the patient's."""

_OF_PLANS = _OF_OPTIONS | {Kind.NUMBER}


class StoredReader:
    """Reads what was stored as `read_stored` does: each option, and each plan, once.

    Args:
        items: Every question of a pack, and every field of its treatment plan.
    """

    def __init__(self, items: Mapping[str, Item]) -> None:
        self._items = items
        self._of_options = {k for k, item in items.items() if item.kind in _OF_OPTIONS}
        self._option = lru_cache(MOST_KEPT)(self._read_option)
        self._plan = lru_cache(MOST_KEPT)(self._read_plan)

    def read(self, plan: str, answers: Iterable[tuple[str, str]], today: date) -> dict[str, Answer]:
        """Type the plan and the answers of a form; questions the pack does not know are left out.

        Args:
            plan: JSON, values by the name of a field.
            answers: The link id of each answer, and its value as JSON.
            today: The day they are read for.
        """
        planned, left = self._plan(plan)
        typed = dict(planned)
        for link_id, value in left:
            typed[link_id] = read_stored(self._items[link_id], value, today)
        for link_id, text in answers:
            if link_id in self._of_options:
                typed[link_id] = self._option(link_id, text)
            elif item := self._items.get(link_id):
                typed[link_id] = read_stored(item, json.loads(text), today)
        return typed

    def _read_plan(self, text: str) -> tuple[dict[str, Answer], list[tuple[str, Raw]]]:
        """Read what is alike on every day, and leave the rest as it is."""
        typed: dict[str, Answer] = {}
        left = []
        for name, value in json.loads(text).items():
            link_id = PLAN_PREFIX + name
            item = self._items.get(link_id)
            if item and item.kind in _OF_PLANS:
                typed[link_id] = read_stored(item, value, date.min)
            elif item:
                typed[link_id] = Missing.NOT_ANSWERED  # keeps its place
                left.append((link_id, value))
        return typed, left

    def _read_option(self, link_id: str, text: str) -> Answer:
        return read_stored(self._items[link_id], json.loads(text), date.min)
