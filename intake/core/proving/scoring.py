"""How many small faults the vignettes of a pack notice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from intake.core.proving import TooLargeError
from intake.core.proving.boundaries import Outcome, boundaries_of, over_base, telling_apart
from intake.core.proving.mutants import mutants_of
from intake.core.proving.tables import Table
from intake.core.reading import case_of, read_all
from intake.core.rules import Triage
from intake.core.screening import judge, latest_date, screen
from intake.core.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from intake.core.conditions import Case
    from intake.core.proving.boundaries import Boundary
    from intake.core.proving.cells import Cells
    from intake.core.proving.mutants import Mutant
    from intake.core.rules import Rule, RulePack, Vignette
    from intake.core.screening import Finding, Screening


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one mutant.

    Attributes:
        written: A vignette that people wrote notices it.
        generated: A generated case notices it.
        patient: The smallest patient on whom the rule and the mutant differ; None when they never
            do, so that nobody could notice.
    """

    mutant: Mutant
    written: bool
    generated: bool
    patient: Boundary | None

    @property
    def is_equivalent(self) -> bool:
        """Whether the fault changes nothing at all."""
        return self.patient is None


@dataclass(frozen=True)
class Score:
    """What became of every mutant of a pack."""

    verdicts: tuple[Verdict, ...]

    @cached_property
    def counted(self) -> tuple[Verdict, ...]:
        """The mutants that differ from their rule on somebody."""
        return tuple(v for v in self.verdicts if not v.is_equivalent)

    @property
    def written(self) -> float:
        """The share that written vignettes notice, from 0 to 1."""
        return _share(sum(v.written for v in self.counted), len(self.counted))

    @property
    def together(self) -> float:
        """The share that written and generated ones notice together."""
        return _share(sum(v.written or v.generated for v in self.counted), len(self.counted))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


class Watcher:
    """The vignettes of a pack, ready to be held against changed rules."""

    def __init__(self, pack: RulePack, generated: Iterable[Boundary] = ()) -> None:
        self._pack = pack
        self._watching = [_Watching(pack, vignette) for vignette in pack.vignettes]
        self._generated: dict[str, list[tuple[Boundary, Case]]] = {}
        for boundary in generated:
            read = over_base(pack, boundary.plan, boundary.answers, boundary.on)
            case = case_of(pack, read.answers, boundary.on)
            self._generated.setdefault(boundary.rule_id, []).append((boundary, case))

    def verdicts(self, rule: Rule, cells: Cells) -> Iterator[Verdict]:
        """Yield what becomes of each mutant of a rule.

        Of a rule too large for a table nothing is yielded: that it has to be divided is reported
        elsewhere.
        """
        try:
            groups = self._alike(rule, cells)
            for mutant in mutants_of(rule, self._pack.items):
                yield self._verdict(mutant, groups, cells)
        except TooLargeError:
            return

    def _verdict(
        self, mutant: Mutant, groups: Sequence[Sequence[_Watching]], cells: Cells
    ) -> Verdict:
        rule, changed = mutant.rule, mutant.changed
        pinned = self._generated.get(rule.id, ())
        return Verdict(
            mutant,
            any(self._notices(mutant, group) for group in groups),
            any(Outcome.of(judge(changed, case, self._pack)) != b.outcome for b, case in pinned),
            telling_apart(rule, changed, mutant.words, cells),
        )

    def _alike(self, rule: Rule, cells: Cells) -> list[list[_Watching]]:
        """Group the vignettes that a rule, however changed, cannot tell apart."""
        subjects = tuple(Table(cells, [claim.when for claim in rule.claims]).dimensions)
        groups: dict[object, list[_Watching]] = {}
        for one in self._watching:
            key = (one.vignette.on, *(one.case.answer(subject) for subject in subjects))
            groups.setdefault(key, []).append(one)
        return list(groups.values())

    def _notices(self, mutant: Mutant, group: Sequence[_Watching]) -> bool:
        case = group[0].case
        mine, theirs = (judge(rule, case, self._pack) for rule in (mutant.rule, mutant.changed))
        if Outcome.of(mine) == Outcome.of(theirs):
            return False
        return any(one.notices(mutant.rule.id, theirs) for one in group)


def generated_for(pack: RulePack, cells: Cells) -> Iterator[Boundary]:
    """Yield the cases around every line of every rule, and those that tell its mutants apart.

    The second kind is made only for mutants that the first does not notice, so that by them alone
    no small fault goes unnoticed.
    """
    unwatched = replace(pack, vignettes=())
    for rule in pack.rules:
        try:
            around = list(boundaries_of(rule, cells))
        except TooLargeError:
            continue
        yield from around
        watcher = Watcher(unwatched, around)
        for verdict in watcher.verdicts(rule, cells):
            if verdict.patient is not None and not verdict.generated:
                yield verdict.patient


class _Watching:
    """One vignette, screened once."""

    def __init__(self, pack: RulePack, vignette: Vignette) -> None:
        self.vignette = vignette
        read = read_all(pack, vignette.answers, vignette.plan, vignette.on)
        self.case = case_of(pack, read.answers, vignette.on)
        self._screening: Screening = screen(pack, read.answers, vignette.on)

    def notices(self, rule_id: str, finding: Finding | None) -> bool:
        """Tell whether what a changed rule gives is not what the vignette expects."""
        expect = self.vignette.expect
        truth = finding.truth if finding else Truth.NOT_MET
        wanted = {
            **dict.fromkeys(expect.silent, Truth.NOT_MET),
            **dict.fromkeys(expect.unknown, Truth.UNKNOWN),
            **dict.fromkeys(expect.fires, Truth.MET),
        }
        usual = Truth.NOT_MET if expect.exactly else truth
        found = [f for f in self._screening.findings if f.rule_id != rule_id]
        found += [finding] if finding else []
        return (
            truth is not wanted.get(rule_id, usual)
            or Triage.most_serious([f.effect for f in found]) is not expect.triage
            or (expect.earliest is not None and latest_date(found) != expect.earliest)
        )
