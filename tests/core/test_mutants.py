"""Small faults: each is made, those without effect are known for certain, the others noticed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, assume, given, settings

from intake import packs
from intake.core.answers import Missing, read_answer
from intake.core.conditions import All, AnyOf, Not
from intake.core.medicines import Route, Status
from intake.core.proving import TooLargeError, tables
from intake.core.proving.boundaries import boundaries_of, outcome_on, telling_apart
from intake.core.proving.cells import Cells
from intake.core.proving.mutants import mutants_of, without_a_line
from intake.core.proving.scoring import Score, Watcher, generated_for
from intake.core.proving.tables import Table
from intake.core.questionnaire import Kind
from intake.core.reading import case_of, read_all
from intake.core.rules import Expectation, Level, Triage, Vignette
from intake.core.sentences import Comparison, Overlaps, Quantifier
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
    item,
    named,
    pack,
    rule,
    spelled,
    takes,
    within,
)
from tests.packs.builders import edited
from tests.strategies import packs as random_packs

A, B, C = item("a"), item("b"), item("c")
EVER = item("ever")
HEALED = item("healed", Kind.DATE, enable_when=is_("ever", "yes"))
RECENT = within("healed", "14 days")
YES_A, YES_B, YES_C = (is_(name, "yes") for name in "abc")
THREE = YES_A, YES_B, YES_C
MEDICINES = item("medicines", Kind.MEDICINES)
CHOICE = item("x", Kind.CHOICE, options=("p", "q", "r"))
TICKS = item("t", Kind.CHOICES, options=("p", "q", "r", "none"))
NUMBER = item("n", Kind.NUMBER, decimals=1)
ITEMS = (A, B, C, EVER, HEALED, MEDICINES, CHOICE, TICKS, NUMBER, item("birth_date", Kind.DATE))
EVERYTHING = {one.link_id: one for one in ITEMS}
R, V = "rules/all.yaml", "vignettes/all.yaml"


def faults_of(condition, level=Level.REVIEW, **rest):
    """The small faults of a rule, by what they are called."""
    return [m.words for m in mutants_of(rule("r", level, condition, **rest), EVERYTHING)]


def changed(condition, words):
    """The condition with the one fault of that name in it."""
    (found,) = [
        m.changed.when
        for m in mutants_of(rule("r", Level.REVIEW, condition), EVERYTHING)
        if m.words == words
    ]
    return found


def cells_for(*rules):
    return Cells(pack(ITEMS, rules), TODAY)


def equivalents(condition, level=Level.REVIEW, **rest):
    """The small faults of a rule that change nothing for anybody."""
    one = rule("r", level, condition, **rest)
    cells = cells_for(one)
    return {
        m.words
        for m in mutants_of(one, EVERYTHING)
        if telling_apart(one, m.changed, m.words, cells) is None
    }


def score_of(some_pack, generated=()):
    watcher = Watcher(some_pack, generated)
    cells = Cells(some_pack, some_pack.base.on)
    return Score(tuple(v for one in some_pack.rules for v in watcher.verdicts(one, cells)))


def tiny(*edits):
    return packs.load_texts(edited(*edits), TODAY)


# The faults there are

FAULTS = {
    "all for any": (AnyOf((YES_A, YES_B)), "'all' for 'any'", All((YES_A, YES_B))),
    "any for all": (All((YES_A, YES_B)), "'any' for 'all'", AnyOf((YES_A, YES_B))),
    "line forgotten": (All((YES_A, YES_B)), "without 'a is yes'", YES_B),
    "one of three forgotten": (
        AnyOf((YES_A, YES_B, YES_C)), "without 'b is yes'", AnyOf((YES_A, YES_C)),
    ),
    "not forgotten": (Not(YES_A), "'not' forgotten before 'a is yes'", YES_A),
    "not too many": (YES_A, "'not' before 'a is yes'", Not(YES_A)),
    "one part fewer": (at_least_of(2, *THREE), "at least 1 for 2", at_least_of(1, *THREE)),
    "one part more": (at_least_of(2, *THREE), "at least 3 for 2", at_least_of(3, *THREE)),
}  # fmt: skip


@pytest.mark.parametrize(("condition", "words", "expected"), FAULTS.values(), ids=FAULTS)
def test_a_fault_of_the_structure_is_made(condition, words, expected):
    assert changed(condition, words) == expected


MISREADINGS = {
    "option forgotten": (is_("x", "p", "q"), ["p forgotten", "q forgotten"]),
    "tick forgotten": (includes("t", "p", "q"), ["p forgotten", "'all of' for 'any of'"]),
    "any for all of": (includes("t", "p", "q", of=Quantifier.ALL), ["'any of' for 'all of'"]),
    "none of": (includes("t", "p", "q", of=Quantifier.NONE), ["p forgotten", "q forgotten"]),
    "window a day off": (RECENT, ["13 days for 14 days", "15 days for 14 days"]),
    "thirty days": (
        within("healed", "6 months"), ["5 months for 6 months", "180 days for 6 months"],
    ),
    "age a year off": (age(Comparison.BELOW, 18), ["17 years for 18", "19 years for 18"]),
    "age at most": (age(Comparison.BELOW, 18), ["'at most' for 'below'"]),
    "upper age": (age(Comparison.BETWEEN, 18, 21), ["20 years for 21", "22 years for 21"]),
    "threshold a step off": (
        compares("n", Comparison.AT_LEAST, "5"),
        ["4.9 for 5", "5.1 for 5", "'above' for 'at least'"],
    ),
    "upper threshold": (
        compares("n", Comparison.BETWEEN, "5", "7"), ["6.9 for 7", "7.1 for 7"],
    ),
    "status": (
        takes("anticoagulant", status=Status.CURRENT), ["status forgotten", "status stopped"],
    ),
    "route": (takes("anticoagulant", route=Route.SKIN), ["route forgotten"]),
    "medicine window": (
        takes("anticoagulant", within="1 month"),
        ["window forgotten", "0 months for 1 month", "2 months for 1 month", "30 days for 1 month"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("sentence", "expected"), MISREADINGS.values(), ids=MISREADINGS)
def test_a_misread_sentence_is_made(sentence, expected):
    assert set(expected) <= set(faults_of(sentence))


def test_a_window_is_never_made_shorter_than_nothing():
    assert not any(words.startswith("-") for words in faults_of(within("healed", "0 days")))


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (Level.STOP, ["level review for stop"]),
        (Level.REVIEW, ["level stop for review", "level defer for review"]),
        (Level.DEFER, ["level review for defer", "level caution for defer"]),
        (Level.CAUTION, ["level defer for caution"]),
    ],
    ids=spelled,
)
def test_a_level_becomes_each_of_its_neighbours(level, expected):
    assert [words for words in faults_of(YES_A, level) if words.startswith("level")] == expected


def test_each_device_label_is_forgotten_once():
    labels = [("skinpen", "stop"), ("exceed", "stop")]

    found = faults_of(YES_A, stricter=labels)

    assert {"label skinpen forgotten", "label exceed forgotten"} <= set(found)


def test_a_fault_is_made_at_every_depth():
    deep = All((YES_A, AnyOf((Not(YES_B), named(All((YES_C, RECENT)))))))

    found = faults_of(deep)

    for words in ("'any' for 'all'", "'all' for 'any'", "13 days for 14 days",
                  "'not' forgotten before 'b is yes'", "without 'c is yes'"):  # fmt: skip
        assert words in found


def test_each_fault_changes_one_place():
    deep = All((YES_A, AnyOf((YES_B, RECENT))))

    changes = [m.changed for m in mutants_of(rule("r", Level.REVIEW, deep), EVERYTHING)]

    assert all(one != rule("r", Level.REVIEW, deep) for one in changes)
    assert len({str((one.when, one.level)) for one in changes}) == len(changes)


def test_a_line_can_be_lost_at_every_depth():
    deep = All((YES_A, AnyOf((YES_B, YES_C))))

    found = [words for words, _ in without_a_line(deep)]

    assert found == [
        "without 'a is yes'", "without 'b is yes …'", "without 'b is yes'", "without 'c is yes'",
    ]  # fmt: skip


# Faults without effect

WITHOUT_EFFECT = {
    "the gate says it": (All((is_("ever", "yes"), RECENT)), {"without 'ever is yes'"}),
    "a longer window beside it": (
        All((RECENT, within("healed", "1 year"))),
        {"without 'healed within 1 year'", "2 years for 1 year"},
    ),
    "nothing": (All((YES_A, YES_B)), set()),
    "said twice": (
        AnyOf((YES_A, YES_A)), {"'all' for 'any'", "without 'a is yes'"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("condition", "expected"), WITHOUT_EFFECT.values(), ids=WITHOUT_EFFECT)
def test_a_fault_without_effect_is_known(condition, expected):
    assert equivalents(condition) == expected


def test_a_month_of_thirty_days_is_told_from_a_calendar_month():
    """On 15 June a month ends on 15 May, thirty days on 16 May."""
    month = within("healed", "1 month")

    one = rule("r", Level.REVIEW, month)
    patient = telling_apart(one, replace(one, when=within("healed", "30 days")), "", cells_for(one))

    assert patient.answers["healed"]["earliest"] == "2026-05-16"


def test_a_level_of_a_rule_nobody_meets_is_without_effect():
    never = All((YES_A, is_("a", "no")))

    assert {"level stop for review"} <= equivalents(never)


def test_a_level_counts_for_those_who_leave_a_rule_open():
    never = All((YES_A, is_("a", "no")))
    one = rule("r", Level.DEFER, never)
    milder = replace(one, level=Level.CAUTION)
    unsure = case_of(pack(ITEMS), {"a": Missing.NOT_SURE}, TODAY)
    assert never.truth(unsure) is UNKNOWN

    assert telling_apart(one, milder, "", cells_for(one)) is not None


def test_a_level_that_a_label_overrides_is_without_effect():
    only_pen = All((is_("plan.device", "skinpen"), YES_A))

    found = equivalents(only_pen, Level.DEFER, stricter=[("skinpen", "stop")])

    assert "level review for defer" in found


def test_a_label_named_twice_can_be_forgotten_once():
    twice = [("skinpen", "stop"), ("skinpen", "review")]

    assert equivalents(YES_A, Level.DEFER, stricter=twice)


@settings(suppress_health_check=list(HealthCheck), max_examples=40)
@given(random_packs(max_items=3, max_rules=1, labelled=False))
def test_a_fault_is_without_effect_just_when_no_row_tells_it_apart(some_pack):
    """Held against the engine, on every row of the table of both."""
    (one,) = some_pack.rules
    assume(not any(isinstance(sentence, Overlaps) for sentence in one.sentences))
    cells = Cells(some_pack, TODAY)
    for mutant in list(mutants_of(one, some_pack.items))[:12]:
        if mutant.changed.level is not one.level:
            continue
        try:
            table = Table(cells, [one.when, mutant.changed.when])
        except TooLargeError:
            continue
        if table.size > 1000:
            continue
        cases = [case_of(some_pack, table.answers(r), TODAY) for r in range(table.size)]

        differs = any(one.when.truth(c) is not mutant.changed.when.truth(c) for c in cases)

        patient = telling_apart(one, mutant.changed, mutant.words, cells)
        assert (patient is not None) is differs, mutant.words


# Who notices


class TestScore:
    def test_a_rule_that_does_the_same_is_noticed_by_nobody(self):
        idle = tiny((R, "- face_planned", "- face_planned\n        - cold_sore_ever is yes"))

        score = score_of(idle, generated(idle))

        same = [v for v in score.verdicts if v.is_equivalent]
        assert [v.mutant.words for v in same] == ["without 'cold_sore_ever is yes'"]
        assert not any(v.written or v.generated for v in same)

    def test_a_window_pinned_on_both_days_cannot_be_a_day_off(self):
        score = score_of(tiny())

        noticed = {v.mutant.words: v.written for v in score.verdicts}

        assert noticed["13 days for 14 days"]
        assert noticed["15 days for 14 days"]

    @pytest.mark.parametrize(
        ("vignette", "noticed"),
        [("thirteen-days", "13 days for 14 days"), ("fourteen-days", "15 days for 14 days")],
        ids=["the last day", "the day it ends"],
    )
    def test_a_window_pinned_on_one_day_can_be_a_day_off_on_the_other_side(self, vignette, noticed):
        some_pack = tiny((V, "      earliest: 2026-06-16\n", ""))
        alone = tuple(one for one in some_pack.vignettes if one.id == vignette)

        score = score_of(replace(some_pack, vignettes=alone))

        days = {v.mutant.words for v in score.verdicts if "days for 14" in v.mutant.words}
        assert {v.mutant.words for v in score.verdicts if v.written} & days == {noticed}

    def test_a_window_is_pinned_by_the_day_it_ends(self):
        some_pack = tiny()
        alone = tuple(one for one in some_pack.vignettes if one.id == "thirteen-days")

        score = score_of(replace(some_pack, vignettes=alone))

        assert {"13 days for 14 days", "15 days for 14 days"} <= {
            v.mutant.words for v in score.verdicts if v.written
        }

    def test_one_that_fires_and_one_that_is_silent_notice_less(self):
        whole = tiny()
        few = replace(whole, vignettes=whole.vignettes[:3])

        assert score_of(few).written < score_of(whole).written

    def test_no_vignettes_notice_nothing(self):
        bare = replace(tiny(), vignettes=())

        assert (score_of(bare).written, score_of(bare).together) == (0, 0)

    def test_of_no_rules_is_whole(self):
        assert Score(()).written == 1.0

    def test_counts_only_faults_with_an_effect(self):
        idle = tiny((R, "- face_planned", "- face_planned\n        - cold_sore_ever is yes"))

        score = score_of(idle)

        assert [v.mutant.words for v in score.verdicts if v.is_equivalent] == [
            "without 'cold_sore_ever is yes'"
        ]
        assert len(score.counted) == len(score.verdicts) - 1

    def test_an_exact_vignette_notices_a_rule_that_fires_too_often(self):
        loose = tiny((V, "      silent: [cold-sore, under-age]\n      exactly: yes\n", ""),
                     (V, "      silent: [cold-sore]\n      exactly: yes\n", ""))  # fmt: skip

        assert score_of(loose).written <= score_of(tiny()).written

    def test_a_rule_that_is_too_large_stops_nothing(self, monkeypatch):
        monkeypatch.setattr(tables, "MOST_ROWS", 10)

        assert score_of(tiny()).verdicts


# Generated cases


def generated(some_pack):
    return tuple(generated_for(some_pack, Cells(some_pack, some_pack.base.on)))


class TestGenerated:
    def test_alone_notice_every_fault_of_the_tiny_pack(self):
        some_pack = tiny()
        alone = replace(some_pack, vignettes=())

        score = score_of(alone, generated(some_pack))

        assert [v.mutant.words for v in score.counted if not v.generated] == []

    def test_give_what_they_say(self):
        some_pack = tiny()

        wrong = [
            one.why
            for one in generated(some_pack)
            if outcome_on(
                some_pack.rules_by_id[one.rule_id], some_pack, one.plan, one.answers, one.on
            )
            != one.outcome
        ]

        assert wrong == []

    @pytest.mark.parametrize(
        ("earlier", "truth", "effect"),
        [(13, MET, Triage.DEFER), (14, NOT_MET, Triage.ROUTINE), (15, NOT_MET, Triage.ROUTINE)],
        ids=["the last day", "the day it ends", "the day after"],
    )
    def test_try_the_days_around_a_window(self, earlier, truth, effect):
        some_pack = tiny()
        day = (some_pack.base.on - timedelta(days=earlier)).isoformat()

        outcomes = {
            one.outcome.truth: one.outcome.effect
            for one in generated(some_pack)
            if "within sore_healed" in one.why
            and one.answers.get("cold_sore_healed", {})
            == {"said": day, "earliest": day, "latest": day}
        }

        assert outcomes == {truth: effect}

    @pytest.mark.parametrize(
        ("value", "truth"), [("4.9", NOT_MET), ("5", MET), ("5.1", MET)], ids=spelled
    )
    def test_try_the_values_around_a_threshold(self, value, truth):
        one = rule("r", Level.REVIEW, compares("n", Comparison.AT_LEAST, "5"))

        found = {
            case.answers.get("n"): case.outcome.truth for case in boundaries_of(one, cells_for(one))
        }

        assert {str(k): v for k, v in found.items()}[value] is truth

    def test_try_not_sure_and_each_option(self):
        one = rule("r", Level.REVIEW, is_("x", "p", "q"))

        found = {c.answers["x"]: c.outcome.truth for c in boundaries_of(one, cells_for(one))}

        assert found == {"p": MET, "q": MET, "r": NOT_MET, "not_sure": UNKNOWN}

    def test_try_the_words_for_a_date(self):
        said = [one.answers.get("cold_sore_healed") for one in generated(tiny())]

        assert "still" in said

    def test_show_each_line_where_it_decides(self):
        """The other lines of an "all" are met, those of an "any" are not."""
        one = rule("r", Level.REVIEW, All((YES_A, AnyOf((YES_B, YES_C)))))

        found = {
            tuple(case.answers.get(name) for name in "abc"): case.outcome.truth
            for case in boundaries_of(one, cells_for(one))
        }

        for said, truth in (
            (("yes", "yes", "no"), MET),
            (("yes", "no", "no"), NOT_MET),
            (("yes", "no", "yes"), MET),
            (("no", "yes", "no"), NOT_MET),
            (("yes", "not_sure", "no"), UNKNOWN),
        ):
            assert found[said] is truth

    def test_try_the_days_around_the_window_of_a_medicine(self):
        one = rule("r", Level.REVIEW, takes("anticoagulant", within="14 days"))
        cutoff = TODAY - timedelta(days=14)

        days = {
            row["stopped"]["earliest"]
            for case in boundaries_of(one, cells_for(one))
            for row in case.answers["medicines"]
            if isinstance(row, dict) and "stopped" in row
        }

        assert {str(cutoff), str(cutoff + timedelta(days=1))} <= days

    def test_can_be_read(self):
        some_pack = tiny()

        unread = [
            one.why
            for one in generated(some_pack)
            if read_all(
                some_pack,
                {**some_pack.base.answers, **one.answers},
                {**some_pack.base.plan, **one.plan},
                one.on,
            ).problems
        ]

        assert unread == []


@pytest.fixture(scope="module")
def shipped_cases(shipped_pack):
    return generated(shipped_pack)


class TestShipped:
    def test_generated_cases_notice_every_fault(self, shipped_pack, shipped_cases):
        score = score_of(replace(shipped_pack, vignettes=()), shipped_cases)

        assert [(v.mutant.rule.id, v.mutant.words) for v in score.counted if not v.generated] == []

    def test_every_rule_has_one_that_meets_it_and_one_that_does_not(
        self, shipped_pack, shipped_cases
    ):
        met = {one.rule_id for one in shipped_cases if one.outcome.truth is MET}
        silent = {one.rule_id for one in shipped_cases if one.outcome.truth is NOT_MET}

        assert (set(shipped_pack.rules_by_id) - met, set(shipped_pack.rules_by_id) - silent) == (
            set(), set(),
        )  # fmt: skip

    def test_only_a_birth_today_cannot_be_read(self, shipped_pack, shipped_cases):
        base = shipped_pack.base
        unread = {
            name
            for one in shipped_cases
            for name, _ in read_all(
                shipped_pack, {**base.answers, **one.answers}, {**base.plan, **one.plan}, one.on
            ).problems
        }

        assert unread <= {"birth_date"}


def test_the_expectation_of_a_vignette_is_all_that_notices():
    """A vignette that expects nothing of a rule and no exactness notices only by the triage."""
    some_pack = tiny()
    quiet = Vignette(
        "quiet", "Quiet", TODAY, some_pack.base.plan, some_pack.base.answers,
        Expectation(Triage.ROUTINE),
    )  # fmt: skip

    verdicts = score_of(replace(some_pack, vignettes=(quiet,))).verdicts

    for verdict in verdicts:
        case = case_of(
            some_pack,
            {n: read_answer(some_pack.items[n], v, TODAY) for n, v in quiet.answers.items()}
            | {f"plan.{n}": read_answer(some_pack.items[f"plan.{n}"], v, TODAY)
               for n, v in quiet.plan.items()},
            TODAY,
        )  # fmt: skip
        fires = verdict.mutant.changed.when.truth(case) is not Truth.NOT_MET
        assert verdict.written is fires
