"""How often rules fire and are decided against, and how long people wait.

What is counted, and how. A case is a form that was sent; versions that a newer one has replaced,
and forms entered in error, are left out. A rule counts once for each case and each version of the
pack, from the newest screening in which it stands: a rule that deferred a case fired, although it
is gone when the case is screened again on its day. Met and "could not be ruled out" are counted
apart. The decision on it is the last one made on that screening, if it answers: going ahead,
deferring and not treating do; referring and asking for more leave it open. Going ahead in spite of
a finding that needs a reason is deciding against it; reading a caution is not.

Cases are looked at one by one and none is kept. What stays is a number for each rule, and for each
wait a count by whole minutes, so the memory follows the rules and not the cases.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from intake.core.decisions import Disposition, OverrideReason
from intake.core.figures import SMALL, Share, Wait, told, within
from intake.core.records import ResponseStatus
from intake.core.review import GOING_AHEAD, NEEDING_REASON, OPEN, Facts, status_of
from intake.core.rules import Level, Triage
from intake.core.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date, datetime

    from intake.core.rules import Rule, RulePack

ENDS = (*GOING_AHEAD, Disposition.DEFER, Disposition.DO_NOT_TREAT)
"""Decisions after which nobody at the desk has anything to do for now."""


@dataclass(frozen=True, slots=True)
class Found:
    """One finding of a screening, as far as it is counted."""

    rule_id: str
    truth: Truth
    effect: Triage


@dataclass(frozen=True, slots=True)
class Screened:
    """One screening, as far as it is counted."""

    id: str
    pack_hash: str
    triage: Triage
    found: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision, as far as it is counted.

    Attributes:
        reasons: Why it went against findings, by rule.
    """

    screening_id: str
    disposition: Disposition
    at: datetime
    until: date | None = None
    reasons: Mapping[str, OverrideReason] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent:
    """One case: a form that was sent, what was found and what was decided, oldest first."""

    at: datetime
    screenings: tuple[Screened, ...] = ()
    decisions: tuple[Decided, ...] = ()

    @property
    def ended_after(self) -> int | None:
        """The whole minutes to the first decision that is an end; None while there is none."""
        ends = (d.at for d in self.decisions if d.disposition in ENDS)
        at = next(ends, None)
        return None if at is None else _minutes(self.at, at)

    def is_open_again(self, today: date) -> bool:
        """Whether there is something to do although it was decided to an end before."""
        if self.ended_after is None:
            return False
        last = self.decisions[-1]
        facts = Facts(ResponseStatus.COMPLETED, last.disposition, last.until, superseded=False)
        return status_of(facts, today) in OPEN

    def standing(self) -> Iterator[tuple[Screened, Found]]:
        """Yield every rule once for each pack, from the newest screening in which it stands."""
        newest = {(s.pack_hash, f.rule_id): (s, f) for s in self.screenings for f in s.found}
        yield from newest.values()

    def answer_to(self, screening: Screened) -> Decided | None:
        """Return the last decision made on a screening, if it answers what was found."""
        made = [d for d in self.decisions if d.screening_id == screening.id]
        return made[-1] if made and made[-1].disposition in ENDS else None


