"""What the checks find in a pack that loads: each its seeded fault, and nothing in a good one."""

from dataclasses import replace
from datetime import date

import pytest

from intake import packs
from intake.core.errors import PackError
from intake.core.examined import POINTS, Examined
from intake.core.proving import tables
from intake.core.proving.cells import Cells
from intake.core.proving.scoring import generated_for
from intake.core.verification import CHECKS, results_of
from tests.packs.builders import RULES, TINY, VIGNETTES, edited, line_of

TODAY = date(2026, 6, 15)
P, Q, R, V = "pack.yaml", "questionnaire.yaml", "rules/all.yaml", "vignettes/all.yaml"


def generated(texts=TINY):
    """The generated cases of a pack."""
    pack = packs.load_texts(texts, TODAY)
    return tuple(generated_for(pack, Cells(pack, pack.base.on)))


def found_in(texts, today=TODAY, boundaries=()):
    """Run the checks over a pack; returns what each found that found anything."""
    results = results_of(Examined(packs.load_texts(texts, TODAY), today, boundaries))
    return {r.check.name: [str(problem) for problem in r.problems] for r in results if r.problems}


EXTRA_QUESTION = "          - id: tone\n            ask: Which tone?\n            type: yes_no\n"
IDLE_SETTING = """\
  idle:
    title: Idle
    default: 1 days
    range: 1 days to 2 days
    basis: [expert default]
    source_note: None.
"""
EXTRA_FIELD = "  - id: depth\n    ask: How deep?\n    type: number\n"
PLANNED = "        - face_planned\n"
EVER, NEVER = (f"        - cold_sore_ever is {said}\n" for said in ("yes", "no"))
STRICTER = RULES[RULES.index("    stricter:") : RULES.index("  - id: under-age")]
ALWAYS = "when:\n      any:\n        - cold_sore_ever is yes\n        - cold_sore_ever is no\n"
MILDER = """\
  - id: teenager
    title: A teenager
    level: review
    covers: [C-AGE]
    when: age is between 13 and 17 years
    meaning: Young.
    action: Ask.
    basis: [local policy]
    reviewer: dermatologist
    review_by: 2027-06-15
"""
TOPICS = """\
topics:
  - group: Skin
    topics:
      - {id: C-HSV-A, title: Cold sores}
      - {id: C-AGE, title: Age}
      - {id: C-GAP, title: Nothing takes care of it}
"""

BASE_FILE = "vignettes/base.yaml"

SPANISH = """\
language: es
name: Español
texts:
  yes_no.yes: [85a39ab3, "Sí"]
"""

SESSION = """\
chair:
  - id: sore_before
    ask: Was there ever a cold sore?
    yes: {cold_sore_ever: no}
carried_out:
  - answers: {cold_sore_ever: yes}
reactions:
  - id: sore
    title: A cold sore
    open: {cold_sore_ever: yes, cold_sore_healed: still}
    settled: {cold_sore_ever: yes}
aftercare:
  - id: sun
    text: Keep the sun off.
"""

