"""Every fault of a pack is said as `file:line: what is wrong, what is allowed`, all at once."""

import re

import pytest

from intake import packs
from intake.core.errors import PackError
from tests.conftest import TODAY
from tests.packs.builders import (
    BASE,
    PACK,
    QUESTIONNAIRE,
    RULES,
    TINY,
    VIGNETTES,
    edited,
    line_of,
    problems_in,
    written,
)

Q, R, V, P = "questionnaire.yaml", "rules/all.yaml", "vignettes/all.yaml", "pack.yaml"

SHAPE_FAULTS = {
    "unknown key of a rule": (R, "    floor:", "    flor:", "flor", "'flor' is not a key here"),
    "unknown key of a page": (
        Q,
        "private: yes",
        "privat: yes",
        "privat",
        "allowed are covers, id, items",
    ),
    "unknown key of a pack": (P, "title:", "titel:", "titel", "'titel' is not a key here"),
    "missing key": (R, "    meaning: A child.\n", "", "- id: under-age", "'meaning' is missing"),
    "unknown level": (R, "level: defer", "level: wait", "level: wait", "allowed are 'stop'"),
    "unknown basis": (R, "[label]", "[hearsay]", "[hearsay]", "'hearsay' cannot stand"),
    "unknown type": (Q, "type: yes_no", "type: bool", "type: bool", "'bool' cannot stand for type"),
    "unknown triage": (V, "triage: stop", "triage: safe", "triage: safe", "allowed are 'stop'"),
    "unknown reviewer": (R, "reviewer: d", "reviewer: x", "reviewer: x", "allowed are"),
    "neither yes nor no": (Q, "private: yes", "private: true", "private: true", "'yes' or 'no'"),
    "id in capitals": (R, "id: under-age", "id: Under", "id: Under", "'Under' is not an id"),
    "text left out": (P, "title: Tiny pack", "title:", "title:", "'title' needs a text"),
    "list left out": (R, "covers: [C-AGE]", "covers:", "covers:\n", "'covers' needs a list"),
    "list for a text": (
        R,
        "title: Under eighteen",
        "title: [U]",
        "title: [U]",
        "'title' needs a text",
    ),
    "list for a mapping": (V, "expect:", "expect: []\n    was:", "expect: []", "'expect' needs"),
    "empty basis": (R, "[label]", "[]", "basis: []", "'basis' is empty"),
    "unknown date word": (Q, "{still:", "{soon:", "{soon:", "'never' or 'still'"),
    "unknown route": (
        "medicines.yaml",
        "classes: []",
        "classes: []\n    by_route: {nose: []}",
        "nose",
        "'nasal'",
    ),
}

NAME_FAULTS = {
    "source of a rule": (R, "sources: [pen", "sources: [pin", "[pin", "no source 'pin-manual'"),
    "source of a label": ("labels.yaml", "[pen-", "[pin-", "  pen:", "no source 'pin-manual'"),
    "label": (R, "label: pen", "label: pin", "label: pin", "labels are pen"),
    "class of a medicine": (
        "medicines.yaml",
        "[blood_thinner]",
        "[blood_thiner]",
        "- name: warfarin",
        "no class 'blood_thiner'",
    ),
    "answer of a vignette": (V, "birth_date", "birthday", "- id: child", "no question 'birthday'"),
    "plan of a vignette": (
        V,
        "    answers:\n      birth",
        "    plan: {aera: [face]}\n    answers:\n      birth",
        "- id: child",
        "fields are area, device",
    ),
    "plan of the base patient": ("vignettes/base.yaml", "device", "devise", "plan:", "devise"),
    "answer of the base patient": ("vignettes/base.yaml", "_ever", "_evr", "_evr", "_evr"),
    "harmless answer": (P, "[arms]", "[legs]", "- id: area", "options are face, arms"),
}

