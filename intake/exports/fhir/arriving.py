"""A QuestionnaireResponse that another system made of our form, back into raw answers.

Every item is held against the form. Whatever does not fit is named, with where it stands, and the
question it belongs to is then as if nothing had been said: unknown, and never no. Of a list, what
could be read stays, and that there may be more is unknown.
"""

from __future__ import annotations

import re
from calendar import monthrange
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from intake.core.answers import Missing
from intake.core.questionnaire import NONE_CODE, PLAN_PREFIX, Kind
from intake.core.reading import case_of, read_all
from intake.core.truth import Truth
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
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date

    from intake.core.answers import Raw
    from intake.core.questionnaire import Item
    from intake.core.rules import RulePack
    from intake.exports.fhir.naming import Resource

_TOO_MUCH = 10**12
"""No number that anybody is asked for is as large, and neither is one that is none."""
MOST_ITEMS = 5000
"""A response with more items than this is not read."""

_VALUES = {
    "choice": "valueCoding",
    "date": "valueDate",
    "decimal": "valueDecimal",
    "integer": "valueInteger",
    "string": "valueString",
    "text": "valueString",
}
_CHANGES_ITEM = "modifierExtension"
_OF_AN_ITEM = frozenset(
    {"id", "extension", _CHANGES_ITEM, "linkId", "definition", "text", "answer", "item"}
)
_OF_AN_ANSWER = frozenset({"id", "extension", _CHANGES_ITEM, "item"})
_LISTS = frozenset({Kind.CHOICES, Kind.BODY_MAP, Kind.MEDICINES})
_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
_TWO_ANSWERS = "It is answered twice; several answers belong in one item."
_TWO_GROUPS = "This group stands twice; nobody knows which of the two counts."
_SPOILED = ""
"""Among the values of a row: something of it could not be read."""
FINISHED = ("completed", "amended")
"""The statuses of a response that is read."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something of a response that does not fit.

    Attributes:
        where: The link id of the item, or the name of the element.
        says: What is wrong, and what would be right.
    """

    where: str
    says: str


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
    if changing := [element for element in CHANGES_ALL if element in resource]:
        says = "This may change what the rest means, and is not known here."
        arrived.problems += [Problem(element, says) for element in changing]
        return arrived
    if resource.get("status") not in FINISHED:
        says = f"Only what was finished is read: {' or '.join(FINISHED)}."
        arrived.problems.append(Problem("status", says))
    reader = _Reader(arrived)
    values, rows = reader.level(resource.get("item", []), form["item"])
    spoiled = {_question_of(where, pack.items) for where in reader.spoiled}
    for link_id, item in pack.items.items():
        raw = _raw(item, values, rows, is_spoiled=link_id in spoiled)
        if raw is not None:
            into = arrived.plan if item.is_plan_field else arrived.answers
            into[link_id.removeprefix(PLAN_PREFIX) if item.is_plan_field else link_id] = raw
    arrived.problems += _against_the_pack(arrived, pack, today)
    return arrived


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
    for link_id in sorted(arrived.given - pack.items.keys()):
        name, _, part = link_id.partition(".")
        if part and name in pack.items and not _follows(part, arrived.answers.get(name)):
            yield Problem(link_id, "It is not asked, by what else was answered.")


def _follows(part: str, raw: Raw) -> bool:
    """Tell whether a part of a question is asked, by the answer to it."""
    if f".{part}" in _OF_A_VALUE:
        return raw is not None
    return isinstance(raw, list) and raw != [NONE_CODE]


