"""What it takes to make a clinic's history again, and to hold it against another pack: a part of
`make bench`.

The limit is the loop that somebody writes by hand: over the same rows, with the rules that plain
Python can be told (see `tests.peers`), to learn which of them find something else than they did.
Why they do, and of which dates and medicines, it does not know.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intake.actions.impact import Assessor, pieces
from intake.actions.made_again import Replayer
from intake.actions.replay import FEW
from intake.core.answers import UNDECIDED_CODE, UNKNOWN_CODES
from intake.core.questionnaire import PLAN_PREFIX, Kind
from intake.storage import replaying
from intake.storage.replaying import Span
from tests.peers.dialects import UNSURE, variable
from tests.peers.measuring import limit_of, subjects_of, told_elsewhere

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from intake.core.rules import RulePack
    from intake.storage import Store
    from tests.measured import Table

_NO_VALUE = UNKNOWN_CODES | {UNDECIDED_CODE}


class ByHand:
    """The loop, over the screenings of one pack.

    Args:
        store: Where they are.
        pack: The pack.
    """

    def __init__(self, store: Store, pack: RulePack) -> None:
        rules = told_elsewhere(pack)
        claims = [(rule.id, claim.when) for rule in rules for claim in rule.claims]
        self._store = store
        self._rules = [rule_id for rule_id, _ in claims]
        self._told = set(self._rules)
        conditions = [condition for _, condition in claims]
        self._judge = limit_of(conditions, pack)
        self._unknown = dict.fromkeys(map(variable, subjects_of(conditions, pack)))
        self._names = {
            link_id: (variable(link_id), item.kind is Kind.NUMBER)
            for link_id, item in pack.items.items()
            if variable(link_id) in self._unknown
        }

    def __call__(self, span: Span) -> int:
        """Return in how many screenings of a span a rule finds something else than it did."""
        with self._store.reading() as db:
            rows = db.execute(
                "SELECT s.response_id, s.content, r.plan FROM screenings s"
                " JOIN responses r ON r.id = s.response_id"
                " WHERE s.sequence > ? AND s.sequence <= ?",
                list(span),
            ).fetchall()
            answers: dict[str, dict[str, Any]] = {row[0]: {} for row in rows}
            marks = ", ".join("?" for _ in answers)
            for response_id, link_id, value in db.execute(
                "SELECT response_id, link_id, value FROM answers"  # noqa: S608 - marks
                f" WHERE response_id IN ({marks})",
                list(answers),
            ):
                answers[response_id][link_id] = json.loads(value)
        return sum(
            self._found(answers[id_], json.loads(plan)) != self._then(json.loads(content))
            for id_, content, plan in rows
        )

    def _then(self, content: dict[str, Any]) -> set[str]:
        return {one["rule_id"] for one in content["findings"]} & self._told

    def _found(self, answers: Mapping[str, Any], plan: Mapping[str, Any]) -> set[str]:
        known = dict(self._unknown)
        for link_id, raw in (*answers.items(), *((PLAN_PREFIX + k, v) for k, v in plan.items())):
            if name := self._names.get(link_id):
                known[name[0]] = _value(raw, is_number=name[1])
        return {self._rules[number] for number, _ in self._judge(known)}


def _value(raw: Any, *, is_number: bool) -> Any:
    """Return an answer as plain Python likes it; None for what nobody knows."""
    if isinstance(raw, list):
        codes = {one["region"] if isinstance(one, dict) else one for one in raw}
        known = codes - _NO_VALUE
        return (known | {UNSURE} if known != codes else known) if known else None
    if raw in _NO_VALUE:
        return None
    return float(raw) if is_number else raw


def measure(
    store: Store, data: Path, files: Mapping[str, str], pack: RulePack, today: date, table: Table
) -> None:
    """Add what history costs: the loop, ours on one core, and both commands on all of them.

    Args:
        store: A clinic whose cases were screened with the shipped pack.
        data: The folder in which it is.
        files: Of the shipped pack.
        pack: The shipped pack.
        today: The local date.
        table: Where it is added.
    """
    newest = replaying.newest(store)
    stored = replaying.count_behind(store, Span(0, newest))
    table.head(f"The history of a clinic: {stored:,} screenings, against the loop by hand")
    spans = list(_spans(store, newest))
    by_hand, replayer = ByHand(store, pack), Replayer(store)
    Assessor.of_files(files, today, store)(next(pieces(store)))  # packs are read
    replayer(spans[0])
    looped = alone = otherwise = 0.0
    for number, span in enumerate(spans):
        # In turn, so that whatever else the computer does slows both; and who comes first reads.
        for act in (by_hand, replayer) if number % 2 else (replayer, by_hand):
            took, found = _timed(partial(act, span))
            if act is by_hand:
                looped, otherwise = looped + took, otherwise + found
            else:
                alone += took
    table.add("the loop by hand, one core", _rate(looped, stored), of=f"{otherwise:.0f} otherwise")
    table.add(
        "replay, every rule and why, one core", _rate(alone, stored), ratio=alone / looped,
        wanted="<= 1", of="the loop",
    )  # fmt: skip
    replayed, (peak, said) = _timed(partial(_command, data, "replay"))
    table.add(
        "intake replay, all cores", _rate(replayed, stored), ratio=replayed / looped,
        wanted="<= 1", of=f"the loop; {peak:,.0f} MB at most; {said}",
    )  # fmt: skip
    took, (peak, said) = _timed(partial(_command, data, "impact", *_changed(data, files)))
    table.add(
        "intake impact of one changed rule, all cores", _rate(took, stored),
        ratio=took / replayed, wanted="<= 0.2",
        of=f"intake replay; {peak:,.0f} MB at most; {said}",
    )  # fmt: skip


def _spans(store: Store, newest: int) -> Iterator[Span]:
    """Yield spans that hold something: copies are numbered far behind the others."""
    every = (Span(behind, min(behind + FEW, newest)) for behind in range(0, newest, FEW))
    return (span for span in every if replaying.count_behind(store, span))


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    found = act()
    return time.perf_counter() - start, found


def _rate(seconds: float, number: int) -> str:
    return f"{seconds:,.1f} s" if seconds > 1 else f"{seconds / number * 1e6:,.0f} us each"


def _changed(data: Path, files: Mapping[str, str]) -> tuple[str, ...]:
    """Write the pack with one rule made stricter; returns what names it to the command."""
    folder = data.parent / "stricter"
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        for old, new in _STRICTER:
            text = text.replace(old, new)  # noqa: PLW2901
        file.write_text(text, encoding="utf-8")
    return ("--pack", str(folder))


_ASPIRIN = "  - id: aspirin-alone\n    title: Daily aspirin\n    level: "
_LABEL = "level: {}\n        because: The manual names aspirin beside anticoagulants.\n"
_STRICTER = (
    (f"{_ASPIRIN}caution\n", f"{_ASPIRIN}review\n"),
    (_LABEL.format("review"), _LABEL.format("stop")),
)


def _command(data: Path, *words: str) -> tuple[float, str]:
    """Run a command on a clinic; returns the most memory all its processes held, and what it said.

    Memory that processes share is counted for each.
    """
    child = subprocess.Popen(
        [sys.executable, "-m", "intake", *words], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "INTAKE_DATA": str(data)},
    )  # fmt: skip
    peak = 0.0
    while child.poll() is None:
        peak = max(peak, sum(map(_memory, [child.pid, *_children(child.pid)])))
        time.sleep(0.2)
    said = child.communicate()[0].splitlines()
    if child.returncode:
        msg = f"{words[0]} ended with {child.returncode}."
        raise RuntimeError(msg)
    return peak, " ".join(said[:1])


def _children(pid: int) -> list[int]:
    try:
        return [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _memory(pid: int) -> float:
    """Return what a process holds now, in MB; nothing once it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(one.split()[1]) / 1024 for one in lines if one.startswith("VmRSS")), 0.0)