SEEDED = {
    "reply at the chair that no rule hears": (
        [("session.yaml", "", SESSION)],
        "what is told is heard",
        "session.yaml:2: for a healthy patient 'yes' to 'sore_before' is below defer",
    ),
    "translation with gaps": (
        [("languages/es.yaml", "", SPANISH)],
        "translations are whole",
        "languages/es.yaml:1: 'yes_no.no' has no translation",
    ),
    "base patient without an answer": (
        [(BASE_FILE, "  cold_sore_ever: no\n", "")],
        "the base patient answers",
        f"{BASE_FILE}:1: the base patient is asked 'cold_sore_ever'",
    ),
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
    "unused setting": (
        [("settings.yaml", "settings:\n", f"settings:\n{IDLE_SETTING}")],
        "every name is used",
        "settings.yaml:2: nothing uses the setting 'idle'",
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
        [(R, PLANNED, f"{PLANNED}{EVER}{NEVER}"), (V, "fires: [cold-sore]", "")],
        "every rule can be met",
        f"{R}:2: the rule 'cold-sore' can never be met",
    ),
    "rule that needs what its gate hides": (
        [(R, PLANNED, f"{PLANNED}{NEVER}"), (V, "fires: [cold-sore]", "")],
        "every rule can be met",
        f"{R}:2: the rule 'cold-sore' can never be met",
    ),
    "rule that is always met": (
        [(R, "when: age is below 18 years\n", ALWAYS)],
        "every rule can be met",
        f"{R}:{line_of(RULES, '- id: under-age')}: the rule 'under-age' can never be ruled out",
    ),
    "rule hidden behind a more serious one": (
        [(R, "  - id: under-age", f"{MILDER}  - id: under-age")],
        "no rule is shadowed",
        "'teenager' is met only where 'under-age' (stop) is met too",
    ),
    "question nobody can be asked": (
        [(Q, "enable_when: cold_sore_ever is yes",
          "enable_when:\n              all: [cold_sore_ever is yes, cold_sore_ever is no]")],
        "every question can be asked",
        "'cold_sore_healed' is never asked; mend its enable_when",
    ),
    "question that tells by being asked what was answered in private": (
        [(Q, "        private: yes\n", ""),
         (Q, "        why: Needles can spread them.\n",
          "        why: Needles can spread them.\n        private: yes\n")],
        "what was told in private stays private",
        "'cold_sore_healed' is asked because of 'cold_sore_ever', which is asked in private",
    ),
    "line its gate has said": (
        [(R, PLANNED, f"{PLANNED}{EVER}")],
        "every line matters",
        f"{R}:2: 'cold-sore' would be the same without 'cold_sore_ever is yes'",
    ),
    "line another says": (
        [(R, PLANNED, f"{PLANNED}        - cold_sore_healed within 1 year\n")],
        "every line matters",
        "'cold-sore' would be the same without 'cold_sore_healed within 1 year'",
    ),
    "topic without anything": (
        [("topics.yaml", "", TOPICS)],
        "every topic is covered",
        "topics.yaml:6: nothing covers 'C-GAP'",
    ),
    "topic that is not on the list": (
        [("topics.yaml", "", TOPICS.replace("C-AGE", "C-OLD"))],
        "every topic is covered",
        "rule under-age covers 'C-AGE', which is no topic",
    ),
    "too few vignettes": (
        [(V, VIGNETTES[VIGNETTES.index("  - id: fourteen-days"):], "")],
        "vignettes notice small faults",
        "small faults, and 75% are needed",
    ),
    "rule that no vignette fires": (
        [(V, "      fires: [under-age]\n", "")],
        "every rule has vignettes",
        f"{R}:{line_of(RULES, '- id: under-age')}: no vignette fires 'under-age'",
    ),
    "rule that no vignette keeps silent": (
        [(V, "silent: [cold-sore, under-age]", "silent: [cold-sore]"),
         (V, "silent: [under-age]", "")],
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
    "topic of a rule left out": (
        [(R, "    covers: [C-AGE]\n", "")],
        "evidence and review dates",
        "'under-age' names no topic under covers",
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
    elsewhere = {"every rule has generated cases", "generated cases hold"}
    of_the_engine = {"tables agree with the screening", "not sure never fails open"}

    assert {check.name for check in CHECKS} == seeded | elsewhere | of_the_engine


def test_every_point_but_the_loader_s_has_a_check():
    assert [check.point for check in CHECKS] == sorted(check.point for check in CHECKS)
    assert {check.point for check in CHECKS} == set(POINTS) - {1}


class TestGeneratedCases:
    def test_of_the_pack_as_it_is_hold(self):
        assert found_in(TINY, boundaries=generated()) == {}

    def test_that_changed_are_found(self):
        found = found_in(edited(("settings.yaml", "14 days", "13 days")), boundaries=generated())

        assert [
            problem
            for problem in found["generated cases hold"]
            if problem.startswith(f"{R}:2: 'cold-sore' now gives ") and "the last day" in problem
        ]

    def test_that_changed_are_said_in_words(self):
        found = found_in(edited(("settings.yaml", "14 days", "13 days")), boundaries=generated())

        assert "Outcome(" not in found["generated cases hold"][0]

    def test_of_a_rule_that_is_gone_are_found(self):
        renamed = edited(
            (R, "- id: under-age", "- id: below-age"),
            (V, "cold-sore, under-age]", "cold-sore, below-age]"),
            (V, "fires: [under-age]", "fires: [below-age]"),
            (V, "silent: [under-age]", "silent: [below-age]"),
        )

        found = found_in(renamed, boundaries=generated())

        assert "a case is about 'under-age', which is gone" in found["generated cases hold"][0]

    def test_of_a_question_that_is_gone_are_found(self):
        case = generated()[0]
        strange = replace(case, answers={**case.answers, "cold_sore_when": "yes"})

        assert "generated cases hold" in found_in(TINY, boundaries=(strange, *generated()))

    def test_of_a_rule_that_is_new_are_missed(self):
        without = [one for one in generated() if one.rule_id != "under-age"]

        found = found_in(TINY, boundaries=without)

        assert (
            "no generated case is about 'under-age'" in (found["every rule has generated cases"][0])
        )

    def test_that_are_too_few_are_found(self):
        few = [one for one in generated() if "not sure" in one.why]

        found = found_in(TINY, boundaries=few)

        assert "write the generated cases anew" in found["vignettes notice small faults"][0]


def test_a_rule_that_is_too_large_is_a_problem_and_no_crash(monkeypatch):
    monkeypatch.setattr(tables, "MOST_ROWS", 10)

    found = found_in(TINY)

    assert (
        f"{R}:2: 'cold-sore' depends on too many questions; divide it"
        in found["every rule can be met"]
    )


def test_a_label_that_stands_twice_is_a_problem_and_no_crash():
    again = STRICTER.removeprefix("    stricter:\n").replace("level: stop", "level: review")

    with pytest.raises(PackError, match="the label 'pen' stands twice"):
        found_in(edited((R, STRICTER, STRICTER + again)))


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
    asked = (Q, "      - id: healing", f"{extra}      - id: healing")
    answered = (BASE_FILE, "  cold_sore_ever: no\n", "  cold_sore_ever: no\n  tone: no\n")

    assert found_in(edited(asked, answered)) == {}
