"""Met, not met, unknown: strong Kleene logic, in which not knowing is never taken for no.

Source: S. C. Kleene, Introduction to Metamathematics, 1952, section 64.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from collections.abc import Iterable


class Truth(StrEnum):
    """What is known of a condition."""

    MET = "met"
    NOT_MET = "not met"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, fact: bool) -> Truth:  # noqa: FBT001 - it turns just this fact into a truth
        """Turn a known fact into met or not met."""
        return cls.MET if fact else cls.NOT_MET

    def negated(self) -> Truth:
        """Return the truth of the opposite; the opposite of unknown is unknown."""
        match self:
            case Truth.MET:
                return Truth.NOT_MET
            case Truth.NOT_MET:
                return Truth.MET
            case Truth.UNKNOWN:
                return Truth.UNKNOWN
            case _:
                assert_never(self)


def all_of(parts: Iterable[Truth]) -> Truth:
    """Return NOT_MET if some part is, MET if every part is, else UNKNOWN."""
    seen = tuple(parts)
    if Truth.NOT_MET in seen:
        return Truth.NOT_MET
    return Truth.UNKNOWN if Truth.UNKNOWN in seen else Truth.MET


def any_of(parts: Iterable[Truth]) -> Truth:
    """Return MET if some part is, NOT_MET if no part can be, else UNKNOWN."""
    seen = tuple(parts)
    if Truth.MET in seen:
        return Truth.MET
    return Truth.UNKNOWN if Truth.UNKNOWN in seen else Truth.NOT_MET


def at_least(number: int, parts: Iterable[Truth]) -> Truth:
    """Return MET if *number* parts are, NOT_MET if so many never can be, else UNKNOWN."""
    truths = list(parts)
    if truths.count(Truth.MET) >= number:
        return Truth.MET
    possible = len(truths) - truths.count(Truth.NOT_MET)
    return Truth.UNKNOWN if possible >= number else Truth.NOT_MET
