"""What must hold for every pack and every set of answers.

The theorem: if the triage is routine or caution, then every way of filling in what is unknown still
gives routine or caution.
"""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from intake.core.answers import Missing
from intake.core.conditions import Not
from intake.core.medicines import Route
from intake.core.questionnaire import Kind
from intake.core.reading import case_of
from intake.core.rules import Level, Triage
from intake.core.screening import screen
from tests.core.builders import (
    AREA,
    NOT_MET,
    TODAY,
    UNKNOWN,
    item,
    listed,
    now,
    pack,
    rule,
    takes,
)
from tests.strategies import (
    KINDS,
    SIMPLE_KINDS,
    answers,
    completed,
    conditions,
    every_completion,
    full_answers,
    packs,
    packs_with_answers,
    partial_answers,
    question_of,
    rules,
    sentences,
)

WAIT = (Level.DEFER,)
MILD = (Triage.CAUTION, Triage.ROUTINE)
RARE = settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
SMALL = {"kinds": SIMPLE_KINDS, "max_items": 2, "max_rules": 2}


def truths(of, given_answers, today=TODAY):
    """The truth of every claim of every rule."""
    case = case_of(of, given_answers, today)
    return [claim.when.truth(case) for rule in of.rules for claim in rule.claims]


def agree(before, after):
    """Whether what was settled before is unchanged."""
    return all(old in (UNKNOWN, new) for old, new in zip(before, after, strict=True))


any_area = st.one_of(full_answers(AREA), partial_answers(AREA))


def dates_and_effect(finding):
    """What a finding does."""
    return finding.rule_id, finding.effect, finding.truth, finding.earliest_safe_date


# The theorem


@settings(RARE, max_examples=60)
@given(packs_with_answers(), st.data())
def test_theorem_a_mild_triage_stays_mild_however_the_unknown_turns_out(drawn, data):
    some_pack, partial = drawn
    assume(screen(some_pack, partial, TODAY).triage in MILD)

    for _ in range(10):
        full = data.draw(completed(some_pack, partial))

        assert screen(some_pack, full, TODAY).triage in MILD


@RARE
@given(packs_with_answers(**SMALL))
def test_theorem_for_a_small_pack_on_every_completion(drawn):
    some_pack, partial = drawn
    assume(screen(some_pack, partial, TODAY).triage in MILD)
    completions = every_completion(some_pack, partial)
    assume(completions)
    event("several completions" if len(completions) > 1 else "one completion")

    worst = Triage.most_serious([screen(some_pack, full, TODAY).triage for full in completions])

    assert worst in MILD


@given(packs_with_answers(levels=(Level.STOP, Level.REVIEW, Level.DEFER)), st.data())
def test_theorem_for_each_rule_a_silent_one_stays_silent(drawn, data):
    some_pack, partial = drawn
    loud = {finding.rule_id for finding in screen(some_pack, partial, TODAY).findings}
    full = data.draw(completed(some_pack, partial))

    louder = {finding.rule_id for finding in screen(some_pack, full, TODAY).findings}

    assert louder <= loud


class TestTheoremForRoutes:
    """A route nobody said may be said later; a pack counts some medicines by their route."""

    ROUTES = (None, *Route)
    LISTS = item("medicines", Kind.MEDICINES)

    def mildest_and_worst(self, condition):
        """The triage while the route is not said, and the worst once it is."""
        some_pack = pack((self.LISTS,), [rule("r", Level.REVIEW, condition)])
        unsaid, *said = [
            screen(some_pack, {"medicines": listed(now("isotretinoin", route=route))}, TODAY).triage
            for route in self.ROUTES
        ]
        return unsaid, Triage.most_serious(said)

    @pytest.mark.parametrize(
        "condition",
        [
            takes("oral_retinoid"),
            takes("topical_retinoid"),
            takes("oral_retinoid", route=Route.MOUTH),
            Not(takes("oral_retinoid")),
            Not(takes("oral_retinoid", route=Route.MOUTH)),
        ],
        ids=["class", "class by another route", "route", "not class", "not route"],
    )
    def test_theorem_a_route_said_later_finds_nothing_new(self, condition):
        unsaid, worst = self.mildest_and_worst(condition)

        assert unsaid.rank <= worst.rank


# What is settled stays settled


