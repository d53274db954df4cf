"""Our rules in other engines, as their authors would type them and made correct: `make bench`.

Of the shipped rules those are taken that look at choices, lists and numbers alone: dates and
medicines no other engine knows. The limit is the same in plain Python, written out in one function.
"""

from __future__ import annotations

import random
import statistics
import time
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from intake.core.answers import Chosen, Measured, Missing, Picked
from intake.core.conditions import All, AnyOf, Named, Not
from intake.core.questionnaire import Kind
from intake.core.reading import case_of, read_all
from intake.core.screening import screen
from intake.core.sentences import Compares, Includes, Is, PlanIs, Quantifier
from intake.core.truth import Truth
from tests.answering import some_answer
from tests.peers.dialects import CEL, PYTHON, UNSURE, Writing, variable
from tests.peers.engines import PEERS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import date

    from intake.core.answers import Answer
    from intake.core.conditions import Condition
    from intake.core.rules import Rule, RulePack
    from tests.measured import Table

PATIENTS = 300
BATCHES = 5
"""Of so many batches of patients who were never seen, that in the middle counts."""

AT_LEAST_S = 1.5
"""For how long each way is measured."""


def told_elsewhere(pack: RulePack) -> list[Rule]:
    """Return the rules that other engines can be told."""
    return [rule for rule in pack.rules if all(_can_be_told(c.when, pack) for c in rule.claims)]


def _can_be_told(condition: Condition, pack: RulePack) -> bool:
    def is_plain(sentence: Any) -> bool:
        item, gate = pack.items[sentence.subject], pack.gates.get(sentence.subject)
        known = (
            isinstance(sentence, Is | PlanIs | Includes | Compares) and item.kind is not Kind.DATE
        )
        is_all = isinstance(sentence, Includes) and sentence.quantifier is Quantifier.ALL
        return known and not is_all and (gate is None or _can_be_told(gate, pack))

    def groups(one: Condition) -> bool:
        known = isinstance(one, All | AnyOf | Named | Not) or not one.children()
        return known and all(map(groups, one.children()))

    return groups(condition) and all(map(is_plain, condition.sentences()))


def patients(pack: RulePack, on: date, count: int, seed: int = 7) -> list[Mapping[str, Answer]]:
    """Draw patients who walk the questionnaire: each is asked what a form would ask them."""
    chance, found = random.Random(seed), []  # noqa: S311 - the same patients each time
    for _ in range(count):
        raw: dict[str, Any] = {}
        plan: dict[str, Any] = {}
        for link_id, item in pack.items.items():
            case = case_of(pack, read_all(pack, raw, plan, on).answers, on)
            if case.asked(link_id) is Truth.NOT_MET:
                continue
            said = None
            while said is None:
                said = some_answer(item, chance)
            (plan if item.is_plan_field else raw)[link_id.removeprefix("plan.")] = said
        found.append(read_all(pack, raw, plan, on).answers)
    return found


def facts(answers: Mapping[str, Answer], names: Iterable[str]) -> dict[str, Any]:
    """Return what is known of a patient as other engines take it; null for what is not."""
    return {variable(name): _fact(answers.get(name, Missing.NOT_ANSWERED)) for name in names}


def _fact(answer: Answer) -> Any:
    match answer:
        case Chosen(code):
            return code
        case Picked():
            return [*sorted(answer.codes), *([UNSURE] if answer.unsure else [])]
        case Measured(value):
            return float(value) if isinstance(value, Decimal) else value
        case _:
            return None


def limit_of(
    conditions: Sequence[Condition], pack: RulePack
) -> Callable[[dict[str, Any]], list[Any]]:
    """Write all of it out in one function of Python: what is met, and what may be."""
    names = sorted({variable(name) for name in subjects_of(conditions, pack)})
    may, met = (Writing(PYTHON, pack.gates, bound) for bound in ("may", "met"))
    lines = [f"    {name} = known[{name!r}]" for name in names]
    lines += [
        f"    if {may.text(one)}: found.append(({n}, bool({met.text(one)})))"
        for n, one in enumerate(conditions)
    ]
    known: dict[str, Any] = {}
    text = "\n".join(["def judge(known):", "    found = []", *lines, "    return found"])
    exec(text, known)  # noqa: S102 - a benchmark's own text
    return known["judge"]


def subjects_of(conditions: Iterable[Condition], pack: RulePack) -> set[str]:
    """Return every question that these look at, through gates too."""
    found: set[str] = set()
    left = [sentence for one in conditions for sentence in one.sentences()]
    while left:
        subject = left.pop().subject
        if subject not in found:
            found.add(subject)
            left += pack.gates[subject].sentences() if subject in pack.gates else ()
    return found


