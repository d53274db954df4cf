"""A questionnaire in other languages: other words, and nothing else is different."""

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings

from intake.core.answers import Chosen
from intake.core.dates import DateWord
from intake.core.evidence import SignOff
from intake.core.guide import Advice, Guide
from intake.core.questionnaire import Kind, Questionnaire
from intake.core.reading import read_all
from intake.core.rules import Level
from intake.core.screening import screen
from intake.core.translations import (
    NOT_CHECKED,
    Translated,
    Translation,
    fingerprint,
    in_language,
    languages_of,
    standing_of,
    texts_of,
)
from tests.core.builders import AREA, DEVICE, TODAY, is_, item, pack, rule
from tests.strategies import packs_with_answers

LANGUAGES = ("ar", "es")


def between_brackets(of, language="es", name="Español"):
    """A whole translation of a pack, which says every text between brackets."""
    texts = texts_of(of).items()
    said = {key: Translated(fingerprint(text), f"[{text}]") for key, text in texts}
    return Translation(language, name, said)


def spoken(of, *translations):
    """The same pack with these translations."""
    return replace(of, translations={one.language: one for one in translations})


def said(of, language="es"):
    """The same pack with every text between brackets."""
    return in_language(spoken(of, between_brackets(of, language)), language)


def without_words(of):
    """The same pack in which patients have nothing to read."""
    return replace(
        of,
        title="",
        questionnaire=Questionnaire(tuple(map(_silent_section, of.questionnaire.sections))),
        plan=tuple(_silent_item(one) if one == of.items["plan.area"] else one for one in of.plan),
        rules=tuple(replace(one, patient_text="") for one in of.rules),
        switched_off=tuple(replace(one, patient_text="") for one in of.switched_off),
        guide=replace(of.guide, advice=tuple(replace(one, text="") for one in of.guide.advice)),
    )


def _silent_section(section):
    return replace(section, title="", pages=tuple(map(_silent_page, section.pages)))


def _silent_page(page):
    items = tuple(map(_silent_item, page.items))
    return replace(page, title="", why="", says=("",) * len(page.says), items=items)


def _silent_item(one):
    options = tuple(replace(option, text="") for option in one.options)
    return replace(
        one, ask="", hint="", unit="", options=options, words=dict.fromkeys(one.words, "")
    )


def read_by_patients(of):
    """What a pack is called, every text on its pages, and what may be said of its rules."""
    yield of.title
    for section in of.questionnaire.sections:
        yield section.title
        for page in section.pages:
            yield from (page.title, page.why, *page.says)
            for one in page.items:
                options = (option.text for option in one.options)
                yield from (one.ask, one.hint, one.unit, *options, *one.words.values())
    yield from (option.text for option in of.items["plan.area"].options)
    yield from (one.patient_text for one in (*of.rules, *of.switched_off))
    yield from (line.text for line in of.guide.advice)


def judged(of, answers, plan, on):
    """What the rules of a pack make of some answers, without the words it is said in."""
    reading = read_all(of, answers, plan, on)
    found = screen(of, reading.answers, on)
    return replace(found, findings=tuple(replace(one, cited=()) for one in found.findings))


SORE = item(
    "sore",
    Kind.DATE,
    hint="On the lips.",
    words={DateWord.STILL: "Not healed yet", DateWord.NEVER: "I never had one"},
)
COUNT = item("count", Kind.NUMBER, unit="spots")
SMOKER = item("smoker")
WHERE = item("where", Kind.CHOICES, options=("cheek", "none"))


@pytest.fixture
def tiny():
    """A pack with every kind of text in it."""
    found = pack(
        (SORE, COUNT, SMOKER, WHERE),
        [
            replace(rule("smokes", Level.DEFER, is_("smoker", "yes")), patient_text="It heals."),
            rule("counts", Level.CAUTION, is_("smoker", "no")),
        ],
        switched_off=(
            replace(rule("off", Level.CAUTION, is_("smoker", "no")), patient_text="It is off."),
        ),
        guide=Guide(advice=(Advice("sun", "Keep the sun off."),)),
    )
    section = found.questionnaire.sections[0]
    first = replace(section.pages[0], why="It spreads.", says=("Read this.", "And this."))
    sections = (replace(section, pages=(first, *section.pages[1:])),)
    return replace(found, questionnaire=Questionnaire(sections))


