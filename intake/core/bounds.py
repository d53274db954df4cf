"""Many conditions judged at once, in two bounds: what may be met, and what surely is.

Each condition is a list of parts that all have to hold, with two bits in one number: it is not met,
since a part is not; and it is not surely met, since a part is not surely so. Such bits are only
ever set. So it is worked out once which ones an answer sets, and a patient is judged by putting
together those of all answers. What a condition means is said by `Condition.truth` alone: here
stands the same, sooner.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import compress, repeat
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from intake.core.answers import Chosen, Missing, Picked
from intake.core.conditions import Sentence
from intake.core.conjunctions import Conjunctions, bits_of
from intake.core.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from intake.core.answers import Answer
    from intake.core.conditions import Case, Condition
    from intake.core.conjunctions import Count, Effect, Look, Place

T = TypeVar("T")

MOST_KEPT = 256
"""Of how many answers to a question the bits are kept; so memory stays the same for ever.

They are kept by codes of options, which are the pack's: nothing that a patient wrote is a key.
"""

_AS_BYTES = bytes.maketrans(b"01", b"\0\1")


class Bounds:
    """Judges the conditions of a pack.

    Args:
        conditions: What is judged.
        gates: The enable-when of each question that has one.
        order: The questions in the order in which answers are kept: looked at one after the other
            as they lie in memory, they are found sooner.

    Raises:
        RecursionError: questions hang on each other in a circle.
    """

    def __init__(
        self,
        conditions: Sequence[Condition],
        gates: Mapping[str, Condition],
        order: Iterable[str] = (),
    ) -> None:
        lists = Conjunctions(conditions, gates)
        self.rests_on = tuple(lists.sentences_in(condition) for condition in conditions)
        looks, places = lists.effects()
        self._questions = _questions(looks, order)
        self._link_ids = [question.link_id for question in self._questions]
        self._missing = [question.missing for question in self._questions]
        self._foreign = lists.foreign
        self._joints = list(_joints(places, lists.counts))
        self._claims = _Row(0, range(len(conditions)))
        self._gates = _Row(len(conditions), gates)

    def open(self, case: Case) -> list[tuple[int, Truth]]:
        """Return each condition that is not ruled out, by its place, with its truth."""
        return self.open_in(self.found(case))

    def open_in(self, found: int) -> list[tuple[int, Truth]]:
        """Return the same of what was found."""
        return self._claims.open_in(found)

    def asked_in(self, found: int) -> dict[str, Truth]:
        """Return of each question that has a gate whether it is asked, by what was found."""
        return dict(self._gates.open_in(found) + self._gates.out_in(found))

    def found(self, case: Case) -> int:
        """Judge the answers of a case; returns the bits that they set.

        Raises:
            Exception: any fault of ours in judging a sentence; then nothing is known of the others.
        """
        found = 0
        answers = map(case.answers.get, self._link_ids, repeat(Missing.NOT_ANSWERED))
        for answer, missing, question in zip(answers, self._missing, self._questions, strict=True):
            if isinstance(answer, Missing):  # most are: nobody is asked everything
                bits = missing
            elif isinstance(answer, Chosen):
                bits = question.kept.get(answer.code)
            elif isinstance(answer, Picked) and not answer.unsure and not answer.spots:
                bits = question.kept.get(answer.codes)
            else:
                bits = None
            found |= question.judged(answer, case) if bits is None else bits
        for other in self._foreign:
            found |= other.bits(case)
        for count, is_open, is_out, met, unknown, not_met in self._joints:
            if count is not None:
                found |= count.bits(found)
            if not found & is_out:
                found |= unknown if found & is_open else met
            elif not_met:  # most lists are not met, and nearly none does anything by that
                found |= not_met
        return found


@dataclass(slots=True)
class _Question:
    """A question, and sentences about it that are looked at together.

    Attributes:
        presuming: As what cases see it, see `Case.turned`.
        is_plain: Nothing but the answer decides them.
        effects: The sentences, with the bits that the truth of each sets.
        missing: The bits that are set while there is no answer; None where it has to be looked at.
        kept: The bits that options which were chosen or ticked set, as far as that was looked at.
    """

    link_id: str
    presuming: bool
    is_plain: bool
    effects: list[tuple[Sentence, Effect]] = field(default_factory=list)
    missing: int | None = 0
    kept: dict[str | frozenset[str], int] = field(default_factory=dict)

    def add(self, sentence: Sentence, effect: Effect) -> None:
        """Take in a sentence."""
        self.effects.append((sentence, effect))
        is_open = type(sentence).weigh is Sentence.weigh
        if self.missing is not None:
            self.missing = self.missing | effect[Truth.UNKNOWN] if is_open else None

    def judged(self, answer: Answer, case: Case) -> int:
        """Judge its sentences by an answer, as if it were asked; returns the bits this sets."""
        view = case if self.presuming else case.turned
        bits = 0
        for sentence, effect in self.effects:
            bits |= effect[sentence.weigh(answer, view)]
        if self.is_plain:
            self._keep(answer, bits)
        return bits

    def _keep(self, answer: Answer, bits: int) -> None:
        if len(self.kept) >= MOST_KEPT:
            self.kept.clear()
        if isinstance(answer, Chosen):
            self.kept[answer.code] = bits
        elif isinstance(answer, Picked) and not answer.unsure and not answer.spots:
            self.kept[answer.codes] = bits


def _questions(looks: Mapping[Look, Effect], order: Iterable[str]) -> list[_Question]:
    """Put sentences together by what they are about, those that look at more by themselves."""
    places = {link_id: place for place, link_id in enumerate(order)}
    found: dict[tuple[str, bool, bool], _Question] = {}
    for (sentence, presuming), effect in looks.items():
        key = sentence.subject, presuming, sentence.is_plain
        found.setdefault(key, _Question(*key)).add(sentence, effect)
    return sorted(found.values(), key=lambda one: places.get(one.link_id, len(places)))


class _Joint(NamedTuple):
    """What a list sets in those it is a part of, once all is set that it is made of itself."""

    counted: Count | None
    is_open: int
    is_out: int
    met: int
    unknown: int
    not_met: int


def _joints(effects: Mapping[Place, Effect], counts: Mapping[Place, Count]) -> Iterator[_Joint]:
    """Yield what each list sets, those first that others are made of."""
    for place, effect in sorted(effects.items()):
        either, out = bits_of(place, Truth.UNKNOWN), bits_of(place, Truth.NOT_MET)
        yield _Joint(
            counted=counts.get(place),
            is_open=either,
            is_out=out ^ either,
            met=effect[Truth.MET],
            unknown=effect[Truth.UNKNOWN],
            not_met=effect[Truth.NOT_MET],
        )


class _Row(Generic[T]):
    """Lists that stand one after the other, each with a name."""

    def __init__(self, first: Place, names: Collection[T]) -> None:
        self._from = 2 * first
        self._end = 1 << 2 * len(names)
        self._upper = 2 * (self._end - 1) // 3
        self._open = [(name, truth) for name in names for truth in (Truth.MET, Truth.UNKNOWN)]
        self._not_met = [(name, Truth.NOT_MET) for name in names]

    def open_in(self, found: int) -> list[tuple[T, Truth]]:
        """Return those that are met or unknown."""
        found >>= self._from
        not_sure = found & self._upper
        unknown = not_sure & ~(found << 1)
        met = (not_sure ^ self._upper) >> 1
        return list(compress(self._open, self._digits(met | unknown)))

    def out_in(self, found: int) -> list[tuple[T, Truth]]:
        """Return those that are not met."""
        return list(compress(self._not_met, self._digits(found >> self._from)[::2]))

    def _digits(self, bits: int) -> bytes:
        """Write bits as bytes of nothing and one, the lowest first: it is done at once."""
        text = f"{bits & self._end - 1 | self._end:b}"
        return text.encode().translate(_AS_BYTES)[:0:-1]
