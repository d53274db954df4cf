"""A fuzzer of what reads answers: `python -m tests.fuzz answers -max_total_time=600 CORPUS`.

An input is the name of a question of the shipped pack, a line end, and a value: JSON, or else text.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

from intake import packs
from intake.core.answers import Chosen, Happened, Missing, Picked, read_answer, read_stored
from intake.core.errors import AnswerError
from intake.resources import folder
from tests.conftest import TODAY

if TYPE_CHECKING:
    from intake.core.answers import Answer, Raw
    from intake.core.questionnaire import Item


@cache
def questions() -> dict[str, Item]:
    """Return the questions of the shipped pack, and the fields of its plan."""
    return dict(packs.load(folder("rules") / "microneedling", TODAY).items)


def one(body: bytes) -> Answer:
    """Read a value as the answer to a question; return what it is taken for.

    Raises:
        AssertionError: it is taken for something that nobody offered or that cannot be.
    """
    name, _, text = body.decode("utf-8", "replace").partition("\n")
    known = questions()
    item = known.get(name) or list(known.values())[len(body) % len(known)]
    found = read_stored(item, raw_of(text), TODAY)
    try:
        again: Answer | str = read_answer(item, raw_of(text), TODAY)
    except AnswerError as error:
        again = str(error).strip() and Missing.UNREADABLE
    assert again == found
    check(item, found)
    return found


def raw_of(text: str) -> Raw:
    """Return the value of an input."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def check(item: Item, found: Answer) -> None:
    """Hold an answer against its question.

    Raises:
        AssertionError: it does not fit.
    """
    offered = {option.code for option in item.options}
    match found:
        case Chosen(code):
            assert code in offered | {"yes", "no"}
        case Picked(codes, unsure):
            assert codes <= offered
            assert codes or unsure
        case Happened(_, when):
            assert when.earliest <= when.latest
        case _:
            pass
