"""What a question of the exported form offers, and how its items are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.core.answers import Missing
from intake.core.questionnaire import NONE_CODE, Kind
from intake.exports.fhir.gates import KNOWN, has_value, options_of
from intake.exports.fhir.naming import ABSENT, YES_NO, answers_of, coding, extension
from intake.exports.fhir.phrases import KNOWN_WORDS, PHRASES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from intake.core.questionnaire import Item
    from intake.core.rules import RulePack
    from intake.exports.fhir.naming import Resource

STANDARD: Mapping[str, tuple[str, str, str]] = {
    "yes": (YES_NO, "Y", "Yes"),
    "no": (YES_NO, "N", "No"),
    Missing.NOT_SURE: (ABSENT, "asked-unknown", "Asked But Unknown"),
    Missing.WITHHELD: (ABSENT, "asked-declined", "Asked But Declined"),
}
"""Answers that HL7 has codes for, with the words of these codes; ours are `PHRASES`."""

PLAN = "plan"
HELP = ".help"
VALUE = ".value"
EARLIEST, LATEST, SAID = ".earliest", ".latest", ".said"
ENTRY, ANOTHER, SPOT = ".entry", ".another", ".spot"


def option(item: Item, code: str, pack: RulePack) -> Resource:
    """Return the code of one option as an answer holds it, in standard words where it has them."""
    if code in STANDARD:
        return coding(*STANDARD[code])
    words = KNOWN_WORDS[item.kind] if code == KNOWN and has_value(item) else text_of(item, code)
    return coding(answers_of(pack), f"{item.link_id}.{code}", words)


def text_of(item: Item, code: str) -> str:
    """Return how an option of ours reads."""
    said = {word.value: text for word, text in item.words.items()}
    if code == NONE_CODE and item.kind is Kind.MEDICINES:
        return PHRASES["none"]
    return said.get(code) or item.text_of(code)


def codes_of(item: Item) -> list[str]:
    """Return what a question offers to choose from, in order; nothing where it only has a value."""
    codes = options_of(item)
    if item.kind is Kind.MEDICINES:
        codes.insert(1, NONE_CODE)
    return [] if codes == [KNOWN] else codes


def group(link_id: str, text: str, items: Sequence[Resource]) -> Resource:
    """Return a group of items."""
    return {"linkId": link_id, "text": text, "type": "group", "item": list(items)}


def hidden(item: Resource) -> Resource:
    """Return an item that no form shows."""
    return {**item, "extension": [extension("questionnaire-hidden", valueBoolean=True)]}
