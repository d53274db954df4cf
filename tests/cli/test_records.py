"""`intake records`, `intake export` and `intake figures`: what is kept, as lists and tables."""

import csv
import io
import json
from zoneinfo import ZoneInfo

import pytest

from intake.actions import begin, rule_packs
from intake.actions.export import ANSWER_COLUMNS, CASE_COLUMNS
from intake.actions.figures import Wanted, export_figures
from intake.actions.patients import register_patient
from intake.actions.submit import STATEMENT, submit
from intake.cli.surroundings import now, prepare, today
from intake.core.figures import span_of
from intake.core.records import Signature, SignatureKind
from intake.core.rules import Triage
from intake.exports.figure_tables import TABLES
from intake.settings import read_settings
from intake.storage import cases, listing, people
from intake.storage.listing import Selection
from tests.cli.conftest import invoke, opened
from tests.conftest import TODAY
from tests.storage.builders import by_hand

FORMULA = '=HYPERLINK("http://evil.example","click")'


@pytest.fixture
def store(demo):
    """The open database of the demo clinic."""
    store = opened(demo)
    yield store
    store.close()


@pytest.fixture
def formula(store):
    """An intake of a patient whose name is a formula."""
    pack = rule_packs.kept_pack(store, rule_packs.hash_in_force(store), TODAY)
    ada = next(who for who in people.practitioners(store) if who.username == "ada")
    patient = register_patient(
        store, name=FORMULA, birth_date=today().replace(year=1980, day=1), by=ada, now=now()
    )
    return begin.begin(
        store, pack, patient_id=patient.id, plan={}, by=ada, now=now(), today=today()
    )


def table(text):
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def audited(store, action):
    return store.row("SELECT count(*) AS n FROM audit_events WHERE action = ?", [action])["n"]


class TestRecords:
    def test_are_listed_most_serious_first(self, run_shipped, demo):
        result = run_shipped("records", "list")

        found = [line.split()[1] for line in result.stdout.splitlines()]
        ranks = [Triage(word).rank for word in found if word != "-"]
        assert result.exit_code == 0
        assert len(found) == 16
        assert ranks == sorted(ranks)

    def test_are_listed_by_triage(self, run_shipped, demo):
        result = run_shipped("records", "list", "--triage", "stop", "--triage", "defer")

        assert {line.split()[1] for line in result.stdout.splitlines()} == {"stop", "defer"}

    def test_are_listed_by_day(self, run_shipped, demo):
        assert run_shipped("records", "list", "--since", "2999-01-01").stdout == ""
        assert run_shipped("records", "list", "--until", "1999-01-01").stdout == ""

    def test_of_a_day_that_is_no_date_are_bad_input(self, run_shipped, demo):
        result = run_shipped("records", "list", "--since", "yesterday")

        assert result.exit_code == 2
        assert "'yesterday' is not a date; write it as 2026-11-21" in result.stderr

    def test_are_shown_as_json_and_that_is_audited(self, run_shipped, store):
        response_id = next(iter(listing.listed(store, Selection()))).response_id
        before = audited(store, "case read")

        result = run_shipped("records", "show", response_id)

        assert result.exit_code == 0
        assert response_id in result.stdout
        assert isinstance(json.loads(result.stdout), dict)
        assert audited(store, "case read") == before + 1

    def test_that_are_not_there_are_not_shown(self, run_shipped, demo):
        result = run_shipped("records", "show", "0" * 32)

        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == f"There is no record {'0' * 32}.\n"

    def test_are_counted(self, run_shipped, store):
        result = run_shipped("records", "count")

        lines = [line.split(maxsplit=1) for line in result.stdout.splitlines()]
        assert {name: int(number) for number, name in lines} == cases.counts(store)


