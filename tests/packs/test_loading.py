"""A pack that is whole: what is in it, its content hash, gates, labels."""

import pytest

from intake import packs
from intake.core.rules import Level
from intake.core.sentences import Is
from intake.packs import sentences
from tests.conftest import TODAY
from tests.packs.builders import QUESTIONNAIRE, RULES, TINY, edited, line_of, problems_in, written

Q, R = "questionnaire.yaml", "rules/all.yaml"

NEIGHBOUR = """\
          - id: cold_sore_now
            ask: Do you have one now?
            type: yes_no
            enable_when: GATE
"""

LATER = """\
  sore_ever:
    title: A cold sore before
    when: cold_sore_ever is yes
"""
"""A condition about a question of a later page than the first."""


class TestFolder:
    def test_gives_the_same_pack_as_its_texts(self, tmp_path):
        assert packs.load(written(tmp_path, TINY), TODAY) == packs.load_texts(TINY, TODAY)

    def test_gives_its_texts_back(self, tmp_path):
        assert packs.texts_of(written(tmp_path, TINY)) == TINY

    def test_saved_with_the_line_ends_of_windows_is_the_same_pack(self, tmp_path):
        windows = {name: text.replace("\n", "\r\n") for name, text in TINY.items()}

        assert packs.load(written(tmp_path, windows), TODAY) == packs.load_texts(TINY, TODAY)

    def test_may_hold_other_things_than_yaml(self, tmp_path):
        folder = written(tmp_path, {**TINY, "README.md": "About it.\n"})

        assert packs.load(folder, TODAY) == packs.load_texts(TINY, TODAY)


class TestHash:
    def test_is_that_of_the_pack(self):
        assert packs.load_texts(TINY, TODAY).hash == packs.hash_of(TINY)

    def test_is_the_same_in_any_order_of_files(self):
        assert packs.hash_of(dict(reversed(TINY.items()))) == packs.hash_of(TINY)

    @pytest.mark.parametrize("name", TINY)
    def test_changes_with_each_file(self, name):
        changed = {**TINY, name: TINY[name] + "# a remark\n"}

        assert packs.load_texts(changed, TODAY).hash != packs.load_texts(TINY, TODAY).hash

    def test_changes_with_a_new_name_of_a_file(self):
        moved = {name.replace("rules/all", "rules/more"): text for name, text in TINY.items()}

        assert packs.hash_of(moved) != packs.hash_of(TINY)

    def test_changes_when_text_moves_from_one_file_to_the_next(self):
        assert packs.hash_of({"a": "xy", "b": "z"}) != packs.hash_of({"a": "x", "b": "yz"})


class TestContents:
    def test_rules_know_their_place(self):
        pack = packs.load_texts(TINY, TODAY)

        place = f"{R}:{line_of(RULES, '- id: under-age')}"
        assert pack.rules_by_id["under-age"].where == place

    def test_rules_keep_everything_that_is_said_of_them(self):
        rule = packs.load_texts(TINY, TODAY).rules_by_id["under-age"]

        assert (rule.level, rule.floor, rule.covers) == (Level.STOP, True, ("C-AGE",))
        assert (rule.basis, rule.reviewer, str(rule.review_by)) == (
            ("local policy",),
            "dermatologist",
            "2027-06-15",
        )

    def test_questions_of_a_private_page_are_private(self):
        items = packs.load_texts(TINY, TODAY).questionnaire.items

        assert [item.private for item in items.values()] == [False, False, True]

    def test_vignettes_are_laid_over_the_base_patient(self):
        child = packs.load_texts(TINY, TODAY).vignettes[2]

        assert child.answers == {"birth_date": "2011-01-01", "cold_sore_ever": "no"}
        assert child.plan == {"area": ["face"], "device": "generic"}

    def test_a_vignette_may_take_an_answer_away(self):
        texts = edited(("vignettes/all.yaml", "cold_sore_ever: yes", "cold_sore_ever: ~"))

        vignette = packs.load_texts(texts, TODAY).vignettes[1]

        assert "cold_sore_ever" not in vignette.answers

    def test_country_marks_are_no_part_of_a_brand(self):
        medicine = packs.load_texts(TINY, TODAY).vocabulary.medicines[0]

        assert medicine.brands == ("Coumadin",)

    def test_other_brackets_stay(self):
        texts = edited(("medicines.yaml", "(US UK)", "(tablets)"))

        assert packs.load_texts(texts, TODAY).vocabulary.medicines[0].brands == (
            "Coumadin (tablets)",
        )


