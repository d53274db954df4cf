"""Raw values to typed answers, and back to what is stored."""

import unicodedata
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from intake.core.answers import (
    MAX_MEDICINES,
    MAX_TEXT,
    Chosen,
    Happened,
    Listed,
    Missing,
    Worded,
    Written,
    _chosen,
    _picked,
    clean_text,
    read_answer,
    read_stored,
)
from intake.core.errors import AnswerError
from intake.core.keeping import keep, words_for
from intake.core.medicines import MedicineEntry, Route, Status
from intake.core.questionnaire import Kind
from tests.core.builders import (
    NEVER,
    NO,
    SPOTS,
    STILL,
    TODAY,
    YES,
    days,
    item,
    listed,
    measured,
    now,
    on,
    picked,
    spelled,
    stopped,
)

YES_NO = item("pregnant")
CHOICE = item("skin_type", Kind.CHOICE, options=("one", "two"))
CHOICES = item("conditions", Kind.CHOICES, options=("asthma", "eczema", "none"))
NUMBER = item("hba1c", Kind.NUMBER, unit="%", minimum=Decimal(3), maximum=Decimal(20), decimals=1)
COUNT = item("count", Kind.NUMBER, minimum=Decimal(0), maximum=Decimal(5000))
DATE = item("healed", Kind.DATE, words={STILL: "It has not healed yet"})
PLAIN_DATE = item("surgery", Kind.DATE)
BIRTH_DATE = item("birth_date", Kind.DATE, from_record="birth_date")
MEDICINES = item("medicines", Kind.MEDICINES)
TEXT = item("other", Kind.TEXT)
BODY_MAP = item("spots", Kind.BODY_MAP, options=SPOTS)
EVERY_KIND = (YES_NO, CHOICE, CHOICES, NUMBER, DATE, MEDICINES, TEXT, BODY_MAP)
BY_KIND = pytest.mark.parametrize("asked", EVERY_KIND, ids=lambda asked: asked.kind)

KEPT = {"earliest": "2025-01-01", "latest": "2025-01-31"}


def read(asked, raw):
    return read_answer(asked, raw, TODAY)


def refusal(asked, raw):
    """The message with which a value is refused; None when it is read."""
    try:
        read(asked, raw)
    except AnswerError as error:
        return str(error)
    return None


class TestEveryKind:
    @BY_KIND
    @pytest.mark.parametrize("blank", [None, "", "  ", [], {}], ids=spelled)
    def test_blank_is_not_answered(self, asked, blank):
        assert read(asked, blank) is Missing.NOT_ANSWERED

    @BY_KIND
    def test_not_sure_and_withheld_are_missing_with_their_reason(self, asked):
        assert read(asked, "not_sure") is Missing.NOT_SURE
        assert read(asked, " withheld ") is Missing.WITHHELD

    @pytest.mark.parametrize(
        "asked", [YES_NO, CHOICE, CHOICES, NUMBER, DATE, BODY_MAP], ids=lambda asked: asked.kind
    )
    @pytest.mark.parametrize("raw", ["not_answered", "unreadable"])
    def test_nobody_can_say_the_reasons_that_are_ours(self, asked, raw):
        with pytest.raises(AnswerError):
            read(asked, raw)

    @BY_KIND
    def test_a_value_of_the_wrong_shape_is_refused_with_a_message(self, asked):
        wrong = (True, 3.5, 10**30, [["yes"]], [{"a": 1}], {"a": [1]}, float("inf"))

        refusals = [refusal(asked, raw) for raw in wrong]

        assert "" not in refusals
        assert any(refusals)

    @BY_KIND
    def test_what_no_longer_fits_is_unreadable_when_stored(self, asked):
        raw = {"no": "such answer"}

        stored = read_stored(asked, raw, TODAY)

        assert stored is Missing.UNREADABLE

    def test_what_still_fits_is_read_when_stored(self):
        assert read_stored(CHOICE, "one", TODAY) == Chosen("one")


