"""The names that sentences may refer to, and what is said when one is not known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.core.conditions import Condition
    from intake.core.evidence import Setting
    from intake.core.questionnaire import Item


class SentenceError(Exception):
    """A sentence cannot be understood; the message says what is allowed."""


@dataclass
class Names:
    """What sentences may refer to; a question is known only once its page has been read.

    Attributes:
        labels_in_use: The device labels under which the clinic works, whatever is planned.
        unread: Kinds of names whose file could not be read: items, settings, conditions, classes.
        broken: Names that were defined, but with a fault.
        is_growing: Whether more questions are to come, so that nobody hears of one that is missing.
    """

    items: dict[str, Item] = field(default_factory=dict)
    settings: Mapping[str, Setting] = field(default_factory=dict)
    conditions: dict[str, Condition] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    labels_in_use: frozenset[str] = frozenset()
    unread: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    is_growing: bool = False

    def missing(self, words: str, kind: str, name: str) -> SentenceError:
        """Return the error for a name that is not known.

        It has no words when the name was defined but could not be read: that is said elsewhere,
        once, and whoever refers to it is not to blame.
        """
        excused = kind in self.unread or name in self.broken
        return SentenceError("" if excused else words)
