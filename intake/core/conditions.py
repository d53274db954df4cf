"""Conditions: groups of sentences, each about one question, judged in three values.

A condition is data. It has no loops, no arithmetic and no functions, so it has a truth for every
set of answers and can be checked exhaustively.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from intake.core.answers import (
    Answer,
    Chosen,
    Happened,
    Listed,
    Measured,
    Missing,
    Picked,
    Worded,
    with_day,
)
from intake.core.dates import DateWord, Unit, Window
from intake.core.medicines import Wanted, any_met
from intake.core.questionnaire import NONE_CODE
from intake.core.truth import Truth, all_of, any_of, at_least

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from decimal import Decimal

    from intake.core.dates import Interval
    from intake.core.medicines import Recognition, Vocabulary

AREA_FIELD = "plan.area"
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
    """

    answers: Mapping[str, Answer]
    gates: Mapping[str, Condition]
    areas: Mapping[str, Mapping[str, str | None]]
    vocabulary: Vocabulary
    today: date
    presuming: bool = True

    def answer(self, subject: str) -> Answer:
        """Return the answer to *subject*; a question nobody answered is missing."""
        return self.answers.get(subject, Missing.NOT_ANSWERED)

    def asked(self, subject: str) -> Truth:
        """Tell whether *subject* is a question that is asked; unknown counts as asked."""
        gate = self.gates.get(subject)
        if gate is None:
            return Truth.MET
        if subject not in self._asked:
            self._asked[subject] = gate.truth(self)
        return self._asked[subject]

    @cached_property
    def _asked(self) -> dict[str, Truth]:
        """What was found out about gates; hundreds of sentences ask about the same few."""
        return {}

    @cached_property
    def recognised(self) -> Mapping[str, tuple[Recognition, ...]]:
        """What the vocabulary makes of each list of medicines."""
        return {
            link_id: tuple(self.vocabulary.recognise(entry) for entry in answer.entries)
            for link_id, answer in self.answers.items()
            if isinstance(answer, Listed)
        }

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
            rows[key.row] = with_day(rows[key.row], day)
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


class Condition(ABC):
    """A statement about a case that is met, not met or unknown."""

    @abstractmethod
    def truth(self, case: Case) -> Truth:
        """Judge the statement."""

    @abstractmethod
    def children(self) -> tuple[Condition, ...]:
        """Return the statements it is made of; none for a sentence."""

    def sentences(self) -> Iterator[Sentence]:
        """Walk every sentence in it, in order."""
        for part in self.children():
            yield from part.sentences()

    @cached_property
    def size(self) -> int:
        """How many sentences judging it can take, named conditions written out."""
        return sum(part.size for part in self.children()) or 1


@dataclass(frozen=True)
class Group(Condition):
    """Several statements taken together."""

    parts: tuple[Condition, ...]

    def children(self) -> tuple[Condition, ...]:
        """Return the parts."""
        return self.parts


@dataclass(frozen=True)
class Wrapper(Condition):
    """One statement, turned or named."""

    part: Condition

    def children(self) -> tuple[Condition, ...]:
        """Return the one part."""
        return (self.part,)


@dataclass(frozen=True)
class All(Group):
    """Met when every part is."""

    def truth(self, case: Case) -> Truth:
        """Judge by strong Kleene and."""
        return all_of(part.truth(case) for part in self.parts)


@dataclass(frozen=True)
class AnyOf(Group):
    """Met when some part is."""

    def truth(self, case: Case) -> Truth:
        """Judge by strong Kleene or."""
        return any_of(part.truth(case) for part in self.parts)


@dataclass(frozen=True)
class Not(Wrapper):
    """Met when its part is not met."""

    def truth(self, case: Case) -> Truth:
        """Judge the opposite; the opposite of unknown is unknown."""
        return self.part.truth(case.turned).negated()


@dataclass(frozen=True)
class AtLeast(Group):
    """Met when at least *number* parts are."""

    number: int

    def truth(self, case: Case) -> Truth:
        """Judge by counting what is met and what may be."""
        return at_least(self.number, (part.truth(case) for part in self.parts))


