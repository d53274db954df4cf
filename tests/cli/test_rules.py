"""`intake rules`: check, test, explain, activate."""

import pytest

from intake.actions.rule_packs import hash_in_force
from intake.cli.surroundings import prepare
from intake.packs import hash_of, texts_of
from intake.settings import Settings
from tests.cli.conftest import opened


def in_force(data):
    store = opened(data)
    try:
        return hash_in_force(store)
    finally:
        store.close()


def spoil(folder, name, old, new):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


class TestCheck:
    """The shipped pack itself is checked by `make check`, which takes a minute and a half."""

    def test_of_a_broken_pack_prints_every_place(self, run, tiny):
        spoil(tiny, "rules/all.yaml", "level: defer", "level: wait")
        spoil(tiny, "sources.yaml", "read: yes", "read: maybe")

        result = run("rules", "check", tiny)

        assert result.exit_code == 1
        assert "rules/all.yaml:4: 'wait' cannot stand for level" in result.stdout
        assert "sources.yaml:5: 'maybe' cannot stand for read" in result.stdout

    def test_of_a_pack_that_loads_prints_what_the_checks_find(self, run, tiny):
        spoil(tiny, "vignettes/all.yaml", "triage: stop", "triage: review")

        result = run("rules", "check", "--on", "2026-06-15")

        assert result.exit_code == 1
        assert "'child': triage is stop, expected review" in result.stdout
        assert "WRONG vignettes hold" in result.stderr

    @pytest.mark.parametrize(("day", "code"), [("2027-06-14", 0), ("2027-06-15", 1)])
    def test_is_as_of_a_day(self, run, day, code):
        assert run("rules", "check", "--on", day).exit_code == code

    def test_of_a_folder_that_is_not_there_is_bad_input(self, run, tmp_path):
        assert run("rules", "check", tmp_path / "none").exit_code == 2


class TestTest:
    def test_runs_the_vignettes_of_the_shipped_pack(self, run_shipped, shipped_pack):
        result = run_shipped("rules", "test")

        assert result.exit_code == 0
        assert f"{len(shipped_pack.vignettes)} vignettes, 0 failed" in result.stderr

    def test_names_each_that_fails(self, run, tiny):
        spoil(tiny, "vignettes/all.yaml", "earliest: 2026-06-16", "earliest: 2026-06-20")

        result = run("rules", "test", tiny)

        assert result.exit_code == 1
        assert "FAILED thirteen-days: defer" in result.stdout
        assert "vignettes/all.yaml:8: earliest safe date is 2026-06-16" in result.stdout
        assert "6 vignettes, 1 failed" in result.stderr

    def test_shows_what_the_answers_made_of_a_rule_that_is_not_as_expected(self, run, tiny):
        spoil(tiny, "vignettes/all.yaml", "fires: [under-age]", "fires: [under-age, cold-sore]")

        result = run("rules", "test", tiny)

        assert ": cold-sore is not met\n       cold-sore\n         " in result.stdout
        assert "<- No" in result.stdout


class TestExplain:
    def test_prints_a_rule_in_full_with_a_patient_who_meets_it(self, run):
        result = run("rules", "explain", "cold-sore")

        assert result.exit_code == 0
        for words in (
            "cold-sore: A cold sore, or one healed a short time ago",
            "rules/all.yaml:2 in tiny 1.0.0",
            "not yet reviewed by a clinician; to be reviewed by 2027-06-15",
            "- cold_sore_healed within sore_healed",
            "setting   sore_healed = 14 days",
            "label     pen: stop, because The manual says so.",
            "Manual of the pen, page 3.",
            "met by    thirteen-days: Healed thirteen days ago",
            "yes cold_sore_healed within sore_healed  <- 2 June 2026",
        ):
            assert words in result.stdout

    def test_knows_the_rules_of_the_shipped_pack(self, run_shipped, shipped_pack):
        rule = shipped_pack.rules[0]

        result = run_shipped("rules", "explain", rule.id)

        assert result.exit_code == 0
        assert result.stdout.startswith(f"{rule.id}: {rule.title}")

    def test_of_a_rule_that_is_not_there_names_some_like_it(self, run):
        result = run("rules", "explain", "cold-soar")

        assert result.exit_code == 2
        assert result.stderr == "There is no rule 'cold-soar'; similar: cold-sore.\n"


class TestActivate:
    def test_puts_a_pack_in_force(self, run, clinic, tiny):
        spoil(tiny, "pack.yaml", "version: 1.0.0", "version: 1.1.0")

        result = run("rules", "activate", tiny)

        assert result.exit_code == 0
        assert "tiny 1.1.0" in result.stdout
        assert in_force(clinic) == hash_of(texts_of(tiny))

    def test_of_a_broken_pack_leaves_the_old_one_in_force(self, run, clinic, tiny):
        before = in_force(clinic)
        spoil(tiny, "rules/all.yaml", "level: defer", "level: wait")

        result = run("rules", "activate", tiny)

        assert result.exit_code == 2
        assert "rules/all.yaml:4: 'wait'" in result.stderr
        assert in_force(clinic) == before

    def test_without_a_clinic_makes_none(self, run, data):
        result = run("rules", "activate")

        assert result.exit_code == 2
        assert "There is no database" in result.stderr
        assert not data.exists()

    def test_back_to_an_older_pack_is_possible(self, run, clinic, tiny):
        before = in_force(clinic)
        spoil(tiny, "pack.yaml", "version: 1.0.0", "version: 1.1.0")
        run("rules", "activate", tiny)
        spoil(tiny, "pack.yaml", "version: 1.1.0", "version: 1.0.0")

        run("rules", "activate", tiny)

        assert in_force(clinic) == before

    def test_of_files_that_changed_is_left_to_the_operator(self, run, clinic, tiny):
        before = in_force(clinic)
        spoil(tiny, "pack.yaml", "version: 1.0.0", "version: 1.1.0")

        notes = prepare(Settings(clinic, tiny, "Clinic", None, "127.0.0.1", 8000))

        assert any("change nothing until you run 'intake rules activate'" in n for n in notes)
        assert in_force(clinic) == before
