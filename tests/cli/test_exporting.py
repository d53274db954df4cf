"""`intake export fhir`: a folder of NDJSON, what is said, and that it goes on after a stop."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.actions import fhir_bulk
from intake.cli import progress
from intake.cli.progress import Progress, progress_line
from tests.cli.conftest import invoke


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(fhir_bulk, "FEW", 5)


@pytest.fixture
def stopped_after(monkeypatch):
    """Press Ctrl+C once so many cases are done."""

    def stop(number):
        def told(_, done, of):
            if done >= number:
                raise KeyboardInterrupt

        monkeypatch.setattr(Progress, "__call__", told)

    return stop


def test_the_folder_is_finished_and_says_so(demo, tmp_path):
    out = tmp_path / "out"

    made = invoke(demo, "export", "fhir", "--out", out)

    assert made.exit_code == 0, made.output
    manifest = json.loads((out / "manifest.json").read_text())
    counts = {one["type"]: one["count"] for one in manifest["output"]}
    assert (counts["QuestionnaireResponse"], counts["Patient"]) == (16, 15)
    assert "16" in next(x for x in made.output.splitlines() if "QuestionnaireResponse" in x)
    assert "Head of the audit trail, to be kept with the file: " in made.output
    assert (
        str(manifest["extension"]["https://intake.invalid/fhir/bulk-export"]["trail"]["count"])
        in made.output
    )


def test_files_are_compressed_when_asked(demo, tmp_path):
    out = tmp_path / "out"

    made = invoke(demo, "export", "fhir", "--out", out, "--gzip")

    assert made.exit_code == 0, made.output
    with gzip.open(out / "Patient.ndjson.gz", "rt", encoding="utf-8") as file:
        assert len([json.loads(line) for line in file]) == 15
    assert "Patient.ndjson.gz" in made.output


def test_cases_are_chosen_as_for_tables(demo, tmp_path):
    invoke(demo, "export", "fhir", "--out", tmp_path / "out", "--triage", "stop")

    table = invoke(demo, "export", "jsonl", "--triage", "stop").stdout.splitlines()
    lines = (tmp_path / "out" / "QuestionnaireResponse.ndjson").read_text().splitlines()
    assert len(lines) == len(table) > 0


def test_it_keeps_quiet_where_nobody_sits(demo, tmp_path):
    made = invoke(demo, "export", "fhir", "--out", tmp_path / "out")

    assert "cases" not in made.stderr


def test_it_says_how_far_it_has_come_when_asked(demo, few, tmp_path, monkeypatch):
    monkeypatch.setattr(progress, "_BETWEEN_LINES_S", 0)

    made = invoke(demo, "export", "fhir", "--out", tmp_path / "out", "--progress")

    said = [line for line in made.stderr.splitlines() if "of 16 cases" in line]
    assert [line.split()[0] for line in said] == ["0", "5", "10", "15", "16"]


def test_stopped_it_says_that_it_goes_on_and_does(demo, few, stopped_after, tmp_path, monkeypatch):
    stopped_after(10)
    stopped = invoke(demo, "export", "fhir", "--out", tmp_path / "out")
    monkeypatch.undo()

    again = invoke(demo, "export", "fhir", "--out", tmp_path / "out")

    assert stopped.exit_code == 1
    assert "Run the same command again to go on" in stopped.stderr
    assert again.exit_code == 0
    lines = (tmp_path / "out" / "QuestionnaireResponse.ndjson").read_text().splitlines()
    assert len({json.loads(line)["id"] for line in lines}) == len(lines) == 16


@pytest.mark.parametrize("name", ["notes.txt", "manifest.json"])
def test_a_folder_of_something_else_is_bad_input(demo, tmp_path, name):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).write_text("mine")

    made = invoke(demo, "export", "fhir", "--out", tmp_path / "out")

    assert made.exit_code == 2
    assert "or name another with --out" in made.stderr
    assert [one.name for one in (tmp_path / "out").iterdir()] == [name]


def test_without_a_clinic_nothing_is_made(data, tmp_path):
    made = invoke(data, "export", "fhir", "--out", tmp_path / "out")

    assert made.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_progress_says_how_fast_and_for_how_long():
    assert progress_line(12_300, 1_000_000, 6_000, 20) == (
        "12,300 of 1,000,000 cases, 300 per second, 54:52 left"
    )
    assert progress_line(100, 100_000, 100, 10).endswith("2:46:30 left")


@given(
    done=st.integers(0, 10**7),
    of=st.integers(0, 10**7),
    part=st.floats(0, 1),
    seconds=st.floats(0, 10**6),
)
def test_progress_is_said_of_any_numbers(done, of, part, seconds):
    """Cases may be erased since they were counted, and the first may take no time at all."""
    assert progress_line(done, of, int(done * part), seconds).startswith(f"{done:,} of ")
