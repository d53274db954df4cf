"""The questionnaire as a form on paper: numbered questions, and in words when each is asked.

A tablet hides a question; paper cannot, so a question says when to answer it. Where a condition
cannot be said in a line it is left away: then the question is asked of everybody, never of fewer.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count, groupby
from typing import TYPE_CHECKING

from babel.lists import format_list

from intake.core.conditions import All, AnyOf, Named
from intake.core.questionnaire import Kind
from intake.core.sentences import Includes, Is, Quantifier
from intake.web.languages import gettext, locale_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from intake.core.conditions import Condition
    from intake.core.questionnaire import Item, Page
    from intake.core.rules import RulePack

MOST_TOGETHER = 3
"""Questions under one condition that are kept on one sheet; after them it is said again."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its number on the paper, counted from 1.

    Attributes:
        how: How many of its answers may be ticked; blank where that goes without saying.
    """

    number: int
    item: Item
    how: str


@dataclass(frozen=True, slots=True)
class Block:
    """Questions that are not torn from what they depend on.

    Attributes:
        only_if: When to answer them; blank for always.
    """

    only_if: str
    questions: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """A page of the tablet."""

    page: Page
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the form."""

    title: str
    topics: tuple[Topic, ...]


def asked_of_everybody(page: Page) -> tuple[Item, ...]:
    """Return the questions of a page that a blank form asks: all but those the record answers."""
    return tuple(item for item in page.items if item.from_record is None)


def parts_of(
    said: RulePack, asked: Callable[[Page], Iterable[Item]] = asked_of_everybody
) -> tuple[Part, ...]:
    """Return the form in the words of a pack, in the language of the page.

    Args:
        said: The pack, in that language.
        asked: Chooses the questions of a page that are printed.
    """
    printed = {page.id: tuple(asked(page)) for page in said.questionnaire.pages}
    number = count(1)
    asks = {
        item.link_id: Asked(next(number), item, _how_many(item))
        for page in said.questionnaire.pages
        for item in printed[page.id]
    }
    parts = (
        Part(
            section.title,
            tuple(
                Topic(page, tuple(_blocks([asks[item.link_id] for item in printed[page.id]], asks)))
                for page in section.pages
                if printed[page.id]
            ),
        )
        for section in said.questionnaire.sections
    )
    return tuple(part for part in parts if part.topics)


def _how_many(item: Item) -> str:
    """Say how many answers to tick, unless the hint of the question does."""
    words = {Kind.CHOICE: gettext("Tick one"), Kind.CHOICES: gettext("Tick all that apply")}
    how = words.get(item.kind, "")
    return "" if how in item.hint else how


def _blocks(questions: list[Asked], asks: Mapping[str, Asked]) -> Iterator[Block]:
    for only_if, group in groupby(questions, lambda one: _only_if(one.item, asks)):
        together = tuple(group)
        size = MOST_TOGETHER if only_if else 1
        for start in range(0, len(together), size):
            yield Block(only_if, together[start : start + size])


def _only_if(item: Item, asks: Mapping[str, Asked]) -> str:
    ticks = item.enable_when and _ticks(item.enable_when, asks)
    if not ticks:
        return ""
    any_of_them = format_list([_said(one) for one in ticks], "or", locale=locale_name())
    return gettext("Only if you ticked %(answers)s:", answers=any_of_them)


@dataclass(frozen=True, slots=True)
class _Tick:
    """Answers to one question, any of which opens another."""

    number: int
    answers: tuple[str, ...]


def _said(tick: _Tick) -> str:
    """Say where to look: `“Yes” in question 12`."""
    quoted = [gettext("“%(answer)s”", answer=answer) for answer in tick.answers]
    answers = format_list(quoted, "or", locale=locale_name())
    return gettext("%(answers)s in question %(number)s", answers=answers, number=tick.number)


def _ticks(condition: Condition, asks: Mapping[str, Asked]) -> list[_Tick]:
    """Return what opens a question, any of it; nothing when that cannot be told from the paper.

    Of several things that must all be so, one is said: that asks more people, never fewer.
    """
    match condition:
        case Named(part=part):
            return _ticks(part, asks)
        case AnyOf(parts=parts):
            found = [_ticks(part, asks) for part in parts]
            return [tick for ticks in found for tick in ticks] if all(found) else []
        case All(parts=parts):
            return next(filter(None, (_ticks(part, asks) for part in parts)), [])
        case Is(negated=False) | Includes(quantifier=Quantifier.ANY):
            return _tick(condition.subject, condition.codes, asks)
        case _:
            return []


def _tick(subject: str, codes: frozenset[str], asks: Mapping[str, Asked]) -> list[_Tick]:
    if subject not in asks:
        return []
    item = asks[subject].item
    words = {
        **{option.code: option.text for option in item.options},
        **{word.value: text for word, text in item.words.items()},
    }
    answers = tuple(text for code, text in words.items() if code in codes)
    return [_Tick(asks[subject].number, answers)] if answers else []
