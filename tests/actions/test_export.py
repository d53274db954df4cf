import csv
import io
import json
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from intake.actions import answer, begin, company, entering, rule_packs, visits
from intake.actions.export import (
    ANSWER_COLUMNS,
    CASE_COLUMNS,
    ExportFilters,
    export_table,
)
from intake.actions.reading import note_reading
from intake.core.records import FIRST_SITE, Company, EntrySource
from intake.core.rules import Triage
from intake.storage import audit, listing, open_store
from intake.storage.trail_check import verdict_of
from tests.actions.conftest import actions_on
from tests.conftest import KEYS, NOW, TODAY
from tests.packs.builders import edited


def _export(desk, shape, form, by=None, **filters):
    return export_table(
        desk.store,
        shape=shape,
        form=form,
        filters=ExportFilters(**filters),
        by=by or desk.people.ada,
        now=NOW,
        today=TODAY,
    )


def _csv(desk, shape, **filters):
    text = "".join(_export(desk, shape, "csv", **filters))
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def _rows(desk, shape, **filters):
    return [json.loads(line) for line in _export(desk, shape, "jsonl", **filters)]


def _of(rows, name):
    return next(row for row in rows if row["patient_name"] == name)


def _path_of(desk):
    return Path(desk.store.row("PRAGMA database_list")["file"])


def test_cases_have_a_row_each_and_all_their_columns(busy):
    header, *rows = _csv(busy, "cases")

    assert tuple(header) == CASE_COLUMNS
    assert len(rows) == 14
    assert {len(row) for row in rows} == {len(CASE_COLUMNS)}
    assert len({row[CASE_COLUMNS.index("response_id")] for row in rows}) == 14


def test_a_list_that_is_read_in_bites_is_the_same(busy, monkeypatch):
    whole = _rows(busy, "cases")

    monkeypatch.setattr(listing, "FEW", 3)

    assert _rows(busy, "cases") == whole


@pytest.mark.of_files
def test_who_fetches_a_file_slowly_leaves_the_log_to_be_emptied(busy, monkeypatch):
    monkeypatch.setattr(listing, "FEW", 3)
    lines = _export(busy, "cases", "jsonl")
    begun = [next(lines) for _ in range(4)]

    with closing(open_store(_path_of(busy), KEYS)) as other:
        emptied = other.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    assert emptied[0] == 0
    assert len(begun) + len(list(lines)) == 14


@pytest.mark.parametrize("shape", ["cases", "answers"])
def test_both_forms_hold_the_same(tiny, shape):
    for vignette in ("healthy", "thirteen-days", "child"):
        tiny.sent(vignette)
    header, *cells = _csv(tiny, shape)
    rows = _rows(tiny, shape)

    as_text = [["" if v is None else str(v) for v in row.values()] for row in rows]
    assert [list(row) for row in rows] == [header] * len(rows)
    assert cells == as_text


def test_a_case_row_says_what_was_found_and_decided(busy):
    row = _of(_rows(busy, "cases"), "Dora Defer")

    assert row["triage"] == "defer"
    assert row["findings"] == "needling-interval"
    assert row["earliest_safe_date"] == "2026-06-16"
    assert row["status"] == "waiting"
    assert row["birth_date"] == "1988-03-12"
    assert row["screened_on"] == "2026-06-15"
    assert row["disposition"] is None
    assert json.loads(row["plan"])["area"] == ["face"]
    assert row["pack_hash"] == busy.pack.hash


def test_a_decided_row_says_by_whom_when_and_until(busy):
    row = _of(_rows(busy, "cases"), "Later Lena")

    assert (row["status"], row["disposition"]) == ("deferred", "defer")
    assert (row["decided_by"], row["deferred_until"]) == ("Ada Practitioner", "2026-06-16")


def test_a_case_not_sent_yet_is_exported_without_a_triage(busy):
    row = _of(_rows(busy, "cases"), "Fay Filling")

    assert (row["status"], row["triage"], row["receipt"]) == ("filling", None, None)


def test_what_could_not_be_ruled_out_has_a_column_of_its_own(desk):
    desk.sent("botox-vague")

    (row,) = _rows(desk, "cases")

    assert row["findings"] == ""
    assert row["could_not_be_ruled_out"] == "botulinum-recent"


def test_answers_have_a_row_each(tiny):
    sent = tiny.sent("thirteen-days")

    rows = _rows(tiny, "answers")

    assert [row["link_id"] for row in rows] == list(sent.answers)
    assert set(rows[0]) == set(ANSWER_COLUMNS)
    ever = next(row for row in rows if row["link_id"] == "cold_sore_ever")
    assert ever["value"] == "yes"
    assert ever["answer"] == "Yes"
    assert ever["question"] == "Have you ever had a cold sore?"
    assert ever["set_aside"] is False
    assert ever["receipt"] == sent.receipt
    assert ever["answered_at"] == NOW.isoformat()
    assert ever["pack_hash"] == tiny.pack.hash


def test_an_answer_set_aside_is_marked(tiny):
    filled = tiny.filled("thirteen-days")
    tiny.save(filled, "cold_sores", cold_sore_ever="no")

    rows = _rows(tiny, "answers")

    assert {row["link_id"] for row in rows if row["set_aside"]} == {"cold_sore_healed"}


