"""Sets of answers drawn by lot, as raw as a form gives them; the same for the same chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.core.questionnaire import NONE_CODE, PLAN_PREFIX, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from intake.core.answers import Raw
    from intake.core.questionnaire import Item
    from intake.core.rules import RulePack

NOT_SAID = 0.25
NOT_KNOWN = 0.15


def some_answers(pack: RulePack, chance: Random) -> tuple[dict[str, Raw], dict[str, Raw]]:
    """Answer some of the questions, each with what it takes; a quarter of them not at all."""
    said = {name: some_answer(item, chance) for name, item in pack.items.items()}
    return parted({name: raw for name, raw in said.items() if raw is not None})


def parted(given: Mapping[str, Raw]) -> tuple[dict[str, Raw], dict[str, Raw]]:
    """Divide values by link id into answers and plan."""
    plan = {
        name.removeprefix(PLAN_PREFIX): raw
        for name, raw in given.items()
        if name.startswith(PLAN_PREFIX)
    }
    return {k: v for k, v in given.items() if not k.startswith(PLAN_PREFIX)}, plan


def some_answer(item: Item, chance: Random) -> Raw | None:
    """Answer a question, or not."""
    roll = chance.random()
    if roll < NOT_SAID:
        return None
    if roll < NOT_SAID + NOT_KNOWN and item.offers_unknown:
        return chance.choice(["not_sure", "withheld"])
    codes = [code for code in item.codes if code != NONE_CODE]
    match item.kind:
        case Kind.YES_NO:
            return chance.choice(["yes", "no"])
        case Kind.CHOICE:
            return chance.choice(item.codes)
        case Kind.CHOICES | Kind.BODY_MAP:
            ticked = chance.sample(codes, chance.randint(0, min(3, len(codes))))
            return ticked or ([NONE_CODE] if NONE_CODE in item.codes else codes[:1])
        case Kind.NUMBER:
            return str(item.minimum or 1)
        case Kind.DATE:
            return chance.choice([*[word.value for word in item.words], "2025", "2026-01-05"])
        case Kind.MEDICINES:
            return chance.choice([[NONE_CODE], [{"name": "aspirin"}, {"name": "warfarin"}]])
        case _:
            return "Some words"
