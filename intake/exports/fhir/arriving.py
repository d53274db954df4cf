"""A QuestionnaireResponse that another system made of our form, back into raw answers.

Every item is held against the form. Whatever does not fit is named, with where it stands, and the
question it belongs to is then as if nothing had been said: unknown, and never no. Of a list, what
could be read stays, and that there may be more is unknown.
"""

from __future__ import annotations

from calendar import monthrange
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from intake.core.answers import MAX_MEDICINE_WORDS, Missing, clean_text, read_answer, read_stored
from intake.core.errors import AnswerError
from intake.core.medicines import MedicineEntry, Route
from intake.core.questionnaire import NONE_CODE, PLAN_PREFIX, Kind
from intake.core.reading import case_of, read_all
from intake.core.truth import Truth
from intake.exports.fhir.arriving_items import SPOILED, Problem, Reader
from intake.exports.fhir.gates import KNOWN
from intake.exports.fhir.naming import CHANGES_ALL, answered_version
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
from intake.exports.strict_json import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from intake.core.answers import Raw
    from intake.core.questionnaire import Item
    from intake.core.rules import RulePack
    from intake.exports.fhir.naming import Resource

_MOST_ROWS = 100
"""Of a list that cannot be read whole; none that can has as many."""
_LISTS = frozenset({Kind.CHOICES, Kind.BODY_MAP, Kind.MEDICINES})
_OTHER_CLASS = "It names a class that the medicine of this name does not belong to here."
_NOBODY_SAID = "Nobody said whether there are any; what is listed was read, and there may be more."
_NO_DATE = "A date takes the first and the last day on which it may have been."
_LONGEST_NAME = 2 * MAX_MEDICINE_WORDS
"""As the exported form says; to recognise far more would take minutes."""
_OF_A_RESPONSE = frozenset(
    {
        *("resourceType", "id", "meta", "implicitRules", "language", "text", "contained"),
        *("extension", "modifierExtension", "identifier", "basedOn", "partOf", "questionnaire"),
        *("status", "subject", "encounter", "authored", "author", "source", "item"),
    }
)
FINISHED = ("completed", "amended")
"""The statuses of a response that is read."""


@dataclass(slots=True)
class Arrived:
    """What a response says.

    Attributes:
        answers: Raw values by link id.
        plan: Raw values of the treatment plan, by the names of its fields.
        given: The link ids of every item that was answered.
    """

    answers: dict[str, Raw] = field(default_factory=dict)
    plan: dict[str, Raw] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)


def read_response(
    resource: Any,  # noqa: ANN401 - JSON
    form: Resource,
    pack: RulePack,
    today: date,
) -> Arrived:
    """Read a response and hold it against its form.

    Args:
        resource: The JSON as it came.
        form: The form that it is to be an answer to.
        pack: What that was made of.
        today: The clinic's date, from which answers that name no day count.
    """
    arrived = Arrived()
    if not isinstance(resource, dict) or resource.get("resourceType") != "QuestionnaireResponse":
        arrived.problems.append(Problem("resourceType", "This is no QuestionnaireResponse."))
        return arrived
    wanted = answered_version(pack)
    if resource.get("questionnaire") != wanted:
        says = f"It answers another form or version; this clinic reads {wanted}."
        arrived.problems.append(Problem("questionnaire", says))
        return arrived  # the same link id may mean something else there
    if others := {str(one).removeprefix("_") for one in resource} - _OF_A_RESPONSE:
        says = "This element is none of a QuestionnaireResponse, and what it means is not known."
        arrived.problems += [Problem(printable(one[:255]), says) for one in sorted(others)]
        return arrived
    if changing := [element for element in CHANGES_ALL if element in resource]:
        says = "This may change what the rest means, and is not known here."
        arrived.problems += [Problem(element, says) for element in changing]
        return arrived
    if resource.get("status") not in FINISHED:
        says = f"Only what was finished is read: {' or '.join(FINISHED)}."
        arrived.problems.append(Problem("status", says))
    reader = Reader()
    values, rows = reader.level(resource.get("item", []), form["item"])
    _look_at_medicines(pack, values, rows, reader)
    arrived.given = reader.given
    arrived.problems += reader.problems
    spoiled = {_question_of(where, pack.items) for where in reader.spoiled}
    for link_id, item in pack.items.items():
        raw = _raw(item, values, rows, is_spoiled=link_id in spoiled)
        if isinstance(raw, list):
            raw, why = _what_fits(item, raw, today)
            arrived.problems += [Problem(link_id, why)] if why else []
        if raw is not None:
            into = arrived.plan if item.is_plan_field else arrived.answers
            into[link_id.removeprefix(PLAN_PREFIX) if item.is_plan_field else link_id] = raw
    arrived.problems += _against_the_pack(arrived, pack, today)
    return arrived


