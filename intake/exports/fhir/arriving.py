"""A QuestionnaireResponse that another system made of our form, back into raw answers.

Every item is held against the form. Whatever does not fit is named, with where it stands, and the
question it belongs to is then as if nothing had been said: unknown, and never no. Of a list, what
could be read stays, and that there may be more is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from intake.core.answers import MAX_MEDICINE_WORDS, clean_text
from intake.core.conditions import Not, Sentence
from intake.core.medicines import MedicineEntry, Route
from intake.core.questionnaire import NONE_CODE, PLAN_PREFIX, Kind
from intake.core.reading import case_of, read_all
from intake.core.truth import Truth
from intake.exports.fhir.arriving_answers import (
    MOST_ROWS,
    OF_A_VALUE,
    date_of,
    first_of,
    raw_of,
    what_fits,
)
from intake.exports.fhir.arriving_items import SPOILED, Problem, Reader
from intake.exports.fhir.naming import CHANGES_ALL, answered_version, questionnaire_of
from intake.exports.fhir.options import (
    EARLIEST,
    ENTRY,
    LATEST,
    SAID,
)
from intake.exports.strict_json import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from intake.core.answers import Raw
    from intake.core.conditions import Case, Condition
    from intake.core.questionnaire import Item
    from intake.core.rules import RulePack
    from intake.exports.fhir.naming import Resource

_OTHER_CLASS = "It names a class that the medicine of this name does not belong to here."
_NO_VERSION = "It does not say which version it answers; it was read as if it were {}."
_NOT_ASKED = "It is not asked, by what else was answered."
_STANDS_AGAINST = "By this answer {} is not asked, which was answered: nobody knows which counts."
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
    if resource.get("questionnaire") == questionnaire_of(pack):
        arrived.problems.append(Problem("questionnaire", _NO_VERSION.format(wanted)))
    elif resource.get("questionnaire") != wanted:
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
    answered = {_question_of(one, pack.items) for one in reader.given}
    answered |= {_question_of(one.where, pack.items) for one in reader.problems}
    arrived.problems += reader.problems
    spoiled = {_question_of(where, pack.items) for where in reader.spoiled}
    for link_id, item in pack.items.items():
        raw = raw_of(item, values, rows, is_spoiled=link_id in spoiled)
        if isinstance(raw, list):
            raw, why = what_fits(item, raw, today)
            arrived.problems += [Problem(link_id, why)] if why else []
        if raw is not None:
            into = arrived.plan if item.is_plan_field else arrived.answers
            into[link_id.removeprefix(PLAN_PREFIX) if item.is_plan_field else link_id] = raw
    doubtful = set(_in_doubt(arrived, answered, pack, today))
    arrived.problems += _against_the_pack(arrived, doubtful, pack, today)
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
        for row in listed[:MOST_ROWS]:
            words = first_of(row, f"{name}.name")
            if len(words) > _LONGEST_NAME:
                row[f"{name}.name"] = []
                row[SPOILED] = [True]
                reader.note(f"{name}.name", f"At most {_LONGEST_NAME} letters are read.")
            elif (said := set(row.get(f"{name}.class", ()))) and said - set(
                _classes(pack, item, words, row)
            ):
                row[SPOILED] = [True]
                reader.note(f"{name}.class", _OTHER_CLASS)
            stopped = f"{name}.stopped"
            if any(row.get(stopped + part) for part in (EARLIEST, LATEST, SAID)) and not date_of(
                row, stopped, stopped
            ):
                row[SPOILED] = [True]
                reader.note(stopped, _NO_DATE)


def _classes(pack: RulePack, item: Item, words: str, row: Mapping[str, list[Any]]) -> Iterator[str]:
    """Yield the classes of a medicine of this name, taken in the way that is said."""
    prefix = f"{item.link_id}{ENTRY}.route."
    said = first_of(row, prefix.rstrip(".")).removeprefix(prefix)
    route = Route(said) if said in tuple(Route) else None
    found = pack.vocabulary.recognise(MedicineEntry(clean_text(words), route=route))
    for match in found.matches:
        yield from match.medicine.classes_by(found.entry.route)


def _question_of(link_id: str, items: Mapping[str, Item]) -> str:
    """Return the question to which an item of the form belongs; blank for none."""
    while link_id and link_id not in items:
        link_id = link_id.rpartition(".")[0]
    return link_id


def _in_doubt(arrived: Arrived, answered: set[str], pack: RulePack, today: date) -> Iterator[str]:
    """Take back each answer by which something that was answered is not asked, and name both.

    One of the two is not true. Without the answer it is unknown whether the other is asked, so that
    it counts as far as it can.
    """
    for _ in pack.items:  # a gate may hang on another
        answers = read_all(pack, arrived.answers, arrived.plan, today).answers
        case = case_of(pack, answers, today)
        against = {
            sentence.subject: link_id
            for link_id, gate in pack.gates.items()
            if link_id in answered and case.asked(link_id) is Truth.NOT_MET
            for sentence in _closing(gate, case)
        }
        taken = [one for one in against if _take(one, arrived)]
        for link_id in taken:
            says = _STANDS_AGAINST.format(against[link_id])
            arrived.problems += [Problem(against[link_id], _NOT_ASKED), Problem(link_id, says)]
        yield from (*taken, *(against[link_id] for link_id in taken))
        if not taken:
            return


def _take(link_id: str, arrived: Arrived) -> bool:
    """Take an answer back; returns whether there was one."""
    if link_id.startswith(PLAN_PREFIX):
        return arrived.plan.pop(link_id.removeprefix(PLAN_PREFIX), None) is not None
    return arrived.answers.pop(link_id, None) is not None


def _closing(condition: Condition, case: Case, *, wanted: bool = True) -> Iterator[Sentence]:
    """Yield the sentences about answers that keep a gate closed, those of gates before it too."""
    if condition.truth(case) is not (Truth.NOT_MET if wanted else Truth.MET):
        return
    if isinstance(condition, Sentence):
        gate = case.gates.get(condition.subject)
        if gate is not None and case.asked(condition.subject) is Truth.NOT_MET:
            yield from _closing(gate, case)
        else:
            yield condition
    turned = isinstance(condition, Not)
    for part in condition.children():
        yield from _closing(part, case.turned if turned else case, wanted=wanted is not turned)


def _against_the_pack(
    arrived: Arrived, doubtful: set[str], pack: RulePack, today: date
) -> Iterator[Problem]:
    """Yield what no question asks, what does not fit one, and what is still to be answered.

    Of the questions that are in doubt, all was said.
    """
    reading = read_all(pack, arrived.answers, arrived.plan, today)
    yield from (Problem(link_id, says) for link_id, says in reading.problems)
    case = case_of(pack, reading.answers, today)
    named = doubtful | {one.where.partition(".")[0] for one in arrived.problems}
    for link_id, item in pack.items.items():
        if case.asked(link_id) is Truth.NOT_MET:
            if link_id in arrived.given and link_id not in doubtful:
                yield Problem(link_id, _NOT_ASKED)
        elif item.is_plan_field or not item.required or link_id in named:
            continue
        elif link_id not in arrived.answers:
            yield Problem(link_id, "It has to be answered; 'not sure' is an answer.")
    said = {**arrived.answers, **{PLAN_PREFIX + name: one for name, one in arrived.plan.items()}}
    for link_id in sorted(arrived.given - pack.items.keys()):
        name = _question_of(link_id, pack.items)
        if name and not _follows(link_id.removeprefix(name), said.get(name)):
            yield Problem(link_id, _NOT_ASKED)


def _follows(part: str, raw: Raw) -> bool:
    """Tell whether a part of a question is asked, by the answer to it."""
    if part in OF_A_VALUE:
        return raw is not None
    return isinstance(raw, list) and raw != [NONE_CODE]
