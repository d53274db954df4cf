"""Every case a condition can tell apart, as one finite and exact table.

The rows are all combinations of the cells of the questions a condition depends on, those behind
the gates of its questions included. A truth over the whole table is a pair of whole numbers used
as rows of bits: in `possible` every unknown counts towards the condition, in `certain` every
unknown counts against it. Kleene's and, or and not are then bitwise operations, so that a table
of a hundred thousand cases is judged in about a millisecond.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from intake.core.conditions import AREA_FIELD, All, AnyOf, AtLeast, Case, Named, Not, Sentence
from intake.core.proving import TooLargeError
from intake.core.proving.cells import refinements
from intake.core.sentences import Overlaps
from intake.core.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from intake.core.answers import Answer
    from intake.core.conditions import Condition
    from intake.core.proving.cells import Cell, Cells
    from intake.core.rules import RulePack

MOST_ROWS = 20_000_000
"""Largest table that is built; a rule that needs more is reported as not proved."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The truth of a condition in every row of a table, as bits.

    Attributes:
        possible: Rows in which it is met or unknown.
        certain: Rows in which it is met.
    """

    possible: int
    certain: int

    @property
    def unknown(self) -> int:
        """Rows in which it is unknown."""
        return self.possible & ~self.certain


@dataclass(frozen=True)
class Dimension:
    """One question of a table.

    Attributes:
        stride: How far apart two rows are that differ in the next cell of this question alone.
    """

    subject: str
    sentences: tuple[Sentence, ...]
    cells: tuple[Cell, ...]
    stride: int

    @cached_property
    def turns_into(self) -> tuple[tuple[int, ...], ...]:
        """For each cell, those it may turn out to be once more is known."""
        return refinements(self.cells, self.sentences)


class Table:
    """All cases that some conditions of a pack can tell apart on one day."""

    def __init__(
        self,
        cells: Cells,
        conditions: Iterable[Condition],
        *,
        gates: Sequence[Mapping[str, Condition]] = (),
    ) -> None:
        """Sort the answers to every question the conditions depend on into cells.

        Args:
            cells: The kinds of answer of a pack.
            conditions: What will be judged.
            gates: Gates to judge under instead of the pack's own, see `under`; the first count.

        Raises:
            TooLargeError: there are more than `MOST_ROWS` combinations.
        """
        self._cells = cells
        self.pack = cells.pack
        self.today = cells.today
        every = gates or (self.pack.gates,)
        self._open_when = every[0]
        self.dimensions: dict[str, Dimension] = {}
        stride = 1
        asked = list(conditions)
        depends = [condition for each in every for condition in _closure(each, asked)]
        turning = any(_turns(condition) for condition in depends)
        for subject, sentences in _sentences_by_subject(self.pack, depends).items():
            kinds = cells.of(subject, sentences, turning=turning)
            self.dimensions[subject] = Dimension(subject, sentences, kinds, stride)
            stride *= len(kinds)
            if stride > MOST_ROWS:
                msg = f"more than {MOST_ROWS:,} cases"
                raise TooLargeError(msg)
        self.size = stride
        self.everything = (1 << stride) - 1
        self._masks: dict[tuple[str, int], int] = {}
        self._judged: dict[tuple[Sentence, bool], Bounds] = {}
        self._gates: dict[tuple[str, bool], Bounds] = {}

    def under(self, gates: Mapping[str, Condition]) -> Table:
        """Judge from now on under other gates, which must be among those it was made for."""
        self._open_when = gates
        self._gates = {}
        return self

    def bounds(self, condition: Condition, *, presuming: bool = True) -> Bounds:
        """Judge a condition in every row at once.

        Its sentences must be among those the table was made for.
        """
        match condition:
            case All(parts):
                found = [self.bounds(part, presuming=presuming) for part in parts]
                return Bounds(_all(b.possible for b in found), _all(b.certain for b in found))
            case AnyOf(parts):
                found = [self.bounds(part, presuming=presuming) for part in parts]
                return Bounds(_any(b.possible for b in found), _any(b.certain for b in found))
            case Not(part):
                inner = self.bounds(part, presuming=not presuming)
                return Bounds(self.everything & ~inner.certain, self.everything & ~inner.possible)
            case AtLeast(parts, number):
                found = [self.bounds(part, presuming=presuming) for part in parts]
                return Bounds(
                    self._at_least(number, [b.possible for b in found]),
                    self._at_least(number, [b.certain for b in found]),
                )
            case Named(part):
                return self.bounds(part, presuming=presuming)
            case Sentence():
                return self._sentence(condition, presuming=presuming)
            case _:
                raise TypeError(type(condition).__name__)

    def _at_least(self, number: int, parts: list[int]) -> int:
        """Return the rows in which at least *number* parts hold."""
        reached = [self.everything, *([0] * number)]
        for part in parts:
            for count in range(number, 0, -1):
                reached[count] |= reached[count - 1] & part
        return reached[number]

    def _sentence(self, sentence: Sentence, *, presuming: bool) -> Bounds:
        judged = self._judged.get((sentence, presuming))
        if judged is None:
            judged = self._judged[sentence, presuming] = self._judge(sentence, presuming=presuming)
        gate = self.asked(sentence.subject, presuming=presuming)
        return Bounds(judged.possible & gate.possible, judged.certain & gate.certain)

    def asked(self, subject: str, *, presuming: bool = True) -> Bounds:
        """Judge in every row whether a question is asked."""
        gate = self._open_when.get(subject)
        if gate is None:
            return Bounds(self.everything, self.everything)
        if (subject, presuming) not in self._gates:
            self._gates[subject, presuming] = self.bounds(gate, presuming=presuming)
        return self._gates[subject, presuming]

    def _judge(self, sentence: Sentence, *, presuming: bool) -> Bounds:
        """Judge a sentence by the cells of its question alone."""
        if isinstance(sentence, Overlaps):
            return self._judge_overlap(sentence)
        dimension = self.dimensions[sentence.subject]
        place = dimension.sentences.index(sentence)
        if not presuming and len(dimension.cells[0].judged) > len(dimension.sentences):
            place += len(dimension.sentences)
        truths = [cell.judged[place] for cell in dimension.cells]
        met = [number for number, truth in enumerate(truths) if truth is Truth.MET]
        open_ = [number for number, truth in enumerate(truths) if truth is Truth.UNKNOWN]
        certain = self._rows(dimension, met)
        return Bounds(certain | self._rows(dimension, open_), certain)

    def _judge_overlap(self, sentence: Overlaps) -> Bounds:
        """Judge the one sentence that looks at two answers: a marked spot and the area."""
        spots, areas = self.dimensions[sentence.subject], self.dimensions[AREA_FIELD]
        possible = certain = 0
        for place, spot in enumerate(spots.cells):
            for other, area in enumerate(areas.cells):
                answers = {spots.subject: spot.answer, areas.subject: area.answer}
                case = Case(answers, {}, self.pack.areas, self.pack.vocabulary, self.today)
                truth = sentence.truth(case)
                rows = self.where(spots, place) & self.where(areas, other)
                possible |= rows if truth is not Truth.NOT_MET else 0
                certain |= rows if truth is Truth.MET else 0
        return Bounds(possible, certain)

    def decided_by(self, sentence: Sentence, condition: Condition) -> int:
        """Return the rows in which a condition is met or not just as one of its sentences is."""
        judged, gates = dict(self._judged), dict(self._gates)
        outcomes = []
        for rows in (self.everything, 0):
            self._gates = {}
            for presuming in (True, False):
                self._judged[sentence, presuming] = Bounds(rows, rows)
            outcomes.append(self.bounds(condition))
        self._judged, self._gates = judged, gates
        told, untold = outcomes
        return told.certain & ~untold.possible | untold.certain & ~told.possible

    def where(self, dimension: Dimension, cell: int) -> int:
        """Return the rows in which a question has the answer of one cell."""
        key = (dimension.subject, cell)
        if key not in self._masks:
            self._masks[key] = self._rows(dimension, (cell,))
        return self._masks[key]

    def _rows(self, dimension: Dimension, cells: Iterable[int]) -> int:
        """Return the rows in which a question has one of several cells.

        The pattern of one round through the question is made first, and then doubled until it
        fills the table.
        """
        stride, ones = dimension.stride, (1 << dimension.stride) - 1
        block = sum(ones << (cell * stride) for cell in cells)
        length = stride * len(dimension.cells)
        while length < self.size:
            block |= block << length
            length *= 2
        return block & self.everything

    def moved(self, rows: int, dimension: Dimension, cell: int, other: int) -> int:
        """Return the *rows* that have one cell, as they would be with another cell instead."""
        chosen = rows & self.where(dimension, cell)
        distance = (other - cell) * dimension.stride
        return chosen << distance if distance >= 0 else chosen >> -distance

    def smallest(self, rows: int) -> int | None:
        """Return the row, among some, that is nearest to a healthy patient."""
        for lighter in self._by_weight:
            if hit := rows & lighter:
                return (hit & -hit).bit_length() - 1
        return None

    @cached_property
    def _by_weight(self) -> list[int]:
        """The rows of each weight, lightest first; questions that are not asked weigh nothing."""
        found = {0: self.everything}
        for dimension in self.dimensions.values():
            asked = self.asked(dimension.subject).possible
            by_weight: dict[int, list[int]] = {}
            for number, cell in enumerate(dimension.cells):
                by_weight.setdefault(cell.weight, []).append(number)
            kinds = [(extra, self._rows(dimension, cells)) for extra, cells in by_weight.items()]
            first = self.where(dimension, 0)
            heavier: dict[int, int] = {}
            for weight, rows in found.items():
                for extra, where in kinds:
                    here = rows & where
                    if part := here & asked:
                        heavier[weight + extra] = heavier.get(weight + extra, 0) | part
                    if part := here & ~asked & ~first:
                        more = weight + extra + 1
                        heavier[more] = heavier.get(more, 0) | part
                if part := rows & first & ~asked:
                    heavier[weight] = heavier.get(weight, 0) | part
            found = heavier
        return [found[weight] for weight in sorted(found)]

    def answers(self, row: int) -> dict[str, Answer]:
        """Return the answers of a row, those to questions that are not asked left out."""
        bit = 1 << row
        return {
            dimension.subject: dimension.cells[self.cell_of(row, dimension)].answer
            for dimension in self.dimensions.values()
            if self.asked(dimension.subject).possible & bit
        }

    @cached_property
    def lawless(self) -> dict[str, Answer] | None:
        """An answer that some sentence takes for more than it says; None when there is none.

        Such an answer shares its cell with one that says more, so that no row shows it.
        """
        for dimension in self.dimensions.values():
            answer = self._cells.lawless(dimension.subject, dimension.sentences)
            if answer is not None:
                return {dimension.subject: answer}
        return None

    @property
    def compares_areas(self) -> bool:
        """Whether marked spots are held against the treatment area.

        A few areas then stand for all, so that it cannot be said that every area was marked.
        """
        dimensions = self.dimensions.values()
        return any(isinstance(s, Overlaps) for d in dimensions for s in d.sentences)

    @staticmethod
    def cell_of(row: int, dimension: Dimension) -> int:
        """Return which cell of a question a row has."""
        return row // dimension.stride % len(dimension.cells)


def _all(rows: Iterable[int]) -> int:
    found = -1
    for one in rows:
        found &= one
    return found


def _any(rows: Iterable[int]) -> int:
    found = 0
    for one in rows:
        found |= one
    return found


def _closure(
    gates: Mapping[str, Condition], conditions: Iterable[Condition]
) -> Iterator[Condition]:
    """Yield the conditions, and the gates of every question they depend on."""
    seen: set[str] = set()
    waiting: list[Condition] = list(conditions)
    while waiting:
        condition = waiting.pop()
        yield condition
        for sentence in condition.sentences():
            for subject in _subjects(sentence):
                if subject not in seen and subject in gates:
                    waiting.append(gates[subject])
                seen.add(subject)


def _turns(condition: Condition) -> bool:
    """Tell whether there is a `not` in a condition."""
    return isinstance(condition, Not) or any(_turns(part) for part in condition.children())


def _sentences_by_subject(
    pack: RulePack, conditions: Iterable[Condition]
) -> Mapping[str, tuple[Sentence, ...]]:
    """Return every sentence of the conditions by the question it is about.

    Earlier questions come first, so that a witness reads in the order of the form.
    """
    found: dict[str, dict[Sentence, None]] = {}
    for condition in conditions:
        for sentence in condition.sentences():
            for subject in _subjects(sentence):
                found.setdefault(subject, {})[sentence] = None
    return {s: tuple(found[s]) for s in pack.items if s in found}


def _subjects(sentence: Sentence) -> Iterator[str]:
    yield sentence.subject
    if isinstance(sentence, Overlaps):
        yield AREA_FIELD
