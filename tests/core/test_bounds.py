"""All claims of a pack judged at once: the same as each by itself, for every set of answers."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core import screening
from intake.core.answers import Chosen
from intake.core.bounds import Bounds
from intake.core.conditions import All, AnyOf, AtLeast, Condition, Not
from intake.core.medicines import Route
from intake.core.questionnaire import Kind
from intake.core.reading import case_of, read_all
from intake.core.rules import Level
from intake.core.sentences import Is, UnderLabel
from tests.core.builders import (
    MET,
    NOT_MET,
    TODAY,
    UNKNOWN,
    is_,
    item,
    listed,
    now,
    pack,
    rule,
    takes,
)
from tests.strategies import answers, packs, packs_with_answers

RETINOID = takes("oral_retinoid", route=Route.MOUTH)


def one_by_one(some_pack, case):
    """Judge each claim by itself; returns those that are not ruled out, with their place."""
    claims = [claim.when for rule in some_pack.rules for claim in rule.claims]
    truths = enumerate(claim.truth(case) for claim in claims)
    return [(place, truth) for place, truth in truths if truth is not NOT_MET]


def asked_one_by_one(some_pack, case):
    return {link_id: case.asked(link_id) for link_id in some_pack.gates}


def assert_same(some_pack, answers, today=TODAY):
    slow, fast = (case_of(some_pack, answers, today) for _ in range(2))

    found = some_pack.bounds.found(fast)
    assert some_pack.bounds.open_in(found) == one_by_one(some_pack, slow)
    assert some_pack.bounds.asked_in(found) == asked_one_by_one(some_pack, slow)


@given(packs_with_answers())
def test_what_is_open_is_the_same_as_one_by_one(drawn):
    assert_same(*drawn)


@given(packs(), st.data())
def test_what_is_kept_of_answers_is_right_for_the_next_patient(some_pack, data):
    patients = data.draw(st.lists(answers(some_pack), min_size=2, max_size=4))
    for given_ in patients * 2:
        assert_same(some_pack, given_)


def walked(condition, case):
    """Yield each sentence with the truth it has where it stands."""
    if not condition.children():
        yield condition, condition.truth(case)
    inner = case.turned if isinstance(condition, Not) else case
    for part in condition.children():
        yield from walked(part, inner)


@given(packs(), st.data())
def test_a_condition_rests_on_the_same_bits_where_its_sentences_are_alike(some_pack, data):
    claims = [claim.when for rule in some_pack.rules for claim in rule.claims]
    alike = {}
    for given_ in data.draw(st.lists(answers(some_pack), min_size=2, max_size=6)):
        case = case_of(some_pack, given_, TODAY)
        found = some_pack.bounds.found(case)
        for claim, bits in zip(claims, some_pack.bounds.rests_on, strict=True):
            truths = list(walked(claim, case))
            assert alike.setdefault((id(claim), found & bits), truths) == truths


def test_of_every_vignette_of_the_shipped_pack_the_same_is_open(shipped_pack):
    for vignette in shipped_pack.vignettes:
        answers = read_all(shipped_pack, vignette.answers, vignette.plan, vignette.on).answers

        assert_same(shipped_pack, answers, vignette.on)


@given(data=st.data())
def test_of_half_a_form_of_the_shipped_pack_the_same_is_open(shipped_pack, data):
    vignette = data.draw(st.sampled_from(shipped_pack.vignettes))
    whole = read_all(shipped_pack, vignette.answers, vignette.plan, vignette.on).answers
    kept = data.draw(st.sets(st.sampled_from(sorted(whole)))) if whole else set()

    assert_same(shipped_pack, {k: v for k, v in whole.items() if k in kept}, vignette.on)
    assert_same(shipped_pack, {k: v for k, v in whole.items() if k not in kept}, vignette.on)


LIST = item("medicines", Kind.MEDICINES)
GATED = item("gated", enable_when=Not(RETINOID))


@pytest.mark.parametrize("route", [None, *Route], ids=str)
@pytest.mark.parametrize(
    "condition",
    [
        RETINOID,
        Not(RETINOID),
        Not(Not(RETINOID)),
        All((RETINOID, Not(RETINOID))),
        AtLeast((RETINOID, Not(RETINOID)), 1),
        Not(AtLeast((RETINOID, Not(RETINOID), is_("gated", "yes")), 2)),
        is_("gated", "yes"),
        Not(is_("gated", "yes")),
        AnyOf((Not(All((RETINOID, is_("gated", "yes")))), is_("gated", "yes"))),
    ],
    ids=repr,
)
def test_what_is_presumed_is_presumed_alike_inside_a_not(condition, route):
    some_pack = pack((LIST, GATED), [rule("r", Level.REVIEW, condition)])

    for gated in ({}, {"gated": Chosen("yes")}, {"gated": Chosen("no")}):
        assert_same(some_pack, {"medicines": listed(now("isotretinoin", route=route)), **gated})


@dataclass(frozen=True)
class Strange(Condition):
    """A condition of a kind that nobody has heard of."""

    says: object

    def truth(self, case):
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    def children(self):
        return ()


@pytest.mark.parametrize("says", [MET, NOT_MET, UNKNOWN])
@pytest.mark.parametrize("wrap", [lambda one: one, Not, lambda one: All((one, Not(one)))])
def test_a_condition_of_another_kind_is_judged_by_itself(says, wrap):
    some_pack = pack((), [rule("r", Level.STOP, wrap(Strange(says)))])

    assert_same(some_pack, {})


def test_a_label_that_always_applies_is_met_without_an_answer():
    always = UnderLabel("plan.device is pen", "plan.device", ())
    some_pack = pack((), [rule("r", Level.STOP, always), rule("s", Level.STOP, Not(always))])

    assert_same(some_pack, {})
    assert some_pack.bounds.open(case_of(some_pack, {}, TODAY)) == [(0, MET)]


def test_where_it_breaks_each_rule_is_judged_by_itself():
    broken = rule("broken", Level.CAUTION, Strange(ValueError("planted")))
    asks = item("asks")
    some_pack = pack((asks,), [broken, rule("sound", Level.STOP, is_("asks", "yes"))])

    found = screening.screen(some_pack, {"asks": Chosen("yes")}, TODAY).findings

    assert [(one.rule_id, one.error) for one in found] == [("sound", False), ("broken", True)]


def test_an_answer_of_the_wrong_kind_is_unknown():
    asks = item("asks", Kind.CHOICES, options=("a", "b"))
    is_a = Is("asks is a", "asks", (), frozenset({"a"}))
    some_pack = pack((asks,), [rule("r", Level.STOP, is_a)])

    assert_same(some_pack, {"asks": listed(now("warfarin"))})
    assert_same(some_pack, {"asks": Chosen("of another pack")})


@pytest.mark.parametrize("wrap", [Not, lambda one: All((one, Not(one)))])
def test_what_is_presumed_inside_a_not_is_part_of_what_a_condition_rests_on(wrap):
    some_pack = pack((LIST,), [rule("r", Level.REVIEW, wrap(RETINOID))])
    (claim,) = some_pack.rules[0].claims
    (bits,) = some_pack.bounds.rests_on
    rests_on = {}

    for route in (None, *Route):
        case = case_of(some_pack, {"medicines": listed(now("isotretinoin", route=route))}, TODAY)
        found = some_pack.bounds.found(case) & bits
        rests_on.setdefault(tuple(walked(claim.when, case)), set()).add(found)

    assert len(rests_on) == 3
    assert all(len(found) == 1 for found in rests_on.values())
    assert len(set.union(*rests_on.values())) == 3


def test_a_strange_condition_rests_on_what_nobody_can_see():
    some_pack = pack((), [rule("r", Level.STOP, AnyOf((Strange(MET), is_("plan.device", "pen"))))])

    assert some_pack.bounds.rests_on == (None,)


def test_questions_in_a_circle_are_refused():
    circle = {"a": is_("b", "yes"), "b": is_("a", "yes")}

    with pytest.raises(RecursionError):
        Bounds([is_("a", "yes")], circle)


def test_a_pack_without_rules_has_nothing_open():
    assert Bounds([], {}).open(case_of(pack((), []), {}, TODAY)) == []
