"""`intake impact`: what is said of another pack, and what is written."""

import csv
import json
from contextlib import closing

import pytest

from intake.resources import folder
from tests.cli.conftest import invoke, opened

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
    done = invoke(demo, "impact", "--pack", stricter, "--html", tmp_path / "impact.html")

    assert done.exit_code == 0, done.output

    page = (tmp_path / "impact.html").read_text(encoding="utf-8")
    assert "What another rule pack would do" in page
    assert "<svg" in page
    assert "aspirin-alone" in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_files_are_for_their_owner_alone_and_stand_in_the_trail(demo, stricter, tmp_path):
    files = tmp_path / "changed.csv", tmp_path / "impact.html"

    invoke(demo, "impact", "--pack", stricter, "--list", files[0], "--html", files[1])

    assert [file.stat().st_mode & 0o777 for file in files] == [0o600, 0o600]
    with closing(opened(demo)) as store:
        (line,) = store.rows("SELECT * FROM audit_events WHERE action = 'pass exported'")
    assert (line["actor"], json.loads(line["detail"])["form"]) == ("command line", "csv, html")


def test_a_file_that_is_there_stays_as_it_is(demo, stricter, tmp_path):
    file = tmp_path / "changed.csv"
    file.write_text("mine", encoding="utf-8")

    done = invoke(demo, "impact", "--pack", stricter, "--list", file)

    assert done.exit_code != 0
    assert "it exists already" in done.output
    assert file.read_text(encoding="utf-8") == "mine"


def test_what_is_only_shown_as_counts_leaves_no_line(demo, stricter):
    invoke(demo, "impact", "--pack", stricter)

    with closing(opened(demo)) as store:
        assert not store.rows("SELECT * FROM audit_events WHERE action = 'pass exported'")


def test_those_of_no_concern_are_counted_apart(demo, stricter):
    done = invoke(demo, "impact", "--pack", stricter, "--format", "json")

    said = json.loads(done.stdout)
    apart = said["all"]["cases"] + said["no_concern"] + said["never_screened"]
    assert apart == said["looked_at"] == said["cases"]


def test_where_no_rule_does_less_nothing_is_said_of_less(demo, stricter):
    done = invoke(demo, "impact", "--pack", stricter)

    assert "By rule:" in done.output
    assert "less first" not in done.output


def test_the_list_may_be_printed(demo, stricter):
    done = invoke(demo, "impact", "--pack", stricter, "--list", "-")

    assert "response_id,group" in done.output


def test_json_has_all_of_it(demo, stricter):
    done = invoke(demo, "impact", "--pack", stricter, "--format", "json", "--sample", 1000)

    said = json.loads(done.stdout)
    assert said["all"]["cases"] == sum(one["cases"] for one in said["groups"].values())
    assert said["looked_at"] == said["cases"]
    assert [one["rule"] for one in said["rules"]] == ["aspirin-alone"]
    assert said["all"]["lower"] == 0
    assert len(said["list"]) == said["rules"][0]["more_serious"]


def test_a_pack_that_cannot_be_used_is_said_line_by_line(demo, stricter):
    rules = stricter / "rules" / "blood.yaml"
    rules.write_text(rules.read_text("utf-8").replace("level: stop", "level: fine", 1), "utf-8")

    done = invoke(demo, "impact", "--pack", stricter)

    assert done.exit_code == 2
    assert "rules/blood.yaml:" in done.output


def test_it_needs_a_clinic(data, stricter):
    assert invoke(data, "impact", "--pack", stricter).exit_code == 2
