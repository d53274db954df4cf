"""What the checks find in a pack that loads: each its seeded fault, and nothing in a good one."""

from datetime import date

import pytest

from intake import packs
from intake.core.verification import CHECKS, problems_of
from tests.packs.builders import RULES, TINY, VIGNETTES, edited, line_of

TODAY = date(2026, 6, 15)
P, Q, R, V = "pack.yaml", "questionnaire.yaml", "rules/all.yaml", "vignettes/all.yaml"


def found_in(texts, today=TODAY):
    """Run the checks over a pack; returns what each found that found anything."""
    found = problems_of(packs.load_texts(texts, TODAY), today)
    return {name: [str(problem) for problem in problems] for name, problems in found if problems}


EXTRA_QUESTION = "          - id: tone\n            ask: Which tone?\n            type: yes_no\n"
EXTRA_FIELD = "  - id: depth\n    ask: How deep?\n    type: number\n"
TWICE = "        - cold_sore_ever is yes\n"

SEEDED = {
    "page that is hard to read": (
        [(Q, "ask: When had it fully healed?",
          "ask: What is the approximate chronological interval since its complete resolution?")],
        "reading level for patients",
        "the page 'healing' reads like school year",
    ),
    "setting out of range": (
        [("settings.yaml", "default: 14 days", "default: 9 weeks")],
        "settings within their ranges",
        "'sore_healed' is 9 weeks, outside its range",
    ),
    "unused question": (
        [(Q, "      - id: healing", f"{EXTRA_QUESTION}      - id: healing")],
        "every question is used",
        f"{Q}:20: no rule uses 'tone'",
    ),
    "unused plan field": (
        [(P, "  - id: device", f"{EXTRA_FIELD}  - id: device")],
        "every question is used",
        f"{P}:13: no rule uses 'plan.depth'",
    ),
    "unused answer": (
        [(P, "    harmless: [arms]\n", "")],
        "every answer matters",
        f"{P}:6: no rule mentions the answer 'arms' of 'plan.area'",
    ),
    "rule that contradicts itself": (
        [(R, TWICE, f"{TWICE}        - cold_sore_ever is no\n"), (V, "fires: [cold-sore]", "")],
        "every rule can be met",
        f"{R}:2: the rule 'cold-sore' can never be met",
    ),
    "rule that needs what its gate hides": (
        [(Q, "enable_when: cold_sore_ever is yes", "enable_when: cold_sore_ever is no"),
         (V, "fires: [cold-sore]", "")],
        "every rule can be met",
        f"{R}:2: the rule 'cold-sore' can never be met",
    ),
    "rule that no vignette fires": (
        [(V, "      fires: [under-age]\n", "")],
        "every rule has vignettes",
        f"{R}:{line_of(RULES, '- id: under-age')}: no vignette fires 'under-age'",
    ),
    "rule that no vignette keeps silent": (
        [(V, "silent: [cold-sore, under-age]", "silent: [cold-sore]")],
        "every rule has vignettes",
        f"{R}:{line_of(RULES, '- id: under-age')}: no vignette keeps 'under-age' silent",
    ),
    "vignette of a rule that is not there": (
        [(V, "fires: [under-age]", "fires: [under-age, over-age]")],
        "vignettes name rules",
        f"{V}:{line_of(VIGNETTES, '- id: child')}: 'child' expects the rule 'over-age'",
    ),
    "wrong triage": (
        [(V, "triage: stop", "triage: review")],
        "vignettes hold",
        f"{V}:{line_of(VIGNETTES, '- id: child')}: 'child': triage is stop, expected review",
    ),
    "rule expected and not met": (
        [(V, "fires: [under-age]", "fires: [under-age, cold-sore]")],
        "vignettes hold",
        "'child': cold-sore is not met",
    ),
    "rule expected silent and met": (
        [(V, "fires: [under-age]", "fires: [under-age]\n      silent: [under-age]")],
        "vignettes hold",
        "'child': under-age is met, expected silent",
    ),
    "rule expected unknown and met": (
        [(V, "fires: [under-age]", "fires: [under-age]\n      unknown: [under-age]")],
        "vignettes hold",
        "'child': under-age is not unknown",
    ),
    "wrong earliest date": (
        [(V, "2026-06-16", "2026-06-17")],
        "vignettes hold",
        "'thirteen-days': earliest safe date is 2026-06-16, expected 2026-06-17",
    ),
    "a rule too many": (
        [(V, "      fires: [under-age]\n", "      exactly: yes\n")],
        "vignettes hold",
        "'child': under-age was not expected",
    ),
    "answer of a vignette that cannot be read": (
        [(V, "birth_date: 2011-01-01", "birth_date: long ago")],
        "vignettes hold",
        "'child': birth_date: ",
    ),
    "changed window": (
        [("settings.yaml", "14 days", "13 days")],
        "vignettes hold",
        "'thirteen-days': triage is routine, expected defer",
    ),
    "source left out": (
        [(R, "    sources: [pen-manual]\n", "")],
        "evidence and review dates",
        f"{R}:2: 'cold-sore' rests on label but names no source",
    ),
    "row of the evidence table left out": (
        [(R, "    covers: [C-AGE]\n", "")],
        "evidence and review dates",
        "'under-age' names no row of the evidence table",
    ),
    "review date past": (
        [(R, "review_by: 2027-06-15", "review_by: 2026-06-14")],
        "evidence and review dates",
        f"{R}:2: 'cold-sore' was to be reviewed by 2026-06-14",
    ),
    "long sentence": (
        [(Q, "Needles can spread them.", f"{'word ' * 20}word.")],
        "words for patients",
        "a sentence of 21 words",
    ),
}  # fmt: skip