VALUE_FAULTS = {
    "rule id taken": (R, "id: under-age", "id: cold-sore", "", "taken by rules/all.yaml:2"),
    "question id taken": (Q, "id: cold_sore_ever", "id: birth_date", "", "two questions"),
    "page id taken": (Q, "id: healing", "id: birth", "", "two pages 'birth'"),
    "vignette id taken": (V, "id: child", "id: healthy", "", "two vignettes 'healthy'"),
    "option twice": (P, "- arms:", "- face:", "- id: area", "offers an answer twice"),
    "option in capitals": (P, "- arms:", "- Arms:", "- id: area", "'Arms' is not a code"),
    "option like a formula": (P, "- arms:", "- =arms:", "- id: area", "'=arms' is not a code"),
    "option not_sure": (P, "- arms:", "- not_sure:", "- id: area", "'not_sure' is added by itself"),
    "option withheld": (P, "- arms:", "- withheld:", "- id: area", "'withheld' is added by itself"),
    "none not last": (P, "- face:", "- none: No\n      - face:", "- id: area", "'none' comes last"),
    "choice without options": (Q, "type: yes_no", "type: choice", "- id: cold_sore_ever", "offers"),
    "name of two medicines": (
        "medicines.yaml",
        "name: paracetamol",
        "name: coumadin",
        "name: coumadin",
        "already stands for warfarin",
    ),
    "review date": (R, "2027-06-15", "next year", "next year", "write it as 2027-11-21"),
    "effective date": (P, "2026-01-01", "soon", "soon", "'soon' is not a date"),
    "vignette date": (
        V,
        "title: Fif",
        "on: 2026-02-30\n    title: Fif",
        "on: 2026-02-30",
        "2026-02",
    ),
    "base patient's date": ("vignettes/base.yaml", "06-15", "06-31", "06-31", "2026-06-31"),
    "setting": ("settings.yaml", "14 days", "a fortnight", "sore_healed", "neither a window"),
    "setting that is no number": ("settings.yaml", "14 days", "nan", "sore_healed", "nan"),
    "minimum": (P, "type: choices", "type: choices\n    min: low", "- id: area", "not a number"),
    "minimum nan": (P, "type: choices", "type: choices\n    min: nan", "- id: area", "nan"),
    "decimals": (P, "type: choices", "type: choices\n    decimals: two", "- id: area", "two"),
    "decimals above": (P, "type: choices", "type: choices\n    decimals: ²", "- id: area", "²"),
    "empty lookalikes": (
        "medicines.yaml",
        "medicines:",
        "lookalikes: [[]]\nmedicines:",
        "lookalikes",
        "it needs at least one entry",
    ),
    "label of the same level": (R, "level: stop", "level: defer", "- label", "only make a rule st"),
    "label of a milder level": (R, "level: stop", "level: caution", "- label", "only make a rule"),
}

FAULTS = {**SHAPE_FAULTS, **NAME_FAULTS, **VALUE_FAULTS}


def marked(text: str, mark: str, new: str) -> int:
    """Return the line of *mark*; without one, the last line that holds the first line of *new*."""
    if mark:
        return line_of(text, mark)
    return text[: text.rindex(new.splitlines()[0])].count("\n") + 1


class TestPlaces:
    @pytest.mark.parametrize(("name", "old", "new", "mark", "words"), FAULTS.values(), ids=FAULTS)
    def test_a_fault_is_said_with_its_file_and_line(self, name, old, new, mark, words):
        texts = edited((name, old, new))
        place = f"{name}:{marked(texts[name], mark, new)}: "

        problems = problems_in(texts)

        assert [p for p in problems if p.startswith(place) and words in p], problems
        assert all(re.match(r"[\w./-]+:\d+: \S", problem) for problem in problems)

    def test_a_label_of_a_device_nobody_can_plan_is_refused(self):
        texts = edited((P, "- pen: The pen", "- pan: The pan"), (P, "[generic]", "[generic, pan]"))

        problems = problems_in(texts)

        assert "'pen'" in problems[0]

    def test_a_region_of_an_area_nobody_can_plan_is_refused(self):
        region = (
            "type: body_map\n            options:\n              - cheek: {text: Cheek, area: fcae}"
        )
        texts = edited(
            (Q, "type: yes_no", region),
            (Q, "cold_sore_ever is yes", "cold_sore_ever overlaps the treatment area"),
            (R, "face_planned", "cold_sore_ever overlaps the treatment area"),
        )

        problems = problems_in(texts)

        assert problems[0].startswith(f"{Q}:")
        assert "fcae" in problems[0]

    def test_an_unknown_key_is_answered_with_the_keys_there_are(self):
        texts = edited((Q, "why: Needles", "because: Needles"))

        problems = problems_in(texts)

        assert "allowed are covers, id, items, private, says, title, why" in problems[0]

    @pytest.mark.parametrize(
        ("new", "where"),
        [("- face: [Face]", "a list"), ("- face: {text: Face, aera: x}", "an unknown key")],
        ids=["list", "unknown key"],
    )
    def test_an_option_is_refused_without_words_of_the_programmer(self, new, where):
        texts = edited((P, "- face: Face", new))

        problems = problems_in(texts)

        assert any(p.startswith("pack.yaml:10: ") for p in problems)
        assert not re.search(r"'str'|Shape|\[key\]", " ".join(problems)), where

    def test_a_date_word_is_refused_without_words_of_the_programmer(self):
        texts = edited((Q, "{still:", "{soon:"))

        problems = problems_in(texts)

        assert not re.search(r"\[key\]", " ".join(problems))


