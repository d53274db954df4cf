"""`intake screen`: a set of answers in, a result out; what cannot be read never lowers it."""

import json
import subprocess
import sys

import pytest

from intake.cli.screening import NOTHING_FOUND

ANSWERS = {"birth_date": "1988-03-12", "cold_sore_ever": "no"}
PLAN = {"area": ["face"], "device": "generic"}
SERIOUS = ("stop", "review")


def text_of(answers=ANSWERS, plan=PLAN):
    return json.dumps({"answers": answers, "plan": plan})


@pytest.fixture
def screened(run):
    """Screen a text as of a fixed day; gives the result and what was printed as JSON."""

    def screen(text):
        result = run("screen", "-", "--on", "2026-06-15", "--format", "json", given=text)
        return result, json.loads(result.stdout)

    return screen


class TestResult:
    def test_of_a_healthy_patient_is_routine_and_still_wants_review(self, screened):
        result, found = screened(text_of())

        assert result.exit_code == 0
        assert (found["triage"], found["note"]) == ("routine", NOTHING_FOUND)

    def test_is_the_same_with_the_mark_that_some_systems_put_in_front(self, run, tmp_path):
        file = tmp_path / "answers.json"
        file.write_text(text_of(), encoding="utf-8-sig")

        assert run("screen", file, "--on", "2026-06-15").exit_code == 0

    def test_as_text_says_that_review_is_still_required(self, run):
        result = run("screen", "-", "--on", "2026-06-15", given=text_of())

        assert result.exit_code == 0
        assert "Triage: routine on 2026-06-15, tiny 1.0.0" in result.stdout
        assert NOTHING_FOUND in result.stdout
        assert "A named clinician decides" in result.stdout

    def test_has_one_shape(self, screened):
        sore = {**ANSWERS, "cold_sore_ever": "yes", "cold_sore_healed": "2026-06-02"}

        _, found = screened(text_of(sore))

        assert set(found) == {
            *(
                "triage",
                "note",
                "answered",
                "earliest_safe_date",
                "findings",
                "set_aside",
                "unknown_answers",
            ),
            *("problems", "answered", "on", "pack", "engine_version"),
        }
        assert set(found["pack"]) == {"name", "version", "hash"}
        assert (found["triage"], found["note"]) == ("defer", "")
        assert found["earliest_safe_date"] == "2026-06-16"
        (finding,) = found["findings"]
        assert (finding["rule"], finding["truth"], finding["level"]) == (
            "cold-sore",
            "met",
            "defer",
        )
        assert finding["reviewed"] == "not yet reviewed by a clinician"
        assert {answer["question"] for answer in finding["answers"]} >= {"cold_sore_healed"}

    def test_of_a_vignette_is_that_of_the_shipped_rules(self, run_shipped, vignettes):
        healthy = vignettes["healthy-woman"]
        text = text_of(dict(healthy.answers), dict(healthy.plan))

        result = run_shipped(
            "screen", "-", "--on", healthy.on.isoformat(), "--format", "json", given=text
        )

        assert result.exit_code == 0
        assert json.loads(result.stdout)["triage"] == healthy.expect.triage

    def test_comes_from_a_file_as_well(self, run, tmp_path):
        (tmp_path / "answers.json").write_text(text_of(), encoding="utf-8")

        result = run("screen", tmp_path / "answers.json", "--on", "2026-06-15")

        assert result.stdout.startswith("Triage: routine")

    def test_depends_on_the_day(self, run):
        text = text_of({**ANSWERS, "birth_date": "2008-06-16"})

        found = [
            json.loads(run("screen", "-", "--on", day, "--format", "json", given=text).stdout)
            for day in ("2026-06-15", "2026-06-16")
        ]

        assert [one["triage"] for one in found] == ["stop", "routine"]

    def test_names_a_question_that_was_not_asked(self, run):
        text = text_of({**ANSWERS, "cold_sore_healed": "2026-06-14"})

        result = run("screen", "-", "--on", "2026-06-15", given=text)

        assert "Not asked, so not screened: cold_sore_healed" in result.stdout

    def test_comes_from_the_pack_that_is_named(self, run, tiny, tmp_path):
        result = run(
            "screen", "-", "--pack", tiny, given=text_of(), INTAKE_RULES=str(tmp_path / "none")
        )

        assert "tiny 1.0.0" in result.stdout


