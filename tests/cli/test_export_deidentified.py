"""Tables without names from the command line."""

import csv
import json
import re
from contextlib import closing

import pytest

from intake.actions.export import SHAPES
from tests.cli.conftest import invoke, opened


def released(data):
    with closing(opened(data)) as store:
        lines = store.rows("SELECT detail FROM audit_events WHERE action = 'records exported'")
    return [json.loads(line["detail"]) for line in lines]


def from_csv(text):
    return list(csv.DictReader(text.removeprefix("\ufeff").splitlines()))


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_a_folder_has_all_tables_with_what_was_done(demo, tmp_path, form):
    out = tmp_path / "bare"

    done = invoke(demo, "export", form, "--deidentified", "--at-least", "5", "--out", out)

    assert done.exit_code == 0, done.output
    assert {file.name for file in out.iterdir()} == {
        f"{name}.{form}" for name in (*SHAPES, "dictionary", "safe_harbor", "about")
    }


def test_tables_made_together_join(demo, tmp_path):
    out = tmp_path / "bare"
    invoke(demo, "export", "csv", "--deidentified", "--at-least", "5", "--out", out)

    cases, answers = (from_csv((out / f"{n}.csv").read_text("utf-8")) for n in ("cases", "answers"))

    assert len(cases) > 10
    assert {row["response_id"] for row in answers} <= {row["response_id"] for row in cases}


def test_years_and_eleven_patients_are_what_is_done_unless_asked_otherwise(demo):
    done = invoke(demo, "export", "csv", "--deidentified")

    assert done.exit_code == 0, done.output
    days = {row["begun_at"] for row in from_csv(done.stdout)} - {"[suppressed]"}
    assert all(re.fullmatch(r"20\d\d", day) for day in days)
    (line,) = released(demo)
    assert (line["deidentified"], line["dates"], line["least"]) == (True, "year", 11)


def test_one_shape_goes_to_standard_output_as_asked(demo):
    done = invoke(
        demo, "export", "jsonl", "--shape", "answers", "--deidentified", "--dates", "none",
        "--at-least", "5",
    )  # fmt: skip

    assert "no determination by a statistician" in done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert rows
    assert not [row for row in rows if "answered_at" in row or "answer" in row]


def test_a_sqlite_file_tells_of_safe_harbor(demo, tmp_path):
    file = tmp_path / "bare.db"

    done = invoke(demo, "export", "sqlite", "--deidentified", "--output", file)

    assert done.exit_code == 0, done.output
    assert "18  safe_harbor" in done.output
    assert {line["form"] for line in released(demo)} == {"sqlite"}


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--dates", "year"], "goes with --deidentified"),
        (["--at-least", "5"], "goes with --deidentified"),
        (["--deidentified", "--at-least", "4"], "4 is not in the range"),
        (["--deidentified", "--dates", "month"], "'month' is not one of"),
    ],
)
def test_what_does_not_fit_is_refused(demo, args, said):
    done = invoke(demo, "export", "csv", *args)

    assert done.exit_code == 2
    assert said in done.output


def test_too_few_patients_are_refused_in_words_and_nothing_goes_out(demo):
    done = invoke(demo, "export", "csv", "--deidentified", "--at-least", "50")

    assert done.exit_code == 2
    assert "fewer than 50 patients" in done.output
    assert released(demo) == []
