"""JSON of other systems, read strictly: one key twice is a fault, and so is endless nesting."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

LONGEST_KEY = 80
"""So much of a key is repeated in a message."""
LONGEST_NUMBER = 1000


def read_json(text: str) -> object:
    """Read JSON.

    Raises:
        ValueError: it is none, names a key of an object twice, is nested too deeply, or holds a
            number that is none, or too long to be one.
    """
    try:
        return json.loads(
            text, object_pairs_hook=_no_duplicates, parse_constant=_no_number, parse_int=_number
        )
    except RecursionError as error:
        msg = "it is nested too deeply"
        raise ValueError(msg) from error


def _no_number(name: str) -> None:
    msg = f"{name} is no number of JSON"
    raise ValueError(msg)


def _number(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        msg = f"a number has more than {LONGEST_NUMBER} digits"
        raise ValueError(msg)
    return int(digits)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that names a key twice: the last one would silently win."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        msg = f"'{printable(twice[:LONGEST_KEY])}' stands twice; say it once"
        raise ValueError(msg)
    return found


def printable(text: str) -> str:
    """Return a text of another system as it can be shown: no controls, no halves of a pair."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
