"""Small faults put into a rule on purpose, to see whether the vignettes notice.

Each is a slip that an author could make: "all" for "any", a line forgotten, a window a day off,
calendar months taken for thirty days.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from intake.core.conditions import (
    All,
    AnyOf,
    AtLeast,
    Condition,
    Group,
    Named,
    Not,
    Sentence,
    Wrapper,
)
from intake.core.dates import Unit, Window
from intake.core.medicines import Status
from intake.core.rules import Level
from intake.core.sentences import (
    Age,
    Compares,
    Comparison,
    Includes,
    Is,
    Quantifier,
    TakesMedicine,
    Within,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from intake.core.questionnaire import Item
    from intake.core.rules import Rule

Change: TypeAlias = tuple[str, Condition]
"""What was changed, in words, and the condition with the change in it."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One rule with one fault in it."""

    rule: Rule
    changed: Rule
    words: str


def mutants_of(rule: Rule, items: Mapping[str, Item]) -> Iterator[Mutant]:
    """Yield every small fault of a rule: in its condition, its level, its device labels."""
    for words, condition in _everywhere(rule.when, lambda part: _faults(part, items)):
        yield Mutant(rule, replace(rule, when=condition), words)
    levels = list(Level)
    at = levels.index(rule.level)
    for level in levels[max(0, at - 1) : at + 2]:
        if level is not rule.level:
            yield Mutant(rule, replace(rule, level=level), f"level {level} for {rule.level}")
    for place, (strict, _) in enumerate(rule.stricter):
        fewer = rule.stricter[:place] + rule.stricter[place + 1 :]
        yield Mutant(rule, replace(rule, stricter=fewer), f"label {strict.label} forgotten")


def without_a_line(condition: Condition) -> Iterator[Change]:
    """Yield the condition once for each line or group that it can lose."""
    return _everywhere(condition, _shorter)


def _everywhere(
    condition: Condition, faults: Callable[[Condition], Iterator[Change]]
) -> Iterator[Change]:
    """Yield the whole condition with one fault at one place, at any depth."""
    yield from faults(condition)
    if isinstance(condition, Group):
        for place, part in enumerate(condition.parts):
            before, after = condition.parts[:place], condition.parts[place + 1 :]
            for words, changed in _everywhere(part, faults):
                yield words, replace(condition, parts=(*before, changed, *after))
    elif isinstance(condition, Wrapper):
        for words, changed in _everywhere(condition.part, faults):
            yield words, replace(condition, part=changed)


def _shorter(condition: Condition) -> Iterator[Change]:
    """Leave out one part of a group."""
    if not isinstance(condition, All | AnyOf) or len(condition.parts) == 1:
        return
    for place, part in enumerate(condition.parts):
        fewer = condition.parts[:place] + condition.parts[place + 1 :]
        smaller = fewer[0] if len(fewer) == 1 else replace(condition, parts=fewer)
        yield f"without '{_short(part)}'", smaller


def _faults(condition: Condition, items: Mapping[str, Item]) -> Iterator[Change]:
    """Put every fault into one group or sentence, leaving its parts as they are."""
    yield from _shorter(condition)
    match condition:
        case All(parts) if len(parts) > 1:
            yield "'any' for 'all'", AnyOf(parts)
        case AnyOf(parts) if len(parts) > 1:
            yield "'all' for 'any'", All(parts)
        case Not(part):
            yield f"'not' forgotten before '{_short(part)}'", part
        case AtLeast(parts, number):
            for other in (number - 1, number + 1):
                if 1 <= other <= len(parts):
                    yield f"at least {other} for {number}", AtLeast(parts, other)
        case Sentence():
            yield f"'not' before '{condition.text}'", Not(condition)
            for words, changed in _misread(condition, items):
                yield words, replace(changed, text=f"{condition.text} [{words}]")
        case _:
            pass