def per_patient(act: Callable[[Any], object], of: Sequence[Any]) -> float:
    """Return how long it takes for one patient, in microseconds: the best of a few rounds."""
    best, end = float("inf"), time.perf_counter() + AT_LEAST_S
    while True:
        start = time.perf_counter()
        for one in of:
            act(one)
        best = min(best, (time.perf_counter() - start) / len(of))
        if time.perf_counter() > end:
            return best * 1e6


class Ways:
    """Ways to judge the same rules, each against the limit."""

    def __init__(self, table: Table, fastest: float) -> None:
        self._table, self._fastest = table, fastest

    def add(self, name: str, took: float, let_through: str, wanted: str = "") -> None:
        """Add how fast one is for a patient, and how much it let through that nobody can decide."""
        self._table.add(
            name, f"{took:,.1f} us", ratio=self._fastest / took, wanted=wanted, of=let_through
        )


class Drawn:
    """Rules that other engines can be told, patients, and what is open for each.

    Attributes:
        pack: With these rules alone.
        claims: Their conditions.
        answers: Of each patient, for us.
        facts: The same for others.
        ours: What is open for each patient: by the number of the claim, met or unknown.
    """

    def __init__(self, pack: RulePack, on: date, number: int) -> None:
        rules = told_elsewhere(pack)
        self.on = on
        self.pack = replace(pack, rules=tuple(rules))
        self.claims = [claim.when for rule in rules for claim in rule.claims]
        self.answers = patients(pack, on, number)
        self.names = sorted(subjects_of(self.claims, pack))
        self.facts = [facts(one, self.names) for one in self.answers]
        self.ours = [dict(self.triage(one)) for one in self.answers]

    def triage(self, answers: Mapping[str, Answer]) -> list[tuple[int, Truth]]:
        """Find out what is met or unknown, and nothing else."""
        return self.pack.bounds.open(case_of(self.pack, answers, self.on))

    @cached_property
    def meant(self) -> list[list[Truth]]:
        """What each condition means of each patient, one by one."""
        return [
            [claim.truth(case_of(self.pack, one, self.on)) for claim in self.claims]
            for one in self.answers
        ]

    def cleared(self, found: Iterable[Collection[int]]) -> str:
        """Say how many decisions that nobody can make were let through, of how many there are."""
        each = list(zip(found, self.meant, strict=False))
        open_ = [
            number in some
            for some, truths in each
            for number, truth in enumerate(truths)
            if truth is Truth.UNKNOWN
        ]
        return f"{open_.count(False)}/{len(open_)}"

    @property
    def as_sets(self) -> list[dict[str, Any]]:
        """The facts as plain Python likes them."""
        return [as_sets(known) for known in self.facts]


