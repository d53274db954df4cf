"""A form that a patient filled as a FHIR QuestionnaireResponse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.core.truth import Truth
from intake.exports.fhir.values import answered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from intake.core.conditions import Case
    from intake.core.rules import RulePack
    from intake.exports.fhir.naming import Resource
    from intake.exports.fhir.values import Values


def answers_in(
    form: Resource, pack: RulePack, case: Case, texts: Mapping[str, str] | None = None
) -> list[Resource]:
    """Return the items of a response, in the order of its form; unanswered ones are left out.

    What is not asked any more is left out as well: a response holds what its form would show.

    Args:
        form: The questionnaire.
        pack: What it was made of.
        case: The answers.
        texts: How questions read where they were not read in English, by link id.
    """
    values: Values = {}
    rows: dict[str, list[Values]] = {}
    for link_id, item in pack.items.items():
        if case.asked(link_id) is not Truth.NOT_MET:
            found = answered(item, case.answer(link_id), pack, case.recognised.get(link_id, ()))
            values |= found.values
            rows |= found.rows
    return list(_items(form["item"], values, rows, texts or {}))


def _items(
    asked: Iterable[Resource],
    values: Values,
    rows: Mapping[str, list[Values]],
    texts: Mapping[str, str],
) -> Iterator[Resource]:
    for one in asked:
        link_id = one["linkId"]
        said = {"linkId": link_id, "text": texts.get(link_id, one["text"])}
        if one["type"] == "group":
            for row in rows.get(link_id, [values]):
                if inner := list(_items(one["item"], row, rows, texts)):
                    yield {**said, "item": inner}
        elif link_id in values:
            yield {**said, "answer": values[link_id]}