class TestUnknown:
    @pytest.mark.parametrize(
        "text",
        ["{}", '{"answers": {}}', text_of({}), '{"answers": {"cold_sore_ever": null}}'],
        ids=["nothing", "no answers", "only a plan", "null"],
    )
    def test_what_is_left_out_is_never_taken_for_no(self, screened, text):
        result, found = screened(text)

        assert result.exit_code == 0
        assert found["triage"] == "review"
        assert found["unknown_answers"] > 0

    @pytest.mark.parametrize("said", ["no", False], ids=["text", "false"])
    def test_no_stays_no(self, screened, said):
        _, found = screened(text_of({**ANSWERS, "cold_sore_ever": said}))

        assert found["triage"] == "routine"

    @pytest.mark.parametrize("said", ["not_sure", "withheld"])
    def test_unsure_goes_to_review(self, screened, said):
        _, found = screened(text_of({**ANSWERS, "cold_sore_ever": said}))

        assert found["triage"] == "review"

    @pytest.mark.parametrize(
        ("answers", "plan", "question"),
        [
            ({**ANSWERS, "pregnant": "yes"}, PLAN, "pregnant"),
            (ANSWERS, {**PLAN, "depth": 3}, "plan.depth"),
            ({**ANSWERS, "cold_sore_ever": "NO"}, PLAN, "cold_sore_ever"),
            ({**ANSWERS, "cold_sore_ever": 0}, PLAN, "cold_sore_ever"),
            ({**ANSWERS, "cold_sore_ever": ["no"]}, PLAN, "cold_sore_ever"),
            ({**ANSWERS, "cold_sore_ever": {"no": "no"}}, PLAN, "cold_sore_ever"),
            ({**ANSWERS, "birth_date": "2030-01-01"}, PLAN, "birth_date"),
            ({**ANSWERS, "birth_date": "0000-00-00"}, PLAN, "birth_date"),
            (
                {**ANSWERS, "cold_sore_ever": "yes", "cold_sore_healed": "2026-06-16"},
                PLAN,
                "cold_sore_healed",
            ),
            ({**ANSWERS, "cold_sore_healed": "2027-01-01"}, PLAN, "cold_sore_healed"),
            (ANSWERS, {**PLAN, "area": ["moon"]}, "plan.area"),
        ],
        ids=["unknown question", "unknown plan field", "capitals", "number", "list", "object",
             "future birth", "no such day", "future date", "future date not asked for",
             "unknown area"],
    )  # fmt: skip
    def test_what_cannot_be_read_is_named_and_at_least_reviewed(
        self, screened, answers, plan, question
    ):
        result, found = screened(text_of(answers, plan))

        assert result.exit_code == 2
        assert [problem["question"] for problem in found["problems"]] == [question]
        assert f"{question}: " in result.stderr
        assert found["triage"] in SERIOUS

    def test_a_name_that_cannot_be_printed_is_bad_input(self, run):
        result = run("screen", "-", "--format", "json", given='{"answers": {"\\ud800": "yes"}}')

        assert result.exit_code == 2


class TestRefused:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", "not JSON"),
            ("cold_sore_ever: no", "not JSON"),
            ('{"answers": {"cold_sore_ever": "yes", "cold_sore_ever": "no"}}', "stands twice"),
            ('{"answers": {}, "answers": {}}', "'answers' stands twice"),
            ('{"answers": {"a": NaN}}', "NaN is no number of JSON"),
            ('{"answers": {"a": -Infinity}}', "-Infinity is no number of JSON"),
            ("[" * 50_000, "not JSON"),
            (f'{{"answers": {"[" * 50_000}', "not JSON"),
            (f'{{"answers": {{"birth_date": {"9" * 5000}}}}}', "more than 1000 digits"),
            ('{"answers": {}}{"answers": {}}', "not JSON"),
            ("NaN", "NaN is no number of JSON"),
            ("null", "Write an object"),
            ("[]", "Write an object"),
            ('"answers"', "Write an object"),
            ('{"answer": {}}', "Write an object"),
            (json.dumps(ANSWERS), "Write an object"),
            ('{"answers": [], "plan": {}}', '"answers" and "plan" are objects'),
            ('{"answers": {}, "plan": null}', '"answers" and "plan" are objects'),
            ('{"answers": NaN}', "NaN is no number of JSON"),
            (f'{{"answers": {{"birth_date": "{"9" * 1_000_000}"}}}}', "too large"),
        ],
        ids=["empty", "YAML", "duplicate", "duplicate at the top", "NaN inside",
             "Infinity", "deep", "deep inside", "digits",
             "two objects", "NaN", "null", "list", "text", "misspelt", "answers alone",
             "answers a list", "plan null", "answers NaN", "large"],
    )  # fmt: skip
    def test_is_what_is_no_set_of_answers(self, run, text, words):
        result = run("screen", "-", given=text)

        assert result.exit_code == 2
        assert result.stdout == ""
        assert words in result.stderr
        assert result.stderr.count("\n") == 1

    def test_is_a_file_that_is_not_utf_8(self, run, tmp_path):
        (tmp_path / "a.json").write_bytes(b"\xff{}")

        result = run("screen", tmp_path / "a.json")

        assert result.exit_code == 2
        assert "This is not JSON that can be read" in result.stderr

    @pytest.mark.parametrize("day", ["15.6.2026", "2026-06-31", "tomorrow", ""])
    def test_is_a_day_that_is_no_date(self, run, day):
        result = run("screen", "-", "--on", day, given=text_of())

        assert result.exit_code == 2
        assert "write it as 2026-11-21" in result.stderr

    def test_is_a_file_that_is_not_there(self, run, tmp_path):
        assert run("screen", tmp_path / "none.json").exit_code == 2

    def test_is_everything_while_the_pack_is_broken(self, run, tiny):
        (tiny / "labels.yaml").unlink()

        result = run("screen", "-", given=text_of())

        assert result.exit_code == 2
        assert "labels.yaml:1: the file is missing" in result.stderr


def test_brings_nothing_along_that_serves_pages_or_signs_people_in(tiny):
    told = "import sys, intake.cli\ntry: intake.cli.main()\nfinally: print(*sys.modules)"

    result = subprocess.run(
        [sys.executable, "-c", told, "screen", "-", "--pack", str(tiny)],
        input=text_of(), capture_output=True, text=True, check=True,
    )  # fmt: skip

    brought = set(result.stdout.splitlines()[-1].split())
    assert "intake.core.screening" in brought
    assert not brought & {"flask", "jinja2", "argon2", "webauthn", "psycopg", "weasyprint", "babel"}
