"""`intake rules`: what is proved, counted, compared, printed, signed off and written."""

import json
import re
from datetime import date
from html.parser import HTMLParser

import pytest

from intake import packs
from intake.packs.generated import NAME as GENERATED
from intake.packs.signing import sign
from tests.packs.builders import edited, written

ON = ("--on", "2026-06-15")
V, R, S = "vignettes/all.yaml", "rules/all.yaml", "settings.yaml"
TOPICS = """\
topics:
  - group: Skin
    topics:
      - {id: C-HSV-A, title: Cold sores}
      - {id: C-OUT, title: Left out, left_out: Nobody can answer it.}
  - group: People
    topics:
      - {id: C-AGE, title: Age}
"""
CHOICE = """\
settings:
  sore_healed:
    value: 20 days
    who: Dr Ada Lead
    why: Our own series
    when: 2020-01-01
    until: 2099-01-01
"""

SORE = {"cold_sore_ever": "yes", "cold_sore_healed": "2026-06-05"}
VAGUE = {"said": 'so: "a", {b} # c', "earliest": "2026-06-01", "latest": "2026-06-10"}
CASES = {
    "a sore": ({}, SORE),
    "nothing": ({}, {}),
    "not sure": ({}, {"cold_sore_ever": "not_sure"}),
    "true": ({}, {"cold_sore_ever": True, "cold_sore_healed": "still"}),
    "another plan": ({"area": ["arms"], "device": "pen"}, SORE),
    "vague date": ({}, {**SORE, "cold_sore_healed": "about 3 weeks ago"}),
    "kept date": (
        {},
        {**SORE, "cold_sore_healed": {
            "said": 'so: "a", {b} # c', "earliest": "2026-06-01", "latest": "2026-06-10"}},
    ),
    "child": ({}, {"birth_date": "2012-02-29"}),
}  # fmt: skip


def spoil(folder, name, old, new):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def choices(tmp_path):
    """The file of what a clinic decided."""
    path = tmp_path / "our-choices.yaml"
    path.write_text(CHOICE, encoding="utf-8")
    return path