class TestTexts:
    def test_have_names_in_the_order_of_the_form(self, tiny):
        assert list(texts_of(tiny).items()) == [
            ("pack.title", "Test"),
            ("yes_no.yes", "Yes"),
            ("yes_no.no", "No"),
            ("section.all.title", "All"),
            ("page.page_sore.title", "sore"),
            ("page.page_sore.why", "It spreads."),
            ("page.page_sore.says.1", "Read this."),
            ("page.page_sore.says.2", "And this."),
            ("sore.ask", "Ask sore?"),
            ("sore.hint", "On the lips."),
            ("sore.words.still", "Not healed yet"),
            ("sore.words.never", "I never had one"),
            ("page.page_count.title", "count"),
            ("count.ask", "Ask count?"),
            ("count.unit", "spots"),
            ("page.page_smoker.title", "smoker"),
            ("smoker.ask", "Ask smoker?"),
            ("page.page_where.title", "where"),
            ("where.ask", "Ask where?"),
            ("where.options.cheek", "Cheek"),
            ("where.options.none", "None"),
            ("plan.area.options.face", "Face"),
            ("plan.area.options.neck", "Neck"),
            ("plan.area.options.arms", "Arms"),
            ("rule.smokes", "It heals."),
            ("rule.off", "It is off."),
            ("aftercare.sun", "Keep the sun off."),
        ]

    def test_of_a_pack_without_areas_leave_them_out(self):
        some = pack((SMOKER,), plan=(DEVICE,))

        assert not any(name.startswith("plan.") for name in texts_of(some))

    def test_of_a_whole_pack_are_all_said(self, tiny):
        left = [text for text in read_by_patients(said(tiny)) if text and text[0] != "["]

        assert left == []

    def test_of_the_shipped_pack_are_all_said_once(self, shipped_pack):
        # Were two texts of one name, one of them would not have the fingerprint of the other.
        shown = [text for text in read_by_patients(said(shipped_pack)) if text]

        assert len(shown) > 700
        assert [text for text in shown if not re.fullmatch(r"\[[^\[\]]+\]", text)] == []

    def test_that_staff_read_have_no_name(self, tiny):
        named = set(texts_of(tiny).values())

        assert not named & {DEVICE.ask, "Skinpen", AREA.ask, "Title of smokes"}


class TestFingerprint:
    def test_is_what_files_hold(self):
        assert fingerprint("Yes") == "85a39ab3"

    @pytest.mark.parametrize("other", ["yes", "Yes.", "Yes ", ""])
    def test_is_another_for_another_text(self, other):
        assert fingerprint(other) != fingerprint("Yes")


def changed(translation, **texts):
    """The same translation with some texts changed; None takes one out."""
    kept = {**translation.texts, **{key.replace("__", "."): one for key, one in texts.items()}}
    return replace(translation, texts={key: one for key, one in kept.items() if one is not None})


class TestStanding:
    def test_of_a_whole_translation_names_nothing(self, tiny):
        standing = standing_of(between_brackets(tiny), tiny)

        assert (standing.missing, standing.outdated, standing.strange) == ((), (), ())
        assert standing.is_whole

    def test_names_what_is_missing_in_the_order_of_the_form(self, tiny):
        gappy = changed(between_brackets(tiny), count__unit=None, sore__ask=None)

        standing = standing_of(gappy, tiny)

        assert standing.missing == ("sore.ask", "count.unit")
        assert not standing.is_whole

    def test_names_what_was_edited_since(self, tiny):
        whole = between_brackets(tiny)
        reworded = replace(tiny.rules[0], patient_text="It heals slowly.")
        edited = replace(tiny, rules=(reworded, *tiny.rules[1:]))

        standing = standing_of(whole, edited)

        assert (standing.missing, standing.outdated) == ((), ("rule.smokes",))
        assert not standing.is_whole

    def test_names_what_the_pack_does_not_have(self, tiny):
        more = changed(between_brackets(tiny), gone__ask=Translated("00000000", "[Gone?]"))

        standing = standing_of(more, tiny)

        assert standing.strange == ("gone.ask",)
        assert standing.is_whole


