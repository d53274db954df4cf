"""Every table as a file of its own, in one folder."""

import csv
import json
import sys
from contextlib import closing
from datetime import UTC, datetime

import pytest
from pyarrow import parquet

from intake.actions.dictionary import COLUMNS, TABLES
from intake.actions.export import SHAPES
from tests.cli.conftest import invoke, opened


@pytest.fixture
def exported(demo, tmp_path):
    def act(form, *more):
        out = tmp_path / f"tables-{form}"
        done = invoke(demo, "export", form, "--out", out, *more)
        assert done.exit_code == 0, done.output
        return out

    return act


def from_csv(file):
    with file.open(encoding="utf-8-sig", newline="") as opened_file:
        return list(csv.DictReader(opened_file))


def as_text(value):
    """Write a typed value as CSV has it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return "" if value is None else str(value)


def without_guard(cell):
    return cell.replace("'", "")


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_there_is_a_file_a_shape_for_its_owner_alone_and_the_dictionary(exported, form):
    out = exported(form)

    assert {file.name for file in out.iterdir()} == {
        f"{name}.{form}" for name in (*SHAPES, "dictionary")
    }
    assert {file.stat().st_mode & 0o777 for file in out.iterdir()} == {0o600}
    assert out.stat().st_mode & 0o777 == 0o700


def test_parquet_says_row_by_row_what_csv_says(exported):
    typed, plain = exported("parquet"), exported("csv")

    for name, columns in {**TABLES, "dictionary": COLUMNS}.items():
        rows = parquet.read_table(typed / f"{name}.parquet")
        told = [{k: as_text(v) for k, v in row.items()} for row in rows.to_pylist()]
        cells = from_csv(plain / f"{name}.csv")

        assert rows.schema.names == list(columns)
        assert [_numbers(r) for r in told] == [_numbers(r) for r in cells], name
        assert told or name == "sessions"


def _numbers(row):
    """Take "1.50" and "1.5" for one number, and a guarded cell for the text in it."""
    return {k: float(v) if k == "deepest_mm" and v else without_guard(v) for k, v in row.items()}


def test_dates_counts_and_instants_have_their_types(exported):
    out = exported("parquet")

    types = {f.name: str(f.type) for f in parquet.read_schema(out / "cases.parquet")}

    assert types["birth_date"] == types["screened_on"] == "date32[day]"
    assert types["begun_at"] == types["decided_at"] == "timestamp[us, tz=UTC]"
    assert types["unknown_answers"] == "int64"


def test_json_lines_in_a_folder_are_those_of_a_file(demo, exported, tmp_path):
    out, file = exported("jsonl"), tmp_path / "cases.jsonl"
    invoke(demo, "export", "jsonl", "--output", file)

    assert [json.loads(line) for line in (out / "cases.jsonl").read_text("utf-8").splitlines()] == [
        json.loads(line) for line in file.read_text("utf-8").splitlines()
    ]


def test_a_file_is_for_its_owner_alone_and_never_overwritten(demo, tmp_path):
    file = tmp_path / "cases.csv"
    invoke(demo, "export", "csv", "--output", file)
    before = file.read_bytes()

    again = invoke(demo, "export", "csv", "--output", file)

    assert file.stat().st_mode & 0o777 == 0o600
    assert again.exit_code == 2
    assert "it exists already" in again.output
    assert file.read_bytes() == before != b""


def test_one_shape_alone_can_be_asked_for(exported):
    out = exported("csv", "--shape", "findings")

    assert {file.name for file in out.iterdir()} == {"findings.csv", "dictionary.csv"}


def test_nothing_is_overwritten(demo, exported):
    out = exported("csv")
    before = {file: file.read_bytes() for file in out.iterdir()}

    again = invoke(demo, "export", "csv", "--out", out)

    assert again.exit_code == 2
    assert "exists already" in again.output
    assert {file: file.read_bytes() for file in out.iterdir()} == before


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["parquet"], "name the folder to write to"),
        (["sqlite", "--out", "x"], "name the file to write"),
        (["csv", "--out", "x", "--output", "y"], "a folder or a file, not both"),
    ],
)
def test_a_place_that_does_not_fit_is_refused(demo, args, said):
    done = invoke(demo, "export", *args)

    assert done.exit_code == 2
    assert said in done.output


def test_without_its_library_parquet_says_what_to_install_and_nothing_goes_out(
    demo, tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)

    done = invoke(demo, "export", "parquet", "--out", tmp_path / "tables")

    assert done.exit_code == 2
    assert "pip install 'intake[parquet]'" in done.output
    assert not (tmp_path / "tables").exists()
    with closing(opened(demo)) as store:
        assert not store.rows("SELECT 1 FROM audit_events WHERE action = 'records exported'")


def test_each_table_is_audited_with_its_form(demo, exported):
    exported("parquet")

    with closing(opened(demo)) as store:
        lines = store.rows("SELECT detail FROM audit_events WHERE action = 'records exported'")
    told = [json.loads(line["detail"]) for line in lines]
    assert [one["shape"] for one in told] == list(SHAPES)
    assert {one["form"] for one in told} == {"parquet"}
