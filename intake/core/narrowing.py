"""The rules in which two packs differ, asked of a case by themselves.

Where packs differ in a few rules and nothing else, all others find what they found. So a case of
which those few find nothing, and found nothing, is as it was, and nothing else of it has to be
looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from intake.core.bounds import Bounds
from intake.core.conditions import gating
from intake.core.questionnaire import PLAN_PREFIX
from intake.core.reading import case_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from intake.core.answers import Answer
    from intake.core.rules import Rule, RulePack

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
        rules = (rule for rule in pack.rules if rule.id in rule_ids)
        whens = [claim.when for rule in rules for claim in rule.claims]
        decided_by = gating((s for when in whens for s in when.subjects), pack.gates)
        gates = {k: pack.gates[k] for k in decided_by if k in pack.gates}
        self._bounds = Bounds(whens, gates)
        self.questions = frozenset(s for s in decided_by if not s.startswith(PLAN_PREFIX))

    def finds(self, plan: str, answers: Iterable[tuple[str, str]], today: date) -> bool:
        """Tell whether any of them finds something of a form, or cannot be judged.

        Args:
            plan: All of its treatment plan, as JSON.
            answers: Those to the questions, each with its link id, as JSON.
            today: The day it is judged for.
        """
        read = self._pack.reader.read(plan, answers, today)
        case = case_of(self._pack, _Some(read, self.questions), today)
        try:
            return bool(self._bounds.open(case))
        except Exception:  # noqa: BLE001 - a fault of ours; judging it among all says so
            return True


class _Some(Mapping[str, "Answer"]):
    """Answers to some questions. To ask for another one breaks the rule that does, so it is met."""

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
