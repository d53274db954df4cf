"""Conditions: groups of sentences, each about one question, judged in three values.

A condition is data. It has no loops, no arithmetic and no functions, so it has a truth for every
set of answers and can be checked exhaustively.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from intake.core.answers import (
    Answer,
    Happened,
    Listed,
    Missing,
)
from intake.core.dates import Interval
from intake.core.truth import Truth, all_of, any_of, at_least

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from intake.core.dates import Window
    from intake.core.medicines import MedicineEntry, Recognition
    from intake.core.vocabulary import Vocabulary

AREA_FIELD = "plan.area"
DEVICE_FIELD = "plan.device"
BIRTH_DATE = "birth_date"


@dataclass(frozen=True)
class Case:
    """Everything a condition may look at.

    Attributes:
        answers: Typed answers by link id; fields of the treatment plan as `plan.area`.
        gates: The enable-when of each question that has one.
        areas: For a body map, the treatment area of each region: `areas[link_id][code]`.
        vocabulary: What medicine names mean.
        today: The clinic's local date.
        presuming: Whether the stricter reading counts as met where something is open.
        seen: What the vocabulary made of medicines so far. Cases that differ in a date or in what
            somebody told share it, since reading words is what takes long.
    """

    answers: Mapping[str, Answer]
    gates: Mapping[str, Condition]
    areas: Mapping[str, Mapping[str, str | None]]
    vocabulary: Vocabulary
    today: date
    presuming: bool = True
    seen: dict[MedicineEntry, Recognition] = field(default_factory=dict, repr=False, compare=False)

    def answer(self, subject: str) -> Answer:
        """Return the answer to *subject*; a question nobody answered is missing."""
        return self.answers.get(subject, Missing.NOT_ANSWERED)

    def asked(self, subject: str) -> Truth:
        """Tell whether *subject* is a question that is asked; unknown counts as asked."""
        gate = self.gates.get(subject)
        if gate is None:
            return Truth.MET
        if subject not in self.asked_so_far:
            self.asked_so_far[subject] = gate.truth(self)
        return self.asked_so_far[subject]

    @cached_property
    def asked_so_far(self) -> dict[str, Truth]:
        """What was found out about gates; hundreds of sentences ask about the same few."""
        return {}

    @cached_property
    def recognised(self) -> Mapping[str, tuple[Recognition, ...]]:
        """What the vocabulary makes of each list of medicines."""
        return {
            link_id: tuple(map(self._recognise, answer.entries))
            for link_id, answer in self.answers.items()
            if isinstance(answer, Listed)
        }

    def _recognise(self, entry: MedicineEntry) -> Recognition:
        if entry not in self.seen:
            self.seen[entry] = self.vocabulary.recognise(entry)
        return self.seen[entry]

    @cached_property
    def turned(self) -> Case:
        """The same case as the inside of a `not` sees it.

        What is only presumed, such as the stricter route of a medicine while none was said, may
        raise a flag and must not lower one.
        """
        return replace(self, presuming=not self.presuming)

    def on(self, day: date) -> Case:
        """Return the same case as it will stand on *day*."""
        return replace(self, today=day)

    def with_exact_date(self, key: DateKey, day: date) -> Case:
        """Return the same case with one vague date taken to be exactly *day*."""
        answer = self.answer(key.subject)
        if isinstance(answer, Happened):
            exact: Answer = replace(answer, when=type(answer.when)(day, day))
        elif isinstance(answer, Listed) and key.row is not None:
            rows = list(answer.entries)
            rows[key.row] = replace(rows[key.row], stopped=Interval(day, day))
            exact = replace(answer, entries=tuple(rows))
        else:
            return self
        return replace(self, answers={**self.answers, key.subject: exact})


@dataclass(frozen=True, slots=True)
class DateKey:
    """Where a date stands in the answers: a question, or a row of a list of medicines."""

    subject: str
    row: int | None = None


@dataclass(frozen=True, slots=True)
class DateUse:
    """A date that a sentence measures against a window."""

    key: DateKey
    when: Interval
    window: Window


Deciding: TypeAlias = "tuple[tuple[Sentence, Truth], ...]"
"""The sentences on which the truth of a condition rests, each with its own."""

_OTHERWISE = {True: Truth.NOT_MET, False: Truth.MET}
"""What is certain where nothing is left of what is asked for."""


class Condition(ABC):
    """A statement about a case that is met, not met or unknown."""

    @abstractmethod
    def truth(self, case: Case) -> Truth:
        """Judge the statement."""

    def decided(self, case: Case, *, wanted: bool = True) -> tuple[Truth, Deciding]:
        """Judge the statement, and say on which sentences that rests.

        Args:
            case: The answers.
            wanted: Whether it is asked why it may be met; otherwise, inside a `not`, why not.

        Returns:
            Its truth, and the sentences that hold (or fail) or are unknown; none once the other
            thing is certain.
        """
        del wanted
        return self.truth(case), ()

    @abstractmethod
    def children(self) -> tuple[Condition, ...]:
        """Return the statements it is made of; none for a sentence."""

    def sentences(self) -> Iterator[Sentence]:
        """Walk every sentence in it, in order."""
        for part in self.children():
            yield from part.sentences()

    @cached_property
    def subjects(self) -> tuple[str, ...]:
        """The questions its sentences look at, each once."""
        return tuple(dict.fromkeys(sentence.subject for sentence in self.sentences()))

    @cached_property
    def dated(self) -> tuple[Sentence, ...]:
        """Its sentences that measure dates; most conditions have none."""
        return tuple(one for one in self.sentences() if type(one).dates is not Sentence.dates)

    @cached_property
    def size(self) -> int:
        """How many sentences judging it can take, named conditions written out."""
        return sum(part.size for part in self.children()) or 1


class Compound(Condition):
    """A statement made of others: its truth is that of its parts, joined.

    Attributes:
        turns: Whether it is met where its part is not.
    """

    turns: ClassVar[bool] = False

    @abstractmethod
    def joined(self, truths: Iterable[Truth]) -> Truth:
        """Judge it by the truths of its parts, in their order."""

    def inside(self, case: Case) -> Case:
        """Return the case as its parts see it."""
        return case

    def truth(self, case: Case) -> Truth:
        """Judge its parts, and it by them."""
        inner = self.inside(case)
        return self.joined(part.truth(inner) for part in self.children())

    def decided(self, case: Case, *, wanted: bool = True) -> tuple[Truth, Deciding]:
        """Judge its parts, and it by them; it rests on what they rest on."""
        inner, why = self.inside(case), wanted is not self.turns
        parts = [part.decided(inner, wanted=why) for part in self.children()]
        truth = self.joined(truth for truth, _ in parts)
        if truth is _OTHERWISE[wanted]:
            return truth, ()
        return truth, tuple(chain.from_iterable(deciding for _, deciding in parts))


@dataclass(frozen=True)
class Group(Compound):
    """Several statements taken together."""

    parts: tuple[Condition, ...]

    def children(self) -> tuple[Condition, ...]:
        """Return the parts."""
        return self.parts


@dataclass(frozen=True)
class Wrapper(Compound):
    """One statement, turned or named."""

    part: Condition

    def children(self) -> tuple[Condition, ...]:
        """Return the one part."""
        return (self.part,)


@dataclass(frozen=True)
class All(Group):
    """Met when every part is."""

    def joined(self, truths: Iterable[Truth]) -> Truth:
        """Judge by strong Kleene and."""
        return all_of(truths)


@dataclass(frozen=True)
class AnyOf(Group):
    """Met when some part is."""

    def joined(self, truths: Iterable[Truth]) -> Truth:
        """Judge by strong Kleene or."""
        return any_of(truths)


@dataclass(frozen=True)
class Not(Wrapper):
    """Met when its part is not met."""

    turns: ClassVar[bool] = True

    def inside(self, case: Case) -> Case:
        """Return the case turned: what is only presumed must not lower a flag."""
        return case.turned

    def joined(self, truths: Iterable[Truth]) -> Truth:
        """Judge the opposite; the opposite of unknown is unknown."""
        return all_of(truths).negated()


@dataclass(frozen=True)
class AtLeast(Group):
    """Met when at least *number* parts are."""

    number: int

    def joined(self, truths: Iterable[Truth]) -> Truth:
        """Judge by counting what is met and what may be."""
        return at_least(self.number, truths)


@dataclass(frozen=True)
class Named(Wrapper):
    """A condition the pack defines once under a name."""

    name: str
    title: str

    def joined(self, truths: Iterable[Truth]) -> Truth:
        """Judge what stands behind the name."""
        return all_of(truths)


@dataclass(frozen=True)
class Sentence(Condition):
    """One short sentence about one question.

    Attributes:
        text: The sentence as it stands in the file.
        subject: The question or plan field it looks at.
        settings: Names of the settings it uses.
        is_plain: Whether nothing but the answer decides it.
        presumes: Whether it may come out otherwise inside a `not`, see `Case.turned`.
    """

    is_plain: ClassVar[bool] = False
    presumes: ClassVar[bool] = False

    text: str
    subject: str
    settings: tuple[str, ...]

    def children(self) -> tuple[Condition, ...]:
        """Return nothing: a sentence is a leaf."""
        return ()

    def sentences(self) -> Iterator[Sentence]:
        """Yield itself."""
        yield self

    def truth(self, case: Case) -> Truth:
        """Judge the sentence.

        Not met when its question is not asked. While it is unknown whether the question is asked,
        an answer that would meet the sentence leaves it unknown, so that learning more can settle
        it but never overturn it.
        """
        asked = case.asked(self.subject)
        if asked is Truth.NOT_MET:
            return Truth.NOT_MET
        weighed = self.weigh(case.answer(self.subject), case)
        return weighed if asked is Truth.MET else all_of((asked, weighed))

    def decided(self, case: Case, *, wanted: bool = True) -> tuple[Truth, Deciding]:
        """Judge it; it rests on itself."""
        truth = self.truth(case)
        return truth, () if truth is _OTHERWISE[wanted] else ((self, truth),)

    def weigh(self, answer: Answer, case: Case) -> Truth:
        """Judge an answer that may be missing; a missing one is unknown."""
        return Truth.UNKNOWN if isinstance(answer, Missing) else self.judge(answer, case)

    @abstractmethod
    def judge(self, answer: Answer, case: Case) -> Truth:
        """Judge an answer that has a value; one of the wrong kind is unknown."""

    def dates(self, case: Case) -> Iterator[DateUse]:
        """Yield the dates it measures against a window."""
        del case
        yield from ()

    @property
    def windows(self) -> tuple[Window, ...]:
        """The windows of time it measures dates against."""
        return ()


def gating(subjects: Iterable[str], gates: Mapping[str, Condition]) -> tuple[str, ...]:
    """Return questions with all those that decide whether they are asked, gates of gates too."""
    found: dict[str, None] = {}
    left = list(subjects)
    while left:
        subject = left.pop()
        if subject not in found:
            found[subject] = None
            left += gates[subject].subjects if subject in gates else ()
    return tuple(found)