def _misread(sentence: Sentence, items: Mapping[str, Item]) -> Iterator[tuple[str, Sentence]]:
    """Yield the sentence with one slip in it."""
    match sentence:
        case Is(codes=codes) | Includes(codes=codes):
            yield from _fewer_codes(sentence, codes)
        case Within(window=window):
            for words, other in _other_windows(window):
                yield words, replace(sentence, window=other)
        case Age():
            yield from _other_age(sentence)
        case Compares():
            yield from _other_number(sentence, items[sentence.subject])
        case TakesMedicine():
            yield from _other_medicine(sentence)
        case _:
            pass


def _other_age(sentence: Age) -> Iterator[tuple[str, Sentence]]:
    years, upper = sentence.years, sentence.upper
    for more in (-1, 1):
        yield f"{years + more} years for {years}", replace(sentence, years=years + more)
        if upper is not None:
            yield f"{upper + more} years for {upper}", replace(sentence, upper=upper + more)
    yield from _other_comparison(sentence, sentence.comparison)


def _other_number(sentence: Compares, item: Item) -> Iterator[tuple[str, Sentence]]:
    limit, upper, step = sentence.limit, sentence.upper, Decimal(1).scaleb(-item.decimals)
    for more in (-step, step):
        yield f"{limit + more} for {limit}", replace(sentence, limit=limit + more)
        if upper is not None:
            yield f"{upper + more} for {upper}", replace(sentence, upper=upper + more)
    yield from _other_comparison(sentence, sentence.comparison)


def _fewer_codes(sentence: Is | Includes, codes: frozenset[str]) -> Iterator[tuple[str, Sentence]]:
    if len(codes) == 1:
        return
    for code in sorted(codes):
        yield f"{code} forgotten", replace(sentence, codes=codes - {code})
    if isinstance(sentence, Includes) and sentence.quantifier is not Quantifier.NONE:
        both = {Quantifier.ANY: Quantifier.ALL, Quantifier.ALL: Quantifier.ANY}
        other = both[sentence.quantifier]
        yield f"'{other}' for '{sentence.quantifier}'", replace(sentence, quantifier=other)


_NEAR = {
    Comparison.BELOW: Comparison.AT_MOST,
    Comparison.AT_MOST: Comparison.BELOW,
    Comparison.ABOVE: Comparison.AT_LEAST,
    Comparison.AT_LEAST: Comparison.ABOVE,
}


def _other_comparison(
    sentence: Age | Compares, comparison: Comparison
) -> Iterator[tuple[str, Sentence]]:
    if other := _NEAR.get(comparison):
        yield f"'{other}' for '{comparison}'", replace(sentence, comparison=other)


def _other_windows(window: Window) -> Iterator[tuple[str, Window]]:
    """Yield the window one shorter, one longer, and with months of thirty days."""
    others = [Window(window.count - 1, window.unit), Window(window.count + 1, window.unit)]
    if window.unit is Unit.MONTHS:
        others.append(Window(30 * window.count, Unit.DAYS))
    for other in others:
        if other.count >= 0:
            yield f"{other} for {window}", other


def _other_medicine(sentence: TakesMedicine) -> Iterator[tuple[str, Sentence]]:
    wanted, number = sentence.wanted, sentence.number
    if number > 1:
        for other_number in (number - 1, number + 1):
            yield f"{other_number} medicines for {number}", replace(sentence, number=other_number)
    if wanted.status is not None:
        stopped = Status.STOPPED if wanted.status is Status.CURRENT else Status.CURRENT
        yield "status forgotten", replace(sentence, wanted=replace(wanted, status=None))
        yield f"status {stopped}", replace(sentence, wanted=replace(wanted, status=stopped))
    if wanted.route is not None:
        yield "route forgotten", replace(sentence, wanted=replace(wanted, route=None))
    if wanted.within is not None:
        yield "window forgotten", replace(sentence, wanted=replace(wanted, within=None))
        for words, other in _other_windows(wanted.within):
            yield words, replace(sentence, wanted=replace(wanted, within=other))


def _short(condition: Condition) -> str:
    """Name a part of a condition in a few words."""
    match condition:
        case Sentence():
            return condition.text
        case Named():
            return condition.name
        case _:
            first = next(condition.sentences()).text
            return f"{first} …"
