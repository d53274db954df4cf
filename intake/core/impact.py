"""What another pack would make of patients whom the rules have seen: who, which way, by what.

The answers, what was told beside them and the day are those of the screening that counts; only the
rules are others. So whatever differs comes of them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from intake.core.figures import FEW
from intake.core.former_names import renamed
from intake.core.questionnaire import PLAN_PREFIX
from intake.core.replay import Direction, direction
from intake.core.review import (
    GOING_AHEAD,
    NEEDING_REASON,
    OPEN,
    CaseStatus,
    is_for_dermatologist,
)
from intake.core.rules import Triage
from intake.core.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import date
    from typing import Any

    from intake.core.decisions import Disposition
    from intake.core.questionnaire import Item
    from intake.core.records import Response
    from intake.core.rules import RulePack
    from intake.core.screening import Finding, Screening


class Group(StrEnum):
    """Where a patient stands to whom other rules may matter; treated ones are among the decided."""

    WAITING = "waiting"
    DEFERRED = "deferred"
    BOOKED = "booked"
    DECIDED = "decided"


GROUPS: Mapping[Group, str] = {
    Group.WAITING: "waiting for a decision",
    Group.DEFERRED: "deferred to a day",
    Group.BOOKED: "to be treated",
    Group.DECIDED: "decided otherwise, or treated",
}


def group_of(status: CaseStatus, disposition: Disposition | None) -> Group | None:
    """Return where a case stands; None for one that counts no more, or is being filled."""
    if status in OPEN:
        return Group.WAITING
    if status is CaseStatus.DEFERRED:
        return Group.DEFERRED
    if status is CaseStatus.DECIDED:
        return Group.BOOKED if disposition in GOING_AHEAD else Group.DECIDED
    return Group.DECIDED if status is CaseStatus.TREATED else None


PRIVATE = "A rule about what is asked in private"
"""Stands for its title where others look on."""

NOT_COMPARED = "not-compared"
"""Stands for a rule where none could be asked."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A rule that does something else to a case.

    Attributes:
        then: What it did to the triage; None where it found nothing, or was not there.
        now: What it does now; None likewise.
        is_unasked: It could not be ruled out, and looks at a question the form did not ask.
        needs_dermatologist: A practitioner may not decide against what is found now.
        was_theirs: Nor could they before.
        rests_on: What stands for the answers that it rests on now, to tell whether others came.
    """

    rule_id: str
    title: str
    then: Triage | None
    now: Triage | None
    is_unasked: bool = False
    needs_dermatologist: bool = False
    was_theirs: bool = False
    rests_on: str = ""

    @property
    def direction(self) -> Direction:
        """Which way it moves the triage; nothing found does less than any finding."""
        return direction(self.then or Triage.ROUTINE, self.now or Triage.ROUTINE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case under other rules.

    Attributes:
        on: The day for which it was screened, and is again.
        then: Its triage as stored.
        now: Its triage under the other rules.
        moved: The rules that do something else, more serious ones first.
    """

    response_id: str
    group: Group
    on: date
    then: Triage
    now: Triage
    moved: tuple[Moved, ...] = ()

    @property
    def direction(self) -> Direction:
        """Which way the triage goes."""
        return direction(self.then, self.now)

    @property
    def is_unasked(self) -> bool:
        """Whether it is more serious only because the form did not ask what the rules look at."""
        return bool(self.raised) and all(one.is_unasked for one in self.raised)

    @property
    def raised(self) -> tuple[Moved, ...]:
        """The rules by which it is more serious; none where it is not."""
        return tuple(one for one in self.moved if one.now and one.now.rank < self.then.rank)

    @property
    def to_look_at(self) -> tuple[Moved, ...]:
        """The rules for which somebody has to look at the case again.

        Those by which it is more serious; whatever else would need a reason to go ahead in spite
        of it, and did not or was milder before, for who decided has not seen it; and what is left
        to a dermatologist who was not asked.
        """
        return tuple(
            one
            for one in self.moved
            if one in self.raised
            or (one.direction is Direction.HIGHER and one.now in NEEDING_REASON)
            or (one.needs_dermatologist and not one.was_theirs)
        )


