"""`intake medicines`: why each match was made, in words and as JSON."""

import json

import pytest

from tests.cli.conftest import invoke
from tests.packs.builders import edited, written

CLASSES = """\
classes:
  blood_thinner: Blood thinners
  weakens: Medicines that weaken immunity
  chemo: Chemotherapy
  capsules: Retinoid capsules
  creams: Retinoid creams
"""
ROWS = """\
medicines:
  - name: methotrexate
    classes: [weakens, chemo?]
    by_route:
      mouth: [weakens]
  - name: cancer medicine
    also: [chemo]
    classes: [chemo, any?]
  - name: isotretinoin
    also: [isotretinoin capsules]
    classes: [capsules]
    by_route:
      skin: [creams]
  - name: warfarin
    misspelt: [cumadin]
"""


@pytest.fixture
def run_more(data, tmp_path):
    """Run a command over the data folder, with a pack that knows some more medicines."""
    texts = edited(
        ("medicines.yaml", "classes:\n  blood_thinner: Blood thinners\n", CLASSES),
        ("medicines.yaml", "medicines:\n  - name: warfarin\n", ROWS),
    )
    rules = written(tmp_path / "more", texts)
    return lambda *args: invoke(data, *args, INTAKE_RULES=str(rules))


def said(run, *words):
    """What is printed for some words, in one line without needless spaces."""
    result = run("medicines", *words)
    assert result.exit_code == 0
    return " ".join(result.stdout.split())


class TestInWords:
    @pytest.mark.parametrize(
        ("words", "why"),
        [
            ("warfarin", '"warfarin" is its name.'),
            ("Coumadin 5 mg", '"coumadin" is known as Coumadin, a name or brand of it.'),
            ("cumadin", '"cumadin" is a listed misspelling of warfarin.'),
            ("warfarrin", '"warfarrin" is spelled much like warfarin. Ask which medicine it is.'),
        ],
    )
    def test_they_say_why_a_medicine_was_found(self, run_more, words, why):
        assert f"Why {why}" in said(run_more, words)

    def test_no_words_at_all_are_bad_input(self, run_more):
        result = run_more("medicines", " ")

        assert result.exit_code == 2
        assert "Write the words to look at" in result.stderr

    def test_they_say_what_it_counts_as_by_each_route(self, run_more):
        printed = said(run_more, "methotrexate")

        assert "Counts as how it is taken not said: Medicines that weaken immunity" in printed
        assert "it may also be, and only asking tells: Chemotherapy" in printed
        assert "by mouth: Medicines that weaken immunity" in printed
        assert "Cannot be ruled out: Chemotherapy." in printed

    def test_they_say_what_it_counts_as_by_the_route_that_was_said(self, run_more):
        printed = said(run_more, "--route", "skin", "isotretinoin")

        assert "Counts as on the skin: Retinoid creams" in printed
        assert "by mouth" not in printed
        assert "Every other class of medicine is ruled out." in printed

    def test_they_say_that_the_words_contradict_the_route(self, run_more):
        printed = said(run_more, "--route", "eye", "isotretinoin capsules")

        assert "Taken in the eye: the words name several medicines or another form" in printed

    def test_they_say_what_is_in_doubt(self, run):
        printed = said(run, "not on warfarin")

        assert '"not on" leaves open whether it is taken. Ask.' in printed
        assert (
            "For certain: no class of medicine. No class of medicine can be ruled out." in printed
        )

    def test_they_say_what_was_not_understood(self, run):
        printed = said(run, "never the blue pill")

        assert 'Not understood: "blue", "pill".' in printed
        assert "No medicine was found in these words. Ask which one it is." in printed
        assert '"never" rules nothing out.' in printed

    def test_they_say_that_no_rule_is_about_a_medicine(self, run):
        assert "Counts as no class; no rule is about it" in said(run, "paracetamol")

    def test_a_word_for_a_group_may_be_any_class(self, run_more):
        assert "only asking tells: any class" in said(run_more, "chemo")

    def test_control_characters_are_not_printed(self, run):
        assert "\x1b" not in run("medicines", "zz\x1b[31m").stdout


class TestAsJson:
    def test_are_recognised_by_their_brand(self, run):
        result = run("medicines", "Coumadin", "5", "mg", "--format", "json")

        found = json.loads(result.stdout)
        assert result.exit_code == 0
        assert found["words"] == "Coumadin 5 mg"
        assert [match["medicine"] for match in found["matches"]] == ["warfarin"]
        assert found["classes"] == {"met": ["blood_thinner"], "unknown": []}

    def test_that_nobody_knows_keep_every_class_unknown(self, run):
        found = json.loads(run("medicines", "qwertzuiop", "--format", "json").stdout)

        assert found["matches"] == []
        assert found["classes"] == {"met": [], "unknown": ["blood_thinner"]}

    def test_that_are_harmless_rule_a_class_out(self, run):
        found = json.loads(run("medicines", "paracetamol", "--format", "json").stdout)

        assert found["classes"] == {"met": [], "unknown": []}

    def test_depend_on_the_route_in_the_shipped_pack(self, run_shipped):
        by_mouth, on_skin = (
            json.loads(
                run_shipped(
                    "medicines", "isotretinoin", "--route", route, "--format", "json"
                ).stdout
            )
            for route in ("mouth", "skin")
        )

        assert "oral_retinoid" in by_mouth["classes"]["met"]
        assert "oral_retinoid" not in on_skin["classes"]["met"]

    @pytest.mark.parametrize("args", [[], ["warfarin", "--route", "ear"]])
    def test_without_a_name_or_by_no_route_are_bad_input(self, run, args):
        assert run("medicines", *args).exit_code == 2
