"""What a patient says of a medicine, what it is recognised as, and what a rule asks of it.

Whatever was recognised may only ever raise a flag. What was not recognised keeps every class
unknown; negated words ("not on warfarin") and other people's medicines clear nothing, they only
ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from intake.core.dates import names_its_day
from intake.core.truth import Truth, all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from intake.core.dates import Interval, Window


class Status(StrEnum):
    """Whether a medicine is being taken."""

    CURRENT = "current"
    STOPPED = "stopped"
    UNKNOWN = "unknown"


class Route(StrEnum):
    """How a medicine is taken, in the patient's words."""

    MOUTH = "mouth"
    SKIN = "skin"
    INJECTION = "injection"
    INHALED = "inhaled"
    NASAL = "nasal"
    EYE = "eye"


@dataclass(frozen=True, slots=True)
class MedicineEntry:
    """One medicine as the patient gave it.

    Attributes:
        name: The words typed, kept as they are.
        stopped: The days on which it may have been stopped; None when not said.
        stopped_said: That date as it was said.
        route: None when not said.
    """

    name: str
    status: Status = Status.UNKNOWN
    stopped: Interval | None = None
    stopped_said: str = ""
    route: Route | None = None
    dose: str = ""

    def in_words(self) -> str:
        """Say it as the patient did, with the days that "stopped 3 weeks ago" meant."""
        extra = [self.dose, self.route.value if self.route else ""]
        if self.status is Status.CURRENT:
            extra.append("taking it now")
        if self.status is Status.STOPPED or self.stopped is not None:
            extra.append(self._stopped_in_words())
        told = ", ".join(part for part in extra if part)
        return f"{self.name} ({told})" if told else self.name

    def _stopped_in_words(self) -> str:
        """Say when it was stopped, with the days that meant; a day beside "not sure" is shown."""
        about = "stopped" if self.status is Status.STOPPED else "not sure whether it was stopped"
        if self.status is Status.CURRENT:
            about = "yet it was stopped"
        if self.stopped is None:
            return about
        days = self.stopped.in_words()
        if not self.stopped_said or names_its_day(self.stopped_said):
            return f"{about}: {days}"
        return f"{about}: {self.stopped_said}, {days}"


@dataclass(frozen=True, slots=True)
class Medicine:
    """One row of the vocabulary.

    Attributes:
        classes: What the bare name counts as: the strictest reading while the route is unknown.
        by_route: What it counts as when the patient says how it is taken.
        maybe: What the bare name may also be, for another use or dose: never met by the name, and
            never ruled out by it.
        maybe_by_route: The same when the patient says how it is taken; a route that stands here
            or in *by_route* leaves open only what stands here for it.
        same_as: The row with the same substance in another form; both together are one medicine.
    """

    name: str
    also: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    misspelt: tuple[str, ...] = ()
    classes: frozenset[str] = frozenset()
    by_route: Mapping[Route, frozenset[str]] | None = None
    maybe: frozenset[str] = frozenset()
    maybe_by_route: Mapping[Route, frozenset[str]] | None = None
    same_as: str = ""

    @property
    def substance(self) -> str:
        """What it is, whatever its form."""
        return self.same_as or self.name

    @property
    def names(self) -> tuple[str, ...]:
        """Everything it is rightly called."""
        return (self.name, *self.also, *self.brands)

    @property
    def any_classes(self) -> frozenset[str]:
        """What it is, or may be, by some route or for some use; it is of no other class."""
        by_some = (*(self.by_route or {}).values(), *(self.maybe_by_route or {}).values())
        return self.classes.union(self.maybe, *by_some)

    def classes_by(self, route: Route | None) -> frozenset[str]:
        """Return the classes it counts as when taken by *route*."""
        if route is None or not self.by_route:
            return self.classes
        return self.by_route.get(route, self.classes)

    def maybe_by(self, route: Route | None) -> frozenset[str]:
        """Return the classes it may be when taken by *route*, beside those it counts as."""
        own = (self.maybe_by_route or {}).get(route) if route else None
        if own is not None:
            return own
        return frozenset() if route and route in (self.by_route or {}) else self.maybe

    def of_class(self, wanted: str, route: Route | None, *, presuming: bool = True) -> Truth:
        """Tell whether it belongs to the class *wanted*.

        While the route is not said, the stricter reading counts where *presuming*, and any class
        it has, or may have, by some route is never ruled out.
        """
        if route is not None or not (self.by_route or self.maybe_by_route):
            return self._by(route, wanted)
        by_some = {self._by(one, wanted) for one in (*Route, None)}
        if by_some == {Truth.MET} or (presuming and wanted in self.classes):
            return Truth.MET
        return Truth.NOT_MET if by_some == {Truth.NOT_MET} else Truth.UNKNOWN

    def _by(self, route: Route | None, wanted: str) -> Truth:
        if wanted in self.classes_by(route):
            return Truth.MET
        return Truth.UNKNOWN if wanted in self.maybe_by(route) else Truth.NOT_MET


