"""Words a patient typed to medicine classes.

Recognising may only ever raise a flag. What is not recognised keeps every class unknown; negated
words ("not on warfarin") and other people's medicines never clear anything, they only ask.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from rapidfuzz import process
from rapidfuzz.distance import OSA

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
        """Say it as the patient did."""
        extra = [self.dose, self.route.value if self.route else ""]
        if self.status is Status.STOPPED:
            extra.append(f"stopped {self.stopped_said}".strip())
        elif self.status is Status.CURRENT:
            extra.append("taking it now")
        told = ", ".join(part for part in extra if part)
        return f"{self.name} ({told})" if told else self.name


@dataclass(frozen=True, slots=True)
class Medicine:
    """One row of the vocabulary.

    Attributes:
        classes: What the bare name counts as: the strictest reading while the route is unknown.
        by_route: What it counts as when the patient says how it is taken.
    """

    name: str
    also: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    misspelt: tuple[str, ...] = ()
    classes: frozenset[str] = frozenset()
    by_route: Mapping[Route, frozenset[str]] | None = None

    def classes_by(self, route: Route | None) -> frozenset[str]:
        """Return the classes it counts as when taken by *route*."""
        if route is None or not self.by_route:
            return self.classes
        return self.by_route.get(route, self.classes)


class How(StrEnum):
    """How sure a match is."""

    NAME = "name"
    MISSPELLING = "listed misspelling"
    SIMILAR = "similar spelling"


@dataclass(frozen=True, slots=True)
class Match:
    """One medicine found in the words, and why."""

    medicine: Medicine
    words: str
    known_as: str
    how: How


@dataclass(frozen=True, slots=True)
class Recognition:
    """What the vocabulary makes of one entry.

    Attributes:
        matches: Medicines found, in the order of the words.
        rest: Words that were not understood; while there are any, no class is ruled out.
        doubt: A cue such as "not on" or "my husband"; what was found is then only possible.
    """

    entry: MedicineEntry
    matches: tuple[Match, ...]
    rest: tuple[str, ...]
    doubt: str = ""

    @property
    def is_understood(self) -> bool:
        """Whether every word was understood, so that other classes can be ruled out."""
        certain = all(match.how is not How.SIMILAR for match in self.matches)
        return bool(self.matches) and certain and not self.rest

    def of_class(self, wanted: str, *, presuming: bool = True) -> Truth:
        """Tell whether this medicine belongs to the class *wanted*.

        While the route is not said, the stricter reading counts where *presuming*; any class the
        medicine has by some route is never ruled out.
        """
        truths = [self._match_of_class(match, wanted, presuming) for match in self.matches]
        if not self.is_understood:
            truths.append(Truth.UNKNOWN)
        found = any_of(truths)
        return Truth.UNKNOWN if self.doubt and found is Truth.MET else found

    def _match_of_class(self, match: Match, wanted: str, presuming: bool) -> Truth:  # noqa: FBT001
        medicine = match.medicine
        if match.how is How.SIMILAR:
            return Truth.UNKNOWN
        if self.entry.route is not None or not medicine.by_route:
            return Truth.of(wanted in medicine.classes_by(self.entry.route))
        by_some = {wanted in medicine.classes_by(route) for route in Route}
        if by_some == {True} or (presuming and wanted in medicine.classes):
            return Truth.MET
        return Truth.UNKNOWN if True in by_some else Truth.NOT_MET


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which medicine a sentence asks for."""

    medicine_class: str
    status: Status | None = None
    route: Route | None = None
    within: Window | None = None

    def met_by(self, recognition: Recognition, today: date, presuming: bool = True) -> Truth:  # noqa: FBT001, FBT002
        """Tell whether one recognised entry is what is asked for."""
        return all_of(
            (
                recognition.of_class(self.medicine_class, presuming=presuming),
                self._status(recognition.entry),
                self._route(recognition.entry, presuming),
                self._within(recognition.entry, today),
            )
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


_DOUBT = re.compile(
    r"\b(?:not|no|never|don'?t (?:take|use)|stopped|used to|"
    r"allergic|allergy|came off|finished|my (?:husband|wife|partner|mother|father|mum|mom|dad|son|"
    r"daughter|friend|sister|brother)|instead of|without|off)\b"
)
_FILLER = frozenset(
    (
        "a an and the of for my i am im on in at to with per by or as it is take taking use using"
        " mg mcg g ml iu ug microgram micrograms milligram milligrams gram grams unit units percent"
        " dose doses daily day days once"
        " twice thrice three times one two half week weekly monthly month morning night nightly"
        " evening bedtime every each od bd tds qds prn needed when low high strength plus mr xr sr"
        " er la since start started years year months weeks ago about hydrochloride acetate sodium"
        " monday mondays tuesday tuesdays wednesday wednesdays thursday thursdays friday fridays"
        " saturday saturdays sunday sundays food meal meals breakfast lunch dinner before after bed"
    ).split()
)
_FORMS: Mapping[str, Route | None] = {
    **dict.fromkeys(
        "tablet tablets tab tabs capsule capsules cap caps pill pills".split(), Route.MOUTH
    ),
    **dict.fromkeys("syrup".split(), Route.MOUTH),
    **dict.fromkeys("cream gel ointment lotion patch patches".split(), Route.SKIN),
    **dict.fromkeys("injection injections".split(), Route.INJECTION),
    **dict.fromkeys("inhaler inhalers".split(), Route.INHALED),
    **dict.fromkeys("drop drops spray sprays".split(), None),
}
"""Words for what a medicine looks like, and how such a thing is taken where that is certain.

Beside a name they say no more than the name; on their own they are a medicine without one.
"""

_NEXT = frozenset({"and", "plus", "also", "with", "or"})
"""Words after which another medicine begins; commas and line ends count as `and`."""

_DOUBT_WORDS = frozenset(
    (
        "not no longer never dont don t take used stopped allergic allergy came off finished"
        " husband wife partner mother father mum mom dad son daughter friend sister brother"
        " instead without takes"
    ).split()
)
_PLAIN = frozenset(_FORMS) | _NEXT | _DOUBT_WORDS
"""Everyday words that are never misspelt medicines."""

_FUZZY_FROM = 5
"""Shortest word, in letters, that may be matched by similar spelling."""


def normal(text: str) -> str:
    """Bring a name to the form in which names are compared: no case, accents or punctuation."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", letters.replace("'", "").replace("’", "")))


@dataclass(frozen=True)
class Vocabulary:
    """Every medicine a pack knows, and the classes it counts them in.

    Attributes:
        classes: Title by class id.
        lookalikes: Pairs of names that are never taken for misspellings of each other.
    """

    classes: Mapping[str, str]
    medicines: tuple[Medicine, ...]
    lookalikes: tuple[tuple[str, str], ...] = ()

    @cached_property
    def _known(self) -> dict[str, tuple[Medicine, str, How]]:
        """Every spelling, normalised, with what it stands for."""
        known: dict[str, tuple[Medicine, str, How]] = {}
        for medicine in self.medicines:
            for spelling in medicine.misspelt:
                known.setdefault(normal(spelling), (medicine, spelling, How.MISSPELLING))
        for medicine in self.medicines:
            for name in (medicine.name, *medicine.also, *medicine.brands):
                known[normal(name)] = (medicine, name, How.NAME)
        for key, entry in list(known.items()):
            known.setdefault(key.replace(" ", ""), entry)
        return known

    @cached_property
    def _longest(self) -> int:
        return max((len(name.split()) for name in self._known), default=0)

    @cached_property
    def _fuzzy_names(self) -> list[str]:
        return [
            n for n, (_, _, how) in self._known.items() if how is How.NAME and len(n) >= _FUZZY_FROM
        ]

    @cached_property
    def _apart(self) -> dict[str, frozenset[str]]:
        """For each look-alike, the names it is never taken for a misspelling of."""
        apart: dict[str, frozenset[str]] = {}
        for one, other in self.lookalikes:
            for word, name in ((normal(one), normal(other)), (normal(other), normal(one))):
                apart[word] = apart.get(word, frozenset()) | {name}
        return apart

    def recognise(self, entry: MedicineEntry) -> Recognition:
        """Find every known medicine in the words of *entry*, its dose included."""
        said = f"{entry.name} {entry.dose}"
        tokens = normal(re.sub(r"[,;&\n]", " and ", said)).split()
        matches: list[Match] = []
        rest: list[str] = []
        nameless: list[str] = []
        is_named = False
        at = 0
        while at < len(tokens):
            match, used = self._match_at(tokens, at)
            word = tokens[at]
            if match:
                matches.append(match)
                is_named, nameless = True, []
            elif word in _NEXT:
                rest += nameless
                is_named, nameless = False, []
            elif word in _FORMS:
                nameless += [] if is_named else [word]
            elif not _is_filler(word):
                rest.append(word)
            at += used
        found = _DOUBT.search(said.casefold().replace("’", "'"))
        doubt = found[0] if found else ""
        if doubt:
            rest = [word for word in rest if word not in _DOUBT_WORDS]
        return Recognition(
            _trusted(entry, matches, tokens), tuple(matches), (*rest, *nameless), doubt
        )

    def _match_at(self, tokens: list[str], at: int) -> tuple[Match | None, int]:
        """Match the longest known name that starts here, then a similar single word."""
        for length in range(min(self._longest, len(tokens) - at), 0, -1):
            words = " ".join(tokens[at : at + length])
            hit = self._known.get(words) or self._known.get(words.replace(" ", ""))
            if hit:
                medicine, known_as, how = hit
                return Match(medicine, words, known_as, how), length
        similar = self._similar(tokens[at])
        return (similar, 1)

    def _similar(self, word: str) -> Match | None:
        """Find the one name within two slips of the pen (one for short words)."""
        if len(word) < _FUZZY_FROM or _is_filler(word) or word in _PLAIN:
            return None
        slips = 1 if len(word) < 8 else 2  # noqa: PLR2004 - two slips in a short word make another
        apart = self._apart.get(word, frozenset())
        names = [name for name in self._fuzzy_names if name not in apart]
        best = process.extractOne(word, names, scorer=OSA.distance, score_cutoff=slips)
        if best is None:
            return None
        medicine, known_as, _ = self._known[best[0]]
        return Match(medicine, word, known_as, How.SIMILAR)

    def knows(self, word: str) -> bool:
        """Whether a word is, or begins, the name of a medicine."""
        return normal(word) in self._known

    def suggest(self, typed: str, limit: int = 7) -> list[str]:
        """Offer names that begin with, then contain, then resemble what was typed so far."""
        start = normal(typed)
        if len(start) < 2:  # noqa: PLR2004 - one letter says nothing
            return []
        names = {
            key: known_as for key, (_, known_as, how) in self._known.items() if how is How.NAME
        }
        begins = sorted(key for key in names if key.startswith(start))
        inside = sorted(key for key in names if f" {start}" in f" {key}" and key not in begins)
        close = []
        if len(begins) + len(inside) < limit and len(start) >= _FUZZY_FROM:
            near = process.extract(
                start, list(names), scorer=OSA.distance, score_cutoff=2, limit=limit
            )
            close = [key for key, _, _ in near if key not in begins and key not in inside]
        shown = dict.fromkeys(names[key] for key in [*begins, *inside, *close])
        return list(shown)[:limit]


def _trusted(entry: MedicineEntry, matches: list[Match], tokens: list[str]) -> MedicineEntry:
    """Return the entry without what its words contradict or leave open.

    One row that names several medicines says of none of them for certain that it was stopped, or
    how it is taken; "tablets" taken by eye are a slip somewhere.
    """
    forms = {_FORMS[token] for token in tokens if token in _FORMS} - {None}
    if len(matches) > 1 or (forms and entry.route not in forms):
        entry = replace(entry, route=None)
    if len(matches) > 1 and entry.status is Status.STOPPED:
        entry = replace(entry, status=Status.UNKNOWN)
    return entry


def _is_filler(word: str) -> bool:
    return word in _FILLER or re.fullmatch(r"\d+(?:mg|mcg|g|ml|iu|x)?", word) is not None


def any_met(
    wanted: Wanted,
    recognised: Iterable[Recognition],
    today: date,
    *,
    unsure: bool,
    presuming: bool = True,
) -> Truth:
    """Tell whether some entry is what is asked for; a list said to be short leaves it open."""
    truths = [wanted.met_by(recognition, today, presuming) for recognition in recognised]
    return any_of([*truths, Truth.UNKNOWN] if unsure else truths)
