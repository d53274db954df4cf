"""Findings that come again: the same as judging each rule anew, for every patient and day."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core import bounds, recurring, screening
from intake.core.answers import Chosen, Measured, Missing, Picked
from intake.core.conditions import All, AnyOf, Condition, Not
from intake.core.questionnaire import Kind
from intake.core.reading import case_of, read_all
from intake.core.rules import Level
from intake.core.screening import in_order, judge, screen, set_aside, unknown_questions
from intake.core.sentences import Comparison
from intake.core.spots import Spot
from intake.core.truth import Truth
from tests.core.builders import (
    NO,
    TODAY,
    YES,
    compares,
    device_is,
    includes,
    is_,
    is_not,
    item,
    listed,
    now,
    on,
    pack,
    picked,
    rule,
    spelled,
    within,
)
from tests.strategies import answers, packs

DAYS = [TODAY, *(TODAY + timedelta(days=n) for n in (1, 14, 60, 400))]
UNDATED = (Kind.YES_NO, Kind.CHOICE, Kind.CHOICES, Kind.NUMBER, Kind.BODY_MAP)


def judged_anew(some_pack, given, today):
    """Judge each rule by itself, walking its condition, with nothing remembered."""
    case = case_of(some_pack, given, today)
    found = [judge(rule, case, some_pack) for rule in some_pack.rules]
    return tuple(sorted((one for one in found if one is not None), key=in_order))


def assert_same(some_pack, given, today=TODAY):
    screening = screen(some_pack, given, today)
    case = case_of(some_pack, given, today)

    assert screening.findings == judged_anew(some_pack, given, today)
    assert screening.set_aside == tuple(set_aside(case))
    assert screening.unknown_count == len(list(unknown_questions(some_pack, case)))


@st.composite
def packs_with_patients(draw, **wanted):
    """Draw a pack, and patients of whom some come again, perhaps on another day."""
    made = draw(packs(**wanted))
    patients = draw(
        st.lists(st.tuples(answers(made), st.sampled_from(DAYS)), min_size=1, max_size=4)
    )
    return made, patients * 2


@given(packs_with_patients())
def test_patients_one_after_the_other_are_judged_as_if_each_were_the_first(drawn):
    made, patients = drawn
    for given_, today in patients:
        assert_same(made, given_, today)


@given(packs_with_patients(kinds=UNDATED))
def test_so_they_are_where_no_rule_measures_dates(drawn):
    made, patients = drawn
    for given_, today in patients:
        assert_same(made, given_, today)


def read(some_pack, vignette):
    return read_all(some_pack, vignette.answers, vignette.plan, vignette.on).answers


@pytest.fixture(scope="module")
def new_pack(shipped_pack):
    """The shipped pack, of which nothing is remembered yet."""
    return replace(shipped_pack)


def test_every_vignette_of_the_shipped_pack_is_judged_alike_the_second_time(new_pack):
    for vignette in (*new_pack.vignettes, *reversed(new_pack.vignettes)):
        assert_same(new_pack, read(new_pack, vignette), vignette.on)


@given(data=st.data())
def test_half_a_form_of_the_shipped_pack_is_judged_alike_among_others(new_pack, data):
    vignette = data.draw(st.sampled_from(new_pack.vignettes))
    whole = read(new_pack, vignette)
    kept = data.draw(st.sets(st.sampled_from(sorted(whole)))) if whole else set()

    assert_same(new_pack, {k: v for k, v in whole.items() if k in kept}, vignette.on)
    assert_same(new_pack, {k: v for k, v in whole.items() if k not in kept}, vignette.on)


A = item("a")
CHOICE = item("choice", Kind.CHOICE, options=("x", "y", "z", "not_sure", "0"))
CHOICES = item("choices", Kind.CHOICES, options=("x", "y", "z", "none"))
NUMBER = item("number", Kind.NUMBER)
WHEN = item("when", Kind.DATE)
TEXT = item("text", Kind.TEXT)
MAP = item("map", Kind.BODY_MAP, options=("x", "y"))
MEDICINES = item("medicines", Kind.MEDICINES)
GATED = item("gated", enable_when=is_("a", "yes"))
IN_TIME = item("in_time", enable_when=within("when", "14 days"))
ITEMS = (A, CHOICE, CHOICES, NUMBER, WHEN, TEXT, MAP, MEDICINES, GATED, IN_TIME)


def pack_of(*conditions, stricter=()):
    rules = [rule(f"r{n}", Level.STOP, one) for n, one in enumerate(conditions)]
    labelled = [rule("s", Level.CAUTION, conditions[0], stricter=stricter)] if stricter else []
    return pack(ITEMS, [*rules, *labelled])


@pytest.mark.parametrize(
    ("condition", "patients"),
    [
        (is_("choice", "x", "y"), [Chosen("x"), Chosen("y"), *Missing]),
        (is_not("choice", "z"), [Chosen("not_sure"), Chosen("0"), *Missing]),
        (includes("choices", "x", "y"), [picked("x"), picked("y"), picked("x", "z"), *Missing]),
        (includes("choices", "x", "y"), [picked("z", unsure=True), picked("x", unsure=True)]),
        (includes("choices", "x"), [picked("x"), picked("x", unsure=True), picked("x")]),
        (includes("map", "x"), [Picked(frozenset("x"), spots=(Spot("x", what=w),)) for w in "pq"]),
        (compares("number", Comparison.ABOVE, "5"), [Measured(Decimal(n)) for n in (6, 7, 4)]),
        (includes("choices", "x"), [Chosen(one.value) for one in Missing] + list(Missing)),
        (is_not("choice", "x"), [listed(now("warfarin")), Chosen("y"), Missing.NOT_SURE]),
    ],
    ids=spelled,
)
def test_what_is_cited_is_what_this_patient_said(condition, patients):
    some_pack = pack_of(condition)
    (subject,) = condition.subjects

    for said in [*patients, *reversed(patients)]:
        assert_same(some_pack, {subject: said})
        assert_same(some_pack, {subject: said})


@pytest.mark.parametrize("a", [YES, NO, Missing.NOT_SURE])
def test_a_question_that_is_not_asked_is_cited_as_such(a):
    some_pack = pack_of(Not(is_("gated", "yes")), AnyOf((is_("gated", "no"), is_("a", "no"))))

    for _ in range(2):
        for gated in (YES, NO, Missing.WITHHELD):
            assert_same(some_pack, {"a": YES, "gated": gated})
            assert_same(some_pack, {"a": a, "gated": gated})


def test_a_rule_that_hangs_on_a_date_is_judged_anew_for_each_patient_and_day():
    some_pack = pack_of(is_("in_time", "yes"), All((is_("a", "yes"), is_not("in_time", "no"))))
    ends = set()

    for day in DAYS:
        for when in (on("2026-06-10"), on("2026-06-12"), on("2026-06-01", "2026-06-12")):
            given_ = {"when": when, "in_time": YES, "a": YES}
            assert_same(some_pack, given_, day)
            ends.add(screen(some_pack, given_, day).findings[:1])

    assert len(ends) > 3


@dataclass(frozen=True)
class OnOddDays(Condition):
    """A condition of a kind that nobody has heard of."""

    def truth(self, case):
        return Truth.of(case.today.day % 2 == 1)

    def children(self):
        return ()


def test_a_rule_with_a_strange_condition_is_judged_anew():
    some_pack = pack_of(AnyOf((OnOddDays(), is_("a", "yes"))))

    for day in [TODAY, TODAY + timedelta(days=1), TODAY]:
        for a in (Missing.NOT_SURE, YES, NO):
            assert_same(some_pack, {"a": a}, day)


def test_the_same_answers_give_the_very_same_finding():
    some_pack = pack_of(is_("a", "yes"), stricter=[("skinpen", Level.STOP)])

    first, second = (
        screen(some_pack, {"a": Chosen("yes"), "number": Measured(Decimal(n))}, TODAY)
        for n in (1, 2)
    )

    assert len(first.findings) == 2
    assert all(one is two for one, two in zip(first.findings, second.findings, strict=True))


def test_a_label_is_part_of_what_a_finding_rests_on():
    some_pack = pack_of(is_("a", "yes"), stricter=[("skinpen", Level.STOP)])

    for device in ("skinpen", "exceed", "skinpen"):
        assert_same(some_pack, {"a": YES, "plan.device": Chosen(device)})
    assert_same(some_pack, {"a": YES})


def test_a_fault_while_a_finding_is_made_is_not_remembered(monkeypatch):
    some_pack = pack_of(is_("a", "yes"))
    monkeypatch.setattr(screening, "cited_in", lambda *_: 1 / 0)
    (broken,) = screen(some_pack, {"a": YES}, TODAY).findings
    monkeypatch.undo()
    (sound,) = screen(some_pack, {"a": YES}, TODAY).findings

    assert (broken.error, sound.error) == (True, False)


PRIVATE = {
    "number": Measured(Decimal("7.351")),
    "when": on("2026-06-10"),
    "text": Missing.NOT_SURE,
    "map": Picked(frozenset("x"), spots=(Spot("x", what="a scar from Lima"),)),
    "medicines": listed(now("warfarin of Aunt Ada")),
    "choice": listed(now("what Aunt Ada took")),
}
TELLING = ("7.351", "10 June 2026", "Lima", "Ada")


def everything_in(memory):
    """Write out all that is remembered."""
    return repr(
        [getattr(memory, name) for name in ("_kept", "_questions") if hasattr(memory, name)]
    )


def test_nothing_that_a_patient_wrote_is_remembered():
    conditions = [
        compares("number", Comparison.ABOVE, "5"),
        includes("map", "x"),
        is_not("choice", "x"),
        All((is_("a", "yes"), compares("number", Comparison.ABOVE, "5"))),
        within("when", "14 days"),
        is_("a", "yes"),
    ]
    some_pack = pack_of(*conditions)

    found = screen(some_pack, {**PRIVATE, "a": YES}, TODAY).findings

    held = everything_in(some_pack.recurring) + everything_in(some_pack.bounds)
    assert [word for word in TELLING if word not in repr(found)] == []
    assert [word for word in TELLING if word in held] == []
    assert "a is yes" in held


@given(packs_with_patients(kinds=UNDATED))
def test_what_is_remembered_has_an_end(drawn):
    made, patients = drawn
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recurring, "MOST_KEPT", 2)
        patch.setattr(bounds, "MOST_KEPT", 2)
        for given_, today in patients:
            assert_same(made, given_, today)

    kept = [one for rule in made.recurring._kept for one in rule.values()]
    assert sum(len(alike.findings) for alike in kept) <= 2
    assert all(len(one.kept) <= 2 for one in made.bounds._questions)


def test_a_thousand_ways_to_tick_leave_no_more_than_the_limit(monkeypatch):
    monkeypatch.setattr(recurring, "MOST_KEPT", 10)
    many = item("many", Kind.CHOICES, options=[f"o{n}" for n in range(10)])
    some_pack = pack((many,), [rule("r", Level.STOP, includes("many", "o0"))])
    for number in range(1, 1024):
        ticked = frozenset(f"o{n}" for n in range(10) if number >> n & 1)
        screen(some_pack, {"many": Picked(ticked)}, TODAY)

    (kept,) = some_pack.recurring._kept
    (question,) = some_pack.bounds._questions
    assert sum(len(alike.findings) for alike in kept.values()) <= 10
    assert len(question.kept) <= bounds.MOST_KEPT


def test_a_device_is_told_from_another():
    some_pack = pack_of(All((is_("a", "yes"), device_is("skinpen"))))

    for device in ("skinpen", "exceed", "skinpen"):
        assert_same(some_pack, {"a": YES, "plan.device": Chosen(device)})


@pytest.mark.parametrize("broken", ["find", "keep"])
def test_where_keeping_breaks_every_rule_is_judged_by_itself(monkeypatch, shipped_pack, broken):
    def fail(*_):
        raise RuntimeError

    vignette = max(shipped_pack.vignettes, key=lambda one: len(one.answers))
    answers = read_all(shipped_pack, vignette.answers, vignette.plan, vignette.on).answers
    expected = screen(shipped_pack, answers, vignette.on)
    monkeypatch.setattr(shipped_pack.recurring, "find", lambda *_: None)
    monkeypatch.setattr(shipped_pack.recurring, broken, fail)

    assert screen(shipped_pack, answers, vignette.on) == expected
    assert expected.findings
