"""Words a patient typed to medicine classes: recognising may only ever raise a flag."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from intake.core.medicines import (
    How,
    Medicine,
    MedicineEntry,
    Route,
    Status,
    Vocabulary,
    any_met,
    normal,
)
from tests.core.builders import (
    MET,
    NOT_MET,
    TODAY,
    UNKNOWN,
    VOCABULARY,
    case,
    listed,
    now,
    stopped,
    takes,
)

CLASSES = tuple(VOCABULARY.classes)


def recognise(entry):
    return VOCABULARY.recognise(entry if isinstance(entry, MedicineEntry) else MedicineEntry(entry))


def truths(entry):
    """Classes that are met, and classes that may be."""
    seen = recognise(entry)
    met = {c for c in CLASSES if seen.of_class(c) is MET}
    unknown = {c for c in CLASSES if seen.of_class(c) is UNKNOWN}
    return met, unknown


def judge(sentence, *entries, **rest):
    return sentence.truth(case({"medicines": listed(*entries, **rest)}))


class TestRecognised:
    @pytest.mark.parametrize(
        ("words", "known_as", "how"),
        [
            ("warfarin", "warfarin", How.NAME),
            ("WARFARIN 5mg tablets once daily", "warfarin", How.NAME),
            ("Coumadin", "Coumadin", How.NAME),
            ("Wárfarina", "warfarina", How.NAME),
            ("warfrin", "warfrin", How.MISSPELLING),
            ("co codamol", "co-codamol", How.NAME),
            ("Co-Codamol 30/500", "co-codamol", How.NAME),
            ("cartia xt", "Cartia XT", How.NAME),
            ("warfarn", "warfarin", How.SIMILAR),
            ("isotretionin", "isotretinoin", How.SIMILAR),
        ],
    )
    def test_by_name_brand_misspelling_or_similar_spelling(self, words, known_as, how):
        seen = recognise(words)

        assert [(match.known_as, match.how) for match in seen.matches] == [(known_as, how)]
        assert not seen.rest

    @pytest.mark.parametrize("words", ["warfarin", "Coumadin 3 mg", "warfarina", "warfrin"])
    def test_a_listed_spelling_meets_its_class_and_rules_out_the_others(self, words):
        assert truths(words) == ({"anticoagulant"}, set())

    def test_a_known_medicine_without_classes_rules_out_every_class(self):
        assert truths("Tylenol as needed") == (set(), set())

    def test_a_similar_spelling_is_only_possible_and_rules_out_nothing(self):
        assert truths("warfarn") == (set(), set(CLASSES))

    @pytest.mark.parametrize("words", ["aspir", "warf", "xarfarinxyz", "wafarn"])
    def test_a_distant_or_short_spelling_is_not_recognised(self, words):
        assert not recognise(words).matches

    @pytest.mark.parametrize(
        "words", ["", "  ", "5 mg", "zzz", "the white ones", "none", "no", "??", "💊"]
    )
    def test_what_is_not_recognised_keeps_every_class_unknown(self, words):
        assert truths(words) == (set(), set(CLASSES))

    def test_a_known_name_beside_unknown_words_rules_out_nothing_else(self):
        assert truths("warfarin zzz") == ({"anticoagulant"}, set(CLASSES) - {"anticoagulant"})

    def test_several_in_one_line_all_count(self):
        assert truths("warfarin and aspirin 75mg") == ({"anticoagulant", "antiplatelet"}, set())

    def test_the_longest_name_counts(self):
        vocabulary = Vocabulary(
            {"a": "A", "b": "B"},
            (
                Medicine("iron", classes=frozenset({"a"})),
                Medicine("iron infusion", classes=frozenset("b")),
            ),
        )

        seen = vocabulary.recognise(MedicineEntry("iron infusion"))

        assert (seen.of_class("a"), seen.of_class("b")) == (NOT_MET, MET)

    def test_an_empty_vocabulary_knows_nothing(self):
        assert Vocabulary({}, ()).recognise(MedicineEntry("warfarin")).of_class("any") is UNKNOWN

    def test_lookalikes_are_never_taken_for_each_other(self):
        vocabulary = Vocabulary(
            {"steroid": "Steroids"},
            (Medicine("prednisolone", classes=frozenset({"steroid"})),),
            lookalikes=(("prednisolone", "prednisone"),),
        )

        seen = vocabulary.recognise(MedicineEntry("prednisone"))

        assert not seen.matches

    @given(st.text(max_size=40))
    def test_any_words_at_all_are_dealt_with(self, words):
        seen = recognise(words)

        assert all(seen.of_class(c) is not NOT_MET for c in CLASSES) or seen.is_understood

    @given(st.text(max_size=20))
    @example("\N{MATHEMATICAL SCRIPT CAPITAL N}")
    def test_a_name_is_compared_in_one_form(self, words):
        assert normal(normal(words)) == normal(words)


class TestDoubt:
    @pytest.mark.parametrize(
        "words",
        [
            "not on warfarin",
            "I don't take warfarin",
            "I don’t use warfarin",
            "no longer warfarin",
            "never warfarin",
            "stopped warfarin",
            "my husband takes warfarin",
            "My mother's warfarin",
            "allergic to warfarin",
            "came off warfarin",
            "aspirin instead of warfarin",
            "used to take warfarin",
            "without warfarin",
        ],
    )
    def test_negated_words_and_other_people_never_clear_and_never_accuse(self, words):
        seen = recognise(words)

        assert seen.doubt
        assert seen.of_class("anticoagulant") is UNKNOWN

    @pytest.mark.parametrize(
        "words", ["no warfarin", "not warfarin", "denies warfarin", "haven't had warfarin"]
    )
    def test_a_negation_nobody_listed_does_not_clear_either(self, words):
        assert recognise(words).of_class("anticoagulant") is not NOT_MET

    @pytest.mark.parametrize("words", ["not on anything", "nothing", "never", "off", "my husband"])
    def test_a_negation_without_a_medicine_rules_out_nothing(self, words):
        assert truths(words) == (set(), set(CLASSES))

    def test_doubt_about_a_medicine_taken_now_is_still_only_a_question(self):
        assert (
            judge(takes("anticoagulant", status=Status.CURRENT), now("not on warfarin")) is UNKNOWN
        )


class TestWanted:
    @pytest.mark.parametrize(
        ("entry", "current", "was_stopped"),
        [
            (now("warfarin"), MET, NOT_MET),
            (stopped("warfarin"), NOT_MET, MET),
            (MedicineEntry("warfarin"), UNKNOWN, UNKNOWN),
            (now("aspirin"), NOT_MET, NOT_MET),
        ],
        ids=str,
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
        ids=str,
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

    def test_any_met_of_nothing_is_not_met(self):
        assert any_met(takes("anticoagulant").wanted, [], TODAY, unsure=False) is NOT_MET


class TestSuggest:
    @pytest.mark.parametrize(
        ("typed", "names"),
        [
            ("warf", ["warfarin", "warfarina"]),
            ("COUM", ["Coumadin"]),
            ("xt", ["Cartia XT"]),
            ("warfarn", ["warfarin", "warfarina"]),
            ("w", []),
            ("", []),
            ("qq", []),
        ],
    )
    def test_offers_what_begins_contains_or_resembles(self, typed, names):
        assert VOCABULARY.suggest(typed) == names

    def test_offers_no_more_than_asked_for(self):
        assert VOCABULARY.suggest("wa", limit=1) == ["warfarin"]


class TestSeveralInOneRow:
    """What is said of a row is not certain of each medicine it names."""

    def test_a_medicine_named_with_the_dose_is_found(self):
        met, _ = truths(now("paracetamol", dose="500 mg, and warfarin 3 mg"))

        assert "anticoagulant" in met

    @pytest.mark.parametrize(
        "words",
        [
            "paracetamol and a weekly injection",
            "paracetamol, a cream, injections every month",
            "paracetamol and a patch",
            "tablets",
            "a cream\nparacetamol",
        ],
    )
    def test_a_medicine_without_a_name_keeps_every_class_open(self, words):
        assert truths(words) == (set(), set(CLASSES))

    @pytest.mark.parametrize("words", ["tablets of paracetamol", "paracetamol tablets 500 mg"])
    def test_its_form_beside_a_name_says_no_more_than_the_name(self, words):
        assert truths(words) == (set(), set())

    def test_stopped_is_not_certain_of_two(self):
        row = stopped("warfarin and isotretinoin", "1990-01-01")

        assert judge(takes("anticoagulant", status=Status.CURRENT), row) is UNKNOWN

    def test_a_route_is_not_certain_of_two(self):
        seen = recognise(now("warfarin and isotretinoin", route=Route.SKIN))

        assert seen.of_class("oral_retinoid") is MET

    def test_a_route_that_the_words_contradict_does_not_count(self):
        seen = recognise(now("isotretinoin capsules", route=Route.SKIN))

        assert seen.of_class("oral_retinoid") is MET
