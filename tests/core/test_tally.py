"""What counts as fired, as decided, and as decided against."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.decisions import Disposition, OverrideReason
from intake.core.review import GOING_AHEAD, NEEDING_REASON
from intake.core.rules import Level, Triage
from intake.core.tally import ENDS, Decided, Found, Screened, Sent, Tally
from intake.core.truth import Truth
from tests.core.builders import TODAY, is_, pack, rule

AT = datetime(2026, 6, 1, 9, tzinfo=UTC)
NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
RULES = ("one", "two", "three")
PACKS = {
    name: replace(
        pack(rules=[rule(id_, Level.STOP, is_("smoker", "yes")) for id_ in RULES]),
        hash=name,
        version=name.upper(),
    )
    for name in ("old", "new")
}
PROCEED, REFER, DEFER = Disposition.PROCEED, Disposition.REFER, Disposition.DEFER


def found(rule_id="one", truth=Truth.MET, effect=Triage.STOP):
    return Found(rule_id, truth, effect)


def screened(*findings, id_="s1", pack_hash="old"):
    return Screened(id_, pack_hash, Triage.STOP, findings or (found(),))


def decided(disposition, minutes=10, screening="s1", until=None, **reasons):
    return Decided(screening, disposition, AT + timedelta(minutes=minutes), until, reasons)


def tallied(*cases):
    tally = Tally(NOW, TODAY)
    for case in cases:
        tally.add(case)
    return tally


def counted(*cases):
    return {(r.rule_id, r.pack_hash, r.truth): r for r in tallied(*cases).rules(PACKS)}


def only(*cases):
    (figures,) = counted(*cases).values()
    return figures


class TestARule:
    def test_counts_once_for_a_case_that_was_screened_twice(self):
        case = Sent(AT, (screened(), screened(id_="s2")))

        assert only(case).fired == 1

    def test_counts_once_for_each_version(self):
        case = Sent(AT, (screened(), screened(id_="s2", pack_hash="new")))

        assert {key[1]: r.fired for key, r in counted(case).items()} == {"old": 1, "new": 1}

    def test_that_deferred_a_case_fired_although_it_is_gone_on_the_day(self):
        gone = Screened("s2", "old", Triage.ROUTINE)
        case = Sent(
            AT, (screened(), gone), (decided(DEFER), decided(PROCEED, 20_000, screening="s2"))
        )

        figures = only(case)

        assert (figures.fired, figures.against.part, figures.against.whole) == (1, 0, 1)

    def test_that_stands_again_is_judged_by_the_newest_screening(self):
        case = Sent(
            AT,
            (screened(), screened(found(truth=Truth.UNKNOWN), id_="s2")),
            (decided(DEFER), decided(PROCEED, screening="s2")),
        )

        figures = only(case)

        assert (figures.truth, figures.against.part) == (Truth.UNKNOWN, 1)

    def test_met_and_not_ruled_out_are_counted_apart(self):
        cases = [Sent(AT, (screened(found(truth=truth)),)) for truth in (Truth.MET, Truth.UNKNOWN)]

        assert {key[2] for key in counted(*cases)} == {Truth.MET, Truth.UNKNOWN}


class TestADecision:
    @pytest.mark.parametrize(
        ("disposition", "against", "of"),
        [
            (Disposition.PROCEED, 1, 1),
            (Disposition.PROCEED_WITH_PRECAUTIONS, 1, 1),
            (Disposition.DEFER, 0, 1),
            (Disposition.DO_NOT_TREAT, 0, 1),
            (Disposition.REFER, 0, 0),
            (Disposition.NEED_INFORMATION, 0, 0),
        ],
    )
    def test_goes_against_a_rule_or_heeds_it_or_leaves_it_open(self, disposition, against, of):
        figures = only(Sent(AT, (screened(),), (decided(disposition),)))

        assert (figures.against.part, figures.against.whole) == (against, of)

    def test_that_is_the_last_one_counts(self):
        taken_back = Sent(AT, (screened(),), (decided(PROCEED), decided(Disposition.DO_NOT_TREAT)))
        referred = Sent(AT, (screened(),), (decided(REFER), decided(PROCEED)))

        assert only(taken_back).against.part == 0
        assert only(referred).against.part == 1

    def test_to_read_a_caution_is_not_against_it(self):
        case = Sent(AT, (screened(found(effect=Triage.CAUTION)),), (decided(PROCEED),))

        figures = only(case)

        assert (figures.fired, figures.against.whole) == (1, 0)

    def test_has_its_reasons_counted(self):
        reasons = [OverrideReason.EXAMINED, OverrideReason.OTHER, OverrideReason.OTHER]
        cases = [Sent(AT, (screened(),), (decided(PROCEED, one=reason),)) for reason in reasons]

        assert only(*cases).reasons == ((OverrideReason.OTHER, 2), (OverrideReason.EXAMINED, 1))

    def test_has_no_reasons_where_it_did_not_go_ahead(self):
        case = Sent(AT, (screened(),), (decided(DEFER, one=OverrideReason.OTHER),))

        assert only(case).reasons == ()


class TestAWait:
    def test_runs_to_the_first_decision_that_is_an_end(self):
        case = Sent(AT, (screened(),), (decided(REFER, 5), decided(PROCEED, 30), decided(DEFER)))

        assert case.ended_after == 30

    def test_of_few_has_no_usual_length(self):
        cases = [Sent(AT, (screened(),), (decided(PROCEED, n),)) for n in range(9)]

        wait = only(*cases).wait

        assert (wait.ended, wait.half, wait.most, wait.longest) == (9, None, None, 8)

    def test_of_enough_says_half_and_nine_in_ten(self):
        cases = [Sent(AT, (screened(),), (decided(PROCEED, n),)) for n in range(1, 11)]

        wait = only(*cases).wait

        assert (wait.ended, wait.half, wait.most, wait.longest) == (10, 5, 9, 10)

    def test_that_goes_on_is_told_beside(self):
        cases = [Sent(AT + timedelta(days=d), (screened(),), (decided(REFER),)) for d in (0, 3)]

        wait = only(*cases).wait

        assert (wait.ended, wait.still, wait.oldest) == (0, 2, 14 * 24 * 60)

    def test_is_never_below_nothing(self):
        assert Sent(AT, (screened(),), (decided(PROCEED, -5),)).ended_after == 0

    def test_begins_again_for_a_case_that_came_back(self):
        back = Sent(AT, (screened(),), (decided(DEFER, until=TODAY),))
        later = Sent(AT, (screened(),), (decided(DEFER, until=TODAY + timedelta(days=1)),))

        assert tallied(back, later).open_again == 1


def test_a_rule_that_never_fired_is_named():
    silent = tallied(Sent(AT, (screened(),))).silent([PACKS["old"]])

    assert [rule.id for _, rule in silent] == ["two", "three"]


def test_a_rule_that_its_pack_has_not_is_told_like_a_private_one():
    figures = only(Sent(AT, (screened(found("gone")),)))

    assert (figures.title, figures.fired) == ("gone", None)


FOUND = st.builds(
    Found,
    st.sampled_from(RULES),
    st.sampled_from([Truth.MET, Truth.UNKNOWN]),
    st.sampled_from(Triage),
)
FINDINGS = st.lists(FOUND, max_size=3, unique_by=lambda one: one.rule_id).map(tuple)
DECISIONS = st.lists(
    st.builds(
        Decided,
        st.sampled_from(["s0", "s1", "s2"]),
        st.sampled_from(Disposition),
        st.integers(-10, 20_000).map(lambda minutes: AT + timedelta(minutes=minutes)),
        st.none() | st.dates(date(2026, 6, 1), date(2026, 7, 1)),
        st.dictionaries(st.sampled_from(RULES), st.sampled_from(OverrideReason)),
    ),
    max_size=3,
).map(tuple)


@st.composite
def cases(draw):
    found_each = draw(st.lists(FINDINGS, min_size=1, max_size=3))
    screenings = tuple(
        Screened(f"s{n}", draw(st.sampled_from(sorted(PACKS))), Triage.REVIEW, findings)
        for n, findings in enumerate(found_each)
    )
    return Sent(AT, screenings, draw(DECISIONS))


CASES = st.lists(cases(), max_size=8)


@given(CASES, st.randoms())
def test_the_order_of_cases_does_not_matter(some, random):
    before, shuffled = counted(*some), list(some)

    random.shuffle(shuffled)

    after = counted(*shuffled)
    assert set(after) == set(before)
    for key, figures in after.items():
        assert replace(figures, reasons=()) == replace(before[key], reasons=())
        assert dict(figures.reasons) == dict(before[key].reasons)


@given(CASES)
def test_every_number_is_what_counting_by_hand_gives(some):
    for (rule_id, pack_hash, truth), figures in counted(*some).items():
        fired = answered = ahead = 0
        for case in some:
            standing = [
                (s, f)
                for s in case.screenings
                for f in s.found
                if s.pack_hash == pack_hash and f.rule_id == rule_id
            ]
            if not standing or standing[-1][1].truth is not truth:
                continue
            screening, finding = standing[-1]
            made = [d.disposition for d in case.decisions if d.screening_id == screening.id]
            fired += 1
            if finding.effect in NEEDING_REASON and made and made[-1] in ENDS:
                answered += 1
                ahead += made[-1] in GOING_AHEAD

        assert (figures.fired, figures.against.part, figures.against.whole) == (
            fired, ahead, answered,
        )  # fmt: skip


@given(CASES)
def test_the_parts_never_exceed_the_whole(some):
    tally = tallied(*some)
    rules = tally.rules(PACKS)

    assert sum(one.sent for one in tally.triages()) == tally.cases == len(some)
    for figures in rules:
        assert figures.against.part <= figures.against.whole <= figures.fired <= len(some)
        assert sum(number for _, number in figures.reasons) <= figures.against.part
        assert figures.wait.ended + figures.wait.still == figures.fired
