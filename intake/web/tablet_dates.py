"""Dates between the boxes of the tablet and the text that is stored."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from babel import Locale

from intake.core.bands import Band, bands
from intake.core.dates import Unit, Window, parse_date
from intake.core.errors import AnswerError
from intake.core.questionnaire import Kind
from intake.core.translations import SOURCE_LANGUAGE
from intake.web.languages import (
    gettext,
    long_date,
    month_and_year,
    ngettext,
    spoken,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from intake.core.answers import Raw
    from intake.core.dates import Interval
    from intake.core.questionnaire import Item
    from intake.core.rules import RulePack

BY_DATE, BY_AGE, KEPT = "date", "about", "kept"
"""Ways of saying when: a date as far as it is known, or how long ago it was, or as was said on an
earlier day; a band of time is a way by itself, named as it is stored."""

_KEPT_DAY = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_KEPT_AGE = re.compile(r"(?:about |around )?(\d{1,3}) (day|week|month|year)s? ago")


def day_text(day: str, month: str, year: str) -> str:
    """Write a date as far as it is known: `2025-03-14`, `2025-03` or `2025`."""
    number = _month_number(month)
    if month and not number:
        return " ".join(filter(None, (day, month, year)))
    known = [year, *([number] if number else []), *([day.zfill(2)] if day else [])]
    return "-".join(known)


def _month_number(month: str) -> str:
    word = _plain(month)
    if word.isdigit():
        return word.zfill(2)
    whole = {number for name, number in _months() if name == word}
    least = 3  # letters: "mar", not "m"
    begun = {number for name, number in _months() if len(word) >= least and name.startswith(word)}
    found = whole or begun
    return f"{found.pop():02}" if len(found) == 1 else ""


def _plain(word: str) -> str:
    """Write the name of a month as it is compared: no case, no full stop, alif without hamza."""
    return re.sub("[أإآ]", "ا", word.lower().rstrip("."))


_OTHER_MONTHS = ("ar-SY", "ar-DZ")
"""Arabic has other names for the months in the Levant and in the Maghreb."""


@cache
def _months() -> tuple[tuple[str, int], ...]:
    """Return the names of the months, long and short, in every language the tablet speaks."""
    known = (
        (_plain(name), number)
        for language in (SOURCE_LANGUAGE, *spoken(), *_OTHER_MONTHS)
        for width in ("wide", "abbreviated")
        for number, name in Locale.parse(language, sep="-").months["format"][width].items()
    )
    return (("setiembre", 9), *known)


def day_fault(day: str, month: str, year: str) -> tuple[str, str]:
    """Return the box to look at again and the words to say, or two blanks."""
    if not (day or month or year):
        return "day", gettext("Enter a date, or choose another answer.")
    if not re.fullmatch(r"\d{4}", year):
        return "year", gettext("Enter the year with four digits.")
    if day and not month:
        return "month", gettext("Enter the month as well, or leave the day empty.")
    if day and not day.isdigit():
        return "day", gettext("Enter the day as a number, such as 14.")
    return "", ""


def date_parts(raw: Raw, today: date | None = None) -> dict[str, str]:
    """Spread a stored date over the boxes it came from; what has no box is asked again.

    What was said on an earlier day ("3 weeks ago") would mean other days now, so it is shown as
    the days it meant; without *today* it is not looked at.
    """
    said = str(raw.get("said", "")) if isinstance(raw, dict) else str(raw or "")
    if isinstance(raw, dict) and today and not _means(said, raw, today):
        return {"way": KEPT, "kept": f"{raw.get('earliest')} {raw.get('latest')}"}
    if found := _KEPT_DAY.fullmatch(said):
        boxes = {"year": found[1], "month": found[2], "day": found[3]}
        shown = {part: words.lstrip("0") for part, words in boxes.items() if words}
        return {"way": BY_DATE, **shown}
    if found := _KEPT_AGE.fullmatch(said):
        return {"way": BY_AGE, "count": found[1], "unit": f"{found[2]}s"}
    if Band.parse(said):
        return {"way": said}
    if isinstance(raw, dict):
        return _exact_parts(raw)
    return {"way": said} if said else {}


def _means(said: str, raw: Mapping[str, Raw], today: date) -> bool:
    """Tell whether the words of a stored date mean the days they meant when they were said.

    A single day is shown as itself, however it was said.
    """
    if raw.get("earliest") == raw.get("latest"):
        return True
    try:
        when = parse_date(said, today)
    except AnswerError:
        return False
    return (str(when.earliest), str(when.latest)) == (raw.get("earliest"), raw.get("latest"))


def said_before(kept: str) -> str:
    """Say the days that were meant on an earlier day; blank for anything else."""
    try:
        first, last = (date.fromisoformat(day) for day in kept.split())
    except ValueError:
        return ""
    if first == last:
        return gettext("%(day)s, as you said before", day=long_date(first))
    words = {"first": long_date(first), "last": long_date(last)}
    return gettext("Between %(first)s and %(last)s, as you said before", **words)


def _exact_parts(raw: dict[str, Raw]) -> dict[str, str]:
    """Show a day that was said in other words ("yesterday") as the day it was."""
    exact = raw.get("earliest") == raw.get("latest")
    return date_parts(str(raw.get("earliest"))) if exact else {}


def band_choices(pack: RulePack, items: Iterable[Item]) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return the ready answers to each question about a date, as they are stored and as they read.

    They end where the rules' windows do, see `core.bands`.
    """
    return {
        item.link_id: tuple(
            (band.said, said_band(band)) for band in bands(pack.limits.get(item.link_id, ()))
        )
        for item in items
        if item.kind in (Kind.DATE, Kind.MEDICINES)
    }


