"""Marks over letters are put in order in a time that grows as their number squared.

So a text that is too long is refused, or taken apart letter by letter, before anything orders it.
"""

import unicodedata
from contextlib import suppress

import pytest

from intake.actions import passwords
from intake.core.answers import MAX_TEXT, clean_text, has_letters
from intake.core.errors import AnswerError
from intake.core.patient_words import normal
from intake.core.questionnaire import AnswerOption, Item, Kind
from intake.core.spots import read_spots
from intake.storage.patients import name_key

MARKS = "a" + "\u0315" * 24_000 + "\u0300" * 24_000
MAP = Item("map", "Where?", Kind.BODY_MAP, options=(AnswerOption("nose", "Nose"),))

READERS = {
    "an answer": clean_text,
    "a signature": has_letters,
    "a medicine": normal,
    "a patient's name": name_key,
    "a spot": lambda words: read_spots(MAP, [{"region": "nose", "what": words}]),
    "a password": lambda words: passwords.is_right(passwords.NOBODY, words),
}


@pytest.fixture
def longest(monkeypatch):
    """How long the longest text was that was put in order."""
    seen, really = [0], unicodedata.normalize

    def normalize(form, text):
        seen[0] = max(seen[0], len(text))
        return really(form, text)

    monkeypatch.setattr(unicodedata, "normalize", normalize)
    return seen


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_a_text_of_thousands_of_marks_is_not_put_in_order(longest, read):
    with suppress(AnswerError):
        read(MARKS)

    assert longest[0] <= MAX_TEXT


def test_what_is_too_long_is_refused_however_short_it_would_be_in_another_spelling():
    with pytest.raises(AnswerError, match=f"Shorten this to {MAX_TEXT} characters"):
        clean_text("e\u0301" * MAX_TEXT)


@pytest.mark.parametrize(
    ("text", "key"),
    [("Mari\u0301a Núñez", "maria nunez"), ("ﬁ Å \u1fb3", "fi a αι"), ("한\u0315\u0300", "한")],
)
def test_letters_lose_their_marks_and_nothing_else(text, key):
    assert normal(text) == unicodedata.normalize("NFKD", key)