class TestYesNo:
    @pytest.mark.parametrize(
        ("raw", "answer"), [("yes", YES), ("no", NO), (True, YES), (False, NO)]
    )
    def test_reads(self, raw, answer):
        assert read(YES_NO, raw) == answer

    @pytest.mark.parametrize("raw", ["No", "y", "true", "off", 0, 1, ["no"], "no no"], ids=spelled)
    def test_refuses_anything_else(self, raw):
        with pytest.raises(AnswerError, match="Select yes, no or not sure: Ask pregnant"):
            read(YES_NO, raw)


class TestChoice:
    def test_reads_an_option_offered(self):
        assert read(CHOICE, "two") == Chosen("two")

    def test_not_decided_is_unknown(self):
        assert read(CHOICE, "not_decided") is Missing.NOT_SURE

    @pytest.mark.parametrize("raw", ["three", "Two", 2, True, ["one"], {"one": 1}], ids=spelled)
    def test_refuses_what_is_not_offered(self, raw):
        with pytest.raises(AnswerError, match="Choose one of these answers: one, two"):
            read(CHOICE, raw)


class TestChoices:
    @pytest.mark.parametrize(
        ("raw", "answer"),
        [
            (["asthma"], picked("asthma")),
            ("asthma", picked("asthma")),
            (["eczema", "asthma", "asthma"], picked("asthma", "eczema")),
            (["none"], picked("none")),
            (["asthma", "not_sure"], picked("asthma", unsure=True)),
            (["asthma", "withheld"], picked("asthma", unsure=True)),
            (["not_sure"], Missing.NOT_SURE),
            (["not_decided"], Missing.NOT_SURE),
            (["withheld"], Missing.WITHHELD),
        ],
        ids=spelled,
    )
    def test_reads(self, raw, answer):
        assert read(CHOICES, raw) == answer

    def test_body_map_is_read_alike(self):
        assert read(BODY_MAP, ["cheek", "not_sure"]) == picked("cheek", unsure=True)

    @pytest.mark.parametrize(
        "raw", [["none", "asthma"], ["none", "not_sure"], ["none", "withheld"]]
    )
    def test_refuses_none_beside_others(self, raw):
        with pytest.raises(AnswerError, match="Select 'None' or the other answers, not both"):
            read(CHOICES, raw)

    @pytest.mark.parametrize(
        "raw", [["gout"], ["asthma", "gout"], [1], [None], [""], "gout", 7, {"a": 1}]
    )
    def test_refuses_what_is_not_offered(self, raw):
        with pytest.raises(
            AnswerError, match="Select from the answers offered: asthma, eczema, none"
        ):
            read(CHOICES, raw)