class TestInLanguage:
    def test_changes_words_and_nothing_else(self, tiny):
        other = said(tiny)

        assert other.questionnaire != tiny.questionnaire
        assert without_words(other) == without_words(spoken(tiny, between_brackets(tiny)))

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_changes_no_code_gate_or_rule_of_the_shipped_pack(self, shipped_pack, language):
        other = in_language(shipped_pack, language)

        assert without_words(other) == without_words(shipped_pack)
        assert other.gates == shipped_pack.gates
        assert other.areas == shipped_pack.areas
        assert [one.digest for one in other.rules] == [one.digest for one in shipped_pack.rules]

    @pytest.mark.parametrize("language", ["en", "fr", ""])
    def test_that_nobody_translated_is_the_pack_itself(self, tiny, language):
        some = spoken(tiny, between_brackets(tiny))

        assert in_language(some, language) is some

    def test_says_yes_and_no_in_every_question(self, tiny):
        texts = {option.text for option in said(tiny).items["smoker"].options}

        assert texts == {"[Yes]", "[No]"}

    def test_says_the_areas_and_leaves_the_rest_of_the_plan(self, tiny):
        area, device = said(tiny).plan

        assert [option.text for option in area.options] == ["[Face]", "[Neck]", "[Arms]"]
        assert (area.ask, device) == (AREA.ask, DEVICE)

    def test_leaves_an_outdated_text_in_english(self, tiny):
        old = Translated(fingerprint("Do you smoke?"), "¿Fuma?")
        some = spoken(tiny, changed(between_brackets(tiny), smoker__ask=old))

        other = in_language(some, "es")

        assert other.items["smoker"].ask == "Ask smoker?"
        assert other.items["sore"].ask == "[Ask sore?]"

    def test_leaves_a_missing_text_in_english(self, tiny):
        some = spoken(tiny, changed(between_brackets(tiny), yes_no__no=None))

        texts = [option.text for option in in_language(some, "es").items["smoker"].options]

        assert texts == ["[Yes]", "No"]

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_leaves_every_screening_of_the_shipped_vignettes(self, shipped_pack, language):
        other = in_language(shipped_pack, language)

        different = [
            case.id
            for case in shipped_pack.vignettes[::5]
            if judged(other, case.answers, case.plan, case.on)
            != judged(shipped_pack, case.answers, case.plan, case.on)
        ]

        assert different == []

    @settings(max_examples=30)
    @given(packs_with_answers())
    def test_leaves_every_screening_of_any_pack(self, drawn):
        some, answers = drawn

        before, after = screen(some, answers, TODAY), screen(said(some), answers, TODAY)

        bare = [
            [(one.rule_id, one.truth, one.effect, one.earliest_safe_date) for one in each.findings]
            for each in (before, after)
        ]
        assert bare[0] == bare[1]
        assert replace(after, findings=()) == replace(before, findings=())

    def test_tells_the_reader_of_a_finding_in_that_language(self, tiny):
        finding = screen(said(tiny), {"smoker": Chosen("yes")}, TODAY).findings[0]

        assert finding.cited[0].ask == "[Ask smoker?]"


class TestOffered:
    def test_is_english_where_there_is_no_translation(self, tiny):
        assert languages_of(tiny) == {"en": "English"}

    def test_are_whole_translations_by_the_names_of_their_speakers(self, tiny):
        arabic = between_brackets(tiny, "ar", "العربية")
        some = spoken(tiny, arabic, between_brackets(tiny))

        offered = languages_of(some)

        assert list(offered.items()) == [("en", "English"), ("es", "Español"), ("ar", "العربية")]
        assert next(iter(offered)) == "en"

    @pytest.mark.parametrize(
        "one", [None, Translated("00000000", "¿Fuma?")], ids=["missing", "outdated"]
    )
    def test_is_no_translation_with_a_gap(self, tiny, one):
        gappy = changed(between_brackets(tiny), smoker__ask=one)

        assert languages_of(spoken(tiny, gappy)) == {"en": "English"}

    def test_is_a_translation_with_a_text_too_many(self, tiny):
        more = changed(between_brackets(tiny), gone__ask=Translated("00000000", "[Gone?]"))

        assert "es" in languages_of(spoken(tiny, more))


def signed(translation, digest=None):
    """The same translation with a sworn translator's word on it."""
    on = date(2026, 6, 15)
    word = SignOff("es", "Eva Ruiz", "sworn translator", on, digest or translation.digest)
    return replace(translation, signoff=word)


