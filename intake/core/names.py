"""Names of people, without what nobody can see in them."""

from __future__ import annotations

import unicodedata

_JOINERS = "\u200c\u200d"
_JOINED = frozenset(
    "ARABIC SYRIAC MONGOLIAN DEVANAGARI BENGALI GURMUKHI GUJARATI ORIYA TAMIL TELUGU KANNADA"
    " MALAYALAM SINHALA KHMER MYANMAR".split()
)
"""Scripts that are written with joiners, as Unicode names their letters."""
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and signs without a shape; characters of format are known by their category."""


def without_unseen(name: str) -> str:
    """Leave out what no reader sees, by which one name could be two records.

    A joiner stays between letters of a script that is written with them, as in Persian or Hindi.
    """
    kept: list[str] = []
    for at, letter in enumerate(name):
        joins = letter in _JOINERS and _is_joined(kept[-1:]) and _is_joined(name[at + 1 : at + 2])
        if joins or not is_unseen(letter):
            kept.append(letter)
    return "".join(kept)


def is_unseen(letter: str) -> bool:
    """Tell whether a character has no shape of its own."""
    is_selector = "\ufe00" <= letter <= "\ufe0f"
    return is_selector or letter in _BLANK or unicodedata.category(letter) == "Cf"


def _is_joined(letter: list[str] | str) -> bool:
    return bool(letter) and unicodedata.name(letter[0], "").partition(" ")[0] in _JOINED