def answered_at(resource: Resource) -> datetime | None:
    """Return when a response was written, in UTC; None where it does not say so in full."""
    try:
        found = datetime.fromisoformat(str(resource.get("authored")))
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _look_at_medicines(
    pack: RulePack,
    values: Mapping[str, list[Any]],
    rows: Mapping[str, list[dict[str, list[Any]]]],
    reader: Reader,
) -> None:
    """Name what stands against a medicine, or against the list that it is in."""
    for item in pack.items.values():
        name = item.link_id + ENTRY
        listed = rows.get(name, ()) if item.kind is Kind.MEDICINES else ()
        if listed and not values.get(item.link_id):
            reader.note(item.link_id, _NOBODY_SAID)
        for row in listed:
            words = _first(row, f"{name}.name")
            if len(words) > _LONGEST_NAME:
                row[f"{name}.name"] = []
                row[SPOILED] = [True]
                reader.note(f"{name}.name", f"At most {_LONGEST_NAME} letters are read.")
            elif set(row.get(f"{name}.class", ())) - set(_classes(pack, item, words, row)):
                row[SPOILED] = [True]
                reader.note(f"{name}.class", _OTHER_CLASS)
            stopped = f"{name}.stopped"
            if any(row.get(stopped + part) for part in (EARLIEST, LATEST, SAID)) and not _date(
                row, stopped, stopped
            ):
                row[SPOILED] = [True]
                reader.note(stopped, _NO_DATE)


def _classes(pack: RulePack, item: Item, words: str, row: Mapping[str, list[Any]]) -> Iterator[str]:
    """Yield the classes of a medicine of this name, taken in the way that is said."""
    prefix = f"{item.link_id}{ENTRY}.route."
    said = _first(row, prefix.rstrip(".")).removeprefix(prefix)
    route = Route(said) if said in tuple(Route) else None
    found = pack.vocabulary.recognise(MedicineEntry(clean_text(words), route=route))
    for match in found.matches:
        yield from match.medicine.classes_by(found.entry.route)


def _question_of(link_id: str, items: Mapping[str, Item]) -> str:
    """Return the question to which an item of the form belongs; blank for none."""
    while link_id and link_id not in items:
        link_id = link_id.rpartition(".")[0]
    return link_id


def _against_the_pack(arrived: Arrived, pack: RulePack, today: date) -> Iterator[Problem]:
    """Yield what no question asks, what does not fit one, and what is still to be answered."""
    reading = read_all(pack, arrived.answers, arrived.plan, today)
    yield from (Problem(link_id, says) for link_id, says in reading.problems)
    case = case_of(pack, reading.answers, today)
    named = {one.where.partition(".")[0] for one in arrived.problems}
    for link_id, item in pack.items.items():
        if case.asked(link_id) is Truth.NOT_MET:
            if link_id in arrived.given:
                yield Problem(link_id, "It is not asked, by what else was answered.")
        elif item.is_plan_field or not item.required or link_id in named:
            continue
        elif link_id not in arrived.answers:
            yield Problem(link_id, "It has to be answered; 'not sure' is an answer.")
    said = {**arrived.answers, **{PLAN_PREFIX + name: one for name, one in arrived.plan.items()}}
    for link_id in sorted(arrived.given - pack.items.keys()):
        name = _question_of(link_id, pack.items)
        if name and not _follows(link_id.removeprefix(name), said.get(name)):
            yield Problem(link_id, "It is not asked, by what else was answered.")


