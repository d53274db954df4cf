"""Conditions in other languages: as an author would type them, and made correct with two bounds.

A language of two values has no place for what nobody knows. Written out twice it has: what may be
met, and what surely is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from intake.core.conditions import All, AnyOf, Named, Not
from intake.core.sentences import Compares, Comparison, Includes, Is, PlanIs, Quantifier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from intake.core.conditions import Condition

UNSURE = "not_sure"
_SIGNS = {
    Comparison.BELOW: "<",
    Comparison.AT_MOST: "<=",
    Comparison.AT_LEAST: ">=",
    Comparison.ABOVE: ">",
}


class Dialect(Protocol):
    """A language of conditions, put together from the inside out."""

    def unknown(self, name: str) -> Any:
        """Say that nobody answered."""

    def one_of(self, name: str, codes: Sequence[str]) -> Any:
        """Say that one of these was chosen."""

    def any_of(self, name: str, codes: Sequence[str]) -> Any:
        """Say that some of these were ticked."""

    def compare(self, name: str, sign: str, limit: float) -> Any:
        """Say how a number compares."""

    def both(self, parts: list[Any]) -> Any:
        """Join by and."""

    def either(self, parts: list[Any]) -> Any:
        """Join by or."""

    def opposite(self, part: Any) -> Any:
        """Turn around."""


@dataclass(frozen=True)
class Words:
    """A dialect that is written as text."""

    null: str
    ticked: Callable[[str, Sequence[str]], str]
    no: str = "not ({})"
    also: str = " and "
    other: str = " or "
    name: str = "{}"
    equal: str = "{} == {}"
    is_null: str = "{} == {}"

    def unknown(self, name: str) -> str:
        return self.is_null.format(self.name.format(name), self.null)

    def one_of(self, name: str, codes: Sequence[str]) -> str:
        return self.either([self.equal.format(self.name.format(name), f'"{c}"') for c in codes])

    def any_of(self, name: str, codes: Sequence[str]) -> str:
        return self.ticked(self.name.format(name), codes)

    def compare(self, name: str, sign: str, limit: float) -> str:
        return f"{self.name.format(name)} {sign} {limit}"

    def both(self, parts: list[str]) -> str:
        return self.also.join(f"({one})" for one in parts)

    def either(self, parts: list[str]) -> str:
        return self.other.join(f"({one})" for one in parts)

    def opposite(self, part: str) -> str:
        return self.no.format(part)


class JsonLogic:
    """Conditions as JSON."""

    def unknown(self, name: str) -> Any:
        return {"==": [{"var": name}, None]}

    def one_of(self, name: str, codes: Sequence[str]) -> Any:
        return {"in": [{"var": name}, list(codes)]}

    def any_of(self, name: str, codes: Sequence[str]) -> Any:
        return {"some": [{"var": name}, {"in": [{"var": ""}, list(codes)]}]}

    def compare(self, name: str, sign: str, limit: float) -> Any:
        return {sign: [{"var": name}, limit]}

    def both(self, parts: list[Any]) -> Any:
        return {"and": parts}

    def either(self, parts: list[Any]) -> Any:
        return {"or": parts}

    def opposite(self, part: Any) -> Any:
        return {"!": [part]}


@dataclass(frozen=True)
class Writing:
    """Writes conditions in a dialect.

    Attributes:
        bound: `may` or `met`; blank for what an author types who thinks of two values.
    """

    into: Dialect
    gates: Mapping[str, Condition]
    bound: str = ""

    def text(self, condition: Condition) -> Any:
        """Write a condition."""
        match condition:
            case All(parts):
                return self.into.both([self.text(part) for part in parts])
            case AnyOf(parts):
                return self.into.either([self.text(part) for part in parts])
            case Named(part):
                return self.text(part)
            case Not(part):
                return self.into.opposite(self._turned.text(part))
        name = variable(condition.subject)  # type: ignore[attr-defined]  # a sentence
        gate = self.gates.get(condition.subject) if self.bound else None  # type: ignore[attr-defined]
        said = self._guarded(name, condition)
        return said if gate is None else self.into.both([self.text(gate), said])

    @property
    def _turned(self) -> Writing:
        return replace(self, bound={"may": "met", "met": "may", "": ""}[self.bound])

    def _guarded(self, name: str, sentence: Condition) -> Any:
        into, plain = self.into, self._plain(name, sentence)
        if not self.bound:
            return plain
        unknown = into.unknown(name)
        if isinstance(sentence, Includes):
            is_none = sentence.quantifier is Quantifier.NONE
            unsure = into.any_of(name, [UNSURE])
            if self.bound == "may":
                return into.either([unknown, plain if is_none else into.either([unsure, plain])])
            plain = into.both([into.opposite(unsure), plain]) if is_none else plain
        if self.bound == "may":
            return into.either([unknown, plain])
        return into.both([into.opposite(unknown), plain])

    def _plain(self, name: str, sentence: Condition) -> Any:
        into = self.into
        match sentence:
            case Is(codes=codes, negated=negated):
                said = into.one_of(name, sorted(codes))
                return into.opposite(said) if negated else said
            case PlanIs(code=code):
                return into.one_of(name, [code])
            case Includes(codes=codes, quantifier=Quantifier.NONE):
                return into.opposite(into.any_of(name, sorted(codes)))
            case Includes(codes=codes):
                return into.any_of(name, sorted(codes))
            case Compares(comparison=Comparison.BETWEEN, limit=low, upper=high):
                ends = (
                    into.compare(name, ">=", float(low)),
                    into.compare(name, "<=", float(high or low)),
                )
                return into.both(list(ends))
            case Compares(comparison=how, limit=limit):
                return into.compare(name, _SIGNS[how], float(limit))
        raise TypeError(sentence)


def variable(subject: str) -> str:
    """Return what a question is called in other languages, to which a point is more than a dot."""
    return subject.replace(".", "_")


def _some(form: str, joined: str = " or ") -> Callable[[str, Sequence[str]], str]:
    return lambda name, codes: joined.join(f"({form.format(name=name, code=c)})" for c in codes)


class Python(Words):
    """Python as somebody writes it who wants it fast: sets and tuples that are made once."""

    def one_of(self, name: str, codes: Sequence[str]) -> str:
        return f"{name} == {codes[0]!r}" if len(codes) == 1 else f"{name} in {set(codes)!r}"


def _in_set(name: str, codes: Sequence[str]) -> str:
    if len(codes) == 1:
        return f"{codes[0]!r} in {name}"
    return f"not {name}.isdisjoint({tuple(codes)!r})"


PYTHON = Python("None", _in_set, no="not ({})", is_null="{} is {}")
ZEN = Words("null", lambda name, codes: f"some({name}, # in {_listed(codes)})", no="not({})")
RULE_ENGINE = Words("null", _some('"{code}" in {name}'))
CEL = Words(
    "null",
    lambda name, codes: f"{name}.exists(e, e in {_listed(codes)})",
    no="!({})",
    also=" && ",
    other=" || ",
    is_null="{}_unknown",
)


def _listed(codes: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{code}"' for code in codes) + "]"