@given(packs_with_answers(), st.data())
def test_whatever_the_unknown_turns_out_to_be_it_overturns_nothing_settled(drawn, data):
    some_pack, partial = drawn
    full = data.draw(completed(some_pack, partial))

    before, after = truths(some_pack, partial), truths(some_pack, full)

    assert agree(before, after)


@pytest.mark.parametrize("kind", KINDS)
@given(st.data())
def test_a_sentence_is_settled_only_by_what_every_completion_agrees_on(kind, data):
    """As above for one sentence, so that every kind of vagueness gets its share."""
    question = question_of("x", kind)
    one = pack((question,), [rule("r", Level.STOP, data.draw(sentences(question)))])
    vague = {"x": data.draw(partial_answers(question)), "plan.area": data.draw(any_area)}

    before = truths(one, vague)

    for _ in range(5):
        assert agree(before, truths(one, data.draw(completed(one, vague))))


@RARE
@given(packs_with_answers(**SMALL))
def test_settled_means_that_every_completion_agrees(drawn):
    some_pack, partial = drawn
    completions = every_completion(some_pack, partial, at_most=200)
    assume(completions)

    before = truths(some_pack, partial)

    assert all(agree(before, truths(some_pack, full)) for full in completions)


@given(packs_with_answers(), st.data())
def test_one_more_answer_never_overturns_a_settled_condition(drawn, data):
    some_pack, partial = drawn
    open_questions = [
        n for n in some_pack.items if isinstance(partial.get(n, Missing.NOT_SURE), Missing)
    ]
    assume(open_questions)
    name = data.draw(st.sampled_from(open_questions))
    more = {**partial, name: data.draw(full_answers(some_pack.items[name]))}

    before, after = truths(some_pack, partial), truths(some_pack, more)

    assert agree(before, after)


@given(packs(), st.data())
def test_full_answers_leave_no_rule_unknown(some_pack, data):
    full = data.draw(answers(some_pack, kind=full_answers))

    found = truths(some_pack, full)

    assert UNKNOWN not in found


@given(packs())
def test_no_answers_settle_nothing(some_pack):
    found = truths(some_pack, {})

    assert set(found) == {UNKNOWN}


@given(packs_with_answers(), st.sampled_from(list(Missing)))
def test_every_reason_for_having_no_value_is_the_same_to_a_rule(drawn, reason):
    some_pack, partial = drawn
    same = {n: reason if isinstance(answer, Missing) else answer for n, answer in partial.items()}

    assert truths(some_pack, same) == truths(some_pack, partial)


# Saying less


@given(packs_with_answers(), st.data())
def test_not_sure_in_place_of_an_answer_never_goes_below_review(drawn, data):
    """Where a stop, review or non-date defer rule was met and the answer mattered to it."""
    some_pack, full = drawn
    name = data.draw(st.sampled_from(sorted(some_pack.items)))
    less = {**full, name: Missing.NOT_SURE}
    met = [f for f in screen(some_pack, full, TODAY).findings if f.truth is not UNKNOWN]

    after = {f.rule_id: f for f in screen(some_pack, less, TODAY).findings}

    for finding in met:
        if finding.level is Level.CAUTION:
            continue
        less_sure = after[finding.rule_id]
        waits = finding.level is Level.DEFER and (
            less_sure.only_dates or less_sure.truth is not UNKNOWN
        )
        assert less_sure.effect.rank <= (Triage.DEFER if waits else Triage.REVIEW).rank


@given(packs_with_answers(), st.data())
def test_not_sure_in_place_of_an_answer_silences_no_finding(drawn, data):
    some_pack, full = drawn
    name = data.draw(st.sampled_from(sorted(some_pack.items)))
    before = {f.rule_id for f in screen(some_pack, full, TODAY).findings}

    after = {f.rule_id for f in screen(some_pack, {**full, name: Missing.NOT_SURE}, TODAY).findings}

    assert before <= after


# More rules, other orders


@given(packs_with_answers(), st.data())
def test_one_more_rule_never_lowers_the_triage(drawn, data):
    some_pack, given_answers = drawn
    extra = data.draw(rules(tuple(some_pack.items.values()), "extra"))
    questions = some_pack.questionnaire.items.values()
    before = screen(some_pack, given_answers, TODAY)

    after = screen(pack(questions, (*some_pack.rules, extra)), given_answers, TODAY)

    assert after.triage.rank <= before.triage.rank
    assert set(before.findings) <= set(after.findings)


