"""Words a patient typed to medicines: recognising may only ever raise a flag."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from intake.core.everyday import is_everyday
from intake.core.medicines import How, Medicine, MedicineEntry, Route, Status
from intake.core.patient_words import normal, pieces
from intake.core.vocabulary import Vocabulary
from tests.core.builders import (
    MET,
    NOT_MET,
    UNKNOWN,
    VOCABULARY,
    case,
    listed,
    now,
    spelled,
    stopped,
    takes,
)

CLASSES = tuple(VOCABULARY.classes)


def recognise(entry):
    return VOCABULARY.recognise(entry if isinstance(entry, MedicineEntry) else MedicineEntry(entry))


def truths(entry, vocabulary=VOCABULARY):
    """Classes that are met, and classes that may be."""
    entry = entry if isinstance(entry, MedicineEntry) else MedicineEntry(entry)
    seen = vocabulary.recognise(entry)
    met = {c for c in vocabulary.classes if seen.of_class(c) is MET}
    unknown = {c for c in vocabulary.classes if seen.of_class(c) is UNKNOWN}
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


class TestWhatAMedicineIsFor:
    """What a medicine is for may say something about the patient."""

    KNOWS = Vocabulary(
        {"psoriasis": "Medicines that point to psoriasis", "steroid": "Steroids"},
        (Medicine("vitamin D"), Medicine("prednisolone", classes=frozenset({"steroid"}))),
        purposes={"psoriasis": Medicine("for psoriasis", classes=frozenset({"psoriasis"}))},
    )

    @pytest.mark.parametrize("words", ["for psoriasis", "for my psoriasis", "for the psoriasis"])
    def test_counts_beside_a_name(self, words):
        seen = self.KNOWS.recognise(MedicineEntry(f"vitamin D 10 mcg {words}"))

        assert (seen.of_class("psoriasis"), seen.of_class("steroid")) == (MET, NOT_MET)

    def test_is_no_second_medicine(self):
        entry = MedicineEntry("prednisolone for psoriasis", Status.STOPPED, route=Route.MOUTH)

        seen = self.KNOWS.recognise(entry)

        assert (seen.entry.status, seen.entry.route) == (Status.STOPPED, Route.MOUTH)

    def test_without_a_name_leaves_every_class_open(self):
        seen = self.KNOWS.recognise(MedicineEntry("something for psoriasis"))

        assert (seen.of_class("psoriasis"), seen.of_class("steroid")) == (MET, UNKNOWN)

    def test_that_a_pack_does_not_list_is_not_understood(self):
        seen = self.KNOWS.recognise(MedicineEntry("vitamin D for lupus"))

        assert seen.rest == ("lupus",)


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
            "my nan takes warfarin",
            "my flatmate's warfarin",
            "can't take warfarin",
            "refused warfarin",
            "thinking about warfarin",
            "stopt warfarin",
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

    def test_a_medicine_in_doubt_rules_nothing_else_out(self):
        assert truths("not on warfarin") == (set(), set(CLASSES))

    @pytest.mark.parametrize(
        ("words", "certain"),
        [
            ("isotretinoin, not on warfarin", "oral_retinoid"),
            ("isotretinoin. My husband takes warfarin", "oral_retinoid"),
            ("isotretinoin\nallergic to aspirin", "oral_retinoid"),
        ],
    )
    def test_doubt_does_not_reach_back_to_what_was_named_before(self, words, certain):
        met, _ = truths(words)

        assert met == {certain}

    @pytest.mark.parametrize(
        "words", ["not on warfarin, aspirin", "warfarin, stopped", "my mother takes: warfarin"]
    )
    def test_doubt_holds_for_what_follows_and_where_it_stands_alone_for_all(self, words):
        met, _ = truths(words)

        assert met == set()

    def test_doubt_about_a_medicine_taken_now_is_still_only_a_question(self):
        assert (
            judge(takes("anticoagulant", status=Status.CURRENT), now("not on warfarin")) is UNKNOWN
        )


class TestNotStopped:
    """Words that say "taking it" weigh more than a box that says "stopped"."""

    @pytest.mark.parametrize(
        ("name", "dose"),
        [
            ("I am taking warfarin", ""),
            ("I'm on warfarin", ""),
            ("warfarin, started 2 weeks ago", ""),
            ("taking warfarin every morning, started May 2026", ""),
            ("warfarin taking daily", ""),
            ("warfarin", "taking 5 mg daily since May"),
            ("warfarin", "still on it"),
            ("I never stopped taking warfarin", ""),
            ("never stopped warfarin", ""),
            ("warfarin", "not stopped"),
            ("I haven’t stopped warfarin", ""),
            ("not on aspirin, taking warfarin", ""),
            ("warfarin", "since ’26"),
            ("warfarin ’26", ""),
            ("warfarin now", ""),
            ("warfarin", "5 mg, 2026"),
            ("warfarin 2026 tablets", ""),
            ("warfarin 05/26", ""),
            ("warfarin 1.5.26", ""),
            ("warfarin '26", ""),
            ("warfarin ٢٠٢٦", ""),
            ("warfarina, la tomo desde mayo", ""),
            ("warfarin", "todavía 5 mg"),
            ("warfarin منذ مايو", ""),
            ("آخذ warfarin", ""),
        ],
    )
    def test_words_of_present_use_or_of_a_day_leave_it_open(self, name, dose):
        entry = stopped(name, "2015-01-01", dose=dose)

        seen = recognise(entry)

        assert seen.not_stopped
        assert seen.entry.status is Status.UNKNOWN
        assert judge(takes("anticoagulant", status=Status.CURRENT), entry) is UNKNOWN

    @pytest.mark.parametrize(
        ("name", "dose"),
        [
            ("warfarin", ""),
            ("warfarin 5 mg daily", ""),
            ("warfarin", "5 mg twice a day, one tablet every morning"),
            ("warfarin", "once a week on Mondays"),
            ("warfarin", "2000 units"),
            ("warfarin", "1/2 tablet for 6 months"),
            ("warfarin", "5/10 mg after meals"),
            ("warfarin 30/500", ""),
            ("not on warfarin", ""),
            ("warfarin", "no longer taking"),
            ("I don’t take warfarin", ""),
        ],
    )
    def test_words_for_a_dose_leave_it_stopped(self, name, dose):
        entry = stopped(name, "2015-01-01", dose=dose)

        seen = recognise(entry)

        assert (seen.not_stopped, seen.entry.status) == ("", Status.STOPPED)

    def test_a_word_of_a_medicines_name_says_nothing_of_its_kind(self):
        knows = Vocabulary({}, (Medicine("now foods oil"),))

        assert knows.recognise(stopped("now foods oil")).entry.status is Status.STOPPED

    def test_it_is_only_said_where_stopped_was(self):
        assert not recognise(now("taking warfarin")).not_stopped


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


LARGE = Vocabulary(
    classes={
        "retinoid": "Capsules",
        "cream": "Creams",
        "chemo": "Chemotherapy",
        "weak": "Immunity",
    },
    medicines=(
        Medicine(
            "isotretinoin",
            classes=frozenset({"retinoid"}),
            by_route={Route.SKIN: frozenset({"cream"})},
        ),
        Medicine("isotretinoin gel", classes=frozenset({"cream"})),
        Medicine("vitamin D"),
        Medicine("adapalene with benzoyl peroxide", classes=frozenset({"cream"})),
        Medicine("A, B and Cee", also=("A/D",), classes=frozenset({"cream"})),
        Medicine(
            "methotrexate",
            classes=frozenset({"weak"}),
            maybe=frozenset({"chemo"}),
            by_route={Route.MOUTH: frozenset({"weak"}), Route.INJECTION: frozenset({"weak"})},
            maybe_by_route={Route.MOUTH: frozenset(), Route.INJECTION: frozenset({"chemo"})},
        ),
        Medicine("methotrexate tablets", classes=frozenset({"weak"})),
        Medicine("chemo", classes=frozenset({"chemo"}), maybe=frozenset({"weak", "retinoid"})),
        Medicine("Lyrica"),
        Medicine("tranexamic acid", classes=frozenset({"weak"})),
        Medicine("paracetamol"),
    ),
)
EVERY = set(LARGE.classes)


def found_in(words):
    return [(m.known_as, m.words) for m in LARGE.recognise(MedicineEntry(words)).matches]


class TestNamesOfSeveralWords:
    @pytest.mark.parametrize(
        "words",
        [
            "isotretinoin gel",
            "isotretinoin 0.05% gel",
            "Isotretinoin 5 mg gel, twice a day",
        ],
    )
    def test_a_dose_may_stand_inside(self, words):
        assert truths(words, LARGE) == ({"cream"}, set())

    @pytest.mark.parametrize(
        "words", ["isotretinoin and gel", "isotretinoin, gel", "isotretinoin + gel"]
    )
    def test_another_thing_of_that_form_is_no_part_of_the_name(self, words):
        met, unknown = truths(words, LARGE)

        assert met == {"retinoid"}
        assert met | unknown == EVERY

    @pytest.mark.parametrize(
        "words",
        [
            "adapalene with benzoyl peroxide",
            "adapalene/benzoyl peroxide",
            "benzoyl peroxide + adapalene",
            "Adapalene and benzoyl peroxide",
            "adapalene & benzoyl peroxide gel",
            "cee with b and a",
            "d/a",
        ],
    )
    def test_ingredients_come_in_any_order_with_any_word_between(self, words):
        assert truths(words, LARGE) == ({"cream"}, set())

    def test_ingredients_listed_one_by_one_are_no_combination(self):
        assert found_in("adapalene, benzoyl peroxide") == []

    @pytest.mark.parametrize("words", ["vitamind", "Vitamin-D", "vita min D"])
    def test_spaces_do_not_matter(self, words):
        assert truths(words, LARGE) == (set(), set())


class TestSimilarSpelling:
    @pytest.mark.parametrize(
        ("words", "known_as"),
        [
            ("metotrexat", "methotrexate"),
            ("tranexamc acid", "tranexamic acid"),
            ("tranexamicacd", "tranexamic acid"),
            ("Lirica 75mg", "Lyrica"),
        ],
    )
    def test_a_slip_in_one_or_two_words_is_seen(self, words, known_as):
        seen = LARGE.recognise(MedicineEntry(words))

        assert [(m.known_as, m.how) for m in seen.matches] == [(known_as, How.SIMILAR)]
        assert truths(words, LARGE) == (set(), EVERY)

    @pytest.mark.parametrize(
        "words", ["lyrics", "lyrical", "Lyricas9", "vitamn", "vitamin", "zyrica"]
    )
    def test_everyday_words_numbers_parts_of_names_and_other_sounds_are_not(self, words):
        assert found_in(words) == []

    @pytest.mark.parametrize("word", ["factor", "factors", "preserve", "preserved", "preserving"])
    def test_an_everyday_word_is_known_with_its_endings(self, word):
        assert is_everyday(word)

    @pytest.mark.parametrize("word", ["warfarn", "humirra", ""])
    def test_what_is_no_english_is_not_everyday(self, word):
        assert not is_everyday(word)


class TestPurpose:
    @pytest.mark.parametrize(
        "words",
        [
            "paracetamol for pain",
            "paracetamol for my back pain",
            "paracetamol 500mg for high blood pressure",
        ],
    )
    def test_beside_a_name_it_says_no_more_than_the_name(self, words):
        assert truths(words, LARGE) == (set(), set())

    @pytest.mark.parametrize(
        "words", ["paracetamol, for blood pressure", "paracetamol and for sleep", "for pain"]
    )
    def test_alone_it_is_a_medicine_without_a_name(self, words):
        assert truths(words, LARGE) == (set(), EVERY)

    @pytest.mark.parametrize("words", ["paracetamol for cancer", "paracetamol for paint"])
    def test_what_a_rule_may_ask_about_is_not_understood(self, words):
        assert truths(words, LARGE) == (set(), EVERY)


class TestPieces:
    @pytest.mark.parametrize(
        ("said", "number"),
        [
            ("a, b", 2),
            ("vitamin D 1,000 units", 1),
            ("2.5 mg. Also c", 2),
            ("a\nb\r\nc", 4),
            ("a & b + c", 1),
            ("", 1),
        ],
    )
    def test_another_medicine_begins_after_a_comma_a_line_or_a_full_stop(self, said, number):
        assert len(pieces(said)) == number


class TestLeftOpen:
    """A class that hangs on the dose or the use is never met by the name and never ruled out."""

    @pytest.mark.parametrize(
        ("words", "met", "unknown"),
        [
            ("methotrexate", {"weak"}, {"chemo"}),
            (MedicineEntry("methotrexate", route=Route.INJECTION), {"weak"}, {"chemo"}),
            (MedicineEntry("methotrexate", route=Route.MOUTH), {"weak"}, set()),
            (MedicineEntry("methotrexate", route=Route.EYE), {"weak"}, {"chemo"}),
            ("methotrexate tablets", {"weak"}, set()),
            ("methotrexate chemo", {"weak", "chemo"}, {"retinoid"}),
            ("chemo", {"chemo"}, {"weak", "retinoid"}),
        ],
        ids=spelled,
    )
    def test_by_name_route_and_the_words_beside_it(self, words, met, unknown):
        assert truths(words, LARGE) == (met, unknown)

    def test_it_is_left_open_too_where_the_stricter_reading_does_not_count(self):
        seen = LARGE.recognise(MedicineEntry("methotrexate"))

        assert seen.of_class("chemo", presuming=False) is UNKNOWN
        assert seen.of_class("weak", presuming=False) is MET


NAMES = st.sampled_from(
    [name for m in (*LARGE.medicines, *VOCABULARY.medicines) for name in m.names]
)
LOOSE = st.sampled_from(
    "not my husband stopped zzz gel tablets cream of 5 mg and with for pain eye once a week D chemo"
    " infusion vitamin isotretinoin benzoyl peroxide & , . warfarn".split(" ")
)
PHRASE = st.lists(st.one_of(LOOSE, NAMES), max_size=5).map(" ".join)
ENTRIES = st.builds(
    lambda first, middle, last: " ".join(filter(None, (first, middle, last))), NAMES, PHRASE, NAMES
)
BOTH = Vocabulary(LARGE.classes | VOCABULARY.classes, (*LARGE.medicines[1:], *VOCABULARY.medicines))


def possible(entry):
    """The classes that are met or may be."""
    return set().union(*truths(entry, BOTH))


class TestOnlyRaises:
    """Saying more, or saying less, never rules out what was met or could not be ruled out."""

    @given(entry=ENTRIES, more=PHRASE, is_before=st.booleans())
    def test_more_words_beside_it(self, entry, more, is_before):
        """The only exception: words that make another, longer name together."""
        parts = (more, entry) if is_before else (entry, more)
        alone = {normal(part) for part in parts}

        after = BOTH.recognise(MedicineEntry(" ".join(parts)))

        is_joined = any(all(m.words not in part for part in alone) for m in after.matches)
        assert is_joined or possible(entry) <= possible(" ".join(parts))

    @given(entry=st.one_of(ENTRIES, PHRASE), more=st.one_of(ENTRIES, PHRASE, st.text(max_size=20)))
    def test_another_item_in_the_same_row(self, entry, more):
        """The only exception: an entry that holds nothing but doses or nothing at all."""
        seen = BOTH.recognise(MedicineEntry(entry))
        assume(seen.matches or seen.rest or seen.doubt)

        assert possible(entry) <= possible(f"{entry}, {more}")
        assert possible(entry) <= possible(f"{more}\n{entry}")

    @given(name=ENTRIES, route=st.sampled_from(list(Route)), status=st.sampled_from(list(Status)))
    def test_a_route_that_is_not_said(self, name, route, status):
        assert possible(MedicineEntry(name, status, route=route)) <= possible(
            MedicineEntry(name, status)
        )

    @given(
        name=ENTRIES,
        status=st.sampled_from(list(Status)),
        wanted=st.sampled_from(list(Status)),
        known=st.booleans(),
    )
    def test_a_status_that_is_not_said(self, name, status, wanted, known):
        day = stopped("x", "2026-06-01").stopped if known else None
        said = MedicineEntry(name, status, stopped=day)
        unsaid = MedicineEntry(name, Status.UNKNOWN, stopped=day)

        for sentence in (
            takes("anticoagulant", status=wanted),
            takes("anticoagulant", within="14 days"),
        ):
            if judge(sentence, said) is not NOT_MET:
                assert judge(sentence, unsaid) is not NOT_MET

    @given(st.text())
    def test_no_words_are_too_strange(self, words):
        assert BOTH.recognise(MedicineEntry(words, dose=words[::-1])).entry.name == words
        assert BOTH.suggest(words) is not None
