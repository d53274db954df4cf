"""Everything this program raises on purpose.

IntakeError
├── PackError          a rule pack cannot be used; carries every problem found
├── AnswerError        a value cannot be read as an answer; says what to write instead
├── NotFoundError      no such record, or not yours: the two are never told apart
├── NotAllowedError    this person may not do this
├── ConflictError      somebody else was first; says who and when
├── StateError         nobody may do this to a record in this state
├── TrailError         what is to be compared with the audit trail cannot be read
└── StorageError       the database cannot be used; says what is unharmed
"""

from __future__ import annotations

import re
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class IntakeError(Exception):
    """Base of all; never raised itself."""


class PackError(IntakeError):
    """A rule pack cannot be used.

    Attributes:
        problems: One `file:line: what is wrong, what is allowed` per fault, all of them.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class AnswerError(IntakeError):
    """A value cannot be read as an answer; the message tells the person what to write.

    Attributes:
        words: The message with names in braces, so that it can be said in other languages.
        values: What stands for these names; dates as such, for they are written in many ways.
    """

    def __init__(self, words: str, **values: str | date) -> None:
        self.words, self.values = words, values
        said = {
            name: f"{value.day} {value:%B %Y}" if isinstance(value, date) else value
            for name, value in values.items()
        }
        super().__init__(words.format(**said) if said else words)


class TrailError(IntakeError):
    """What is to be compared with the audit trail cannot be read; the message says what to give."""


class NotFoundError(IntakeError):
    """There is no such record, or it is not for this person."""


class NotAllowedError(IntakeError):
    """This person may not do this, whatever the state of the record."""


class ConflictError(IntakeError):
    """Somebody else changed the record first; nothing of this attempt was stored."""


class StateError(IntakeError):
    """The record is in a state in which nobody may do this."""


class StorageError(IntakeError):
    """The database cannot be used as asked; the message says what is unharmed."""


def near(name: str, known: Iterable[str]) -> str:
    """Return the end of a message about a name that is not known: a few that look alike."""
    names, parts = tuple(known), set(re.split("[-_]", name))
    shared = [other for other in names if parts & set(re.split("[-_]", other))]
    alike = list(dict.fromkeys([*get_close_matches(name, names, 3), *shared]))[:4]
    return f"; similar: {', '.join(alike)}" if alike else "; check its spelling"
