"""What is proved about a rule: seeded faults are found, and the shipped rules have none."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from intake.core.answers import Picked
from intake.core.conditions import All, AnyOf, Not, Sentence
from intake.core.dates import Unit, Window
from intake.core.proving import tables
from intake.core.proving.cells import Cells
from intake.core.proving.proofs import is_as_strict, prove, shadowed
from intake.core.proving.tables import Table
from intake.core.questionnaire import Kind
from intake.core.reading import case_of
from intake.core.rules import Level
from intake.core.sentences import Comparison, Overlaps, Within
from intake.core.truth import Truth
from tests.core.builders import (
    MET,
    NOT_MET,
    TODAY,
    UNKNOWN,
    age,
    at_least_of,
    compares,
    includes,
    is_,
    is_not,
    item,
    named,
    pack,
    picked,
    rule,
    spelled,
    takes,
    within,
)
from tests.strategies import packs

A, B = item("a"), item("b")
YES_A, YES_B = is_("a", "yes"), is_("b", "yes")
EVER = item("ever")
HEALED = item("healed", Kind.DATE, enable_when=is_("ever", "yes"))
RECENT = within("healed", "14 days")
BORN = item("birth_date", Kind.DATE)
ADULT, CHILD = age(Comparison.AT_LEAST, 18), age(Comparison.BELOW, 18)


def proof_of(condition, *items, level=Level.STOP, stricter=()):
    one = rule("r", level, condition, stricter=stricter)
    return prove(one, Cells(pack(items, [one]), TODAY))


def found_shadowed(*rules, items=(A, B, EVER, HEALED)):
    cells = Cells(pack(items, rules), TODAY)
    return [(hidden.id, other.id) for hidden, other in shadowed(rules, cells)]


@dataclass(frozen=True)
class Naive(Sentence):
    """A sentence that takes "not sure about others" for "none of the others"."""

    code: str

    def judge(self, answer, case):
        return Truth.of(isinstance(answer, Picked) and self.code in answer.codes)


@dataclass(frozen=True)
class Hasty(Within):
    """A window that is over as soon as it may be over."""

    def judge(self, answer, case):
        found = super().judge(answer, case)
        return NOT_MET if found is UNKNOWN else found


@dataclass(frozen=True)
class TakesSilenceForNo(Sentence):
    """A sentence that takes a missing answer for no."""

    def truth(self, case):
        return Truth.of(str(getattr(case.answer(self.subject), "code", "no")) == "yes")

    def judge(self, answer, case):
        return Truth.of(getattr(answer, "code", "no") == "yes")


# A rule that is whole


def test_a_whole_rule_has_an_example_of_each_outcome():
    condition = All((is_("ever", "yes"), RECENT))

    proof = proof_of(condition, EVER, HEALED)

    for answers, truth in ((proof.met, MET), (proof.open, UNKNOWN), (proof.not_met, NOT_MET)):
        case = case_of(pack((EVER, HEALED)), answers, TODAY)
        assert condition.truth(case) is truth
    assert (proof.fails_open, proof.needless, proof.at_odds) == (None, None, None)


def test_it_says_how_many_cases_were_looked_at():
    proof = proof_of(All((is_("a", "yes"), is_("b", "yes"))), A, B)

    assert (proof.cases, proof.method) == (9, "every one of 9 cases")


def test_the_examples_are_the_smallest():
    proof = proof_of(AnyOf((is_("a", "yes"), is_("b", "yes"))), A, B)

    assert sorted(answer.code for answer in proof.met.values()) == ["no", "yes"]
    assert {answer.code for answer in proof.not_met.values()} == {"no"}


def test_a_rule_that_depends_on_too_much_is_said_not_to_be_proved(monkeypatch):
    monkeypatch.setattr(tables, "MOST_ROWS", 8)

    proof = proof_of(All((is_("a", "yes"), is_("b", "yes"))), A, B)

    assert (proof.cases, proof.method) == (0, "not proved: too many cases")


# Seeded faults


UNREACHABLE = {
    "contradiction": (All((is_("a", "yes"), is_("a", "no"))), (A,)),
    "what its gate hides": (All((is_("ever", "no"), RECENT)), (EVER, HEALED)),
    "two ages at once": (All((ADULT, CHILD)), (BORN,)),
    "more parts than can be": (at_least_of(2, is_("a", "yes"), is_("a", "no")), (A,)),
    "two thresholds that leave nothing": (
        All((compares("n", Comparison.BELOW, "5"), compares("n", Comparison.AT_LEAST, "5"))),
        (item("n", Kind.NUMBER),),
    ),
    "a day within both a window and before it": (
        All((RECENT, Not(within("healed", "1 year")))),
        (EVER, HEALED),
    ),
}

ALWAYS = {
    "yes or no": (AnyOf((is_("a", "yes"), is_("a", "no"))), (A,)),
    "adult or child": (AnyOf((ADULT, CHILD)), (BORN,)),
    "one of every option": (
        includes("c", "x", "y"),
        (item("c", Kind.CHOICES, options=("x", "y")),),
    ),
    "not what cannot be": (Not(All((is_("a", "yes"), is_not("a", "yes")))), (A,)),
}


@pytest.mark.parametrize(("condition", "items"), UNREACHABLE.values(), ids=UNREACHABLE)
def test_a_rule_that_nobody_can_meet_is_found(condition, items):
    assert proof_of(condition, *items).met is None


@pytest.mark.parametrize(("condition", "items"), ALWAYS.values(), ids=ALWAYS)
def test_a_rule_that_nobody_can_rule_out_is_found(condition, items):
    proof = proof_of(condition, *items)

    assert proof.not_met is None
    assert proof.met is not None


class TestIdleLines:
    def test_of_a_good_rule_are_none(self):
        assert proof_of(All((is_("a", "yes"), is_("b", "yes"))), A, B).idle_lines == ()

    @pytest.mark.parametrize(
        ("condition", "items", "line"),
        [
            (All((is_("ever", "yes"), RECENT)), (EVER, HEALED), "ever is yes"),
            (
                All((RECENT, within("healed", "1 year"))),
                (EVER, HEALED),
                "healed within 1 year",
            ),
            (AnyOf((RECENT, within("healed", "1 year"))), (EVER, HEALED), "healed within 14 days"),
            (
                AnyOf((is_("a", "yes"), All((is_("a", "yes"), is_("b", "yes"))))),
                (A, B),
                "a is yes …",
            ),
            (All((YES_B, AnyOf((YES_A, YES_A)))), (A, B), "a is yes"),
        ],
        ids=["gate says it", "longer window", "shorter window", "absorbed", "said twice"],
    )
    def test_are_named(self, condition, items, line):
        assert f"without '{line}'" in proof_of(condition, *items).idle_lines

    def test_of_a_named_condition_are_found_inside_it(self):
        inside = named(AnyOf((is_("a", "yes"), is_("a", "yes"))))

        assert proof_of(All((inside, is_("b", "yes"))), A, B).idle_lines

    def test_are_not_lines_that_only_matter_while_something_is_open(self):
        """Two halves of a day say the same of whoever answers, and not of whoever does not."""
        condition = All((is_("a", "yes"), AnyOf((is_("b", "yes"), is_("b", "no")))))

        assert proof_of(condition, A, B).idle_lines == ()


class TestNeedless:
    @pytest.mark.parametrize(
        ("condition", "items"),
        [
            (AnyOf((CHILD, ADULT)), (BORN,)),
            (AnyOf((is_("a", "yes"), is_("a", "no"))), (A,)),
            (All((is_("a", "yes"), is_("a", "no"))), (A,)),
            (
                AnyOf((All((is_("a", "yes"), is_("b", "yes"))), is_("a", "no"), is_("b", "no"))),
                (A, B),
            ),
        ],
        ids=["child or adult", "yes or no", "yes and no", "one of three"],
    )
    def test_is_asking_what_cannot_matter(self, condition, items):
        assert proof_of(condition, *items).needless is not None

    @pytest.mark.parametrize(
        ("condition", "items"),
        [
            (CHILD, (BORN,)),
            (All((is_("a", "yes"), is_("b", "yes"))), (A, B)),
            (RECENT, (EVER, HEALED)),
            (takes("anticoagulant"), (item("medicines", Kind.MEDICINES),)),
            (includes("c", "x"), (item("c", Kind.CHOICES, options=("x", "y", "none")),)),
        ],
        ids=["age", "both", "gated", "medicine", "ticks"],
    )
    def test_is_not_asking_what_may(self, condition, items):
        assert proof_of(condition, *items).needless is None


@settings(suppress_health_check=list(HealthCheck), max_examples=60)
@given(packs(max_items=3, max_rules=1, labelled=False))
def test_no_rule_made_of_the_sentences_there_are_fails_open_or_is_at_odds(some_pack):
    one = some_pack.rules[0]
    assume(not any(isinstance(sentence, Overlaps) for sentence in one.sentences))
    assume(Table(Cells(some_pack, TODAY), [one.when]).size <= 50_000)

    proof = prove(one, Cells(some_pack, TODAY))

    assert (proof.fails_open, proof.at_odds) == (None, None)


class TestFailsOpen:
    TICKS = item("c", Kind.CHOICES, options=("x", "y", "none"))

    @pytest.mark.parametrize(
        ("sentence", "items"),
        [
            (Naive("c includes x", "c", (), "x"), (TICKS,)),
            (Hasty("h within 14 days", "h", (), RECENT.window), (item("h", Kind.DATE),)),
        ],
        ids=["not sure ticked", "vague date"],
    )
    def test_is_a_sentence_that_takes_an_open_answer_for_no(self, sentence, items):
        assert proof_of(sentence, *items).fails_open is not None

    def test_or_is_it_at_odds_with_the_screening_where_it_takes_silence_for_no(self):
        """Its table judges it as every sentence is judged; the screening does as it says."""
        proof = proof_of(TakesSilenceForNo("a is yes", "a", ()), A)

        assert proof.at_odds is not None

    def test_such_a_sentence_does_fail_open(self):
        """What the tests above are about, in the engine itself."""
        naive = Naive("c includes x", "c", (), "x")
        some_pack = pack((self.TICKS,))

        before, after = (
            naive.truth(case_of(some_pack, {"c": said}, TODAY))
            for said in (picked("y", unsure=True), picked("x", "y"))
        )

        assert (before, after) == (NOT_MET, MET)

    def test_is_not_asked_of_a_caution(self):
        proof = proof_of(is_("a", "yes"), A, level=Level.CAUTION)

        assert proof.fails_open is None


class TestShadowed:
    MILD = rule("mild", Level.REVIEW, All((is_("a", "yes"), is_("b", "yes"))))
    SERIOUS = rule("serious", Level.STOP, is_("a", "yes"))

    def test_is_a_rule_met_only_where_a_more_serious_one_is(self):
        assert found_shadowed(self.MILD, self.SERIOUS) == [("mild", "serious")]

    def test_is_not_a_rule_that_is_met_somewhere_else(self):
        other = rule("other", Level.REVIEW, is_("b", "yes"))

        assert found_shadowed(other, self.SERIOUS) == []

    def test_is_not_the_more_serious_one(self):
        same = rule("same", Level.STOP, All((is_("a", "yes"), is_("b", "yes"))))

        assert found_shadowed(same, self.SERIOUS) == []

    def test_is_found_through_gates(self):
        asked = rule("asked", Level.DEFER, RECENT)
        ever = rule("ever", Level.REVIEW, is_("ever", "yes"))

        assert found_shadowed(asked, ever) == [("asked", "ever")]

    def test_is_found_between_windows(self):
        asked = rule("days", Level.DEFER, RECENT)
        longer = rule("year", Level.REVIEW, within("healed", "1 year"))

        assert found_shadowed(asked, longer) == [("days", "year")]

    def test_is_no_rule_that_nobody_can_meet(self):
        never = rule("never", Level.DEFER, All((is_("a", "yes"), is_("a", "no"))))

        assert found_shadowed(never, self.SERIOUS) == []

    def test_is_not_a_rule_that_a_label_makes_as_serious(self):
        mild = rule("mild", Level.REVIEW, is_("a", "yes"), stricter=[("skinpen", "stop")])
        serious = rule("middle", Level.DEFER, is_("a", "yes"))

        assert found_shadowed(serious, mild) == [("middle", "mild")]

    def test_is_not_a_rule_that_a_label_makes_more_serious_than_the_other(self):
        mild = rule("mild", Level.CAUTION, is_("a", "yes"), stricter=[("skinpen", "stop")])
        middle = rule("middle", Level.REVIEW, is_("a", "yes"))

        assert found_shadowed(mild, middle) == []


class TestIsAsStrict:
    @pytest.mark.parametrize(
        ("lowered", "written", "expected"),
        [
            (RECENT, RECENT, True),
            (within("healed", "15 days"), RECENT, True),
            (within("healed", "13 days"), RECENT, False),
            (within("healed", "2 weeks"), RECENT, True),
            (AnyOf((RECENT, is_("a", "yes"))), RECENT, True),
            (All((RECENT, is_("a", "yes"))), RECENT, False),
            (Not(within("healed", "15 days")), Not(RECENT), False),
            (Not(within("healed", "13 days")), Not(RECENT), True),
        ],
        ids=["same", "longer", "shorter", "other unit", "wider", "narrower", "not longer",
             "not shorter"],
    )  # fmt: skip
    def test_is_met_or_open_wherever_the_other_is(self, lowered, written, expected):
        asked = pack((A, EVER, HEALED))
        rules = (rule("lowered", Level.STOP, lowered), rule("written", Level.STOP, written))

        assert is_as_strict(*rules, Cells(asked, TODAY), asked) is expected


# The shipped rules


@pytest.fixture(scope="module")
def shipped_proofs(shipped_pack):
    cells = Cells(shipped_pack, shipped_pack.base.on)
    return {one.id: prove(one, cells) for one in shipped_pack.rules}


@pytest.mark.parametrize("what", ["met", "not_met"])
def test_every_shipped_rule_can_be_met_and_ruled_out(shipped_proofs, what):
    assert [name for name, proof in shipped_proofs.items() if getattr(proof, what) is None] == []


@pytest.mark.parametrize("what", ["fails_open", "at_odds"])
def test_no_shipped_rule_fails_open_or_is_at_odds(shipped_proofs, what):
    assert {n for n, proof in shipped_proofs.items() if getattr(proof, what) is not None} == set()


def test_every_shipped_rule_is_proved_on_every_case(shipped_proofs):
    assert [name for name, proof in shipped_proofs.items() if not proof.cases] == []


def test_no_shipped_rule_has_an_idle_line(shipped_proofs):
    assert {name: p.idle_lines for name, p in shipped_proofs.items() if p.idle_lines} == {}


def test_what_an_example_shows_is_so(shipped_pack, shipped_proofs):
    wrong = [
        (name, truth)
        for name, proof in shipped_proofs.items()
        for answers, truth in ((proof.met, MET), (proof.not_met, NOT_MET), (proof.open, UNKNOWN))
        if answers is not None
        and shipped_pack.rules_by_id[name].when.truth(
            case_of(shipped_pack, answers, shipped_pack.base.on)
        )
        is not truth
    ]

    assert wrong == []


@given(st.data())
def test_a_proof_of_a_random_rule_shows_what_is_so(data):
    some_pack = data.draw(packs(max_items=2, max_rules=1, labelled=False))
    one = some_pack.rules[0]
    cells = Cells(some_pack, TODAY)
    assume(Table(cells, [one.when]).size <= 20_000)

    proof = prove(one, cells)

    for answers, truth in ((proof.met, MET), (proof.not_met, NOT_MET), (proof.open, UNKNOWN)):
        if answers is not None:
            assert one.when.truth(case_of(some_pack, answers, TODAY)) is truth


MONTH_ENDS = [date(2027, m, monthrange(2027, m)[1]) for m in range(1, 13)] + [date(2028, 2, 29)]


@pytest.mark.parametrize("day", MONTH_ENDS, ids=spelled)
def test_every_shipped_rule_with_calendar_windows_holds_on_every_month_end(shipped_pack, day):
    cells = Cells(shipped_pack, day)
    calendar = {
        name
        for name, setting in shipped_pack.settings.items()
        if isinstance(setting.value, Window) and setting.value.unit in (Unit.MONTHS, Unit.YEARS)
    }

    proofs = [prove(r, cells) for r in shipped_pack.rules if calendar & set(r.settings)]

    assert proofs
    assert [
        p.rule_id for p in proofs if p.fails_open or p.at_odds or not (p.met and p.not_met)
    ] == []
