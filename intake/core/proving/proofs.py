"""What holds for each rule on every set of answers there is, and for no sample alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.core.proving import TooLargeError
from intake.core.proving.mutants import without_a_line
from intake.core.proving.tables import Bounds, Table
from intake.core.reading import case_of
from intake.core.rules import Level
from intake.core.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from intake.core.answers import Answer
    from intake.core.conditions import Condition
    from intake.core.proving.cells import Cells
    from intake.core.rules import Rule, RulePack


@dataclass(frozen=True, slots=True)
class Proof:
    """What is proved about one rule.

    Attributes:
        cases: How many cases its table holds; 0 when it was too large to be built.
        met: The smallest set of answers that meets it; None when none does.
        not_met: The smallest that rules it out.
        open: The smallest that leaves it unknown.
        fails_open: Answers that rule it out although something open could still meet it.
        idle_lines: Lines without which the rule would be the same.
        needless: Answers that leave it unknown although nothing that is open could matter.
        at_odds: Answers on which the table and the screening disagree.
    """

    rule_id: str
    cases: int
    met: Mapping[str, Answer] | None = None
    not_met: Mapping[str, Answer] | None = None
    open: Mapping[str, Answer] | None = None
    fails_open: Mapping[str, Answer] | None = None
    idle_lines: tuple[str, ...] = ()
    needless: Mapping[str, Answer] | None = None
    at_odds: Mapping[str, Answer] | None = None

    @property
    def method(self) -> str:
        """How it was proved."""
        if self.cases:
            return f"every one of {self.cases:,} cases"
        return "not proved: too many cases"


def prove(rule: Rule, cells: Cells) -> Proof:
    """Build the table of a rule and look through all of it."""
    try:
        table = Table(cells, [claim.when for claim in rule.claims])
    except TooLargeError:
        return Proof(rule.id, 0)
    bounds = table.bounds(rule.when)
    ruled_out = table.everything & ~bounds.possible
    met, not_met, is_open = (
        _example(table, rows) for rows in (bounds.certain, ruled_out, bounds.unknown)
    )
    return Proof(
        rule_id=rule.id,
        cases=table.size,
        met=met,
        not_met=not_met,
        open=is_open,
        fails_open=_example(table, _fails_open(rule, table)) or table.lawless,
        idle_lines=tuple(_idle_lines(rule.when, cells)),
        needless=None if table.compares_areas else _example(table, _needless(bounds, table)),
        at_odds=_at_odds(rule, cells.pack, table, bounds),
    )


def _example(table: Table, rows: int) -> dict[str, Answer] | None:
    row = table.smallest(rows)
    return None if row is None else table.answers(row)


def _fails_open(rule: Rule, table: Table) -> int:
    """Return the rows that rule a claim out although a completion of them does not.

    Every completion is reached by learning one answer after the other, so that it is enough to
    compare each row with those in which one answer says more.
    """
    found = 0
    for claim in rule.claims:
        if claim.level is Level.CAUTION:
            continue
        possible = table.bounds(claim.when).possible
        for dimension in table.dimensions.values():
            for place, others in enumerate(dimension.turns_into):
                ruled_out = table.where(dimension, place) & ~possible
                for other in others:
                    found |= ruled_out & table.moved(possible, dimension, other, place)
    return found


def _idle_lines(condition: Condition, cells: Cells) -> Iterator[str]:
    """Yield the lines whose loss changes nothing."""
    for words, lesser in without_a_line(condition):
        table = Table(cells, [condition, lesser])
        if table.bounds(condition) == table.bounds(lesser):
            yield words


def _needless(bounds: Bounds, table: Table) -> int:
    """Return the rows that are unknown although every completion of them agrees."""
    possible, certain = bounds.possible, bounds.certain
    for dimension in table.dimensions.values():
        wider, narrower = 0, 0
        for place, others in enumerate(dimension.turns_into):
            known = [other for other in others if not dimension.turns_into[other]]
            here = table.where(dimension, place)
            if not known:
                wider |= possible & here
                narrower |= certain & here
                continue
            some, every = 0, here
            for other in known:
                some |= table.moved(possible, dimension, other, place)
                every &= table.moved(certain, dimension, other, place)
            wider |= some
            narrower |= every
        possible, certain = wider, narrower
    return bounds.unknown & (certain | ~possible)


def _at_odds(rule: Rule, pack: RulePack, table: Table, bounds: Bounds) -> dict[str, Answer] | None:
    """Hold the smallest case of each outcome against the screening itself."""
    for rows, truth in (
        (bounds.certain, Truth.MET),
        (bounds.unknown, Truth.UNKNOWN),
        (table.everything & ~bounds.possible, Truth.NOT_MET),
    ):
        answers = _example(table, rows)
        if answers is None:
            continue
        if rule.when.truth(case_of(pack, answers, table.today)) is not truth:
            return answers
    return None


def shadowed(rules: Iterable[Rule], cells: Cells) -> Iterator[tuple[Rule, Rule]]:
    """Yield each rule that is met only where a more serious one is met too, with that one.

    Most pairs are refuted by the smallest patient who meets the first rule; the others are looked
    at in a table of both.
    """
    every = tuple(rules)
    for one in every:
        highest = min(claim.level.triage.rank for claim in one.claims)
        suspects = [other for other in every if other.level.triage.rank < highest]
        witness = _example_of(one, cells)
        if witness is None:
            continue
        case = case_of(cells.pack, witness, cells.today)
        for other in suspects:
            if other.when.truth(case) is Truth.MET and _implies(one.when, other.when, cells):
                yield one, other


def _example_of(rule: Rule, cells: Cells) -> dict[str, Answer] | None:
    try:
        table = Table(cells, [rule.when])
    except TooLargeError:
        return None
    return _example(table, table.bounds(rule.when).certain)


def _implies(one: Condition, other: Condition, cells: Cells) -> bool:
    """Tell whether *other* is met wherever *one* is."""
    try:
        table = Table(cells, [one, other])
    except TooLargeError:
        return False
    return table.bounds(one).certain & ~table.bounds(other).certain == 0


def is_as_strict(lowered: Rule, written: Rule, cells: Cells, as_written: RulePack) -> bool:
    """Tell whether *lowered* is met, or open, wherever *written* is.

    Each is judged under the gates of its own pack.

    Raises:
        TooLargeError: there are too many cases to look at.
    """
    gates = (cells.pack.gates, as_written.gates)
    table = Table(cells, [lowered.when, written.when], gates=gates)
    mine = table.bounds(lowered.when)
    theirs = table.under(as_written.gates).bounds(written.when)
    return not (theirs.possible & ~mine.possible or theirs.certain & ~mine.certain)
