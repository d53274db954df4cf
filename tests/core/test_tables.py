"""Cells and tables: a handful of answers stands for all, and a table says what the engine says."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from intake.core.answers import (
    Happened,
    Listed,
    Measured,
    Missing,
    Picked,
    Worded,
    read_answer,
)
from intake.core.conditions import All, AnyOf, Not
from intake.core.dates import Interval, Unit, Window
from intake.core.keeping import kept
from intake.core.medicines import Medicine, MedicineEntry, Route, Status
from intake.core.proving import TooLargeError, tables
from intake.core.proving.cells import Cells, on_day, refinements
from intake.core.proving.medicine_cells import NOBODY_KNOWS
from intake.core.proving.tables import Table
from intake.core.questionnaire import AnswerOption, Kind
from intake.core.reading import case_of
from intake.core.sentences import Comparison, Overlaps, Quantifier
from intake.core.vocabulary import Vocabulary
from tests.core.builders import (
    DEVICE,
    MET,
    NO,
    NOT_MET,
    SPOTS,
    TODAY,
    UNKNOWN,
    YES,
    age,
    ago,
    at_least_of,
    compares,
    device_is,
    includes,
    is_,
    is_not,
    item,
    listed,
    overlaps,
    pack,
    picked,
    spelled,
    takes,
    within,
)
from tests.strategies import (
    KINDS,
    any_answers,
    conditions,
    packs,
    packs_with_answers,
    question_of,
    sentences_about,
)

SLOW = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much], max_examples=60
)
LEAP_DAY, MONTH_END = date(2028, 2, 29), date(2026, 8, 31)
MOST = 200_000
"""Largest table these tests go through."""


def truth_in(bounds, row):
    """What a table says of one row."""
    if bounds.certain >> row & 1:
        return MET
    return UNKNOWN if bounds.possible >> row & 1 else NOT_MET


def table_of(some_pack, *about, today=TODAY):
    return Table(Cells(some_pack, today), about)


def small_table(some_pack, *about, today=TODAY):
    made = table_of(some_pack, *about, today=today)
    assume(made.size <= MOST)
    return made


def some_rows(table, at_most=200):
    """Every row, or as many as can be gone through."""
    return range(0, table.size, 1 if table.size <= at_most else table.size // at_most | 1)


def disagreements(table, condition):
    """Rows on which the table and the engine say different things of a condition."""
    bounds = table.bounds(condition)
    for row in some_rows(table):
        given_answers = table.answers(row)
        judged = condition.truth(case_of(table.pack, given_answers, table.today))
        if judged is not truth_in(bounds, row):
            yield given_answers, judged, truth_in(bounds, row)


def cells_of(question, *about, today=TODAY):
    """The answers that stand for all, with what the sentences make of each."""
    return Cells(pack((question,)), today).of(question.link_id, about)


def outcomes(question, *about, today=TODAY):
    return {cell.answer: cell.judged for cell in cells_of(question, *about, today=today)}


# Cells


class TestChoiceCells:
    COLOUR = item("q", Kind.CHOICE, options=("red", "blue", "green", "grey"))

    def test_yes_and_no_and_not_sure_are_all_there_is(self):
        found = outcomes(item("q"), is_("q", "yes"))

        assert found == {NO: (NOT_MET,), YES: (MET,), Missing.NOT_SURE: (UNKNOWN,)}

    def test_options_nobody_names_share_a_cell(self):
        found = outcomes(self.COLOUR, is_("q", "red"))

        assert list(found.values()) == [(NOT_MET,), (MET,), (UNKNOWN,)]

    def test_each_way_of_being_named_has_a_cell(self):
        found = outcomes(self.COLOUR, is_("q", "red", "blue"), is_not("q", "blue", "green"))

        assert set(found.values()) == {
            (MET, MET),
            (MET, NOT_MET),
            (NOT_MET, NOT_MET),
            (NOT_MET, MET),
            (UNKNOWN, UNKNOWN),
        }

    def test_the_plainest_answer_comes_first_and_weighs_nothing(self):
        first = cells_of(item("q"), is_("q", "no"))[0]

        assert (first.answer, first.weight) == (NO, 0)

    def test_a_planned_device_is_one_of_its_codes(self):
        found = Cells(pack(), TODAY).of("plan.device", (device_is("skinpen"),))

        assert [cell.judged for cell in found] == [(NOT_MET,), (MET,), (UNKNOWN,)]


class TestChoicesCells:
    SPOTS = item("q", Kind.CHOICES, options=("a", "b", "c", "none"))

    def test_none_another_and_each_with_not_sure_ticked(self):
        found = outcomes(self.SPOTS, includes("q", "a"))

        assert set(found.values()) == {(NOT_MET,), (MET,), (UNKNOWN,)}
        assert next(iter(found)) == picked("none")

    def test_all_of_needs_every_set_of_its_options(self):
        found = outcomes(
            self.SPOTS, includes("q", "a", "b", of=Quantifier.ALL), includes("q", "a", "b")
        )

        assert set(found.values()) == {
            (NOT_MET, NOT_MET),
            (NOT_MET, MET),
            (MET, MET),
            (UNKNOWN, MET),
            (UNKNOWN, UNKNOWN),
        }

    def test_none_of_is_never_met_while_something_is_open(self):
        found = outcomes(self.SPOTS, includes("q", "a", of=Quantifier.NONE))

        assert MET not in {judged[0] for a, judged in found.items() if getattr(a, "unsure", True)}

    def test_where_every_option_is_named_something_is_always_ticked(self):
        question = item("q", Kind.CHOICES, options=("a", "b"))

        found = outcomes(question, includes("q", "a", "b"))

        assert set(found.values()) == {(MET,), (UNKNOWN,)}

    def test_an_unsure_set_may_become_any_larger_set(self):
        about = (includes("q", "a"), includes("q", "b"))
        found = cells_of(self.SPOTS, *about)
        unsure = next(place for place, c in enumerate(found) if c.judged == (MET, UNKNOWN))

        later = {found[place].judged for place in refinements(found, about)[unsure]}
        reached = {judged for judged in later if UNKNOWN not in judged}

        assert reached == {(MET, MET), (MET, NOT_MET)}


class TestNumberCells:
    @pytest.mark.parametrize(
        ("decimals", "step"), [(0, "1"), (1, "0.1"), (2, "0.01")], ids=["whole", "tenths", "fine"]
    )
    def test_a_step_under_at_and_over_each_threshold(self, decimals, step):
        question = item("q", Kind.NUMBER, decimals=decimals)
        about = compares("q", Comparison.AT_LEAST, "5"), compares("q", Comparison.ABOVE, "5")
        below, above = Decimal(5) - Decimal(step), Decimal(5) + Decimal(step)

        found = outcomes(question, *about)

        assert found == {
            Measured(below): (NOT_MET, NOT_MET),
            Measured(Decimal(5)): (MET, NOT_MET),
            Measured(above): (MET, MET),
            Missing.NOT_SURE: (UNKNOWN, UNKNOWN),
        }

    def test_only_plausible_values_are_tried(self):
        question = item("q", Kind.NUMBER, minimum=Decimal(5), maximum=Decimal(9))

        found = outcomes(question, compares("q", Comparison.BELOW, "5"))

        assert MET not in {judged[0] for judged in found.values()}

    def test_both_limits_of_between_count(self):
        found = outcomes(item("q", Kind.NUMBER), compares("q", Comparison.BETWEEN, "5", "7"))

        assert set(found.values()) == {(NOT_MET,), (MET,), (UNKNOWN,)}

    def test_only_values_that_can_be_said_are_tried(self):
        question = item("q", Kind.NUMBER, decimals=0)

        found = outcomes(question, compares("q", Comparison.BETWEEN, "5.2", "5.8"))

        assert (MET,) not in found.values()


class TestDateCells:
    def test_both_sides_of_a_cut_off_and_what_may_be_either(self):
        found = outcomes(item("q", Kind.DATE), within("q", "14 days"))
        cutoff = TODAY - timedelta(days=14)

        assert found[on_day(cutoff - timedelta(days=1))] == (NOT_MET,)
        assert set(found.values()) == {(NOT_MET,), (MET,), (UNKNOWN,)}

    @pytest.mark.parametrize("today", [TODAY, LEAP_DAY, MONTH_END], ids=spelled)
    @pytest.mark.parametrize("length", ["14 days", "6 weeks", "6 months", "1 year"])
    def test_the_day_a_window_ends_and_the_day_after_are_told_apart(self, today, length):
        one = within("q", length)
        cutoff = one.window.before(today)
        table = table_of(pack((item("q", Kind.DATE),)), one, today=today)

        found = {
            cell.answer.when.earliest: cell.judged[0]
            for cell in Cells(table.pack, today).of("q", (one, within("q", "9 years")))
            if isinstance(cell.answer, Happened) and cell.answer.when.is_exact
        }

        assert {truth for day, truth in found.items() if day <= cutoff} == {NOT_MET}
        assert {truth for day, truth in found.items() if day > cutoff} == {MET}

    def test_words_stand_beside_days(self):
        question = question_of("q", Kind.DATE, wordy=True)
        about = within("q", "14 days"), ago("q", "14 days"), is_("q", "never"), is_("q", "still")

        found = outcomes(question, *about)

        never = next(j for a, j in found.items() if isinstance(a, Worded) and a.word == "never")
        assert never == (NOT_MET, NOT_MET, MET, NOT_MET)
        assert (MET, NOT_MET, NOT_MET, MET) in found.values()

    def test_a_span_may_leave_one_window_open_and_settle_another(self):
        found = outcomes(item("q", Kind.DATE), within("q", "14 days"), within("q", "1 year"))

        assert set(found.values()) == {
            (NOT_MET, NOT_MET),
            (NOT_MET, UNKNOWN),
            (NOT_MET, MET),
            (UNKNOWN, UNKNOWN),
            (UNKNOWN, MET),
            (MET, MET),
        }

    def test_no_day_after_today_is_tried(self):
        found = outcomes(item("q", Kind.DATE), within("q", "0 days"))

        days = [a.when.latest for a in found if isinstance(a, Happened)]
        assert max(days) <= TODAY

    def test_a_window_older_than_the_calendar_overflows_nothing(self):
        found = outcomes(item("q", Kind.DATE), within("q", "9999 years"))

        assert (MET,) in found.values()


class TestAgeCells:
    @pytest.mark.parametrize("today", [TODAY, LEAP_DAY, MONTH_END], ids=spelled)
    @pytest.mark.parametrize(
        ("how", "expected"),
        [
            (Comparison.BELOW, (MET, NOT_MET)),
            (Comparison.AT_LEAST, (NOT_MET, MET)),
            (Comparison.AT_MOST, (MET, MET)),
            (Comparison.ABOVE, (NOT_MET, NOT_MET)),
        ],
        ids=spelled,
    )
    def test_the_day_before_a_birthday_and_the_birthday(self, today, how, expected):
        eighteen = age(how, 18, subject="q")
        birthday = Window(18, Unit.YEARS).before(today)
        case = case_of(pack(), {}, today)
        wanted = tuple(
            eighteen.judge(on_day(day), case) for day in (birthday + timedelta(days=2), birthday)
        )

        found = outcomes(item("q", Kind.DATE), eighteen, today=today)

        assert wanted == expected
        assert set(found.values()) == {(MET,), (NOT_MET,), (UNKNOWN,)}

    def test_both_ends_of_a_span_of_ages_count(self):
        about = age(Comparison.AT_LEAST, 18, subject="q"), age(Comparison.ABOVE, 21, subject="q")

        found = outcomes(item("q", Kind.DATE), age(Comparison.BETWEEN, 18, 21, "q"), *about)

        assert {(NOT_MET, NOT_MET, NOT_MET), (MET, MET, NOT_MET), (NOT_MET, MET, MET)} <= set(
            found.values()
        )


class TestMedicineCells:
    LIST = item("medicines", Kind.MEDICINES)

    def test_the_plainest_list_is_empty(self):
        assert cells_of(self.LIST, takes("anticoagulant"))[0].answer == Listed(())

    def test_a_medicine_is_of_the_class_or_not_or_nobody_knows(self):
        found = outcomes(self.LIST, takes("anticoagulant"))

        assert {judged[0] for judged in found.values()} == {MET, NOT_MET, UNKNOWN}

    def test_two_classes_may_stand_in_one_list(self):
        found = outcomes(self.LIST, takes("anticoagulant"), takes("antiplatelet"))

        assert {judged[:2] for judged in found.values()} >= {
            (NOT_MET, NOT_MET),
            (MET, NOT_MET),
            (NOT_MET, MET),
            (MET, MET),
            (MET, UNKNOWN),
            (UNKNOWN, UNKNOWN),
        }

    def test_a_status_nobody_said_leaves_it_open(self):
        found = cells_of(self.LIST, takes("anticoagulant", status=Status.CURRENT))

        said = {e.status for c in found for e in getattr(c.answer, "entries", ())}
        assert Status.CURRENT in said
        assert {cell.judged[0] for cell in found} == {MET, NOT_MET, UNKNOWN}

    def test_current_and_stopped_can_both_be_met_by_two_entries(self):
        found = outcomes(
            self.LIST,
            takes("anticoagulant", status=Status.CURRENT),
            takes("anticoagulant", status=Status.STOPPED),
        )

        assert (MET, MET) in {judged[:2] for judged in found.values()}

    def test_a_route_nobody_said_counts_as_the_stricter_one_but_lowers_no_flag(self):
        mouth = takes("oral_retinoid", route=Route.MOUTH)

        found = outcomes(self.LIST, mouth)

        assert {(MET, UNKNOWN), (MET, MET), (NOT_MET, NOT_MET)} <= set(found.values())

    def test_a_medicine_counted_by_its_route_is_of_one_class_or_the_other(self):
        found = outcomes(self.LIST, takes("oral_retinoid"), takes("topical_retinoid"))

        assert {(MET, NOT_MET), (NOT_MET, MET)} <= {judged[:2] for judged in found.values()}

    @pytest.mark.parametrize("entry", ["not on warfarin", NOBODY_KNOWS, "warfarin zzz"])
    def test_words_that_say_nothing_for_certain_have_a_cell(self, entry):
        about = takes("anticoagulant"), takes("antiplatelet")
        case = case_of(pack((self.LIST,)), {"medicines": listed(entry)}, TODAY)

        found = {judged[:2] for judged in outcomes(self.LIST, *about).values()}

        assert tuple(one.truth(case) for one in about) in found

    @pytest.mark.parametrize("entry", ["not on warfarin", NOBODY_KNOWS])
    def test_such_words_never_meet_and_never_rule_out(self, entry):
        case = case_of(pack((self.LIST,)), {"medicines": listed(entry)}, TODAY)

        assert takes("anticoagulant").truth(case) is UNKNOWN

    def test_the_day_a_medicine_was_stopped_is_tried_on_both_sides(self):
        gone = [
            takes("anticoagulant", status=Status.STOPPED, within=f"{days} days")
            for days in (13, 14, 15)
        ]

        found = {judged[:3] for judged in outcomes(self.LIST, *gone).values()}

        assert {(NOT_MET, NOT_MET, MET), (NOT_MET, MET, MET), (MET, MET, MET)} <= found

    def test_a_stopped_day_without_a_status_has_a_cell(self):
        about = (
            takes("anticoagulant", within="14 days"),
            takes("anticoagulant", status=Status.CURRENT),
            takes("anticoagulant", status=Status.STOPPED),
        )
        day = TODAY - timedelta(days=3)
        entry = MedicineEntry("warfarin", Status.UNKNOWN, Interval(day, day), str(day))
        case = case_of(pack((self.LIST,)), {"medicines": listed(entry)}, TODAY)
        judged = tuple(one.truth(case) for one in about)

        found = {cell.judged[:3] for cell in cells_of(self.LIST, *about)}

        assert judged == (MET, UNKNOWN, UNKNOWN)
        assert judged in found

    def test_a_medicine_with_its_form_in_its_name_is_read_like_by_the_engine(self):
        creams = Vocabulary(
            {"retinoid": "Retinoids"},
            (Medicine("tretinoin cream", classes=frozenset({"retinoid"})),),
        )
        both = All(
            (takes("retinoid", route=Route.MOUTH), takes("retinoid", route=Route.EYE)),
        )

        table = table_of(pack((self.LIST,), vocabulary=creams), both)

        assert list(disagreements(table, both)) == []


@SLOW
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not Kind.BODY_MAP])
@given(st.data())
def test_whatever_is_answered_some_cell_stands_for_it(kind, data):
    question = question_of("q", kind, wordy=data.draw(st.booleans()))
    about = tuple(
        dict.fromkeys(
            data.draw(st.lists(st.sampled_from(sentences_about(question)), min_size=1, max_size=4))
        )
    )
    answer = data.draw(any_answers(question)) or Missing.NOT_ANSWERED
    case = case_of(pack((question,)), {"q": answer}, TODAY)
    judged = tuple(one.truth(side) for side in (case, case.turned) for one in about)

    found = {cell.judged for cell in cells_of(question, *about)}

    assert judged in found or judged[: len(about)] in found


@SLOW
@given(packs_with_answers(max_items=3, max_rules=1, labelled=False))
def test_whatever_is_answered_the_table_has_a_row_with_that_outcome(drawn):
    some_pack, given_answers = drawn
    condition = some_pack.rules[0].when
    table = small_table(some_pack, condition)
    bounds = table.bounds(condition)

    truth = condition.truth(case_of(some_pack, given_answers, TODAY))

    rows = {
        MET: bounds.certain,
        UNKNOWN: bounds.unknown,
        NOT_MET: table.everything & ~bounds.possible,
    }
    assert rows[truth]


# Tables against the engine


@SLOW
@given(packs(max_items=3, max_rules=2), st.sampled_from([TODAY, LEAP_DAY, MONTH_END]))
def test_a_table_says_of_every_row_what_the_engine_says(some_pack, today):
    claims = [claim.when for rule in some_pack.rules for claim in rule.claims]
    table = small_table(some_pack, *claims, today=today)

    found = [one for claim in claims for one in disagreements(table, claim)]

    assert found == []


@SLOW
@given(packs(max_items=2, max_rules=1), st.data())
def test_so_it_does_for_negated_and_nested_conditions(some_pack, data):
    about = data.draw(conditions(tuple(some_pack.items.values()), depth=3))
    table = small_table(some_pack, about, Not(about))

    assert list(disagreements(table, Not(about))) == []
    assert table.bounds(Not(Not(about))) == table.bounds(about)


@SLOW
@given(packs(kinds=(Kind.MEDICINES, Kind.YES_NO), max_items=3, max_rules=1))
def test_so_it_does_where_medicines_open_gates(some_pack):
    claims = [claim.when for claim in some_pack.rules[0].claims]
    table = small_table(some_pack, *claims)

    assert [one for claim in claims for one in disagreements(table, claim)] == []


def test_the_shipped_tables_agree_on_a_sample_of_rows(shipped_pack):
    cells = Cells(shipped_pack, shipped_pack.base.on)
    wrong = {}
    for rule in shipped_pack.rules:
        table = Table(cells, [rule.when])
        bounds = table.bounds(rule.when)
        for row in some_rows(table, 25):
            case = case_of(shipped_pack, table.answers(row), cells.today)
            if rule.when.truth(case) is not truth_in(bounds, row):
                wrong.setdefault(rule.id, table.answers(row))

    assert wrong == {}


@pytest.mark.parametrize("today", [LEAP_DAY, MONTH_END], ids=spelled)
def test_a_witness_can_be_kept_and_read_again(shipped_pack, today):
    cells = Cells(shipped_pack, today)
    lost = []
    for rule in shipped_pack.rules:
        table = Table(cells, [rule.when])
        for row in some_rows(table, 5):
            for name, answer in table.answers(row).items():
                question = shipped_pack.items[name]
                plausible = question.from_record != "birth_date"
                if plausible and read_answer(question, kept(question, answer), today) != answer:
                    lost.append((rule.id, name, answer))

    assert lost == []


# The parts of a table


EVER = item("ever")
HEALED = item("healed", Kind.DATE, enable_when=is_("ever", "yes"))
RECENT = within("healed", "14 days")


class TestTable:
    def test_has_one_row_for_each_combination(self):
        about = All((is_("a", "yes"), is_("b", "yes")))

        table = table_of(pack((item("a"), item("b"))), about)

        assert table.size == 9
        assert len({tuple(table.answers(row).items()) for row in range(9)}) == 9

    def test_holds_the_questions_behind_the_gates_of_its_questions(self):
        gates = (EVER, HEALED, item("deep", enable_when=RECENT))

        table = table_of(pack(gates), is_("deep", "yes"))

        assert list(table.dimensions) == ["ever", "healed", "deep"]

    def test_a_question_that_is_not_asked_meets_nothing(self):
        table = table_of(pack((EVER, HEALED)), RECENT)
        never = table.where(table.dimensions["ever"], 0)

        bounds = table.bounds(RECENT)

        assert bounds.possible & never == 0
        assert bounds.certain

    def test_leaves_out_of_a_row_what_is_not_asked(self):
        table = table_of(pack((EVER, HEALED)), RECENT)

        shown = {frozenset(table.answers(row)) for row in range(table.size)}

        assert shown == {frozenset({"ever"}), frozenset({"ever", "healed"})}
        assert all(
            "healed" not in table.answers(row)
            for row in range(table.size)
            if table.answers(row)["ever"] == NO
        )

    def test_a_gate_that_is_open_leaves_what_is_behind_it_open(self):
        table = table_of(pack((EVER, HEALED)), RECENT)
        unsure = next(
            n for n, c in enumerate(table.dimensions["ever"].cells) if c.answer is Missing.NOT_SURE
        )

        rows = table.where(table.dimensions["ever"], unsure)

        assert table.bounds(RECENT).certain & rows == 0
        assert table.bounds(RECENT).possible & rows

    def test_too_many_combinations_are_refused_before_they_are_built(self, monkeypatch):
        monkeypatch.setattr(tables, "MOST_ROWS", 8)

        with pytest.raises(TooLargeError, match="more than 8 cases"):
            table_of(pack((item("a"), item("b"))), All((is_("a", "yes"), is_("b", "yes"))))

    def test_counts_the_parts_of_at_least(self):
        questions = [item(name) for name in "abc"]
        two = at_least_of(2, *(is_(name, "yes") for name in "abc"))

        table = table_of(pack(questions), two)

        assert table.bounds(two).certain.bit_count() == 7
        assert list(disagreements(table, two)) == []


class TestSmallest:
    def test_is_the_patient_nearest_to_a_healthy_one(self):
        either = AnyOf((is_("a", "yes"), is_("b", "yes")))
        table = table_of(pack((item("a"), item("b"))), either)

        row = table.smallest(table.bounds(either).certain)

        assert sorted(table.answers(row).values(), key=str) == [NO, YES]

    def test_of_no_rows_is_nothing(self):
        assert table_of(pack((EVER,)), is_("ever", "yes")).smallest(0) is None

    def test_is_always_one_of_the_rows(self):
        table = table_of(pack((EVER, HEALED)), RECENT)

        assert all(table.smallest(1 << row) == row for row in range(table.size))

    def test_prefers_what_is_known_to_what_is_not(self):
        table = table_of(pack((EVER, HEALED)), RECENT)

        row = table.smallest(table.everything)

        assert table.answers(row) == {"ever": NO}


class TestMoved:
    def test_takes_each_row_to_the_one_that_differs_in_one_answer(self):
        about = All((is_("a", "yes"), is_("b", "yes")))
        table = table_of(pack((item("a"), item("b"))), about)
        dimension = table.dimensions["a"]

        for row in range(table.size):
            cell = table.cell_of(row, dimension)
            for other in range(len(dimension.cells)):
                moved = table.moved(1 << row, dimension, cell, other)

                before, after = table.answers(row), table.answers(moved.bit_length() - 1)
                assert moved.bit_count() == 1
                assert after == {**before, "a": dimension.cells[other].answer}

    def test_takes_only_rows_that_have_the_first_cell(self):
        table = table_of(pack((EVER, HEALED)), RECENT)
        dimension = table.dimensions["ever"]

        moved = table.moved(table.everything, dimension, 1, 0)

        assert moved == table.where(dimension, 0)


class TestDecidedBy:
    def test_are_the_rows_in_which_one_line_tips_the_scale(self):
        about = All((is_("a", "yes"), is_("b", "yes")))
        table = table_of(pack((item("a"), item("b"))), about)
        dimension = table.dimensions["b"]
        yes = next(n for n, cell in enumerate(dimension.cells) if cell.answer == YES)

        assert table.decided_by(is_("a", "yes"), about) == table.where(dimension, yes)

    def test_knows_lines_that_rule_out(self):
        about = All((Not(is_("a", "yes")), is_("b", "yes")))
        table = table_of(pack((item("a"), item("b"))), about)

        assert table.decided_by(is_("a", "yes"), about)

    def test_is_nothing_for_a_line_that_never_matters(self):
        about = AnyOf((is_("a", "yes"), is_not("a", "yes")))
        table = table_of(pack((item("a"),)), about, is_("a", "no"))

        assert table.decided_by(is_("a", "no"), about) == 0

    def test_leaves_the_judging_of_a_table_without_gates_as_it_was(self):
        about = AnyOf((is_("a", "yes"), is_("b", "yes")))
        table = table_of(pack((item("a"), item("b"))), about)
        before = table.bounds(about)

        table.decided_by(is_("a", "yes"), about)

        assert table.bounds(about) == before

    def test_leaves_the_judging_of_gates_as_it_was(self):
        about = AnyOf((All((is_("ever", "yes"), is_("b", "yes"))), RECENT))
        some_pack = pack((EVER, HEALED, item("b")))
        table, fresh = table_of(some_pack, about), table_of(some_pack, about)

        table.decided_by(is_("ever", "yes"), about)

        assert table.bounds(about) == fresh.bounds(about)
        assert [table.answers(r) for r in range(table.size)] == [
            fresh.answers(r) for r in range(table.size)
        ]


class TestOverlaps:
    MAP = item("spots", Kind.BODY_MAP, options=SPOTS)

    def test_is_judged_by_two_answers(self):
        table = table_of(pack((self.MAP,)), overlaps("spots"))

        assert list(table.dimensions) == ["plan.area", "spots"]
        assert list(disagreements(table, overlaps("spots"))) == []

    @pytest.mark.parametrize(
        ("marked", "planned", "expected"),
        [
            (picked("cheek"), picked("face"), MET),
            (picked("cheek"), picked("arms"), NOT_MET),
            (picked("none"), picked("face"), NOT_MET),
            (picked("cheek", unsure=True), picked("arms"), UNKNOWN),
            (picked("cheek"), picked("arms", unsure=True), UNKNOWN),
            (picked("none"), Missing.NOT_SURE, NOT_MET),
            (Missing.NOT_SURE, picked("face"), UNKNOWN),
        ],
        ids=spelled,
    )
    def test_every_outcome_is_in_the_table(self, marked, planned, expected):
        case = case_of(pack((self.MAP,)), {"spots": marked, "plan.area": planned}, TODAY)
        table = table_of(pack((self.MAP,)), overlaps("spots"))
        bounds = table.bounds(overlaps("spots"))

        assert overlaps("spots").truth(case) is expected
        assert expected in {truth_in(bounds, row) for row in range(table.size)}

    def test_two_maps_may_overlap_each_for_itself(self):
        two = self.MAP, item("marks", Kind.BODY_MAP, options=SPOTS)
        about = All((overlaps("spots"), Not(overlaps("marks"))))

        table = table_of(pack(two), about)

        assert table.bounds(about).certain
        assert list(disagreements(table, about)) == []

    def test_a_spot_with_not_sure_ticked_may_turn_out_to_lie_in_another_area(self):
        about = (overlaps("spots"),)
        cells = Cells(pack((self.MAP,)), TODAY).of("spots", about)
        answers = [cell.answer for cell in cells]
        unsure = next(n for n, a in enumerate(answers) if isinstance(a, Picked) and a.unsure)

        larger = {answers[place].codes for place in refinements(cells, about)[unsure]}

        assert larger
        assert all(codes >= answers[unsure].codes for codes in larger)

    @pytest.mark.parametrize(
        ("also", "marked", "planned"),
        [
            (includes("spots", "elbow"), "elbow", "arms"),
            (includes("plan.area", "face", "neck", of=Quantifier.NONE), "elbow", "arms"),
        ],
        ids=["a region named beside it", "an area named beside it"],
    )
    def test_what_can_be_met_together_is_met_in_the_table(self, also, marked, planned):
        about = All((overlaps("spots"), also))
        said = {"spots": picked(marked), "plan.area": picked(planned)}
        assert about.truth(case_of(pack((self.MAP,)), said, TODAY)) is MET

        table = table_of(pack((self.MAP,)), about)

        assert table.bounds(about).certain

    def test_a_map_of_the_last_areas_of_a_long_list_can_overlap(self):
        areas = item("plan.area", Kind.CHOICES, options=("face", "neck", "chest", "scalp", "arms"))
        arms = item("spots", Kind.BODY_MAP, options=(AnswerOption("elbow", "Elbow", area="arms"),))
        some_pack = pack((arms,), plan=(areas, DEVICE))

        table = table_of(some_pack, overlaps("spots"))

        assert table.bounds(overlaps("spots")).certain


@SLOW
@given(packs(kinds=(Kind.BODY_MAP,), max_items=2, max_rules=1))
def test_overlaps_agree_with_the_engine_on_every_row(some_pack):
    about = some_pack.rules[0].when
    assume(any(isinstance(one, Overlaps) for one in about.sentences()))
    table = small_table(some_pack, about)

    assert list(disagreements(table, about)) == []


@given(st.data())
def test_deciding_rows_tip_the_scale_in_the_engine_too(data):
    """Whoever is in such a row and says otherwise to that line is judged otherwise."""
    questions = tuple(item(name) for name in "abc")
    about = data.draw(conditions(questions, depth=2))
    line = data.draw(st.sampled_from(list(about.sentences())))
    table = table_of(pack(questions), about)
    row = table.smallest(table.decided_by(line, about))
    assume(row is not None)
    assume([one.subject for one in about.sentences()].count(line.subject) == 1)
    context = table.answers(row)

    truths = {
        about.truth(case_of(table.pack, {**context, line.subject: said}, TODAY))
        for said in (YES, NO)
    }

    assert truths == {MET, NOT_MET}
