"""When a question is shown, from "asked unless known not to be met" to `enableWhen`.

FHIR knows two values and one list of tests, joined by "all" or by "any". A gate becomes tests of
what would leave it met or unknown, an answer that is missing included: what nobody ruled out is
asked here as it is on the tablet. Every part that must hold is one such list; a question with more
than one stands in groups, one within another.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from intake.core.answers import UNKNOWN_CODES
from intake.core.conditions import All, AnyOf, Named
from intake.core.questionnaire import UNDECIDED_CODE, Kind
from intake.core.sentences import Includes, Is, Quantifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from intake.core.conditions import Condition, Sentence
    from intake.core.questionnaire import Item
    from intake.core.rules import RulePack

KNOWN = "known"
"""The option that says that a value follows, where a question may be answered without one."""

MOST_PARTS = 16
"""A gate with more parts than this shows its question always."""


class Test(NamedTuple):
    """One test of one answer.

    Attributes:
        code: The option that is to be chosen; None tests that there is no answer.
    """

    question: str
    code: str | None


Part: TypeAlias = "tuple[Test, ...]"
"""Tests of which one must hold."""

Gate: TypeAlias = "tuple[Part, ...]"
"""Parts of which each must hold; none shows the question always."""


def gate_of(link_id: str, pack: RulePack) -> Gate:
    """Return when a question is shown.

    What cannot be said with codes alone, such as a window of time, shows it always.
    """
    condition = pack.gates.get(link_id)
    found = _parts(condition, pack, frozenset({link_id})) if condition else ()
    return found if found is not None and len(found) <= MOST_PARTS else ()


def _parts(condition: Condition, pack: RulePack, above: frozenset[str]) -> Gate | None:
    """Return the parts of a condition that is not known not to be met; None where that cannot be.

    Args:
        condition: What is to be met, or unknown.
        pack: Whose questions it speaks of.
        above: The questions on whose gates this one hangs, so that none hangs on itself.
    """
    match condition:
        case Named(part=part):
            return _parts(part, pack, above)
        case All(parts=parts):
            found = [_parts(part, pack, above) for part in parts]
            return _least(part for one in found if one for part in one)
        case AnyOf(parts=parts):
            ways = [_parts(part, pack, above) for part in parts]
            known = [way for way in ways if way]
            if len(known) < len(ways):
                return None
            return _least(_joined(chosen) for chosen in product(*known))
        case Is() | Includes():
            return _of_sentence(condition, pack, above)
        case _:
            return None


def _of_sentence(sentence: Sentence, pack: RulePack, above: frozenset[str]) -> Gate | None:
    item = pack.items.get(sentence.subject)
    codes = _codes(sentence, item) if item else None
    if item is None or codes is None:
        return None
    tests = (*(Test(item.link_id, code) for code in codes), Test(item.link_id, None))
    gate = pack.gates.get(item.link_id)
    if gate is None or item.link_id in above:
        return (tests,)
    # A question that is not asked has no answer either, and then the sentence is not met.
    return _least([tests, *(_parts(gate, pack, above | {item.link_id}) or ())])


def _codes(sentence: Sentence, item: Item) -> list[str] | None:
    """Return the options that leave a sentence met or unknown, in the order of the form."""
    offered = options_of(item)
    match sentence:
        case Is(codes=codes, negated=negated):
            wanted = set(offered) - codes if negated else set(codes)
        case Includes(codes=codes, quantifier=quantifier) if quantifier is Quantifier.ANY or (
            quantifier is Quantifier.ALL and len(codes) == 1
        ):
            wanted = set(codes)
        case _:
            return None
    wanted |= UNKNOWN_CODES | {UNDECIDED_CODE}
    return [code for code in offered if code in wanted]


def options_of(item: Item) -> list[str]:
    """Return the codes that a question offers, "not sure" among them where it does."""
    if item.kind is Kind.YES_NO:
        own = ["yes", "no"]
    else:
        own = [*([KNOWN] if has_value(item) else []), *item.codes, *(w.value for w in item.words)]
    unknown = sorted(UNKNOWN_CODES) if item.offers_unknown else []
    return [*own, *unknown]


def has_value(item: Item) -> bool:
    """Tell whether an answer is something else than options."""
    return item.kind in (Kind.DATE, Kind.NUMBER, Kind.TEXT, Kind.MEDICINES)


def _joined(parts: Iterable[Part]) -> Part:
    return tuple(dict.fromkeys(test for part in parts for test in part))


def _least(parts: Iterable[Part]) -> Gate:
    """Return parts without those that hold whenever another does."""
    every = list(dict.fromkeys(tuple(part) for part in parts))
    return tuple(
        one
        for n, one in enumerate(every)
        if not any(
            set(other) < set(one) or (set(other) == set(one) and m < n)
            for m, other in enumerate(every)
        )
    )


def in_common(gates: Sequence[Gate]) -> Part:
    """Return what must hold for any of several questions to be shown; empty where one always is.

    It is what they share, or else that one of them may be shown.
    """
    if not gates or not all(gates):
        return ()
    shared = [part for part in gates[0] if all(part in gate for gate in gates)]
    return shared[0] if shared else _joined(gate[0] for gate in gates)
