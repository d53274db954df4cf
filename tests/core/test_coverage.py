"""Topics and what takes care of them; gaps show."""

from dataclasses import replace

import pytest

from intake.core.coverage import coverage_of, unknown_topics
from intake.core.evidence import Duty, Topic
from intake.core.questionnaire import Page, Questionnaire, Section
from intake.core.rules import Level
from tests.core.builders import AREA, DEVICE, is_, item, pack, rule

TOPICS = (
    Topic("T-1", "One", "Skin"),
    Topic("T-2", "Two", "Skin", left_out="Nobody can answer it."),
    Topic("T-3", "Three", "Blood"),
)


def covering(*, by_rule=(), off=(), question=(), field=(), page=(), duty=(), topics=TOPICS):
    """A pack in which each kind of thing covers some topics."""
    asked = item("q", covers=question)
    rules = [replace(rule("r", Level.STOP, is_("q", "yes")), covers=by_rule)]
    made = pack(
        (asked,),
        rules,
        plan=(replace(AREA, covers=field), DEVICE),
        topics=topics,
        duties=(Duty("d", "Wash", "Before", covers=duty),),
        switched_off=(replace(rules[0], id="off", covers=off),),
    )
    one = Page("p", "P", (asked,), "", private=False, says=(), covers=page)
    return replace(made, questionnaire=Questionnaire((Section("s", "S", (one,)),)))


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("by_rule", "rule r"),
        ("off", "rule off"),
        ("question", "question q"),
        ("field", "plan field plan.area"),
        ("page", "text p"),
        ("duty", "checklist d"),
    ],
)
def test_a_topic_is_covered_by_whatever_names_it(kind, words):
    first, *others = coverage_of(covering(**{kind: ("T-1",)}))

    assert first.by == (words,)
    assert not first.is_gap
    assert all(row.by == () for row in others)


def test_a_topic_may_be_covered_by_several():
    row = coverage_of(covering(by_rule=("T-1",), question=("T-1", "T-3"), duty=("T-1",)))[0]

    assert row.by == ("rule r", "question q", "checklist d")


def test_topics_keep_their_order():
    assert [row.topic.id for row in coverage_of(covering())] == ["T-1", "T-2", "T-3"]


def test_a_topic_that_nothing_names_is_a_gap_unless_there_is_a_reason():
    assert [row.is_gap for row in coverage_of(covering())] == [True, False, True]


def test_a_topic_left_out_for_a_reason_may_be_covered_all_the_same():
    row = coverage_of(covering(by_rule=("T-2",)))[1]

    assert (row.by, row.is_gap) == (("rule r",), False)


def test_a_topic_that_is_not_on_the_list_is_named_with_what_names_it():
    made = covering(by_rule=("T-1", "T-9"), duty=("T-8",))

    named = [(coverer.words, topic) for coverer, topic in unknown_topics(made)]
    assert named == [("rule r", "T-9"), ("checklist d", "T-8")]


def test_a_pack_without_topics_has_no_gaps():
    assert coverage_of(covering(topics=())) == ()


def test_nothing_the_shipped_pack_must_take_care_of_is_left_to_chance(shipped_pack):
    assert [row.topic.id for row in coverage_of(shipped_pack) if row.is_gap] == []
    if shipped_pack.topics:
        assert list(unknown_topics(shipped_pack)) == []
