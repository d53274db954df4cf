"""Letters taken apart and without their marks, in time that grows only as the text does.

A text taken apart as a whole has its marks put in order, which takes as long as their number
squared. Letter by letter it does not, and marks that are left out need no order.
"""

from __future__ import annotations

import unicodedata


def taken_apart(text: str) -> str:
    """Write each letter and its marks one by one (NFKD), the marks in the order they came in."""
    return "".join(unicodedata.normalize("NFKD", letter) for letter in text)


def without_marks(text: str) -> str:
    """Take letters apart and leave out the marks: é is e, ﬁ is fi."""
    return "".join(part for part in taken_apart(text) if not unicodedata.combining(part))
