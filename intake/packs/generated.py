"""The generated cases of a pack: one line of JSON each, beside its files and apart from them.

They are no part of the pack's content: the clinic's server never reads them, and its content hash
does not know them. They pin behaviour, so that a change shows up line by line.
"""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from intake.core.errors import PackError
from intake.core.proving.boundaries import Boundary, Outcome
from intake.core.rules import Triage
from intake.core.truth import Truth
from intake.packs.reading import read_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

NAME = "generated-cases.jsonl"


def read_generated(folder: Path) -> tuple[Boundary, ...]:
    """Read the generated cases of the pack in *folder*; none when it has no such file.

    Raises:
        PackError: a line cannot be read; it names the line.
    """
    path = folder / NAME
    if not path.is_file():
        return ()
    text, faults = read_file(path, NAME, suffix=".jsonl")
    if faults:
        raise PackError(faults)
    found = []
    for number, line in enumerate(text.rstrip("\n").split("\n"), 1):
        try:
            found.append(_read(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            msg = f"{NAME}:{number}: this line cannot be read; write the cases anew"
            raise PackError([msg]) from error
    return tuple(found)


def _read(row: dict[str, str | dict[str, object] | None]) -> Boundary:
    earliest = row["earliest"]
    return Boundary(
        rule_id=str(row["rule"]),
        why=str(row["why"]),
        on=date.fromisoformat(str(row["on"])),
        plan=dict(row["plan"]),  # type: ignore[arg-type]  # a wrong type raises, and is reported
        answers=dict(row["answers"]),  # type: ignore[arg-type]  # as above
        outcome=Outcome(
            Truth(str(row["truth"])),
            Triage(str(row["effect"])),
            date.fromisoformat(str(earliest)) if earliest else None,
        ),
    )


def write_generated(folder: Path, cases: Iterable[Boundary]) -> Path:
    """Write the generated cases beside the pack in *folder*; returns the file."""
    path = folder / NAME
    path.write_text("".join(f"{_line(one)}\n" for one in cases), encoding="utf-8")
    return path


def _line(one: Boundary) -> str:
    row = {
        "rule": one.rule_id,
        "why": one.why,
        "truth": one.outcome.truth,
        "effect": one.outcome.effect,
        "earliest": one.outcome.earliest and one.outcome.earliest.isoformat(),
        "on": one.on.isoformat(),
        "plan": one.plan,
        "answers": one.answers,
    }
    return json.dumps(row, ensure_ascii=False)
