"""What an answer says without a word that was typed and without a day of the patient's own.

A kind of answer that is not told of here says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from intake.core.answers import Chosen, Happened, Listed, Measured, Missing, Picked, Worded, Written
from intake.core.dates import shift_months
from intake.core.disclosure import OLDEST
from intake.core.medicines import How
from intake.core.questionnaire import NONE_CODE, Freshness, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from intake.core.answers import Answer
    from intake.core.dates import Interval
    from intake.core.medicines import MedicineEntry
    from intake.core.pseudonyms import Pseudonyms
    from intake.core.questionnaire import Item
    from intake.core.vocabulary import Vocabulary

WRITTEN = "written"
KNOWN = "known"
NOT_UNDERSTOOD = "not_understood"
CLASS = "class:"

TRAITS = frozenset({Kind.YES_NO, Kind.CHOICE})
"""Kinds of which an answer for life is something others may know of a person."""


class Dates(StrEnum):
    """What becomes of dates."""

    YEAR = "year"
    SHIFTED = "shifted"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Days:
    """How the dates of one form are written.

    Attributes:
        begun_on: The day on which it was begun.
        latest_on: No day that is told lies behind it: what lies longer before it than the oldest
            age that is told would tell an age.
    """

    dates: Dates
    pseudonyms: Pseudonyms
    patient_id: str
    begun_on: date
    latest_on: date

    def day(self, day: date) -> date | int | None:
        """Return what is told of a day; None where it cannot be."""
        if self.dates is Dates.SHIFTED:
            return self.pseudonyms.shifted(day, self.patient_id)
        return day.year if self.dates is Dates.YEAR else None

    def span(self, when: Interval) -> str | None:
        """Write when something happened: `2019`, `2018 to 2019`, `to 2019`; None where it is told
        of nobody.

        Of a time that is no single day no shifted day is told: a month or a year begins and ends
        where the calendar says, which would tell how far the days were moved.
        """  # noqa: D205 - one sentence
        if self.dates is Dates.NONE or (self.dates is Dates.SHIFTED and not when.is_exact):
            return KNOWN
        oldest = shift_months(self.latest_on, -12 * OLDEST)
        if when.latest <= oldest:
            return None
        earliest, latest = self.day(when.earliest), self.day(when.latest)
        if earliest is None or latest is None:
            return None
        if when.earliest <= oldest:
            return f"to {latest}"
        return str(latest) if earliest == latest else f"{earliest} to {latest}"


@dataclass(frozen=True, slots=True)
class Bare:
    """What is left of an answer.

    Attributes:
        values: Codes and words of the pack; None for what is told of nobody.
        is_list: Whether there may be several.
        is_counted: Whether enough patients must have given the very same; of moved days, which
            nobody shares, it is enough that they gave one.
    """

    values: tuple[str | None, ...]
    is_list: bool = False
    is_counted: bool = True


def is_trait(item: Item) -> bool:
    """Tell whether an item asks once in a life for what others may know of a person."""
    return item.freshness is Freshness.ONCE and item.kind in TRAITS


def bare(item: Item, answer: Answer, vocabulary: Vocabulary, days: Days) -> Bare | None:
    """Return what is left of an answer; None for a question that is left out.

    What the clinic's record answers is left out: it is the date of birth.
    """
    if item.from_record or item.kind not in _BARE:
        return None
    if isinstance(answer, Missing):
        return Bare((answer.value,), is_list=item.kind in _LISTS)
    return _BARE[item.kind](item, answer, vocabulary, days)


def _chosen(_item: Item, answer: Answer, _vocabulary: Vocabulary, _days: Days) -> Bare | None:
    return Bare((answer.code,)) if isinstance(answer, Chosen) else None


def _picked(item: Item, answer: Answer, _vocabulary: Vocabulary, _days: Days) -> Bare | None:
    """Keep what was ticked; what was said of spots, and where they lie, goes."""
    if not isinstance(answer, Picked):
        return None
    ticked = tuple(code for code in item.codes if code in answer.codes)
    unsure = (Missing.NOT_SURE.value,) if answer.unsure else ()
    return Bare((*ticked, *unsure), is_list=True)


def _measured(_item: Item, answer: Answer, _vocabulary: Vocabulary, _days: Days) -> Bare | None:
    return Bare((format(answer.value, "f"),)) if isinstance(answer, Measured) else None


def _happened(_item: Item, answer: Answer, _vocabulary: Vocabulary, days: Days) -> Bare | None:
    """Keep the days it can mean, and not how it was said."""
    if isinstance(answer, Worded):
        return Bare((answer.word.value,))
    if not isinstance(answer, Happened):
        return None
    return Bare((days.span(answer.when),), is_counted=days.dates is not Dates.SHIFTED)


def _listed(_item: Item, answer: Answer, vocabulary: Vocabulary, _days: Days) -> Bare | None:
    if not isinstance(answer, Listed):
        return None
    found = [value for entry in answer.entries for value in _medicine(entry, vocabulary)]
    found += [Missing.NOT_SURE.value] if answer.unsure else []
    return Bare(tuple(dict.fromkeys(found)) or (NONE_CODE,), is_list=True)


def _medicine(entry: MedicineEntry, vocabulary: Vocabulary) -> Iterator[str]:
    """Yield the substances and classes that an entry surely names, in the vocabulary's words."""
    found = vocabulary.recognise(entry)
    for match in found.matches:
        if match.how is not How.SIMILAR and not match.doubt:
            yield match.medicine.substance
            yield from (f"{CLASS}{one}" for one in sorted(match.medicine.classes_by(entry.route)))
    if not found.is_understood:
        yield NOT_UNDERSTOOD


def _written(_item: Item, answer: Answer, _vocabulary: Vocabulary, _days: Days) -> Bare | None:
    return Bare((WRITTEN,)) if isinstance(answer, Written) else None


_BARE: Mapping[Kind, Callable[[Item, Answer, Vocabulary, Days], Bare | None]] = {
    Kind.YES_NO: _chosen,
    Kind.CHOICE: _chosen,
    Kind.CHOICES: _picked,
    Kind.NUMBER: _measured,
    Kind.DATE: _happened,
    Kind.MEDICINES: _listed,
    Kind.TEXT: _written,
    Kind.BODY_MAP: _picked,
}
_LISTS = frozenset({Kind.CHOICES, Kind.MEDICINES, Kind.BODY_MAP})

_DONE: Mapping[Kind, str] = {
    Kind.YES_NO: "The answer.",
    Kind.CHOICE: "The code of the answer.",
    Kind.CHOICES: "The codes ticked.",
    Kind.NUMBER: "The number.",
    Kind.DATE: "The year or years it can mean, or the shifted days, or only that it is known.",
    Kind.MEDICINES: "Known substances and their classes; no word that was typed.",
    Kind.TEXT: "Only that something was written.",
    Kind.BODY_MAP: "The regions ticked; no words about a spot and no place on the picture.",
}


def done_to(item: Item) -> str:
    """Say what becomes of the answers to a question, in the words of the dictionary."""
    if item.from_record or item.kind not in _BARE:
        return "Left out; the table of cases has an age." if item.from_record else "Left out."
    shown = "enough patients gave it"
    if is_trait(item):
        shown = "enough patients have the same age, site, language, year and answers for life"
    return f"{_DONE[item.kind]} Where {shown}."
