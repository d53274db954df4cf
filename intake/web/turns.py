"""Whose turn it is with a browser: one patient's, the next one's, or the desk's.

Forms of an earlier turn are refused, and windows that show one are emptied by `turn.js`.
"""

from __future__ import annotations

from secrets import token_urlsafe

from flask import current_app, session

TURN = "turn"
"""What of the form's cookie is another one in every turn."""


def turn() -> str:
    """Return the mark of this turn, which windows of a browser tell each other."""
    return str(session.get(TURN, ""))


def next_turn() -> None:
    """Begin another turn: where a visit begins or ends, and where somebody leaves the desk.

    The value that form tokens are made for is another one from now on, so that no form of a page
    that was left open is taken for the next patient's.
    """
    session.pop(current_app.config["WTF_CSRF_FIELD_NAME"], None)
    session[TURN] = token_urlsafe(16)
