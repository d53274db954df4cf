"""Lists of medicines, sorted by what a few sentences make of them.

A list holds any number of entries, and a sentence is met when one of them is what it asks for. So
the kinds of list are the kinds of entry and everything that joining them can give.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from intake.core.answers import Listed, Missing
from intake.core.dates import Interval, shift_days
from intake.core.medicines import MedicineEntry, Route, Status
from intake.core.proving import TooLargeError
from intake.core.sentences import TakesMedicine
from intake.core.truth import Truth, any_of

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


class MedicineCells:
    """The kinds of medicine list for some sentences; every name is recognised once."""

    def __init__(self, vocabulary: Vocabulary, today: date) -> None:
        self._vocabulary = vocabulary
        self._today = today
        self._recognised: dict[str, Recognition] = {}

    def of(self, sentences: Sequence[Sentence]) -> Iterator[tuple[Answer, Judged, int]]:
        """Yield a list of medicines for every outcome *sentences* can have, with its weight.

        Two outcomes are kept for each sentence: as it stands, and as the inside of a `not` sees
        it, where the stricter reading of an unsaid route does not count.
        """
        wanted = [sentence.wanted for sentence in sentences if isinstance(sentence, TakesMedicine)]
        kinds: dict[Judged, tuple[MedicineEntry, ...]] = {}
        for entry in _entries(wanted, self._vocabulary, self._today):
            kinds.setdefault(self._judge(wanted, entry), (entry,))
        lists = _joined(kinds, tuple(Truth.NOT_MET for _ in range(2 * len(wanted))))
        seen: set[Judged] = set()
        for judged, entries in lists.items():
            seen.add(judged)
            yield Listed(entries), judged, 2 * len(entries)
        nothing = tuple(Truth.UNKNOWN for _ in range(2 * len(wanted)))
        if nothing not in seen:
            seen.add(nothing)
            yield Missing.NOT_SURE, nothing, 3
        for judged, entries in lists.items():
            unsure = tuple(any_of((truth, Truth.UNKNOWN)) for truth in judged)
            if unsure not in seen:
                seen.add(unsure)
                yield Listed(entries, unsure=True), unsure, 2 * len(entries) + 3

    def _judge(self, wanted: Sequence[Wanted], entry: MedicineEntry) -> Judged:
        if entry.name not in self._recognised:
            plain = MedicineEntry(entry.name)
            self._recognised[entry.name] = self._vocabulary.recognise(plain)
        recognition = replace(self._recognised[entry.name], entry=entry)
        return tuple(
            one.met_by(recognition, self._today, presuming)
            for presuming in (True, False)
            for one in wanted
        )


def _joined(
    kinds: dict[Judged, tuple[MedicineEntry, ...]], empty: Judged
) -> dict[Judged, tuple[MedicineEntry, ...]]:
    """Return every outcome of a list made of such entries, each with a shortest example.

    Raises:
        TooLargeError: there are more than `MOST_LISTS`.
    """
    lists: dict[Judged, tuple[MedicineEntry, ...]] = {empty: ()}
    longest = dict(lists)
    while longest:
        longer: dict[Judged, tuple[MedicineEntry, ...]] = {}
        for judged, entries in longest.items():
            for kind, example in kinds.items():
                both = tuple(any_of(pair) for pair in zip(judged, kind, strict=True))
                if both not in lists and both not in longer:
                    longer[both] = (*entries, *example)
        lists |= longer
        if len(lists) > MOST_LISTS:
            msg = f"more than {MOST_LISTS:,} kinds of medicine list"
            raise TooLargeError(msg)
        longest = longer
    return lists


def _entries(
    wanted: Sequence[Wanted], vocabulary: Vocabulary, today: date
) -> Iterator[MedicineEntry]:
    """Yield an entry of every kind: what it is, how it is taken, since when it is not."""
    classes = frozenset(one.medicine_class for one in wanted)
    yield MedicineEntry(NOBODY_KNOWS, Status.CURRENT)
    for medicine in _kinds(vocabulary.medicines, classes):
        routes: list[Route | None] = [None]
        if medicine.by_route or medicine.maybe_by_route or any(one.route for one in wanted):
            routes += Route
        for route in routes:
            for status, stopped in _times(wanted, today):
                said = str(stopped.earliest) if stopped and stopped.is_exact else "some time ago"
                for name in (medicine.name, f"not on {medicine.name}"):
                    yield MedicineEntry(name, status, stopped, said if stopped else "", route)


def _kinds(medicines: Iterable[Medicine], classes: frozenset[str]) -> Iterator[Medicine]:
    """Yield one medicine for each way of belonging to *classes*."""
    seen = set()
    for medicine in medicines:
        kind = tuple(
            medicine.of_class(wanted, route, presuming=presuming)
            for wanted in sorted(classes)
            for route in (None, *Route)
            for presuming in (True, False)
        )
        if kind not in seen:
            seen.add(kind)
            yield medicine


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
