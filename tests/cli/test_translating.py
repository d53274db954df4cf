"""`intake rules languages`, `translate` and `sign-off --language`."""

import json

import pytest

from intake import packs
from intake.core.translations import NOT_CHECKED, standing_of, texts_of
from tests.cli.test_rules import spoil
from tests.conftest import TODAY
from tests.packs.builders import TINY

FILE = "languages/es.yaml"
EVA = ("--by", "Eva Ruiz", "--role", "sworn translator")


def words_file(folder, words):
    """Write what a translator returns: JSON, or a text that is none."""
    path = folder / "words.json"
    text = words if isinstance(words, str) else json.dumps(words, ensure_ascii=False)
    path.write_text(text, encoding="utf-8", newline="")
    return path


@pytest.fixture
def pack_of(tiny):
    """Load the tiny pack as it stands in its folder."""
    return lambda: packs.load(tiny, TODAY)


@pytest.fixture
def english():
    """Every text of the tiny pack by name."""
    return texts_of(packs.load_texts(TINY, TODAY))


@pytest.fixture
def translate(run, tmp_path):
    """Take what a translator returned into a language."""

    def make(words, language="es", *options):
        path = words_file(tmp_path, words)
        return run("rules", "translate", language, "--words", path, *options)

    return make


@pytest.fixture
def spanish(translate, english):
    """The tiny pack, whole in Spanish."""
    words = {key: f"[{text}]" for key, text in english.items()}
    assert translate(words, "es", "--name", "Español").exit_code == 0


class TestLanguages:
    def test_of_a_pack_in_english_only_says_so(self, run, english):
        result = run("rules", "languages")

        assert (result.exit_code, result.stdout) == (0, "")
        assert result.stderr == f"{len(english)} texts in English, 0 translations.\n"

    @pytest.mark.usefixtures("spanish")
    def test_that_are_whole_are_named_with_who_checked_them(self, run, english):
        result = run("rules", "languages")

        assert result.exit_code == 0
        assert result.stdout == f"es       Español: {len(english)} texts, {NOT_CHECKED}\n"
        assert result.stderr == f"{len(english)} texts in English, 1 translations.\n"

    @pytest.mark.usefixtures("spanish")
    def test_name_what_is_outdated(self, run, tiny):
        spoil(tiny, "questionnaire.yaml", "title: Healing", "title: Healed")

        result = run("rules", "languages", tiny)

        assert result.exit_code == 1
        assert result.stdout.splitlines()[1:] == ["    outdated: page.healing.title"]

    @pytest.mark.usefixtures("spanish")
    def test_name_what_is_missing(self, run, tiny):
        spoil(tiny, FILE, "  yes_no.no:", "  # yes_no.no:")

        result = run("rules", "languages", tiny)

        assert result.exit_code == 1
        assert result.stdout.splitlines()[1:] == ["    missing: yes_no.no"]

    @pytest.mark.usefixtures("spanish")
    def test_name_what_the_pack_does_not_have_and_may_be_offered_all_the_same(self, run, tiny):
        spoil(tiny, FILE, "texts:\n", 'texts:\n  gone.ask: [00000000, "¿Qué?"]\n')

        result = run("rules", "languages", tiny)

        assert result.exit_code == 0
        assert result.stdout.splitlines()[1:] == ["    not in the pack: gone.ask"]

    def test_of_the_shipped_pack_are_whole(self, run_shipped):
        result = run_shipped("rules", "languages")

        assert result.exit_code == 0
        assert [line.split()[:2] for line in result.stdout.splitlines()] == [
            ["ar", "العربية:"],
            ["es", "Español:"],
        ]
        assert result.stdout.count(NOT_CHECKED) == 2

    def test_of_a_pack_that_cannot_be_read_are_not_told(self, run, tiny):
        spoil(tiny, "rules/all.yaml", "level: defer", "level: wait")

        result = run("rules", "languages")

        assert (result.exit_code, result.stdout) == (2, "")
        assert "rules/all.yaml:4: 'wait'" in result.stderr