class TestAllAtOnce:
    def test_faults_in_several_files_come_together_in_order(self):
        texts = edited(
            (V, "title: Nothing to report", "titel: Nothing to report"),
            (R, "[local policy]", "[habit]"),
            ("sources.yaml", "read: yes", "read: maybe"),
            ("labels.yaml", "note: A pen.", "notes: A pen."),
        )

        problems = problems_in(texts)

        places = [problem.split(": ")[0] for problem in problems]
        assert places == sorted(places)
        assert {
            "labels.yaml:4",
            f"{R}:{line_of(texts[R], '[habit]')}",
            "sources.yaml:5",
            f"{V}:{line_of(texts[V], 'titel')}",
        } <= set(places)

    def test_every_part_of_a_condition_is_read(self):
        texts = edited(
            (R, "- face_planned", "- fase_planned\n        - cold_sore_ever is maybe"),
            (R, "within sore_healed", "within sore_heeled"),
        )

        problems = problems_in(texts)

        assert [problem.split(": ")[0] for problem in problems] == [f"{R}:{n}" for n in (8, 9, 10)]

    def test_a_misspelt_key_in_one_rule_does_not_hide_the_faults_of_another(self):
        texts = edited((R, "level: defer", "lvel: defer"), (R, "age is below", "age is under"))

        problems = problems_in(texts)

        assert any(p.startswith(f"{R}:{line_of(RULES, 'age is below')}: ") for p in problems)

    def test_a_misspelt_key_in_one_condition_does_not_hide_the_faults_of_another(self):
        more = "  arms_planned:\n    title: Arms\n    when: plan.area includes legs\n"
        texts = edited(("conditions.yaml", "title:", "titel:"))
        texts["conditions.yaml"] += more

        problems = problems_in(texts)

        assert any("'legs' is not an answer to 'plan.area'" in p for p in problems)

    def test_each_fault_is_said_once(self):
        texts = edited((R, "[pen-manual]", "[pin-manual, pin-manual]"))

        problems = problems_in(texts)

        assert len(problems) == 1

    @pytest.mark.parametrize(
        "edit",
        [
            (Q, "private: yes", "privat: yes"),
            (Q, "private: yes", "private: [yes"),
            (Q, "type: yes_no", "type: bool"),
            (P, "version: 1.0.0", "versoin: 1.0.0"),
            (P, "title: Tiny pack", "title: Tiny \0 pack"),
            ("medicines.yaml", "classes: []", "clases: []"),
            ("settings.yaml", "range:", "ragne:"),
            ("labels.yaml", "note:", "nota:"),
            ("conditions.yaml", "title:", "titel:"),
        ],
        ids=lambda edit: f"{edit[0]} {edit[2]!r}",
    )
    def test_a_fault_in_one_file_is_not_blamed_on_others(self, edit):
        problems = problems_in(edited(edit))

        assert {problem.split(":")[0] for problem in problems} == {edit[0]}


