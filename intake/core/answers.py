"""Raw values to typed answers, which questions are asked, and what is still missing.

A raw value is what a form, a file or the database holds (text, list, number); a typed answer is
what a condition looks at. What cannot be read is unknown, never no.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from intake.core.dates import DateWord, Interval, in_the_past, parse_date, shift_months
from intake.core.errors import AnswerError
from intake.core.letters import without_marks
from intake.core.medicines import MedicineEntry, Route, Status
from intake.core.questionnaire import NONE_CODE, UNDECIDED_CODE, Item, Kind
from intake.core.spots import Spot, read_spots

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


Raw: TypeAlias = "str | int | float | bool | Decimal | list[Raw] | dict[str, Raw] | None"
"""A value as a form, a JSON file or the database holds it."""

E = TypeVar("E", bound=StrEnum)
D = TypeVar("D")

MAX_TEXT = 2000
"""Longest free text kept, in characters."""

MAX_DIGITS = 60
"""Longest number read, in characters."""

_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}(,\d{3})+")

MAX_MEDICINES = 60
"""Most medicines one answer may list."""

MAX_MEDICINE_WORDS = 200
"""Longest name, purpose or dose of a medicine that a form takes, in characters."""


class Missing(StrEnum):
    """Why there is no value. All of these are unknown to a rule; the practitioner sees which."""

    NOT_ANSWERED = "not_answered"
    NOT_SURE = "not_sure"
    WITHHELD = "withheld"
    UNREADABLE = "unreadable"


UNKNOWN_CODES = frozenset({Missing.NOT_SURE, Missing.WITHHELD})
"""What a patient may say instead of an answer."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One option of a yes/no question or a choice."""

    code: str