class TestNumber:
    @pytest.mark.parametrize(
        ("raw", "value"),
        [
            ("8.5", "8.5"),
            ("8,5", "8.5"),
            (" 8.5 ", "8.5"),
            (8.5, "8.5"),
            (8, "8"),
            ("8.50", "8.5"),
            ("012", "12"),
            (Decimal("8.5"), "8.5"),
            ("3", "3"),
            ("20", "20"),
            ("20.0", "20"),
        ],
        ids=spelled,
    )
    def test_reads(self, raw, value):
        assert read(NUMBER, raw) == measured(value)

    @pytest.mark.parametrize(
        "raw",
        [
            *("NaN", "sNaN", "inf", "-Infinity", "1e400", "1e3", "eight", "8.5.1", "--5", ".", "-"),
            *("٨", "８", "½", "²", "8 5", "0x10", "1_0", True, False, [8], {"value": 8}),
            *(float("nan"), float("inf"), 1e400, Decimal("NaN"), Decimal("sNaN"), Decimal("1E+1")),
        ],
        ids=spelled,
    )
    def test_refuses_what_is_not_plain_digits(self, raw):
        with pytest.raises(AnswerError, match=r"Enter a number from 3 to 20 %\."):
            read(NUMBER, raw)

    @pytest.mark.parametrize("raw", ["2.9", "20.1", "-8", 85])
    def test_refuses_what_is_implausible(self, raw):
        with pytest.raises(AnswerError, match=r"Enter a number from 3 to 20 %\."):
            read(NUMBER, raw)

    def test_refuses_more_digits_than_asked_for(self):
        with pytest.raises(AnswerError, match="at most 1 digits after the point"):
            read(NUMBER, "8.55")

    def test_refuses_more_digits_however_many_there_are(self):
        with pytest.raises(AnswerError, match="at most 1 digits after the point"):
            read(NUMBER, "8.5" + "0" * 40 + "1")

    @pytest.mark.parametrize("raw", ["1,500", "2,000"])
    def test_a_comma_before_three_digits_is_not_guessed_at(self, raw):
        """It may mean thousands; `2,000` must not become 2."""
        with pytest.raises(AnswerError):
            read(COUNT, raw)

    def test_a_comma_before_three_digits_is_not_guessed_at_where_decimals_are_allowed(self):
        dose = item(
            "dose", Kind.NUMBER, unit="mg", minimum=Decimal(0), maximum=Decimal(5000), decimals=2
        )

        with pytest.raises(AnswerError):
            read(dose, "1,500")

    @pytest.mark.parametrize(
        ("ends", "words"),
        [
            ({"minimum": Decimal(2)}, "Enter a number that is 2 mg or more."),
            ({"maximum": Decimal(9)}, "Enter a number that is 9 mg or less."),
            ({}, "Enter a number, such as 12."),
        ],
        ids=["from", "to", "any"],
    )
    def test_a_number_with_one_end_or_none_says_so(self, ends, words):
        with pytest.raises(AnswerError) as caught:
            read(item("dose", Kind.NUMBER, unit="mg", **ends), "much")

        assert str(caught.value) == words


class TestDate:
    def test_reads_a_date_with_the_words_that_were_said(self):
        assert read(DATE, "March 2025") == Happened("March 2025", days("2025-03-01", "2025-03-31"))

    def test_reads_a_year_given_as_a_number(self):
        assert read(DATE, 2025) == Happened("2025", days("2025-01-01", "2025-12-31"))

    @pytest.mark.parametrize("raw", ["still", "Still", "STILL"])
    def test_reads_a_word_that_is_offered(self, raw):
        assert read(DATE, raw) == Worded(STILL)

    @pytest.mark.parametrize(("asked", "raw"), [(DATE, "never"), (PLAIN_DATE, "still")])
    def test_refuses_a_word_that_is_not_offered(self, asked, raw):
        with pytest.raises(AnswerError, match=f"Enter a date: '{raw}' is not offered here"):
            read(asked, raw)

    @pytest.mark.parametrize("raw", [True, ["2025-01-01"], 3.5, -1])
    def test_refuses_what_is_not_a_date(self, raw):
        with pytest.raises(AnswerError):
            read(DATE, raw)

    @pytest.mark.parametrize("raw", ["2026-06-15", "2026-05-15", "2026", "today", "3 weeks ago"])
    def test_refuses_a_birth_date_of_today_or_the_last_month(self, raw):
        with pytest.raises(AnswerError, match="Check the date of birth"):
            read(BIRTH_DATE, raw)

    def test_reads_a_birth_date(self):
        assert read(BIRTH_DATE, "1988-03-12") == on("1988-03-12")

    def test_a_kept_date_means_the_days_it_meant_when_it_was_said(self):
        kept = {"said": "3 weeks ago", "earliest": "2025-01-01", "latest": "2025-01-15"}

        assert read(DATE, kept) == Happened("3 weeks ago", days("2025-01-01", "2025-01-15"))

    @pytest.mark.parametrize(
        "kept",
        [
            {"said": "x"},
            {"said": "x", "earliest": "2025-01-01"},
            {"said": "x", "earliest": "soon", "latest": "2025-01-01"},
            {"said": "x", "earliest": "2025-02-01", "latest": "2025-01-01"},
        ],
    )
    def test_refuses_a_kept_date_with_a_part_missing_or_backwards(self, kept):
        with pytest.raises(AnswerError, match="A kept date needs 'said', 'earliest' and 'latest'"):
            read(DATE, kept)

    def test_a_kept_date_after_today_is_refused_like_any_other(self):
        with pytest.raises(AnswerError):
            read(DATE, {"said": "x", "earliest": "2999-01-01", "latest": "2999-01-01"})

    def test_a_kept_birth_date_of_today_is_refused_like_any_other(self):
        today = TODAY.isoformat()

        with pytest.raises(AnswerError, match="Check the date of birth"):
            read(BIRTH_DATE, {"said": "today", "earliest": today, "latest": today})