def said_of(said: str, when: Interval, today: date) -> str:
    """Say a date in the words it was given in, or by its days once the words mean others."""
    days = {"earliest": str(when.earliest), "latest": str(when.latest)}
    if _means(said, days, today):
        return said_date(said)
    return said_before(f"{when.earliest} {when.latest}")


def said_date(said: str) -> str:
    """Write a date that was put in boxes as people write it: `14 March 2025`."""
    if band := Band.parse(said):
        return said_band(band)
    parts = date_parts(said)
    if parts.get("way") == BY_AGE:
        return _ago(int(parts["count"]), parts["unit"])
    if not parts.get("year"):
        return said
    year, month, day = (int(parts.get(part, 0)) for part in ("year", "month", "day"))
    if not month:
        return str(year)
    known = date(year, month, day or 1)
    return long_date(known) if day else month_and_year(known)


def said_band(band: Band) -> str:
    """Say a band of time: `2 to 4 weeks ago`."""
    near, far = (_length(end) if end else "" for end in (band.nearer, band.farther))
    if not near:
        return gettext("Less than %(length)s ago", length=far)
    if not far:
        return gettext("More than %(length)s ago", length=near)
    if band.nearer and band.farther and band.nearer.unit is band.farther.unit:
        near = str(band.nearer.count)
    return gettext("%(near)s to %(far)s ago", near=near, far=far)


def _length(window: Window) -> str:
    """Say a length of time as it stands behind "less than" or before "ago"."""
    match window.unit:
        case Unit.DAYS:
            return ngettext("%(num)s day", "%(num)s days", window.count)
        case Unit.WEEKS:
            return ngettext("%(num)s week", "%(num)s weeks", window.count)
        case Unit.MONTHS:
            return ngettext("%(num)s month", "%(num)s months", window.count)
        case Unit.YEARS:
            return ngettext("%(num)s year", "%(num)s years", window.count)


def _ago(count: int, unit: str) -> str:
    """Say how long ago something was."""
    match Unit(unit):
        case Unit.DAYS:
            return ngettext("About %(num)s day ago", "About %(num)s days ago", count)
        case Unit.WEEKS:
            return ngettext("About %(num)s week ago", "About %(num)s weeks ago", count)
        case Unit.MONTHS:
            return ngettext("About %(num)s month ago", "About %(num)s months ago", count)
        case Unit.YEARS:
            return ngettext("About %(num)s year ago", "About %(num)s years ago", count)
