"""`intake impact`: what is said of another pack, and what is written."""

import csv
import json

import pytest

from intake.resources import folder
from tests.cli.conftest import invoke

ASPIRIN = "title: Daily aspirin\n    level: "


@pytest.fixture
def stricter(tmp_path):
    """The shipped pack, but daily aspirin is for review."""
    for file in (folder("rules") / "microneedling").rglob("*.*"):
        copy = tmp_path / "pack" / file.relative_to(folder("rules") / "microneedling")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    rules = tmp_path / "pack" / "rules" / "blood.yaml"
    text = rules.read_text(encoding="utf-8").replace(f"{ASPIRIN}caution", f"{ASPIRIN}review")
    label = "level: review\n        because: The manual names aspirin"
    rules.write_text(text.replace(label, label.replace("review", "stop")), encoding="utf-8")
    return tmp_path / "pack"


def test_it_says_who_would_change_and_by_what(demo, stricter):
    done = invoke(demo, "impact", "--pack", stricter)

    assert done.exit_code == 0, done.output
    assert "more serious" in done.output
    assert "0 less,        1 more: aspirin-alone, Daily aspirin" in done.output


def test_the_pack_in_force_changes_nobody(demo):
    done = invoke(demo, "impact", "--pack", folder("rules") / "microneedling")

    assert "No rule does anything else to any of them." in done.output


def test_each_case_is_written_as_a_row(demo, stricter, tmp_path):
    invoke(demo, "impact", "--pack", stricter, "--list", tmp_path / "changed.csv")

    with (tmp_path / "changed.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    assert {row["direction"] for row in rows} <= {"higher", "same"}
    assert all("aspirin-alone: caution > review" in row["rules"] for row in rows)


def test_a_document_has_the_chart_the_counts_and_the_cases(demo, stricter, tmp_path):
    invoke(demo, "impact", "--pack", stricter, "--html", tmp_path / "impact.html")

    page = (tmp_path / "impact.html").read_text(encoding="utf-8")
    assert "What another rule pack would do" in page
    assert "<svg" in page
    assert "aspirin-alone" in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_json_has_all_of_it(demo, stricter):
    done = invoke(demo, "impact", "--pack", stricter, "--format", "json", "--sample", 1000)

    said = json.loads(done.stdout)
    assert said["all"]["cases"] == sum(one["cases"] for one in said["groups"].values())
    assert said["looked_at"] == said["cases"]
    assert [one["rule"] for one in said["rules"]] == ["aspirin-alone"]


def test_a_pack_that_cannot_be_used_is_said_line_by_line(demo, stricter):
    rules = stricter / "rules" / "blood.yaml"
    rules.write_text(rules.read_text("utf-8").replace("level: stop", "level: fine", 1), "utf-8")

    done = invoke(demo, "impact", "--pack", stricter)

    assert done.exit_code == 2
    assert "rules/blood.yaml:" in done.output


def test_it_needs_a_clinic(data, stricter):
    assert invoke(data, "impact", "--pack", stricter).exit_code == 2