class TestMedicines:
    def test_reads_plain_names(self):
        assert read(MEDICINES, ["warfarin", " aspirin "]) == listed("warfarin", "aspirin")

    def test_reads_a_single_name(self):
        assert read(MEDICINES, "warfarin") == listed("warfarin")

    def test_reads_everything_that_is_said_about_one(self):
        row = {
            "name": "warfarin",
            "status": "stopped",
            "stopped": "2025",
            "route": "mouth",
            "dose": "5 mg",
        }

        answer = read(MEDICINES, [row])

        year = days("2025-01-01", "2025-12-31")
        entry = MedicineEntry("warfarin", Status.STOPPED, year, "2025", Route.MOUTH, "5 mg")
        assert answer == Listed((entry,))

    def test_a_medicine_with_a_day_it_was_stopped_is_stopped(self):
        row = {"name": "warfarin", "stopped": "2025-01-01"}

        assert read(MEDICINES, [row]) == listed(stopped("warfarin", "2025-01-01"))

    @pytest.mark.parametrize("nothing", [None, "", "not_sure", "withheld"])
    def test_what_is_left_open_is_unknown(self, nothing):
        row = {"name": "warfarin", "status": nothing, "stopped": nothing, "route": nothing}

        assert read(MEDICINES, [row]) == listed("warfarin")

    @pytest.mark.parametrize("unknown", ["not_sure", "withheld", "unknown"])
    def test_a_day_beside_not_sure_does_not_make_it_stopped(self, unknown):
        row = {"name": "warfarin", "status": unknown, "stopped": "2015"}

        (entry,) = read(MEDICINES, [row]).entries

        assert (entry.status, entry.stopped_said) == (Status.UNKNOWN, "2015")

    def test_none_is_an_empty_list(self):
        assert read(MEDICINES, ["none"]) == Listed(())

    @pytest.mark.parametrize("word", ["not_sure", "withheld"])
    def test_another_one_without_a_name_makes_the_list_unsure(self, word):
        assert read(MEDICINES, ["warfarin", word]) == listed("warfarin", unsure=True)

    def test_only_not_sure_is_no_list(self):
        assert read(MEDICINES, ["not_sure"]) is Missing.NOT_SURE

    def test_none_beside_a_medicine_is_refused_or_leaves_everything_open(self):
        """It may never be read as "none"."""
        try:
            answer = read(MEDICINES, ["none", "warfarin"])
        except AnswerError:
            return

        assert answer == listed("none", "warfarin")

    @pytest.mark.parametrize(
        "stopped", ["2" * 2001, {**KEPT, "said": "x" * 2001}], ids=["said", "kept"]
    )
    def test_when_it_was_stopped_is_no_longer_than_any_text(self, stopped):
        with pytest.raises(AnswerError, match="Shorten this to"):
            read(MEDICINES, [{"name": "warfarin", "stopped": stopped}])

    @pytest.mark.parametrize(
        ("row", "message"),
        [
            (7, "Enter the name of the medicine"),
            ({"dose": "5 mg"}, "Enter the name of the medicine"),
            ({"name": ["warfarin"]}, "Enter the name of the medicine"),
            ({"name": "warfarin", "colour": "red"}, "but not colour"),
            (
                {"name": "warfarin", "status": "maybe"},
                "'maybe' is not one of current, stopped, unknown",
            ),
            ({"name": "warfarin", "route": "ear"}, "'ear' is not one of mouth, skin, injection"),
            ({"name": "warfarin", "stopped": "soon"}, "Enter a date such as"),
            ({"name": "warfarin", "stopped": "2027"}, "not after today"),
            ({"name": "warfarin", "stopped": {"said": "x"}}, "A kept date needs"),
        ],
        ids=spelled,
    )
    def test_refuses_with_a_message(self, row, message):
        with pytest.raises(AnswerError, match=message):
            read(MEDICINES, [row])

    def test_refuses_more_than_anybody_takes(self):
        with pytest.raises(AnswerError, match=f"at most {MAX_MEDICINES} medicines"):
            read(MEDICINES, ["aspirin"] * (MAX_MEDICINES + 1))

    def test_takes_as_many_as_allowed(self):
        assert read(MEDICINES, ["aspirin"] * MAX_MEDICINES) == listed(*["aspirin"] * MAX_MEDICINES)