def outcome(
    response_id: str,
    group: Group,
    then: Screening,
    now: Screening,
    packs: tuple[RulePack | None, RulePack],
) -> Outcome:
    """Compare what the rules said of a case with what others say.

    Args:
        response_id: The case.
        group: Where it stands.
        then: As stored.
        now: The same under the other rules.
        packs: That with which the form was begun, and the other one. None for one that cannot be
            read: then nothing counts as not asked, and nothing as left to a dermatologist before.
    """
    begun, pack = packs
    rules, asked = pack.rules_by_id, begun.items if begun else pack.items
    before, after = ({f.rule_id: f for f in one.findings} for one in (then, now))
    former = renamed(asked, pack.items)
    moved = []
    for rule_id in dict.fromkeys([*before, *after]):
        was, found = before.get(rule_id), after.get(rule_id)
        theirs = found is not None and is_for_dermatologist(found, rules)
        was_theirs = bool(was and begun and is_for_dermatologist(was, begun.rules_by_id))
        if _effect(was) is _effect(found) and theirs <= was_theirs:
            continue  # other words, or another date
        rule = rules.get(rule_id)
        unasked = set(rule.subjects if rule else ()) - asked.keys() - former.keys()
        moved.append(
            Moved(
                rule_id,
                next(one.title for one in (found, was) if one),
                _effect(was),
                _effect(found),
                is_unasked=found is not None and found.truth is Truth.UNKNOWN and bool(unasked),
                needs_dermatologist=theirs,
                was_theirs=was_theirs,
                rests_on=_rests_on(found) if found else "",
            )
        )
    moved.sort(key=lambda one: ((one.now or Triage.ROUTINE).rank, one.rule_id))
    return Outcome(response_id, group, then.on, then.triage, now.triage, tuple(moved))


def not_compared(response_id: str, group: Group, then: Screening) -> Outcome:
    """Return what is said of a case that rules could not be held against, by a fault of ours."""
    title = "This case could not be held against the rules"
    moved = Moved(NOT_COMPARED, title, None, Triage.REVIEW)
    now = Triage.most_serious([then.triage, Triage.REVIEW])
    return Outcome(response_id, group, then.on, then.triage, now, (moved,))


def rules_to_name(*packs: RulePack | None) -> frozenset[str]:
    """Return the rules of packs that look at nothing asked in private."""
    return frozenset(
        rule.id
        for pack in packs
        if pack is not None
        for rule in pack.rules
        if not pack.questionnaire.private & set(rule.subjects)
    ) | {NOT_COMPARED}


def without_private(outcome: Outcome, named: Collection[str]) -> Outcome:
    """Return what other rules make of a case, for whoever reads no cases."""
    moved = tuple(
        one if one.rule_id in named else replace(one, rule_id="private", title=PRIVATE)
        for one in outcome.moved
    )
    return replace(outcome, moved=moved)


def _effect(finding: Finding | None) -> Triage | None:
    return finding.effect if finding else None


def _rests_on(finding: Finding) -> str:
    said = sorted((one.link_id, one.said) for one in finding.cited)
    return hashlib.sha256(repr((finding.weight, said)).encode()).hexdigest()[:16]


