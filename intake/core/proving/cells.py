"""The answers to one question, sorted by what a few sentences make of them.

A sentence looks at one question, and only so many kinds of answer make a difference to it: a
choice is one of the codes it names or another, a date lies inside its window or outside or may be
either. Answers that no sentence tells apart share a cell, so that a handful of cells stands for
every answer there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from itertools import combinations
from typing import TYPE_CHECKING, TypeAlias

from intake.core.answers import Chosen, Happened, Measured, Missing, Picked, Worded
from intake.core.conditions import Case
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
        self._lawless: dict[tuple[str, tuple[Sentence, ...]], Answer | None] = {}
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

    def lawless(self, subject: str, sentences: tuple[Sentence, ...]) -> Answer | None:
        """Return an answer that a sentence settles although it may still turn out otherwise.

        Of every open answer (a list with "not sure" ticked, a vague date) each way of completing
        it is tried. Lists of medicines are left out: their law is that of one entry, and is held
        by the tests of the vocabulary.
        """
        key = (subject, sentences)
        if key not in self._lawless:
            self._lawless[key] = self._first_lawless(self.pack.items[subject], sentences)
        return self._lawless[key]

    def _first_lawless(self, item: Item, sentences: tuple[Sentence, ...]) -> Answer | None:
        if item.kind is Kind.MEDICINES:
            return None
        case = Case({}, {}, self.pack.areas, self.pack.vocabulary, self.today)
        alone = [s for s in sentences if not isinstance(s, Overlaps)]
        answers = [*_answers(item, sentences, self.pack, self.today), *_pairs(item)]
        for answer in filter(_is_open, answers):
            later = [other for other in answers if _may_be_completed(answer, other)]
            for sentence in alone if later else ():
                judged = sentence.judge(answer, case)
                outcomes = {sentence.judge(other, case) for other in later}
                if judged is not Truth.UNKNOWN and outcomes != {judged}:
                    return answer
        return None

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
            judged = tuple(sentence.weigh(answer, case) for sentence in sentences)
            key = judged if merged else answer
            if key not in seen:
                seen.add(key)
                yield answer, judged, _weight(answer)


def _pairs(item: Item) -> Iterator[Answer]:
    """Yield every option of a list with "not sure", and with each other one."""
    if item.kind not in (Kind.CHOICES, Kind.BODY_MAP):
        return
    codes = [code for code in item.codes if code not in (NONE_CODE, UNDECIDED_CODE)]
    for code in codes:
        yield Picked(frozenset({code}), unsure=True)
        yield from (Picked(frozenset({code, other})) for other in codes)


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


def _is_open(answer: Answer) -> bool:
    """Tell whether an answer says something, and may turn out to say more."""
    match answer:
        case Picked(unsure=unsure):
            return unsure
        case Happened(when=when):
            return not when.is_exact
        case _:
            return False


def _may_be_completed(answer: Answer, other: Answer) -> bool:
    """Tell whether an answer may turn out to be another that says more."""
    match answer, other:
        case Missing(), _:
            return not isinstance(other, Missing)
        case Picked(codes, True), Picked(more, _):
            return codes <= more and answer != other
        case Happened(_, when), Happened(_, exact):
            return when != exact and when.earliest <= exact.earliest and exact.latest <= when.latest
        case _:
            return False


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
    Where areas are compared with marked spots, three areas of each kind are kept, those with
    spots first: one area can then be both planned and marked, and one each only the one.
    """
    overlapping = not _are_merged(sentences)
    if overlapping and item.kind is Kind.BODY_MAP:
        return list(_spots(item, sentences, pack))
    mapped = {area for areas in pack.areas.values() for area in areas.values()}
    groups: dict[tuple[object, ...], list[str]] = {}
    for code in sorted(item.codes, key=lambda c: overlapping and c not in mapped):
        if code not in (UNDECIDED_CODE, NONE_CODE):
            groups.setdefault(_marks(code, sentences), []).append(code)
    most = 3 if overlapping else 1
    return [
        code
        for marks, codes in groups.items()
        for code in codes[:most]
        if overlapping or any(mark is not False for mark in marks)
    ]


def _spots(item: Item, sentences: Sequence[Sentence], pack: RulePack) -> Iterator[str]:
    """Yield in each area one spot of every kind that sentences tell apart."""
    spots = pack.areas[item.link_id]
    for area in dict.fromkeys(spots.values()):
        kinds: set[tuple[object, ...]] = set()
        for code in item.codes:
            marks = _marks(code, sentences)
            if code != NONE_CODE and spots.get(code) == area and marks not in kinds:
                kinds.add(marks)
                yield code


def _marks(code: str, sentences: Sequence[Sentence]) -> tuple[object, ...]:
    """Return what sentences see of an option; "all of" sees each of its options by itself."""
    return tuple(
        code
        if code in _codes(sentence)
        and isinstance(sentence, Includes)
        and sentence.quantifier is Quantifier.ALL
        else code in _codes(sentence)
        for sentence in sentences
    )


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
    under = limit.quantize(step, ROUND_FLOOR)
    under = limit if under == limit else under
    near = (under - step, under, under + step) if under == limit else (under, under + step)
    return tuple(
        value for value in near if (low is None or value >= low) and (high is None or value <= high)
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