class TestText:
    @pytest.mark.parametrize("raw", ["no", "yes", "012", "1e3", "2024-01-01", "null", "none"])
    def test_text_means_what_is_written(self, raw):
        assert read(TEXT, raw) == Written(raw)

    @pytest.mark.parametrize("raw", [7, True, ["a"], {"a": "b"}])
    def test_refuses_what_is_not_text(self, raw):
        with pytest.raises(AnswerError, match="Enter text"):
            read(TEXT, raw)

    def test_is_brought_to_one_form(self):
        assert clean_text("  e\u0301\x00\x07 a\ud800\r\nb\rc ") == "é a\nb\nc"

    def test_refuses_what_is_too_long(self):
        assert clean_text("a" * MAX_TEXT) == "a" * MAX_TEXT
        with pytest.raises(AnswerError, match=f"Shorten this to {MAX_TEXT} characters"):
            clean_text("a" * (MAX_TEXT + 1))

    @given(st.text())
    @example("e\x00\u0301")
    def test_cleaned_once_is_clean(self, text):
        clean = clean_text(text)

        assert clean_text(clean) == clean
        assert unicodedata.is_normalized("NFC", clean)


# Stored, and read again on another day


def _lists_of(codes):
    return st.lists(st.sampled_from(codes), min_size=1, unique=True)


