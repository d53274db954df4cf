"""Taking cases out of the house."""

import csv
import io
import json
import re

import pytest

from intake.storage import audit

CASES = {"shape": "cases", "form": "csv"}
BARE = {"shape": "answers", "form": "csv", "deidentified": "y", "dates": "year"}
FORMULAS = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "＝1", "=cmd|' /C calc'!A1"]


def rows_of(page):
    return list(csv.DictReader(io.StringIO(page.html.removeprefix("\ufeff"))))


def test_nothing_is_preselected(ada):
    sent = ada.get("/desk/export").form_to("/desk/export").controls()

    assert {k: v for k, v in sent.items() if k != "csrf_token"} == {"since": [""], "until": [""]}


def test_one_case_a_row(ada):
    page = ada.post("/desk/export", CASES)

    rows = rows_of(page)
    assert page.answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(
        r'attachment; filename="intake-cases-2026-06-15-\d+-[0-9a-f]{16}\.csv"',
        page.answer.headers["Content-Disposition"],
    )
    assert len(rows) == 8
    by_name = {row["patient_name"]: row for row in rows}
    assert by_name["Samuel Reyes"]["triage"] == "stop"
    assert "immune-medicine-two" in by_name["Samuel Reyes"]["findings"]
    assert by_name["Tomas Novak"]["status"] == "filling"


def test_one_answer_a_row_as_json_lines(ada, ids):
    page = ada.post("/desk/export", {"shape": "answers", "form": "jsonl"})

    rows = [json.loads(line) for line in page.html.splitlines()]
    thinner = next(
        r for r in rows if (r["response_id"], r["link_id"]) == (ids["review"], "blood_thinner")
    )
    assert thinner["question"] == "Do you take a blood thinner?"
    assert thinner["answer"] == "Yes"
    assert "patient_name" not in thinner


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"triage": ["stop", "defer"]}, 2),
        ({"since": "2026-06-16"}, 0),
        ({"until": "2026-06-14"}, 0),
        ({"since": "2026-06-15", "until": "15 June 2026"}, 8),
    ],
)
def test_it_is_narrowed(ada, filters, count):
    assert len(rows_of(ada.post("/desk/export", {**CASES, **filters}))) == count


def test_no_cell_is_run_by_a_spreadsheet(ada, maker):
    medicines = [{"name": text} for text in FORMULAS]
    maker.sent("=1 Smith", "healthy-woman", takes_medicines="yes", medicines=medicines)
    maker.sent("@home Smith", "healthy-woman")

    rows = rows_of(ada.post("/desk/export", CASES))
    rows += rows_of(ada.post("/desk/export", {"shape": "answers", "form": "csv"}))

    cells = [value for row in rows for value in row.values()]
    assert {"'=1 Smith", "'@home Smith"} <= set(cells)
    assert any(cell.startswith("'=1+1") for cell in cells)
    risky = [c for c in cells if c.lstrip("\t\r\n ").startswith(("=", "+", "-", "@", "＝"))]
    assert risky == []


def test_the_release_is_written_down_with_who_asked(ben, store, people):
    ben.post("/desk/export", {**CASES, "triage": ["stop"], "since": "1 June 2026"})

    case, release = audit.latest(store)[:2]
    assert (case.action, case.actor) == ("case exported", people.ben.id)
    assert (release.action, release.actor) == ("records exported", people.ben.id)
    assert (release.detail["triage"], release.detail["since"]) == ("stop", "2026-06-01")
    assert release.detail["cases"] == 1


def test_the_record_of_a_case_says_that_its_private_answers_went_out(ada, ids, store):
    ada.post("/desk/export", {"shape": "answers", "form": "jsonl"})

    said = [event.action for event in audit.of_subject(store, ids["routine"])]
    assert said[-2:] == ["case exported", "private answers read"]


@pytest.mark.parametrize(
    ("change", "anchor"),
    [
        ({"shape": ""}, "shape"),
        ({"shape": "passwords"}, "shape"),
        ({"form": ""}, "form"),
        ({"form": "exe"}, "form"),
        ({"since": "soon"}, "since"),
        ({"since": "2026-06-15", "until": "2026-06-01"}, "until"),
        ({"triage": "mild"}, "triage"),
    ],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else None,
)
def test_what_cannot_be_exported_is_asked_again(ada, store, change, anchor):
    page = ada.post("/desk/export", {**CASES, **change})

    assert page.status == 422
    assert [fault[0] for fault in page.faults()] == [anchor]
    assert page.root.all(id=anchor)
    assert "records exported" not in [e.action for e in audit.latest(store)]


class TestWithoutNames:
    @pytest.fixture
    def many(self, maker):
        """As many patients as a table without names needs."""
        return [maker.sent(f"Nadja Named {n}", "healthy-woman") for n in range(11)]

    def test_the_file_has_pseudonyms_and_says_so_in_its_name(self, ada, many):
        page = ada.post("/desk/export", {**BARE, "shape": "cases"})

        rows = rows_of(page)
        assert (
            "intake-cases-without-names-2026-06-15-" in page.answer.headers["Content-Disposition"]
        )
        assert len({row["patient"] for row in rows}) > 11
        assert {row["begun_at"] for row in rows} <= {"2026", "[suppressed]"}
        assert "Nadja Named" not in page.html
        assert not {one.id for one in many} & {row["response_id"] for row in rows}

    def test_it_is_written_down_with_who_asked(self, ada, many, store, people):
        ada.post("/desk/export", {**BARE, "dates": "shifted"})

        (release,) = [e for e in audit.latest(store) if e.action == "records exported"]
        assert release.actor == people.ada.id
        assert (release.detail["deidentified"], release.detail["dates"]) == (True, "shifted")
        assert release.detail["least"] == 11

    def test_too_few_patients_are_refused_on_the_page(self, ada, store):
        page = ada.post("/desk/export", BARE)

        assert page.status == 422
        assert "fewer than 11 patients" in page.html
        assert "records exported" not in [e.action for e in audit.latest(store)]

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"dates": ""}, "Select what becomes of the dates."),
            ({"deidentified": ""}, "with names, dates stay as they are"),
            ({"dates": "weeks"}, ""),
        ],
    )
    def test_what_becomes_of_dates_is_asked_for_there_and_only_there(
        self, ada, store, change, said
    ):
        asked = {k: v for k, v in {**BARE, **change}.items() if v}

        page = ada.post("/desk/export", asked)

        assert page.status == 422
        assert [fault[0] for fault in page.faults()] == ["dates"]
        assert said in page.html
        assert "records exported" not in [e.action for e in audit.latest(store)]

    def test_whoever_may_not_export_may_not_without_names(self, cleo):
        assert cleo.post("/desk/export", BARE).status in (403, 404)
