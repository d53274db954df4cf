"""Findings that come again: most patients give the same few answers to what a rule looks at.

A finding never changes once it is made, so where all that it rests on is the same, it is the same
finding. It rests on the truth of the sentences in its rule, on the words of what it cites, and,
where dates are measured, on the day; what measures dates is never kept.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from intake.core.answers import Chosen, Missing, Picked
from intake.core.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.core.conditions import Case
    from intake.core.rules import RulePack
    from intake.core.screening import Finding

MOST_KEPT = 20_000
"""How many findings are kept; then all are forgotten, so that memory stays the same for ever."""

Code: TypeAlias = "str | frozenset[str] | int"
"""What stands for an answer: options by their codes, a number for why there is no value.

Nothing else ever stands for one: what a patient wrote, dates and numbers would tell who it was.
"""

_NOT_ASKED = -1
_WITHOUT_VALUE: dict[Missing, Code] = {reason: number for number, reason in enumerate(Missing)}


class Codes(dict[str, "Code | None"]):
    """What stands for each answer of a case, None where that is in the patient's own words.

    Worked out when it is first asked for: many findings rest on the same few.
    """

    def __init__(self, case: Case) -> None:
        super().__init__()
        self._case = case

    def __missing__(self, link_id: str) -> Code | None:
        code = self[link_id] = _code_of(link_id, self._case)
        return code


def _code_of(link_id: str, case: Case) -> Code | None:
    if case.asked(link_id) is Truth.NOT_MET:
        return _NOT_ASKED
    answer = case.answer(link_id)
    if isinstance(answer, Chosen):
        return answer.code
    if isinstance(answer, Missing):
        return _WITHOUT_VALUE[answer]
    if isinstance(answer, Picked) and not answer.unsure and not answer.spots:
        return answer.codes
    return None


class _Alike(NamedTuple):
    """Findings of one rule that rest on the same sentences for the same reasons.

    Attributes:
        cited: Returns what stands for the answers they cite.
        findings: Each by that.
    """

    cited: Callable[[Codes], object]
    findings: dict[object, Finding]


class Recurring:
    """Keeps findings of a pack."""

    def __init__(self, pack: RulePack) -> None:
        self._rests_on = _rests_on(pack)
        self._kept: list[dict[int, _Alike]] = [{} for _ in pack.rules]
        self._number = 0

    def find(self, place: int, found: int, codes: Codes) -> Finding | None:
        """Return the finding of a rule, if the same was made before.

        Args:
            place: The rule's place in the pack.
            found: What was found of the case, see `Bounds.found`.
            codes: What stands for its answers.
        """
        rests_on = self._rests_on[place]
        alike = None if rests_on is None else self._kept[place].get(found & rests_on)
        return None if alike is None else alike.findings.get(alike.cited(codes))

    def keep(self, place: int, found: int, codes: Codes, finding: Finding) -> None:
        """Keep a finding, if nothing but options and what is missing makes it so.

        One that cites nothing is not kept: so it is with those of rules that could not be judged.
        """
        rests_on = self._rests_on[place]
        cites = dict.fromkeys(cited.link_id for cited in finding.cited)
        if rests_on is None or not cites or any(codes[link_id] is None for link_id in cites):
            return
        if self._number >= MOST_KEPT:
            self._kept = [{} for _ in self._rests_on]
            self._number = 0
        alike = self._kept[place].setdefault(found & rests_on, _Alike(itemgetter(*cites), {}))
        alike.findings[alike.cited(codes)] = finding
        self._number += 1


def _rests_on(pack: RulePack) -> list[int | None]:
    """Return of each rule the bits that decide it; None where something else does as well."""
    bits: list[int | None] = [0] * len(pack.rules)
    for place, claim, rests_on in zip(
        pack.claimants,
        (claim for rule in pack.rules for claim in rule.claims),
        pack.bounds.rests_on,
        strict=True,
    ):
        so_far = bits[place]
        if so_far is None or rests_on is None or pack.dated_in(claim.when):
            bits[place] = None
        else:
            bits[place] = so_far | rests_on
    return bits
