"""Texts of rules that name a setting are read with the value in force."""

import pytest

from intake import packs
from intake.core.errors import PackError
from intake.core.proving.use import unused_names
from tests.conftest import TODAY
from tests.packs.builders import TINY, edited

R, S = "rules/all.yaml", "settings.yaml"
TITLE = "title: A cold sore, or one healed a short time ago"
NAMING = (R, TITLE, "title: A cold sore, or one healed in the last {sore_healed}")
CLINIC = """\
settings:
  sore_healed:
    value: 20 days
    who: Dr Ada Lead
    why: Our own series
    when: 2026-01-01
    until: 2027-01-01
"""


def rule_of(texts):
    return packs.load_texts(texts, TODAY).rules_by_id["cold-sore"]


@pytest.mark.parametrize("key", ["title", "meaning", "action"])
def test_a_name_in_braces_becomes_the_value(key):
    line = {
        "title": TITLE,
        "meaning": "meaning: The virus may spread.",
        "action": "action: Wait until it has healed.",
    }[key]
    said = f"{key}: Wait for {{sore_healed}}."

    rule = rule_of(edited((R, line, said)))

    assert getattr(rule, key) == "Wait for 14 days."


def test_a_clinic_reads_the_value_it_chose():
    rule = rule_of({**edited(NAMING), "clinic.yaml": CLINIC})

    assert rule.title == "A cold sore, or one healed in the last 20 days"


def test_a_clinic_s_value_leaves_a_sign_off_standing():
    alone, chosen = (rule_of({**edited(NAMING), **more}) for more in ({}, {"clinic.yaml": CLINIC}))

    assert alone.digest == chosen.digest
    assert alone.title != chosen.title


def test_a_name_that_is_no_setting_is_refused_with_its_place():
    with pytest.raises(PackError) as caught:
        packs.load_texts(edited((R, TITLE, "title: Healed in the last {sore_heeled}")), TODAY)

    assert caught.value.problems == (
        "rules/all.yaml:2: there is no setting 'sore_heeled' to fill in; similar: sore_healed",
    )


def test_a_setting_that_only_a_text_names_is_in_use():
    more = "  told:\n    title: Told\n    default: 1 day\n    range: 0 days to 4 days\n"
    more += "    basis: [expert default]\n    source_note: Told to staff.\n"
    texts = edited((R, "Wait until it has healed.", "Ask {told} before."))

    pack = packs.load_texts({**texts, S: TINY[S] + more}, TODAY)

    assert list(unused_names(pack)) == []
    rule = pack.rules_by_id["cold-sore"]
    assert rule.action == "Ask 1 day before."
    assert rule.settings == ("sore_healed", "told")


def test_a_rule_without_names_stays_as_it_is():
    rule = rule_of(TINY)

    assert (rule.mentions, rule.title) == ((), "A cold sore, or one healed a short time ago")