@dataclass(frozen=True)
class Named(Wrapper):
    """A condition the pack defines once under a name."""

    name: str
    title: str

    def truth(self, case: Case) -> Truth:
        """Judge what stands behind the name."""
        return self.part.truth(case)


@dataclass(frozen=True)
class Sentence(Condition):
    """One short sentence about one question.

    Attributes:
        text: The sentence as it stands in the file.
        subject: The question or plan field it looks at.
        settings: Names of the settings it uses.
    """

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
        answer = case.answer(self.subject)
        judged = Truth.UNKNOWN if isinstance(answer, Missing) else self.judge(answer, case)
        return all_of((asked, judged))

    @abstractmethod
    def judge(self, answer: Answer, case: Case) -> Truth:
        """Judge an answer that has a value; one of the wrong kind is unknown."""

    def dates(self, case: Case) -> Iterator[DateUse]:
        """Yield the dates it measures against a window."""
        del case
        yield from ()


@dataclass(frozen=True)
class Is(Sentence):
    """`x is yes`, `x is one of a, b`; negated: `x is not a`, `x is none of a, b`."""

    codes: frozenset[str]
    negated: bool = False

    def judge(self, answer: Answer, case: Case) -> Truth:
        """Compare a choice, or the word given in place of a date."""
        del case
        match answer:
            case Chosen(code):
                found = Truth.of(code in self.codes)
            case Worded(word):
                found = Truth.of(word.value in self.codes)
            case Happened():
                found = Truth.NOT_MET
            case _:
                return Truth.UNKNOWN
        return found.negated() if self.negated else found


class Quantifier(StrEnum):
    """How many of the named options must be ticked."""

    ANY = "any of"
    ALL = "all of"
    NONE = "none of"


@dataclass(frozen=True)
class Includes(Sentence):
    """`x includes a`, `x includes any of a, b`, `all of`, `none of`."""

    codes: frozenset[str]
    quantifier: Quantifier = Quantifier.ANY

    def judge(self, answer: Answer, case: Case) -> Truth:
        """Look the options up among those ticked; with "not sure" ticked, absence is unknown."""
        del case
        if not isinstance(answer, Picked):
            return Truth.UNKNOWN
        absent = Truth.UNKNOWN if answer.unsure else Truth.NOT_MET
        truths = [Truth.MET if code in answer.codes else absent for code in sorted(self.codes)]
        match self.quantifier:
            case Quantifier.ALL:
                return all_of(truths)
            case Quantifier.ANY:
                return any_of(truths)
            case Quantifier.NONE:
                return any_of(truths).negated()


class Comparison(StrEnum):
    """How a number or an age is compared."""

    BELOW = "below"
    AT_MOST = "at most"
    AT_LEAST = "at least"
    ABOVE = "above"
    BETWEEN = "between"


@dataclass(frozen=True)
class Compares(Sentence):
    """`hba1c is at least hba1c_max`; between takes two limits, both included."""

    comparison: Comparison
    limit: Decimal
    upper: Decimal | None = None

    def judge(self, answer: Answer, case: Case) -> Truth:
        """Compare a number in the unit of its question."""
        del case
        if not isinstance(answer, Measured):
            return Truth.UNKNOWN
        value = answer.value
        match self.comparison:
            case Comparison.BELOW:
                return Truth.of(value < self.limit)
            case Comparison.AT_MOST:
                return Truth.of(value <= self.limit)
            case Comparison.AT_LEAST:
                return Truth.of(value >= self.limit)
            case Comparison.ABOVE:
                return Truth.of(value > self.limit)
            case Comparison.BETWEEN:
                upper = self.limit if self.upper is None else self.upper
                return Truth.of(self.limit <= value <= upper)


