"""The traps every intake form falls into, one test each, on the ground floor.

That YAML reads `no` as false is a trap of the loader; here it is enough that "no" stays text.
"""

import ast
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import intake.core
from intake.core.answers import Chosen, Measured, Missing, Written, read_answer, read_stored
from intake.core.conditions import Not
from intake.core.errors import AnswerError
from intake.core.medicines import Status
from intake.core.questionnaire import Kind
from intake.core.reading import read_all
from intake.core.rules import Level, Triage
from intake.core.screening import screen
from intake.core.sentences import Comparison
from tests.core.builders import (
    NO,
    NOT_MET,
    TODAY,
    UNKNOWN,
    YES,
    age,
    breaks,
    compares,
    days,
    includes,
    is_,
    item,
    listed,
    now,
    on,
    pack,
    rule,
    spelled,
    stopped,
    takes,
    window,
    within,
)

PREGNANT = item("pregnant")
ILLNESSES = item("illnesses", Kind.CHOICES, options=("keloid", "eczema", "none"))
HBA1C = item("hba1c", Kind.NUMBER, unit="%", minimum=Decimal(3), maximum=Decimal(20), decimals=1)
SURGERY = item("surgery", Kind.DATE)
BIRTH_DATE = item("birth_date", Kind.DATE, from_record="birth_date")
MEDICINES = item("medicines", Kind.MEDICINES)


def triage(items, condition, raw, today=TODAY, level=Level.STOP):
    """Read raw answers and screen them by one rule."""
    some_pack = pack(items, [rule("r", level, condition)])
    reading = read_all(some_pack, raw, {}, today)
    return screen(some_pack, reading.answers, today).triage


@pytest.mark.parametrize("blank", [None, "", " ", [], {}], ids=spelled)
def test_blank_treated_as_no(blank):
    assert triage([PREGNANT], is_("pregnant", "yes"), {"pregnant": blank}) is Triage.REVIEW
    assert triage([PREGNANT], is_("pregnant", "yes"), {}) is Triage.REVIEW


def test_not_around_a_missing_answer():
    """Neither a thing nor its opposite is known of a question nobody answered."""
    assert triage([PREGNANT], Not(is_("pregnant", "no")), {}) is Triage.REVIEW
    assert triage([PREGNANT], is_("pregnant", "no"), {}) is Triage.REVIEW


def test_none_of_these_ticked_with_another_option():
    raw = ["keloid", "none"]

    with pytest.raises(AnswerError, match="not both"):
        read_answer(ILLNESSES, raw, TODAY)

    assert triage([ILLNESSES], includes("illnesses", "keloid"), {"illnesses": raw}) is Triage.REVIEW


def test_empty_multiple_choice_taken_for_none():
    keloid = includes("illnesses", "keloid")

    assert triage([ILLNESSES], keloid, {"illnesses": []}) is Triage.REVIEW
    assert triage([ILLNESSES], keloid, {"illnesses": ["none"]}) is Triage.ROUTINE


def test_text_no_read_as_yaml_false():
    """In the ground floor: the word stays a word, and a false that came in is still an answer."""
    assert read_answer(item("words", Kind.TEXT), "no", TODAY) == Written("no")
    assert read_answer(PREGNANT, "no", TODAY) == read_answer(PREGNANT, False, TODAY) == NO
    assert read_answer(item("c", Kind.CHOICE, options=("no", "off")), "no", TODAY) == Chosen("no")


def test_10_read_as_text_10():
    """As text "10" would come before "9"."""
    high = compares("hba1c", Comparison.AT_LEAST, "9")

    assert triage([HBA1C], high, {"hba1c": "10"}) is Triage.STOP
    assert triage([HBA1C], high, {"hba1c": 10}) is Triage.STOP
    assert read_answer(HBA1C, "10", TODAY) == read_answer(HBA1C, 10, TODAY)


def test_decimal_comma():
    assert read_answer(HBA1C, "8,5", TODAY) == Measured(Decimal("8.5"))
    assert (
        triage([HBA1C], compares("hba1c", Comparison.ABOVE, "8.4"), {"hba1c": "8,5"}) is Triage.STOP
    )


def test_29_february_plus_a_year():
    leap_day = date(2024, 2, 29)

    assert window("1 year").over_from(leap_day) == date(2025, 3, 1)
    assert days("2024-02-29").within(window("1 year"), date(2025, 2, 28)) is not NOT_MET
    assert days("2024-02-29").within(window("1 year"), date(2025, 3, 1)) is NOT_MET


def test_month_end():
    """31 August plus six months: there is no 31 February, so the window is over on 1 March."""
    assert window("6 months").over_from(date(2025, 8, 31)) == date(2026, 3, 1)
    assert window("6 months").before(date(2026, 8, 31)) == date(2026, 2, 28)
    assert window("1 month").before(date(2026, 3, 31)) == date(2026, 2, 28)


@pytest.mark.parametrize("said", ["today", "0 days ago", "2026-06-15"])
def test_the_day_itself(said):
    recent = within("surgery", "14 days")

    assert triage([SURGERY], recent, {"surgery": said}) is Triage.STOP


