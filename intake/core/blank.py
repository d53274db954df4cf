"""Free text that must say something, and what says nothing."""

from __future__ import annotations

from intake.core.answers import clean_text, has_letters


def is_blank(text: str) -> bool:
    """Tell whether a text says nothing: no letter and no digit that can be seen."""
    return not has_letters(text) and not any(c.isdigit() for c in text)


def worded(text: str) -> str:
    """Bring a text that is asked for to one form; empty when nothing in it can be read.

    Raises:
        AnswerError: it is too long.
    """
    clean = clean_text(text)
    return "" if is_blank(clean) else clean
