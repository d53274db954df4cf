"""Conditions as lists of parts that all have to hold, so that many can be judged at once.

"Any" is that not every part fails, so it is such a list as well, taken for its opposite. A sentence
about a question that hangs on others holds where the question is asked and the answer meets it.
All of this is so in three values too: Kleene's "and", "or" and "not" keep De Morgan's laws.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from intake.core.conditions import All, AnyOf, AtLeast, Named, Not, Sentence
from intake.core.truth import Truth, at_least

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from intake.core.conditions import Case, Condition

Place: TypeAlias = int
"""The number of a list: higher than those of the lists it has parts in, unless it is in none."""

Effect: TypeAlias = "dict[Truth, int]"
"""Which bits a truth sets in the lists that it is a part of."""


def bits_of(place: Place, truth: Truth) -> int:
    """Return the two bits of a list: the lower where it is not met, the upper unless it is met."""
    return {Truth.MET: 0, Truth.UNKNOWN: 2, Truth.NOT_MET: 3}[truth] << 2 * place


def truth_in(found: int, place: Place) -> Truth:
    """Read the truth of a list out of all bits."""
    return (Truth.MET, Truth.NOT_MET, Truth.UNKNOWN, Truth.NOT_MET)[found >> 2 * place & 3]


class Look(NamedTuple):
    """A sentence, and how cases see it: see `Case.turned`."""

    sentence: Sentence
    presuming: bool


class Part(NamedTuple):
    """What has to hold: an answer meets a sentence, or a list is met; or the opposite of that."""

    of: Look | Place
    wanted: bool


Parts: TypeAlias = frozenset[Part]


class Count(NamedTuple):
    """A list that is not judged by its parts: so many of other lists have to be met."""

    place: Place
    places: tuple[Place, ...]
    number: int

    def bits(self, found: int) -> int:
        """Judge it by what was found of the others."""
        truths = [truth_in(found, place) for place in self.places]
        return bits_of(self.place, at_least(self.number, truths))


class Foreign(NamedTuple):
    """A list that stands for a condition of a kind that is not known here."""

    place: Place
    condition: Condition
    presuming: bool

    def bits(self, case: Case) -> int:
        """Judge it by itself."""
        truth = self.condition.truth(case if self.presuming else case.turned)
        return bits_of(self.place, truth)


class Conjunctions:
    """The lists that conditions come down to.

    Args:
        conditions: They have the first places, in their order.
        gates: The enable-when of each question that has one; they have the places after that.

    Attributes:
        counts: Those lists that count.
        foreign: Those that stand for what is not known here.

    Raises:
        RecursionError: questions hang on each other in a circle.
    """

    def __init__(self, conditions: Sequence[Condition], gates: Mapping[str, Condition]) -> None:
        self._gates = gates
        self._lists: list[Parts] = [frozenset()] * (len(conditions) + len(gates))
        self._places: dict[Parts, Place] = {}
        self._asked: dict[tuple[str, bool], Parts] = {}
        self.counts: dict[Place, Count] = {}
        self.foreign: list[Foreign] = []
        for place, condition in enumerate((*conditions, *gates.values())):
            self._lists[place] = self._parts(condition)

    def effects(self) -> tuple[dict[Look, Effect], dict[Place, Effect]]:
        """Return what the truth of each sentence does to lists, and that of each list."""
        holds: dict[Look | Place, int] = {}
        fails: dict[Look | Place, int] = {}
        for place, parts in enumerate(self._lists):
            for part in parts:
                lists = holds if part.wanted else fails
                lists[part.of] = lists.get(part.of, 0) | 1 << 2 * place
        looks: dict[Look, Effect] = {}
        places: dict[Place, Effect] = {}
        for of in {**holds, **fails}:
            held, failed = holds.get(of, 0), fails.get(of, 0)
            effect = {
                Truth.MET: failed * 3,
                Truth.NOT_MET: held * 3,
                Truth.UNKNOWN: (held | failed) * 2,
            }
            if isinstance(of, Look):
                looks[of] = effect
            else:
                places[of] = effect
        return looks, dict(sorted(places.items()))

    def sentences_in(self, condition: Condition, *, presuming: bool = True) -> int | None:
        """Return the bits of each sentence in a condition; None where one cannot be looked into.

        They decide which sentences its truth rests on.
        """
        if isinstance(condition, Sentence):
            return bits_of(self._place(self._parts(condition, presuming=presuming)), Truth.NOT_MET)
        if not isinstance(condition, All | AnyOf | AtLeast | Named | Not):
            return None
        found, inside = 0, presuming is not isinstance(condition, Not)
        for part in condition.children():
            bits = self.sentences_in(part, presuming=inside)
            if bits is None:
                return None
            found |= bits
        return found

    def _parts(self, condition: Condition, *, presuming: bool = True, wanted: bool = True) -> Parts:
        """Return what has to hold for a condition to be met, or else for its opposite."""
        match condition:
            case Sentence():
                asked = self._of_sentence(condition, presuming=presuming)
                return asked if wanted else self._opposite(asked)
            case Named(part):
                return self._parts(part, presuming=presuming, wanted=wanted)
            case Not(part):
                return self._parts(part, presuming=not presuming, wanted=not wanted)
            case All(parts) | AnyOf(parts):
                is_all = isinstance(condition, All)
                every = (self._parts(p, presuming=presuming, wanted=is_all) for p in parts)
                joined = frozenset().union(*every)
                return joined if is_all is wanted else self._opposite(joined)
            case AtLeast(parts, number):
                places = tuple(self._place(self._parts(p, presuming=presuming)) for p in parts)
                place = self._new()
                self.counts[place] = Count(place, places, number)
            case _:
                place = self._new()
                self.foreign.append(Foreign(place, condition, presuming))
        return frozenset({Part(place, wanted)})

    def _of_sentence(self, sentence: Sentence, *, presuming: bool) -> Parts:
        """Return what has to hold for a sentence: that its question is asked, and the answer."""
        presuming = presuming or not self._presumes(sentence)
        key = sentence.subject, presuming
        if key not in self._asked:
            gate = self._gates.get(sentence.subject)
            asked = frozenset() if gate is None else self._parts(gate, presuming=presuming)
            self._asked[key] = asked
        return self._asked[key] | {Part(Look(sentence, presuming), wanted=True)}

    def _presumes(self, sentence: Sentence) -> bool:
        """Tell whether it may come out otherwise inside a `not`: itself, or by the gates before."""
        gate = self._gates.get(sentence.subject)
        return sentence.presumes or (
            gate is not None and any(map(self._presumes, gate.sentences()))
        )

    def _opposite(self, parts: Parts) -> Parts:
        """Return what has to hold where some of the parts fails."""
        if len(parts) == 1:
            ((of, wanted),) = parts
            return frozenset({Part(of, not wanted)})
        return frozenset({Part(self._place(parts), wanted=False)})

    def _place(self, parts: Parts) -> Place:
        """Return the place of a list; what is written twice has one."""
        if parts not in self._places:
            self._places[parts] = self._new(parts)
        return self._places[parts]

    def _new(self, parts: Parts = frozenset()) -> Place:
        self._lists.append(parts)
        return len(self._lists) - 1
