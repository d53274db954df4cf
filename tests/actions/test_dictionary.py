"""The data dictionary: every column and every question, each once, with what it means."""

from intake.actions.dictionary import COLUMNS, MEANS, TABLES, dictionary
from intake.actions.export import SHAPES


def test_every_table_that_can_be_exported_is_in_it():
    assert tuple(TABLES) == SHAPES


def test_every_column_means_something_and_nothing_else_is_said():
    columns = {column for table in TABLES.values() for column in table}

    assert columns == set(MEANS)


def test_every_question_has_a_row_with_what_it_takes(shipped_pack):
    rows = list(dictionary(shipped_pack))

    questions = {row["column"]: row for row in rows if "kind" in row}
    assert list(questions) == list(shipped_pack.items)
    assert questions["keloid_ever"]["values"] == "yes: Yes; no: No; not_sure; withheld"
    assert questions["inr"]["asked_when"] == "inr_tested is yes"
    assert questions["steroid_site"]["asked_when"].splitlines()[0] == "All of"
    assert questions["plan.depth_mm"]["unit"] == "mm"
    assert questions["plan.depth_mm"]["table"] == "plan"


def test_no_row_has_a_column_that_is_not_told(shipped_pack):
    assert all(row.keys() <= set(COLUMNS) for row in dictionary(shipped_pack))
