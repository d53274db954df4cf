"""A form that a patient filled as a FHIR QuestionnaireResponse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

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

Texts: TypeAlias = "Mapping[str, Mapping[str, str]]"
"""What the items of a form are called: by language, then by link id."""


def texts_of(form: Resource) -> Texts:
    """Return what a form's items are called, in each language that the form has."""
    texts: dict[str, dict[str, str]] = {SOURCE_LANGUAGE: {}}
    for one in _each(form["item"]):
        texts[SOURCE_LANGUAGE][one["linkId"]] = one["text"]
        for said in one.get("_text", {}).get("extension", ()):
            language, words = said["extension"]
            texts.setdefault(language["valueCode"], {})[one["linkId"]] = words["valueString"]
    return texts


def _each(items: Iterable[Resource]) -> Iterator[Resource]:
    for one in items:
        yield one
        yield from _each(one.get("item", ()))


def answers_in(
    form: Resource,
    pack: RulePack,
    case: Case,
    language: str = SOURCE_LANGUAGE,
    languages: Mapping[str, str] | None = None,
    texts: Texts | None = None,
) -> list[Resource]:
    """Return the items of a response, in the order of its form; unanswered ones are left out.

    What is not asked any more is left out as well: a response holds what its form would show.

    Args:
        form: The questionnaire.
        pack: What it was made of.
        case: The answers.
        language: The one in which the patient reads the form.
        languages: In which single questions were read, where that was another, by link id.
        texts: Those of the form, where many responses to it are made.
    """
    values: Values = {}
    rows: dict[str, list[Values]] = {}
    for link_id, item in pack.items.items():
        if link_id in case.answers and case.asked(link_id) is not Truth.NOT_MET:
            found = answered(item, case.answers[link_id], pack, case.recognised.get(link_id, ()))
            values |= found.values
            rows |= found.rows
    writer = _Writer(language, languages or {}, rows, texts or texts_of(form))
    return writer.items(form["item"], values)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the items of a response, with their questions as they were read."""

    language: str
    languages: Mapping[str, str]
    rows: Mapping[str, list[Values]]
    texts: Texts

    def items(self, asked: Iterable[Resource], values: Values) -> list[Resource]:
        found: list[Resource] = []
        for one in asked:
            link_id = one["linkId"]
            if one["type"] == "group":
                inners = (self.items(one["item"], row) for row in self.rows.get(link_id, (values,)))
                found += [self._said(link_id, "item", inner) for inner in inners if inner]
            elif link_id in values:
                found.append(self._said(link_id, "answer", values[link_id]))
        return found

    def _said(self, link_id: str, name: str, parts: list[Resource]) -> Resource:
        asked, _, _ = link_id.partition(".")
        read = SOURCE_LANGUAGE if asked == PLAN else self.languages.get(asked, self.language)
        text = self.texts.get(read, {}).get(link_id) or self.texts[SOURCE_LANGUAGE][link_id]
        return {"linkId": link_id, "text": text, name: parts}
