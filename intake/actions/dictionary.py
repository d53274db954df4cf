"""What each column of the tables means, and each question whose answers stand in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.actions.bare_rows import is_kept, name_of
from intake.actions.export import ANSWER_COLUMNS, CASE_COLUMNS
from intake.actions.export_rows import DECISION_COLUMNS, FINDING_COLUMNS, SESSION_COLUMNS
from intake.actions.treatments import SUPPRESSED, treatment_of
from intake.core.bare_answers import done_to
from intake.exports.rule_book import bullets, outlined

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from intake.core.bare_answers import Dates
    from intake.core.questionnaire import Item
    from intake.core.rules import RulePack

COLUMNS = (
    "table",
    "column",
    "means",
    "kind",
    "values",
    "unit",
    "asked_when",
    "private",
    "stable_name",
    "without_names",
)

TABLES: Mapping[str, tuple[str, ...]] = {
    "cases": CASE_COLUMNS,
    "answers": ANSWER_COLUMNS,
    "findings": FINDING_COLUMNS,
    "decisions": DECISION_COLUMNS,
    "sessions": SESSION_COLUMNS,
}

MEANS: Mapping[str, str] = {
    "record_number": "The clinic's number of the patient.",
    "patient_name": "The name as it is in the clinic's record.",
    "birth_date": "The date of birth in the clinic's record.",
    "receipt": "The number the patient was shown.",
    "response_id": "The id of this version of the form, the same in every table.",
    "status": "Where the case stood on the day of export.",
    "begun_at": "When the form was begun, with its zone.",
    "submitted_at": "When it was sent; empty while it is being filled.",
    "screened_on": "The clinic's date of the newest screening.",
    "triage": "The place in the queue; routine means only that no rule matched.",
    "earliest_safe_date": "First day on which the windows would be over, if it can be computed.",
    "findings": "The rules that are met, by id.",
    "could_not_be_ruled_out": "The rules that could not be ruled out, by id.",
    "unknown_answers": "How many questions that were asked have no value.",
    "disposition": "What was decided.",
    "deferred_until": "The day on which a deferred case comes back.",
    "decided_by": "The name of who decided, as it was then.",
    "decided_at": "When, with its zone.",
    "plan": "The treatment plan as JSON.",
    "pack_version": "The version of the rule pack of the newest screening.",
    "pack_hash": "Its content hash, under which the clinic keeps it whole.",
    "language": "The language in which it was read, as a tag.",
    "helper": "Who was beside the patient.",
    "help_wanted_with": "Link ids of the questions with which help was wanted.",
    "help_wanted": "Whether help was wanted with this question.",
    "signature": "How it was signed; staff is a statement and no signature.",
    "entered_by": "Who entered the answers for the patient.",
    "entered_from": "What they were entered from.",
    "site": "The site at which it was begun.",
    "link_id": "The name of the question in that version, which stays when its words change.",
    "stable_name": "The name it had first, which stays when the pack gives it another.",
    "question": "The question in English, as that version of the pack asks it.",
    "answer": "The answer in words.",
    "value": "The raw value as it is kept.",
    "set_aside": "Whether the question is not asked any more; such an answer was not screened.",
    "answered_at": "When the answer was given, with its zone.",
    "rule": "The id of the rule.",
    "title": "What the rule is about.",
    "met": "met, or unknown: it could not be ruled out.",
    "level": "What the rule claims.",
    "effect": "What the finding does to the place in the queue.",
    "only_vague_dates": "Whether it is unknown only because a date is vague.",
    "label": "The device label that makes it stricter.",
    "told_by": "Who said what it rests on: form, record, chair, or age of the answers.",
    "could_not_be_judged": "Whether the rule itself failed.",
    "number": "1 for the first decision on a form.",
    "role": "The role of who decided, as it was then.",
    "until": "The day to which treatment was deferred.",
    "note": "The words of the decision.",
    "overridden": "Findings decided against, each with reason and words.",
    "acknowledged": "Cautions that were read, by id.",
    "session_id": "The id of the session.",
    "treated_on": "The clinic's date of the session.",
    "treated_by": "Who treated, by the name of then.",
    "modality": "How the needles were driven, as planned.",
    "device": "The code of the device label.",
    "areas": "Each area with its greatest depth and the passes.",
    "deepest_mm": "The greatest depth of all areas.",
    "endpoint": "What was seen when treatment was ended.",
    "cartridge_lot": "The lot of the cartridge.",
    "antiseptic": "What the skin was cleaned with.",
    "medium": "What the needles glided on, with its lot.",
    "anaesthetic": "Product, strength, amount and time of what numbed the skin.",
    "products": "What touched the skin, each with its lot.",
    "not_done": "Why lines of the checklist were not done.",
    "unexpected": "What nobody expected.",
    "differed": "What was done otherwise than planned, and why.",
    "next_from": "First day on which a rule lets the next session begin.",
}
"""Names of columns stay the same under every pack; a new one comes at the end."""

UNITS = {"deepest_mm": "mm"}


def dictionary(pack: RulePack) -> Iterator[dict[str, object]]:
    """Yield a row for each column of each table, and for each question of a pack.

    Questions stand in the table of answers, one a row, under their link ids.
    """
    for table, columns in TABLES.items():
        for column in columns:
            yield {"table": table, "column": column, "means": MEANS[column],
                   "unit": UNITS.get(column, ""),
                   "without_names": treatment_of(table, column).value}  # fmt: skip
    for link_id, item in pack.items.items():
        yield _question(link_id, item, pack)


def _question(link_id: str, item: Item, pack: RulePack) -> dict[str, object]:
    gate = item.enable_when
    return {
        "table": "plan" if item.is_plan_field else "answers",
        "column": link_id,
        "means": item.ask,
        "kind": item.kind.value,
        "values": "; ".join(_values(item)),
        "unit": item.unit,
        "asked_when": "\n".join(outlined(bullets(gate, pack))) if gate else "",
        "private": link_id in pack.questionnaire.private,
        "stable_name": item.stable_name,
        "without_names": done_to(item),
    }


def bare_dictionary(pack: RulePack, dates: Dates) -> Iterator[dict[str, object]]:
    """Yield a row for each column of the tables without names, and for each question told there.

    Questions stand under the name by which those tables call them.
    """
    for row in dictionary(pack):
        table, column = str(row["table"]), str(row["column"])
        if "kind" in row:
            item = pack.items[column]
            if not item.from_record:
                yield {**row, "column": item.stable_name}
        elif is_kept(table, column, dates):
            name = name_of(table, column)
            yield {**row, "column": name, "means": _BARE_MEANS.get(name, row["means"])}
    for table in TABLES:
        yield {"table": table, "column": SUPPRESSED, "means": _HELD_BACK}


_BARE_MEANS = {"patient": "Who the patient is.", "age": "How old the patient was."}
_HELD_BACK = "The columns of this row in which something was held back; see about."


def _values(item: Item) -> Iterator[str]:
    """Yield what may be answered: codes with their words, bounds, words in place of a date."""
    for one in item.options:
        yield f"{one.code}: {one.text}"
    for word, text in item.words.items():
        yield f"{word.value}: {text}"
    if item.minimum is not None or item.maximum is not None:
        yield f"{item.minimum} to {item.maximum}"
    if item.offers_unknown:
        yield from ("not_sure", "withheld")
