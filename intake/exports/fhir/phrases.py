"""What a form says around the questions of a pack, beyond what the tablet says with its fields.

Other systems show one kind of field for one kind of answer, so a date that may be "not sure" is
asked in two: whether it is known, and which.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from intake.core.medicines import Route, Status
from intake.core.questionnaire import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

Say: TypeAlias = Callable[[str, str], str]
"""Says an English text in a language; what has no translation is said in English."""

PHRASES: Mapping[str, str] = {
    "yes": "Yes",
    "no": "No",
    "not_sure": "Not sure",
    "withheld": "I'd rather tell my practitioner",
    "known date": "I can say when",
    "known number": "I know the number",
    "known text": "I can say it",
    "known medicines": "I can name them",
    "none": "None",
    "date": "When was it? A year, or a year and month, is enough.",
    "number": "The number",
    "text": "In your own words",
    "earliest": "The earliest day it can have been",
    "latest": "The latest day it can have been",
    "said": "As it was said",
    "entry": "A medicine",
    "name": "Its name",
    "dose": "How much of it, and how often?",
    "status": "Do you take it now?",
    "when stopped": "When did you stop?",
    "route": "How is it taken?",
    "classes": "What it counts as",
    "another": "Is there another one whose name you don't know?",
    "spot": "A spot",
    "region": "Where is it?",
    "spot words": "What is it?",
    "plan": "Treatment plan, filled in by the practitioner",
}
"""Texts by what they are for."""

STATUSES: Mapping[str, str] = {
    Status.CURRENT: "I take it now",
    Status.STOPPED: "I have stopped",
    Status.UNKNOWN: "Not sure",
}
ROUTES: Mapping[str, str] = {
    Route.MOUTH: "By mouth",
    Route.SKIN: "On the skin",
    Route.INJECTION: "By injection",
    Route.INHALED: "Breathed in",
    Route.NASAL: "In the nose",
    Route.EYE: "In the eye",
}
KNOWN_WORDS: Mapping[Kind, str] = {
    Kind.DATE: PHRASES["known date"],
    Kind.NUMBER: PHRASES["known number"],
    Kind.TEXT: PHRASES["known text"],
    Kind.MEDICINES: PHRASES["known medicines"],
}
VALUE_WORDS: Mapping[Kind, str] = {
    Kind.DATE: PHRASES["date"],
    Kind.NUMBER: PHRASES["number"],
    Kind.TEXT: PHRASES["text"],
}