def _follows(part: str, raw: Raw) -> bool:
    """Tell whether a part of a question is asked, by the answer to it."""
    if part in _OF_A_VALUE:
        return raw is not None
    return isinstance(raw, list) and raw != [NONE_CODE]


_OF_A_VALUE = (VALUE, EARLIEST, LATEST, SAID)
_UNKNOWN = {STANDARD[one][1]: one.value for one in (Missing.NOT_SURE, Missing.WITHHELD)}
_PLAIN = {**_UNKNOWN, "Y": "yes", "N": "no"}


def _code(item: Item, code: str) -> str:
    """Return our own code for one of the form's."""
    return _PLAIN.get(code) or code.removeprefix(f"{item.link_id}.")


def _raw(
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
    return None if any(name + part in values for part in _OF_A_VALUE) else codes[0]


def _with_doubt(found: list[Raw], *, is_spoiled: bool) -> Raw:
    """Return a list; where some of it could not be read, there may be more, and never nothing."""
    if not is_spoiled:
        return found or None
    left = [one for one in found if one != NONE_CODE]
    return [*left, Missing.NOT_SURE.value] if left else None


def _what_fits(item: Item, found: list[Raw], today: date) -> tuple[Raw, str]:
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
    for one in found[:_MOST_ROWS]:
        least = (
            {key: one[key] for key in ("name", "region") if one.get(key)}
            if isinstance(one, dict)
            else one
        )
        for part in (one, least):
            if (
                part != NONE_CODE
                and read_stored(item, [*kept, part], today) is not Missing.UNREADABLE
            ):
                kept.append(part)
                break
    return [*kept, Missing.NOT_SURE.value], why


def _single(item: Item, values: Mapping[str, list[Any]], where: str) -> Raw:
    if item.kind is Kind.DATE:
        return _date(values, item.link_id, where)
    found = values.get(where, [])
    return str(found[0]) if found else None


def _date(values: Mapping[str, list[Any]], name: str, where: str) -> Raw:
    """Return a date; what was said of it, and between which days it lies, where that is known."""
    said = _first(values, name + SAID)
    first, last = _first(values, name + EARLIEST), _first(values, name + LATEST)
    if partial := _first(values, where):
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


def _first(values: Mapping[str, list[Any]], name: str) -> str:
    found = values.get(name, [])
    return str(found[0]) if found else ""


def _spot(item: Item, row: Mapping[str, list[Any]]) -> Raw:
    """Return a spot; of one that cannot be read whole its region, or nothing."""
    name = item.link_id + SPOT
    region = _first(row, f"{name}.region")
    found: dict[str, Raw] = {"region": _code(item, region)}
    if SPOILED in row:
        return found if region else None
    if what := _first(row, f"{name}.what"):
        found["what"] = what
    if view := _first(row, f"{name}.view"):
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
    is_more = _first(values, item.link_id + ANOTHER) == "Y"
    if is_spoiled:
        return _with_doubt(entries, is_spoiled=True)
    if code != KNOWN:  # with entries, or another one, it cannot be read, and so is unknown
        doubt = ["not_sure"] if is_more and code == NONE_CODE else []
        return [code, *entries, *doubt] if entries or code == NONE_CODE else code
    return [*entries, *(["not_sure"] if is_more else [])] or None


def _medicine(name: str, row: Mapping[str, list[Any]]) -> Raw:
    """Return a medicine; of one that cannot be read whole its name, or nothing."""
    found: dict[str, Raw] = {"name": _first(row, f"{name}.name")}
    if SPOILED in row:
        return found if found["name"] else None
    for part in ("dose", "status", "route"):
        if said := _first(row, f"{name}.{part}"):
            found[part] = said.removeprefix(f"{name}.{part}.")
    if stopped := _date(row, f"{name}.stopped", f"{name}.stopped"):
        found["stopped"] = stopped
    return found
