"""Holding a screening that was stored against what the same rules say of it again."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
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
        on: The day for which it was screened; like the triage None where nobody can read it.
        pack: The version of its rules and the beginning of their content hash.
        engine: The version of the engine that made it; blank where nobody can read that.
        then: The triage that was stored.
        now: The triage now; None when it cannot be screened again.
        rules: What changed, by rule.
        other: What else is otherwise, by its name: a date, what was set aside, what is unknown, the
            order of the findings, a column beside them.
        fault: Why it cannot be screened again; blank when it can.
    """

    screening_id: str
    response_id: str
    on: date | None
    pack: str
    engine: str
    then: Triage | None
    now: Triage | None
    rules: tuple[RuleChange, ...] = ()
    other: tuple[str, ...] = ()
    fault: str = ""

    @property
    def direction(self) -> Direction | None:
        """Which way the triage went; None when nobody can tell."""
        if self.then is None or self.now is None:
            return None
        return direction(self.then, self.now)


def direction(then: Triage, now: Triage) -> Direction:
    """Tell which way a triage went."""
    if now is then:
        return Direction.SAME
    return Direction.LOWER if now.rank > then.rank else Direction.HIGHER


def changes(then: Screening, now: Screening) -> Iterator[RuleChange]:
    """Yield the rules of which something else is found, those that were found before first.

    A rule has one finding; one that stands there a second time is a change of its own.
    """
    before, after = _by_rule(then), _by_rule(now)
    for rule_id in dict.fromkeys([*before, *after]):
        pairs = zip_longest(before.get(rule_id, ()), after.get(rule_id, ()))
        yield from (RuleChange(rule_id, *pair) for pair in pairs if pair[0] != pair[1])


def _by_rule(screening: Screening) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in screening.findings:
        found.setdefault(finding.rule_id, []).append(finding)
    return found


ORDER = "order of findings"
WORDING = "wording of what is stored"
COLUMN = "column {name}"
_SAID_ELSEWHERE = "findings", "triage", "engine_version"


def held_against(
    screening_id: str,
    response_id: str,
    then: Screening,
    now: Screening,
    *,
    beside: Sequence[str] = (),
    is_worded_so: bool = True,
) -> Difference | None:
    """Compare a stored screening with what is found again; None when it is the same.

    All of it has to be: which answers a finding cites and in which order findings stand as much as
    the triage. Only the version of the engine may be another.

    Args:
        screening_id: Which.
        response_id: Of which form.
        then: What was stored.
        now: What is found again.
        beside: The columns that do not say the same.
        is_worded_so: Whether nothing else stands in what was stored.
    """
    rules = tuple(changes(then, now))
    other = [
        one.name
        for one in fields(then)
        if one.name not in _SAID_ELSEWHERE and getattr(then, one.name) != getattr(now, one.name)
    ]
    if not rules and then.findings != now.findings:
        other.append(ORDER)
    other += [COLUMN.format(name=name) for name in beside]
    if not rules and not other and then.triage is now.triage:
        if is_worded_so:
            return None
        other.append(WORDING)
    return Difference(
        screening_id=screening_id,
        response_id=response_id,
        on=then.on,
        pack=pack_name(then.pack_version, then.pack_hash),
        engine=then.engine_version,
        then=then.triage,
        now=now.triage,
        rules=rules,
        other=tuple(other),
    )


def pack_name(version: str, hash_: str) -> str:
    """Name rules by their version and the beginning of their content hash."""
    return f"{version}+{hash_[:12]}"
