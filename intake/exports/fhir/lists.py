"""Items of the exported form that repeat, and what is kept of a date beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.core.answers import MAX_MEDICINE_WORDS, MAX_MEDICINES
from intake.core.questionnaire import NONE_CODE
from intake.core.spots import MAX_SPOT_TEXT, MAX_SPOTS, View
from intake.exports.fhir.naming import answers_of, classes_of, coding, extension
from intake.exports.fhir.options import (
    ANOTHER,
    EARLIEST,
    ENTRY,
    LATEST,
    SAID,
    SPOT,
    STANDARD,
    group,
    hidden,
    option,
)
from intake.exports.fhir.phrases import PHRASES, ROUTES, STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from intake.core.questionnaire import Item
    from intake.core.rules import RulePack
    from intake.exports.fhir.naming import Resource


@dataclass(frozen=True, slots=True)
class Lists:
    """Writes them.

    Attributes:
        pack: Whose codes they use.
        say: Says a text of ours in the language of the form.
    """

    pack: RulePack
    say: Callable[[str], str]

    def ends(self, link_id: str) -> Iterator[Resource]:
        """Yield what is kept of a date that is neither a day, a month nor a year."""
        for end, kind, words in (
            (EARLIEST, "date", PHRASES["earliest"]),
            (LATEST, "date", PHRASES["latest"]),
            (SAID, "string", PHRASES["said"]),
        ):
            yield hidden({"linkId": link_id + end, "text": self.say(words), "type": kind})

    def medicine(self, item: Item) -> Resource:
        name = item.link_id + ENTRY
        stopped = self._coded(f"{name}.status", PHRASES["status"], STATUSES)
        when: Resource = {
            "linkId": f"{name}.stopped",
            "text": self.say(PHRASES["when stopped"]),
            "type": "date",
        }
        only = self._when_code(f"{name}.status", "stopped", STATUSES)
        parts = [
            {
                "linkId": f"{name}.name",
                "text": self.say(PHRASES["name"]),
                "type": "string",
                "required": True,
                "maxLength": 2 * MAX_MEDICINE_WORDS,
            },
            {
                "linkId": f"{name}.dose",
                "text": self.say(PHRASES["dose"]),
                "type": "string",
                "maxLength": MAX_MEDICINE_WORDS,
            },
            stopped,
            when | only,
            *(end | only for end in self.ends(f"{name}.stopped")),
            self._coded(f"{name}.route", PHRASES["route"], ROUTES),
            self._classes(f"{name}.class"),
        ]
        most = extension("questionnaire-maxOccurs", valueInteger=MAX_MEDICINES)
        whole = group(name, self.say(PHRASES["entry"]), parts)
        return {**whole, "repeats": True, "extension": [most]}

    def _coded(self, link_id: str, text: str, codes: Mapping[str, str]) -> Resource:
        options = [
            {"valueCoding": {**self._own(link_id, code, words), "display": self.say(words)}}
            for code, words in codes.items()
        ]
        return {
            "linkId": link_id,
            "text": self.say(text),
            "type": "choice",
            "answerOption": options,
        }

    def _own(self, link_id: str, code: str, words: str) -> Resource:
        return coding(answers_of(self.pack), f"{link_id}.{code}", words)

    def _when_code(self, link_id: str, code: str, codes: Mapping[str, str]) -> Resource:
        answer = self._own(link_id, code, codes[code])
        return {"enableWhen": [{"question": link_id, "operator": "=", "answerCoding": answer}]}

    def _classes(self, link_id: str) -> Resource:
        classes = self.pack.vocabulary.classes
        options = [
            {"valueCoding": coding(classes_of(self.pack), name, title)}
            for name, title in classes.items()
        ]
        return hidden(
            {
                "linkId": link_id,
                "text": self.say(PHRASES["classes"]),
                "type": "choice",
                "repeats": True,
                "readOnly": True,
                "answerOption": options,
            }
        )

    def another(self, item: Item) -> Resource:
        link_id = item.link_id + ANOTHER
        options = [
            {"valueCoding": {**coding(*STANDARD[code]), "display": self.say(PHRASES[code])}}
            for code in ("yes", "no")
        ]
        return {
            "linkId": link_id,
            "text": self.say(PHRASES["another"]),
            "type": "choice",
            "answerOption": options,
        }

    def spot(self, item: Item) -> Resource:
        name = item.link_id + SPOT
        regions = {o.code: o.text for o in item.options if o.code != NONE_CODE}
        views = {view.value: view.value.capitalize() for view in View}
        place = [
            self._coded(f"{name}.view", "View", views),
            {"linkId": f"{name}.x", "text": "From the left", "type": "decimal"},
            {"linkId": f"{name}.y", "text": "From above", "type": "decimal"},
            {"linkId": f"{name}.picture", "text": "Picture", "type": "integer"},
        ]
        region = {
            "linkId": f"{name}.region",
            "text": self.say(PHRASES["region"]),
            "type": "choice",
            "required": True,
            "answerOption": [
                {"valueCoding": {**option(self.pack.items[item.link_id], code, self.pack),
                                 "display": text}}
                for code, text in regions.items()
            ],
        }  # fmt: skip
        words = {
            "linkId": f"{name}.what",
            "text": self.say(PHRASES["spot words"]),
            "type": "string",
            "maxLength": MAX_SPOT_TEXT,
        }
        whole = group(name, self.say(PHRASES["spot"]), [region, words, *map(hidden, place)])
        most = extension("questionnaire-maxOccurs", valueInteger=MAX_SPOTS)
        return {**whole, "repeats": True, "extension": [most]}
