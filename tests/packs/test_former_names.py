"""Questions that have another id than before: what is refused, and what is said of them."""

import pytest

from intake import packs
from intake.actions import rule_packs
from intake.core.comparing import compare
from intake.core.errors import PackError
from tests.conftest import NOW, TODAY
from tests.packs.builders import QUESTIONNAIRE, TINY, edited, line_of, problems_in

Q, P = "questionnaire.yaml", "pack.yaml"
EVER = "            ask: Have you ever had a cold sore?"


def was(*names, under=EVER):
    """Say that a question of the tiny pack had other ids before."""
    return Q, under, f"            was: [{', '.join(names)}]\n{under}"


def renamed():
    """The tiny pack with another id for a question, everywhere it is named."""
    texts = edited(was("cold_sore_ever"))
    for name, text in texts.items():
        mended = text.replace("cold_sore_ever", "had_cold_sore")
        texts[name] = mended.replace("was: [had_cold_sore]", "was: [cold_sore_ever]")
    return texts


def test_a_question_is_called_in_tables_what_it_was_called_first():
    pack = packs.load_texts(edited(was("sore_once", "sore_ever")), TODAY)

    assert pack.items["cold_sore_ever"].was == ("sore_once", "sore_ever")
    assert pack.items["cold_sore_ever"].stable_name == "sore_once"
    assert pack.items["birth_date"].stable_name == "birth_date"


def test_a_plan_field_is_called_so_too():
    texts = edited((P, "    ask: Which device is planned?", "    was: [tool]\n    ask: Which?"))

    assert packs.load_texts(texts, TODAY).items["plan.device"].stable_name == "plan.tool"


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ([was("birth_date")], "'birth_date' under was is a question of this pack"),
        ([was("cold_sore_ever")], "'cold_sore_ever' under was is a question of this pack"),
        ([was("Ever")], "'Ever' under was is not an id"),
        ([was("sore", "sore")], "'sore' under was is a former id of 'cold_sore_ever' already"),
        (
            [was("sore"), was("sore", under="            ask: When had it fully healed?")],
            "'sore' under was is a former id of 'cold_sore_ever' already",
        ),
    ],
    ids=["asked now", "its own", "no id", "named twice", "of two questions"],
)
def test_what_would_mix_histories_is_refused(edits, said):
    problems = problems_in(edited(*edits))

    assert [problem for problem in problems if said in problem], problems
    assert problems[0].startswith(f"{Q}:")


def test_the_fault_is_said_where_the_question_stands():
    (problem,) = problems_in(edited(was("birth_date")))

    assert problem.startswith(f"{Q}:{line_of(QUESTIONNAIRE, '- id: cold_sore_ever')}:")


def test_a_question_with_another_id_was_called_something_else_and_is_not_gone():
    before, after = packs.load_texts(TINY, TODAY), packs.load_texts(renamed(), TODAY)

    said = [f"{one.about}: {one.words}" for one in compare(before, after)]

    assert "question had_cold_sore: was called cold_sore_ever" in said
    assert not [one for one in said if "is gone" in one or "is new" in one]


def test_it_is_put_in_force_where_it_takes_the_same_kind_of_answer(store):
    rule_packs.activate(store, TINY, actor="test", now=NOW)

    pack = rule_packs.activate(store, renamed(), actor="test", now=NOW)

    assert rule_packs.hash_in_force(store) == pack.hash


def test_it_is_not_put_in_force_where_its_answers_were_of_another_kind(store):
    old = rule_packs.activate(store, TINY, actor="test", now=NOW)
    texts = renamed()
    texts[Q] = texts[Q].replace("[cold_sore_ever]", "[cold_sore_healed]").replace(
        "id: cold_sore_healed", "id: sore_over"
    )  # fmt: skip
    for name, text in texts.items():
        if name != Q:
            texts[name] = text.replace("cold_sore_healed", "sore_over")

    with pytest.raises(PackError, match="'cold_sore_healed' under was took another kind"):
        rule_packs.activate(store, texts, actor="test", now=NOW)

    assert rule_packs.hash_in_force(store) == old.hash


def with_moles(kind):
    """The tiny pack with a question more."""
    moles = f"          - id: moles\n            ask: Any moles?\n            type: {kind}\n"
    return edited((Q, "      - id: healing\n", f"{moles}      - id: healing\n"))


class TestOnceItWasInForce:
    """What tables call a question, and what kind of answer it takes, stays."""

    @pytest.fixture
    def put(self, store):
        return lambda texts: rule_packs.activate(store, texts, actor="test", now=NOW)

    def test_an_id_never_takes_another_kind_of_answer(self, put):
        put(with_moles("yes_no"))
        put(TINY)  # the question is gone meanwhile

        problems = refused_by(put, with_moles("text"))

        (said,) = problems
        assert "'moles' took another kind of answer before; give it another id" in said
        assert said.startswith(f"{Q}:")

    def test_a_former_name_is_not_forgotten(self, put):
        put(TINY)
        put(renamed())
        texts = {
            name: text.replace("            was: [cold_sore_ever]\n", "")
            for name, text in renamed().items()
        }

        problems = refused_by(put, texts)

        assert any(
            "'had_cold_sore' had its history under 'cold_sore_ever'; keep its was" in one
            for one in problems
        )

    def test_a_history_gets_no_other_name_later(self, put):
        put(TINY)

        problems = refused_by(put, edited(was("sore_once")))

        assert any("had its history under 'cold_sore_ever'" in one for one in problems)

    def test_what_was_in_force_may_be_so_again(self, store, put):
        first = put(TINY)
        put(renamed())

        put(TINY)

        assert rule_packs.hash_in_force(store) == first.hash


def refused_by(put, texts):
    with pytest.raises(PackError) as refused:
        put(texts)
    return refused.value.problems