def _minutes(since: datetime, until: datetime) -> int:
    """Count whole minutes; a clock that was put back in between makes it none."""
    return max(0, int((until - since).total_seconds() // 60))


class RuleKey(NamedTuple):
    """What is counted by itself: a rule of one version, met or not ruled out."""

    pack_hash: str
    rule_id: str
    truth: Truth


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """What became of one rule; None stands for a number too small to be told.

    Attributes:
        fired: In how many cases it was met, or could not be ruled out.
        against: Of the decided cases in which it needed a reason, those that went ahead.
        reasons: Why, with how often, the most frequent first.
    """

    rule_id: str
    pack_hash: str
    pack_version: str
    title: str
    level: Level
    truth: Truth
    fired: int | None
    against: Share
    reasons: tuple[tuple[OverrideReason, int | None], ...]
    wait: Wait


@dataclass(frozen=True, slots=True)
class TriageFigures:
    """How many cases of one triage were sent, and how long they waited."""

    triage: Triage
    sent: int
    wait: Wait


class _Waiting:
    """Waits that come in one by one."""

    def __init__(self) -> None:
        self.times: Counter[int] = Counter()
        self.still = 0
        self.oldest: int | None = None

    def add(self, ended_after: int | None, so_far: int) -> None:
        """Take in a case: the minutes it waited, or how long it has waited so far."""
        if ended_after is None:
            self.still += 1
            self.oldest = max(self.oldest or 0, so_far)
        else:
            self.times[ended_after] += 1

    def wait(self) -> Wait:
        """Sum up."""
        ended = self.times.total()
        half, most = (within(self.times, n) if ended >= SMALL else None for n in (5, 9))
        return Wait(ended, half, most, max(self.times, default=None), self.still, self.oldest)


class _Rule:
    """What becomes of one rule, while cases come in one by one."""

    def __init__(self) -> None:
        self.fired = self.answered = self.ahead = 0
        self.reasons: Counter[OverrideReason] = Counter()
        self.waiting = _Waiting()

    def answer(self, decided: Decided | None, rule_id: str) -> None:
        """Take in the decision on a finding that needs a reason."""
        if decided is None:
            return
        self.answered += 1
        if decided.disposition in GOING_AHEAD:
            self.ahead += 1
            if rule_id in decided.reasons:
                self.reasons[decided.reasons[rule_id]] += 1


class Tally:
    """The counts, while cases come in one by one."""

    def __init__(self, now: datetime, today: date) -> None:
        self.now, self.today = now, today
        self.cases = 0
        self.open_again = 0
        self._rules: defaultdict[RuleKey, _Rule] = defaultdict(_Rule)
        self._triages = {triage: _Waiting() for triage in Triage}

    def add(self, case: Sent) -> None:
        """Take in one case; one that no rule has looked at is none."""
        if not case.screenings:
            return
        self.cases += 1
        self.open_again += case.is_open_again(self.today)
        ended_after, so_far = case.ended_after, _minutes(case.at, self.now)
        self._triages[case.screenings[0].triage].add(ended_after, so_far)
        for screening, found in case.standing():
            rule = self._rules[RuleKey(screening.pack_hash, found.rule_id, found.truth)]
            rule.fired += 1
            rule.waiting.add(ended_after, so_far)
            if found.effect in NEEDING_REASON:
                rule.answer(case.answer_to(screening), found.rule_id)

    def rules(self, packs: Mapping[str, RulePack]) -> tuple[RuleFigures, ...]:
        """Return every rule that fired, those first that are most surely decided against."""
        found = (_figures(k, counted, packs[k.pack_hash]) for k, counted in self._rules.items())
        return tuple(sorted(found, key=_by_certainty))

    def silent(self, packs: Iterable[RulePack]) -> Iterator[tuple[RulePack, Rule]]:
        """Yield every rule of these packs that never fired, with its pack."""
        fired = {(key.pack_hash, key.rule_id) for key in self._rules}
        for pack in packs:
            yield from ((pack, rule) for rule in pack.rules if (pack.hash, rule.id) not in fired)

    def triages(self) -> tuple[TriageFigures, ...]:
        """Return every triage, most serious first."""
        waits = ((triage, waiting.wait()) for triage, waiting in self._triages.items())
        return tuple(TriageFigures(t, (w.ended or 0) + (w.still or 0), w) for t, w in waits)


def _figures(key: RuleKey, counted: _Rule, pack: RulePack) -> RuleFigures:
    off = {rule.id: rule for rule in pack.switched_off}
    rule = pack.rules_by_id.get(key.rule_id) or off.get(key.rule_id)
    figures = RuleFigures(
        rule_id=key.rule_id,
        pack_hash=key.pack_hash,
        pack_version=pack.version,
        title=rule.title if rule else key.rule_id,
        level=rule.level if rule else Level.REVIEW,
        truth=key.truth,
        fired=counted.fired,
        against=Share(counted.ahead, counted.answered),
        reasons=tuple(counted.reasons.most_common()),
        wait=counted.waiting.wait(),
    )
    # Of a rule that the pack no longer has, nobody knows what it looked at.
    is_private = rule is None or bool(pack.questionnaire.private & set(rule.subjects))
    return without_few(figures) if is_private else figures


def _by_certainty(figures: RuleFigures) -> tuple[float, int, bool, int, str, str]:
    low = 0.0 if figures.against.is_small else figures.against.interval[0]
    is_open, rank = figures.truth is Truth.UNKNOWN, figures.level.triage.rank
    return -low, -(figures.fired or 0), is_open, rank, figures.rule_id, figures.pack_hash


def without_few(rule: RuleFigures) -> RuleFigures:
    """Leave out the numbers of a rule on private questions that could tell of one person."""
    wait = rule.wait
    if told(wait.ended) is None:
        wait = replace(wait, ended=None, longest=None)
    if told(wait.still) is None:
        wait = replace(wait, still=None, oldest=None)
    return replace(
        rule,
        fired=told(rule.fired),
        against=Share(told(rule.against.part), told(rule.against.whole)),
        reasons=tuple((reason, told(number)) for reason, number in rule.reasons),
        wait=wait,
    )
