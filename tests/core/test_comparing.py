"""What changed between two packs, said in the words of a clinic."""

from dataclasses import replace
from datetime import date

import pytest

from intake import packs
from intake.core.comparing import compare
from intake.packs.signing import NAME, sign
from tests.packs.builders import RULES, TINY, edited, written

TODAY = date(2026, 6, 15)
P, Q, R, S, M = ("pack.yaml", "questionnaire.yaml", "rules/all.yaml", "settings.yaml",
                 "medicines.yaml")  # fmt: skip
UNDER_AGE = RULES[RULES.index("  - id: under-age") :]


def differences(*edits, old=TINY):
    """What is said of the tiny pack and the same after some edits."""
    before, after = packs.load_texts(old, TODAY), packs.load_texts(edited(*edits), TODAY)
    return [f"{one.about}: {one.words}" for one in compare(before, after)]


def test_a_pack_does_not_differ_from_itself(shipped_pack):
    assert list(compare(shipped_pack, shipped_pack)) == []


def test_where_things_stand_in_their_files_is_no_difference():
    assert differences((R, "rules:\n", "# By subject\n\nrules:\n")) == []


# Rules


def test_a_rule_that_is_new_or_gone_is_said_with_its_level():
    without = edited((R, UNDER_AGE, ""), ("vignettes/all.yaml", "fires: [under-age]", ""))

    assert differences(old=without)[0] == "rule under-age: is new (stop): Under eighteen"
    before, after = (packs.load_texts(texts, TODAY) for texts in (TINY, without))
    assert [d.words for d in compare(before, after) if d.about == "rule under-age"] == [
        "is gone (stop): Under eighteen"
    ]


@pytest.mark.parametrize(
    ("level", "words"),
    [("review", "is stricter: review instead of defer"),
     ("caution", "is milder: caution instead of defer")],
)  # fmt: skip
def test_a_level_is_said_to_be_stricter_or_milder(level, words):
    assert differences((R, "level: defer", f"level: {level}")) == [f"rule cold-sore: {words}"]


def test_a_longer_window_catches_the_smallest_patient_it_did_not():
    found = differences((S, "default: 14 days", "default: 15 days"))

    assert found == [
        (
            "rule cold-sore: now also catches the patient who says: Which areas are to be treated?"
            " Face; Have you ever had a cold sore? Yes; When had it fully healed? 1 June 2026"
        ),
        (
            "setting sore_healed: was 14 days (from 0 days to 28 days), is 15 days (from 0 days to"
            " 28 days)"
        ),
    ]


def test_a_shorter_window_no_longer_catches_somebody():
    found = differences((S, "default: 14 days", "default: 13 days"))

    assert found[0].startswith("rule cold-sore: no longer catches the patient who says: ")
    assert found[0].endswith("When had it fully healed? 2 June 2026")


def test_a_line_that_came_or_went_is_quoted():
    found = differences((R, "        - face_planned\n", "        - plan.area includes arms\n"))

    assert found[:2] == [
        "rule cold-sore: line gone: plan.area includes face",
        "rule cold-sore: line new: plan.area includes arms",
    ]
    assert [words for words in found if "now also catches" in words]
    assert [words for words in found if "no longer catches" in words]


def test_another_way_to_write_the_same_is_said_to_do_the_same():
    found = differences((R, "when: age is below 18 years", "when: {all: [age is below 18 years]}"))

    assert found == ["rule under-age: is written differently and does the same"]


def test_a_threshold_that_moved_is_shown_on_the_patient_it_is_about():
    found = differences((R, "age is below 18 years", "age is below 19 years"))

    assert any("now also catches the patient who says: What is your date of birth?" in one
               for one in found)  # fmt: skip