def test_answers_are_read_with_the_pack_of_their_form(tiny):
    tiny.sent("healthy")
    newer = edited(("questionnaire.yaml", "Have you ever had", "Did you ever have"))
    rule_packs.activate(tiny.store, newer, actor="test", now=NOW)

    rows = _rows(tiny, "answers")

    assert "Have you ever had a cold sore?" in {row["question"] for row in rows}


@pytest.mark.parametrize("shape", ["cases", "answers"])
def test_the_triage_filter_lets_through_its_cases(tiny, shape):
    tiny.sent("healthy")
    tiny.sent("child")
    wanted = {tiny.sent("thirteen-days").id}

    rows = _rows(tiny, shape, triage=frozenset({Triage.DEFER}))

    assert {row["response_id"] for row in rows} == wanted


@pytest.mark.parametrize(
    ("since", "until", "number"),
    [
        (None, None, 14),
        (date(2026, 6, 15), None, 7),
        (None, date(2026, 6, 12), 0),
        (date(2026, 6, 13), date(2026, 6, 13), 2),
        (date(2026, 6, 16), None, 0),
    ],
)
def test_the_days_of_a_filter_are_both_included(busy, since, until, number):
    assert len(_rows(busy, "cases", since=since, until=until)) == number


@pytest.mark.parametrize(
    ("zone", "day", "number"),
    [("Europe/Madrid", date(2026, 6, 1), 1), ("Europe/Madrid", date(2026, 5, 31), 0),
     ("UTC", date(2026, 5, 31), 1), ("America/New_York", date(2026, 5, 31), 1),
     ("Europe/Madrid", date.min, 0), ("Europe/Madrid", date.max, 0)],
)  # fmt: skip
def test_a_day_is_that_of_the_clinic(desk, zone, day, number):
    desk.sent(now=datetime(2026, 5, 31, 23, 30, tzinfo=UTC))

    assert len(_rows(desk, "cases", since=day, until=day, zone=ZoneInfo(zone))) == number


@pytest.mark.parametrize("shape", ["cases", "answers"])
def test_nothing_selected_is_a_header_and_no_row(busy, shape):
    table = _csv(busy, shape, since=date(2030, 1, 1))

    assert len(table) == 1


NEW_IN_CASES = (
    "language", "helper", "help_wanted_with", "signature", "entered_by", "entered_from",
)  # fmt: skip
NEW_IN_ANSWERS = (
    "language", "help_wanted", "helper", "signature", "entered_by", "entered_from",
)  # fmt: skip


class TestThroughWhoseHandsAFormWent:
    @pytest.fixture
    def helped(self, tiny):
        """A form in Spanish, sent by a patient whom a relative helped, with help wanted."""
        draft = tiny.begin("thirteen-days")
        token = begin.hand_over(tiny.store, response_id=draft.id, by=tiny.people.ada, now=NOW)
        visit = visits.current(tiny.store, token=token, idle=timedelta(minutes=2), now=NOW)
        company.tell(tiny.store, visit, Company.RELATIVE, NOW)
        draft = answer.choose_language(tiny.store, draft, "es", now=NOW)
        answer.ask_for_help(tiny.store, draft, ["cold_sore_ever"], now=NOW)
        return tiny.send(tiny.fill(draft, "thirteen-days"))

    @pytest.fixture
    def entered(self, tiny):
        """A form that Ada entered by telephone, and stated."""
        draft = tiny.filled("thirteen-days", name="Theo Telephone")
        entry = {"response_id": draft.id, "by": tiny.people.ada, "now": NOW}
        entering.enter_for(
            tiny.store,
            tiny.pack,
            **entry,
            source=EntrySource.TELEPHONE,
            at=entering.Seat("s"),
            today=TODAY,
        )
        return entering.state(tiny.store, tiny.pack, **entry, language="English", today=TODAY)

    def test_stands_in_columns_at_the_end(self):
        assert CASE_COLUMNS[-7:-1] == NEW_IN_CASES
        assert ANSWER_COLUMNS[-7:-1] == NEW_IN_ANSWERS

    def test_is_told_of_a_form_with_help(self, tiny, helped):
        (row,) = _rows(tiny, "cases")

        told = {name: row[name] for name in NEW_IN_CASES}
        assert told == {
            "language": "es",
            "helper": "relative",
            "help_wanted_with": "cold_sore_ever",
            "signature": "typed",
            "entered_by": None,
            "entered_from": None,
        }

    def test_is_told_of_a_form_that_was_entered(self, tiny, entered):
        (row,) = _rows(tiny, "cases")

        told = [row[name] for name in NEW_IN_CASES]
        assert told == ["en", None, "", "staff", "Ada Practitioner", "telephone"]

    def test_is_told_of_each_answer(self, tiny, helped):
        rows = {row["link_id"]: row for row in _rows(tiny, "answers")}

        assert {k: r["language"] for k, r in rows.items()} == {
            "birth_date": "en", "cold_sore_ever": "es", "cold_sore_healed": "es",
        }  # fmt: skip
        assert [k for k, r in rows.items() if r["help_wanted"]] == ["cold_sore_ever"]
        assert {(r["helper"], r["signature"]) for r in rows.values()} == {("relative", "typed")}

    def test_is_told_of_each_answer_that_was_entered(self, tiny, entered):
        rows = _rows(tiny, "answers")

        told = {(r["signature"], r["entered_by"], r["entered_from"]) for r in rows}
        assert told == {("staff", "Ada Practitioner", "telephone")}

    def test_is_blank_while_the_form_is_filled(self, tiny):
        tiny.begin("healthy")

        (row,) = _rows(tiny, "cases")

        assert [row[name] for name in NEW_IN_CASES] == ["en", None, "", None, None, None]