class TestChecked:
    def test_is_no_translation_of_a_machine(self, tiny):
        whole = between_brackets(tiny)

        assert not whole.is_checked
        assert whole.checked == NOT_CHECKED

    def test_is_one_that_was_signed_off(self, tiny):
        whole = signed(between_brackets(tiny))

        assert whole.is_checked
        assert whole.checked == "checked by Eva Ruiz, sworn translator, 2026-06-15"

    @pytest.mark.parametrize(
        "edit",
        [
            {"smoker__ask": Translated(fingerprint("Ask smoker?"), "¿Fuma?")},
            {"smoker__ask": Translated("00000000", "[Ask smoker?]")},
            {"smoker__ask": None},
            {"gone__ask": Translated("00000000", "[Gone?]")},
        ],
        ids=["another word", "of another text", "one gone", "one more"],
    )
    def test_is_not_what_was_edited_since(self, tiny, edit):
        whole = signed(between_brackets(tiny))

        edited = changed(whole, **edit)

        assert not edited.is_checked
        assert edited.checked == (
            f"{NOT_CHECKED} since Eva Ruiz, sworn translator, 2026-06-15: edited"
        )

    def test_holds_whatever_the_order_of_the_file(self, tiny):
        whole = signed(between_brackets(tiny))

        assert replace(whole, texts=dict(reversed(whole.texts.items()))).is_checked

    def test_of_one_language_says_nothing_of_another(self, tiny):
        spanish = between_brackets(tiny)

        assert not signed(between_brackets(tiny, "ar"), digest=spanish.digest).is_checked


AS_WORDS = {
    "illness.options.fever_lately": {2},
    "illness.options.antibiotics": {2},
    "key_medicines.options.steroids": {2},
    "steroid_high.ask": {2},
    "treatments.options.hair_removal": {2},
    "sun_list.options.planned": {2},
    "sun_list.options.fake_tan": {2},
    "looks_hour.ask": {1},
    "habits.options.vaccine": {2},
    "habits.options.vaccine_soon": {2},
    "event_soon.ask": {2},
}
"""Where Arabic says a number with the form of the word: "two weeks" and "one hour" are words."""


IN_WORDS = re.compile("أسبوعين|الأسبوعين|شهرين|ساعة واحدة")
"""Two weeks, the two weeks, two months, one hour."""


def numbers_in(text):
    """Every number in a text, in any script."""
    return sorted(int(number) for number in re.findall(r"\d+", text))


@pytest.mark.parametrize("language", LANGUAGES)
class TestShipped:
    def test_is_whole(self, shipped_pack, language):
        standing = standing_of(shipped_pack.translations[language], shipped_pack)

        assert (standing.missing, standing.outdated, standing.strange) == ((), (), ())

    def test_claims_no_check_that_did_not_take_place(self, shipped_pack, language):
        assert shipped_pack.translations[language].checked == NOT_CHECKED

    def test_has_the_numbers_of_its_sources(self, shipped_pack, language):
        texts = shipped_pack.translations[language].texts
        words = AS_WORDS if language == "ar" else {}

        wrong = {
            key: (source, texts[key].text)
            for key, source in texts_of(shipped_pack).items()
            if [n for n in numbers_in(source) if n not in words.get(key, ())]
            != numbers_in(texts[key].text)
        }

        assert wrong == {}

    def test_ends_a_question_like_one(self, shipped_pack, language):
        texts, mark = shipped_pack.translations[language].texts, {"es": "?", "ar": "؟"}[language]

        wrong = {
            key: (source, texts[key].text)
            for key, source in texts_of(shipped_pack).items()
            if source.endswith("?") != texts[key].text.endswith(mark)
        }

        assert wrong == {}

    def test_ends_a_sentence_like_one(self, shipped_pack, language):
        texts = shipped_pack.translations[language].texts

        wrong = {
            key: (source, texts[key].text)
            for key, source in texts_of(shipped_pack).items()
            if source.endswith(".") != texts[key].text.endswith(".")
        }

        assert wrong == {}

    def test_leaves_no_question_in_english(self, shipped_pack, language):
        texts = shipped_pack.translations[language].texts

        same = {
            key: source
            for key, source in texts_of(shipped_pack).items()
            if key.endswith((".ask", ".hint", ".title", ".why")) and source == texts[key].text
        }

        assert same == {}

    def test_has_no_stray_spaces(self, shipped_pack, language):
        texts = shipped_pack.translations[language].texts

        assert [key for key, one in texts.items() if one.text != " ".join(one.text.split())] == []


def test_arabic_says_as_words_what_it_does_not_say_as_numbers(shipped_pack):
    texts = shipped_pack.translations["ar"].texts

    assert [key for key in AS_WORDS if not IN_WORDS.search(texts[key].text)] == []


def test_an_arabic_text_is_in_arabic_letters(shipped_pack):
    texts = shipped_pack.translations["ar"].texts

    bare = [key for key, one in texts.items() if not re.search(r"[\u0621-\u064a]", one.text)]

    assert set(bare) <= {"hba1c_mmol.unit", "inr.unit", "hba1c.unit"}


def test_a_spanish_question_opens_with_its_mark(shipped_pack):
    texts = shipped_pack.translations["es"].texts

    assert [key for key, one in texts.items() if ("?" in one.text) != ("¿" in one.text)] == []