class TestGates:
    def test_may_look_at_an_earlier_page(self):
        pack = packs.load_texts(TINY, TODAY)

        assert isinstance(pack.gates["cold_sore_healed"], Is)

    @pytest.mark.parametrize(
        "gate", ["plan.area includes face", "face_planned", "{not: {all: [face_planned]}}"]
    )
    def test_may_look_at_the_plan_and_at_named_conditions(self, gate):
        texts = edited((Q, "enable_when: cold_sore_ever is yes", f"enable_when: {gate}"))

        assert "cold_sore_healed" in packs.load_texts(texts, TODAY).gates

    @pytest.mark.parametrize(
        "gate",
        [
            "cold_sore_healed is still",
            "cold_sore_now is yes",
            "cold_sore_ever is yes",
            "sore_named",
        ],
        ids=["a later page", "itself", "a neighbour on the page", "a condition of a later page"],
    )
    def test_may_not_look_at_what_is_not_known_yet(self, gate):
        before = "      - id: healing"
        texts = edited((Q, before, NEIGHBOUR.replace("GATE", gate) + before))
        texts["conditions.yaml"] += (
            "  sore_named:\n    title: Sore\n    when: cold_sore_healed is still\n"
        )

        problems = problems_in(texts)

        line = line_of(QUESTIONNAIRE, before) + 3
        assert [p for p in problems if p.startswith(f"{Q}:{line}: there is no ")], problems

    def test_of_two_neighbours_that_look_at_each_other_are_both_refused(self):
        one = NEIGHBOUR.replace("GATE", "cold_sore_then is yes")
        two = NEIGHBOUR.replace("cold_sore_now", "cold_sore_then")
        before = "      - id: healing"
        texts = edited((Q, before, one + two.replace("GATE", "cold_sore_now is yes") + before))

        problems = problems_in(texts)

        assert len([p for p in problems if "up to here" in p]) == 2

    def test_of_a_plan_field_may_not_look_at_a_question(self):
        texts = edited(
            ("pack.yaml", "type: choices", "type: choices\n    enable_when: cold_sore_ever is yes")
        )

        problems = problems_in(texts)

        assert "pack.yaml:9: there is no question 'cold_sore_ever' up to here" in problems[0]


class TestConditions:
    def test_may_use_one_that_stands_before(self):
        texts = dict(TINY)
        texts["conditions.yaml"] += "  again:\n    title: Again\n    when: {not: face_planned}\n"

        assert list(packs.load_texts(texts, TODAY).conditions) == ["face_planned", "again"]

    @pytest.mark.parametrize("other", ["later", "again"], ids=["one that stands after", "itself"])
    def test_may_not_use(self, other):
        texts = dict(TINY)
        texts["conditions.yaml"] += (
            f"  again:\n    title: Again\n    when: {other}\n"
            "  later:\n    title: Later\n    when: again\n"
        )

        problems = problems_in(texts)

        assert any(
            p.startswith(f"conditions.yaml:7: there is no condition named '{other}'")
            for p in problems
        )

    def test_are_not_searched_for_names_that_look_alike_while_questions_are_still_to_come(
        self, monkeypatch
    ):
        asked = []
        monkeypatch.setattr(sentences, "near", lambda name, _: asked.append(name) or "")

        packs.load_texts({**TINY, "conditions.yaml": TINY["conditions.yaml"] + LATER}, TODAY)

        assert not asked


class TestLabels:
    LEVELS = ("stop", "review", "defer", "caution")

    @pytest.mark.parametrize("level", LEVELS)
    @pytest.mark.parametrize("label", LEVELS)
    def test_only_make_a_rule_stricter(self, level, label):
        texts = edited(
            (R, "level: stop", f"level: {label}"), (R, "level: defer", f"level: {level}")
        )
        is_stricter = self.LEVELS.index(label) < self.LEVELS.index(level)

        if is_stricter:
            found = packs.load_texts(texts, TODAY).rules_by_id["cold-sore"].stricter
            assert found[0][0].level == label
        else:
            problems = problems_in(texts)
            line = line_of(RULES, "- label: pen")
            assert problems == (
                f"{R}:{line}: a label may only make a rule stricter than '{level}'",
            )
