"""A form that a patient filled as a FHIR QuestionnaireResponse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.core.translations import SOURCE_LANGUAGE
from intake.core.truth import Truth
from intake.exports.fhir.options import PLAN
from intake.exports.fhir.values import answered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from intake.core.conditions import Case
    from intake.core.rules import RulePack
    from intake.exports.fhir.naming import Resource
    from intake.exports.fhir.values import Values


def answers_in(
    form: Resource,
    pack: RulePack,
    case: Case,
    language: str = SOURCE_LANGUAGE,
    languages: Mapping[str, str] | None = None,
) -> list[Resource]:
    """Return the items of a response, in the order of its form; unanswered ones are left out.

    What is not asked any more is left out as well: a response holds what its form would show.

    Args:
        form: The questionnaire.
        pack: What it was made of.
        case: The answers.
        language: The one in which the patient reads the form.
        languages: In which single questions were read, where that was another, by link id.
    """
    values: Values = {}
    rows: dict[str, list[Values]] = {}
    for link_id, item in pack.items.items():
        if case.asked(link_id) is not Truth.NOT_MET:
            found = answered(item, case.answer(link_id), pack, case.recognised.get(link_id, ()))
            values |= found.values
            rows |= found.rows
    writer = _Writer(language, languages or {}, rows)
    return list(writer.items(form["item"], values))


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the items of a response, with their questions as they were read."""

    language: str
    languages: Mapping[str, str]
    rows: Mapping[str, list[Values]]

    def items(self, asked: Iterable[Resource], values: Values) -> Iterator[Resource]:
        for one in asked:
            link_id = one["linkId"]
            said = {"linkId": link_id, "text": self._text(one)}
            if one["type"] == "group":
                for row in self.rows.get(link_id, [values]):
                    if inner := list(self.items(one["item"], row)):
                        yield {**said, "item": inner}
            elif link_id in values:
                yield {**said, "answer": values[link_id]}

    def _text(self, one: Resource) -> str:
        name, _, _ = one["linkId"].partition(".")
        wanted = SOURCE_LANGUAGE if name == PLAN else self.languages.get(name, self.language)
        for said in one.get("_text", {}).get("extension", ()):
            language, words = said["extension"]
            if language["valueCode"] == wanted:
                return str(words["valueString"])
        return str(one["text"])
