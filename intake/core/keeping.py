"""Typed answers back to what is stored, and to the words people read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.core.answers import (
    MAX_MEDICINE_WORDS,
    Answer,
    Chosen,
    Happened,
    Listed,
    Measured,
    Missing,
    Picked,
    Raw,
    Worded,
    Written,
    read_answer,
)
from intake.core.dates import names_its_day
from intake.core.errors import AnswerError
from intake.core.questionnaire import NONE_CODE
from intake.core.spots import numbered

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from intake.core.dates import Interval
    from intake.core.medicines import MedicineEntry
    from intake.core.questionnaire import Item
    from intake.core.spots import Spot


def keep(item: Item, raw: Raw, today: date) -> Raw:
    """Return the form in which a raw value is stored, so that it means the same on any later day.

    "3 weeks ago" is kept with the days it meant when it was said.

    Raises:
        AnswerError: it is not an answer to *item*, or the words about a medicine are too long.
    """
    answer = read_answer(item, raw, today)
    if isinstance(answer, Listed):
        _refuse_long(answer)
    return kept(item, answer)


def _refuse_long(answer: Listed) -> None:
    """Refuse what no box of a form takes; what is stored or said at the chair may be longer."""
    longest = MAX_MEDICINE_WORDS
    for entry in answer.entries:
        # What a medicine is for stands behind its name.
        if len(entry.name) > 2 * longest + len(" for ") or len(entry.dose) > longest:
            msg = "Shorten this to {count} characters."
            raise AnswerError(msg, count=str(longest))


def kept(item: Item, answer: Answer) -> Raw:
    """Return the form in which a typed answer to *item* is stored."""
    match answer:
        case Happened(said, when):
            return _kept_date(said, when)
        case Listed(entries, unsure):
            rows: list[Raw] = [_kept_medicine(entry) for entry in entries]
            return [*rows, *(["not_sure"] if unsure else [])] or [NONE_CODE]
        case Written(text):
            return text
        case Measured(value):
            return format(value, "f")
        case Picked(codes, unsure, spots):
            ordered: list[Raw] = [code for code in item.codes if code in codes]
            return [*ordered, *(["not_sure"] if unsure else []), *(s.kept() for s in spots)]
        case Chosen(code):
            return code
        case Worded(word):
            return word.value
        case Missing.NOT_ANSWERED:
            return None
        case Missing() as reason:
            return reason.value


def _kept_date(said: str, when: Interval) -> dict[str, Raw]:
    return {"said": said, "earliest": str(when.earliest), "latest": str(when.latest)}


def _kept_medicine(entry: MedicineEntry) -> dict[str, Raw]:
    row: dict[str, Raw] = {"name": entry.name, "status": entry.status.value}
    if entry.stopped is not None:
        row["stopped"] = _kept_date(entry.stopped_said, entry.stopped)
    if entry.route is not None:
        row["route"] = entry.route.value
    if entry.dose:
        row["dose"] = entry.dose
    return row


def words_for(item: Item, answer: Answer) -> str:
    """Say an answer in the patient's own words, as the practitioner and the review page show it."""
    if isinstance(answer, Missing):
        return _MISSING_WORDS[answer]
    match answer:
        case Chosen(code):
            return {"yes": "Yes", "no": "No"}.get(code) or item.text_of(code)
        case Picked(codes, unsure, spots):
            ticked = [o.text + _about(o.code, spots) for o in item.options if o.code in codes]
            return _joined(ticked, "and not sure about others" if unsure else "")
        case Measured(value):
            return f"{value} {item.unit}".strip()
        case Happened(said, when):
            return _date_words(said, when)
        case Worded(word):
            return item.words.get(word, word.value)
        case Listed(entries, unsure):
            more = "another one whose name I don't know" if unsure else ""
            return _joined([entry.in_words() for entry in entries], more) or "None"
        case Written(text):
            return text


def _about(region: str, spots: Iterable[Spot]) -> str:
    """Say what a region's spots are: ` (spot 1: a brown mole, spot 2)`; blank without any."""
    said = [
        ": ".join(filter(None, [f"spot {number}" if number else "", spot.what]))
        for number, spot in numbered(spots)
        if spot.region == region
    ]
    return f" ({', '.join(filter(None, said))})" if any(said) else ""


def _date_words(said: str, when: Interval) -> str:
    """Write a date as it was said, with the days it can mean; one that names its day as that."""
    if names_its_day(said):
        return when.in_words()
    return f"{said} ({when.in_words()})"


_MISSING_WORDS = {
    Missing.NOT_ANSWERED: "Not answered",
    Missing.NOT_SURE: "Not sure",
    Missing.WITHHELD: "I'd rather tell my practitioner",
    Missing.UNREADABLE: "An answer this questionnaire does not offer",
}


def _joined(parts: list[str], more: str) -> str:
    return "; ".join([*parts, more] if more else parts)