class TestWanted:
    def test_of_a_new_language_is_every_text(self, run, english):
        result = run("rules", "translate", "es", "--wanted")

        assert result.exit_code == 0
        assert json.loads(result.stdout) == english

    @pytest.mark.usefixtures("spanish")
    def test_of_a_whole_language_is_nothing(self, run):
        result = run("rules", "translate", "es", "--wanted")

        assert json.loads(result.stdout) == {}

    @pytest.mark.usefixtures("spanish")
    def test_is_what_is_missing_or_outdated(self, run, tiny):
        spoil(tiny, FILE, "  yes_no.no:", "  # yes_no.no:")
        spoil(tiny, "questionnaire.yaml", "title: Healing", "title: Healed")

        result = run("rules", "translate", "es", "--wanted")

        assert json.loads(result.stdout) == {"yes_no.no": "No", "page.healing.title": "Healed"}

    def test_writes_nothing(self, run, tiny):
        run("rules", "translate", "es", "--wanted", "--name", "Español")

        assert not (tiny / "languages").exists()

    def test_comes_back_as_words(self, run, translate, pack_of):
        wanted = json.loads(run("rules", "translate", "es", "--wanted").stdout)

        result = translate({key: f"[{text}]" for key, text in wanted.items()})

        assert result.exit_code == 0
        pack = pack_of()
        assert standing_of(pack.translations["es"], pack).is_whole


class TestTranslate:
    def test_takes_words_for_the_texts_as_they_stand(self, translate, tiny, pack_of):
        result = translate({"yes_no.yes": "Sí"}, "es", "--name", "Español")

        assert (result.exit_code, result.stdout) == (0, "")
        assert f"Wrote {tiny / FILE}. Nobody has checked it" in result.stderr
        spanish = pack_of().translations["es"]
        assert spanish.name == "Español"
        assert {key: one.text for key, one in spanish.texts.items()} == {"yes_no.yes": "Sí"}

    def test_takes_words_from_what_is_typed(self, run, pack_of):
        result = run("rules", "translate", "es", "--words", "-", given='{"yes_no.yes": "Sí"}')

        assert result.exit_code == 0
        assert pack_of().translations["es"].texts["yes_no.yes"].text == "Sí"

    @pytest.mark.usefixtures("spanish")
    def test_without_words_brings_the_file_into_the_order_of_the_pack(self, run, tiny):
        before = (tiny / FILE).read_bytes()
        spoil(tiny, FILE, "  # Yes\n", "  # Yeah\n")

        result = run("rules", "translate", "es")

        assert result.exit_code == 0
        assert (tiny / FILE).read_bytes() == before

    def test_takes_the_pack_that_is_named(self, run_shipped, tiny, tmp_path):
        words = words_file(tmp_path, {"yes_no.yes": "Sí"})

        run_shipped("rules", "translate", "es", "--pack", tiny, "--words", words)

        assert (tiny / FILE).exists()

    @pytest.mark.parametrize(
        "words",
        ["", "{", "nothing", "[" * 100_000, '{"yes_no.yes": "Sí"} and', "\ufeff{}"],
        ids=["empty", "cut off", "words", "deep", "more behind it", "a mark in front"],
    )
    def test_refuses_what_is_not_json(self, translate, tiny, words):
        result = translate(words)

        assert result.exit_code == 2
        assert result.stderr == "The words are not JSON; hand in an object of texts by name.\n"
        assert not (tiny / "languages").exists()

    @pytest.mark.parametrize(
        "words",
        [
            ["Sí"],
            "null",
            '"Sí"',
            "7",
            {"yes_no.yes": ""},
            {"yes_no.yes": "  "},
            {"yes_no.yes": None},
            {"yes_no.yes": 7},
            {"yes_no.yes": ["85a39ab3", "Sí"]},
            {"yes_no": {"yes": "Sí"}},
            {"yes_no.no": "No", "yes_no.yes": True},
        ],
        ids=repr,
    )
    def test_refuses_what_is_not_texts_by_name(self, translate, tiny, words):
        result = translate(words)

        assert result.exit_code == 2
        assert result.stderr == (
            "The words are not an object of texts by name, with something in each.\n"
        )
        assert not (tiny / "languages").exists()

    def test_refuses_bytes_that_are_not_text(self, run, tmp_path, tiny):
        path = tmp_path / "words.json"
        path.write_bytes(b'{"yes_no.yes": "S\xed"}')

        result = run("rules", "translate", "es", "--words", path)

        assert result.exit_code == 2
        assert "The words are not JSON" in result.stderr
        assert not (tiny / "languages").exists()

    @pytest.mark.usefixtures("spanish")
    def test_refuses_a_text_the_pack_does_not_have_and_writes_nothing(self, translate, tiny):
        before = (tiny / FILE).read_bytes()

        result = translate({"yes_no.yes": "Sí", "yes_no.perhaps": "Quizás"})

        assert result.exit_code == 2
        assert result.stderr == "There is no text 'yes_no.perhaps' in this pack.\n"
        assert (tiny / FILE).read_bytes() == before

    def test_refuses_a_file_that_is_not_there(self, run, tmp_path, tiny):
        result = run("rules", "translate", "es", "--words", tmp_path / "none.json")

        assert result.exit_code == 2
        assert not (tiny / "languages").exists()

    @pytest.mark.parametrize("language", ["en", "Spanish", "es_MX", "../es"])
    def test_refuses_what_is_no_tag_of_a_language(self, translate, tiny, language):
        result = translate({"yes_no.yes": "Sí"}, language)

        assert result.exit_code == 2
        assert not (tiny / "languages").exists()

    def test_begins_a_language_without_words(self, run, english):
        begun = run("rules", "translate", "es", "--name", "Español")

        result = run("rules", "languages")

        assert begun.exit_code == 0
        assert result.stdout.count("missing: ") == len(english)


