"""What rules rest on: sources, settings, labels, conflicts, topics, staff duties, sign-offs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from intake.core.dates import Unit, Window

if TYPE_CHECKING:
    from datetime import date

    from intake.core.conditions import Condition


class Basis(StrEnum):
    """What a rule or a number rests on."""

    LABEL = "label"
    CONSENSUS = "consensus"
    TRIAL = "trial"
    SYSTEMATIC_REVIEW = "systematic review"
    CASE_REPORT = "case report"
    EXTRAPOLATED = "extrapolated"
    EXPERT_DEFAULT = "expert default"
    GENERAL_KNOWLEDGE = "general knowledge"
    LOCAL_POLICY = "local policy"
    LAW = "law"


@dataclass(frozen=True, slots=True)
class Source:
    """One entry of the evidence list."""

    id: str
    citation: str
    address: str
    says: str
    read: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing a clinic decided for itself, and who answers for it.

    Attributes:
        subject: What it concerns, such as `setting botulinum` or `rule melasma`.
        title: The same in words.
        about: What was chosen, in words, such as `21 days instead of 14 days`.
        who: The medical lead who decided.
        until: The first day on which it no longer counts.
    """

    subject: str
    title: str
    about: str
    who: str
    why: str
    when: date
    until: date

    def counts_on(self, day: date) -> bool:
        """Tell whether the choice is in force on *day*."""
        return self.when <= day < self.until


_SHORTEST = {Unit.DAYS: 1.0, Unit.WEEKS: 7.0, Unit.MONTHS: 365 / 12 - 3, Unit.YEARS: 365.0}
_LONGEST = {Unit.DAYS: 1.0, Unit.WEEKS: 7.0, Unit.MONTHS: 365 / 12 + 3, Unit.YEARS: 366.0}


def is_at_least(one: Window | Decimal, other: Window | Decimal) -> bool:
    """Tell whether *one* is never smaller than *other*.

    Days and weeks compare exactly, and so do months and years. Between the two kinds a window is
    as long as its calendar makes it, so that 180 days are not taken for six months.
    """
    if isinstance(one, Window) and isinstance(other, Window):
        calendar = {Unit.MONTHS: 1, Unit.YEARS: 12}
        if one.unit in calendar and other.unit in calendar:
            return one.count * calendar[one.unit] >= other.count * calendar[other.unit]
        return one.count * _SHORTEST[one.unit] >= other.count * _LONGEST[other.unit]
    return isinstance(one, Decimal) and isinstance(other, Decimal) and one >= other


@dataclass(frozen=True, slots=True)
class Setting:
    """A named window or threshold, so that a number stands in one place with its origin.

    Attributes:
        value: What counts: the default, or what the clinic chose within the range.
        default: What the pack proposes.
        lowest: The smallest value a clinic may choose.
        highest: The greatest.
        choice: The clinic's own value, if it has one that counts today.
    """

    name: str
    title: str
    value: Window | Decimal
    default: Window | Decimal
    unit: str
    lowest: Window | Decimal
    highest: Window | Decimal
    basis: tuple[Basis, ...]
    source_note: str
    sources: tuple[str, ...] = ()
    choice: Choice | None = None

    def __str__(self) -> str:
        """Write the value as in the file."""
        return self._written(self.value)

    @property
    def written_default(self) -> str:
        """The pack's own value, as in the file."""
        return self._written(self.default)

    @property
    def range(self) -> str:
        """The values a clinic may choose, as in the file."""
        return f"{self._written(self.lowest)} to {self._written(self.highest)}"

    def allows(self, value: Window | Decimal) -> bool:
        """Tell whether *value* lies in the range."""
        return is_at_least(value, self.lowest) and is_at_least(self.highest, value)

    def _written(self, value: Window | Decimal) -> str:
        return str(value) if isinstance(value, Window) else f"{value} {self.unit}".strip()


@dataclass(frozen=True, slots=True)
class DeviceLabel:
    """What the maker of a device says; it can make a rule stricter, never milder.

    Attributes:
        choice: Set when the clinic works under this label: it then applies to every plan.
    """

    id: str
    title: str
    note: str
    sources: tuple[str, ...]
    choice: Choice | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """What some of the sources say on a question on which sources differ."""

    says: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A question on which the sources differ, and what this pack does about it.

    Attributes:
        default: What the pack does until a clinic chooses otherwise.
        options: What a clinic may choose instead; empty when nothing.
        settings: The settings in which that choice is made.
    """

    id: str
    topic: str
    positions: tuple[Position, ...]
    default: str
    options: str = ""
    settings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing a pack must take care of, so that gaps show.

    Attributes:
        left_out: Why nothing in the pack covers it; empty when something does.
    """

    id: str
    title: str
    group: str
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Duty:
    """One line of the staff's checklist for the day of treatment.

    Attributes:
        when: For which cases it is shown; None for all.
    """

    id: str
    text: str
    group: str
    covers: tuple[str, ...] = ()
    when: Condition | None = None


NOT_REVIEWED = "not yet reviewed by a clinician"


@dataclass(frozen=True, slots=True)
class SignOff:
    """The word of somebody qualified that a rule, or a translation, is right as it stood.

    Attributes:
        of: The id of the rule, or the tag of the language.
        digest: Its content on that day, see `intake.core.digests` and `intake.core.translations`.
    """

    of: str
    by: str
    role: str
    on: date
    digest: str