def test_a_rule_about_other_questions_is_not_compared_patient_by_patient():
    moles = """\
      - id: moles
        title: Moles
        items:
          - {id: mole, ask: A mole?, type: yes_no}
"""
    asks = (Q, "      - id: healing", f"{moles}      - id: healing")
    old = edited(asks, (R, "when: age is below 18 years", "when: mole is yes"))

    found = differences(old=old)

    assert "rule under-age: line gone: mole is yes" in found
    assert any("cannot be compared patient by patient" in one for one in found)
    assert "question mole: is gone: A mole?" in found


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        ((R, "title: Under eighteen", "title: Minor"), "title: was 'Under eighteen', is 'Minor'"),
        ((R, "A child.", "A minor."), "meaning: was 'A child.', is 'A minor.'"),
        ((R, "Do not treat.", "Never."), "action: was 'Do not treat.', is 'Never.'"),
        ((R, "[local policy]", "[law]"), "basis: was 'local policy', is 'law'"),
        ((R, "reviewer: dermatologist", "reviewer: practitioner"),
         "who decides: was 'dermatologist', is 'practitioner'"),
        ((R, "C-AGE", "C-YOUNG"), "topics: was 'C-AGE', is 'C-YOUNG'"),
        ((R, "    floor: yes\n", ""), "floor: was 'True', is 'False'"),
    ],
    ids=["title", "meaning", "action", "basis", "who", "topics", "floor"],
)  # fmt: skip
def test_every_text_of_a_rule_is_compared(edit, words):
    assert differences(edit) == [f"rule under-age: {words}"]


def test_a_device_label_that_is_forgotten_is_said():
    stricter = RULES[RULES.index("    stricter:") : RULES.index("  - id: under-age")]

    assert differences((R, stricter, "")) == [
        "rule cold-sore: device labels: was 'pen stop, The manual says so.', is ''"
    ]


# Questions and what rules rest on


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ((Q, "Have you ever had a cold sore?", "Any cold sores?"),
         ("question cold_sore_ever: is asked differently: was 'Have you ever had a cold sore?', is"
         " 'Any cold sores?'")),
        ((P, "- face: Face\n", "- face: Face\n      - neck: Neck\n"),
         "question plan.area: has a new answer: Neck"),
        ((P, "- face: Face\n", "- face: The face\n"),
         "question plan.area: has an answer in other words: was 'Face', is 'The face'"),
        ((Q, "type: yes_no", "type: yes_no\n            hint: On the lips"),
         "question cold_sore_ever: has another hint: was '', is 'On the lips'"),
        ((Q, "enable_when: cold_sore_ever is yes", "enable_when: cold_sore_ever is not no"),
         "question cold_sore_healed: is asked of other patients than before"),
        ((S, "0 days to 28 days", "7 days to 28 days"),
         ("setting sore_healed: was 14 days (from 0 days to 28 days), is 14 days (from 7 days to"
         " 28 days)")),
        ((M, "Coumadin (US UK)", "Marevan"), "medicine warfarin: has other names"),
        ((M, "classes: []", "classes: [blood_thinner]"),
         "medicine paracetamol: counts as something else: was , is blood_thinner"),
        (("labels.yaml", "A pen.", "The first pen."), "label pen: changed"),
        (("sources.yaml", "Lists cold sores.", "Lists sores."), "source pen-manual: changed"),
        (("vignettes/all.yaml", "Fifteen years old", "Fifteen"), "vignette child: changed"),
    ],
    ids=["wording", "new answer", "answer in other words", "hint", "gate", "range", "names",
         "class", "label", "source", "vignette"],
)  # fmt: skip
def test_what_rules_rest_on_is_compared(edit, expected):
    assert expected in differences(edit)


@pytest.mark.parametrize(
    "edit",
    [
        (R, "The manual says so.", "So it says."),
        (Q, "It has not healed yet", "It is still there"),
        (Q, "            type: yes_no\n",
         "            type: choice\n            options: [yes: Yes, no: No]\n"),
        (Q, "        private: yes\n", ""),
        (Q, "            unknowns: no\n", ""),
        (Q, "type: yes_no\n", "type: yes_no\n            freshness: once\n"),
        (Q, "Needles can spread them.", "Needles do."),
        (Q, "title: Healing", "title: Healed"),
        (P, "title: Tiny pack", "title: Another pack"),
        (M, "Blood thinners", "Anticoagulants"),
        (S, "Days after a cold sore", "Time after a cold sore"),
    ],
    ids=["why a label is stricter", "word in place of a date", "kind", "privacy",
         "not sure offered", "how often it is asked", "why it is asked", "page", "pack", "class",
         "setting"],
)  # fmt: skip
def test_whatever_else_people_read_is_compared(edit):
    assert differences(edit)


def test_a_question_that_is_new_is_said_with_its_words():
    mole = "          - {id: mole, ask: A mole?, type: yes_no, informational: yes}\n"

    found = differences(
        (Q, "          - id: cold_sore_ever\n", f"{mole}          - id: cold_sore_ever\n")
    )

    assert found == ["question mole: is new: A mole?"]


