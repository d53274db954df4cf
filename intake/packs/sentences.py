"""The sentences of the rule language: text to conditions.

About a dozen shapes, one regular expression each. There is no expression language behind them:
no arithmetic, no functions, nothing to run.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from intake.core.answers import UNKNOWN_CODES
from intake.core.conditions import (
    BIRTH_DATE,
    DEVICE_FIELD,
    All,
    AnyOf,
    AtLeast,
    Condition,
    Named,
    Not,
    Sentence,
)
from intake.core.dates import Unit, Window
from intake.core.errors import near
from intake.core.medicines import Route, Status, Wanted
from intake.core.questionnaire import UNDECIDED_CODE, Item, Kind
from intake.core.sentences import (
    Age,
    Compares,
    Comparison,
    Includes,
    Is,
    Overlaps,
    Quantifier,
    TakesMedicine,
    UnderLabel,
    Within,
)
from intake.packs.names import Names, SentenceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.packs.nodes import Node

SHAPES = (
    "X is VALUE · X is not VALUE · X is one of A, B · X is none of A, B · X includes A ·"
    " X includes any of A, B · X includes all of A, B · X includes none of A, B ·"
    " X is below/at most/at least/above N unit · X is between N and N unit · X within WINDOW ·"
    " X at least WINDOW ago · age is below/at least N years · medicine of class C,"
    " status current/stopped, route R, within WINDOW · at least N medicines of class C … ·"
    " X overlaps the treatment area ·"
    " the name of a condition"
)
"""Every shape a sentence can have, for messages."""


MOST_SENTENCES = 2000
"""Largest condition, with named conditions written out: a few lines can double it each."""


def condition_of(node: Node, names: Names, problems: list[str]) -> Condition | None:
    """Read a condition: a sentence, or a group of conditions.

    Every fault inside is added to *problems*; None when there was one.
    """
    if isinstance(node.value, str):
        try:
            return read_sentence(node.value, names)
        except SentenceError as error:
            if str(error):
                problems.append(f"{node.place}: {error}")
            return None
    if isinstance(node.value, dict):
        found = _group(node, node.value, names, problems)
        if found is not None and found.size > MOST_SENTENCES:
            problems.append(
                f"{node.place}: this condition comes to {found.size:,} sentences with its named"
                f" conditions written out; at most {MOST_SENTENCES:,} are judged"
            )
            return None
        return found
    problems.append(
        f"{node.place}: a condition is a sentence, or a group under all, any, not or at_least"
    )
    return None


def _group(
    node: Node, keys: dict[str, Node], names: Names, problems: list[str]
) -> Condition | None:
    match sorted(keys):
        case ["all"]:
            parts = _parts(keys["all"], names, problems)
            return All(parts) if parts else None
        case ["any"]:
            parts = _parts(keys["any"], names, problems)
            return AnyOf(parts) if parts else None
        case ["not"]:
            part = condition_of(keys["not"], names, problems)
            return Not(part) if part else None
        case ["at_least", "of"]:
            return _at_least(node, keys, names, problems)
        case found:
            problems.append(
                f"{node.place}: a group has one key, all, any or not, or the two keys at_least and"
                f" of; here stand {', '.join(found) or 'none'}"
            )
            return None


def _parts(node: Node, names: Names, problems: list[str]) -> tuple[Condition, ...] | None:
    if not isinstance(node.value, list) or not node.value:
        problems.append(f"{node.place}: this group is empty; list its parts below it, one a dash")
        return None
    parts = [condition_of(part, names, problems) for part in node.value]
    known = tuple(part for part in parts if part is not None)
    return known if len(known) == len(parts) else None


def _at_least(
    node: Node, keys: dict[str, Node], names: Names, problems: list[str]
) -> Condition | None:
    parts = _parts(keys["of"], names, problems)
    number = keys["at_least"].value
    if parts is None:
        return None
    if number not in [str(n) for n in range(1, len(parts) + 1)]:
        problems.append(
            f"{node.place}: at_least needs a whole number from 1 to {len(parts)}, its parts"
        )
        return None
    return AtLeast(parts, int(str(number)))


def read_sentence(text: str, names: Names) -> Condition:
    """Read one sentence.

    Raises:
        SentenceError: no shape fits, or it names something the pack does not have.
    """
    said = " ".join(text.split())
    if re.fullmatch(r"[a-z][a-z0-9_]*", said):
        return _named(said, names)
    for pattern, read in _SHAPES:
        if found := re.fullmatch(pattern, said):
            return read(said, found, names)
    msg = f"'{said}' is not a sentence of the rule language; the shapes are: {SHAPES}"
    raise SentenceError(msg)


def _named(name: str, names: Names) -> Condition:
    if name in names.conditions:
        return names.conditions[name]
    if name in names.items:
        msg = f"'{name}' is a question, not a condition; write '{name} is yes' or what it must be"
        raise SentenceError(msg)
    msg = f"there is no condition named '{name}'{near(name, names.conditions)}"
    raise names.missing(msg, "conditions", name)


def _item(name: str, names: Names, kinds: tuple[Kind, ...], verb: str) -> Item:
    item = names.items.get(name)
    if item is None:
        hint = "" if names.is_growing else near(name, names.items)
        msg = (
            f"there is no question '{name}' up to here{hint}"
            " (a question may look back at earlier pages only)"
        )
        raise names.missing(msg, "items", name)
    if item.kind not in kinds:
        fits = ", ".join(kinds)
        msg = f"'{verb}' does not fit '{name}', which is {item.kind}; it fits {fits}"
        raise SentenceError(msg)
    return item


def _codes(item: Item, text: str) -> frozenset[str]:
    allowed = [*item.codes, *(word.value for word in item.words)]
    codes = [code.strip() for code in text.split(",")]
    for code in codes:
        if code in UNKNOWN_CODES or code == UNDECIDED_CODE:
            msg = f"'{code}' is always unknown and cannot be compared with; leave it out"
            raise SentenceError(msg)
        if code not in allowed:
            offered = ", ".join(allowed)
            msg = f"'{code}' is not an answer to '{item.link_id}'; its answers are {offered}"
            raise SentenceError(msg)
    return frozenset(codes)


def _is(said: str, found: re.Match[str], names: Names) -> Sentence:
    kinds = (Kind.YES_NO, Kind.CHOICE, Kind.DATE)
    item = _item(found["x"], names, kinds, "is")
    negated = found["how"] in ("not", "none of")
    if found["how"] in (None, "not") and "," in found["values"]:
        msg = "write 'is one of A, B' or 'is none of A, B' for several answers"
        raise SentenceError(msg)
    codes = _codes(item, found["values"])
    if item.link_id == DEVICE_FIELD and not negated and codes & names.labels_in_use:
        return UnderLabel(said, item.link_id, ())
    return Is(said, item.link_id, (), codes, negated)


def _includes(said: str, found: re.Match[str], names: Names) -> Sentence:
    item = _item(found["x"], names, (Kind.CHOICES, Kind.BODY_MAP), "includes")
    quantifier = Quantifier(found["how"] or "any of")
    if found["how"] is None and "," in found["values"]:
        msg = "write 'includes any of A, B' or 'includes all of A, B' for several answers"
        raise SentenceError(msg)
    return Includes(said, item.link_id, (), _codes(item, found["values"]), quantifier)


def _window(text: str, names: Names) -> tuple[Window, tuple[str, ...]]:
    """Read a window: the name of a setting, or a length of time."""
    setting = names.settings.get(text)
    if setting is not None:
        if not isinstance(setting.value, Window):
            msg = (
                f"'{text}' is {setting} in settings.yaml, not a length of time; give it days,"
                " weeks, months or years there"
            )
            raise SentenceError(msg)
        return setting.value, (text,)
    try:
        return Window.parse(text), ()
    except ValueError as error:
        msg = f"{error}, or the name of a setting{near(text, names.settings)}"
        raise names.missing(msg, "settings", text) from None


def _within(said: str, found: re.Match[str], names: Names) -> Sentence:
    item = _item(found["x"], names, (Kind.DATE,), "within")
    window, settings = _window(found["w"], names)
    return Within(said, item.link_id, settings, window)


def _ago(said: str, found: re.Match[str], names: Names) -> Sentence:
    item = _item(found["x"], names, (Kind.DATE,), "at least … ago")
    window, settings = _window(found["w"], names)
    return Within(said, item.link_id, settings, window, ago=True)


def _number(text: str, unit: str, names: Names) -> tuple[Decimal, tuple[str, ...]]:
    """Read a threshold: the name of a setting, or digits with the unit of the question."""
    setting = names.settings.get(text)
    if setting is not None:
        if isinstance(setting.value, Window) and setting.value.unit == unit == Unit.YEARS:
            return Decimal(setting.value.count), (text,)
        if not isinstance(setting.value, Decimal) or setting.unit != unit:
            msg = (
                f"the setting '{text}' is {setting}, but this question is in '{unit or 'no unit'}'"
            )
            raise SentenceError(msg)
        return setting.value, (text,)
    digits, _, written = text.partition(" ")
    if not _DIGITS.fullmatch(digits):
        msg = f"'{digits}' is neither a number nor a setting{near(digits, names.settings)}"
        raise names.missing(msg, "settings", digits)
    if written.strip() != unit:
        wanted = f"{digits} {unit}".strip()
        msg = (
            f"'{written.strip()}' is not the unit here; write the number with the unit of the"
            f" question: '{wanted}'"
        )
        raise SentenceError(msg)
    return Decimal(digits), ()


def _compares(said: str, found: re.Match[str], names: Names) -> Sentence:
    item = _item(found["x"], names, (Kind.NUMBER,), f"is {found['how']}")
    limit, settings = _number(found["n"], item.unit, names)
    return Compares(said, item.link_id, settings, Comparison(found["how"]), limit)


def _between(said: str, found: re.Match[str], names: Names) -> Sentence:
    item = _item(found["x"], names, (Kind.NUMBER,), "is between")
    upper, above = _number(found["m"], item.unit, names)
    low, below = _number(_with_unit(found["n"], item.unit, names), item.unit, names)
    _require_order(low, upper)
    return Compares(said, item.link_id, (*below, *above), Comparison.BETWEEN, low, upper)


def _require_order(low: Decimal, upper: Decimal) -> None:
    if low > upper:
        msg = f"{low} is more than {upper}; write the smaller number first"
        raise SentenceError(msg)


def _with_unit(text: str, unit: str, names: Names) -> str:
    """Let `between 18 and 21 years` name its unit once."""
    return text if text in names.settings or " " in text or not unit else f"{text} {unit}"


def _age(said: str, found: re.Match[str], names: Names) -> Sentence:
    _item(BIRTH_DATE, names, (Kind.DATE,), "age")
    years, settings = _number(found["n"], "years", names)
    return Age(said, BIRTH_DATE, settings, Comparison(found["how"]), _whole(years))


def _age_between(said: str, found: re.Match[str], names: Names) -> Sentence:
    _item(BIRTH_DATE, names, (Kind.DATE,), "age")
    low, below = _number(_with_unit(found["n"], "years", names), "years", names)
    upper, above = _number(found["m"], "years", names)
    _require_order(low, upper)
    return Age(said, BIRTH_DATE, (*below, *above), Comparison.BETWEEN, _whole(low), _whole(upper))


def _whole(years: Decimal) -> int:
    if years != years.to_integral_value() or years < 0:
        msg = f"{years} is not a whole number of years"
        raise SentenceError(msg)
    return int(years)


def _medicine(said: str, found: re.Match[str], names: Names) -> Sentence:
    lists = [item for item in names.items.values() if item.kind is Kind.MEDICINES]
    if not lists:
        msg = "there is no question of type medicines up to here"
        raise names.missing(msg, "items", "")
    if found["c"] not in names.classes:
        msg = f"there is no medicine class '{found['c']}'{near(found['c'], names.classes)}"
        raise names.missing(msg, "classes", found["c"])
    status: Status | None = None
    route: Route | None = None
    within: Window | None = None
    settings: tuple[str, ...] = ()
    said_before: set[str] = set()
    for part in [p.strip() for p in found["rest"].split(",") if p.strip()]:
        word, _, value = part.partition(" ")
        if word in said_before:
            msg = f"'{word}' stands twice; say it once"
            raise SentenceError(msg)
        said_before.add(word)
        match word:
            case "status" if value in (Status.CURRENT, Status.STOPPED):
                status = Status(value)
            case "route" if value in tuple(Route):
                route = Route(value)
            case "within":
                within, settings = _window(value, names)
            case _:
                msg = (
                    f"'{part}' cannot follow a medicine class; allowed are 'status current',"
                    f" 'status stopped', 'route {'/'.join(Route)}' and 'within WINDOW'"
                )
                raise SentenceError(msg)
    wanted = Wanted(found["c"], status, route, within)
    return TakesMedicine(said, lists[0].link_id, settings, wanted, int(found["n"] or 1))


def _overlaps(said: str, found: re.Match[str], names: Names) -> Sentence:
    item = _item(found["x"], names, (Kind.BODY_MAP,), "overlaps the treatment area")
    return Overlaps(said, item.link_id, ())


_X = r"(?P<x>(?:plan\.)?[a-z][a-z0-9_]*)"
_N = r"(?P<n>[a-z0-9_.]+(?: [^,]+?)?)"
_DIGITS = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,12})?")
_WORDS = r"[a-z0-9_]+(?:, ?[a-z0-9_]+)*"
_MEDICINES = r"(?:at least (?P<n>[2-5]) medicines|medicine)"
_HOW_MUCH = r"(?P<how>below|at most|at least|above)"
_SHAPES: tuple[tuple[str, Callable[[str, re.Match[str], Names], Sentence]], ...] = (
    (rf"age is {_HOW_MUCH} {_N}", _age),
    (rf"age is between {_N} and (?P<m>.+)", _age_between),
    (rf"{_MEDICINES} of class (?P<c>[a-z0-9_]+)(?P<rest>(?:, ?.+)?)", _medicine),
    (rf"{_X} overlaps the treatment area", _overlaps),
    (rf"{_X} is between {_N} and (?P<m>.+)", _between),
    (rf"{_X} is {_HOW_MUCH} {_N}", _compares),
    (rf"{_X} is (?:(?P<how>not|one of|none of) )?(?P<values>{_WORDS})", _is),
    (
        rf"{_X} includes (?:(?P<how>any of|all of|none of) )?(?P<values>{_WORDS})",
        _includes,
    ),
    (rf"{_X} within (?P<w>.+)", _within),
    (rf"{_X} at least (?P<w>.+) ago", _ago),
)


def named(name: str, title: str, part: Condition) -> Named:
    """Give a condition its name."""
    return Named(part, name, title)