class How(StrEnum):
    """How sure a match is."""

    NAME = "name"
    MISSPELLING = "listed misspelling"
    SIMILAR = "similar spelling"
    PURPOSE = "what it is for"


@dataclass(frozen=True, slots=True)
class Match:
    """One medicine found in the words, and why.

    Attributes:
        words: The words it was found in, in the form in which names are compared.
        known_as: The name, brand or misspelling of the vocabulary that they are, or are near to.
        doubt: Words such as "not on" or "my husband" that leave open whether it is taken.
    """

    medicine: Medicine
    words: str
    known_as: str
    how: How
    doubt: str = ""

    def of_class(self, wanted: str, route: Route | None, *, presuming: bool = True) -> Truth:
        """Tell whether this is a medicine of the class *wanted* that the patient takes."""
        if self.how is How.SIMILAR:
            return Truth.UNKNOWN
        found = self.medicine.of_class(wanted, route, presuming=presuming)
        return Truth.UNKNOWN if self.doubt and found is Truth.MET else found


@dataclass(frozen=True)
class Recognition:
    """What the vocabulary makes of one entry.

    Attributes:
        entry: The entry, without the route or status that its words leave open.
        typed: The entry with both, as people read it.
        matches: Medicines found, in the order of the words.
        rest: Words that were not understood; while there are any, no class is ruled out.
        doubt: The first words of doubt, such as "not on"; each match says whether it is in doubt.
        not_stopped: The first word, such as "taking", that goes against the status "stopped".
    """

    entry: MedicineEntry
    typed: MedicineEntry
    matches: tuple[Match, ...]
    rest: tuple[str, ...]
    doubt: str = ""
    not_stopped: str = ""

    @property
    def is_understood(self) -> bool:
        """Whether every word was understood and none is in doubt, so that classes are ruled out."""
        certain = all(match.how is not How.SIMILAR for match in self.matches)
        return bool(self.matches) and certain and not self.rest and not self.doubt

    def of_class(self, wanted: str, *, presuming: bool = True) -> Truth:
        """Tell whether this entry holds a medicine of the class *wanted*."""
        truths = [
            match.of_class(wanted, self.entry.route, presuming=presuming) for match in self.matches
        ]
        return any_of(truths if self.is_understood else [*truths, Truth.UNKNOWN])

    @cached_property
    def open_substances(self) -> frozenset[str]:
        """The substances it may hold whatever class is asked for: nobody is sure of them."""
        return frozenset(
            match.medicine.substance
            for match in self.matches
            if self.doubt or match.how is How.SIMILAR
        )

    @property
    def is_nameless(self) -> bool:
        """Whether it may hold medicines that nobody understood."""
        return bool(self.rest) or not self.matches

    @cached_property
    def is_closed(self) -> bool:
        """Whether it holds nothing but what is named in it for sure."""
        return not self.is_nameless and not self.open_substances

    def by_class(self, wanted: str) -> tuple[Match, ...]:
        """Return one match of each kind that is, or may be, of the class *wanted* by its name."""
        return self._by_class.get(wanted, ())

    @cached_property
    def _by_class(self) -> Mapping[str, tuple[Match, ...]]:
        """Found out once: a screening asks hundreds of times, and a list may have many names."""
        unlike = {(id(m.medicine), m.how, m.doubt): m for m in self.matches}
        found: dict[str, list[Match]] = {}
        for match in unlike.values():
            for name in match.medicine.any_classes:
                found.setdefault(name, []).append(match)
        return {name: tuple(matches) for name, matches in found.items()}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which medicine a sentence asks for."""

    medicine_class: str
    status: Status | None = None
    route: Route | None = None
    within: Window | None = None

    def met_by(self, recognition: Recognition, today: date, presuming: bool = True) -> Truth:  # noqa: FBT001, FBT002
        """Tell whether one recognised entry is what is asked for."""
        found = recognition.of_class(self.medicine_class, presuming=presuming)
        if found is Truth.NOT_MET:
            return found
        return all_of((found, self.taken(recognition.entry, today, presuming=presuming)))

    def taken(self, entry: MedicineEntry, today: date, *, presuming: bool) -> Truth:
        """Tell whether what an entry holds is taken as is asked for, whatever it is."""
        return all_of(
            (self._status(entry), self._route(entry, presuming), self._within(entry, today))
        )

    def _status(self, entry: MedicineEntry) -> Truth:
        if self.status is None:
            return Truth.MET
        if entry.status is Status.UNKNOWN:
            return Truth.UNKNOWN
        return Truth.of(entry.status is self.status)

    def _route(self, entry: MedicineEntry, presuming: bool) -> Truth:  # noqa: FBT001
        """Judge the route; while it is not said, the stricter reading counts."""
        if self.route is None:
            return Truth.MET
        if entry.route is None:
            return Truth.MET if presuming else Truth.UNKNOWN
        return Truth.of(entry.route is self.route)

    def _within(self, entry: MedicineEntry, today: date) -> Truth:
        """Judge "now or stopped within"; what is taken now is always within."""
        if self.within is None or entry.status is Status.CURRENT:
            return Truth.MET
        if entry.stopped is None:
            return Truth.UNKNOWN
        stopped = entry.stopped.within(self.within, today)
        if entry.status is Status.UNKNOWN:
            return any_of((stopped, Truth.UNKNOWN))
        return stopped


def enough_met(
    number: int,
    wanted: Wanted,
    recognised: Iterable[Recognition],
    today: date,
    *,
    unsure: bool,
    presuming: bool = True,
) -> Truth:
    """Tell whether at least *number* different medicines are what is asked for.

    A substance named twice, as by generic and brand or in two forms, counts once. Words nobody
    understood, and a list said to be short, may each stand for as many as are asked for.
    """
    met: set[str] = set()
    may_be: set[str] = set()
    nameless = number if unsure else 0
    for recognition in recognised:
        named = recognition.by_class(wanted.medicine_class)
        if not named and recognition.is_closed:
            continue  # as for most medicines and classes, so when it is taken is not looked at
        taken = wanted.taken(recognition.entry, today, presuming=presuming)
        if taken is Truth.NOT_MET:
            continue
        may_be |= recognition.open_substances
        for match in named:
            found = match.of_class(
                wanted.medicine_class, recognition.entry.route, presuming=presuming
            )
            if found is not Truth.NOT_MET:
                is_met = found is taken is Truth.MET
                (met if is_met else may_be).add(match.medicine.substance)
        if recognition.is_nameless:
            nameless += number
    if len(met) >= number:
        return Truth.MET
    return Truth.UNKNOWN if len(met | may_be) + nameless >= number else Truth.NOT_MET