DATES_SAID = st.one_of(
    st.dates(date(1950, 1, 1), TODAY).map(date.isoformat),
    st.sampled_from(
        ["today", "yesterday", "about 3 weeks ago", "2 months ago", "May 2026", "2020", "2026"]
    ),
)
ROWS = st.fixed_dictionaries(
    {
        "name": st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20).filter(
            str.strip
        )
    },
    optional={
        "status": st.sampled_from(["current", "stopped", "unknown", "not_sure", None]),
        "stopped": st.one_of(st.none(), st.just("not_sure"), DATES_SAID),
        "route": st.sampled_from(["mouth", "skin", None, "not_sure"]),
        "dose": st.sampled_from(["", "5 mg", None]),
    },
)
NAMES = st.sampled_from(["aspirin", "not_sure", "withheld"])
FRACTIONS = st.floats(0, 1) | st.sampled_from([0, 1, -0.0])
PLACES = st.fixed_dictionaries(
    {
        "view": st.sampled_from(["face", "front", "back"]),
        "x": FRACTIONS,
        "y": FRACTIONS,
        "picture": st.integers(1, 9),
    }
)
SPOTS_SAID = st.builds(
    lambda region, what, place: {"region": region, **what, **place},
    st.sampled_from(["cheek", "elbow"]),
    st.fixed_dictionaries({}, optional={"what": st.text(max_size=60) | st.none()}),
    st.just({}) | PLACES,
)
RAW = {
    Kind.YES_NO: st.sampled_from(["yes", "no", True, False]),
    Kind.CHOICE: st.sampled_from(["one", "two", "not_decided"]),
    Kind.CHOICES: _lists_of(["asthma", "eczema", "not_sure", "withheld"]) | st.just(["none"]),
    Kind.BODY_MAP: st.lists(
        st.sampled_from(["cheek", "elbow", "not_sure"]) | SPOTS_SAID, min_size=1, max_size=6
    )
    | st.just(["none"]),
    Kind.NUMBER: st.decimals(3, 20, places=1) | st.sampled_from(["8,5", "8.50", 8.5, 8]),
    Kind.DATE: DATES_SAID | st.just("still"),
    Kind.MEDICINES: st.lists(ROWS | NAMES, max_size=4) | st.just(["none"]),
    Kind.TEXT: st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=60),
}
BLANKS = st.sampled_from([None, "", "not_sure", "withheld"])


@BY_KIND
@given(st.data(), st.integers(0, 4000))
def test_what_is_kept_reads_the_same_on_any_later_day(asked, data, later):
    raw = data.draw(RAW[asked.kind] | BLANKS)
    answer = read(asked, raw)

    kept = keep(asked, raw, TODAY)

    assert read_answer(asked, kept, TODAY + timedelta(days=later)) == answer
    assert keep(asked, kept, TODAY + timedelta(days=later)) == kept


class TestKeep:
    @pytest.mark.parametrize(
        ("asked", "raw", "kept"),
        [
            (YES_NO, True, "yes"),
            (YES_NO, "withheld", "withheld"),
            (YES_NO, "  ", None),
            (NUMBER, "8,5", "8.5"),
            (CHOICES, ["eczema", "withheld", "asthma"], ["asthma", "eczema", "not_sure"]),
            (DATE, "STILL", "still"),
            (TEXT, " a ", "a"),
            (MEDICINES, ["none"], ["none"]),
        ],
        ids=spelled,
    )
    def test_keeps_one_form(self, asked, raw, kept):
        assert keep(asked, raw, TODAY) == kept

    def test_keeps_the_days_a_relative_date_meant(self):
        assert keep(DATE, "3 weeks ago", TODAY) == {
            "said": "3 weeks ago",
            "earliest": "2026-05-18",
            "latest": "2026-06-01",
        }

    def test_refuses_what_is_no_answer(self):
        with pytest.raises(AnswerError):
            keep(YES_NO, "perhaps", TODAY)

    def test_none_beside_not_sure_reads_the_same_again(self):
        raw = ["none", "not_sure"]

        kept = keep(MEDICINES, raw, TODAY)

        assert read(MEDICINES, kept) == read(MEDICINES, raw)

    @pytest.mark.parametrize("raw", ["e\x00\u0301", "\x00not_sure", "\x00"], ids=ascii)
    def test_text_with_control_characters_reads_the_same_again(self, raw):
        kept = keep(TEXT, raw, TODAY)

        assert read(TEXT, kept) == read(TEXT, raw)

    def test_text_that_grows_when_normalised_reads_the_same_again(self):
        raw = "\ufb2c" * MAX_TEXT
        try:
            kept = keep(TEXT, raw, TODAY)
        except AnswerError:
            return

        assert read(TEXT, kept) == read(TEXT, raw)

    def test_a_zero_with_many_digits_reads_the_same_again(self):
        kept = keep(COUNT, "0.0000000", TODAY)

        assert read(COUNT, kept) == read(COUNT, "0.0000000")