class Page(HTMLParser):
    """What a page is made of, and what it would fetch."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.fetched, self.links, self.ids, self.handlers = set(), [], [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.add(value)
            elif name == "href" and tag == "a":
                self.links.append(value)
            elif name in ("src", "href", "srcset", "data", "action", "poster"):
                self.fetched.append(value)
            elif name.startswith("on") or name == "style":
                self.handlers.append(name)


def assert_stands_by_itself(text):
    page = Page(text)
    assert text.startswith("<!DOCTYPE html>")
    assert not page.tags & {"script", "link", "iframe", "img", "object", "embed", "base", "form"}
    assert (page.fetched, page.handlers) == ([], [])
    assert "@import" not in text
    assert "url(" not in text
    assert all(link.startswith("#") for link in page.links)
    assert {link.removeprefix("#") for link in page.links} <= page.ids


class TestCheck:
    def test_says_ok_for_each_check_and_sizes(self, run):
        result = run("rules", "check", *ON)

        assert (result.exit_code, result.stdout) == (0, "")
        assert result.stderr.count("ok   ") >= 15
        assert "tiny 1.0.0" in result.stderr
        assert "2 rules, 3 questions on 3 pages, 6 vignettes" in result.stderr

    def test_as_text_names_every_point_and_how_each_rule_is_proved(self, run):
        result = run("rules", "check", *ON, "--report", "text")

        assert result.exit_code == 0
        for number in range(1, 10):
            assert f"\n{number}. " in result.stdout
        assert re.search(r"cold-sore: every one of \d+ cases", result.stdout)
        assert "no rule says that a patient may be treated" in result.stdout
        assert "Reviewed by a clinician: 0 of 2 rules" in result.stdout

    def test_as_json_can_be_read_by_a_machine(self, run):
        result = run("rules", "check", *ON, "--report", "json")

        report = json.loads(result.stdout)
        assert report["problems"] == 0
        assert report["on"] == "2026-06-15"
        assert report["counts"]["rules"] == 2
        assert [point["point"] for point in report["points"]] == list(range(1, 10))
        assert report["small_faults"]["with_an_effect"] == report["small_faults"]["made"] == 15
        assert {rule["rule"] for rule in report["rules"]} == {"cold-sore", "under-age"}

    def test_as_html_stands_by_itself(self, run):
        result = run("rules", "check", *ON, "--report", "html")

        assert result.exit_code == 0
        assert_stands_by_itself(result.stdout)

    def test_as_html_escapes_what_authors_write(self, run, tiny):
        spoil(tiny, R, "title: Under eighteen", "title: <script>alert(1)</script>")
        spoil(tiny, V, "triage: stop", "triage: review")
        spoil(tiny, "questionnaire.yaml", "Have you ever had", "<b>Have</b> you ever had")

        result = run("rules", "check", *ON, "--report", "html")

        assert "<script" not in result.stdout
        assert "<b>Have" not in result.stdout

    @pytest.mark.parametrize("form", ["text", "json", "html"])
    def test_reports_what_is_wrong_and_says_so_by_its_exit_code(self, run, tiny, form):
        spoil(tiny, V, "triage: stop", "triage: review")

        result = run("rules", "check", *ON, "--report", form)

        assert result.exit_code == 1
        assert "triage is stop, expected review" in result.stdout
        assert "WRONG vignettes hold" in result.stderr

    def test_does_not_print_a_problem_twice_beside_a_report(self, run, tiny):
        spoil(tiny, V, "triage: stop", "triage: review")

        result = run("rules", "check", *ON, "--report", "text")

        assert result.stdout.count("triage is stop, expected review") == 1

    def test_knows_no_other_form(self, run):
        assert run("rules", "check", "--report", "pdf").exit_code == 2

    @pytest.mark.parametrize("how", ["option", "environment"])
    def test_shows_what_the_clinic_chose(self, run, choices, how):
        args = ("--clinic", choices) if how == "option" else ()
        env = {} if how == "option" else {"INTAKE_CLINIC_FILE": str(choices)}

        result = run("rules", "check", *ON, *args, "--report", "json", **env)

        (choice,) = json.loads(result.stdout)["choices_of_the_clinic"]
        assert choice["about"] == "20 days instead of 14 days"
        assert (choice["who"], choice["counts"]) == ("Dr Ada Lead", True)
        assert result.exit_code == 0

    def test_refuses_a_choice_out_of_range(self, run, choices):
        spoil(choices.parent, choices.name, "20 days", "90 days")

        result = run("rules", "check", *ON, "--clinic", choices)

        assert result.exit_code == 1
        assert "our-choices.yaml:2: 90 days lies outside the range" in result.stdout

    def test_weighs_the_choices_for_the_day_it_is_about(self, run, choices):
        spoil(choices.parent, choices.name, "until: 2099-01-01", "until: 2026-01-01")
        spoil(
            choices.parent,
            choices.name,
            "settings:\n  sore_healed:\n    value: 20 days",
            "levels:\n  cold-sore:\n    level: review",
        )

        args = ("--on", "2025-06-15", "--clinic", choices, "--report", "json")
        report = json.loads(run("rules", "check", *args).stdout)

        assert report["choices_of_the_clinic"][0]["counts"] is True
        assert {rule["rule"]: rule["level"] for rule in report["rules"]}["cold-sore"] == "review"

    @pytest.mark.parametrize(("day", "triage"), [("2025-12-31", "review"), ("2026-01-01", "defer")])
    def test_so_does_the_screening_of_one_patient(self, run, choices, tmp_path, day, triage):
        spoil(choices.parent, choices.name, "until: 2099-01-01", "until: 2026-01-01")
        spoil(
            choices.parent,
            choices.name,
            "settings:\n  sore_healed:\n    value: 20 days",
            "levels:\n  cold-sore:\n    level: review",
        )
        answers = {"birth_date": "1988-03-12", "cold_sore_ever": "yes", "cold_sore_healed": "still"}
        case = {"answers": answers, "plan": {"area": ["face"], "device": "generic"}}

        result = run(
            "screen", "-", "--on", day, "--format", "json",
            given=json.dumps(case), INTAKE_CLINIC_FILE=str(choices),
        )  # fmt: skip

        assert json.loads(result.stdout)["triage"] == triage

    def test_holds_the_generated_cases_against_the_pack(self, run, tiny):
        run("rules", "boundaries", "--write")
        spoil(tiny, S, "default: 14 days", "default: 15 days")

        result = run("rules", "check", *ON)

        assert result.exit_code == 1
        assert "WRONG generated cases hold" in result.stderr

    @pytest.mark.parametrize("line", ["{}", "[]", "null", "", "nonsense", '{"rule": "cold-sore"}'])
    def test_names_the_line_of_a_generated_case_that_cannot_be_read(self, run, tiny, line):
        run("rules", "boundaries", "--write")
        path = tiny / GENERATED
        rows = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join([rows[0], line, *rows[1:]]) + "\n", encoding="utf-8")

        result = run("rules", "check", *ON)

        assert result.exit_code == 1
        assert f"{GENERATED}:2: this line cannot be read; write the cases anew" in result.stdout

    @pytest.mark.parametrize("content", [b"\xff\xfe\n", b"[" * 200_000], ids=["bytes", "deep"])
    def test_says_in_one_line_that_a_generated_case_is_no_text(self, run, tiny, content):
        (tiny / GENERATED).write_bytes(content)

        result = run("rules", "check", *ON)

        assert isinstance(result.exception, SystemExit)
        assert f"{GENERATED}:1: " in result.stdout

    def test_of_a_missing_clinic_file_is_bad_input(self, run, tmp_path):
        gone = tmp_path / "gone.yaml"

        by_option = run("rules", "check", "--clinic", gone)
        by_environment = run("rules", "check", INTAKE_CLINIC_FILE=str(gone))

        assert by_option.exit_code == by_environment.exit_code == 2
        assert by_environment.stderr == f"INTAKE_CLINIC_FILE is '{gone}'; there is no such file.\n"


class TestMutants:
    def test_lists_what_nothing_notices_with_the_patient_it_would_hit(self, run):
        result = run("rules", "mutants")

        assert result.exit_code == 1
        assert (
            "rules/all.yaml:2: cold-sore: without 'face_planned': noticed by nothing"
            in result.stdout
        )
        assert "differs on: plan.area: " in result.stdout
        assert "15 small faults, 0 of them without effect" in result.stderr
        assert "Written vignettes notice 13 of 15 (86.6 %)" in result.stderr

    def test_is_content_once_the_generated_cases_are_written(self, run):
        run("rules", "boundaries", "--write")

        result = run("rules", "mutants")

        assert (result.exit_code, result.stdout) == (0, "")
        assert "with generated cases 15 (100.0 %)" in result.stderr

    def test_lists_on_request_what_generated_cases_alone_notice(self, run):
        run("rules", "boundaries", "--write")

        result = run("rules", "mutants", "--all")

        assert result.exit_code == 0
        assert result.stdout.count("noticed by a generated case only") == 2

    def test_of_a_pack_that_cannot_be_used_is_bad_input(self, run, tiny):
        spoil(tiny, R, "level: defer", "level: wait")

        assert run("rules", "mutants").exit_code == 2


class TestBoundaries:
    def test_says_what_is_new_and_writes_nothing(self, run, tiny):
        result = run("rules", "boundaries")

        assert result.exit_code == 1
        assert result.stdout.startswith("new      cold-sore: ")
        assert not (tiny / GENERATED).exists()

    def test_writes_cases_that_are_then_up_to_date(self, run, tiny):
        made = run("rules", "boundaries", "--write")
        again = run("rules", "boundaries")

        assert made.exit_code == 0
        assert f"cases written to {tiny / GENERATED}" in made.stderr
        assert (again.exit_code, again.stdout) == (0, "")
        assert "0 new or changed, 0 gone" in again.stderr

    def test_writes_the_same_file_every_time(self, run, tiny):
        run("rules", "boundaries", "--write")
        before = (tiny / GENERATED).read_bytes()

        run("rules", "boundaries", "--write")

        assert (tiny / GENERATED).read_bytes() == before

    def test_leaves_the_pack_and_its_hash_alone(self, run, tiny):
        before = packs.hash_of(packs.texts_of(tiny))

        run("rules", "boundaries", "--write")

        assert packs.hash_of(packs.texts_of(tiny)) == before

    def test_says_what_changed_and_what_is_gone(self, run, tiny):
        run("rules", "boundaries", "--write")
        spoil(tiny, S, "default: 14 days", "default: 15 days")

        result = run("rules", "boundaries")

        assert result.exit_code == 1
        assert (
            "gone     cold-sore: cold_sore_healed within sore_healed: the last day of 14 days"
            in (result.stdout)
        )
        assert (
            "new      cold-sore: cold_sore_healed within sore_healed: the last day of 15 days"
            in (result.stdout)
        )

    def test_is_one_line_of_json_a_case(self, run, tiny):
        run("rules", "boundaries", "--write")

        rows = [json.loads(row) for row in (tiny / GENERATED).read_text("utf-8").splitlines()]

        keys = {"rule", "why", "truth", "effect", "earliest", "on", "plan", "answers"}
        assert rows
        assert all(set(row) == keys for row in rows)

    def test_is_about_the_pack_as_it_was_written(self, run, choices):
        run("rules", "boundaries", "--write")

        result = run("rules", "boundaries", INTAKE_CLINIC_FILE=str(choices))

        assert result.exit_code == 0


class TestVignettesBesideAClinic:
    """Vignettes are about the pack as its authors wrote it, whatever a clinic chose."""

    def test_hold_all_the_same(self, run, choices):
        assert run("rules", "test", INTAKE_CLINIC_FILE=str(choices)).exit_code == 0

    def test_are_written_for_the_pack_as_it_was_written(self, run, choices):
        said = json.dumps({"answers": {"cold_sore_ever": "yes", "cold_sore_healed": "2026-05-28"}})

        result = run(
            "rules", "new-vignette", "x", "-", "--title", "X", given=said,
            INTAKE_CLINIC_FILE=str(choices),
        )  # fmt: skip

        assert "triage: routine" in result.stdout


class TestCoverage:
    @pytest.fixture
    def topics(self, tiny):
        (tiny / "topics.yaml").write_text(TOPICS, encoding="utf-8")
        return tiny

    def test_prints_each_topic_with_what_takes_care_of_it(self, run, topics):
        result = run("rules", "coverage")

        assert result.exit_code == 0
        assert "Cold sores: rule cold-sore" in result.stdout
        assert "Left out: left out: Nobody can answer it." in result.stdout
        assert "3 topics: 2 covered, 1 left out for a reason, 0 without anything" in result.stderr

    def test_fails_on_a_gap_and_shows_it(self, run, topics):
        spoil(topics, R, "covers: [C-AGE]", "covers: [C-HSV-A]")

        result = run("rules", "coverage", "--gaps")

        assert result.exit_code == 1
        assert "C-AGE" in result.stdout
        assert "NOTHING COVERS IT" in result.stdout
        assert "Cold sores" not in result.stdout

    def test_without_gaps_shows_none(self, run, topics):
        result = run("rules", "coverage", "--gaps")

        assert (result.exit_code, result.stdout) == (0, "")

    def test_fails_on_a_topic_that_is_not_on_the_list(self, run, topics):
        spoil(topics, R, "covers: [C-AGE]", "covers: [C-AGE, C-ODD]")

        result = run("rules", "coverage")

        assert result.exit_code == 1
        assert "rule under-age covers 'C-ODD', which is no topic" in result.stderr


class TestCompare:
    @pytest.fixture
    def other(self, tmp_path):
        return written(tmp_path / "other", edited((S, "default: 14 days", "default: 15 days")))

    def test_says_what_changed(self, run, tiny, other):
        result = run("rules", "compare", tiny, other)

        assert result.exit_code == 1
        assert result.stdout.startswith("From tiny 1.0.0 (")
        assert "rule cold-sore\n  now also catches the patient who says: " in result.stdout
        assert result.stderr == "2 differences\n"

    def test_says_whose_sign_offs_came(self, run, tiny, tmp_path):
        other = written(tmp_path / "signed", packs.texts_of(tiny))
        word = {"by": "Dr Eve Else", "role": "dermatologist", "on": date(2026, 6, 15)}
        sign(other, packs.load(other, date(2026, 6, 15)), ["cold-sore"], **word)

        result = run("rules", "compare", tiny, other)

        assert result.exit_code == 1
        assert "sign-off of rule cold-sore\n  is new: reviewed by Dr Eve Else" in result.stdout

    def test_says_that_nothing_did(self, run, tiny):
        result = run("rules", "compare", tiny, tiny)

        assert (result.exit_code, result.stderr) == (0, "Nothing differs.\n")

    def test_takes_the_pack_of_the_settings_for_the_new_one(self, run, other):
        result = run("rules", "compare", other)

        assert "no longer catches" in result.stdout

    def test_of_a_broken_pack_is_bad_input(self, run, tiny, other):
        spoil(other, R, "level: defer", "level: wait")

        result = run("rules", "compare", tiny, other)

        assert result.exit_code == 2
        assert "rules/all.yaml:4: 'wait'" in result.stderr

    def test_of_nothing_is_bad_input(self, run):
        assert run("rules", "compare").exit_code == 2


class TestBook:
    def test_is_one_page_that_stands_by_itself(self, run, tmp_path):
        result = run("rules", "book", "--output", tmp_path / "book.html")

        text = (tmp_path / "book.html").read_text(encoding="utf-8")
        assert result.exit_code == 0
        assert f"Wrote {tmp_path / 'book.html'}: 2 rules" in result.stderr
        assert_stands_by_itself(text)

    def test_can_be_printed(self, run):
        result = run("rules", "book", "--output", "-")

        assert result.stdout.startswith("<!DOCTYPE html>")
        assert result.stderr == ""

    def test_lists_the_most_serious_rule_of_a_subject_first(self, run, tiny):
        text = run("rules", "book", "--output", "-").stdout

        rules = [text.index(f'id="rule-{name}"') for name in ("under-age", "cold-sore")]
        assert rules == sorted(rules)

    def test_has_a_sheet_to_sign_for_each_subject(self, run):
        text = run("rules", "book", "--output", "-").stdout

        assert "Sheet to sign: All" in text
        assert "Right as it stands" in text

    def test_takes_the_heading_of_a_subject_from_its_file(self, run, tiny):
        spoil(tiny, R, "rules:\n", "subject: Sores and age\nrules:\n")

        text = run("rules", "book", "--output", "-").stdout

        assert "Sores and age</h2>" in text

    def test_says_which_rules_a_clinic_may_do_without(self, run, tiny):
        rules = (tiny / R).read_text(encoding="utf-8")
        stricter = rules[rules.index("    stricter:") : rules.index("  - id: under-age")]
        spoil(tiny, R, stricter, "")
        spoil(tiny, R, "level: defer", "level: caution")

        text = run("rules", "book", "--output", "-").stdout

        assert text.count("switch it off, by its medical lead") == 1

    def test_holds_what_a_clinician_reads(self, run):
        text = run("rules", "book", "--output", "-").stdout

        for words in (
            "2 of 2 rules are not yet reviewed by a clinician.",
            "A cold sore, or one healed a short time ago",
            "cold_sore_healed within sore_healed",
            "When had it fully healed?",
            "The manual says so.",
            "14 days",
            "0 days to 28 days",
            "Manual of the pen, page 3.",
            "Wait until it has healed.",
        ):
            assert words in text

    def test_of_the_shipped_pack_stands_by_itself(self, run_shipped, shipped_pack):
        text = run_shipped("rules", "book", "--output", "-").stdout

        assert_stands_by_itself(text)
        assert all(f'id="rule-{rule.id}"' in text for rule in shipped_pack.rules)

    def test_escapes_what_authors_write(self, run, tiny):
        spoil(tiny, R, "meaning: A child.", "meaning: <script>alert(1)</script>")

        assert "<script" not in run("rules", "book", "--output", "-").stdout

    def test_shows_what_the_clinic_chose_and_who(self, run, choices):
        text = run("rules", "book", "--output", "-", INTAKE_CLINIC_FILE=str(choices)).stdout

        for words in (
            "20 days instead of 14 days",
            "Dr Ada Lead",
            "Our own series",
            "pack: 14 days",
        ):
            assert words in text

    def test_shows_a_choice_that_expired_as_such(self, run, choices):
        spoil(choices.parent, choices.name, "until: 2099-01-01", "until: 2021-01-01")

        text = run("rules", "book", "--output", "-", INTAKE_CLINIC_FILE=str(choices)).stdout

        assert "20 days instead of 14 days" in text
        assert "does not count" in text
        assert "pack: 14 days" not in text

    def test_into_a_folder_that_is_not_there_is_said_in_one_line(self, run, tmp_path):
        result = run("rules", "book", "--output", tmp_path / "none" / "book.html")

        assert result.exit_code == 2
        assert result.stderr.count("\n") == 1


class TestSignOff:
    def test_writes_who_when_and_what(self, run, tiny):
        result = run("rules", "sign-off", "cold-sore", "--by", "Dr O'Neil: A", "--role", "doctor")

        assert result.exit_code == 0
        assert f"1 rule signed off in {tiny / 'signoffs.yaml'}." in result.stdout
        shown = run("rules", "explain", "cold-sore").stdout
        assert "reviewed by Dr O'Neil: A (doctor) on " in shown

    def test_is_void_after_an_edit(self, run, tiny):
        run("rules", "sign-off", "cold-sore", "--by", "Dr A", "--role", "doctor")
        spoil(tiny, R, "The virus may spread.", "The virus spreads.")

        shown = run("rules", "explain", "cold-sore").stdout

        assert "not yet reviewed by a clinician since Dr A (doctor) on " in shown

    def test_of_an_unknown_rule_writes_nothing(self, run, tiny):
        result = run("rules", "sign-off", "cold-sore", "none", "--by", "A", "--role", "B")

        assert result.exit_code == 2
        assert result.stderr == (
            "There is no rule 'none'; check its spelling. Nothing was signed off.\n"
        )
        assert not (tiny / "signoffs.yaml").exists()

    @pytest.mark.parametrize(
        "args", [["cold-sore"], ["cold-sore", "--by", "A"], ["--by", "A", "--role", "B"]]
    )
    def test_needs_a_rule_a_name_and_a_role(self, run, args):
        assert run("rules", "sign-off", *args).exit_code == 2

    def test_leaves_the_pack_usable_and_counts_in_the_report(self, run):
        run("rules", "sign-off", "cold-sore", "under-age", "--by", "A", "--role", "B")

        report = json.loads(run("rules", "check", *ON, "--report", "json").stdout)

        assert report["counts"]["reviewed_rules"] == 2


class TestNewVignette:
    @pytest.fixture
    def write(self, run):
        """Write a vignette from answers."""

        def command(answers, *args, plan=None, title="A case", name="new-case"):
            said = json.dumps({"answers": answers, "plan": plan or {}})
            return run("rules", "new-vignette", name, "-", "--title", title, *args, given=said)

        return command

    def test_prints_what_differs_and_what_comes_out(self, write):
        result = write(SORE)

        assert result.exit_code == 0
        assert result.stdout == (
            "  - id: new-case\n"
            '    title: "A case"\n'
            "    answers:\n"
            "      cold_sore_ever: yes\n"
            "      cold_sore_healed: 2026-06-05\n"
            "    expect:\n"
            "      triage: defer\n"
            "      fires: [cold-sore]\n"
            "      earliest: 2026-06-19\n"
            "      exactly: yes\n"
        )

    def test_names_every_answer_that_cannot_be_read(self, write):
        result = write({"cold_sore_ever": "perhaps", "cold_sore_healed": "soon"})

        assert result.exit_code == 2
        assert result.stderr.count("cold_sore_ever: ") == 1
        assert result.stderr.count("cold_sore_healed: ") == 1

    @pytest.mark.parametrize(("plan", "answers"), CASES.values(), ids=CASES)
    def test_loads_again_and_holds(self, run, write, tiny, plan, answers):
        added = write(answers, "--into", tiny / V, plan=plan)

        tested = run("rules", "test")

        assert added.exit_code == 0
        assert f"Added to {tiny / V}." in added.stderr
        assert tested.exit_code == 0, tested.stdout
        assert "7 vignettes, 0 failed" in tested.stderr

    @pytest.mark.parametrize(
        "title", ['It\'s "quoted": # x', "{a}", "- a", "Žluťoučký", "no", "a\nb", "\\", "&a *b !c"]
    )
    def test_keeps_any_title(self, write, tiny, title):
        write(SORE, "--into", tiny / V, title=title)

        found = packs.load(tiny, date(2026, 6, 15)).vignettes[-1]

        assert found.title == title

    def test_makes_a_file_that_is_not_there(self, run, write, tiny):
        write(SORE, "--into", tiny / "vignettes" / "more.yaml")

        assert "7 vignettes, 0 failed" in run("rules", "test").stderr

    def test_adds_to_a_file_without_a_last_line_end(self, run, write, tiny):
        path = tiny / V
        path.write_text(path.read_text(encoding="utf-8").rstrip("\n"), encoding="utf-8")

        write(SORE, "--into", path)

        assert "7 vignettes, 0 failed" in run("rules", "test").stderr

    def test_says_on_which_day_if_that_is_not_the_base_s(self, run, write, tiny):
        result = write(SORE, "--on", "2026-06-30", "--into", tiny / V)

        assert result.exit_code == 0
        assert "    on: 2026-06-30\n" in (tiny / V).read_text(encoding="utf-8")
        assert "7 vignettes, 0 failed" in run("rules", "test").stderr

    def test_of_an_answer_as_the_base_patient_gives_it_says_nothing(self, write):
        result = write({"cold_sore_ever": "no"})

        assert "answers:" not in result.stdout

    @pytest.mark.parametrize("name", ["healthy", "Case", "a b", "-a", "a/b", "a\n", ""])
    def test_needs_an_id_of_its_own(self, write, name):
        result = write(SORE, name=name)

        assert result.exit_code == 2
        assert result.stdout == ""

    @pytest.mark.parametrize(
        "answers",
        [{"pregnant": "yes"}, {"cold_sore_ever": "maybe"}, {"cold_sore_healed": "soon"}],
        ids=["unknown question", "no option", "no date"],
    )
    def test_of_what_cannot_be_read_writes_nothing(self, write, tiny, answers):
        before = (tiny / V).read_bytes()

        result = write(answers, "--into", tiny / V)

        assert result.exit_code == 2
        assert (tiny / V).read_bytes() == before

    def test_without_a_base_patient_is_refused(self, run, write, tiny):
        for path in (tiny / "vignettes").iterdir():
            path.unlink()

        result = write(SORE)

        assert result.exit_code == 2
        assert "vignettes/base.yaml" in result.stderr

    def test_of_the_shipped_pack_loads_again(self, run_shipped, tmp_path, shipped_files):
        folder = written(tmp_path / "shipped", shipped_files)
        said = json.dumps(
            {"answers": {"medicines": [{"name": "warfarin", "status": "current", "dose": "5 mg"}]}}
        )

        run_shipped(
            "rules", "new-vignette", "thin", "-", "--title", "T", "--pack", folder,
            "--into", folder / "vignettes" / "new.yaml", given=said,
        )  # fmt: skip

        result = run_shipped("rules", "test", folder)
        assert result.exit_code == 0, result.stdout[-500:]
        assert "ok     thin: " in result.stdout

    @pytest.mark.parametrize(
        "answers",
        [{"cold_sore_ever": None}, {**SORE, "cold_sore_healed": {**VAGUE, "said": "a\x7fb"}}],
        ids=["null", "control character"],
    )
    def test_of_odd_answers_loads_again(self, run, write, tiny, answers):
        write(answers, "--into", tiny / V)

        assert run("rules", "test").exit_code == 0

    @pytest.mark.parametrize(
        "content",
        ["", "vignettes:\n- id: flush\n  title: F\n  expect: {triage: routine}\n"],
        ids=["none yet", "other indentation"],
    )
    def test_into_a_file_of_another_form_loads_again(self, run, write, tiny, content):
        path = tiny / "vignettes" / "ours.yaml"
        if content:
            path.write_text(content, encoding="utf-8")

        write(SORE, "--into", path)

        assert run("rules", "test").exit_code == 0

    @pytest.mark.parametrize("name", ["settings.yaml", "vignettes/base.yaml", "vignettes/x/y.yaml"])
    def test_into_anything_but_a_file_of_vignettes_is_refused(self, run, write, tiny, name):
        before = packs.texts_of(tiny)

        result = write(SORE, "--into", tiny / name)

        assert result.exit_code == 2
        assert result.stderr.startswith(f"{tiny / name} ")
        assert packs.texts_of(tiny) == before

    def test_says_which_answers_are_not_asked(self, write):
        result = write({"cold_sore_healed": "2026-06-05"})

        assert "cold_sore_healed is not asked with these answers" in result.stderr

    def test_without_a_title_is_refused(self, write):
        assert write(SORE, title=" ").exit_code == 2


class TestActivate:
    @pytest.mark.parametrize("how", ["option", "environment"])
    def test_keeps_what_the_clinic_chose_with_the_pack(self, run, clinic, choices, tiny, how):
        args = ("--clinic", choices) if how == "option" else ()
        env = {} if how == "option" else {"INTAKE_CLINIC_FILE": str(choices)}

        result = run("rules", "activate", *args, **env)

        pack = packs.load_texts(packs.texts_of(tiny, clinic=choices), date(2026, 6, 15))
        assert result.exit_code == 0
        assert f"{pack.label} is in force for new intakes." in result.stdout
        assert (
            "setting sore_healed: 20 days instead of 14 days (Dr Ada Lead, 2020-01-01 until"
            " 2099-01-01; counts): Our own series" in result.stdout
        )

    def test_names_a_choice_that_does_not_count(self, run, clinic, choices):
        spoil(choices.parent, choices.name, "until: 2099-01-01", "until: 2021-01-01")

        result = run("rules", "activate", "--clinic", choices)

        assert result.exit_code == 0
        assert "does not count today" in result.stdout

    @pytest.mark.parametrize(
        ("old", "new", "words"),
        [
            ("20 days", "90 days", "lies outside the range"),
            ("sore_healed", "sore_heeled", "there is no setting"),
            ("    why: Our own series\n", "", "'why' is missing"),
        ],
        ids=["range", "name", "why"],
    )
    def test_refuses_what_may_not_be_chosen(self, run, clinic, choices, old, new, words):
        spoil(choices.parent, choices.name, old, new)

        result = run("rules", "activate", "--clinic", choices)

        assert result.exit_code == 2
        assert "our-choices.yaml:2: " in result.stderr
        assert words in result.stderr

    def test_of_a_clinic_file_that_is_no_yaml_is_bad_input(self, run, clinic, tmp_path):
        path = tmp_path / "choices.txt"
        path.write_text(CHOICE, encoding="utf-8")

        result = run("rules", "activate", "--clinic", path)

        assert result.exit_code == 2
        assert "choices.txt:1: files of a pack end in .yaml; rename it" in result.stderr
