"""What becomes of each column where a table goes out without names.

A column that is not told of here is left out.
"""

from __future__ import annotations

from enum import StrEnum, unique
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


@unique
class Treatment(StrEnum):
    """What is done to a column, in the words of the dictionary."""

    LEFT_OUT = "Left out."
    PATIENT = "A pseudonym of the patient, the same in all tables of one export."
    PSEUDONYM = "A pseudonym, the same in all tables of one export."
    PERSON = "A pseudonym of whoever did it, where enough patients have the same."
    AGE = (
        "The age in years when the first form was begun, in groups as wide as enough patients"
        " need; 90 and older is one."
    )
    SITE = "A pseudonym of the site, where enough patients have the same."
    LANGUAGE = "The tag, where enough patients have the same."
    DAY = "The year, or the shifted day, or left out, as asked for; never a time of day."
    REACHED = (
        "The year, or left out: it follows from answers that may name a year alone, so that a"
        " shifted day would tell the real one."
    )
    VALUE = "As it is, where enough patients have the same."
    LIST = "Each part as it is, where enough patients have the same."
    WHETHER = "Only yes or no, where enough patients have the same."
    PLACE = "As it is: the order of the rows tells it."
    PLAN = "Each field as an answer of its kind, where enough patients have the same."
    ANSWER = "As is told of its question, where enough patients gave the same."
    QUESTION = "The question, where enough patients were asked it."
    RULE = "The rule, where enough patients have it met, or have it unknown."


_OUT = Treatment.LEFT_OUT
_CASE = {
    "record_number": Treatment.PATIENT,
    "receipt": _OUT,
    "response_id": Treatment.PSEUDONYM,
    "pack_version": _OUT,
    "pack_hash": _OUT,
}
TREATMENTS: Mapping[str, Mapping[str, Treatment]] = {
    "cases": {
        **_CASE,
        "patient_name": _OUT,
        "birth_date": Treatment.AGE,
        "status": Treatment.VALUE,
        "begun_at": Treatment.DAY,
        "submitted_at": Treatment.DAY,
        "screened_on": Treatment.DAY,
        "triage": Treatment.VALUE,
        "earliest_safe_date": Treatment.REACHED,
        "findings": Treatment.LIST,
        "could_not_be_ruled_out": Treatment.LIST,
        "unknown_answers": Treatment.VALUE,
        "disposition": Treatment.VALUE,
        "deferred_until": Treatment.REACHED,
        "decided_by": Treatment.PERSON,
        "decided_at": Treatment.DAY,
        "plan": Treatment.PLAN,
        "language": Treatment.LANGUAGE,
        "helper": Treatment.VALUE,
        "help_wanted_with": Treatment.LIST,
        "signature": Treatment.VALUE,
        "entered_by": Treatment.PERSON,
        "entered_from": Treatment.VALUE,
        "site": Treatment.SITE,
    },
    "answers": {
        **_CASE,
        "link_id": _OUT,
        "question": _OUT,
        "answer": _OUT,
        "value": Treatment.ANSWER,
        "set_aside": Treatment.VALUE,
        "answered_at": Treatment.DAY,
        "language": _OUT,
        "help_wanted": Treatment.VALUE,
        "helper": _OUT,
        "signature": _OUT,
        "entered_by": _OUT,
        "entered_from": _OUT,
        "stable_name": Treatment.QUESTION,
    },
    "findings": {
        **_CASE,
        "screened_on": Treatment.DAY,
        "rule": Treatment.RULE,
        "title": _OUT,
        "met": Treatment.VALUE,
        "level": Treatment.VALUE,
        "effect": Treatment.VALUE,
        "earliest_safe_date": Treatment.REACHED,
        "only_vague_dates": Treatment.VALUE,
        "label": Treatment.VALUE,
        "told_by": Treatment.VALUE,
        "could_not_be_judged": Treatment.VALUE,
    },
    "decisions": {
        **_CASE,
        "number": Treatment.PLACE,
        "decided_at": Treatment.DAY,
        "decided_by": Treatment.PERSON,
        "role": Treatment.VALUE,
        "disposition": Treatment.VALUE,
        "until": Treatment.REACHED,
        "note": _OUT,
        "overridden": Treatment.LIST,
        "acknowledged": Treatment.LIST,
    },
    "sessions": {
        **_CASE,
        "session_id": Treatment.PSEUDONYM,
        "treated_on": Treatment.DAY,
        "treated_by": Treatment.PERSON,
        "modality": Treatment.VALUE,
        "device": Treatment.VALUE,
        "areas": Treatment.LIST,
        "deepest_mm": Treatment.VALUE,
        "endpoint": _OUT,
        "cartridge_lot": _OUT,
        "antiseptic": _OUT,
        "medium": Treatment.VALUE,
        "anaesthetic": Treatment.WHETHER,
        "products": Treatment.WHETHER,
        "not_done": Treatment.WHETHER,
        "unexpected": Treatment.WHETHER,
        "differed": Treatment.WHETHER,
        "next_from": Treatment.REACHED,
    },
}


class Linked(NamedTuple):
    """Columns of which one says much of another.

    Attributes:
        together: They are counted as one value, and all shown or all held back.
        along: They are held back where these are.
    """

    together: tuple[str, ...]
    along: tuple[str, ...] = ()


LINKED: Mapping[str, tuple[Linked, ...]] = {
    "cases": (
        Linked(("status", "disposition"), ("deferred_until", "decided_by", "decided_at")),
        Linked(
            ("triage",),
            ("earliest_safe_date", "findings", "could_not_be_ruled_out", "unknown_answers"),
        ),
    ),
    "findings": (
        Linked(
            (
                *("met", "level", "effect", "only_vague_dates", "label"),
                *("told_by", "could_not_be_judged"),
            ),
            ("earliest_safe_date",),
        ),
    ),
    "decisions": (
        Linked(("disposition", "role"), ("until", "decided_by", "overridden", "acknowledged")),
    ),
}

RENAMED = {Treatment.PATIENT: "patient", Treatment.AGE: "age"}
"""Columns that hold something else than before have another name."""

SUPPRESSED = "suppressed"
"""The last column of every table: the columns of the row in which something was held back."""

MARK = "[suppressed]"
"""Stands in a cell for what was held back."""


def treatment_of(shape: str, column: str) -> Treatment:
    """Return what is done to a column; one that is not told of is left out."""
    return TREATMENTS[shape].get(column, Treatment.LEFT_OUT)