class _Reader:
    """Walks a response along its form.

    Attributes:
        spoiled: The link ids of what was named, or stands below a group that was.
    """

    def __init__(self, arrived: Arrived) -> None:
        self._arrived, self._left = arrived, MOST_ITEMS
        self.spoiled: set[str] = set()

    def _note(self, where: str, says: str) -> None:
        self._arrived.problems.append(Problem(printable(where[:255]), says))
        self.spoiled.add(where)

    def _note_all(self, group: Resource, says: str) -> None:
        """Name a group; nothing below it was said."""
        self._note(group["linkId"], says)
        self.spoiled.update(_below(group))

    def level(
        self,
        given: object,
        asked: Iterable[Resource],
    ) -> tuple[dict[str, list[Any]], dict[str, list[dict[str, list[Any]]]]]:
        """Read the items of one level; returns plain values, and the rows of groups that repeat."""
        known = {one["linkId"]: one for one in asked}
        values: dict[str, list[Any]] = {}
        rows: dict[str, list[dict[str, list[Any]]]] = {}
        groups: set[str] = set()
        for one in self._listed(given, "item"):
            link_id = one.get("linkId")
            item = known.get(link_id) if isinstance(link_id, str) else None
            self._left -= 1
            if item is None or self._left < 0:
                self._note(str(link_id), "There is no such item at this place of the form.")
            elif fault := _fault_of_item(one, item):
                self._note_all(item, fault)
            elif item["type"] != "group":
                if item["linkId"] in values:
                    self._note(item["linkId"], _TWO_ANSWERS)
                    continue
                values[item["linkId"]] = list(self._answers(one, item))
                self._arrived.given.add(item["linkId"])
            elif item.get("repeats"):
                rows.setdefault(item["linkId"], []).append(self._row(one, item))
            elif item["linkId"] in groups:
                self._note_all(item, _TWO_GROUPS)
            else:
                groups.add(item["linkId"])
                inner, deeper = self.level(one.get("item", []), item["item"])
                values |= inner
                rows |= deeper
        return values, rows

    def _row(self, given: dict[str, Any], group: Resource) -> dict[str, list[Any]]:
        before = len(self._arrived.problems)
        row, _ = self.level(given.get("item", []), group["item"])
        if len(self._arrived.problems) > before:
            row[_SPOILED] = [True]
            self.spoiled.add(group["linkId"])
        return row

    def _listed(self, value: object, what: str) -> Iterator[dict[str, Any]]:
        if not isinstance(value, list):
            self._note(what, "This has to be a list.")
            return
        for one in value:
            if isinstance(one, dict):
                yield one
            else:
                self._note(what, "Each of a list has to be an object.")

    def _answers(self, given: dict[str, Any], item: Resource) -> Iterator[Any]:
        answers = list(self._listed(given.get("answer", []), item["linkId"]))
        if any(not _are_words(one["item"], item) for one in (given, *answers) if "item" in one):
            self._note(item["linkId"], "Nothing stands below this item in the form.")
            return
        if len(answers) > 1 and not item.get("repeats"):
            self._note(item["linkId"], "It takes one answer.")
            return
        for answer in answers:
            value = self._value(answer, item)
            if value is not None:
                yield value

    def _value(self, answer: dict[str, Any], item: Resource) -> Any:  # noqa: ANN401 - JSON
        link_id, kind = item["linkId"], item["type"]
        name = _VALUES.get(kind, "")
        value = answer.get(name)
        if _CHANGES_ITEM in answer:
            self._note(link_id, "An answer to it says that it may mean something else.")
            return None
        if {key.removeprefix("_") for key in answer} - _OF_AN_ANSWER - {name}:
            self._note(link_id, f"Its answer has to be a {name}, and nothing besides.")
            return None
        if value is None:
            self._note(link_id, f"Its answer has to be a {name}.")
            return None
        fits = _FITS[name]
        if not fits(value):
            self._note(link_id, f"This {name} cannot be read.")
            return None
        if kind != "choice":
            return value
        code = (value.get("system"), value.get("code"))
        options = (one["valueCoding"] for one in item["answerOption"])
        if code not in {(one["system"], one["code"]) for one in options}:
            self._note(link_id, "This is none of the answers that are offered, with their system.")
            return None
        return value["code"]


def _fault_of_item(given: Mapping[str, Any], item: Resource) -> str:
    """Say why an item cannot be read, whatever stands in it; blank where it can."""
    if _CHANGES_ITEM in given:
        return "It says that it may mean something else than it asks."
    if {str(key).removeprefix("_") for key in given} - _OF_AN_ITEM:
        return "It has an element that FHIR does not know."
    if item["type"] == "group" and "answer" in given:
        return "A group has no answer of its own."
    return ""


def _below(group: Resource) -> Iterator[str]:
    """Yield the link ids of everything below an item."""
    for one in group.get("item", ()):
        yield one["linkId"]
        yield from _below(one)


def _are_words(given: object, item: Resource) -> bool:
    """Tell whether items below a question are words that the form itself shows there."""
    words = {one["linkId"] for one in item.get("item", ()) if one["type"] == "display"}
    return isinstance(given, list) and all(
        isinstance(one, dict) and one.get("linkId") in words and not one.keys() & {"answer", "item"}
        for one in given
    )


def _is_coding(value: Any) -> bool:  # noqa: ANN401 - JSON
    named = [value.get(part, "") for part in ("system", "code")] if isinstance(value, dict) else []
    return bool(named) and all(isinstance(one, str) for one in named)


def _is_number(value: Any) -> bool:  # noqa: ANN401 - JSON
    is_one = isinstance(value, int | float) and not isinstance(value, bool)
    return is_one and -_TOO_MUCH < value < _TOO_MUCH


_FITS: Mapping[str, Callable[[Any], bool]] = {
    "valueCoding": _is_coding,
    "valueDate": lambda value: isinstance(value, str) and bool(_DATE.fullmatch(value)),
    "valueDecimal": _is_number,
    "valueInteger": lambda value: _is_number(value) and int(value) == value,
    "valueString": lambda value: isinstance(value, str),
    "": lambda _: False,
}
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
    if _SPOILED in row:
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
    if _SPOILED in row:
        return found if found["name"] else None
    for part in ("dose", "status", "route"):
        if said := _first(row, f"{name}.{part}"):
            found[part] = said.removeprefix(f"{name}.{part}.")
    if stopped := _date(row, f"{name}.stopped", f"{name}.stopped"):
        found["stopped"] = stopped
    return found