class TestExport:
    @pytest.mark.parametrize(
        ("shape", "columns"), [("cases", CASE_COLUMNS), ("answers", ANSWER_COLUMNS)]
    )
    def test_as_csv_has_rows_of_one_length_with_their_pack(
        self, run_shipped, store, formula, shape, columns
    ):
        result = run_shipped("export", "csv", "--shape", shape)

        header, *lines = table(result.stdout)
        hash_ = rule_packs.hash_in_force(store)
        assert result.exit_code == 0
        assert tuple(header) == columns
        assert {len(line) for line in lines} == {len(columns)}
        assert {line[columns.index("pack_hash")] for line in lines} == {hash_}
        assert {line[columns.index("pack_version")] for line in lines} == {"0.1.0"}

    def test_as_csv_has_one_row_for_each_case(self, run_shipped, demo, formula):
        assert len(table(run_shipped("export", "csv").stdout)) == 1 + 16 + 1

    def test_as_csv_never_hands_a_formula_to_a_spreadsheet(self, run_shipped, formula):
        _, *lines = table(run_shipped("export", "csv").stdout)

        names = [line[CASE_COLUMNS.index("patient_name")] for line in lines]
        assert f"'{FORMULA}" in names
        assert not [cell for line in lines for cell in line if cell.startswith(tuple("=+-@\t\r"))]

    def test_as_csv_begins_with_the_mark_excel_wants(self, run_shipped, demo):
        assert run_shipped("export", "csv").stdout.startswith("\ufeffrecord_number,")

    @pytest.mark.parametrize(
        ("shape", "columns"), [("cases", CASE_COLUMNS), ("answers", ANSWER_COLUMNS)]
    )
    def test_as_json_lines_keeps_values_as_they_are(
        self, run_shipped, store, formula, shape, columns
    ):
        result = run_shipped("export", "jsonl", "--shape", shape)

        found = [json.loads(line) for line in result.stdout.splitlines()]
        assert {tuple(row) for row in found} == {columns}
        assert {row["pack_hash"] for row in found} == {rule_packs.hash_in_force(store)}
        assert {row["pack_version"] for row in found} == {"0.1.0"}
        if shape == "cases":
            assert FORMULA in {row["patient_name"] for row in found}

    def test_goes_to_a_file(self, run_shipped, demo, tmp_path):
        result = run_shipped("export", "csv", "--output", tmp_path / "out.csv")

        assert (result.exit_code, result.stdout) == (0, "")
        assert len(table((tmp_path / "out.csv").read_text(encoding="utf-8"))) == 17

    def test_may_be_of_one_triage(self, run_shipped, demo):
        found = run_shipped("export", "jsonl", "--triage", "stop").stdout.splitlines()

        assert found
        assert {json.loads(line)["triage"] for line in found} == {"stop"}

    def test_of_days_without_cases_is_a_header_alone(self, run_shipped, demo):
        assert len(table(run_shipped("export", "csv", "--since", "2999-01-01").stdout)) == 1

    def test_is_audited(self, run_shipped, store):
        before = audited(store, "records exported")

        run_shipped("export", "csv")

        assert audited(store, "records exported") == before + 1


class TestFigures:
    @pytest.mark.parametrize("name", TABLES)
    def test_are_the_numbers_of_the_desk_and_audited(self, run_shipped, store, name):
        result = run_shipped("figures", "--table", name)
        zone = ZoneInfo("Europe/Madrid")
        day = now().astimezone(zone).date()

        pack = rule_packs.kept_pack(store, rule_packs.hash_in_force(store), day)
        wanted = Wanted(span_of(None, None, day), zone)
        by = people.practitioners(store)[0]
        desk = export_figures(
            store, lambda _: pack, wanted, table=name, by=by, now=now(), today=day
        )
        header, *rows = table(result.stdout)
        at = [n for n, column in enumerate(header) if column != "oldest_open_minutes"]
        assert result.exit_code == 0
        assert rows
        assert [[row[n] for n in at] for row in table(result.stdout)] == [
            [row[n] for n in at] for row in table("".join(desk))
        ]
        assert audited(store, "figures exported") == 2

    def test_of_other_days_are_empty(self, run_shipped, demo):
        result = run_shipped(
            "figures", "--table", "days", "--since", "2020-01-01", "--until", "2020-01-31"
        )

        assert len(table(result.stdout)) == 1

    def test_go_into_a_file(self, run_shipped, demo, tmp_path):
        run_shipped("figures", "--output", tmp_path / "rules.csv")

        header, *rows = table((tmp_path / "rules.csv").read_text(encoding="utf-8"))
        assert header[0] == "rule_id"
        assert rows

    def test_of_days_that_run_backwards_are_bad_input(self, run_shipped, demo):
        result = run_shipped("figures", "--since", "2026-06-02", "--until", "2026-06-01")

        assert result.exit_code == 2
        assert "the last day is before the first" in result.stderr


@pytest.fixture
def unread(store, formula):
    """The id of a form that was sent while its rules could not be read."""
    row = store.row("SELECT id FROM responses WHERE status = 'in-progress' LIMIT 1")
    signature = Signature(SignatureKind.TYPED, STATEMENT, "Somebody")
    submit(store, None, response_id=row["id"], signature=signature, now=now(), today=today())
    return row["id"]


def spoil(store):
    """Make the kept rules unreadable, as a fault of the disk could."""
    by_hand(store.connection, "UPDATE packs SET files = replace(files, 'version', 'verzion')")


def test_what_was_not_assessed_is_assessed_by_one_command(demo, store, unread):
    first, second = (invoke(demo, "records", "assess") for _ in range(2))

    assert first.exit_code == second.exit_code == 0
    assert first.output == "Assessed: 1. Still not assessed: 0.\n"
    assert second.output == "Assessed: 0. Still not assessed: 0.\n"
    assert len(cases.screenings(store, unread)) == 1


def test_what_still_cannot_be_assessed_is_a_failed_check(demo, store, unread):
    spoil(store)

    found = invoke(demo, "records", "assess")

    assert found.exit_code == 1
    assert found.output == "Assessed: 0. Still not assessed: 1.\n"


def test_the_server_starts_with_rules_that_cannot_be_read_and_says_so(demo, store):
    spoil(store)

    notes = prepare(read_settings({"INTAKE_DATA": str(demo)}))

    assert "forms that are sent are kept" in notes[0].lower()
    assert any(note.startswith("pack.yaml:") for note in notes[1:])
