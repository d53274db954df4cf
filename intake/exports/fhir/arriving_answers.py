"""The values of a response's items, put together as raw answers to questions."""

from __future__ import annotations

from calendar import monthrange
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from intake.core.answers import Missing, read_answer, read_stored
from intake.core.errors import AnswerError
from intake.core.questionnaire import NONE_CODE, Kind
from intake.exports.fhir.arriving_items import SPOILED
from intake.exports.fhir.gates import KNOWN
from intake.exports.fhir.options import (
    ANOTHER,
    EARLIEST,
    ENTRY,
    LATEST,
    SAID,
    SPOT,
    STANDARD,
    VALUE,
    codes_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from intake.core.answers import Raw
    from intake.core.questionnaire import Item

MOST_ROWS = 100
"""Of a list that cannot be read whole; none that can has as many."""
_LISTS = frozenset({Kind.CHOICES, Kind.BODY_MAP, Kind.MEDICINES})
OF_A_VALUE = (VALUE, EARLIEST, LATEST, SAID)
_UNKNOWN = {STANDARD[one][1]: one.value for one in (Missing.NOT_SURE, Missing.WITHHELD)}
_PLAIN = {**_UNKNOWN, "Y": "yes", "N": "no"}


def _code(item: Item, code: str) -> str:
    """Return our own code for one of the form's."""
    return _PLAIN.get(code) or code.removeprefix(f"{item.link_id}.")


def raw_of(
    item: Item,
    values: Mapping[str, list[Any]],
    rows: Mapping[str, list[dict[str, list[Any]]]],
    *,
    is_spoiled: bool,
) -> Raw:
    """Return the raw answer to a question; None where nothing was said."""
    name = item.link_id
    if is_spoiled and item.kind not in _LISTS:
        return None
    if not codes_of(item):
        return _single(item, values, name)
    codes = [_code(item, code) for code in values.get(name, ())]
    if item.kind in (Kind.CHOICES, Kind.BODY_MAP):
        spots = [_spot(item, row) for row in rows.get(name + SPOT, ())]
        return _with_doubt([*codes, *filter(None, spots)], is_spoiled=is_spoiled)
    if item.kind is Kind.MEDICINES and (codes or is_spoiled):
        return _medicines(item, codes[0] if codes else KNOWN, values, rows, is_spoiled=is_spoiled)
    if not codes:
        return None
    if codes[0] == KNOWN:
        return _single(item, values, name + VALUE)
    # A value beside "never" or "not sure": nobody knows which of the two was meant.
    return None if any(name + part in values for part in OF_A_VALUE) else codes[0]


def _with_doubt(found: list[Raw], *, is_spoiled: bool) -> Raw:
    """Return a list; where some of it could not be read, there may be more, and never nothing."""
    if not is_spoiled:
        return found or None
    left = [one for one in found if one != NONE_CODE]
    return [*left, Missing.NOT_SURE.value] if left else None


def what_fits(item: Item, found: list[Raw], today: date) -> tuple[Raw, str]:
    """Return of a list what can be read, and why the rest cannot; blank where there is no rest.

    One row that cannot be read takes nothing from the others, and that there may be more stays
    unknown.
    """
    try:
        read_answer(item, found, today)
    except AnswerError as error:
        why = str(error)
    else:
        return found, ""
    kept: list[Raw] = []
    for one in (part for part in found[:MOST_ROWS] if part != NONE_CODE):
        tried = ([*kept, part] for part in (one, _least_of(one)))
        fits = (some for some in tried if read_stored(item, some, today) is not Missing.UNREADABLE)
        kept = next(fits, kept)
    return [*kept, Missing.NOT_SURE.value], why


def _least_of(row: Raw) -> Raw:
    """Return of a medicine its name and of a spot its region, without all that is said of them."""
    if not isinstance(row, dict):
        return row
    return {key: row[key] for key in ("name", "region") if row.get(key)}


def _single(item: Item, values: Mapping[str, list[Any]], where: str) -> Raw:
    if item.kind is Kind.DATE:
        return date_of(values, item.link_id, where)
    found = values.get(where, [])
    return str(found[0]) if found else None


def date_of(values: Mapping[str, list[Any]], name: str, where: str) -> Raw:
    """Return a date; what was said of it, and between which days it lies, where that is known."""
    said = first_of(values, name + SAID)
    first, last = first_of(values, name + EARLIEST), first_of(values, name + LATEST)
    if partial := first_of(values, where):
        if not said and not first and not last:
            return partial
        ends = _ends(partial)
        if (first or ends[0], last or ends[1]) != ends:
            return f"{partial}, {first} to {last}"  # nobody knows which: it cannot be read
        first, last = ends
    if first and last:
        return {"said": said or f"{first} to {last}", "earliest": first, "latest": last}
    return None


def _ends(partial: str) -> tuple[str, str]:
    """Return the first and the last day of a day, a month or a year."""
    year, month, day = (*map(int, partial.split("-")), 0, 0)[:3]
    if day:
        return partial, partial
    if not month:
        return f"{partial}-01-01", f"{partial}-12-31"
    with suppress(ValueError):
        return f"{partial}-01", f"{partial}-{monthrange(year, month)[1]:02}"
    return partial, partial


def first_of(values: Mapping[str, list[Any]], name: str) -> str:
    """Return the first value of an item as text; blank for none."""
    found = values.get(name, [])
    return str(found[0]) if found else ""


def _spot(item: Item, row: Mapping[str, list[Any]]) -> Raw:
    """Return a spot; of one that cannot be read whole its region, or nothing."""
    name = item.link_id + SPOT
    region = first_of(row, f"{name}.region")
    found: dict[str, Raw] = {"region": _code(item, region)}
    if SPOILED in row:
        return found if region else None
    if what := first_of(row, f"{name}.what"):
        found["what"] = what
    if view := first_of(row, f"{name}.view"):
        place = {part: (row.get(f"{name}.{part}") or [None])[0] for part in ("x", "y", "picture")}
        found |= {"view": view.rpartition(".")[2], **place}
    return found


def _medicines(
    item: Item,
    code: str,
    values: Mapping[str, list[Any]],
    rows: Mapping[str, list[dict[str, list[Any]]]],
    *,
    is_spoiled: bool,
) -> Raw:
    name = item.link_id + ENTRY
    read = (_medicine(name, row) for row in rows.get(name, ()))
    entries: list[Raw] = [one for one in read if one is not None]
    is_more = first_of(values, item.link_id + ANOTHER) == "Y"
    if is_spoiled:
        return _with_doubt(entries, is_spoiled=True)
    if code != KNOWN:  # with entries, or another one, it cannot be read, and so is unknown
        doubt = ["not_sure"] if is_more and code == NONE_CODE else []
        return [code, *entries, *doubt] if entries or code == NONE_CODE else code
    return [*entries, *(["not_sure"] if is_more else [])] or None


def _medicine(name: str, row: Mapping[str, list[Any]]) -> Raw:
    """Return a medicine; of one that cannot be read whole its name, or nothing."""
    found: dict[str, Raw] = {"name": first_of(row, f"{name}.name")}
    if SPOILED in row:
        return found if found["name"] else None
    for part in ("dose", "status", "route"):
        if said := first_of(row, f"{name}.{part}"):
            found[part] = said.removeprefix(f"{name}.{part}.")
    if stopped := date_of(row, f"{name}.stopped", f"{name}.stopped"):
        found["stopped"] = stopped
    return found
