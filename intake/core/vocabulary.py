"""Find the medicines in a patient's words.

Finding may only ever raise a flag. A piece of what was typed is read word by word; the longest
known name wins, then a single name that is spelled much alike. Every word that is neither part of
a name nor says how much, how often, in what form or for what, is kept as not understood.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import permutations
from typing import TYPE_CHECKING, TypeAlias

from rapidfuzz import process
from rapidfuzz.distance import OSA

from intake.core.everyday import is_everyday
from intake.core.medicines import (
    How,
    Match,
    Medicine,
    MedicineEntry,
    Recognition,
    Route,
    Status,
)
from intake.core.patient_words import (
    FORMS,
    NEXT,
    PURPOSE,
    doubt_in,
    is_dose,
    is_doubt_word,
    is_filler,
    normal,
    not_stopped,
    pieces,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_SHORTEST_NAME = 5
"""Shortest name, in letters, that another word may be taken for."""

_SHORTEST_PART = 3
"""Shortest word in a name of several that another word may be taken for: not "vitamin A"."""

_ONE_SLIP_FROM, _TWO_SLIPS_FROM = 6, 9
"""Lengths, in letters, from which a word may differ from a name in one or two letters: short words
are too near to each other, and one slip more makes another word."""

_SOUNDS = {letter: group[0] for group in ("aeiouyh", "ckqsxz", "fpv", "gj") for letter in group}
"""First letters that are taken for each other; a slip in any other first letter is rare."""

_Known: TypeAlias = tuple[Medicine, str, How]
"""What a spelling stands for: the medicine, how that name is written, what kind of name it is."""

_MOST_INGREDIENTS = 4
"""Ingredients of a medicine that may be named in any order."""

_COMBINATION = re.compile(r"[/,]|\b(?:with|and|plus)\b")


@dataclass(frozen=True)
class Vocabulary:
    """Every medicine a pack knows, and the classes it counts them in.

    Attributes:
        classes: Title by class id.
        lookalikes: Pairs of names that are never taken for misspellings of each other.
        purposes: What a medicine may be for, normalised, and what that says: "for psoriasis".
    """

    classes: Mapping[str, str]
    medicines: tuple[Medicine, ...]
    lookalikes: tuple[tuple[str, str], ...] = ()
    purposes: Mapping[str, Medicine] = field(default_factory=dict)

    def recognise(self, entry: MedicineEntry) -> Recognition:
        """Find every known medicine in the words of *entry*, its dose included; never raises.

        Words of doubt ("not on", "my husband") hold for their own piece and those after it; where
        they stand without a medicine, for every piece.
        """
        read = [self._read(piece) for piece in pieces(f"{entry.name} {entry.dose}")]
        doubts = [one.doubt for one in read]
        first = next((doubt for doubt in doubts if doubt), "")
        carried = next((one.doubt for one in read if one.doubt and not one.matches), "")
        matches: list[Match] = []
        for one in read:
            carried = carried or one.doubt
            matches += [replace(match, doubt=carried) for match in one.matches]
        rest = tuple(word for one in read for word in one.rest)
        forms = {FORMS[word] for one in read for word in one.forms} - {None}
        purposes = [match for one in read for match in one.purposes]
        against = ""
        if entry.status is Status.STOPPED:
            against = not_stopped(f"{entry.name} {entry.dose}", _words_of(matches))
        trusted = _trusted(entry, matches, forms, is_stopped=not against)
        return Recognition(trusted, entry, (*matches, *purposes), rest, first, against)

    def knows(self, word: str) -> bool:
        """Tell whether a word is the name of a medicine."""
        key = normal(word)
        return key in self._known or key in self._closed_up

    def suggest(self, typed: str, limit: int = 7) -> list[str]:
        """Offer names that begin with, then contain, then resemble what was typed so far."""
        start = normal(typed)
        if len(start) < 2:  # noqa: PLR2004 - one letter says nothing
            return []
        found = dict.fromkeys(_beginning_with(start, self._beginnings))
        found |= dict.fromkeys(_beginning_with(start, self._later_words))
        if len(found) < limit and len(start) >= _SHORTEST_NAME:
            near = process.extract(
                start, self._right_names, scorer=OSA.distance, score_cutoff=2, limit=limit
            )
            found |= dict.fromkeys(self._known[key][1] for key, _, _ in near)
        return list(found)[:limit]

    @cached_property
    def _known(self) -> dict[str, _Known]:
        """Every spelling, normalised, with what it stands for."""
        known: dict[str, _Known] = {}
        for medicine in self.medicines:
            for spelling in medicine.misspelt:
                known.setdefault(normal(spelling), (medicine, spelling, How.MISSPELLING))
        for medicine in self.medicines:
            for name in medicine.names:
                known[normal(name)] = (medicine, name, How.NAME)
        return known

    @cached_property
    def _closed_up(self) -> dict[str, _Known]:
        """The same without spaces: "retinA" and "co codamol" are names too."""
        closed: dict[str, _Known] = {}
        for key, entry in self._known.items():
            closed.setdefault(key.replace(" ", ""), entry)
        return closed

    @cached_property
    def _combinations(self) -> dict[str, _Known]:
        """Names of several ingredients without the words between them, in any order."""
        found: dict[str, _Known] = {}
        for medicine in self.medicines:
            for name in medicine.names:
                parts = [normal(part) for part in _COMBINATION.split(name)]
                if 1 < len(parts) <= _MOST_INGREDIENTS and all(parts):
                    for order in permutations(parts):
                        found.setdefault(" ".join(order), (medicine, name, How.NAME))
        return found

    @cached_property
    def _longest(self) -> int:
        return max((len(name.split()) for name in self._known), default=0)

    @cached_property
    def _right_names(self) -> list[str]:
        return [key for key, (_, _, how) in self._known.items() if how is How.NAME]

    @cached_property
    def _by_sound(self) -> dict[str, list[str]]:
        """Names, written in one word, that a misspelt word may be taken for, by first letter."""
        found: dict[str, list[str]] = {}
        for key, (_, _, how) in self._known.items():
            words = key.split()
            name = "".join(words)
            short = len(words) > 1 and min(map(len, words)) < _SHORTEST_PART
            if how is How.NAME and len(name) >= _SHORTEST_NAME and name.isalpha() and not short:
                found.setdefault(_SOUNDS.get(name[0], name[0]), []).append(name)
        return {sound: list(dict.fromkeys(names)) for sound, names in found.items()}

    @cached_property
    def _apart(self) -> dict[str, frozenset[str]]:
        """For each look-alike, the names it is never taken for a misspelling of."""
        apart: dict[str, frozenset[str]] = {}
        for one, other in self.lookalikes:
            for word, name in ((normal(one), normal(other)), (normal(other), normal(one))):
                apart[word] = apart.get(word, frozenset()) | {name, name.replace(" ", "")}
        return apart

    @cached_property
    def _beginnings(self) -> list[tuple[str, str]]:
        """Every name as it is compared and as it is written, in order."""
        return sorted(
            {
                (spelling, self._known[key][1])
                for key in self._right_names
                for spelling in (key, key.replace(" ", ""))
            }
        )

    @cached_property
    def _later_words(self) -> list[tuple[str, str]]:
        """The same from each later word on."""
        return sorted(
            (" ".join(words[at:]), self._known[key][1])
            for key in self._right_names
            if len(words := key.split()) > 1
            for at in range(1, len(words))
        )

    def _read(self, piece: str) -> _Read:
        """Read one piece, which names one medicine or several joined by "and"."""
        tokens = normal(piece).split()
        read = _Read(doubt_in(piece))
        at = 0
        while at < len(tokens):
            match, used = self._match_at(tokens, at)
            purpose, words = self._purpose_at(tokens, at)
            if match:
                read.take(match)
            elif purpose:
                used = words
                read.take_purpose(purpose)
            else:
                used = read.word(tokens, at)
            at += used
        read.close()
        return read

    def _purpose_at(self, tokens: list[str], at: int) -> tuple[Match | None, int]:
        """Match "for my psoriasis": a purpose that tells something about the patient."""
        if tokens[at] != "for":
            return None, 0
        start = at + 1 + (tokens[at + 1 : at + 2] in (["my"], ["the"]))
        for used in range(len(tokens) - start, 0, -1):
            words = " ".join(tokens[start : start + used])
            if words in self.purposes:
                found = Match(self.purposes[words], f"for {words}", f"for {words}", How.PURPOSE)
                return found, start + used - at
        return None, 0

    def _match_at(self, tokens: list[str], at: int) -> tuple[Match | None, int]:
        """Match the longest known name that starts here, then a name of similar spelling."""
        for hit, used in self._hits(tokens, at):
            if hit:
                return Match(hit[0], " ".join(tokens[at : at + used]), hit[1], hit[2]), used
        for used in (2, 1):
            if at + used <= len(tokens):
                similar = self._similar(tokens[at : at + used])
                if similar:
                    return similar, used
        return None, 1

    def _hits(self, tokens: list[str], at: int) -> Iterator[tuple[_Known | None, int]]:
        """Look up the words that start here, longest first, and say how many they are.

        They are looked up as they stand, then without the doses inside ("tacrolimus 0.1%
        ointment"), then as ingredients without the words between them.
        """
        most = min(self._longest, len(tokens) - at)
        for used in range(most, 1, -1):
            yield self._named(tokens[at : at + used]), used
        for words, used in _without(tokens, at, is_dose, most):
            yield self._named(words), used
        for words, used in _without(tokens, at, NEXT.__contains__, most):
            yield self._combinations.get(" ".join(words)), used
        yield self._named([tokens[at]]), 1

    def _named(self, words: list[str]) -> _Known | None:
        name = " ".join(words)
        return (
            self._known.get(name)
            or self._closed_up.get(name.replace(" ", ""))
            or self._combinations.get(name)
        )

    def _similar(self, tokens: list[str]) -> Match | None:
        """Find the name within two slips of the pen (one for short words) of one or two words."""
        word = "".join(tokens)
        first = tokens[0]
        if len(word) < _ONE_SLIP_FROM or any(char.isdigit() for char in word):
            return None
        if any(_is_plain(token) for token in ([first] if len(tokens) > 1 else [first, word])):
            return None
        slips = 1 if len(word) < _TWO_SLIPS_FROM else 2
        apart = self._apart.get(word, frozenset())
        names: Iterable[str] = self._by_sound.get(_SOUNDS.get(word[0], word[0]), [])
        if apart:
            names = [name for name in names if name not in apart]
        best = process.extractOne(word, names, scorer=OSA.distance, score_cutoff=slips)
        if best is None:
            return None
        medicine, known_as, _ = self._closed_up[best[0]]
        return Match(medicine, " ".join(tokens), known_as, How.SIMILAR)


@dataclass
class _Read:
    """What was made of one piece, while it is read.

    Attributes:
        doubt: The first words of doubt in it.
        nameless: Forms and purposes that stand beside no name so far.
    """

    doubt: str
    matches: list[Match] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)
    nameless: list[str] = field(default_factory=list)
    purposes: list[Match] = field(default_factory=list)
    is_named: bool = False

    def take(self, match: Match) -> None:
        """Take a medicine; what was said before of its form belongs to it."""
        self.matches.append(match)
        self.is_named, self.nameless = True, []
        self.forms += [word for word in match.words.split() if word in FORMS]

    def take_purpose(self, match: Match) -> None:
        """Take what the medicine is for; beside no name it is a medicine without one."""
        self.purposes.append(match)
        self.nameless += [] if self.is_named else [match.words]

    def close(self) -> None:
        """Begin another medicine: what found no name by now has none."""
        self.rest += self.nameless
        self.is_named, self.nameless = False, []

    def word(self, tokens: list[str], at: int) -> int:
        """Take what is part of no name, and return the number of words it is."""
        word = tokens[at]
        if word == "for" and (found := PURPOSE.match(" ".join(tokens[at + 1 :]))):
            self.nameless += [] if self.is_named else [found[0]]
            return 1 + len(found[0].split())
        if word in NEXT:
            self.close()
        elif word in FORMS:
            self.forms.append(word)
            self.nameless += [] if self.is_named else [word]
        elif not (is_filler(word) or (self.doubt and is_doubt_word(word))):
            self.rest.append(word)
        return 1


def _trusted(
    entry: MedicineEntry, matches: list[Match], forms: set[Route | None], *, is_stopped: bool
) -> MedicineEntry:
    """Return the entry without what its words contradict or leave open.

    One row that names several medicines says of none of them for certain that it was stopped, or
    how it is taken; "tablets" taken by eye are a slip somewhere, and so is a medicine that was
    stopped and "taking it since May".
    """
    if len(matches) > 1 or (forms and entry.route not in forms):
        entry = replace(entry, route=None)
    if entry.status is Status.STOPPED and (len(matches) > 1 or not is_stopped):
        entry = replace(entry, status=Status.UNKNOWN)
    return entry


def _words_of(matches: list[Match]) -> frozenset[str]:
    """Return the words of the names that were found; a dose or year between them is none."""
    return frozenset(word for match in matches for word in normal(match.known_as).split())


def _without(
    tokens: list[str], at: int, is_left_out: Callable[[str], bool], most: int
) -> Iterator[tuple[list[str], int]]:
    """Yield what starts here without the words that are left out, longest first.

    Each comes with the number of words it spans, those left out included; only such spans come.
    """
    if is_left_out(tokens[at]):
        return
    kept = [n for n in range(at, len(tokens)) if not is_left_out(tokens[n])][:most]
    for number in range(len(kept), 1, -1):
        used = kept[number - 1] + 1 - at
        if used > number:
            yield [tokens[n] for n in kept[:number]], used


def _is_plain(word: str) -> bool:
    """Tell whether a word is everyday language, so that it is never a misspelt medicine."""
    return (
        is_filler(word) or word in FORMS or word in NEXT or is_doubt_word(word) or is_everyday(word)
    )


def _beginning_with(start: str, names: list[tuple[str, str]]) -> Iterator[str]:
    """Yield what is written of the sorted *names* that begin with *start*, in order."""
    for key, written in names[bisect_left(names, (start, "")) :]:
        if not key.startswith(start):
            return
        yield written