@given(packs_with_answers(), st.randoms(use_true_random=False))
def test_the_order_of_rules_and_answers_does_not_matter(drawn, random):
    some_pack, given_answers = drawn
    questions = some_pack.questionnaire.items.values()
    turned = pack(questions, random.sample(some_pack.rules, len(some_pack.rules)))
    shuffled = dict(random.sample(list(given_answers.items()), len(given_answers)))
    one = screen(some_pack, given_answers, TODAY)

    other = screen(turned, shuffled, TODAY)

    assert other.findings == one.findings
    assert (other.triage, other.earliest_safe_date) == (one.triage, one.earliest_safe_date)
    assert sorted(other.set_aside) == sorted(one.set_aside)


@settings(RARE, max_examples=50)
@given(packs_with_answers(kinds=SIMPLE_KINDS, max_rules=2), st.data())
def test_an_answer_to_a_question_that_is_not_asked_changes_nothing(drawn, data):
    some_pack, given_answers = drawn
    case = case_of(some_pack, given_answers, TODAY)
    hidden = [name for name in some_pack.items if case.asked(name) is NOT_MET]
    assume(hidden)
    name = data.draw(st.sampled_from(hidden))
    other = {**given_answers, name: data.draw(full_answers(some_pack.items[name]))}

    before, after = screen(some_pack, given_answers, TODAY), screen(some_pack, other, TODAY)

    assert truths(some_pack, other) == truths(some_pack, given_answers)
    assert [dates_and_effect(f) for f in after.findings] == [
        dates_and_effect(f) for f in before.findings
    ]


# Dates


@given(packs_with_answers(gated=False, levels=WAIT), st.integers(0, 30000))
def test_from_the_earliest_safe_date_on_a_rule_stays_not_met(drawn, later):
    some_pack, given_answers = drawn
    dated = [f for f in screen(some_pack, given_answers, TODAY).findings if f.earliest_safe_date]

    for finding in dated:
        claims = some_pack.rules_by_id[finding.rule_id].claims
        label = None if finding.is_label_open else finding.label
        claim = next(c for c in claims if (c.label, c.level) == (label, finding.level))
        case = case_of(some_pack, given_answers, TODAY)
        first = finding.earliest_safe_date

        assert claim.when.truth(case.on(first)) is NOT_MET
        assert claim.when.truth(case.on(first - timedelta(days=1))) is not NOT_MET
        assert claim.when.truth(case.on(first + timedelta(days=later))) is NOT_MET


@RARE
@given(packs(kinds=(Kind.DATE,), max_items=2, max_rules=1, labelled=False, levels=WAIT), st.data())
def test_a_wait_for_vague_dates_is_as_long_as_for_any_day_they_may_mean(some_pack, data):
    vague = data.draw(answers(some_pack, kind=partial_answers))
    found = screen(some_pack, vague, TODAY).findings
    assume(found and found[0].effect is Triage.DEFER)
    full = data.draw(completed(some_pack, vague))

    exact = screen(some_pack, full, TODAY)

    assert exact.triage in (Triage.DEFER, Triage.ROUTINE)
    if exact.findings and found[0].earliest_safe_date:
        assert exact.findings[0].earliest_safe_date <= found[0].earliest_safe_date


# Conditions


@given(packs(max_items=3), st.data())
def test_a_condition_cites_only_questions_it_is_about(some_pack, data):
    given_answers = data.draw(answers(some_pack))
    about = {rule.id: set(rule.subjects) | {"plan.device"} for rule in some_pack.rules}

    found = screen(some_pack, given_answers, TODAY).findings

    assert not any(finding.error for finding in found)
    assert all({cited.link_id for cited in f.cited} <= about[f.rule_id] for f in found)
    assert all(f.cited for f in found)


@given(packs(max_items=3), st.data())
def test_a_double_negation_changes_nothing(some_pack, data):
    case = case_of(some_pack, data.draw(answers(some_pack)), TODAY)
    condition = data.draw(conditions(tuple(some_pack.items.values())))

    assert Not(Not(condition)).truth(case) is condition.truth(case)
