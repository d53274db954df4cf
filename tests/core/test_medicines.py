"""What is said of a medicine, and what a rule asks of it."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.conditions import DateKey
from intake.core.medicines import Medicine, MedicineEntry, Route, Status, enough_met
from intake.core.truth import any_of, at_least
from intake.core.vocabulary import Vocabulary
from tests.core.builders import (
    MET,
    NOT_MET,
    TODAY,
    UNKNOWN,
    VOCABULARY,
    case,
    listed,
    now,
    spelled,
    stopped,
    takes,
)


def judge(sentence, *entries, **rest):
    return sentence.truth(case({"medicines": listed(*entries, **rest)}))


class TestWanted:
    @pytest.mark.parametrize(
        ("entry", "current", "was_stopped"),
        [
            (now("warfarin"), MET, NOT_MET),
            (stopped("warfarin"), NOT_MET, MET),
            (MedicineEntry("warfarin"), UNKNOWN, UNKNOWN),
            (now("aspirin"), NOT_MET, NOT_MET),
        ],
        ids=spelled,
    )
    def test_status(self, entry, current, was_stopped):
        assert judge(takes("anticoagulant", status=Status.CURRENT), entry) is current
        assert judge(takes("anticoagulant", status=Status.STOPPED), entry) is was_stopped

    @pytest.mark.parametrize(
        ("entry", "truth"),
        [
            (now("warfarin"), MET),
            (stopped("warfarin", "2026-06-02"), MET),
            (stopped("warfarin", "2026-06-01"), NOT_MET),
            (stopped("warfarin", "2026-05-01", "2026-06-10"), UNKNOWN),
            (stopped("warfarin"), UNKNOWN),
            (MedicineEntry("warfarin"), UNKNOWN),
            (MedicineEntry("warfarin", stopped=stopped("x", "2020-01-01").stopped), UNKNOWN),
            (MedicineEntry("warfarin", stopped=stopped("x", "2026-06-14").stopped), MET),
            (now("aspirin"), NOT_MET),
        ],
        ids=spelled,
    )
    def test_within_is_now_or_stopped_within(self, entry, truth):
        assert judge(takes("anticoagulant", within="14 days"), entry) is truth

    @pytest.mark.parametrize(
        ("route", "truth"), [(Route.MOUTH, MET), (Route.SKIN, NOT_MET), (Route.EYE, NOT_MET)]
    )
    def test_route(self, route, truth):
        assert (
            judge(takes("anticoagulant", route=Route.MOUTH), now("warfarin", route=route)) is truth
        )

    def test_an_unsaid_route_never_clears(self):
        assert judge(takes("anticoagulant", route=Route.MOUTH), now("warfarin")) is not NOT_MET

    def test_the_route_decides_the_class(self):
        on_skin = now("isotretinoin", route=Route.SKIN)
        by_mouth = now("isotretinoin", route=Route.MOUTH)

        assert judge(takes("oral_retinoid"), on_skin) is NOT_MET
        assert judge(takes("topical_retinoid"), on_skin) is MET
        assert judge(takes("oral_retinoid"), by_mouth) is MET
        assert judge(takes("topical_retinoid"), by_mouth) is NOT_MET

    def test_an_unsaid_route_counts_as_the_strictest(self):
        assert judge(takes("oral_retinoid"), now("isotretinoin")) is MET

    def test_an_unsaid_route_does_not_rule_out_the_classes_of_other_routes(self):
        """Said later, the route may put it in that class: the theorem must hold for routes too."""
        assert judge(takes("topical_retinoid"), now("isotretinoin")) is not NOT_MET

    def test_once_current_and_once_stopped_is_current(self):
        twice = (stopped("warfarin", "2020-01-01"), now("warfarin"))

        assert judge(takes("anticoagulant", status=Status.CURRENT), *twice) is MET
        assert judge(takes("anticoagulant", within="14 days"), *twice) is MET


class TestList:
    def test_an_empty_list_rules_out_every_class(self):
        assert judge(takes("anticoagulant")) is NOT_MET

    def test_another_one_without_a_name_rules_out_nothing(self):
        assert judge(takes("anticoagulant"), "aspirin", unsure=True) is UNKNOWN
        assert judge(takes("anticoagulant"), unsure=True) is UNKNOWN

    def test_another_one_without_a_name_does_not_hide_the_one_that_counts(self):
        assert judge(takes("anticoagulant"), "warfarin", unsure=True) is MET

    def test_one_unrecognised_entry_keeps_the_class_open(self):
        assert judge(takes("anticoagulant"), "aspirin", "zzz") is UNKNOWN

    def test_an_empty_list_is_not_enough(self):
        assert enough_met(1, takes("anticoagulant").wanted, [], TODAY, unsure=False) is NOT_MET


class TestRoutes:
    """What one row of the vocabulary counts as, by the route that was said."""

    ROW = Medicine(
        "tretinoin",
        classes=frozenset({"capsules"}),
        by_route={Route.SKIN: frozenset({"cream"}), Route.EYE: frozenset()},
        maybe=frozenset({"leukaemia"}),
    )

    @pytest.mark.parametrize(
        ("route", "met", "unknown"),
        [
            (None, {"capsules"}, {"cream", "leukaemia"}),
            (Route.SKIN, {"cream"}, set()),
            (Route.EYE, set(), set()),
            (Route.MOUTH, {"capsules"}, {"leukaemia"}),
        ],
        ids=spelled,
    )
    def test_a_route_counts_as_it_is_listed_and_else_as_the_name(self, route, met, unknown):
        every = ("capsules", "cream", "leukaemia", "other")

        found = {name: self.ROW.of_class(name, route) for name in every}

        assert {name for name, truth in found.items() if truth is MET} == met
        assert {name for name, truth in found.items() if truth is UNKNOWN} == unknown

    def test_the_stricter_reading_of_an_unsaid_route_may_be_left_out(self):
        assert self.ROW.of_class("capsules", None, presuming=False) is UNKNOWN

    def test_what_every_route_is_needs_no_presuming(self):
        row = Medicine("x", classes=frozenset("a"), by_route={Route.SKIN: frozenset("a")})

        assert row.of_class("a", None, presuming=False) is MET


TWO = Vocabulary(
    {"anticoagulant": "Blood thinners"},
    tuple(Medicine(name, classes=frozenset({"anticoagulant"})) for name in ("aaaa", "bbbb")),
)


NAMED = (
    "warfarin",
    "warfarin, Coumadin",
    "warfrin 5 mg",
    "warfaarin",
    "not on warfarin",
    "aspirin, warfarin",
    "isotretinoin",
    "my husband takes Accutane, aspirin",
    "zzzz",
    "aspirin zzzz",
    "",
)
ROWS = tuple(
    replace(row, route=route)
    for name in NAMED
    for route in (None, Route.MOUTH, Route.SKIN)
    for row in (now(name), MedicineEntry(name), stopped(name, "2026-05-01", "2026-06-10"))
)
SENTENCES = tuple(
    takes(name, **rest)
    for name in (*VOCABULARY.classes, "of no medicine")
    for rest in (
        {},
        {"status": Status.CURRENT},
        {"status": Status.STOPPED},
        {"within": "14 days"},
        {"route": Route.SKIN},
    )
)


class TestCounting:
    """`at least 2 medicines of class ...`."""

    @staticmethod
    def two_of(*entries, unsure=False, number=2):
        wanted = takes("anticoagulant", status=Status.CURRENT).wanted
        recognised = [VOCABULARY.recognise(entry) for entry in entries]
        return enough_met(number, wanted, recognised, TODAY, unsure=unsure)

    def test_two_different_medicines_are_enough(self):
        both = [TWO.recognise(MedicineEntry(n, Status.CURRENT)) for n in ("aaaa", "bbbb")]
        wanted = takes("anticoagulant").wanted

        assert enough_met(2, wanted, both, TODAY, unsure=False) is MET
        assert enough_met(3, wanted, both, TODAY, unsure=False) is NOT_MET

    def test_two_in_one_row_count_as_two(self):
        row = [TWO.recognise(MedicineEntry("aaaa and bbbb", Status.CURRENT))]

        assert enough_met(2, takes("anticoagulant").wanted, row, TODAY, unsure=False) is MET

    def test_one_medicine_under_two_names_counts_once(self):
        names = (MedicineEntry(n, Status.CURRENT) for n in ("warfarin", "Coumadin"))

        assert self.two_of(*names) is NOT_MET

    def test_two_forms_of_one_substance_count_once(self):
        both = Vocabulary(
            TWO.classes,
            (
                TWO.medicines[0],
                Medicine("aaaa pen", classes=frozenset({"anticoagulant"}), same_as="aaaa"),
            ),
        )
        rows = [both.recognise(MedicineEntry(n, Status.CURRENT)) for n in ("aaaa", "aaaa pen")]

        assert enough_met(2, takes("anticoagulant").wanted, rows, TODAY, unsure=False) is NOT_MET

    def test_words_nobody_understands_may_be_as_many_as_are_asked_for(self):
        assert self.two_of(MedicineEntry("zzzz", Status.CURRENT)) is UNKNOWN

    def test_a_short_list_leaves_it_open(self):
        assert self.two_of(unsure=True) is UNKNOWN

    def test_an_unsaid_status_leaves_it_open(self):
        entries = (MedicineEntry("aaaa", Status.CURRENT), MedicineEntry("bbbb"))
        wanted = takes("anticoagulant", status=Status.CURRENT).wanted

        found = enough_met(2, wanted, map(TWO.recognise, entries), TODAY, unsure=False)

        assert found is UNKNOWN

    def test_a_name_said_many_times_is_judged_once(self, monkeypatch):
        judged, really = [], Medicine.of_class

        def of_class(medicine, wanted, route, **rest):
            judged.append(medicine.name)
            return really(medicine, wanted, route, **rest)

        monkeypatch.setattr(Medicine, "of_class", of_class)
        row = [VOCABULARY.recognise(now("warfarin " * 40))]

        found = enough_met(1, takes("anticoagulant").wanted, row, TODAY, unsure=False)

        assert found is MET
        assert judged == ["warfarin"]

    @given(
        st.lists(st.sampled_from(ROWS), max_size=4),
        st.sampled_from(SENTENCES),
        st.integers(1, 3),
        st.booleans(),
        st.booleans(),
    )
    def test_it_counts_what_each_match_says_by_itself(
        self, entries, sentence, number, unsure, presuming
    ):
        recognised = [VOCABULARY.recognise(entry) for entry in entries]

        found = enough_met(
            number, sentence.wanted, recognised, TODAY, unsure=unsure, presuming=presuming
        )

        assert found is one_by_one(number, sentence.wanted, recognised, unsure, presuming)


def one_by_one(number, wanted, recognised, unsure, presuming):
    """Judge each match as if its entry held nothing else, and count the substances."""
    named, open_ends = {}, [UNKNOWN] * number * unsure
    for recognition in recognised:
        for match in recognition.matches:
            one = replace(recognition, matches=(match,), rest=())
            truth = wanted.met_by(one, TODAY, presuming)
            named.setdefault(match.medicine.substance, []).append(truth)
        if recognition.rest or not recognition.matches:
            nameless = replace(recognition, matches=())
            open_ends += [wanted.met_by(nameless, TODAY, presuming)] * number
    return at_least(number, [*map(any_of, named.values()), *open_ends])


class TestReadingOnce:
    """Reading words takes long, and a screening asks about the same ones thousands of times."""

    @pytest.fixture
    def read(self, monkeypatch):
        """The names of the entries that were read."""
        seen, really = [], Vocabulary.recognise

        def recognise(vocabulary, entry):
            seen.append(entry.name)
            return really(vocabulary, entry)

        monkeypatch.setattr(Vocabulary, "recognise", recognise)
        return seen

    def test_another_day_for_one_row_reads_that_row_alone(self, read):
        vague = stopped("warfarin", "2026-05-01", "2026-06-10")
        asked = case({"medicines": listed(vague, now("aspirin"), now("zzz"))})
        sentence = takes("anticoagulant", within="14 days")

        sentence.truth(asked)
        sentence.truth(asked.turned)
        sentence.truth(asked.on(date(2026, 7, 1)))
        sentence.truth(asked.with_exact_date(DateKey("medicines", 0), date(2026, 6, 2)))

        assert read == ["warfarin", "aspirin", "zzz", "warfarin"]