def test_an_export_is_audited_before_its_first_line_is_read(busy):
    _export(busy, "cases", "csv")

    event = audit.latest(busy.store)[0]
    assert (event.actor, event.action) == (busy.people.ada.id, "records exported")
    assert event.detail == {
        "shape": "cases", "form": "csv", "since": None, "until": None, "triage": "",
        "sites": "every site", "cases": 14,
    }  # fmt: skip


def test_its_line_tells_what_was_asked_for_and_how_many_cases_that_were(busy):
    triage = frozenset({Triage.STOP, Triage.DEFER})
    asked = {"since": date(2026, 6, 1), "until": date(2026, 6, 30), "site": FIRST_SITE}

    released = _rows(busy, "cases", triage=triage, **asked)

    (event,) = [e for e in audit.latest(busy.store) if e.action == "records exported"]
    assert event.detail == {
        "shape": "cases", "form": "jsonl", "since": "2026-06-01", "until": "2026-06-30",
        "triage": "stop, defer", "sites": FIRST_SITE, "cases": len(released),
    }  # fmt: skip


@pytest.mark.parametrize("shape", ["cases", "answers"])
def test_each_case_that_goes_out_has_a_line_of_its_own(busy, shape, monkeypatch):
    monkeypatch.setattr(listing, "FEW", 3)
    before = {e.sequence for e in audit.latest(busy.store)}

    released = {row["response_id"] for row in _rows(busy, shape)}

    lines = [e for e in audit.latest(busy.store) if e.sequence not in before]
    told = [e for e in lines if e.action == "case exported"]
    assert released
    assert sorted(e.subject for e in told) == sorted(released)
    assert {(e.actor, e.at, e.detail["shape"]) for e in told} == {(busy.people.ada.id, NOW, shape)}


def test_a_case_has_its_line_before_its_first_row_is_read(busy):
    lines = _export(busy, "answers", "jsonl")

    first = json.loads(next(lines))

    assert actions_on(busy.store, first["response_id"])[-1] in {
        "case exported", "private answers read",
    }  # fmt: skip


def test_private_answers_that_go_out_are_written_down_as_read(desk):
    sent, public = desk.sent("healthy-woman"), desk.begin("healthy-woman", name="Petra Public")
    public = desk.save(public, "your_birth_date", birth_date="1988-03-12")

    released = {row["response_id"] for row in _rows(desk, "answers")}

    assert {sent.id, public.id} == released
    assert actions_on(desk.store, sent.id)[-2:] == ["case exported", "private answers read"]
    assert actions_on(desk.store, public.id)[-1] == "case exported"


def test_a_table_of_cases_reads_no_private_answer(desk):
    sent = desk.sent("healthy-woman")

    _rows(desk, "cases")

    assert actions_on(desk.store, sent.id)[-1] == "case exported"


def test_reading_a_case_after_it_was_exported_has_a_line_too(tiny):
    sent, ben = tiny.sent("healthy"), tiny.people.ben
    list(_export(tiny, "cases", "csv", ben))

    note_reading(tiny.store, act="case read", subject=sent.id, by=ben, now=NOW)

    assert actions_on(tiny.store, sent.id)[-1] == "case read"


def test_the_trail_holds_after_an_export_of_many_bites(busy, monkeypatch):
    monkeypatch.setattr(listing, "FEW", 3)

    _rows(busy, "answers")

    assert not verdict_of(busy.store).faults


def test_an_export_from_the_command_line_is_audited_too(busy):
    export_table(
        busy.store,
        shape="answers",
        form="jsonl",
        filters=ExportFilters(),
        by=None,
        now=NOW,
        today=TODAY,
    )

    assert audit.latest(busy.store)[0].actor == "command line"


def test_a_name_that_looks_like_a_formula_is_guarded_in_csv_only(desk):
    desk.begin(name='=HYPERLINK("http://x","Maria")')

    _, cells = _csv(desk, "cases")
    (row,) = _rows(desk, "cases")

    assert cells[CASE_COLUMNS.index("patient_name")] == '\'=HYPERLINK("http://x","Maria")'
    assert row["patient_name"] == '=HYPERLINK("http://x","Maria")'


def test_cases_can_be_written_while_an_export_is_read(busy):
    lines = _export(busy, "cases", "jsonl")
    next(lines)

    busy.begin(name="Nora New")

    assert len(list(lines)) == 13