def under_other_names(response: Response, asked: Mapping[str, Item], pack: RulePack) -> Response:
    """Return a form as if its questions had the ids that another pack gives them."""
    former = renamed(asked, pack.items)
    if not former:
        return response
    raw = {**response.answers, **{PLAN_PREFIX + k: v for k, v in response.plan.items()}}
    for name, before in former.items():
        if before in raw:
            raw[name] = raw.pop(before)
    plan = {k.removeprefix(PLAN_PREFIX): v for k, v in raw.items() if k.startswith(PLAN_PREFIX)}
    answers = {k: v for k, v in raw.items() if not k.startswith(PLAN_PREFIX)}
    return replace(response, answers=answers, plan=plan)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many cases stand somewhere, and what becomes of them.

    Attributes:
        ways: How many go which way.
        unasked: How many of the more serious ones only for want of an answer nobody asked for.
        recalled: How many somebody would have to look at again; None where that was not counted.
    """

    cases: int = 0
    ways: Mapping[Direction, int] = field(default_factory=Counter)
    unasked: int = 0
    recalled: int | None = 0


@dataclass(frozen=True, slots=True)
class RuleCounted:
    """What a rule does to how many cases."""

    rule_id: str
    title: str
    higher: int
    lower: int
    unasked: int


class Impact:
    """What another pack makes of many cases, as counts; it does not grow with their number.

    Attributes:
        unscreened: How many cases were sent and never screened, so that nothing can be compared.
        others: How many were come to that other rules do not concern: they are being filled, or
            were withdrawn or replaced.
        counts_recalls: Whether it was counted who would be called back; passes that an earlier
            version of the program made did not.
    """

    def __init__(self) -> None:
        self.unscreened = 0
        self.others = 0
        self.counts_recalls = True
        self._groups: dict[Group, Counter[str]] = {group: Counter() for group in Group}
        self._triages: Counter[tuple[Group, Triage, Triage]] = Counter()
        self._rules: dict[str, Counter[str]] = {}
        self._titles: dict[str, str] = {}

    def add(self, found: Iterable[Outcome], unscreened: int = 0, others: int = 0) -> None:
        """Count some cases."""
        self.unscreened += unscreened
        self.others += others
        for one in found:
            self._groups[one.group].update(["cases", one.direction.value])
            self._groups[one.group]["unasked"] += one.is_unasked
            self._groups[one.group]["recalled"] += bool(one.to_look_at)
            self._triages[one.group, one.then, one.now] += 1
            for moved in one.moved:
                rule = self._rules.setdefault(moved.rule_id, Counter())
                rule[moved.direction.value] += 1
                rule["unasked"] += moved.is_unasked
                self._titles[moved.rule_id] = moved.title

    @classmethod
    def from_counts(cls, counts: Mapping[str, Any]) -> Impact:
        """Make it of the plain values that `counts` gave."""
        made = cls()
        made.unscreened = counts["unscreened"]
        made.others = counts.get("others", 0)
        made.counts_recalls = counts.get("counts_recalls", False)
        made._groups |= {Group(name): Counter(each) for name, each in counts["groups"].items()}
        made._triages.update(
            {(Group(group), Triage(a), Triage(b)): n for group, a, b, n in counts["triages"]}
        )
        made._rules = {rule_id: Counter(each) for rule_id, each in counts["rules"].items()}
        made._titles = dict(counts["titles"])
        return made

    @property
    def counts(self) -> dict[str, Any]:
        """All of it as plain values, of which `from_counts` makes it again."""
        return {
            "unscreened": self.unscreened,
            "others": self.others,
            "counts_recalls": self.counts_recalls,
            "groups": {group.value: dict(each) for group, each in self._groups.items()},
            "triages": [[*map(str, key), number] for key, number in self._triages.items()],
            "rules": {rule_id: dict(each) for rule_id, each in self._rules.items()},
            "titles": self._titles,
        }

    def told_to_others(self, named: Collection[str]) -> Impact:
        """Return the counts for whoever reads no cases.

        A rule that is not to be named, and that matters to few, is left out.

        Args:
            named: The rules that may be named, see `rules_to_name`.
        """
        told = Impact.from_counts(self.counts)
        told._rules = {
            rule_id: each
            for rule_id, each in self._rules.items()
            if rule_id in named or each["higher"] + each["lower"] >= FEW
        }
        return told

    def of(self, group: Group) -> Counted:
        """Return what becomes of the cases that stand somewhere."""
        found = self._groups[group]
        ways = Counter({way: found[way.value] for way in Direction})
        recalled = found["recalled"] if self.counts_recalls else None
        return Counted(found["cases"], ways, found["unasked"], recalled)

    @property
    def all(self) -> Counted:
        """What becomes of all of them."""
        every = [self.of(group) for group in Group]
        ways = {way: sum(one.ways[way] for one in every) for way in Direction}
        recalled = sum(o.recalled or 0 for o in every) if self.counts_recalls else None
        return Counted(sum(o.cases for o in every), ways, sum(o.unasked for o in every), recalled)

    def moves(self) -> Iterator[tuple[Group, Triage, Triage, int]]:
        """Yield how many cases of which group go from which triage to which other."""
        order = list(Group)
        for (group, then, now), number in sorted(
            self._triages.items(), key=lambda p: (order.index(p[0][0]), p[0][1].rank, p[0][2].rank)
        ):
            if then is not now:
                yield group, then, now, number

    def rules(self) -> list[RuleCounted]:
        """Return the rules that do something else, those that matter to most cases first."""
        found = [
            RuleCounted(id_, self._titles[id_], n["higher"], n["lower"], n["unasked"])
            for id_, n in self._rules.items()
        ]
        return sorted(found, key=lambda one: (-one.lower, -one.higher, one.rule_id))
