"""Each kind of sentence: met, not met, unknown, and about a question that is not asked."""

import pytest

from intake.core.answers import Chosen, Missing, Worded, Written
from intake.core.conditions import All, AnyOf, Condition, DateKey, Not
from intake.core.medicines import Status
from intake.core.sentences import Comparison, Quantifier
from tests.core.builders import (
    MET,
    NEVER,
    NO,
    NOT_MET,
    STILL,
    UNKNOWN,
    YES,
    age,
    ago,
    at_least_of,
    case,
    compares,
    days,
    device_is,
    includes,
    is_,
    is_not,
    listed,
    measured,
    named,
    now,
    on,
    overlaps,
    picked,
    spelled,
    stopped,
    takes,
    within,
)

BELOW, AT_MOST, AT_LEAST, ABOVE, BETWEEN = (
    Comparison.BELOW,
    Comparison.AT_MOST,
    Comparison.AT_LEAST,
    Comparison.ABOVE,
    Comparison.BETWEEN,
)
AREAS = {"x": {"cheek": "face", "elbow": "arms", "none": None}}


def judge(sentence: Condition, answer, **others):
    answers = {sentence.subject: answer, **others} if answer is not None else others
    return sentence.truth(case(answers, areas=AREAS))


EVERY_SENTENCE = [
    # sentence, an answer that meets it, one that does not
    (is_("x", "yes"), YES, NO),
    (is_not("x", "yes"), NO, YES),
    (is_("x", "a", "b"), Chosen("b"), Chosen("c")),
    (is_not("x", "a", "b"), Chosen("c"), Chosen("a")),
    (is_("x", "still"), Worded(STILL), Worded(NEVER)),
    (is_("x", "never"), Worded(NEVER), on("2026-01-01")),
    (is_not("x", "never"), on("2026-01-01", "2026-06-01"), Worded(NEVER)),
    (includes("x", "a"), picked("a", "b"), picked("b")),
    (includes("x", "a", "b"), picked("b", "c"), picked("c")),
    (includes("x", "a", "b", of=Quantifier.ALL), picked("a", "b", "c"), picked("a", "c")),
    (includes("x", "a", "b", of=Quantifier.NONE), picked("c"), picked("a", "c")),
    (compares("x", BELOW, "8.5"), measured("8.4"), measured("8.5")),
    (compares("x", AT_MOST, "8.5"), measured("8.50"), measured("8.6")),
    (compares("x", AT_LEAST, "8.5"), measured("8.5"), measured("8.4")),
    (compares("x", ABOVE, "8.5"), measured("8.6"), measured("8.5")),
    (compares("x", BETWEEN, "5", "10"), measured("5"), measured("10.1")),
    (compares("x", BETWEEN, "5", "10"), measured("10"), measured("4.9")),
    (within("x", "14 days"), on("2026-06-02"), on("2026-06-01")),
    (within("x", "14 days"), Worded(STILL), Worded(NEVER)),
    (ago("x", "14 days"), on("2026-06-01"), on("2026-06-02")),
    (ago("x", "14 days"), on("2020-01-01", "2020-12-31"), Worded(NEVER)),
    (ago("x", "14 days"), on("2020-01-01"), Worded(STILL)),
    (age(BELOW, 18, subject="x"), on("2008-06-16"), on("2008-06-15")),
    (age(AT_LEAST, 18, subject="x"), on("2008-06-15"), on("2008-06-16")),
    (age(AT_MOST, 18, subject="x"), on("2007-06-16"), on("2007-06-15")),
    (age(ABOVE, 18, subject="x"), on("2007-06-15"), on("2007-06-16")),
    (age(BETWEEN, 18, 21, subject="x"), on("2008-06-15"), on("2008-06-16")),
    (age(BETWEEN, 18, 21, subject="x"), on("2004-06-16"), on("2004-06-15")),
    (takes("anticoagulant", subject="x"), listed("warfarin"), listed("aspirin")),
    (takes("anticoagulant", subject="x", status=Status.CURRENT), listed(now("warfarin")), listed()),
    (
        takes("anticoagulant", subject="x", within="14 days"),
        listed(stopped("warfarin", "2026-06-02")),
        listed(stopped("warfarin", "2026-06-01")),
    ),
    (device_is("skinpen"), Chosen("skinpen"), Chosen("generic")),
    (overlaps("x"), picked("cheek"), picked("elbow")),
    (overlaps("x"), picked("cheek", "elbow"), picked("none")),
]
IDS = [f"{sentence.text}-{number}" for number, (sentence, _, _) in enumerate(EVERY_SENTENCE)]
EVERY = pytest.mark.parametrize(("sentence", "meets", "fails"), EVERY_SENTENCE, ids=IDS)
FACE = {"plan.area": picked("face")}