@pytest.mark.usefixtures("spanish")
class TestSignOff:
    def test_of_a_language_is_recorded(self, run, tiny, pack_of):
        result = run("rules", "sign-off", "--language", "es", *EVA)

        assert result.exit_code == 0
        assert result.stdout == f"1 translation signed off in {tiny / 'signoffs.yaml'}.\n"
        assert pack_of().translations["es"].is_checked
        shown = run("rules", "languages").stdout
        assert "checked by Eva Ruiz, sworn translator, 20" in shown
        assert NOT_CHECKED not in shown

    def test_of_rules_and_languages_at_once(self, run, translate, pack_of):
        translate({"yes_no.yes": "نعم"}, "ar", "--name", "العربية")
        languages = ("--language", "es", "--language", "ar", "--language", "es")

        result = run("rules", "sign-off", "cold-sore", "under-age", *languages, *EVA)

        assert result.exit_code == 0
        assert result.stdout.startswith("2 rules and 2 translations signed off in ")
        pack = pack_of()
        assert all(one.is_checked for one in pack.translations.values())
        assert all(rule.is_reviewed for rule in pack.rules)

    def test_of_neither_is_refused(self, run, tiny):
        result = run("rules", "sign-off", *EVA)

        assert result.exit_code == 2
        assert "Name at least one rule, or a translation with --language." in result.stderr
        assert not (tiny / "signoffs.yaml").exists()

    def test_of_an_unknown_language_is_refused(self, run, tiny):
        result = run("rules", "sign-off", "cold-sore", "--language", "fr", *EVA)

        assert result.exit_code == 2
        assert "There is no translation 'fr'" in result.stderr
        assert not (tiny / "signoffs.yaml").exists()

    @pytest.mark.parametrize("who", [EVA[:2], EVA[2:]], ids=["no role", "no name"])
    def test_needs_a_name_and_a_role(self, run, tiny, who):
        result = run("rules", "sign-off", "--language", "es", *who)

        assert result.exit_code == 2
        assert not (tiny / "signoffs.yaml").exists()

    def test_is_void_after_an_edit(self, run, translate):
        run("rules", "sign-off", "--language", "es", *EVA)

        translate({"yes_no.yes": "Sí, claro"})

        shown = run("rules", "languages").stdout
        assert f"{NOT_CHECKED} since Eva Ruiz, sworn translator, 20" in shown
        assert shown.endswith(": edited\n")


class TestCheck:
    @pytest.mark.usefixtures("spanish")
    def test_of_a_pack_with_an_outdated_text_names_its_line(self, run, tiny):
        spoil(tiny, "questionnaire.yaml", "title: Healing", "title: Healed")

        result = run("rules", "check", "--on", "2026-06-15")

        assert result.exit_code == 1
        assert f"{FILE}:" in result.stdout
        assert "'page.healing.title' translates an older text" in result.stdout
        assert "WRONG translations are whole" in result.stderr
