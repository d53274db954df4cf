"""Every catalog says every message of the tablet, with the same names in it."""

import re
import string
from types import SimpleNamespace

import pytest
from babel.messages.pofile import read_po

from intake.core import wording
from intake.core.wording import FORBIDDEN, FORBIDDEN_IN
from intake.web.languages import CATALOGS, _catalog
from tests import messages

FILES = sorted(CATALOGS.glob("*.po"))
TAGS = [path.stem for path in FILES]
ANSWERS = ("Not sure", "I'd rather tell my practitioner")
FEW = range(3)
"""Counts a language may have a form of the word for: none, one, two."""


@pytest.fixture(scope="module")
def wanted():
    """Every message of the program."""
    return messages.wanted()


@pytest.fixture(scope="module", params=FILES, ids=TAGS)
def catalog(request):
    """One catalog after the other."""
    return messages.catalog(request.param)


def forms(catalog):
    """Every message with each text it says."""
    for message in catalog:
        if message.id:
            texts = (message.string,) if isinstance(message.string, str) else message.string
            ids = (message.id,) if isinstance(message.id, str) else message.id
            yield from ((ids[0], text) for text in texts)


def named_in(text):
    """The names in a text for which a value is put: `{x}` and `%(x)s`."""
    braces = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    return sorted(braces), sorted(re.findall(r"%\((\w+)\)s", text))


def test_the_tablet_speaks_two_languages_beside_english():
    assert TAGS == ["ar", "es"]


def test_the_program_has_messages(wanted):
    assert len(wanted) > 150
    assert "Error:" in wanted
    assert ("About %(num)s day ago", "About %(num)s days ago") in wanted
    assert "Enter a date after the date of birth, {birth}." in wanted
    assert "Select yes, no or not sure: {question}" in wanted


def test_no_message_of_the_program_is_put_together_from_pieces(wanted):
    texts = [text for one in wanted for text in ([one] if isinstance(one, str) else one)]

    assert [text for text in texts if not text or text != text.strip()] == []


def test_a_catalog_has_the_messages_of_the_program(catalog, wanted):
    known = {message.id for message in catalog if message.id}

    assert sorted(known - set(wanted), key=str) == []
    assert sorted(set(wanted) - known, key=str) == []


def test_a_catalog_is_as_make_messages_writes_it(catalog, tmp_path):
    path = CATALOGS / f"{catalog.locale}.po"
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())

    messages.update(copy)

    assert copy.read_text(encoding="utf-8") == path.read_text(encoding="utf-8")


def test_a_catalog_says_every_message(catalog):
    assert [key for key, text in forms(catalog) if not text or not text.strip()] == []


def test_a_catalog_has_nothing_that_was_guessed_or_is_gone(catalog):
    assert [message.id for message in catalog if message.fuzzy] == []
    assert list(catalog.obsolete) == []


def test_a_catalog_has_every_form_of_what_is_counted(catalog):
    counted = [message for message in catalog if not isinstance(message.id, str)]

    assert counted
    assert {len(message.string) for message in counted} == {catalog.num_plurals}


def test_a_message_has_the_same_names_in_it(catalog):
    plain = [message for message in catalog if message.id and isinstance(message.id, str)]

    wrong = {
        message.id: message.string
        for message in plain
        if named_in(message.string) != named_in(message.id)
    }

    assert wrong == {}


@pytest.mark.parametrize("path", FILES, ids=TAGS)
def test_only_a_form_for_few_may_leave_its_number_out(path, wanted):
    spoken, left_out = _catalog(path), set()
    for one, many in (each for each in wanted if not isinstance(each, str)):
        for count in range(200):
            text = spoken.ngettext(one, many, count)
            assert text not in (one, many)
            if named_in(text) != ([], ["num"]):
                left_out.add(count)

    assert left_out <= set(FEW)


def test_every_message_can_be_filled_in(catalog):
    for key, text in forms(catalog):
        braces, percents = named_in(key)
        filled = text.format(**dict.fromkeys(braces, "x")) if braces else text
        filled = filled % dict.fromkeys(percents, "x") if percents else filled
        assert "%(" not in filled
        assert "{" not in filled


def test_a_percent_sign_stands_for_a_name_only(catalog):
    texts = [text for key, one in forms(catalog) for text in (key, one)]

    assert [text for text in texts if re.search(r"%(?!\(\w+\)s)", text)] == []


def test_a_message_ends_as_it_does_in_english(catalog):
    ends = {".": ".", "?": "?؟", ":": ":"}

    wrong = [
        (key, text)
        for key, text in forms(catalog)
        if key[-1] in ends and text[-1] not in ends[key[-1]]
    ]

    assert wrong == []


def test_no_message_reassures_or_judges(catalog):
    forbidden = FORBIDDEN_IN[catalog.locale.language]

    assert {key for key, _ in forms(catalog) if FORBIDDEN.search(key)} <= {"Clear and draw again"}
    assert [text for _, text in forms(catalog) if forbidden.search(text)] == []


def test_a_message_names_an_answer_as_it_is_offered(catalog):
    answers = {key.lower(): text.lower() for key, text in forms(catalog) if key in ANSWERS}

    wrong = [
        (key, text)
        for key, text in forms(catalog)
        for answer, said in answers.items()
        if answer in key.lower() and key != "And not sure about others"
        if said not in text.lower()
    ]

    assert wrong == []


def test_no_sentence_is_left_in_english(catalog):
    assert [key for key, text in forms(catalog) if text == key and " " in key] == []


@pytest.mark.parametrize("tag", TAGS)
def test_a_catalog_says_who_prepared_it(tag):
    head = (CATALOGS / f"{tag}.po").read_text(encoding="utf-8").partition("msgid")[0]

    assert "not yet checked" in head
    assert "qualified translator" in head


def test_a_catalog_names_its_language(catalog):
    with (CATALOGS / f"{catalog.locale}.po").open("rb") as file:
        named = read_po(file)

    assert str(named.locale) == str(catalog.locale)


NAMES_OF_PEOPLE = frozenset(
    ("practitioner", "practitioners", "dermatologist", "dermatologists", "medicine", "medicines")
)
"""Words that stand in the room; there is no shorter one for them."""
FOR_STAFF = frozenset({"You are entering answers for 3"})
LONG_ENOUGH = 6
"""Words a message must have for its grade to mean something."""


def test_every_message_is_plain_enough(wanted):
    plain = SimpleNamespace(vocabulary=SimpleNamespace(knows=lambda w: w in NAMES_OF_PEOPLE))
    texts = [message if isinstance(message, str) else message[1] for message in wanted]
    filled = [re.sub(r"%\(\w+\)s|\{\w+\}", "3", text) for text in texts]

    hard = {
        text: round(grade, 1)
        for text in filled
        if len(text.split()) >= LONG_ENOUGH
        and text not in FOR_STAFF
        and (grade := wording.grade_of([text], plain)) > wording.HIGHEST_GRADE
    }

    assert hard == {}