def as_sets(known: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts as plain Python likes them."""
    return {name: set(one) if isinstance(one, list) else one for name, one in known.items()}


class Peer:
    """Another engine with all conditions, typed in two ways."""

    def __init__(self, name: str, drawn: Drawn) -> None:
        self._dialect, engine = PEERS[name]
        gates = drawn.pack.gates
        self._typed = [engine(Writing(self._dialect, gates).text(one)) for one in drawn.claims]
        self._may, self._met = (
            [engine(Writing(self._dialect, gates, bound).text(one)) for one in drawn.claims]
            for bound in ("may", "met")
        )
        self._empty = _empty(drawn.pack, drawn.facts[0])

    def quick(self, known: dict[str, Any]) -> set[int]:
        """Return what is met, as an author finds it who thinks of two values."""
        return {number for number, ask in enumerate(self._typed) if _asked(ask, known)}

    def sure(self, known: dict[str, Any]) -> dict[int, Truth]:
        """Return what is open, by both bounds."""
        if self._dialect is CEL:
            known = _filled(known, self._empty)
        found = [number for number, ask in enumerate(self._may) if ask(known)]
        return {n: Truth.MET if self._met[n](known) else Truth.UNKNOWN for n in found}


def measure(pack: RulePack, on: date, table: Table) -> None:
    """Add ours, the limit, and the others; the ratio is the share of the limit's speed.

    Of patients drawn by lot one in six decisions is met or unknown; vignettes are more like those
    who come. Ours is measured twice where it is explained: findings that come again are handed out
    again, so patients who were never seen cost more than those who were.
    """
    drawn = Drawn(pack, on, PATIENTS)
    limit = limit_of(drawn.claims, pack)
    table.head(
        f"One screening: {len(drawn.pack.rules)} of the rules, {PATIENTS} patients; the speed of"
        " the limit is 1; against: silently cleared of the decisions that nobody can make"
    )
    fastest = per_patient(limit, drawn.as_sets)
    ways, let_through = Ways(table, fastest), drawn.cleared(drawn.ours)
    by_limit = drawn.cleared([dict(limit(known)) for known in drawn.as_sets])
    ways.add("the same in plain Python: the limit", fastest, by_limit)
    ways.add("ours, triage alone", per_patient(drawn.triage, drawn.answers), let_through, ">= 0.9")
    first = _first_time(drawn)
    ways.add("ours, what is met or unknown explained", first, let_through, ">= 0.15")
    again = per_patient(lambda one: screen(drawn.pack, one, on), drawn.answers)
    ways.add("ours explained, patients it has seen before", again, let_through)
    for name in PEERS:
        try:
            peer = Peer(name, drawn)
        except ImportError:
            table.add(name, "not there", of="pip install '.[bench]'")
        else:
            _compare(name, peer, drawn, ways)
    _of_vignettes(drawn, limit, table)


def _first_time(drawn: Drawn) -> float:
    """Return how long a patient takes whom nothing like was seen of, behind hundreds of others."""
    times = []
    for seed in range(8, 8 + BATCHES):
        others = patients(drawn.pack, drawn.on, PATIENTS, seed=seed)
        start = time.perf_counter()
        for one in others:
            screen(drawn.pack, one, drawn.on)
        times.append((time.perf_counter() - start) / len(others) * 1e6)
    return statistics.median(times)


def _of_vignettes(drawn: Drawn, limit: Callable[[dict[str, Any]], list[Any]], table: Table) -> None:
    """Add the same of those whom the vignettes tell of: most of what they are asked they deny."""
    vignettes = [one for one in drawn.pack.vignettes if one.on == drawn.on]
    told = [read_all(drawn.pack, one.answers, one.plan, one.on).answers for one in vignettes]
    known = [as_sets(facts(one, drawn.names)) for one in told]
    table.head(f"The same of {len(told):,} vignettes")
    start = time.perf_counter()
    for one in told:
        screen(drawn.pack, one, drawn.on)
    first = (time.perf_counter() - start) / len(told) * 1e6
    fastest = per_patient(limit, known)
    ways = Ways(table, fastest)
    ways.add("the same in plain Python: the limit", fastest, "")
    ways.add("ours, triage alone", per_patient(drawn.triage, told), "", ">= 0.9")
    ways.add("ours, what is met or unknown explained", first, "", ">= 0.15")


def _compare(name: str, peer: Peer, drawn: Drawn, ways: Ways) -> None:
    """Measure another engine, over as many patients as it gets through in some seconds."""
    start = time.perf_counter()
    peer.quick(drawn.facts[0])
    few = max(1, min(60, int(AT_LEAST_S / (time.perf_counter() - start))))
    known, ours = drawn.facts[:few], drawn.ours[:few]
    cleared = drawn.cleared(map(peer.quick, known))
    ways.add(f"{name}, as its author would type it", per_patient(peer.quick, known), cleared)
    found = [peer.sure(one) for one in known]
    wrong = sum(one != truths for one, truths in zip(found, ours, strict=True))
    told = f"{wrong} wrong" if wrong else drawn.cleared(found)
    ways.add(f"{name}, made correct", per_patient(peer.sure, known), told)


def _empty(pack: RulePack, names: Iterable[str]) -> dict[str, Any]:
    """Return what stands for an answer that nobody gave, where a null would break an engine."""
    kinds = {variable(link_id): item.kind for link_id, item in pack.items.items()}
    blank: dict[Kind, Any] = {Kind.CHOICES: [], Kind.BODY_MAP: [], Kind.NUMBER: 0.0}
    return {name: blank.get(kinds[name], "") for name in names}


def _filled(known: Mapping[str, Any], empty: Mapping[str, Any]) -> dict[str, Any]:
    flags = {f"{name}_unknown": value is None for name, value in known.items()}
    return {name: empty[name] if v is None else v for name, v in known.items()} | flags


def _asked(ask: Callable[[dict[str, Any]], bool], known: dict[str, Any]) -> bool:
    """Ask a rule; one that breaks is left out, as most who use such engines do."""
    try:
        return bool(ask(known))
    except Exception:  # noqa: BLE001 - each engine has its own
        return False
