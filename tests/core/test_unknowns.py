"""Which questions stay open, and what of the private ones is told."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.figures import FEW, Share
from intake.core.questionnaire import Kind, Page, Questionnaire, Section
from intake.core.unknowns import Asked, Open, question_figures
from tests.core.builders import TODAY, item, pack

SMOKER = item("smoker")
TABLETS = item("tablets", Kind.MEDICINES)
COUNTS = st.fixed_dictionaries({why: st.integers(0, 30) for why in Open})


def pack_with(*items, version="1", private=False):
    page = Page("page", "Page", items, private=private)
    made = pack(hash=version, version=version)
    return replace(made, questionnaire=Questionnaire((Section("all", "All", (page,)),)))


def figures(*answered, asked=20, packs=(), item_=SMOKER, private=False):
    known = {one.hash: one for one in packs or [pack_with(item_, private=private)]}
    forms = [Asked(hash_, item_.link_id, asked) for hash_ in known]
    return question_figures(known, forms, answered, TODAY)


def said(value, number=1, link_id="smoker", pack_hash="1"):
    return Asked(pack_hash, link_id, number, value)


def test_reasons_are_counted_apart():
    (one,) = figures(said("not_sure", 3), said("withheld", 2), said("yes", 15))

    assert one.open == Share(5, 20)
    assert one.why == {Open.NOT_SURE: 3, Open.WITHHELD: 2, Open.NOT_UNDERSTOOD: 0}


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ([{"name": "warfarin"}], None),
        ([{"name": "warfarin"}, {"name": "blue pill of my aunt"}], Open.NOT_UNDERSTOOD),
        ([{"name": "warfarin"}, "not_sure"], None),
        (["none"], None),
        (["not_sure"], Open.NOT_SURE),
        ([{"nothing": "that fits"}], Open.NOT_UNDERSTOOD),
    ],
    ids=str,
)
def test_a_list_of_medicines_is_open_when_nobody_knows_one(value, why):
    (one,) = figures(said(value, link_id="tablets"), item_=TABLETS)

    assert {reason for reason, number in one.why.items() if number} == ({why} if why else set())


def test_what_was_set_aside_is_taken_back():
    known = {"1": pack_with(SMOKER)}
    back = Asked("1", "smoker", -2, "not_sure")

    (one,) = question_figures(
        known, [Asked("1", "smoker", 20), back], [said("not_sure", 5), back], TODAY
    )

    assert one.open == Share(3, 18)


def test_a_question_that_was_always_set_aside_was_not_asked():
    back = Asked("1", "smoker", -20, "yes")
    known = {"1": pack_with(SMOKER)}

    assert question_figures(known, [Asked("1", "smoker", 20), back], [back], TODAY) == ()


@pytest.mark.parametrize(
    "change", [{"required": False}, {"informational": True}, {"from_record": "x"}]
)
def test_only_questions_that_need_an_answer_count(change):
    assert figures(said("not_sure"), item_=replace(SMOKER, **change)) == ()


def test_versions_that_ask_in_the_same_words_are_counted_together():
    same = [pack_with(SMOKER, version=version) for version in ("1", "2")]
    reworded = pack_with(replace(SMOKER, ask="Do you smoke now?"), version="3")

    found = figures(said("not_sure"), said("not_sure", pack_hash="3"), packs=[*same, reworded])

    assert {one.versions: one.open for one in found} == {
        ("1", "2"): Share(1, 40),
        ("3",): Share(1, 20),
    }


def test_the_most_surely_open_come_first():
    known = {"1": pack_with(SMOKER, item("often"), item("seldom"))}
    asked = [Asked("1", "smoker", 3), Asked("1", "often", 100), Asked("1", "seldom", 100)]
    answered = [said("not_sure", 3), said("not_sure", 50, "often"), said("not_sure", 20, "seldom")]

    found = question_figures(known, asked, answered, TODAY)

    assert [one.link_id for one in found] == ["often", "seldom", "smoker"]


class TestInPrivate:
    def test_small_numbers_are_not_told(self):
        (one,) = figures(said("not_sure", 4), private=True)

        assert (one.open, one.why) == (Share(None, 20), None)

    def test_few_forms_are_not_told_either(self):
        (one,) = figures(said("not_sure", 3), asked=4, private=True)

        assert one.open == Share(None, None)

    def test_reasons_are_told_where_the_rest_tells_nothing(self):
        (one,) = figures(said("not_sure", 7), private=True)

        assert one.why == {Open.NOT_SURE: 7, Open.WITHHELD: None, Open.NOT_UNDERSTOOD: None}

    def test_reasons_are_not_told_where_the_sum_would_give_a_small_one_away(self):
        (one,) = figures(said("not_sure", 7), said("withheld", 1), private=True)

        assert (one.open.part, one.why) == (8, None)

    @given(COUNTS)
    def test_no_small_number_can_be_worked_out(self, counts):
        (one,) = figures(
            said("not_sure", counts[Open.NOT_SURE]),
            said("withheld", counts[Open.WITHHELD]),
            said({"not": "offered"}, counts[Open.NOT_UNDERSTOOD]),
            asked=100,
            private=True,
        )

        shown = [n for n in (one.open.part, *(one.why or {}).values()) if n is not None]
        assert all(number >= FEW for number in shown)
        if one.why and one.open.part is not None:
            rest = one.open.part - sum(number or 0 for number in one.why.values())
            assert rest == 0 or rest >= FEW