class TestEverySentence:
    @EVERY
    def test_is_met_or_not_met_by_an_answer(self, sentence, meets, fails):
        assert judge(sentence, meets, **FACE) is MET
        assert judge(sentence, fails, **FACE) is NOT_MET

    @EVERY
    @pytest.mark.parametrize("missing", [None, *Missing], ids=spelled)
    def test_is_unknown_without_a_value(self, sentence, meets, fails, missing):
        assert judge(sentence, missing, **FACE) is UNKNOWN

    @EVERY
    def test_is_unknown_with_an_answer_of_the_wrong_kind(self, sentence, meets, fails):
        assert judge(sentence, Written("yes"), **FACE) is UNKNOWN

    @EVERY
    def test_is_not_met_while_its_question_is_not_asked(self, sentence, meets, fails):
        hidden = case(
            {sentence.subject: meets, "gate": NO, **FACE},
            gates={sentence.subject: is_("gate", "yes")},
            areas=AREAS,
        )

        assert sentence.truth(hidden) is NOT_MET

    @EVERY
    def test_is_at_most_unknown_while_nobody_knows_whether_it_is_asked(
        self, sentence, meets, fails
    ):
        gates = {sentence.subject: is_("gate", "yes")}

        met = case({sentence.subject: meets, **FACE}, gates=gates, areas=AREAS)
        failed = case({sentence.subject: fails, **FACE}, gates=gates, areas=AREAS)

        assert sentence.truth(met) is UNKNOWN
        assert sentence.truth(failed) is NOT_MET

    @EVERY
    def test_is_judged_while_its_question_is_asked(self, sentence, meets, fails):
        asked = case(
            {sentence.subject: meets, "gate": YES, **FACE},
            gates={sentence.subject: is_("gate", "yes")},
            areas=AREAS,
        )

        assert sentence.truth(asked) is MET

    @EVERY
    def test_is_a_leaf(self, sentence, meets, fails):
        assert sentence.children() == ()
        assert list(sentence.sentences()) == [sentence]


class TestUnsure:
    """Ticked options are certain; beside "and something I don't know" the others are unknown."""

    @pytest.mark.parametrize(
        ("of", "ticked", "truth"),
        [
            (Quantifier.ANY, "a", MET),
            (Quantifier.ANY, "c", UNKNOWN),
            (Quantifier.ALL, "a", UNKNOWN),
            (Quantifier.NONE, "a", NOT_MET),
            (Quantifier.NONE, "c", UNKNOWN),
        ],
    )
    def test_includes(self, of, ticked, truth):
        assert judge(includes("x", "a", "b", of=of), picked(ticked, unsure=True)) is truth

    def test_includes_all_of_is_met_once_all_are_ticked(self):
        sentence = includes("x", "a", "b", of=Quantifier.ALL)

        assert judge(sentence, picked("a", "b", unsure=True)) is MET


class TestVagueDates:
    def test_a_date_straddling_the_window_is_unknown_either_way(self):
        vague = on("2026-05-01", "2026-06-10")

        assert judge(within("x", "14 days"), vague) is UNKNOWN
        assert judge(ago("x", "14 days"), vague) is UNKNOWN

    @pytest.mark.parametrize("how", [BELOW, AT_LEAST])
    def test_a_year_of_birth_may_leave_the_age_unknown(self, how):
        assert judge(age(how, 18, subject="x"), on("2008-01-01", "2008-12-31")) is UNKNOWN

    def test_a_year_of_birth_may_leave_the_upper_end_unknown(self):
        assert judge(age(BETWEEN, 18, 21, subject="x"), on("2004-01-01", "2004-12-31")) is UNKNOWN


class TestBetween:
    def test_without_an_upper_limit_is_exactly_the_limit(self):
        assert judge(compares("x", BETWEEN, "5"), measured("5")) is MET
        assert judge(compares("x", BETWEEN, "5"), measured("6")) is NOT_MET

    def test_may_end_at_zero(self):
        assert judge(compares("x", BETWEEN, "-5", "0"), measured("-2")) is MET


class TestAge:
    def test_is_reached_on_the_birthday(self):
        born = {"birth_date": on("2008-06-16")}

        assert age(AT_LEAST, 18).truth(case(born)) is NOT_MET
        assert age(AT_LEAST, 18).truth(case(born).on(days("2026-06-16").earliest)) is MET

    def test_whoever_was_born_on_29_february_is_a_year_older_on_1_march(self):
        born = {"birth_date": on("2008-02-29")}

        assert age(BELOW, 18).truth(case(born, today=days("2026-02-28").latest)) is MET
        assert age(BELOW, 18).truth(case(born, today=days("2026-03-01").latest)) is NOT_MET

    def test_looks_at_every_birthday_that_matters(self):
        sentence = age(BETWEEN, 18, 21)

        uses = list(sentence.dates(case({"birth_date": on("2008-06-16")})))

        assert {use.window.count for use in uses} >= {18, 22}
        assert {use.key for use in uses} == {DateKey("birth_date")}


