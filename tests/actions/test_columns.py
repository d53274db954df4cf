"""The columns of every table, frozen: others have programs that read them by name and place.

A new column comes at the end of its list here; none is renamed, moved or taken away.
"""

import json

import pytest

from intake import packs
from intake.actions import rule_packs
from intake.actions.dictionary import COLUMNS, TABLES, dictionary
from intake.actions.export import ExportFilters, export_table
from tests.actions.conftest import Desk
from tests.conftest import NOW, TODAY
from tests.packs.test_former_names import renamed

FROZEN = {
    "cases": """
        record_number patient_name birth_date receipt response_id status begun_at submitted_at
        screened_on triage earliest_safe_date findings could_not_be_ruled_out unknown_answers
        disposition deferred_until decided_by decided_at plan pack_version pack_hash language helper
        help_wanted_with signature entered_by entered_from site""",
    "answers": """
        record_number receipt response_id link_id question answer value set_aside answered_at
        pack_version pack_hash language help_wanted helper signature entered_by entered_from
        stable_name""",
    "findings": """
        record_number receipt response_id screened_on rule title met level effect earliest_safe_date
        only_vague_dates label told_by could_not_be_judged pack_version pack_hash""",
    "decisions": """
        record_number receipt response_id number decided_at decided_by role disposition until note
        overridden acknowledged pack_version pack_hash""",
    "sessions": """
        record_number receipt response_id session_id treated_on treated_by modality device areas
        deepest_mm endpoint cartridge_lot antiseptic medium anaesthetic products not_done unexpected
        differed next_from pack_version pack_hash""",
    "dictionary": """
        table column means kind values unit asked_when private stable_name without_names""",
}


@pytest.mark.parametrize("shape", [*TABLES, "dictionary"])
def test_the_columns_of_a_table_are_those_they_were(shape):
    columns = {**TABLES, "dictionary": COLUMNS}[shape]

    assert list(columns) == FROZEN[shape].split()


def test_answers_stay_under_one_name_when_the_id_of_their_question_changes(tiny):
    before = tiny.sent("thirteen-days")
    pack = rule_packs.activate(tiny.store, renamed(), actor="test", now=NOW)
    desk = Desk(tiny.store, pack, {one.id: one for one in pack.vignettes}, tiny.people)
    after = desk.sent("thirteen-days", name="Nora New")

    rows = [json.loads(line) for line in _answers(desk)]

    ids = {(r["response_id"], r["link_id"]) for r in rows if r["stable_name"] == "cold_sore_ever"}
    assert ids == {(before.id, "cold_sore_ever"), (after.id, "had_cold_sore")}


def test_the_dictionary_tells_the_first_name_of_a_question_beside_the_present_one():
    pack = packs.load_texts(renamed(), TODAY)

    told = {row["column"]: row["stable_name"] for row in dictionary(pack) if "kind" in row}

    assert told["had_cold_sore"] == "cold_sore_ever"
    assert told["birth_date"] == "birth_date"


def _answers(desk):
    return export_table(
        desk.store,
        shape="answers",
        form="jsonl",
        filters=ExportFilters(),
        by=desk.people.ada,
        now=NOW,
        today=TODAY,
    )
