"""The answers to one question, sorted by what a few sentences make of them.

A sentence looks at one question, and only so many kinds of answer make a difference to it: a
choice is one of the codes it names or another, a date lies inside its window or outside or may be
either. Answers that no sentence tells apart share a cell, so that a handful of cells stands for
every answer there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import TYPE_CHECKING, TypeAlias

from intake.core.answers import Chosen, Happened, Measured, Missing, Picked, Worded
from intake.core.conditions import AREA_FIELD, Case
from intake.core.dates import Interval, Unit, Window, shift_days
from intake.core.proving import TooLargeError
from intake.core.proving.medicine_cells import Judged, MedicineCells
from intake.core.questionnaire import NONE_CODE, UNDECIDED_CODE, Kind
from intake.core.sentences import Age, Compares, Includes, Is, Overlaps, PlanIs, Quantifier, Within
from intake.core.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from intake.core.answers import Answer
    from intake.core.conditions import Sentence
    from intake.core.questionnaire import Item
    from intake.core.rules import RulePack


Kinds: TypeAlias = "tuple[Answer, Judged, int]"
"""An answer, what each sentence makes of it, and its weight."""


MOST_GROUPS = 12
"""Most groups of options that are combined; there are 2 to the power of that many sets."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Answers that no sentence in question tells apart.

    Attributes:
        answer: One of them.
        judged: What each sentence makes of it, in their order.
        weight: How far it is from what a healthy patient says; witnesses prefer light cells.
    """

    answer: Answer
    judged: Judged
    weight: int


class Cells:
    """The cells of every question of a pack on one day, each kind made once."""

    def __init__(self, pack: RulePack, today: date) -> None:
        self.pack = pack
        self.today = today
        self._made: dict[tuple[str, tuple[Sentence, ...], bool], tuple[Cell, ...]] = {}
        self._medicines = MedicineCells(pack.vocabulary, today)

    def of(
        self, subject: str, sentences: tuple[Sentence, ...], *, turning: bool = True
    ) -> tuple[Cell, ...]:
        """Return the cells of a question for *sentences*, all of which look at it.

        The first cell is the plainest: "no", "none of these", long ago.

        Args:
            subject: The question.
            sentences: What is asked of its answer.
            turning: Whether some sentence may stand inside a `not`.

        Raises:
            TooLargeError: there are too many.
        """
        key = (subject, sentences, turning)
        if key not in self._made:
            kinds = self._kinds(self.pack.items[subject], sentences, turning=turning)
            self._made[key] = tuple(Cell(*kind) for kind in kinds)
        return self._made[key]

    def _kinds(
        self, item: Item, sentences: tuple[Sentence, ...], *, turning: bool
    ) -> Iterator[Kinds]:
        """Yield one answer of each kind."""
        if item.kind is Kind.MEDICINES:
            yield from self._medicines.of(sentences, turning=turning)
            return
        case = Case({}, {}, self.pack.areas, self.pack.vocabulary, self.today)
        merged = _are_merged(sentences)
        seen: set[object] = set()
        for answer in _answers(item, sentences, self.pack, self.today):
            judged = tuple(
                Truth.UNKNOWN if isinstance(answer, Missing) else sentence.judge(answer, case)
                for sentence in sentences
            )
            key = judged if merged else answer
            if key not in seen:
                seen.add(key)
                yield answer, judged, _weight(answer)


def _are_merged(sentences: Sequence[Sentence]) -> bool:
    """Tell whether answers that sentences judge alike share a cell.

    Not so where two answers are compared with each other: there each set of spots and of areas
    counts for itself.
    """
    return not any(isinstance(sentence, Overlaps) for sentence in sentences)


def refinements(
    cells: Sequence[Cell], sentences: Sequence[Sentence]
) -> tuple[tuple[int, ...], ...]:
    """Return for each cell those it may turn out to be once more is known, by their places.

    Where cells are merged these are all that agree wherever it is known: more than can be reached,
    never fewer.
    """
    merged = _are_merged(sentences)
    return tuple(
        tuple(
            place
            for place, other in enumerate(cells)
            if other is not cell
            and (
                _agrees(cell.judged, other.judged)
                if merged
                else _may_be_completed(cell.answer, other.answer)
            )
        )
        for cell in cells
    )


def _agrees(judged: Judged, known: Judged) -> bool:
    return all(t is Truth.UNKNOWN or t is k for t, k in zip(judged, known, strict=True))


def _may_be_completed(answer: Answer, other: Answer) -> bool:
    """Tell whether a list of options may turn out to be another."""
    if isinstance(answer, Missing):
        return True
    if not isinstance(answer, Picked) or not isinstance(other, Picked) or not answer.unsure:
        return False
    return answer.codes <= other.codes


def _weight(answer: Answer) -> int:
    """Weigh an answer: a plain no 0, a known yes 2, vague or unknown 3."""
    match answer:
        case Missing():
            return 3
        case Chosen("no") | Chosen("none"):
            return 0
        case Picked(codes, unsure):
            ticked = codes - {NONE_CODE}
            return 2 * len(ticked) + 3 * unsure
        case Happened(_, when):
            return 2 if when.is_exact else 4
        case _:
            return 2


def _answers(
    item: Item, sentences: Sequence[Sentence], pack: RulePack, today: date
) -> Iterator[Answer]:
    """Yield an answer of every kind, plainest first, and "not sure"."""
    match item.kind:
        case Kind.YES_NO | Kind.CHOICE:
            yield from _choices(item, sentences)
        case Kind.CHOICES | Kind.BODY_MAP:
            yield from _picks(item, sentences, pack)
        case Kind.NUMBER:
            yield from _numbers(item, sentences)
        case Kind.DATE:
            yield from _dates(item, sentences, today)
    yield Missing.NOT_SURE


def _choices(item: Item, sentences: Sequence[Sentence]) -> Iterator[Answer]:
    """Yield one option for each set of sentences that name it; "no" and what nobody names first."""
    seen: set[tuple[bool, ...]] = set()
    codes = [code for code in item.codes if code != UNDECIDED_CODE]
    for code in sorted(codes, key=lambda c: (c not in ("no", NONE_CODE), _named(c, sentences))):
        marks = tuple(code in _codes(sentence) for sentence in sentences)
        if marks not in seen:
            seen.add(marks)
            yield Chosen(code)


def _named(code: str, sentences: Sequence[Sentence]) -> bool:
    return any(code in _codes(sentence) for sentence in sentences)


def _codes(sentence: Sentence) -> frozenset[str]:
    match sentence:
        case Is(codes=codes) | Includes(codes=codes):
            return codes
        case PlanIs(code=code):
            return frozenset({code})
        case _:
            return frozenset()


def _picks(item: Item, sentences: Sequence[Sentence], pack: RulePack) -> Iterator[Answer]:
    """Yield every set of options that sentences can tell apart, sure and with "not sure" ticked."""
    standing = _standing_for_others(item, sentences, pack)
    if len(standing) > MOST_GROUPS:
        msg = f"more than {MOST_GROUPS} groups of options in '{item.link_id}'"
        raise TooLargeError(msg)
    if NONE_CODE in item.codes:
        yield Picked(frozenset({NONE_CODE}))
    if (other := _other(item, sentences)) is not None:
        yield Picked(frozenset({other}))
        yield Picked(frozenset({other}), unsure=True)
    for size in range(1, len(standing) + 1):
        for codes in combinations(standing, size):
            yield Picked(frozenset(codes))
            yield Picked(frozenset(codes), unsure=True)


def _other(item: Item, sentences: Sequence[Sentence]) -> str | None:
    """Return an option that no sentence names."""
    others = (c for c in item.codes if c not in (UNDECIDED_CODE, NONE_CODE))
    return next((code for code in others if not _named(code, sentences)), None)


def _standing_for_others(item: Item, sentences: Sequence[Sentence], pack: RulePack) -> list[str]:
    """Return one option for each group that sentences treat alike.

    Options that the same "any of" sentences name are alike; "all of" makes each of its own kind.
    Where areas are compared with marked spots, three areas of each kind are kept, and a spot in
    each but the last: one area can then be both planned and marked, and one each only the one.
    """
    overlapping = any(isinstance(sentence, Overlaps) for sentence in sentences)
    if overlapping and item.kind is Kind.BODY_MAP:
        areas = _standing_for_others(pack.items[AREA_FIELD], sentences, pack)
        spots = pack.areas[item.link_id]
        return [
            next(code for code in spots if spots[code] == area)
            for area in areas[:-1]
            if area in spots.values()
        ]
    groups: dict[tuple[object, ...], list[str]] = {}
    for code in item.codes:
        if code in (UNDECIDED_CODE, NONE_CODE):
            continue
        marks: list[object] = []
        for sentence in sentences:
            is_named = code in _codes(sentence)
            each = isinstance(sentence, Includes) and sentence.quantifier is Quantifier.ALL
            marks.append(code if is_named and each else is_named)
        groups.setdefault(tuple(marks), []).append(code)
    most = 3 if overlapping else 1
    return [
        code
        for marks, codes in groups.items()
        for code in codes[:most]
        if overlapping or any(mark is not False for mark in marks)
    ]


def _numbers(item: Item, sentences: Sequence[Sentence]) -> Iterator[Answer]:
    """Yield the values just under, at and over each threshold, and the plausible ends."""
    values = {end for end in (item.minimum, item.maximum) if end is not None}
    for sentence in sentences:
        if isinstance(sentence, Compares):
            for limit in (sentence.limit, sentence.upper):
                values.update(around(limit, item) if limit is not None else ())
    yield from (Measured(value) for value in sorted(values))


def around(limit: Decimal, item: Item) -> tuple[Decimal, ...]:
    """Return the plausible values just under, at and over a threshold."""
    step = Decimal(1).scaleb(-item.decimals)
    low, high = item.minimum, item.maximum
    return tuple(
        value
        for value in (limit - step, limit, limit + step)
        if (low is None or value >= low) and (high is None or value <= high)
    )


def _dates(item: Item, sentences: Sequence[Sentence], today: date) -> Iterator[Answer]:
    """Yield the words, the days on both sides of each cut-off, and the spans between them."""
    for word in item.words:
        yield Worded(word)
    days = {today}
    for window in windows_of(sentences):
        cutoff = window.before(today)
        days |= {shift_days(cutoff, -1), cutoff, shift_days(cutoff, 1)}
    ordered = sorted(day for day in days if day <= today)
    for day in ordered:
        yield on_day(day)
    for first, last in combinations(ordered, 2):
        yield Happened(f"{first} to {last}", Interval(first, last))


def windows_of(sentences: Iterable[Sentence]) -> Iterator[Window]:
    """Yield the windows that some sentences measure a date against."""
    for sentence in sentences:
        match sentence:
            case Within(window=window):
                yield window
            case Age(years=years, upper=upper):
                for count in (years, years + 1, *([upper, upper + 1] if upper else [])):
                    yield Window(count, Unit.YEARS)
            case _:
                pass


def on_day(day: date) -> Happened:
    """Return the answer "on that day"."""
    return Happened(day.isoformat(), Interval(day, day))
