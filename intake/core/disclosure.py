"""What a table may say without pointing at one of few: what enough patients have in common.

Patients are counted, never cases. What by itself would point at nobody but together may (age, site,
language, year, what a patient is asked once in a life) is made coarser for a patient, step by step,
until enough patients have the same; all else is shown where enough patients have the same value.
What is held back is held back for enough patients, too: a gap that only one patient has would say
as much as what stood there.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Mapping

LEAST = 11
"""Patients that a value or a combination must have to be shown: a default of our own."""

FEWEST = 2
"""The least number that can be asked for; one patient alone is whom it is all about."""

OLDEST = 90
"""From this age on all are of one group."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What one form tells of its patient to whoever knows them a little.

    Attributes:
        years: In which it was begun and sent; None where the table shows no years.
        traits: Answers to what is asked once in a life, with the names of their questions.
    """

    site: str | None
    language: str | None
    years: tuple[int, ...] | None
    traits: frozenset[tuple[str, Hashable]] | None


@dataclass(frozen=True, slots=True)
class Profile:
    """The same of all forms of a patient.

    Attributes:
        age: In years, when the first of them was begun.
    """

    age: int
    visits: frozenset[Visit]


@dataclass(frozen=True, slots=True)
class Step:
    """How much of a profile is shown.

    Attributes:
        years: Into groups of how many years ages are put; None shows no age.
    """

    years: int | None
    site: bool
    language: bool
    year: bool
    traits: bool


STEPS = (
    Step(1, site=True, language=True, year=True, traits=True),
    Step(5, site=True, language=True, year=True, traits=True),
    Step(10, site=True, language=True, year=True, traits=True),
    Step(10, site=True, language=True, year=True, traits=False),
    Step(20, site=True, language=True, year=True, traits=False),
    Step(20, site=True, language=False, year=True, traits=False),
    Step(20, site=False, language=False, year=True, traits=False),
    Step(20, site=False, language=False, year=False, traits=False),
)
"""From the finest; each says less than the one before."""

NOTHING = Step(None, site=False, language=False, year=False, traits=False)

_Seen: TypeAlias = "tuple[str | None, frozenset[Visit]]"


def age_group(age: int, years: int | None) -> str | None:
    """Return the group an age is in: `34`, `30 to 34`, `90+`; None where no age is shown."""
    if years is None:
        return None
    top = OLDEST - OLDEST % years
    if age >= top:
        return f"{top}+"
    first = age - age % years
    return str(age) if years == 1 else f"{first} to {first + years - 1}"


def seen(profile: Profile, step: Step) -> _Seen:
    """Return what is shown of a profile."""
    visits = (
        replace(
            visit,
            site=visit.site if step.site else None,
            language=visit.language if step.language else None,
            years=visit.years if step.year else None,
            traits=visit.traits if step.traits else None,
        )
        for visit in profile.visits
    )
    return age_group(profile.age, step.years), frozenset(visits)


def steps_for(profiles: Mapping[str, Profile], least: int) -> dict[str, Step]:
    """Return how much is shown of each patient: the most that *least* patients have in common.

    Nothing is shown of those with whom too few have anything in common; should they be fewer than
    *least*, the smallest group of others is made as coarse as to take them in, so that nobody is
    known by being left out.
    """
    groups: dict[_Seen, dict[str, Step]] = defaultdict(dict)
    left = dict(profiles)
    for step in STEPS:
        found: dict[_Seen, list[str]] = defaultdict(list)
        for patient, profile in left.items():
            found[seen(profile, step)].append(patient)
        for what, patients in found.items():
            if len(patients) >= least:
                groups[what].update(dict.fromkeys(patients, step))
                for patient in patients:
                    del left[patient]
    few = dict.fromkeys(left, NOTHING)
    for what in sorted(groups, key=lambda what: (len(groups[what]), repr(what))):
        if not 0 < len(few) < least:
            break
        together = [*few, *groups.pop(what)]
        few = dict.fromkeys(together, _common_step([profiles[one] for one in together]))
    return {one: step for group in (*groups.values(), few) for one, step in group.items()}


def _common_step(profiles: Iterable[Profile]) -> Step:
    """Return the finest step in which all of these are the same."""
    every = set(profiles)
    return next(s for s in (*STEPS, NOTHING) if len({seen(one, s) for one in every}) == 1)


@dataclass(slots=True)
class _Count:
    """How many patients gave one value; who they are is known while they are few."""

    few: set[str] | None
    number: int = 0
    last: str = ""


class Tally:
    """Counts the patients who gave each value, column by column.

    Patients come one after another, all of one before the next.
    """

    def __init__(self, least: int) -> None:
        self._least = least
        self._columns: dict[Hashable, dict[Hashable, _Count]] = defaultdict(dict)
        self._patients: dict[Hashable, _Count] = {}

    def add(self, column: Hashable, value: Hashable, patient: str) -> None:
        """Count a patient for a value, once."""
        self._count(self._patients.setdefault(column, _Count(None)), patient)
        self._count(self._columns[column].setdefault(value, _Count(set())), patient)

    def _count(self, count: _Count, patient: str) -> None:
        if count.last == patient:
            return
        count.last = patient
        count.number += 1
        if count.few is not None:
            count.few.add(patient)
            if count.number >= self._least:
                count.few = None

    def shown(
        self, rows: Mapping[Hashable, int], lists: Collection[Hashable]
    ) -> frozenset[tuple[Hashable, Hashable]]:
        """Return each column with each of its values that may be shown.

        Where those without a value are seen, they have to be as many as those with it, or none.

        Args:
            rows: The columns whose values are rows, with how many patients there are: a row that is
                not shown is not there at all.
            lists: The columns of which a patient may have several values, or lack one.
        """
        return frozenset(
            (column, value)
            for column, counts in self._columns.items()
            for value in self._shown_of(column, counts, rows, lists)
        )

    def _shown_of(
        self,
        column: Hashable,
        counts: Mapping[Hashable, _Count],
        rows: Mapping[Hashable, int],
        lists: Collection[Hashable],
    ) -> Iterable[Hashable]:
        if column in rows:
            return self._frequent(counts, rows[column])
        if column in lists:
            frequent = set(self._frequent(counts, self._patients[column].number))
            return frequent.intersection(self._common(counts))
        return self._common(counts)

    def _frequent(self, counts: Mapping[Hashable, _Count], everybody: int) -> Iterable[Hashable]:
        for value, count in counts.items():
            without = everybody - count.number
            if count.few is None and (not without or without >= self._least):
                yield value

    def _common(self, counts: Mapping[Hashable, _Count]) -> Iterable[Hashable]:
        """Return the values of one column that enough patients gave.

        The rarest of them goes, too, where those who gave rare ones are fewer than that.
        """
        rare = set[str]().union(*(count.few or () for count in counts.values()))
        common = {value: count.number for value, count in counts.items() if count.few is None}
        if 0 < len(rare) < self._least and common:
            del common[min(common, key=lambda value: (common[value], repr(value)))]
        return common