@pytest.mark.parametrize(
    ("asked", "answer", "words"),
    [
        (YES_NO, Missing.NOT_ANSWERED, "Not answered"),
        (YES_NO, Missing.NOT_SURE, "Not sure"),
        (YES_NO, Missing.WITHHELD, "I'd rather tell my practitioner"),
        (YES_NO, Missing.UNREADABLE, "An answer this questionnaire does not offer"),
        (YES_NO, YES, "Yes"),
        (YES_NO, NO, "No"),
        (CHOICE, Chosen("one"), "One"),
        (CHOICE, Chosen("gone"), "gone"),
        (CHOICES, picked("eczema", "asthma"), "Asthma; Eczema"),
        (CHOICES, picked("asthma", unsure=True), "Asthma; and not sure about others"),
        (NUMBER, measured("8.5"), "8.5 %"),
        (COUNT, measured("8"), "8"),
        (DATE, on("2025-03-14"), "14 March 2025"),
        (
            DATE,
            Happened("2025", days("2025-01-01", "2025-12-31")),
            "2025 (1 January 2025 to 31 December 2025)",
        ),
        (DATE, Happened("14 mar. 2025", days("2025-03-14")), "14 March 2025"),
        (DATE, Happened("yesterday", days("2026-06-14")), "yesterday (14 June 2026)"),
        (
            DATE,
            Happened("less than 1 day ago", days("2026-06-15")),
            "less than 1 day ago (15 June 2026)",
        ),
        (DATE, Happened("2026", days("2026-01-01")), "2026 (1 January 2026)"),
        (DATE, Worded(STILL), "It has not healed yet"),
        (DATE, Worded(NEVER), "never"),
        (MEDICINES, Listed(()), "None"),
        (MEDICINES, listed("aspirin", now("warfarin")), "aspirin; warfarin (taking it now)"),
        (MEDICINES, listed("aspirin", unsure=True), "aspirin; another one whose name I don't know"),
        (MEDICINES, listed(stopped("warfarin")), "warfarin (stopped)"),
        (
            MEDICINES,
            listed(stopped("warfarin", "2025-01-01", route=Route.MOUTH, dose="5 mg")),
            "warfarin (5 mg, mouth, stopped: 1 January 2025)",
        ),
        (
            MEDICINES,
            listed(
                MedicineEntry(
                    "warfarin",
                    Status.STOPPED,
                    days("2026-05-18", "2026-06-01"),
                    "about 3 weeks ago",
                )
            ),
            "warfarin (stopped: about 3 weeks ago, 18 May 2026 to 1 June 2026)",
        ),
        (
            MEDICINES,
            listed(MedicineEntry("warfarin", Status.UNKNOWN, days("2026-06-14"), "yesterday")),
            "warfarin (not sure whether it was stopped: yesterday, 14 June 2026)",
        ),
        (
            MEDICINES,
            listed(MedicineEntry("warfarin", Status.CURRENT, days("2026-06-14"), "2026-06-14")),
            "warfarin (taking it now, yet it was stopped: 14 June 2026)",
        ),
        (TEXT, Written("Call me"), "Call me"),
    ],
)
def test_answers_are_said_in_the_patients_words(asked, answer, words):
    assert words_for(asked, answer) == words


@pytest.mark.parametrize(
    ("asked", "raw"),
    [
        (item("q"), "yes"),
        (item("q", Kind.CHOICE, options=("a", "b")), "b"),
        (item("q", Kind.CHOICES, options=("a", "b", "c")), ["a", "c"]),
        (item("q", Kind.CHOICES, options=("a", "b", "c")), ["a", "not_sure"]),
    ],
    ids=["yes", "choice", "choices", "choices and not sure"],
)
def test_the_same_options_are_the_very_same_answer(asked, raw):
    assert read_answer(asked, raw, TODAY) is read_answer(asked, raw, TODAY)


def test_what_is_shared_of_answers_has_an_end():
    assert all(one.cache_info().maxsize for one in (_chosen, _picked))
