"""Lists of medicines, sorted by what a few sentences make of them.

A list holds any number of entries, and a sentence is met when one of them is what it asks for. So
the kinds of list are the kinds of entry and everything that joining them can give.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from intake.core.answers import Listed, Missing
from intake.core.dates import Interval, shift_days
from intake.core.medicines import MedicineEntry, Route, Status
from intake.core.proving import TooLargeError
from intake.core.sentences import TakesMedicine
from intake.core.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from intake.core.answers import Answer
    from intake.core.conditions import Sentence
    from intake.core.medicines import Medicine, Recognition, Wanted
    from intake.core.vocabulary import Vocabulary

Judged: TypeAlias = tuple[Truth, ...]
"""What each of a list of sentences makes of an answer."""

MOST_LISTS = 20_000
"""Most kinds of list that are told apart."""


NOBODY_KNOWS = "a medicine nobody knows"
"""A name that is in no vocabulary."""

NOT_ON = "not on "
"""Words of doubt before a name."""

Counts: TypeAlias = "tuple[tuple[int, int], ...]"
"""For each sentence how many medicines are what it asks for, and how many may be."""


class MedicineCells:
    """The kinds of medicine list for some sentences.

    Every name is recognised once, and the same sentences are looked through once: hundreds of
    mutants of a rule ask for the same medicines.
    """

    def __init__(self, vocabulary: Vocabulary, today: date) -> None:
        self._vocabulary = vocabulary
        self._today = today
        self._recognised: dict[MedicineEntry, Recognition] = {}
        self._belonging: dict[str, tuple[object, ...]] = {}
        self._looked_through: dict[object, list[tuple[Counts, MedicineEntry]]] = {}

    def of(
        self, sentences: Sequence[Sentence], *, turning: bool
    ) -> Iterator[tuple[Answer, Judged, int]]:
        """Yield a list of medicines for every outcome *sentences* can have, with its weight.

        When *turning* two outcomes are kept for each sentence: as it stands, and as the inside of
        a `not` sees it, where the stricter reading of an unsaid route does not count.
        """
        asking = tuple(s for s in sentences if isinstance(s, TakesMedicine))
        numbers = tuple(sentence.number for sentence in asking) * (2 if turning else 1)
        if (asking, turning) not in self._looked_through:
            self._looked_through[asking, turning] = self._kinds(asking, turning=turning)
        lists = _joined(self._looked_through[asking, turning], numbers)
        seen: set[Judged] = set()
        for counts, entries in lists.items():
            judged = _judged(counts, numbers)
            if judged not in seen:
                seen.add(judged)
                yield Listed(entries), judged, 2 * len(entries)
        nothing = tuple(Truth.UNKNOWN for _ in numbers)
        if nothing not in seen:
            seen.add(nothing)
            yield Missing.NOT_SURE, nothing, 3
        for counts, entries in lists.items():
            more = tuple((met, number) for (met, _), number in zip(counts, numbers, strict=True))
            judged = _judged(more, numbers)
            if judged not in seen:
                seen.add(judged)
                yield Listed(entries, unsure=True), judged, 2 * len(entries) + 3

    def _kinds(
        self, asking: Sequence[TakesMedicine], *, turning: bool
    ) -> list[tuple[Counts, MedicineEntry]]:
        """Return entries of every kind, as many different medicines of each as are counted."""
        most = max((sentence.number for sentence in asking), default=1)
        wanted = [sentence.wanted for sentence in asking]
        found: list[tuple[Counts, MedicineEntry]] = []
        times: dict[Counts, int] = {}
        names: set[str] = set()
        medicines = self._medicines(wanted, each=1 if most == 1 else 40)
        for entry in _entries(wanted, medicines, self._today):
            counts = self._count(asking, entry, turning=turning)
            name = entry.name.removeprefix(NOT_ON)
            if times.get(counts, 0) < most and (most == 1 or name not in names):
                times[counts] = times.get(counts, 0) + 1
                names.add(name)
                found.append((counts, entry))
        return found

    def _medicines(self, wanted: Sequence[Wanted], *, each: int) -> Iterator[Medicine]:
        """Yield at most *each* medicines for every way of belonging to the classes wanted."""
        classes = {one.medicine_class for one in wanted}
        ways = [self._ways(name) for name in sorted(classes)]
        times: dict[object, int] = {}
        for number, medicine in enumerate(self._vocabulary.medicines):
            kind = tuple(way[number] for way in ways)
            if times.get(kind, 0) < each:
                times[kind] = times.get(kind, 0) + 1
                yield medicine

    def _ways(self, wanted: str) -> tuple[object, ...]:
        """Return how each medicine belongs to a class, by route and for either reading."""
        if wanted not in self._belonging:
            self._belonging[wanted] = tuple(
                tuple(
                    medicine.of_class(wanted, route, presuming=presuming)
                    for route in (None, *Route)
                    for presuming in (True, False)
                )
                for medicine in self._vocabulary.medicines
            )
        return self._belonging[wanted]

    def _count(
        self, asking: Sequence[TakesMedicine], entry: MedicineEntry, *, turning: bool
    ) -> Counts:
        """Return what an entry adds to each sentence: medicines it is, medicines it may be."""
        if entry not in self._recognised:
            self._recognised[entry] = self._vocabulary.recognise(entry)
        recognition = self._recognised[entry]
        found = []
        for presuming in (True, False) if turning else (True,):
            for sentence in asking:
                truth = sentence.wanted.met_by(recognition, self._today, presuming)
                many = 1 if recognition.matches else sentence.number
                possible = 0 if truth is Truth.NOT_MET else many
                found.append((1 if truth is Truth.MET else 0, possible))
        return tuple(found)


def _judged(counts: Counts, numbers: Sequence[int]) -> Judged:
    """Turn counts into what each sentence makes of them."""
    return tuple(
        Truth.MET if met >= number else Truth.UNKNOWN if possible >= number else Truth.NOT_MET
        for (met, possible), number in zip(counts, numbers, strict=True)
    )


def _joined(
    kinds: Sequence[tuple[Counts, MedicineEntry]], numbers: Sequence[int]
) -> dict[Counts, tuple[MedicineEntry, ...]]:
    """Return every count a list made of such entries can come to, each with a short example.

    Nothing above what a sentence asks for is told apart.

    Raises:
        TooLargeError: there are more than `MOST_LISTS`.
    """
    lists: dict[Counts, tuple[MedicineEntry, ...]] = {tuple((0, 0) for _ in numbers): ()}
    for counts, entry in kinds:
        longer: dict[Counts, tuple[MedicineEntry, ...]] = {}
        for before, entries in lists.items():
            both = tuple(
                (min(met + m, number), min(possible + p, number))
                for (met, possible), (m, p), number in zip(before, counts, numbers, strict=True)
            )
            known = longer.get(both, lists.get(both))
            if known is None or len(known) > len(entries) + 1:
                longer[both] = (*entries, entry)
        lists |= longer
        if len(lists) > MOST_LISTS:
            msg = f"more than {MOST_LISTS:,} kinds of medicine list"
            raise TooLargeError(msg)
    return lists


def _entries(
    wanted: Sequence[Wanted], medicines: Iterable[Medicine], today: date
) -> Iterator[MedicineEntry]:
    """Yield entries of every kind: what it is, how it is taken, since when it is not.

    Args:
        wanted: What is asked for.
        medicines: Those that are tried.
        today: The day for which windows are counted back.
    """
    yield MedicineEntry(NOBODY_KNOWS, Status.CURRENT)
    for medicine in medicines:
        routes: list[Route | None] = [None]
        if medicine.by_route or medicine.maybe_by_route or any(one.route for one in wanted):
            routes += Route
        for route in routes:
            for status, stopped in _times(wanted, today):
                said = str(stopped.earliest) if stopped and stopped.is_exact else "some time ago"
                for name in (medicine.name, f"{NOT_ON}{medicine.name}"):
                    yield MedicineEntry(name, status, stopped, said if stopped else "", route)


def _times(wanted: Sequence[Wanted], today: date) -> Iterator[tuple[Status, Interval | None]]:
    """Yield: taken now, nobody said, stopped; and every place of that day before the cut-offs."""
    yield Status.CURRENT, None
    yield Status.UNKNOWN, None
    yield Status.STOPPED, None
    days = {today}
    for one in wanted:
        if one.within:
            cutoff = one.within.before(today)
            days |= {shift_days(cutoff, -1), cutoff, shift_days(cutoff, 1)}
    ordered = sorted(days)
    for number, first in enumerate(ordered):
        for last in ordered[number:]:
            yield Status.STOPPED, Interval(first, last)
        yield Status.UNKNOWN, Interval(first, first)
