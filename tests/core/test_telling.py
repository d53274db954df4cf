"""What is told beside a form adds reasons to wait, look or ask, and takes none away."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.core.answers import Chosen, Listed, Missing, Picked
from intake.core.keeping import kept
from intake.core.medicines import MedicineEntry
from intake.core.questionnaire import Kind
from intake.core.rules import Level, Triage
from intake.core.screening import Finding, Teller, screen
from intake.core.telling import Telling, screen_told, with_telling, worst_of
from intake.core.truth import Truth
from tests.core.builders import TODAY, includes, is_, item, pack, rule
from tests.strategies import full_answers, packs_with_answers, partial_answers

RARE = settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
SORE = item("sore", Kind.YES_NO)
LIST = item("list", Kind.CHOICES, options=("a", "b", "none"))
MEDICINES = item("medicines", Kind.MEDICINES)
SMALL = pack(
    [SORE, LIST, MEDICINES],
    [
        rule("sore-now", Level.STOP, is_("sore", "yes")),
        rule("a-ever", Level.CAUTION, includes("list", "a")),
    ],
)
WELL = {"sore": Chosen("no"), "list": Picked(frozenset({"none"}))}


def weight(finding):
    return finding.effect.rank, finding.truth is not Truth.MET


@st.composite
def told_of(draw, some_pack):
    """Draw something told of a few questions, and answers that count no more."""
    asked = [one for one in some_pack.items.values() if not one.is_plan_field]
    told = {}
    for one in draw(st.lists(st.sampled_from(asked), max_size=3)):
        answer = draw(st.one_of(full_answers(one), partial_answers(one)))
        told[one.link_id] = kept(one, answer)
    gone = draw(st.frozensets(st.sampled_from([one.link_id for one in asked]), max_size=2))
    return Telling(draw(st.sampled_from(Teller)), told, gone)


@RARE
@given(packs_with_answers(), st.data())
def test_no_telling_takes_a_finding_away_or_makes_it_milder(drawn, data):
    some_pack, answers = drawn
    told = data.draw(st.lists(told_of(some_pack), max_size=3))

    alone = screen(some_pack, answers, TODAY)
    together = screen_told(some_pack, answers, told, TODAY)

    found = {finding.rule_id: finding for finding in together.findings}
    assert together.triage.rank <= alone.triage.rank
    assert all(weight(found[one.rule_id]) <= weight(one) for one in alone.findings)


@RARE
@given(packs_with_answers(), st.data())
def test_more_that_is_told_never_lowers_the_triage(drawn, data):
    some_pack, answers = drawn
    told = data.draw(st.lists(told_of(some_pack), min_size=1, max_size=3))

    fewer = screen_told(some_pack, answers, told[:-1], TODAY)
    more = screen_told(some_pack, answers, told, TODAY)

    assert more.triage.rank <= fewer.triage.rank


@given(packs_with_answers())
def test_nothing_told_gives_what_the_form_gives(drawn):
    some_pack, answers = drawn

    assert screen_told(some_pack, answers, [], TODAY) == screen(some_pack, answers, TODAY)


def test_what_is_told_is_screened_and_named():
    found = screen_told(SMALL, WELL, [Telling(Teller.CHAIR, {"sore": "yes"})], TODAY)

    assert found.triage is Triage.STOP
    assert [(f.rule_id, f.teller) for f in found.findings] == [("sore-now", Teller.CHAIR)]


def test_a_no_at_the_chair_leaves_a_yes_on_the_form():
    found = screen_told(
        SMALL, {**WELL, "sore": Chosen("yes")}, [Telling(Teller.CHAIR, {"sore": "no"})], TODAY
    )

    assert [(f.rule_id, f.teller) for f in found.findings] == [("sore-now", Teller.FORM)]


def test_answers_that_count_no_more_are_unknown():
    told = [Telling(Teller.AGE, {}, frozenset({"sore"}))]

    found = screen_told(SMALL, WELL, told, TODAY)

    assert found.triage is Triage.REVIEW
    assert [(f.rule_id, f.truth) for f in found.findings] == [("sore-now", Truth.UNKNOWN)]


@pytest.mark.parametrize(
    "answers", [{"strange": "yes"}, {"sore": "perhaps"}], ids=["no such question", "no such answer"]
)
def test_what_the_pack_has_no_place_for_raises_the_triage(answers):
    found = screen_told(SMALL, WELL, [Telling(Teller.RECORD, answers)], TODAY)

    assert found.triage is Triage.REVIEW


@pytest.mark.parametrize(
    ("now", "told", "together"),
    [
        (Picked(frozenset({"a"})), ["b"], Picked(frozenset({"a", "b"}))),
        (Picked(frozenset({"none"})), ["a"], Picked(frozenset({"a"}))),
        (Picked(frozenset({"none"})), ["not_sure"], Missing.NOT_SURE),
        (Picked(frozenset({"a"})), ["not_sure"], Picked(frozenset({"a"}), unsure=True)),
        (Missing.WITHHELD, ["a"], Picked(frozenset({"a"}), unsure=True)),
        (Missing.NOT_ANSWERED, ["not_sure"], Missing.NOT_SURE),
    ],
    ids=["both", "none gives way", "none is open", "more is open", "withheld stays", "open"],
)
def test_parts_of_a_list_are_added(now, told, together):
    typed, is_whole = with_telling(
        SMALL, {"list": now}, Telling(Teller.CHAIR, {"list": told}), TODAY
    )

    assert is_whole
    assert typed["list"] == together


def test_a_medicine_named_at_the_chair_stands_beside_the_others():
    now = Listed((MedicineEntry("aspirin"),))
    told = Telling(Teller.CHAIR, {"medicines": [{"name": "warfarin"}]})

    typed, _ = with_telling(SMALL, {"medicines": now}, told, TODAY)

    assert [entry.name for entry in typed["medicines"].entries] == ["aspirin", "warfarin"]


def test_no_medicines_and_a_new_one_nobody_knows_is_open():
    told = Telling(Teller.CHAIR, {"medicines": ["not_sure"]})

    typed, _ = with_telling(SMALL, {"medicines": Listed(())}, told, TODAY)

    assert typed["medicines"] is Missing.NOT_SURE


def _deferring(day):
    finding = Finding("r", "R", Level.DEFER, Triage.DEFER, Truth.MET, earliest_safe_date=day)
    return replace(screen(SMALL, WELL, TODAY), findings=(finding,), triage=Triage.DEFER)


@pytest.mark.parametrize(
    ("days", "latest"), [((3, 9), 9), ((9, 3), 9), ((3, None), None), ((None, 3), None)]
)
def test_of_two_dates_the_later_counts_and_no_date_counts_most(days, latest):
    dates = [TODAY + timedelta(n) if n is not None else None for n in days]

    found = worst_of([_deferring(day) for day in dates])

    assert found.earliest_safe_date == (TODAY + timedelta(latest) if latest else None)