@dataclass(frozen=True, slots=True)
class Picked:
    """Options of a multiple choice or regions of the body map.

    Attributes:
        codes: What was ticked; never empty unless *unsure*.
        unsure: "And something I don't know": what is ticked is certain, what is not is unknown.
        spots: What was said or shown of the regions; each lies in one of *codes*.
    """

    codes: frozenset[str]
    unsure: bool = False
    spots: tuple[Spot, ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """A number in the unit of its question."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Happened:
    """When something happened: as it was said, and the days it can mean."""

    said: str
    when: Interval


@dataclass(frozen=True, slots=True)
class Worded:
    """A date question answered by a word: never, or still going on."""

    word: DateWord


@dataclass(frozen=True, slots=True)
class Listed:
    """Medicines, in the patient's words.

    Attributes:
        unsure: There is, or may be, another one whose name the patient does not know.
    """

    entries: tuple[MedicineEntry, ...]
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """Free text; no rule reads it."""

    text: str


Answer: TypeAlias = Missing | Chosen | Picked | Measured | Happened | Worded | Listed | Written


def read_answer(item: Item, raw: Raw, today: date) -> Answer:
    """Turn a raw value into the typed answer to *item*.

    Args:
        item: The question.
        raw: Text, number, list or mapping, as a form or a JSON file gives it; None or blank is
            "not answered".
        today: The day the value was given; relative dates count from it.

    Raises:
        AnswerError: the value does not fit the question; the message says what does.
    """
    if isinstance(raw, str):
        raw = clean_text(raw)
    if raw is None or raw in ("", [], {}):
        return Missing.NOT_ANSWERED
    if isinstance(raw, str) and raw in UNKNOWN_CODES:
        return Missing(raw)
    return _READERS[item.kind](item, raw, today)


def read_stored(item: Item, raw: Raw, today: date) -> Answer:
    """Like `read_answer`, but what does not fit is unknown instead of an error.

    For answers given under another pack: an option that was removed since can neither meet a
    condition nor rule it out.
    """
    try:
        return read_answer(item, raw, today)
    except AnswerError:
        return Missing.UNREADABLE


# Patients choose the same few options, and one answer for all is found sooner than its equals.
# They hold codes of options, which the pack gave, and only so many are kept.
_chosen = lru_cache(maxsize=4096)(Chosen)
_picked = lru_cache(maxsize=4096)(Picked)


def _read_yes_no(item: Item, raw: Raw, _today: date) -> Answer:
    if isinstance(raw, bool):
        return _chosen("yes" if raw else "no")
    if raw in ("yes", "no"):
        return _chosen(str(raw))
    msg = "Select yes, no or not sure: {question}"
    raise AnswerError(msg, question=item.ask)


def _read_choice(item: Item, raw: Raw, _today: date) -> Answer:
    if raw == UNDECIDED_CODE:
        return Missing.NOT_SURE
    if isinstance(raw, str) and raw in item.codes:
        return _chosen(raw)
    msg = "Choose one of these answers: {answers}."
    raise AnswerError(msg, answers=_offered(item))


def _read_choices(item: Item, raw: Raw, _today: date) -> Answer:
    ticked = raw if isinstance(raw, list) else [raw]
    codes = {code if isinstance(code, str) else "" for code in ticked}
    unsure = bool(codes & (UNKNOWN_CODES | {UNDECIDED_CODE}))
    codes -= UNKNOWN_CODES | {UNDECIDED_CODE}
    if any(code not in item.codes for code in codes):
        msg = "Select from the answers offered: {answers}."
        raise AnswerError(msg, answers=_offered(item))
    if NONE_CODE in codes and (unsure or len(codes) > 1):
        msg = "Select '{none}' or the other answers, not both."
        raise AnswerError(msg, none=item.text_of(NONE_CODE))
    if not codes:
        return Missing.WITHHELD if Missing.WITHHELD in ticked else Missing.NOT_SURE
    return _picked(frozenset(codes), unsure)


def _read_body_map(item: Item, raw: Raw, today: date) -> Answer:
    """Read ticks and spots; the region of a spot counts as ticked."""
    rows = raw if isinstance(raw, list) else [raw]
    spots = read_spots(item, (row for row in rows if isinstance(row, dict)))
    ticked = [row for row in rows if not isinstance(row, dict)]
    answer = _read_choices(item, [*ticked, *(spot.region for spot in spots)], today)
    return replace(answer, spots=spots) if isinstance(answer, Picked) else answer


def _offered(item: Item) -> str:
    return ", ".join(item.codes)


def _read_number(item: Item, raw: Raw, _today: date) -> Answer:
    value = _decimal(raw)
    low, high = item.minimum, item.maximum
    if value is None or not value.is_finite():
        raise _number_error(item)
    if (low is not None and value < low) or (high is not None and value > high):
        raise _number_error(item)
    if _decimals(value) > item.decimals:
        msg = "Enter a number with at most {count} digits after the point."
        raise AnswerError(msg, count=str(item.decimals))
    return Measured(value)


def _decimal(raw: Raw) -> Decimal | None:
    """Read plain digits with a point or a decimal comma; nothing with an exponent or a sign word.

    A comma before exactly three digits could mean thousands, so `1,500` is refused, not guessed at.
    """
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        return None
    text = str(raw)
    if len(text) > MAX_DIGITS or _THOUSANDS.fullmatch(text):
        return None
    text = text.replace(",", ".")
    if not text.isascii() or not text.removeprefix("-").replace(".", "", 1).isdigit():
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _decimals(value: Decimal) -> int:
    """Count the digits after the point that mean something."""
    _, _, after = format(value, "f").partition(".")
    return len(after.rstrip("0"))


def _number_error(item: Item) -> AnswerError:
    low, high = (f"{end} {item.unit}".strip() for end in (item.minimum, item.maximum))
    if item.minimum is not None and item.maximum is not None:
        low = str(item.minimum)
        return AnswerError("Enter a number from {low} to {high}.", low=low, high=high)
    if item.minimum is not None:
        return AnswerError("Enter a number that is {low} or more.", low=low)
    if item.maximum is not None:
        return AnswerError("Enter a number that is {high} or less.", high=high)
    return AnswerError("Enter a number, such as 12.")


def _read_date(item: Item, raw: Raw, today: date) -> Answer:
    if isinstance(raw, dict):
        return _plausible(item, _read_kept_date(raw, today), today)
    if not isinstance(raw, str):
        raw = str(raw)
    word = raw.lower()
    if word in tuple(DateWord):
        if DateWord(word) not in item.words:
            msg = "Enter a date: '{word}' is not offered here."
            raise AnswerError(msg, word=word)
        return Worded(DateWord(word))
    return _plausible(item, Happened(raw, parse_date(raw, today)), today)


def _plausible(item: Item, answer: Happened, today: date) -> Happened:
    """Ask again about a birth in the last month: today's date in that box is a slip."""
    if item.from_record == "birth_date" and answer.when.latest >= shift_months(today, -1):
        msg = "Check the date of birth: it is today or in the last month."
        raise AnswerError(msg)
    return answer


def _read_kept_date(raw: dict[str, Raw], today: date) -> Happened:
    """Read `{"said", "earliest", "latest"}`: a date as it was understood on the day it was said."""
    try:
        earliest, latest = (date.fromisoformat(str(raw[end])) for end in ("earliest", "latest"))
        when = Interval(earliest, latest)
        return Happened(clean_text(str(raw["said"])), in_the_past(when, today))
    except (KeyError, ValueError) as error:
        msg = "A kept date needs 'said', 'earliest' and 'latest' as 2025-03-14."
        raise AnswerError(msg) from error


def _read_medicines(_item: Item, raw: Raw, today: date) -> Answer:
    rows = raw if isinstance(raw, list) else [raw]
    unsure = any(row in tuple(UNKNOWN_CODES) for row in rows)
    named = [row for row in rows if row not in tuple(UNKNOWN_CODES)]
    if named == [NONE_CODE]:
        return Missing.NOT_SURE if unsure else Listed(())
    if NONE_CODE in named:
        msg = "Enter the medicines, or say that there are none, but not both."
        raise AnswerError(msg)
    if len(named) > MAX_MEDICINES:
        msg = "Enter at most {count} medicines; tell your practitioner about the others."
        raise AnswerError(msg, count=str(MAX_MEDICINES))
    entries = tuple(_read_medicine(row, today) for row in named)
    return Listed(entries, unsure) if entries else Missing.NOT_SURE


def _read_medicine(row: Raw, today: date) -> MedicineEntry:
    if isinstance(row, str):
        row = {"name": row}
    name = row.get("name") if isinstance(row, dict) else None
    if not isinstance(row, dict) or not isinstance(name, str) or not clean_text(name):
        msg = "Enter the name of the medicine."
        raise AnswerError(msg)
    unknown = sorted(set(row) - {"name", "status", "stopped", "route", "dose"})
    if unknown:
        msg = "A medicine has a name, status, stopped, route and dose, but not {key}."
        raise AnswerError(msg, key=unknown[0])
    stopped, said = _read_stopped(row.get("stopped"), today)
    taken = row.get("status")
    unsaid = Status.STOPPED if said and taken in (None, "") else Status.UNKNOWN
    return MedicineEntry(
        name=clean_text(name),
        status=_one_of(Status, taken, unsaid),
        stopped=stopped,
        stopped_said=said,
        route=_one_of(Route, row.get("route"), None),
        dose=clean_text(str(row.get("dose") or "")),
    )


def _read_stopped(raw: Raw, today: date) -> tuple[Interval | None, str]:
    if raw is None or raw == "" or raw in tuple(UNKNOWN_CODES):
        return None, ""
    if isinstance(raw, dict):
        kept = _read_kept_date(raw, today)
        return kept.when, kept.said
    said = clean_text(str(raw))
    return parse_date(said, today), said


def _one_of(names: type[E], raw: Raw, default: D) -> E | D:
    if raw is None or raw == "" or raw in tuple(UNKNOWN_CODES):
        return default
    try:
        return names(str(raw))
    except ValueError:
        msg = "'{said}' is not one of {names}."
        raise AnswerError(msg, said=str(raw), names=", ".join(names)) from None


def _read_text(_item: Item, raw: Raw, _today: date) -> Answer:
    if not isinstance(raw, str):
        msg = "Enter text."
        raise AnswerError(msg)
    return Written(clean_text(raw))


_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0"
"""Letters by their kind that nobody can see: fillers of Hangul."""


def has_letters(text: str) -> bool:
    """Tell whether a text has a letter that can be seen, as a name must."""
    return any(letter.isalpha() for letter in without_marks(text) if letter not in _BLANK_LETTERS)


def clean_text(text: str) -> str:
    """Bring free text to one form: NFC, no control characters or lone surrogates.

    Raises:
        AnswerError: longer than `MAX_TEXT` characters.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    shown = (c for c in lines if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs"))
    clean = "".join(shown).strip()
    if len(clean) <= MAX_TEXT:  # ordering marks takes as long as their number squared
        clean = unicodedata.normalize("NFC", clean).strip()
    if len(clean) > MAX_TEXT:
        msg = "Shorten this to {count} characters."
        raise AnswerError(msg, count=str(MAX_TEXT))
    return clean


_READERS: Mapping[Kind, Callable[[Item, Raw, date], Answer]] = {
    Kind.YES_NO: _read_yes_no,
    Kind.CHOICE: _read_choice,
    Kind.CHOICES: _read_choices,
    Kind.BODY_MAP: _read_body_map,
    Kind.NUMBER: _read_number,
    Kind.DATE: _read_date,
    Kind.MEDICINES: _read_medicines,
    Kind.TEXT: _read_text,
}
