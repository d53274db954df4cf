"""How long an answer stays good for a patient who comes again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.core.dates import Unit, Window
from intake.core.questionnaire import Freshness

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from intake.core.questionnaire import Item

SHELF_LIFE: Mapping[Freshness, Window | None] = {
    Freshness.EACH_VISIT: Window(1, Unit.DAYS),
    Freshness.MONTH: Window(30, Unit.DAYS),
    Freshness.YEAR: Window(1, Unit.YEARS),
    Freshness.ONCE: None,
}
"""How long an answer counts after the day on which it was given; None for ever."""


def has_lapsed(item: Item, given: date | None, today: date) -> bool:
    """Tell whether an answer is too old to count; so is one of which no past day is known."""
    life = SHELF_LIFE[item.freshness]
    if life is None:
        return False
    return given is None or given > today or life.over_from(given) <= today


def lapsed(items: Iterable[Item], given: Mapping[str, date], today: date) -> frozenset[str]:
    """Return the questions whose answers are too old to count.

    Args:
        items: Questions that have an answer.
        given: The day on which each answer was given, or last confirmed.
        today: The clinic's local date.
    """
    return frozenset(i.link_id for i in items if has_lapsed(i, given.get(i.link_id), today))
