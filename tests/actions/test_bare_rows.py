"""One row without names, where everything may be shown: what is left out is left out even then."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.actions.bare_cells import HELD
from intake.actions.bare_rows import BareRow, Form, columns_of, name_of
from intake.actions.dictionary import TABLES
from intake.actions.export_rows import PARTS
from intake.actions.export_types import typed
from intake.actions.treatments import MARK, SUPPRESSED, Treatment, treatment_of
from intake.core.answers import Written
from intake.core.bare_answers import _BARE, Dates, Days
from intake.core.disclosure import NOTHING, STEPS
from intake.core.pseudonyms import Pseudonyms
from intake.core.questionnaire import Item, Kind

TOLD_AS_IT_IS = {
    Treatment.VALUE,
    Treatment.LIST,
    Treatment.LANGUAGE,
    Treatment.QUESTION,
    Treatment.RULE,
}
planted = st.text(st.characters(exclude_categories=["Cs"])).map(lambda text: f"Qzplanted {text}")


class Everything(frozenset):
    """Holds whatever is looked for: enough patients have all there is."""

    def __contains__(self, _):
        return True


def a_form(pack, step=STEPS[0], dates=Dates.YEAR):
    days = Days(dates, Pseudonyms(b"secret" * 8), "p1", date(2026, 6, 15), date(2026, 6, 15))
    return Form("p1", 34, step, days, None, {"area": ["face"]}, pack)


def a_row(shape, text):
    """A row of which every cell holds a text, but for days, which are days, and its place."""
    days = dict.fromkeys((Treatment.DAY, Treatment.REACHED, Treatment.AGE), date(2026, 6, 1))
    others = {**days, Treatment.PLACE: 1}
    row = {c: others.get(treatment_of(shape, c), text) for c in TABLES[shape]}
    return {**row, PARTS: {"value": (Item("wish", "Wish?", Kind.TEXT), Written(text))}}


def written(shape, form, row, shown=None, *, is_typed=False):
    columns = columns_of(shape, form.days.dates, typed(TABLES[shape]))
    return BareRow(shape, form, row).written(
        Everything() if shown is None else shown, columns, is_typed=is_typed
    )


@pytest.mark.parametrize("dates", Dates)
@pytest.mark.parametrize("shape", TABLES)
@given(text=planted)
def test_no_text_comes_through_a_column_that_is_not_told_as_it_is(tiny_pack, shape, dates, text):
    row = written(shape, a_form(tiny_pack, dates=dates), a_row(shape, text))

    through = {name for name, cell in row.items() if "Qzplanted" in str(cell)}
    told = {c for c in TABLES[shape] if treatment_of(shape, c) in TOLD_AS_IT_IS}
    assert through <= {name_of(shape, column) for column in told}


@pytest.mark.parametrize("shape", TABLES)
@given(text=planted)
def test_what_nobody_counted_does_not_come_through_at_all(tiny_pack, shape, text):
    form = a_form(tiny_pack, NOTHING)
    if shape in ("answers", "findings"):
        assert not BareRow(shape, form, a_row(shape, text)).is_there(frozenset())
        return
    row = written(shape, form, a_row(shape, text), frozenset())

    assert "Qzplanted" not in str(row)
    ids = {"patient", "response_id", "session_id", "number", SUPPRESSED}
    assert {name for name, cell in row.items() if cell != MARK} <= ids | {"plan"}
    assert MARK in row.get("plan", MARK)


@pytest.mark.parametrize("shape", TABLES)
def test_a_typed_column_is_empty_where_something_is_held_back(tiny_pack, shape):
    row = written(shape, a_form(tiny_pack, NOTHING), a_row(shape, "x"), frozenset(), is_typed=True)

    empty = {name for name, cell in row.items() if cell is None}
    assert empty <= set(row[SUPPRESSED].split("; "))
    assert empty


def test_an_answer_to_a_question_that_no_pack_knows_has_no_row(tiny_pack):
    row = {**a_row("answers", "x"), PARTS: {"value": ()}}

    assert not BareRow("answers", a_form(tiny_pack), row).is_told
    assert list(BareRow("answers", a_form(tiny_pack), row).counted()) == []


def test_a_field_of_the_plan_of_no_known_kind_is_not_told(tiny_pack, monkeypatch):
    monkeypatch.delitem(_BARE, Kind.CHOICES)

    row = written("cases", a_form(tiny_pack), a_row("cases", "x"))

    assert "area" not in json.loads(row["plan"])


def test_what_is_told_of_nobody_is_counted_since_its_mark_is_seen(tiny_pack):
    row = BareRow("cases", a_form(tiny_pack, NOTHING), a_row("cases", "x"))

    held = {column[-1] for column, value in row.counted() if value == HELD}

    assert {"entered_by", "begun_at"} <= held
