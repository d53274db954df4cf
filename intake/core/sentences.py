"""The sentences a condition is made of: one short statement about one question each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from intake.core.answers import Answer, Chosen, Happened, Listed, Measured, Picked, Worded
from intake.core.conditions import AREA_FIELD, Case, DateKey, DateUse, Sentence
from intake.core.dates import DateWord, Unit, Window
from intake.core.medicines import Wanted, enough_met
from intake.core.questionnaire import NONE_CODE
from intake.core.truth import Truth, all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal


@dataclass(frozen=True)
class Is(Sentence):
    """`x is yes`, `x is one of a, b`; negated: `x is not a`, `x is none of a, b`."""

    is_plain: ClassVar[bool] = True
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


@dataclass(frozen=True)
class UnderLabel(Sentence):
    """`plan.device is skinpen` in a clinic that works under that label: so for every plan."""

    def judge(self, answer: Answer, case: Case) -> Truth:
        """Take it as met."""
        del answer, case
        return Truth.MET

    def weigh(self, answer: Answer, case: Case) -> Truth:
        """Take it as met although nothing is planned yet."""
        return self.judge(answer, case)


class Quantifier(StrEnum):
    """How many of the named options must be ticked."""

    ANY = "any of"
    ALL = "all of"
    NONE = "none of"


@dataclass(frozen=True)
class Includes(Sentence):
    """`x includes a`, `x includes any of a, b`, `all of`, `none of`."""

    is_plain: ClassVar[bool] = True
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

    is_plain: ClassVar[bool] = True
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

    @property
    def windows(self) -> tuple[Window, ...]:
        """Its one window."""
        return (self.window,)


@dataclass(frozen=True)
class TakesMedicine(Sentence):
    """`medicine of class anticoagulant, status current`; `at least 2 medicines of class ...`."""

    presumes: ClassVar[bool] = True
    wanted: Wanted
    number: int = 1

    def judge(self, answer: Answer, case: Case) -> Truth:
        """Count the medicines that are what is asked for."""
        if not isinstance(answer, Listed):
            return Truth.UNKNOWN
        recognised = case.recognised[self.subject]
        return enough_met(
            self.number,
            self.wanted,
            recognised,
            case.today,
            unsure=answer.unsure,
            presuming=case.presuming,
        )

    def dates(self, case: Case) -> Iterator[DateUse]:
        """Yield the day each medicine was stopped against the window."""
        answer = case.answer(self.subject)
        if isinstance(answer, Listed) and self.wanted.within:
            for row, entry in enumerate(answer.entries):
                if entry.stopped:
                    yield DateUse(DateKey(self.subject, row), entry.stopped, self.wanted.within)

    @property
    def windows(self) -> tuple[Window, ...]:
        """How long after it was stopped a medicine still counts, where that is said."""
        return (self.wanted.within,) if self.wanted.within else ()


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

    is_plain: ClassVar[bool] = True
    code: str

    def judge(self, answer: Answer, case: Case) -> Truth:
        """Compare the planned device."""
        del case
        return Truth.of(answer.code == self.code) if isinstance(answer, Chosen) else Truth.UNKNOWN
