"""The rules in which two packs differ, asked of a case by themselves.

Where packs differ in a few rules and nothing else, all others find what they found. So those few
are judged, on the answers that decide them, and nothing else of a case has to be looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from intake.core.bounds import Bounds
from intake.core.conditions import gating
from intake.core.questionnaire import PLAN_PREFIX
from intake.core.reading import case_of
from intake.core.rules import Triage
from intake.core.screening import in_order, judge, latest_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from intake.core.answers import Answer
    from intake.core.rules import Rule, RulePack
    from intake.core.screening import Finding, Screening

_SHARED = "plan", "items", "vocabulary", "conditions", "settings", "labels"
"""What else decides of a rule what it finds; that it is worded otherwise counts as well."""


def differing(before: RulePack, after: RulePack) -> frozenset[str] | None:
    """Return the rules in which packs differ; None where they differ in what all rules rest on."""
    if any(getattr(before, part) != getattr(after, part) for part in _SHARED):
        return None
    old, new = _by_id(before.rules), _by_id(after.rules)
    return frozenset(id_ for id_ in old.keys() | new.keys() if old.get(id_) != new.get(id_))


def _by_id(rules: Iterable[Rule]) -> dict[str, Rule]:
    """Return rules by their ids, wherever they stand in their files."""
    return {rule.id: replace(rule, where="") for rule in rules}


class CannotNarrowError(Exception):
    """A case has to be screened again whole."""


class Narrowed:
    """Some rules of a pack, with the questions that decide them.

    Args:
        pack: The pack.
        rule_ids: Which; those that it does not have find nothing.

    Attributes:
        rule_ids: The same.
        questions: What has to be read of a form to judge them, beside its treatment plan.
    """

    def __init__(self, pack: RulePack, rule_ids: frozenset[str]) -> None:
        self.rule_ids = rule_ids
        self._pack = pack
        rules = [rule for rule in pack.rules if rule.id in rule_ids]
        whens = [claim.when for rule in rules for claim in rule.claims]
        decided_by = gating((s for when in whens for s in when.subjects), pack.gates)
        gates = {k: pack.gates[k] for k in decided_by if k in pack.gates}
        self._bounds = Bounds(whens, gates)
        self._rules = [rule for rule in rules for _ in rule.claims]
        self.questions = frozenset(s for s in decided_by if not s.startswith(PLAN_PREFIX))

    def find(self, plan: str, answers: Iterable[tuple[str, str]], today: date) -> list[Finding]:
        """Judge them on a form.

        Args:
            plan: All of its treatment plan, as JSON.
            answers: Those to the questions, each with its link id, as JSON.
            today: The day it is judged for.

        Raises:
            CannotNarrowError: one of them cannot be judged by that.
        """
        read = self._pack.reader.read(plan, answers, today)
        case = case_of(self._pack, _Some(read, self.questions), today)
        few = {self._rules[place].id: self._rules[place] for place, _ in self._bounds.open(case)}
        found = [judge(rule, case, self._pack) for rule in few.values()]
        if any(finding is None or finding.error for finding in found):
            raise CannotNarrowError
        return [finding for finding in found if finding is not None]

    def put_beside(self, then: Screening, found: Iterable[Finding]) -> Screening:
        """Return the screening of this pack: they find something else, all others what they found.

        Args:
            then: Made with a pack that differs in these rules alone.
            found: What they find of the same form for the same day.

        Raises:
            CannotNarrowError: it would be less serious, which only all rules together may say.
        """
        others = (finding for finding in then.findings if finding.rule_id not in self.rule_ids)
        findings = sorted([*others, *found], key=in_order)
        triage = Triage.most_serious([finding.effect for finding in findings])
        if triage.rank > then.triage.rank:
            raise CannotNarrowError
        return replace(
            then,
            pack_hash=self._pack.hash,
            pack_version=self._pack.version,
            triage=triage,
            findings=tuple(findings),
            earliest_safe_date=latest_date(findings),
        )


class _Some(Mapping[str, "Answer"]):
    """Answers to some questions. To ask for another one breaks the rule that does."""

    def __init__(self, read: Mapping[str, Answer], questions: frozenset[str]) -> None:
        self._read = read
        self._questions = questions

    def __getitem__(self, link_id: str) -> Answer:
        if link_id not in self._questions and not link_id.startswith(PLAN_PREFIX):
            raise LookupError  # and no KeyError: nobody knows whether there is one
        return self._read[link_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)
