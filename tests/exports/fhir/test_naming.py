"""Names that are made the same way each time."""

import uuid
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from intake.exports.fhir.form import questionnaire
from intake.exports.fhir.naming import uuid_of
from intake.exports.fhir.rules import plan_definition
from tests.packs.test_overlay import loaded, sore_healed

OURS = uuid.UUID("6ce0f5ab-3d0c-5c43-9a9d-4a0f0b6f1c52")


@given(kind=st.text(), id_=st.text())
def test_an_id_is_what_everybody_else_makes_of_the_same_name(kind, id_):
    assert uuid_of(kind, id_) == str(uuid.uuid5(OURS, f"{kind}/{id_}"))


def test_rules_of_a_clinics_choice_have_another_version_once_it_counts_no_more():
    before, then, after = (
        loaded(on=on, **sore_healed("20 days"))
        for on in (date(2026, 6, 1), date(2026, 6, 2), date(2027, 1, 1))
    )

    rules = [plan_definition(pack) for pack in (before, then, after)]
    forms = [questionnaire(pack, lambda _, words: words) for pack in (before, then, after)]

    assert len({one["id"] for one in rules}) == len({one["version"] for one in rules}) == 2
    assert rules[0] == rules[1] != rules[2]
    assert len({one["id"] for one in forms}) == 1
