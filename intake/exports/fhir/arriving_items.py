"""The items of a QuestionnaireResponse of another system, each held against its form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from intake.exports.fhir.naming import PARTIAL_DATE, SAID_ABSENT
from intake.exports.strict_json import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

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
_OF_WORDS = frozenset({"id", "linkId", "definition", "text", "_text", "extension"})
_OF_A_CODING = frozenset(
    {"id", "extension", "system", "version", "code", "display", "userSelected"}
)
_OF_AN_ANSWER = frozenset({"id", "extension", _CHANGES_ITEM, "item"})
_TWO_ANSWERS = "It is answered twice; several answers belong in one item."
_TWO_GROUPS = "This group stands twice; nobody knows which of the two counts."
_ABSENT_AND_THERE = "It is answered, and said to have no answer; nobody knows which counts."
SPOILED = ""
"""Among the values of a row: something of it could not be read."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something of a response that does not fit.

    Attributes:
        where: The link id of the item, or the name of the element.
        says: What is wrong, and what would be right.
    """

    where: str
    says: str


class Reader:
    """Walks a response along its form.

    Attributes:
        problems: What does not fit.
        given: The link ids of every item that was answered.
        spoiled: The link ids of what was named, or stands below a group that was.
    """

    def __init__(self) -> None:
        self._left = MOST_ITEMS
        self.problems: list[Problem] = []
        self.given: set[str] = set()
        self.spoiled: set[str] = set()

    def note(self, where: str, says: str) -> None:
        """Name an item that does not fit."""
        self.problems.append(Problem(printable(where[:255]), says))
        self.spoiled.add(where)

    def _note_all(self, group: Resource, says: str) -> None:
        """Name a group; nothing below it was said."""
        self.note(group["linkId"], says)
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
                self.note(str(link_id), "There is no such item at this place of the form.")
            elif fault := _fault_of_item(one, item):
                self._note_all(item, fault)
            elif item["type"] != "group":
                if item["linkId"] in values:
                    self.note(item["linkId"], _TWO_ANSWERS)
                    continue
                values[item["linkId"]] = list(self._answers(one, item))
                if one.get("answer"):
                    self.given.add(item["linkId"])
            elif item.get("repeats"):
                row = self._row(one, item)
                if any(row.values()):
                    rows.setdefault(item["linkId"], []).append(row)
            elif item["linkId"] in groups:
                self._note_all(item, _TWO_GROUPS)
            else:
                groups.add(item["linkId"])
                inner, deeper = self.level(one.get("item", []), item["item"])
                values |= inner
                rows |= deeper
        return values, rows

    def _row(self, given: dict[str, Any], group: Resource) -> dict[str, list[Any]]:
        before = len(self.problems)
        row, _ = self.level(given.get("item", []), group["item"])
        if len(self.problems) > before:
            row[SPOILED] = [True]
            self.spoiled.add(group["linkId"])
        return row

    def _listed(self, value: object, what: str) -> Iterator[dict[str, Any]]:
        if not isinstance(value, list):
            self.note(what, "This has to be a list.")
            return
        for one in value:
            if isinstance(one, dict):
                yield one
            else:
                self.note(what, "Each of a list has to be an object.")

    def _answers(self, given: dict[str, Any], item: Resource) -> Iterator[Any]:
        answers = list(self._listed(given.get("answer", []), item["linkId"]))
        if any(not _are_words(one["item"], item) for one in (given, *answers) if "item" in one):
            self.note(item["linkId"], "Nothing stands below this item in the form.")
            return
        if len(answers) > 1 and not item.get("repeats"):
            self.note(item["linkId"], "It takes one answer.")
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
            self.note(link_id, "An answer to it says that it may mean something else.")
            return None
        if _is_said_absent({key: one for key, one in answer.items() if key != "item"}):
            self.note(link_id, _ABSENT_AND_THERE)
            return None
        if {key.removeprefix("_") for key in answer} - _OF_AN_ANSWER - {name}:
            self.note(link_id, f"Its answer has to be a {name}, and nothing besides.")
            return None
        if value is None:
            self.note(link_id, f"Its answer has to be a {name}.")
            return None
        fits = _FITS[name]
        if not fits(value):
            self.note(link_id, f"This {name} cannot be read.")
            return None
        if kind != "choice":
            return value
        code = (value.get("system"), value.get("code"))
        options = (one["valueCoding"] for one in item["answerOption"])
        if code not in {(one["system"], one["code"]) for one in options}:
            self.note(link_id, "This is none of the answers that are offered, with their system.")
            return None
        return value["code"]


def _fault_of_item(given: Mapping[str, Any], item: Resource) -> str:
    """Say why an item cannot be read, whatever stands in it; blank where it can."""
    if _CHANGES_ITEM in given:
        return "It says that it may mean something else than it asks."
    if {str(key).removeprefix("_") for key in given} - _OF_AN_ITEM:
        return "It has an element that FHIR does not know."
    if given.get("answer") and _is_said_absent(given.get("extension")):
        return _ABSENT_AND_THERE
    if item["type"] == "group" and given.get("answer", []) != []:
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
        isinstance(one, dict) and one.get("linkId") in words and not one.keys() - _OF_WORDS
        for one in given
    )


def _is_said_absent(value: object) -> bool:
    """Tell whether an extension says, anywhere within, that there is nothing."""
    within = [value]
    while within:
        one = within.pop()
        if isinstance(one, dict):
            if one.get("url") == SAID_ABSENT:
                return True
            within += one.values()
        elif isinstance(one, list):
            within += one
    return False


def _is_coding(value: Any) -> bool:  # noqa: ANN401 - JSON
    if not isinstance(value, dict):
        return False
    if {str(key).removeprefix("_") for key in value} - _OF_A_CODING:
        return False
    return all(isinstance(value.get(part, ""), str) for part in ("system", "code"))


def _is_number(value: Any) -> bool:  # noqa: ANN401 - JSON
    is_one = isinstance(value, int | float) and not isinstance(value, bool)
    return is_one and -_TOO_MUCH < value < _TOO_MUCH


_FITS: Mapping[str, Callable[[Any], bool]] = {
    "valueCoding": _is_coding,
    "valueDate": lambda value: isinstance(value, str) and bool(PARTIAL_DATE.fullmatch(value)),
    "valueDecimal": _is_number,
    "valueInteger": lambda value: _is_number(value) and int(value) == value,
    "valueString": lambda value: isinstance(value, str),
    "": lambda _: False,
}