@pytest.mark.parametrize("name", ["label", "setting", "source", "medicine", "vignette"])
def test_what_is_new_is_gone_the_other_way_round(name):
    more = {
        "label": ("labels.yaml", "labels:\n", "labels:\n  roller: {title: R, note: R}\n"),
        "setting": (S, "settings:\n", ("settings:\n  age_min: {title: A, default: 18 years,"
                    " range: 16 years to 21 years, basis: law, source_note: L}\n")),
        "source": ("sources.yaml", "sources:\n",
                   "sources:\n  act: {citation: A, says: B, read: yes}\n"),
        "medicine": (M, "medicines:\n", "medicines:\n  - {name: aspirin, classes: []}\n"),
        "vignette": ("vignettes/all.yaml", "vignettes:\n", ("vignettes:\n  - id: extra\n"
                     "    title: E\n    expect: {triage: routine}\n")),
    }[name]  # fmt: skip
    before, after = packs.load_texts(TINY, TODAY), packs.load_texts(edited(more), TODAY)

    (came,), (went,) = list(compare(before, after)), list(compare(after, before))

    assert came.about == went.about
    assert came.about.startswith(f"{name} ")
    assert (came.words, went.words) == ("is new", "is gone")


def test_every_rule_taken_out_of_the_shipped_pack_is_missed(shipped_pack):
    fewer = replace(shipped_pack, rules=shipped_pack.rules[1:])

    found = [one for one in compare(shipped_pack, fewer) if one.about.startswith("rule ")]

    assert [one.about for one in found] == [f"rule {shipped_pack.rules[0].id}"]


def test_a_base_patient_that_changed_is_named_once_and_not_with_every_vignette():
    found = differences(("vignettes/base.yaml", "area: [face]", "area: [face, arms]"))

    assert found == ["base patient: area: was ['face'], is ['face', 'arms']"]


def test_a_new_rule_names_the_smallest_patient_it_catches():
    without = edited((R, UNDER_AGE, ""), ("vignettes/all.yaml", "fires: [under-age]", ""))

    found = differences(old=without)

    assert found[1].startswith("rule under-age: catches the patient who says: ")


# Sign-offs


ADA = {"by": "Dr Ada Lead", "role": "dermatologist", "on": TODAY}
SIGNED = "reviewed by Dr Ada Lead (dermatologist) on 2026-06-15"


@pytest.fixture
def signed(tmp_path):
    """The tiny pack with one rule signed off, by whom and when can be said."""

    def sign_off(**who):
        folder = written(tmp_path / str(len(list(tmp_path.iterdir()))), TINY)
        sign(folder, packs.load(folder, TODAY), ["cold-sore"], **{**ADA, **who})
        return packs.texts_of(folder)

    return sign_off


def told(before, after):
    loaded = [packs.load_texts(texts, TODAY) for texts in (before, after)]
    return [f"{one.about}: {one.words}" for one in compare(*loaded)]


def test_a_sign_off_that_is_new_or_gone_is_said_with_whose_it_is(signed):
    texts = signed()

    assert told(TINY, texts) == [f"sign-off of rule cold-sore: is new: {SIGNED}"]
    assert told(texts, TINY) == [f"sign-off of rule cold-sore: is gone: was {SIGNED}"]


def test_a_sign_off_by_somebody_else_is_said(signed):
    (words,) = told(signed(), signed(by="Dr Eve Else"))

    assert words == (
        f"sign-off of rule cold-sore: changed: was {SIGNED},"
        " is reviewed by Dr Eve Else (dermatologist) on 2026-06-15"
    )


def test_a_sign_off_that_an_edit_makes_void_is_said(signed):
    texts = signed()
    edit = {**texts, R: texts[R].replace("The virus may spread.", "It may spread.")}

    assert any(
        words.startswith("sign-off of rule cold-sore: changed") and words.endswith(": edited")
        for words in told(texts, edit)
    )


def test_a_sign_off_for_other_words_by_the_same_person_is_said(signed):
    texts = signed()
    digest = packs.load_texts(texts, TODAY).rules_by_id["cold-sore"].digest
    edit = {**texts, NAME: texts[NAME].replace(digest, "0" * len(digest))}

    assert any(
        words.startswith("sign-off of rule cold-sore: changed") for words in told(texts, edit)
    )


def test_no_sign_off_makes_a_rule_stricter_or_milder(signed):
    loaded = [packs.load_texts(texts, TODAY) for texts in (TINY, signed())]

    assert [one.way for one in compare(*loaded)] == [""]