class TestOverlaps:
    @pytest.mark.parametrize(
        ("spots", "area", "truth"),
        [
            (picked("cheek"), picked("face", "neck"), MET),
            (picked("cheek"), picked("arms"), NOT_MET),
            (picked("cheek"), picked("arms", unsure=True), UNKNOWN),
            (picked("cheek"), Missing.NOT_SURE, UNKNOWN),
            (picked("cheek"), None, UNKNOWN),
            (picked("none"), None, NOT_MET),
            (picked("elbow", unsure=True), picked("face"), UNKNOWN),
            (picked("elbow", unsure=True), picked("arms"), MET),
            (picked("elbow", unsure=True), None, UNKNOWN),
        ],
        ids=spelled,
    )
    def test_marked_spots_and_planned_areas(self, spots, area, truth):
        plan = {} if area is None else {"plan.area": area}

        assert judge(overlaps("x"), spots, **plan) is truth

    def test_a_spot_the_pack_does_not_place_is_never_ruled_out(self):
        """A value outside what the pack defines is unknown."""
        assert judge(overlaps("x"), picked("moon"), **FACE) is not NOT_MET


class TestPlanFields:
    def test_are_looked_at_like_questions(self):
        plan = {"plan.area": picked("face"), "plan.depth_mm": measured("1.6")}

        assert includes("plan.area", "face", "neck").truth(case(plan)) is MET
        assert compares("plan.depth_mm", ABOVE, "1.5").truth(case(plan)) is MET
        assert is_("plan.device", "skinpen").truth(case(plan)) is UNKNOWN


class TestGroups:
    A, B, C = is_("a", "yes"), is_("b", "yes"), is_("c", "yes")
    ANSWERS = case({"a": YES, "b": NO})

    @pytest.mark.parametrize(
        ("condition", "truth"),
        [
            (All((A, B)), NOT_MET),
            (All((A, C)), UNKNOWN),
            (All((A,)), MET),
            (AnyOf((B, C)), UNKNOWN),
            (AnyOf((A, C)), MET),
            (AnyOf((B,)), NOT_MET),
            (Not(A), NOT_MET),
            (Not(B), MET),
            (Not(C), UNKNOWN),
            (at_least_of(2, A, B, C), UNKNOWN),
            (at_least_of(1, A, B, C), MET),
            (at_least_of(3, A, B, C), NOT_MET),
            (named(C), UNKNOWN),
            (named(A), MET),
            (Not(All((A, named(Not(B))))), NOT_MET),
        ],
        ids=spelled,
    )
    def test_are_judged_in_three_values(self, condition, truth):
        assert condition.truth(self.ANSWERS) is truth

    def test_every_sentence_is_found_in_order(self):
        nested = All((self.A, AnyOf((Not(self.B), named(self.C))), at_least_of(1, self.A)))

        assert list(nested.sentences()) == [self.A, self.B, self.C, self.A]


class TestGates:
    def test_unknown_counts_as_asked(self):
        gated = case({}, gates={"x": is_("gate", "yes")})

        assert gated.asked("x") is UNKNOWN
        assert gated.asked("gate") is MET

    def test_a_chain_is_hidden_from_the_top(self):
        """The middle question keeps an answer that would open the last one."""
        chain = {"b": is_("a", "yes"), "c": is_("b", "yes")}
        answers = {"a": NO, "b": YES, "c": YES}

        assert is_("c", "yes").truth(case(answers, gates=chain)) is NOT_MET

    def test_not_about_a_hidden_question_is_met(self):
        gated = case({"gate": NO}, gates={"x": is_("gate", "yes")})

        assert Not(is_("x", "yes")).truth(gated) is MET


class TestExactDates:
    def test_a_vague_answer_can_be_taken_for_one_day(self):
        vague = case({"x": on("2026-05-01", "2026-06-10")})

        exact = vague.with_exact_date(DateKey("x"), days("2026-06-09").latest)

        assert within("x", "14 days").truth(exact) is MET
        assert exact.answer("x").said == "2026-05-01"

    def test_so_can_the_day_a_medicine_was_stopped(self):
        rows = listed("aspirin", stopped("warfarin", "2026-01-01", "2026-06-10"))
        key = DateKey("medicines", 1)

        exact = case({"medicines": rows}).with_exact_date(key, days("2026-01-01").latest)

        assert takes("anticoagulant", within="14 days").truth(exact) is NOT_MET

    @pytest.mark.parametrize("answer", [YES, Worded(STILL), Missing.NOT_SURE, listed("aspirin")])
    def test_an_answer_without_a_date_stays_as_it_is(self, answer):
        same = case({"x": answer})

        assert same.with_exact_date(DateKey("x"), days("2026-01-01").latest) == same

    def test_only_dates_that_are_given_are_measured(self):
        rows = listed("aspirin", stopped("warfarin"), stopped("warfarin", "2026-01-01"))
        answers = case({"x": Worded(STILL), "medicines": rows})

        assert not list(within("x", "14 days").dates(answers))
        assert not list(age(BELOW, 18, subject="x").dates(answers))
        assert not list(is_("x", "still").dates(answers))
        assert not list(takes("anticoagulant").dates(answers))
        assert [use.key.row for use in takes("anticoagulant", within="1 year").dates(answers)] == [
            2
        ]