class TestFiles:
    @pytest.mark.parametrize("name", [name for name in TINY if "/" not in name])
    def test_a_missing_file_is_named(self, name):
        texts = {other: text for other, text in TINY.items() if other != name}

        problems = problems_in(texts)

        assert f"{name}:1: the file is missing; a pack needs it" in problems

    @pytest.mark.parametrize("text", ["a: [", "a: \0", "[" * 30], ids=["open", "nul", "deep"])
    def test_a_file_that_cannot_be_read_is_not_called_missing(self, text):
        problems = problems_in({**TINY, "labels.yaml": text})

        assert any(p.startswith("labels.yaml:1: ") for p in problems)
        assert not any("missing" in p for p in problems)

    @pytest.mark.parametrize(
        "name", ["rule.yaml", "rules/deep/more.yaml", "vignettes.yaml", "../pack.yaml"]
    )
    def test_a_file_that_is_no_part_of_a_pack_is_refused(self, name):
        problems = problems_in({**TINY, name: "a: b\n"})

        assert any(p.startswith(f"{name}:1: this file is not part of a pack") for p in problems)

    @pytest.mark.parametrize("name", TINY)
    @pytest.mark.parametrize("text", ["", "# nothing\n", "just words\n", "- a\n- b\n", "---\n"])
    def test_a_file_without_its_keys_is_refused(self, name, text):
        problems = problems_in({**TINY, name: text})

        assert any(re.match(rf"{name}:[12]: ", problem) for problem in problems)

    def test_no_file_at_all_is_refused(self):
        problems = problems_in({})

        assert "pack.yaml:1: the file is missing; a pack needs it" in problems

    def test_a_pack_without_any_rule_is_refused(self):
        texts = {name: text for name, text in TINY.items() if "/" not in name}

        problems = problems_in(texts)

        assert any("rules/" in problem for problem in problems)

    def test_vignettes_without_a_base_patient_are_refused(self):
        texts = {name: text for name, text in TINY.items() if text is not BASE}

        problems = problems_in(texts)

        assert any(p.startswith("vignettes/base.yaml:1: ") for p in problems)

    def test_a_folder_that_is_not_there_is_said(self, tmp_path):
        with pytest.raises(PackError) as caught:
            packs.load(tmp_path / "nowhere", TODAY)

        assert any("there is no such folder" in p for p in caught.value.problems)

    def test_more_files_than_a_pack_has_are_refused(self, tmp_path):
        folder = written(tmp_path, {f"rules/r{n}.yaml": "rules:\n" for n in range(201)})

        with pytest.raises(PackError) as caught:
            packs.load(folder, TODAY)

        assert any("201 files; a pack has at most 200" in p for p in caught.value.problems)

    def test_a_file_that_is_too_large_is_not_read(self, tmp_path):
        folder = written(tmp_path, {**TINY, "rules/big.yaml": "#" * 1_000_001})

        with pytest.raises(PackError) as caught:
            packs.load(folder, TODAY)

        assert [
            p for p in caught.value.problems if p.startswith("rules/big.yaml:1: the file is to")
        ]

    def test_a_text_that_is_too_large_is_not_read(self):
        problems = problems_in({**TINY, "rules/big.yaml": "#" * 1_000_001})

        assert problems == (
            "rules/big.yaml:1: the file is too large; at most 1,000,000 bytes are read",
        )

    def test_a_file_that_is_not_utf_8_is_refused(self, tmp_path):
        folder = written(tmp_path, TINY)
        (folder / "rules/latin.yaml").write_bytes("title: Haut ä\n".encode("latin-1"))

        with pytest.raises(PackError) as caught:
            packs.load(folder, TODAY)

        assert "rules/latin.yaml:1: the file is not UTF-8 text" in str(caught.value)

    def test_a_folder_named_like_a_file_is_refused(self, tmp_path):
        folder = written(tmp_path, TINY)
        (folder / "rules/old.yaml").mkdir()

        with pytest.raises(PackError) as caught:
            packs.load(folder, TODAY)

        assert caught.value.problems[0].startswith("rules/old.yaml:1: ")

    def test_a_link_to_nothing_is_refused(self, tmp_path):
        folder = written(tmp_path, TINY)
        (folder / "rules/.#all.yaml").symlink_to("editor@clinic.4711")

        with pytest.raises(PackError) as caught:
            packs.load(folder, TODAY)

        assert caught.value.problems[0].startswith("rules/.#all.yaml:1: ")

    def test_rules_under_another_ending_are_not_silently_left_out(self, tmp_path):
        folder = written(tmp_path, {**TINY, "rules/more.yml": RULES})

        with pytest.raises(PackError) as caught:
            packs.load(folder, TODAY)

        assert caught.value.problems[0].startswith("rules/more.yml:1: ")

    def test_texts_of_a_folder_with_an_unreadable_file_are_refused(self, tmp_path):
        folder = written(tmp_path, TINY)
        (folder / "rules/latin.yaml").write_bytes(b"\xff")

        with pytest.raises(PackError):
            packs.texts_of(folder)


def test_the_tiny_pack_is_whole():
    pack = packs.load_texts(TINY, TODAY)

    assert (len(pack.rules), len(pack.questionnaire.items), len(pack.vignettes)) == (2, 3, 6)
    assert PACK.count("- id:") == 2
    assert QUESTIONNAIRE.count("- id:") - 4 == 3
    assert VIGNETTES.count("- id:") == 6
