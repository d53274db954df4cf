"""Languages of a pack: read from their files, written for translators, signed off, checked."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake import packs
from intake.core.errors import AnswerError, NotFoundError, PackError
from intake.core.examined import Examined
from intake.core.translations import NOT_CHECKED, fingerprint, standing_of, texts_of
from intake.core.verification import CHECKS
from intake.packs.signing import NAME, sign
from intake.packs.translations import write_translation
from tests.packs.builders import TINY, edited, problems_in, written

TODAY = date(2026, 6, 15)
FILE = "languages/es.yaml"
SPANISH = """\
language: es
name: Español
texts:
  yes_no.yes: [85a39ab3, "Sí"]
  cold_sore_ever.ask: ["00000000", "¿Ha tenido un herpes labial?"]
"""
EVA = {"by": "Eva Ruiz", "role": "sworn translator, 12", "on": TODAY}


def load(folder):
    return packs.load(folder, TODAY)


@pytest.fixture(scope="module")
def tiny_pack():
    return packs.load_texts(TINY, TODAY)


@pytest.fixture
def folder(tmp_path):
    return written(tmp_path / "tiny", TINY)


def translate(folder, language="es", name="Español", **words):
    """Write words into a translation; their names are written with two underscores for a point."""
    texts = {key.replace("__", "."): text for key, text in words.items()}
    return write_translation(folder, load(folder), language, name=name, words=texts)


def translate_all(folder, language="es", name="Español"):
    """Write a whole translation, which says every text between brackets."""
    pack = load(folder)
    words = {key: f"[{text}]" for key, text in texts_of(pack).items()}
    return write_translation(folder, pack, language, name=name, words=words)


class TestReading:
    def test_knows_each_text_with_what_it_translates_and_its_place(self):
        spanish = packs.load_texts({**TINY, FILE: SPANISH}, TODAY).translations["es"]

        assert (spanish.language, spanish.name) == ("es", "Español")
        ask = spanish.texts["cold_sore_ever.ask"]
        assert (ask.text, ask.source) == ("¿Ha tenido un herpes labial?", "00000000")
        assert ask.where == f"{FILE}:5"

    def test_of_a_pack_without_languages_finds_none(self, tiny_pack):
        assert tiny_pack.translations == {}

    def test_finds_every_file(self):
        arabic = SPANISH.replace("es", "ar", 1).replace("Español", "العربية")

        pack = packs.load_texts({**TINY, FILE: SPANISH, "languages/ar.yaml": arabic}, TODAY)

        assert {tag: one.name for tag, one in pack.translations.items()} == {
            "ar": "العربية",
            "es": "Español",
        }

    def test_takes_a_translation_with_gaps(self):
        pack = packs.load_texts({**TINY, FILE: SPANISH}, TODAY)

        assert standing_of(pack.translations["es"], pack).missing

    @pytest.mark.parametrize("digits", ["12345678", "1234e567", "00000012"])
    def test_keeps_a_fingerprint_that_looks_like_a_number(self, digits):
        texts = {**TINY, FILE: SPANISH.replace("85a39ab3", digits)}

        spanish = packs.load_texts(texts, TODAY).translations["es"]

        assert spanish.texts["yes_no.yes"].source == digits

    @pytest.mark.parametrize(
        ("old", "new", "line", "words"),
        [
            ("name: Español\n", "", 1, "name"),
            ("language: es\n", "", 1, "language"),
            ("language: es", "language: Spanish", 1, "'Spanish' is not an id"),
            ("language: es", "language: es_MX", 1, "'es_MX' is not an id"),
            ("name: Español", "name: Español\nauthor: Eva", 3, "author"),
            ('[85a39ab3, "Sí"]', '"Sí"', 4, "yes_no.yes"),
            ('[85a39ab3, "Sí"]', '["Sí"]', 4, "yes_no.yes"),
            ('[85a39ab3, "Sí"]', '[85a39ab3, "Sí", "Claro"]', 4, "yes_no.yes"),
            ('[85a39ab3, "Sí"]', "[]", 4, "yes_no.yes"),
            ('[85a39ab3, "Sí"]', '[85a39ab3, ["Sí"]]', 4, ""),
            ('[85a39ab3, "Sí"]', '{source: 85a39ab3, text: "Sí"}', 4, "yes_no.yes"),
            ("cold_sore_ever.ask", "yes_no.yes", 5, "yes_no.yes"),
        ],
        ids=["no name", "no language", "no tag", "a tag of gettext", "more", "no fingerprint",
             "one element", "three elements", "none", "a list in it", "a mapping", "twice"],
    )  # fmt: skip
    def test_refuses_what_has_another_shape(self, old, new, line, words):
        assert old in SPANISH
        texts = {**TINY, FILE: SPANISH.replace(old, new, 1)}

        problems = problems_in(texts)

        assert problems[0].startswith(f"{FILE}:{line}: ")
        assert words in problems[0]

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("languages/fr.yaml", SPANISH),
            ("languages/es-MX.yaml", SPANISH),
            ("languages/en.yaml", SPANISH),
            ("languages/en.yaml", SPANISH.replace("es", "en", 1)),
        ],
        ids=["another", "of a country", "Spanish as English", "English"],
    )
    def test_refuses_a_file_that_is_not_called_after_its_language_or_is_english(self, name, text):
        problems = problems_in({**TINY, name: text})

        assert [problem.partition(": ")[0] for problem in problems] == [f"{name}:1"]

    def test_says_that_english_stands_in_the_questionnaire(self):
        english = SPANISH.replace("es", "en", 1)

        problem = problems_in({**TINY, "languages/en.yaml": english})[0]

        assert "the language of languages/en.yaml is 'en', as its name" not in problem

    @pytest.mark.parametrize("name", ["languages/old/es.yaml", "es.yaml", "language/es.yaml"])
    def test_refuses_a_language_that_stands_elsewhere(self, name):
        problems = problems_in({**TINY, name: SPANISH})

        assert any(problem.startswith(f"{name}:1: ") for problem in problems)

    def test_changes_the_hash_of_the_pack_and_of_no_rule(self, tiny_pack):
        spoken = packs.load_texts({**TINY, FILE: SPANISH}, TODAY)

        assert spoken.hash != tiny_pack.hash
        assert [rule.digest for rule in spoken.rules] == [rule.digest for rule in tiny_pack.rules]


class TestWriting:
    def test_gives_a_file_that_is_read_again(self, folder):
        path = translate(folder, yes_no__yes="Sí", cold_sore_ever__ask="¿Ha tenido herpes?")

        spanish = load(folder).translations["es"]

        assert path == folder / FILE
        assert spanish.name == "Español"
        assert {key: one.text for key, one in spanish.texts.items()} == {
            "yes_no.yes": "Sí",
            "cold_sore_ever.ask": "¿Ha tenido herpes?",
        }
        assert spanish.texts["yes_no.yes"].source == fingerprint("Yes")

    def test_of_every_text_gives_a_whole_translation(self, folder):
        translate_all(folder)

        pack = load(folder)
        standing = standing_of(pack.translations["es"], pack)
        assert standing.is_whole
        assert standing.strange == ()

    def test_puts_every_text_in_the_order_of_the_form_under_its_source(self, folder):
        translate(folder, cold_sore_healed__words__still="Todavía no", yes_no__yes="Sí")

        lines = (folder / FILE).read_text(encoding="utf-8").partition("texts:\n")[2].splitlines()
        sources = texts_of(load(folder))
        assert lines[::2] == [f"  # {source}" for source in sources.values()]
        keys = [line.strip(" #").partition(": ")[0].rstrip(":") for line in lines[1::2]]
        assert keys == list(sources)
        assert lines[3] == '  yes_no.yes: [85a39ab3, "Sí"]'
        assert lines[5] == "  # yes_no.no:"

    def test_again_changes_nothing(self, folder):
        path = translate_all(folder)
        before = path.read_bytes()

        translate(folder, name="")

        assert path.read_bytes() == before

    def test_keeps_the_other_texts_with_the_source_they_translate(self, folder):
        translate(folder, cold_sore_ever__ask="¿Ha tenido herpes?", yes_no__yes="Sí")
        questionnaire = edited(
            ("questionnaire.yaml", "Have you ever had a cold sore?", "Did you have a cold sore?")
        )
        written(folder, questionnaire)

        translate(folder, yes_no__yes="Sí, claro")

        pack = load(folder)
        spanish = pack.translations["es"]
        assert spanish.texts["yes_no.yes"].text == "Sí, claro"
        assert spanish.texts["cold_sore_ever.ask"].text == "¿Ha tenido herpes?"
        assert standing_of(spanish, pack).outdated == ("cold_sore_ever.ask",)

    def test_takes_a_new_text_for_the_source_as_it_stands(self, folder):
        (folder / "languages").mkdir()
        (folder / FILE).write_text(SPANISH, encoding="utf-8")

        translate(folder, cold_sore_ever__ask="¿Ha tenido alguna vez un herpes?")

        pack = load(folder)
        assert standing_of(pack.translations["es"], pack).outdated == ()

    def test_leaves_out_what_the_pack_does_not_have(self, folder):
        (folder / "languages").mkdir()
        strange = f'{SPANISH}  gone.ask: [00000000, "¿Qué?"]\n'
        (folder / FILE).write_text(strange, encoding="utf-8")

        translate(folder, name="")

        assert "gone.ask" not in load(folder).translations["es"].texts

    @pytest.mark.parametrize(
        ("first", "second", "called"),
        [("Español", "", "Español"), ("Español", "Castellano", "Castellano"), ("", "", "es")],
        ids=["kept", "changed", "never given"],
    )
    def test_keeps_the_name_until_another_is_given(self, folder, first, second, called):
        translate(folder, name=first, yes_no__yes="Sí")

        translate(folder, name=second)

        assert load(folder).translations["es"].name == called

    def test_refuses_a_text_the_pack_does_not_have(self, folder):
        with pytest.raises(AnswerError, match=r"There is no text 'yes_no\.perhaps' in this pack\."):
            translate(folder, yes_no__yes="Sí", yes_no__perhaps="Quizás")

        assert not (folder / "languages").exists()

    def test_refuses_without_touching_what_is_there(self, folder):
        path = translate_all(folder)
        before = path.read_bytes()

        with pytest.raises(AnswerError):
            translate(folder, yes_no__yes="Sí", yes_no__perhaps="Quizás")

        assert path.read_bytes() == before

    def test_leaves_nothing_else_behind(self, folder):
        translate_all(folder)

        assert [path.name for path in (folder / "languages").iterdir()] == ["es.yaml"]

    @pytest.mark.parametrize(
        "text",
        [
            'Dijo: "no" # nunca',
            "C:\\piel",
            "- uno, [dos], {tres}",
            "&a *b !c %d @e `f`",
            "~",
            "no",
            "2026-01-01",
            "هل أنتِ حامل؟",
            "\u200fنعم\u200e",
            "línea\notra",
            "tab\taquí",
            "😀",
            "a\u00a0b",
            "'",
            "x" * 3000,
        ],
    )
    def test_keeps_any_text_as_it_is(self, folder, text):
        translate(folder, yes_no__yes=text)

        assert load(folder).translations["es"].texts["yes_no.yes"].text == text

    @given(st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=40))
    def test_keeps_whatever_is_typed(self, tmp_path_factory, tiny_pack, text):
        folder = written(tmp_path_factory.mktemp("typed"), TINY)

        write_translation(folder, tiny_pack, "es", name=text, words={"yes_no.no": text})

        spanish = load(folder).translations["es"]
        assert (spanish.name, spanish.texts["yes_no.no"].text) == (text, text)

    @pytest.mark.parametrize("text", ["S\x7fí", "S\x85í", "S\x9fí", "S\ufffeí", "S\ud800í"])
    def test_writes_no_file_that_cannot_be_read(self, folder, text):
        try:
            translate(folder, yes_no__yes=text)
        except AnswerError:
            assert not (folder / FILE).exists()
        else:
            assert load(folder).translations["es"].texts["yes_no.yes"].text == text

    @pytest.mark.parametrize(
        "why",
        ['"Needles\\ncan spread them."', "|\n          Needles can\n          spread them."],
        ids=["in quotes", "as a block"],
    )
    def test_puts_a_source_of_several_lines_into_remarks(self, tmp_path, why):
        texts = edited(("questionnaire.yaml", "Needles can spread them.", why))
        folder = written(tmp_path / "tiny", texts)

        translate(folder, page__cold_sores__why="Las agujas pueden extenderlos.")

        assert "page.cold_sores.why" in load(folder).translations["es"].texts

    def test_of_a_language_without_words_leaves_the_pack_readable(self, folder):
        translate(folder)

        assert standing_of(load(folder).translations["es"], load(folder)).missing

    @pytest.mark.parametrize("language", ["en", "Spanish", "es_MX"])
    def test_refuses_a_tag_the_pack_would_not_be_read_with(self, folder, language):
        with pytest.raises(AnswerError):
            translate(folder, language, yes_no__yes="Sí")

        assert load(folder).translations == {}


class TestSigningOff:
    @pytest.fixture
    def spoken(self, folder):
        """The folder of the tiny pack, whole in two languages."""
        translate_all(folder)
        translate_all(folder, "ar", "العربية")
        return folder

    @staticmethod
    def sign_off(folder, *languages, rules=(), **who):
        return sign(folder, load(folder), rules, languages=languages, **{**EVA, **who})

    @staticmethod
    def checked(folder):
        return [tag for tag, one in load(folder).translations.items() if one.is_checked]

    def test_nobody_has_checked_a_new_translation(self, spoken):
        assert self.checked(spoken) == []
        assert {one.checked for one in load(spoken).translations.values()} == {NOT_CHECKED}

    def test_holds_for_one_language(self, spoken):
        path = self.sign_off(spoken, "es")

        assert path == spoken / NAME
        assert self.checked(spoken) == ["es"]
        words = "checked by Eva Ruiz, sworn translator, 12, 2026-06-15"
        assert load(spoken).translations["es"].checked == words

    def test_is_void_after_an_edit_of_the_translation(self, spoken):
        self.sign_off(spoken, "es")

        translate(spoken, yes_no__yes="Sí, claro")

        spanish = load(spoken).translations["es"]
        assert not spanish.is_checked
        assert spanish.checked.endswith("edited")

    def test_holds_again_after_the_edit_is_taken_back(self, spoken):
        self.sign_off(spoken, "es")
        translate(spoken, yes_no__yes="Sí, claro")

        translate(spoken, yes_no__yes="[Yes]")

        assert self.checked(spoken) == ["es"]

    def test_is_void_once_an_outdated_text_is_translated_again(self, spoken):
        self.sign_off(spoken, "es")
        written(spoken, edited(("questionnaire.yaml", "title: Healing", "title: Healed")))
        pack = load(spoken)

        translate(spoken, page__healing__title="[Healed]")

        assert standing_of(pack.translations["es"], pack).outdated == ("page.healing.title",)
        assert self.checked(spoken) == []

    def test_survives_a_new_order_of_the_file(self, spoken):
        self.sign_off(spoken, "es")
        path = spoken / FILE
        head, _, texts = path.read_text(encoding="utf-8").partition("texts:\n")
        lines = [line for line in texts.splitlines() if not line.startswith("  #")]
        path.write_text(f"{head}texts:\n" + "\n".join(reversed(lines)) + "\n", encoding="utf-8")

        assert self.checked(spoken) == ["es"]

    def test_of_several_the_last_counts(self, spoken):
        self.sign_off(spoken, "es")
        self.sign_off(spoken, "es", by="Luis Vega")

        assert "Luis Vega" in load(spoken).translations["es"].checked

    def test_stands_beside_those_of_rules(self, spoken):
        self.sign_off(spoken, "es", rules=["cold-sore"])
        self.sign_off(spoken, "ar")

        pack = load(spoken)
        assert [rule.id for rule in pack.rules if rule.is_reviewed] == ["cold-sore"]
        assert self.checked(spoken) == ["ar", "es"]

    def test_of_an_unknown_language_writes_nothing(self, spoken):
        with pytest.raises(NotFoundError, match="There is no translation 'ess'; similar: es"):
            self.sign_off(spoken, "ess", rules=["cold-sore"])

        assert not (spoken / NAME).exists()

    def test_of_english_is_not_possible(self, spoken):
        with pytest.raises(NotFoundError, match="There is no translation 'en'"):
            self.sign_off(spoken, "en")

    @pytest.mark.parametrize("who", [{"by": " "}, {"role": ""}], ids=["by", "role"])
    def test_needs_somebody_with_a_role(self, spoken, who):
        with pytest.raises(AnswerError, match="who signs"):
            self.sign_off(spoken, "es", **who)

        assert not (spoken / NAME).exists()

    @pytest.mark.parametrize(
        "of", ["", "rule: cold-sore\n    language: es\n    "], ids=["neither", "both"]
    )
    def test_names_a_rule_or_a_language(self, of):
        row = "by: Eva\n    role: translator\n    on: 2026-06-15\n    digest: abc\n"
        texts = {**TINY, FILE: SPANISH, NAME: f"signoffs:\n  - {of}{row}"}

        problems = problems_in(texts)

        assert problems == (f"{NAME}:2: a sign-off names a rule or a language, one of them",)

    def test_with_another_digest_is_void(self):
        row = "language: es\n    by: Eva\n    role: translator\n    on: 2026-06-15\n    digest: abc"
        texts = {**TINY, FILE: SPANISH, NAME: f"signoffs:\n  - {row}\n"}

        spanish = packs.load_texts(texts, TODAY).translations["es"]

        assert spanish.checked == f"{NOT_CHECKED} since Eva, translator, 2026-06-15: edited"


WHOLE = next(check for check in CHECKS if check.name == "translations are whole")


def found_in(texts):
    """What the check of the translations finds in a pack, as place and words."""
    return [tuple(found) for found in WHOLE.find(Examined(packs.load_texts(texts, TODAY), TODAY))]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The tiny pack, whole in Spanish and Arabic."""
    folder = written(tmp_path_factory.mktemp("whole"), TINY)
    translate_all(folder)
    translate_all(folder, "ar", "العربية")
    return packs.texts_of(folder)