@dataclass(frozen=True)
class Age(Sentence):
    """`age is below 18 years`, `age is at least age_min`, `age is between 18 and 21 years`."""

    comparison: Comparison
    years: int
    upper: int | None = None

    def judge(self, answer: Answer, case: Case) -> Truth:
        """Compare whole years lived, from a birth date that may be vague."""
        if not isinstance(answer, Happened):
            return Truth.UNKNOWN
        born, today = answer.when, case.today
        reached = born.years_at_least(self.years, today)
        match self.comparison:
            case Comparison.AT_LEAST:
                return reached
            case Comparison.BELOW:
                return reached.negated()
            case Comparison.ABOVE:
                return born.years_at_least(self.years + 1, today)
            case Comparison.AT_MOST:
                return born.years_at_least(self.years + 1, today).negated()
            case Comparison.BETWEEN:
                past = born.years_at_least((self.upper or self.years) + 1, today)
                return all_of((reached, past.negated()))

    def dates(self, case: Case) -> Iterator[DateUse]:
        """Yield the birth date against each birthday that matters."""
        answer = case.answer(self.subject)
        if isinstance(answer, Happened):
            for years in {self.years, self.years + 1, (self.upper or self.years) + 1}:
                yield DateUse(DateKey(self.subject), answer.when, Window(years, Unit.YEARS))


@dataclass(frozen=True)
class Within(Sentence):
    """`cold_sore_healed within hsv_healed`; negated: `at least hsv_healed ago`.

    The negated form is not "not within": a thing that never happened is neither within a window
    nor at least a window ago.
    """

    window: Window
    ago: bool = False

    def judge(self, answer: Answer, case: Case) -> Truth:
        """Place the interval of days before or after the cut-off."""
        match answer:
            case Worded(DateWord.STILL):
                return Truth.of(not self.ago)
            case Worded(DateWord.NEVER):
                return Truth.NOT_MET
            case Happened(_, when):
                within = when.within(self.window, case.today)
                return within.negated() if self.ago else within
            case _:
                return Truth.UNKNOWN

    def dates(self, case: Case) -> Iterator[DateUse]:
        """Yield the date against the window."""
        answer = case.answer(self.subject)
        if isinstance(answer, Happened):
            yield DateUse(DateKey(self.subject), answer.when, self.window)


@dataclass(frozen=True)
class TakesMedicine(Sentence):
    """`medicine of class anticoagulant, status current`."""

    wanted: Wanted

    def judge(self, answer: Answer, case: Case) -> Truth:
        """Look for one entry that is what is asked for."""
        if not isinstance(answer, Listed):
            return Truth.UNKNOWN
        recognised = case.recognised[self.subject]
        return any_met(
            self.wanted, recognised, case.today, unsure=answer.unsure, presuming=case.presuming
        )

    def dates(self, case: Case) -> Iterator[DateUse]:
        """Yield the day each medicine was stopped against the window."""
        answer = case.answer(self.subject)
        if isinstance(answer, Listed) and self.wanted.within:
            for row, entry in enumerate(answer.entries):
                if entry.stopped:
                    yield DateUse(DateKey(self.subject, row), entry.stopped, self.wanted.within)


@dataclass(frozen=True)
class Overlaps(Sentence):
    """`marked_spot overlaps the treatment area`."""

    def judge(self, answer: Answer, case: Case) -> Truth:
        """Tell whether a marked region lies in an area that is to be treated."""
        planned = case.answer(AREA_FIELD)
        if not isinstance(answer, Picked):
            return Truth.UNKNOWN
        areas = case.areas.get(self.subject, {})
        marked = {areas.get(code) for code in answer.codes if code != NONE_CODE}
        if not marked and not answer.unsure:
            return Truth.NOT_MET
        if not isinstance(planned, Picked):
            return Truth.UNKNOWN
        if marked & planned.codes:
            return Truth.MET
        is_open = answer.unsure or planned.unsure or None in marked
        return Truth.UNKNOWN if is_open else Truth.NOT_MET


@dataclass(frozen=True)
class PlanIs(Sentence):
    """Whether the planned device is the one a stricter label is about."""

    code: str

    def judge(self, answer: Answer, case: Case) -> Truth:
        """Compare the planned device."""
        del case
        return Truth.of(answer.code == self.code) if isinstance(answer, Chosen) else Truth.UNKNOWN
