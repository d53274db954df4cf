"""How much of what patients take the shipped list of medicines knows, and what it gets wrong.

The names, misspellings and harmless words were written down for these tests; see the first lines of
each file beside this one.
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.medicines import How, MedicineEntry, Route
from intake.core.patient_words import normal
from intake.core.truth import Truth

HERE = Path(__file__).parent

MISSPELLINGS = {
    "Accutane": "acutane accutaine roacutane roaccutaine rocutane",
    "isotretinoin": "isotretanoin isotretinion",
    "warfarin": "cumadin coumarin warfrin warfarine",
    "apixaban": "eliquiz eloquis eliquus",
    "rivaroxaban": "zarelto xeralto xarelta",
    "clopidogrel": "plavex plavics clopidegrel",
    "ticagrelor": "brillinta",
    "prednisone": "predisone",
    "prednisolone": "predisolone",
    "methotrexate": "methotrexat metotrexate",
    "adalimumab": "humera",
    "ustekinumab": "stellara",
    "etanercept": "enbril",
    "dupilumab": "dupixant",
    "secukinumab": "cosentix",
    "valaciclovir": "valtrax valcyclovir",
    "aciclovir": "aciclovere",
    "doxycycline": "doxicycline doxycyclin",
    "lymecycline": "lymecyclin",
    "minocycline": "minocyclin",
    "ibuprofen": "ibuprophen ibuprofin",
    "naproxen": "naproxin",
    "aspirin": "asprin",
    "lidocaine": "lignacaine lidocane",
    "EMLA": "emlar",
    "tretinoin cream": "retinA retin|a",
}
MISSPELT = [
    (wrong.replace("|", " "), right)
    for right, spellings in MISSPELLINGS.items()
    for wrong in spellings.split()
]
LOOKALIKES = [
    ("Cartia", "Cartia XT"),
    ("Losec", "Lasix"),
    ("Plaquenil", "Plavix"),
    ("prednisone", "prednisolone"),
    ("Zyrtec", "Zantac", "Zyprexa"),
    ("Arava", "Avara"),
    ("Xarelto", "Xeljanz"),
    ("Humira", "Humalog"),
    ("Rinvoq", "Repatha"),
    ("Otrexup", "Otezla"),
    ("Metoject", "metolazone"),
    ("Retin-A", "retinol", "Retinova"),
    ("Differin", "Diprosone"),
    ("Accutane", "Accupril"),
    ("Claravis", "Clarityn"),
    ("Celebrex", "Celexa", "Cerebyx"),
]
NOT_ON_THE_LIST = {"Avara"}
SENTENCES = """
    none
    nothing at the moment
    the white ones from my doctor
    a small yellow one in the morning
    something for my heart
    I can not remember the name
    see my list
    ask my pharmacist please
    the same as last time
    two different ones, one is round
    water tablets
    my usual creams
    the new injection they started in spring
    a natural remedy from the market
    some herbal tea in the evening
    various
    see the letter in my bag
    I will bring the boxes tomorrow
    whatever the hospital gave me
    cough syrup from the supermarket
    a supplement with several plants
    drops for my eyes
    cream for a rash on my hands
    it begins with an R
    medicine for high blood pressure
    tablets for cholesterol
    the purple inhaler
    antibiotics for my chest last winter
    private
    not sure what it is called