def respoken(whole, old, new, language="es"):
    """The whole pack with something replaced in a language."""
    name = f"languages/{language}.yaml"
    assert old in whole[name]
    return {**whole, name: whole[name].replace(old, new, 1)}


def line_with(texts, fragment, language="es"):
    """Where a fragment stands in the file of a language."""
    name = f"languages/{language}.yaml"
    lines = texts[name].splitlines()
    return f"{name}:{next(n for n, line in enumerate(lines, 1) if fragment in line)}"


class TestCheck:
    def test_finds_nothing_in_whole_translations(self, whole):
        assert found_in(whole) == []

    def test_finds_nothing_in_a_pack_without_languages(self):
        assert found_in(TINY) == []

    def test_names_a_text_that_is_missing(self, whole):
        texts = respoken(whole, "  birth_date.ask:", "  # birth_date.ask:")

        words = "'birth_date.ask' has no translation; 'intake rules translate' lists it"
        assert found_in(texts) == [(f"{FILE}:1", words)]

    def test_names_a_text_that_is_outdated_with_what_it_reads_now(self, whole):
        texts = {**whole, **edited(("questionnaire.yaml", "title: Healing", "title: Healed"))}

        words = "'page.healing.title' translates an older text; it now reads 'Healed'"
        assert found_in(texts) == [
            (line_with(texts, "page.healing.title:", "ar"), words),
            (line_with(texts, "page.healing.title:"), words),
        ]

    def test_names_a_text_the_pack_does_not_have(self, whole):
        texts = {**whole, FILE: whole[FILE] + '  gone.ask: [00000000, "¿Qué?"]\n'}

        words = "no text of the pack is called 'gone.ask'; take it out"
        assert found_in(texts) == [(line_with(texts, "gone.ask"), words)]

    @pytest.mark.parametrize(
        ("language", "said", "word"),
        [
            ("es", "Esto es seguro.", "seguro"),
            ("es", "Las agujas son Seguras.", "Seguras"),
            ("es", "Usted es apta.", "apta"),
            ("es", "Ha sido aprobado.", "aprobado"),
            ("es", "Es sin riesgo.", "sin riesgo"),
            ("es", "Tiene poco riesgo.", "poco riesgo"),
            ("es", "No se preocupe.", "No se preocupe"),
            ("es", "Deje de tomar la pastilla.", "Deje de tomar"),
            ("ar", "هذا آمن.", "آمن"),
            ("ar", "العلاج الآمن", "الآمن"),
            ("ar", "الإبر آمنة هنا", "آمنة"),
            ("ar", "أنت مؤهل لذلك", "مؤهل"),
            ("ar", "لا تقلق.", "لا تقلق"),
            ("ar", "توقف عن تناول الدواء", "توقف عن تناول"),
        ],
    )
    def test_finds_words_that_are_never_said(self, whole, language, said, word):
        texts = respoken(whole, '"[Healing]"', f'"{said}"', language)

        words = f"'page.healing.title' says '{word}', which is never said to patients"
        assert found_in(texts) == [(line_with(texts, "page.healing.title:", language), words)]

    @pytest.mark.parametrize(
        ("language", "said"),
        [
            ("es", "La seguridad de la piel"),
            ("es", "El asegurado"),
            ("es", "Deje de usar la crema"),
            ("es", "Adaptada"),
            ("ar", "آمنت بذلك"),
        ],
    )
    def test_finds_no_word_inside_another(self, whole, language, said):
        texts = respoken(whole, '"[Healing]"', f'"{said}"', language)

        assert found_in(texts) == []

    @pytest.mark.parametrize("said", ["سريع وآمن", "فهو علاج بسيط وآمنة", "للآمن"])
    def test_finds_an_arabic_word_behind_a_letter_that_is_a_word(self, whole, said):
        texts = respoken(whole, '"[Healing]"', f'"{said}"', "ar")

        assert found_in(texts) != []

    def test_knows_the_words_of_each_language_only(self, whole):
        french = whole[FILE].replace("language: es", "language: fr").replace("Español", "Français")
        texts = {**whole, "languages/fr.yaml": french.replace('"[Healing]"', '"Esto es seguro."')}

        assert found_in(texts) == []

    def test_of_the_shipped_pack_finds_nothing(self, shipped_pack):
        assert list(WHOLE.find(Examined(shipped_pack, TODAY))) == []


def test_a_pack_with_a_broken_language_cannot_be_used(tmp_path):
    folder = written(tmp_path / "tiny", {**TINY, FILE: "language: es\n"})

    with pytest.raises(PackError):
        load(folder)
