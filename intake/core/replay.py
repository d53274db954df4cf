"""Holding a screening that was stored against what the same rules say of it again."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from intake.core.rules import Triage
    from intake.core.screening import Finding, Screening


class Direction(StrEnum):
    """Which way a triage went; the one that may have let somebody through comes first."""

    LOWER = "lower"
    HIGHER = "higher"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule of which something else is found now.

    Attributes:
        then: What was stored; None where nothing was found.
        now: What is found again.
    """

    rule_id: str
    then: Finding | None
    now: Finding | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A screening that does not come out as it was stored.

    Attributes:
        screening_id: Which.
        response_id: Of which form.
        on: The day for which it was screened.
        pack: The version of its rules and the beginning of their content hash.
        engine: The version of the engine that made it.
        then: The triage that was stored.
        now: The triage now; None when it cannot be screened again.
        rules: What changed, by rule.
        other: What else changed, by its name: a date, what was set aside, what is unknown.
        fault: Why it cannot be screened again; blank when it can.
    """

    screening_id: str
    response_id: str
    on: date
    pack: str
    engine: str
    then: Triage
    now: Triage | None
    rules: tuple[RuleChange, ...] = ()
    other: tuple[str, ...] = ()
    fault: str = ""

    @property
    def direction(self) -> Direction | None:
        """Which way the triage went; None when nobody can tell."""
        return None if self.now is None else direction(self.then, self.now)


def direction(then: Triage, now: Triage) -> Direction:
    """Tell which way a triage went."""
    if now is then:
        return Direction.SAME
    return Direction.LOWER if now.rank > then.rank else Direction.HIGHER


def changes(then: Screening, now: Screening) -> Iterator[RuleChange]:
    """Yield the rules of which something else is found, those that were found before first."""
    before, after = _by_rule(then), _by_rule(now)
    for rule_id in dict.fromkeys([*before, *after]):
        if before.get(rule_id) != after.get(rule_id):
            yield RuleChange(rule_id, before.get(rule_id), after.get(rule_id))


def _by_rule(screening: Screening) -> dict[str, Finding]:
    return {finding.rule_id: finding for finding in screening.findings}


_SAID_OF_THE_FORM = ("earliest_safe_date", "set_aside", "unknown_count")


def held_against(
    screening_id: str, response_id: str, then: Screening, now: Screening
) -> Difference | None:
    """Compare a stored screening with what is found again; None when it is the same.

    All of it has to be: which answers a finding cites as much as the triage. Only the version of
    the engine may be another.
    """
    rules = tuple(changes(then, now))
    other = tuple(name for name in _SAID_OF_THE_FORM if getattr(then, name) != getattr(now, name))
    if not rules and not other and then.triage is now.triage:
        return None
    return _difference(screening_id, response_id, then, now.triage, rules=rules, other=other)


def not_again(screening_id: str, response_id: str, then: Screening, fault: str) -> Difference:
    """Return what is said of a screening that cannot be made again."""
    return _difference(screening_id, response_id, then, None, fault=fault)


def _difference(
    screening_id: str,
    response_id: str,
    then: Screening,
    now: Triage | None,
    *,
    rules: tuple[RuleChange, ...] = (),
    other: tuple[str, ...] = (),
    fault: str = "",
) -> Difference:
    return Difference(
        screening_id=screening_id,
        response_id=response_id,
        on=then.on,
        pack=f"{then.pack_version}+{then.pack_hash[:12]}",
        engine=then.engine_version,
        then=then.triage,
        now=now,
        rules=rules,
        other=other,
        fault=fault,
    )
