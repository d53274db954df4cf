"""A pack under examination, and what a check of it finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from intake.core.proving.cells import Cells
from intake.core.proving.proofs import prove
from intake.core.proving.scoring import Score, Watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from intake.core.proving.boundaries import Boundary
    from intake.core.proving.proofs import Proof
    from intake.core.rules import RulePack

POINTS = {
    1: "Shape of the files",
    2: "Every rule can be met, and can be ruled out",
    3: "No rule is hidden behind a more serious one",
    4: "Every question and answer is used",
    5: "No question hides what a rule needs, or tells what is private",
    6: "What is not known never lets a rule go",
    7: "Evidence, review dates, floors, settings",
    8: "Vignettes",
    9: "Words for patients",
}
"""What each point is about, by its number."""


@dataclass(frozen=True)
class Examined:
    """A pack under examination; what several checks need is worked out once.

    Attributes:
        boundaries: The generated cases kept beside the pack.
        as_written: The pack without what a clinic chose, if it chose anything: its vignettes are
            about the pack as it was written.
    """

    pack: RulePack
    today: date
    boundaries: tuple[Boundary, ...] = ()
    as_written: RulePack | None = None

    @property
    def written(self) -> RulePack:
        """The pack as its authors wrote it."""
        return self.as_written or self.pack

    @cached_property
    def cells(self) -> Cells:
        """The kinds of answer, on the day of the base patient."""
        return _cells_of(self.pack)

    @cached_property
    def written_cells(self) -> Cells:
        """The same of the pack as its authors wrote it."""
        return self.cells if self.as_written is None else _cells_of(self.as_written)

    @cached_property
    def proofs(self) -> tuple[Proof, ...]:
        """What is proved about each rule."""
        return tuple(prove(rule, self.cells) for rule in self.pack.rules)

    @cached_property
    def written_proofs(self) -> tuple[Proof, ...]:
        """What is proved about each rule as it was written."""
        if self.as_written is None:
            return self.proofs
        return tuple(prove(rule, self.written_cells) for rule in self.as_written.rules)

    @cached_property
    def score(self) -> Score:
        """What became of the mutants."""
        watcher, cells = Watcher(self.written, self.boundaries), self.written_cells
        rules = self.written.rules
        return Score(tuple(v for rule in rules for v in watcher.verdicts(rule, cells)))

    def where(self, proof: Proof) -> str:
        """Return where the rule of a proof stands."""
        return self.pack.rules_by_id[proof.rule_id].where


def _cells_of(pack: RulePack) -> Cells:
    return Cells(pack, pack.base.on if pack.base else pack.effective)


class Found(NamedTuple):
    """A place, and what is wrong there and what to do."""

    place: str
    words: str


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look for, and under which point it is reported."""

    point: int
    name: str
    find: Callable[[Examined], Iterator[Found]]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: which check found it, where, and what to do."""

    check: str
    place: str
    words: str

    def __str__(self) -> str:
        """Write it as `file:line: words`."""
        return f"{self.place}: {self.words}"


@dataclass(frozen=True, slots=True)
class Result:
    """What one check found."""

    check: Check
    problems: tuple[Problem, ...] = field(default=())