@pytest.mark.parametrize("said", ["2026-06-16", "July 2026", "2027"])
def test_future_date(said):
    with pytest.raises(AnswerError, match="not after today"):
        read_answer(SURGERY, said, TODAY)

    assert triage([SURGERY], within("surgery", "14 days"), {"surgery": said}) is Triage.REVIEW


@pytest.mark.parametrize("said", ["2026-06-15", "today", "1899-12-31", "1899"])
def test_birth_date_today_or_1899(said):
    with pytest.raises(AnswerError):
        read_answer(BIRTH_DATE, said, TODAY)

    assert triage([BIRTH_DATE], age(Comparison.BELOW, 18), {"birth_date": said}) is Triage.REVIEW


@pytest.mark.parametrize(
    ("said", "found"),
    [("May 2026", Triage.ROUTINE), ("June 2026", Triage.REVIEW), ("2026", Triage.REVIEW)],
)
def test_a_vague_date_straddling_the_window(said, found):
    assert triage([SURGERY], within("surgery", "14 days"), {"surgery": said}) is found


def test_time_zone_midnight_the_window_ends_with_the_clinics_day():
    recent = within("surgery", "14 days")
    raw = {"surgery": "2026-06-02"}

    assert triage([SURGERY], recent, raw, today=date(2026, 6, 15)) is Triage.STOP
    assert triage([SURGERY], recent, raw, today=date(2026, 6, 16)) is Triage.ROUTINE


def test_time_zone_midnight_the_ground_floor_has_no_clock():
    """Today is always an argument: the clinic's local date."""
    clocks = {"today", "now", "utcnow", "time", "localtime"}
    called = {
        f"{path.name}:{node.lineno}"
        for path in Path(intake.core.__path__[0]).glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in clocks
    }

    assert called == set()


def test_answer_left_behind_after_its_question_was_hidden():
    weeks = item("weeks", enable_when=is_("pregnant", "yes"))
    some_pack = pack((PREGNANT, weeks), [rule("r", Level.STOP, is_("weeks", "yes"))])

    screening = screen(some_pack, {"pregnant": NO, "weeks": YES}, TODAY)

    assert screening.triage is Triage.ROUTINE
    assert screening.set_aside == ("weeks",)


def test_an_option_removed_in_a_newer_pack():
    """The old answer can neither meet a condition nor rule it out."""
    newer = item("illnesses", Kind.CHOICES, options=("eczema", "none"))

    answer = read_stored(newer, ["keloid"], TODAY)

    assert answer is Missing.UNREADABLE
    assert (
        triage([newer], includes("illnesses", "eczema"), {"illnesses": ["keloid"]}) is Triage.REVIEW
    )


def test_a_renamed_question():
    """The answer to the old name does not answer the new one, and does not get lost silently."""
    renamed = item("is_pregnant")
    some_pack = pack([renamed], [rule("r", Level.STOP, is_("is_pregnant", "yes"))])

    reading = read_all(some_pack, {"pregnant": "no"}, {}, TODAY)

    assert screen(some_pack, reading.answers, TODAY).triage is Triage.REVIEW
    assert [link_id for link_id, _ in reading.problems] == ["pregnant"]


def test_an_exception_inside_one_rule():
    broken, whole = (
        rule("broken", Level.STOP, breaks("pregnant")),
        rule("r", Level.CAUTION, is_("pregnant", "yes")),
    )

    screening = screen(pack([PREGNANT], [broken, whole]), {"pregnant": YES}, TODAY)

    assert [(f.rule_id, f.effect, f.error) for f in screening.findings] == [
        ("broken", Triage.REVIEW, True),
        ("r", Triage.CAUTION, False),
    ]


@pytest.mark.parametrize("order", [1, -1])
def test_two_rules_of_the_same_level_with_different_dates(order):
    short = rule("short", Level.DEFER, within("surgery", "14 days"))
    long = rule("long", Level.DEFER, within("surgery", "6 weeks"))

    screening = screen(
        pack([SURGERY], [short, long][::order]), {"surgery": on("2026-06-10")}, TODAY
    )

    assert screening.earliest_safe_date == date(2026, 6, 10) + timedelta(weeks=6)


@pytest.mark.parametrize("order", [1, -1])
def test_same_medicine_twice_once_current_and_once_stopped(order):
    twice = [stopped("warfarin", "2020-01-01"), now("Coumadin")][::order]
    rules = [
        rule("now", Level.STOP, takes("anticoagulant", status=Status.CURRENT)),
        rule("recent", Level.REVIEW, takes("anticoagulant", within="14 days")),
    ]

    screening = screen(pack([MEDICINES], rules), {"medicines": listed(*twice)}, TODAY)

    assert [f.rule_id for f in screening.findings] == ["now", "recent"]


@pytest.mark.parametrize(
    "words", ["not on warfarin", "my husband takes warfarin", "never warfarin"]
)
def test_negated_free_text_never_clears_only_asks(words):
    thinner = takes("anticoagulant")

    assert triage([MEDICINES], thinner, {"medicines": [words]}) is Triage.REVIEW
    assert triage([MEDICINES], Not(thinner), {"medicines": [words]}) is Triage.REVIEW


def test_unknown_is_never_taken_for_either_side():
    """What all traps have in common."""
    assert UNKNOWN.negated() is UNKNOWN
