"""Tables of findings, decisions and sessions: what each row says, and whose it is."""

import csv
import io
import json

import pytest

from intake.actions.export import ExportFilters, export_table
from intake.actions.export_rows import DECISION_COLUMNS, FINDING_COLUMNS, SESSION_COLUMNS
from intake.core.decisions import Decision, Disposition
from tests.actions.conftest import actions_on
from tests.actions.test_treat import Chair
from tests.conftest import NOW, TODAY

COLUMNS = {
    "findings": FINDING_COLUMNS,
    "decisions": DECISION_COLUMNS,
    "sessions": SESSION_COLUMNS,
}


@pytest.fixture
def exported(desk):
    def act(shape, form="jsonl"):
        return "".join(
            export_table(
                desk.store,
                shape=shape,
                form=form,
                filters=ExportFilters(),
                by=desk.people.ada,
                now=NOW,
                today=TODAY,
            )
        )

    return act


@pytest.fixture
def rows(exported):
    return lambda shape: [json.loads(line) for line in exported(shape).splitlines()]


@pytest.fixture
def treated(desk):
    return Chair(desk).treated()


def test_every_finding_has_a_row_with_what_it_does(desk, rows):
    sent = desk.sent("triple-therapy")
    found = desk.case(sent.id).screening.screening.findings

    told = [(row["rule"], row["met"], row["effect"]) for row in rows("findings")]

    assert told == [(f.rule_id, f.truth.value, f.effect.value) for f in found]
    assert len(told) > 2


def test_every_decision_has_a_row_the_first_first(desk, rows):
    sent = desk.sent("pregnant")
    desk.decide(sent.id, Decision(Disposition.REFER, "What now?"))
    desk.decide(sent.id, Chair(desk).proceed(sent.id), by=desk.people.ben, seen=1)

    first, second = rows("decisions")

    assert (first["number"], first["disposition"], first["note"]) == (1, "refer", "What now?")
    assert (second["decided_by"], second["role"]) == ("Ben Dermatologist", "dermatologist")
    assert "examined: Seen at the chair." in second["overridden"]


def test_a_session_has_a_row_with_depth_and_lots(desk, rows, treated):
    (row,) = rows("sessions")

    assert row["session_id"] == treated.id
    assert row["areas"].startswith("face ")
    assert row["deepest_mm"] == float(treated.done.depth_mm)
    assert row["cartridge_lot"] == treated.done.cartridge_lot


@pytest.mark.parametrize("shape", COLUMNS)
def test_both_forms_have_the_same_columns_in_the_same_order(exported, treated, shape):
    header = next(csv.reader(io.StringIO(exported(shape, "csv").removeprefix("\ufeff"))))
    lines = exported(shape).splitlines()

    assert tuple(header) == COLUMNS[shape]
    assert all(list(json.loads(line)) == header for line in lines)


def test_only_who_has_a_row_is_written_down_as_taken_out(desk, exported, treated):
    other = desk.sent(name="Nobody Treated")

    exported("sessions")

    assert actions_on(desk.store, treated.response_id).count("case exported") == 1
    assert "case exported" not in actions_on(desk.store, other.id)