def test_a_good_pack_has_no_problems():
    assert found_in(TINY) == {}


@pytest.mark.parametrize(("edits", "check", "words"), SEEDED.values(), ids=SEEDED)
def test_a_seeded_fault_is_found(edits, check, words):
    found = found_in(edited(*edits))

    assert [problem for problem in found.get(check, []) if words in problem], found


def test_every_check_has_a_seeded_fault():
    seeded = {check for _, check, _ in SEEDED.values()}

    assert set(CHECKS) == seeded | {"not sure never fails open"}


@pytest.mark.parametrize(
    ("day", "is_past"), [(date(2027, 6, 14), False), (date(2027, 6, 15), True)]
)
def test_a_review_date_is_past_on_its_day(day, is_past):
    assert ("evidence and review dates" in found_in(TINY, day)) is is_past


@pytest.mark.parametrize(
    "words",
    ["You are safe.", "You can be treated safely.", "You are fine.", "You are clear.", "Cleared.",
     "You have passed.", "You are eligible.", "You are approved.", "You are low risk.",
     "A low-risk skin.", "You failed.", "There is nothing to worry about.", "Stop your medicine.",
     "Stop taking the tablets.", "STOP THIS MEDICINE", "SAFE"],
)  # fmt: skip
@pytest.mark.parametrize(
    ("name", "old"),
    [
        (Q, "Needles can spread them."),
        (Q, "Have you ever had a cold sore?"),
        (Q, "It has not healed yet"),
        (Q, "Healing"),
        (Q, "Your skin"),
    ],
    ids=["why", "question", "date word", "title of a page", "title of a section"],
)
def test_words_that_reassure_or_judge_are_found(name, old, words):
    found = found_in(edited((name, old, words)))

    assert "is not said to patients" in found["words for patients"][0]


def test_such_words_are_found_in_what_a_rule_says_to_patients():
    found = found_in(
        edited((R, "    basis: [label]", "    patient_text: All is fine.\n    basis: [label]"))
    )

    assert found == {
        "words for patients": [
            f"{R}:2: 'fine' is not said to patients; reword 'All is fine.'",
        ]
    }


@pytest.mark.parametrize(
    "words", ["Fine lines", "Are you breastfeeding?", "Unsafe at home", "A cleared throat is no"]
)
def test_words_that_only_look_like_them_are_left_alone(words):
    found = found_in(edited((Q, "Needles can spread them.", words)))

    assert ("words for patients" in found) is words.startswith("A cleared")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("type: yes_no", "type: yes_no\n            informational: yes"),
        ("type: yes_no", "type: text"),
    ],
    ids=["marked informational", "text"],
)
def test_an_informational_question_needs_no_rule(old, new):
    extra = EXTRA_QUESTION.replace(old, new)

    assert found_in(edited((Q, "      - id: healing", f"{extra}      - id: healing"))) == {}
