"""The rules that are shipped: large enough, whole, and honest about their review."""

import re

from intake import packs
from intake.core.evidence import NOT_REVIEWED
from intake.core.verification import run_vignette
from intake.resources import folder
from tests.conftest import TODAY


def test_the_shipped_pack_loads_from_its_folder(shipped_pack):
    assert packs.load(folder("rules") / "microneedling", TODAY) == shipped_pack


def test_it_is_large_enough(shipped_pack):
    assert len(shipped_pack.rules) >= 40
    assert len(shipped_pack.vignettes) >= 80


def test_all_its_vignettes_hold(shipped_pack):
    faults = {v.id: run_vignette(shipped_pack, v)[1] for v in shipped_pack.vignettes}

    assert {name: found for name, found in faults.items() if found} == {}


def test_no_rule_claims_a_review_that_did_not_take_place(shipped_pack):
    assert {rule.reviewed for rule in shipped_pack.rules} == {NOT_REVIEWED}


def test_every_rule_names_rows_of_the_evidence_table(shipped_pack):
    wrong = {
        rule.id: rule.covers
        for rule in shipped_pack.rules
        if not rule.covers or not all(re.fullmatch(r"[CK]-[A-Z0-9-]+", row) for row in rule.covers)
    }

    assert wrong == {}


def test_every_rule_says_what_to_do_and_what_it_means(shipped_pack):
    wrong = [rule.id for rule in shipped_pack.rules if not (rule.meaning and rule.action)]

    assert wrong == []


def test_every_page_asks_at_most_five_questions(shipped_pack):
    crowded = [p.id for p in shipped_pack.questionnaire.pages if len(p.items) > 5]

    assert crowded == []
