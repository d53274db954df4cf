"""Typed answers as the values of FHIR, by the link ids of the exported form."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from intake.core.answers import (
    Chosen,
    Happened,
    Listed,
    Measured,
    Missing,
    Picked,
    Worded,
    Written,
)
from intake.core.questionnaire import NONE_CODE, UNDECIDED_CODE
from intake.exports.fhir.gates import KNOWN
from intake.exports.fhir.naming import answers_of, classes_of, coding
from intake.exports.fhir.narrative import plain
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
    option,
)
from intake.exports.fhir.phrases import ROUTES, STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from decimal import Decimal

    from intake.core.answers import Answer
    from intake.core.dates import Interval
    from intake.core.medicines import Recognition
    from intake.core.questionnaire import Item
    from intake.core.rules import RulePack
    from intake.core.spots import Spot
    from intake.exports.fhir.naming import Resource

Values: TypeAlias = "dict[str, list[Resource]]"
"""The answers of questions, by link id."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer becomes.

    Attributes:
        values: Answers by link id.
        rows: For each group that repeats, the answers of each time.
    """

    values: Values
    rows: Mapping[str, list[Values]] = field(default_factory=dict)


def answered(
    item: Item, answer: Answer, pack: RulePack, recognised: Iterable[Recognition] = ()
) -> Answered:
    """Return an answer as the exported form holds it; one that is missing has no values."""
    if code := _code(item, answer):
        return Answered({item.link_id: [_option(item, code, pack)]})
    match answer:
        case Picked():
            return _picked(item, answer, pack)
        case Listed():
            return _listed(item, answer, pack, recognised)
        case Happened(said, when):
            where = item.link_id + VALUE if codes_of(item) else item.link_id
            return Answered(_known(item, pack) | dated(item.link_id, said, when, where))
        case Measured(value):
            return Answered(_valued(item, pack, number(value, item.decimals)))
        case Written(text):
            return Answered(_valued(item, pack, {"valueString": plain(text)}))
        case _:
            return Answered({})


def _code(item: Item, answer: Answer) -> str:
    """Return the one code that says it all; blank where that takes more, or nothing was said."""
    match answer:
        case Missing.NOT_SURE | Missing.WITHHELD:
            return _missing(item, answer)
        case Chosen(code):
            return code
        case Worded(word):
            return word.value
        case _:
            return ""


def _missing(item: Item, reason: Missing) -> str:
    """Return the code for an answer that has no value; a plan says "not decided yet"."""
    if UNDECIDED_CODE in item.codes and not item.offers_unknown:
        return UNDECIDED_CODE
    return reason.value


def _option(item: Item, code: str, pack: RulePack) -> Resource:
    return {"valueCoding": option(item, code, pack)}


def _known(item: Item, pack: RulePack) -> Values:
    return {item.link_id: [_option(item, KNOWN, pack)]} if codes_of(item) else {}


def _valued(item: Item, pack: RulePack, value: Resource) -> Values:
    name = item.link_id + VALUE if codes_of(item) else item.link_id
    return _known(item, pack) | {name: [value]}


def number(value: Decimal, decimals: int) -> Resource:
    """Return a number as its question has it."""
    return {"valueDecimal": float(value)} if decimals else {"valueInteger": int(value)}


def dated(name: str, said: str, when: Interval, where: str) -> Values:
    """Return a date as it was given: a day, month or year, or else between which days it lies.

    Args:
        name: The link id under which what is hidden of a date stands.
        said: The words.
        when: The days they can mean.
        where: The link id of the date itself.
    """
    found: Values = {}
    if partial := partial_date(when):
        found[where] = [{"valueDate": partial}]
    else:
        found[name + EARLIEST] = [{"valueDate": when.earliest.isoformat()}]
        found[name + LATEST] = [{"valueDate": when.latest.isoformat()}]
    if said and said != partial:
        found[name + SAID] = [{"valueString": plain(said)}]
    return found


def partial_date(when: Interval) -> str:
    """Return a day, a month or a year as FHIR writes it; blank for any other time."""
    first, last = when.earliest, when.latest
    if first == last:
        return first.isoformat()
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and first.year == last.year:
        return f"{first.year:04}"
    ends = first.day == 1 and last.day == monthrange(last.year, last.month)[1]
    if ends and (first.year, first.month) == (last.year, last.month):
        return f"{first.year:04}-{first.month:02}"
    return ""


def _picked(item: Item, answer: Picked, pack: RulePack) -> Answered:
    codes = [code for code in item.codes if code in answer.codes]
    unsure = [_missing(item, Missing.NOT_SURE)] if answer.unsure else []
    values = {item.link_id: [_option(item, code, pack) for code in [*codes, *unsure]]}
    spots = [_spot(item, spot, pack) for spot in answer.spots]
    return Answered(values, {item.link_id + SPOT: spots} if spots else {})


def _spot(item: Item, spot: Spot, pack: RulePack) -> Values:
    name = item.link_id + SPOT
    found: Values = {f"{name}.region": [_option(item, spot.region, pack)]}
    if spot.what:
        found[f"{name}.what"] = [{"valueString": plain(spot.what)}]
    if place := spot.place:
        view = coding(answers_of(pack), f"{name}.view.{place.view}", place.view.capitalize())
        found[f"{name}.view"] = [{"valueCoding": view}]
        found[f"{name}.x"] = [{"valueDecimal": place.x}]
        found[f"{name}.y"] = [{"valueDecimal": place.y}]
        found[f"{name}.picture"] = [{"valueInteger": place.picture}]
    return found


def _listed(
    item: Item, answer: Listed, pack: RulePack, recognised: Iterable[Recognition]
) -> Answered:
    if not answer.entries:
        return Answered({item.link_id: [_option(item, NONE_CODE, pack)]})
    values = _known(item, pack)
    if answer.unsure:
        values[item.link_id + ANOTHER] = [{"valueCoding": coding(*STANDARD["yes"])}]
    rows = [_medicine(item, one, pack) for one in recognised]
    return Answered(values, {item.link_id + ENTRY: rows})


def _medicine(item: Item, one: Recognition, pack: RulePack) -> Values:
    name, entry = item.link_id + ENTRY, one.typed
    found: Values = {f"{name}.name": [{"valueString": plain(entry.name)}]}
    if entry.dose:
        found[f"{name}.dose"] = [{"valueString": plain(entry.dose)}]
    status = coding(answers_of(pack), f"{name}.status.{entry.status}", STATUSES[entry.status])
    found[f"{name}.status"] = [{"valueCoding": status}]
    if entry.stopped is not None:
        stopped = f"{name}.stopped"
        found |= dated(stopped, entry.stopped_said, entry.stopped, stopped)
    if entry.route is not None:
        route = coding(answers_of(pack), f"{name}.route.{entry.route}", ROUTES[entry.route])
        found[f"{name}.route"] = [{"valueCoding": route}]
    if classes := list(_classes(one, pack)):
        found[f"{name}.class"] = [{"valueCoding": one} for one in classes]
    return found


def _classes(one: Recognition, pack: RulePack) -> Iterator[Resource]:
    titles = pack.vocabulary.classes
    names = {name for match in one.matches for name in match.medicine.classes_by(one.entry.route)}
    for name in sorted(names):
        yield coding(classes_of(pack), name, titles.get(name, name))
