"""session.yaml: what is asked at the chair, what a session means, and what is found wrong in it."""

import pytest

from intake import packs
from intake.core.errors import PackError
from intake.core.guide import Guide
from tests.conftest import TODAY
from tests.packs.builders import TINY

SESSION = """\
chair:
  - id: sore_now
    ask: Is there a cold sore now?
    yes: {cold_sore_ever: yes, cold_sore_healed: still}
carried_out:
  - answers: {cold_sore_healed: on the day}
reactions:
  - id: sore
    title: A cold sore
    open: {cold_sore_ever: yes, cold_sore_healed: still}
    settled: {cold_sore_ever: yes, cold_sore_healed: on the day}
aftercare:
  - id: call
    text: A cold sore
    warning: yes
    when: plan.area includes face
"""


def loaded(session):
    return packs.load_texts({**TINY, "session.yaml": session}, TODAY)


def problems(session):
    with pytest.raises(PackError) as error:
        loaded(session)
    return error.value.problems


def test_a_pack_may_do_without():
    assert packs.load_texts(TINY, TODAY).guide == Guide()


def test_what_is_written_is_read():
    guide = loaded(SESSION).guide

    assert [one.id for one in guide.chair] == ["sore_now"]
    assert guide.carried_out[0].answers == {"cold_sore_healed": "on the day"}
    assert guide.reaction("sore").settled["cold_sore_healed"] == "on the day"
    assert guide.reaction("gone") is None
    assert [(one.id, one.is_warning) for one in guide.advice] == [("call", True)]


@pytest.mark.parametrize(
    ("before", "after", "line", "words"),
    [
        ("yes: {cold_sore_ever: yes,", "yes: {cold_sore: yes,", 4, "no question 'cold_sore'"),
        ("yes: {cold_sore_ever: yes,", "yes: {cold_sore_ever: 3,", 4, "no answer to"),
        ("yes: {cold_sore_ever: yes,", "yes: {plan.area: face,", 4, "no question 'plan.area'"),
        ("    yes: {", "    names: cold_sore_ever\n    yes: {", 4, "not a question"),
        ("when: plan.area includes face", "when: cold_sore_ever is yes", 16, "not known"),
        ("    title: A cold sore\n", "", 8, "title"),
        ("aftercare:", "after_care:", 1, "after_care"),
        (
            "carried_out:",
            "  - id: sore_now\n    ask: Twice?\n    yes: {cold_sore_ever: yes}\ncarried_out:",
            5,
            "two entries 'sore_now' under chair",
        ),
    ],
    ids=["question", "answer", "plan", "names", "when", "title", "key", "twice"],
)
def test_a_fault_is_named_where_it_stands(before, after, line, words):
    assert before in SESSION

    found = problems(SESSION.replace(before, after, 1))

    assert [one for one in found if one.startswith(f"session.yaml:{line}") and words in one], found
