"""Raw answers to typed ones, and typed ones in front of a pack's conditions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from intake.core.answers import Happened, Missing, read_answer, read_stored
from intake.core.conditions import BIRTH_DATE, Case
from intake.core.errors import AnswerError
from intake.core.questionnaire import PLAN_PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from intake.core.answers import Answer, Raw
    from intake.core.medicines import MedicineEntry, Recognition
    from intake.core.records import Response
    from intake.core.rules import RulePack


@dataclass(frozen=True, slots=True)
class Reading:
    """Typed answers, and a message for each raw value that could not be read."""

    answers: Mapping[str, Answer]
    problems: tuple[tuple[str, str], ...] = field(default=())


def read_all(
    pack: RulePack, answers: Mapping[str, Raw], plan: Mapping[str, Raw], today: date
) -> Reading:
    """Read raw answers and a raw treatment plan.

    What cannot be read is kept as unknown and named among the problems, as is every name the pack
    does not know.
    """
    raw = {**answers, **{PLAN_PREFIX + name: value for name, value in plan.items()}}
    typed: dict[str, Answer] = {}
    problems: list[tuple[str, str]] = []
    for link_id, value in raw.items():
        if link_id in answers and link_id.startswith(PLAN_PREFIX):
            problems.append((link_id, "What is planned belongs under plan, not under answers."))
            if link_id.removeprefix(PLAN_PREFIX) not in plan:
                continue
        item = pack.items.get(link_id)
        if item is None:
            problems.append((link_id, "There is no such question in this rule pack."))
            continue
        try:
            typed[link_id] = read_answer(item, value, today)
        except AnswerError as error:
            typed[link_id] = Missing.UNREADABLE
            problems.append((link_id, str(error)))
    for link_id in _before_birth(typed):
        typed[link_id] = Missing.UNREADABLE
        problems.append((link_id, "Enter a date after the date of birth."))
    return Reading(typed, tuple(problems))


def _before_birth(answers: Mapping[str, Answer]) -> list[str]:
    """Return the questions answered with a date that lies wholly before the birth."""
    born = answers.get(BIRTH_DATE)
    if not isinstance(born, Happened):
        return []
    return [
        link_id
        for link_id, answer in answers.items()
        if isinstance(answer, Happened) and answer.when.latest < born.when.earliest
    ]


def case_of(
    pack: RulePack,
    answers: Mapping[str, Answer],
    today: date,
    seen: dict[MedicineEntry, Recognition] | None = None,
) -> Case:
    """Put typed answers in front of a pack's conditions.

    Args:
        pack: Whose conditions.
        answers: Typed answers by link id, plan fields as `plan.…`.
        today: The clinic's local date.
        seen: What the pack's vocabulary made of medicines in a case before this; added to.
    """
    known = {} if seen is None else seen
    return Case(answers, pack.gates, pack.areas, pack.vocabulary, today, seen=known)


def case_for(pack: RulePack, response: Response, today: date) -> Case:
    """Put the answers and the plan of a response in front of a pack's conditions.

    What was stored under another pack and does not fit is unknown. It is read once for each pack
    and day: a page of the tablet asks three times what the same answers say, the review a hundred
    times.
    """

    def make() -> tuple[RulePack, Case]:
        return pack, _case_for(pack, response, today)

    # The pack is kept with its case, so that nothing else can have its id.
    return response.worked_out((id(pack), today), make)[1]


def _case_for(pack: RulePack, response: Response, today: date) -> Case:
    raw = {
        **{PLAN_PREFIX + name: value for name, value in response.plan.items()},
        **response.answers,
    }
    typed = {
        link_id: read_stored(pack.items[link_id], value, today)
        for link_id, value in raw.items()
        if link_id in pack.items
    }
    return case_of(pack, typed, today)