""".strip().splitlines()


def text_of(name):
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("#"))


def named():
    """Yield name, route and the classes met and left open (these with "?")."""
    for line in filter(None, text_of("medicine_names.txt").splitlines()):
        wanted, names = line.split(" = ")
        classes, _, route = wanted.partition(", by ")
        for name in names.split("; "):
            yield name, Route(route) if route else None, set(classes.split()) - {"none"}


NAMES = list(named())
HARMLESS = [
    " ".join(name.split()) for name in re.split(r";|\n\n", text_of("harmless_medicines.txt"))
]
WORDS = text_of("everyday_words.txt").split()


@pytest.fixture(scope="module")
def vocabulary(shipped_pack):
    return shipped_pack.vocabulary


def flags(vocabulary, name, route=None):
    """The classes that are met, and with "?" those that are left open."""
    seen = vocabulary.recognise(MedicineEntry(name, route=route))
    truths = {c: seen.of_class(c) for c in vocabulary.classes}
    return {c if t is Truth.MET else f"{c}?" for c, t in truths.items() if t is not Truth.NOT_MET}


class TestNames:
    def test_there_are_many(self):
        assert len({normal(name) for name, _, _ in NAMES}) > 1400

    def test_each_counts_as_what_it_is_and_as_nothing_else(self, vocabulary):
        wrong = {
            (name, route): found
            for name, route, wanted in NAMES
            if (found := flags(vocabulary, name, route)) != wanted
        }

        assert wrong == {}

    def test_each_is_found_in_a_line_as_patients_write_it(self, vocabulary):
        wrong = {
            name: found
            for name, route, wanted in NAMES
            if route is None
            and (found := flags(vocabulary, f"{name.upper()}, one twice a day")) != wanted
        }

        assert wrong == {}

    def test_each_is_offered_when_it_is_typed_in_full(self, vocabulary):
        single = [name for name, _, _ in NAMES if len(name) > 1 and "," not in name]
        missing = [
            name
            for name in single
            if vocabulary.knows(name)
            and normal(name) not in map(normal, vocabulary.suggest(name, limit=1000))
        ]

        assert missing == []

    def test_every_class_is_met_by_some_name(self, vocabulary):
        met = {c for _, _, wanted in NAMES for c in wanted}

        assert set(vocabulary.classes) - met == set()


class TestMisspellings:
    @pytest.mark.parametrize(("wrong", "right"), MISSPELT, ids=[wrong for wrong, _ in MISSPELT])
    def test_a_common_one_counts_as_the_right_name(self, vocabulary, wrong, right):
        assert flags(vocabulary, wrong) == flags(vocabulary, right)

    def test_one_wrong_letter_in_a_long_name_is_nearly_always_seen(self, vocabulary):
        """A letter left out in the middle of each name of nine letters or more."""
        long = {name for name, _, _ in NAMES if len(name) >= 9 and name.isalpha()}
        wrong = {name[: len(name) // 2] + name[len(name) // 2 + 1 :]: name for name in long}

        seen = {w: vocabulary.recognise(MedicineEntry(w)).matches for w in wrong}
        missed = [w for w, matches in seen.items() if not matches]

        assert len(missed) <= len(wrong) * 0.01
        assert all(not match.doubt for matches in seen.values() for match in matches)

    def test_what_is_only_similar_is_asked_about_and_rules_nothing_out(self, vocabulary):
        seen = vocabulary.recognise(MedicineEntry("methotrexaat"))

        assert [match.how for match in seen.matches] == [How.SIMILAR]
        assert {seen.of_class(c) for c in vocabulary.classes} == {Truth.UNKNOWN}


class TestLookalikes:
    @pytest.mark.parametrize("names", LOOKALIKES, ids=" ".join)
    def test_each_is_itself(self, vocabulary, names):
        for name in names:
            matches = vocabulary.recognise(MedicineEntry(name)).matches

            assert [match.known_as for match in matches] == [name] * (name not in NOT_ON_THE_LIST)

    @pytest.mark.parametrize("names", LOOKALIKES, ids=" ".join)
    def test_without_its_row_none_is_taken_for_another(self, vocabulary, names):
        """As on a shorter list: the pairs are kept apart even where one of them is not known."""
        for name in names:
            others = tuple(m for m in vocabulary.medicines if name not in m.names)
            shorter = replace(vocabulary, medicines=others)

            matches = shorter.recognise(MedicineEntry(name)).matches
            similar = {match.known_as for match in matches if match.how is How.SIMILAR}

            assert not similar & set(names)


class TestHarmless:
    def test_there_are_many(self):
        assert len(set(HARMLESS)) >= 150

    def test_none_raises_a_flag(self, vocabulary):
        wrong = {name: found for name in HARMLESS if (found := flags(vocabulary, name))}

        assert wrong == {}


class TestEverydayWords:
    def test_there_are_many(self):
        assert len(set(WORDS)) >= 800

    def test_none_is_taken_for_a_misspelt_medicine(self, vocabulary):
        seen = {word: vocabulary.recognise(MedicineEntry(word)).matches for word in set(WORDS)}

        assert {word: m[0].known_as for word, m in seen.items() if m} == {}

    def test_none_rules_anything_out(self, vocabulary):
        every = {f"{c}?" for c in vocabulary.classes}

        assert [word for word in set(WORDS) if flags(vocabulary, word) != every] == []

    @pytest.mark.parametrize("sentence", [s.strip() for s in SENTENCES])
    def test_a_sentence_without_a_name_finds_none_and_rules_nothing_out(self, vocabulary, sentence):
        seen = vocabulary.recognise(MedicineEntry(sentence))

        assert seen.matches == ()
        assert flags(vocabulary, sentence) == {f"{c}?" for c in vocabulary.classes}


class TestOpenQuestions:
    """Names whose class hangs on the dose or the use, which the name does not tell."""

    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            ("methotrexate", {"immunosuppressant", "cancer_cytotoxic?"}),
            ("methotrexate 15 mg once a week", {"immunosuppressant"}),
            ("methotrexate 2.5 mg tablets", {"immunosuppressant"}),
            ("methotrexate weekly", {"immunosuppressant"}),
            ("Metoject 20 mg pen", {"immunosuppressant"}),
            ("high dose methotrexate", {"immunosuppressant", "cancer_cytotoxic"}),
            ("methotrexate 5 g infusion", {"immunosuppressant", "cancer_cytotoxic"}),
            ("tacrolimus 0.1% ointment", {"eczema_indicator"}),
            ("hydrocortisone 1% cream", {"mild_topical_steroid"}),
            ("Cartia", {"aspirin"}),
            ("CARTIA-XT 180 mg", {"photosensitiser"}),
            ("Voltaren gel", set()),
            ("Restasis eye drops", set()),
            ("Truvada", set()),
            ("Ozempic 0.5 mg", set()),
        ],
    )
    def test_they_count_as_the_words_tell(self, vocabulary, words, expected):
        assert flags(vocabulary, words) == expected

    @pytest.mark.parametrize(
        ("words", "met"),
        [
            ("methotrexate chemo", "cancer_cytotoxic"),
            ("chemo", "cancer_cytotoxic"),
            ("blood thinners", "anticoagulant"),
            ("steroids", "systemic_steroid"),
            ("anti-rejection tablets", "transplant_indicator"),
        ],
    )
    def test_a_word_for_a_group_meets_its_class(self, vocabulary, words, met):
        assert met in flags(vocabulary, words)

    @pytest.mark.parametrize("words", ["chemo", "blood thinner", "steroid tablets", "chemo cream"])
    def test_a_word_for_a_group_rules_nothing_out(self, vocabulary, words):
        assert {name.removesuffix("?") for name in flags(vocabulary, words)} == set(
            vocabulary.classes
        )


NAME = st.sampled_from([name for name, _, _ in NAMES])
MORE = st.one_of(
    NAME,
    st.sampled_from(HARMLESS),
    st.sampled_from(WORDS),
    st.sampled_from([s.strip() for s in SENTENCES]),
    st.text(max_size=12),
)


class TestOnlyRaises:
    """Saying more in another piece, or saying less, never rules out what was met or open."""

    @given(name=NAME, more=MORE, is_before=st.booleans(), route=st.sampled_from([None, *Route]))
    def test_another_item_in_the_same_row(self, vocabulary, name, more, is_before, route):
        before = flags(vocabulary, name, route)

        after = flags(vocabulary, f"{more}, {name}" if is_before else f"{name}, {more}", route)

        assert {f.removesuffix("?") for f in before} <= {f.removesuffix("?") for f in after}

    @given(name=NAME, route=st.sampled_from(list(Route)))
    def test_a_route_that_is_not_said(self, vocabulary, name, route):
        said = flags(vocabulary, name, route)

        unsaid = flags(vocabulary, name)

        assert {f.removesuffix("?") for f in said} <= {f.removesuffix("?") for f in unsaid}
