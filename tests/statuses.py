"""Write `docs/statuses.md` from the table of statuses: `make statuses`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from intake.core.decisions import Disposition
from intake.core.display import DISPOSITION, STATUS
from intake.core.records import ResponseStatus
from intake.core.review import GOING_AHEAD, OPEN, STANDINGS, CaseStatus, Facts, status_of

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH = Path(__file__).resolve().parent.parent / "docs" / "statuses.md"
TODAY = date(2026, 6, 15)
LATER = TODAY + timedelta(days=1)

HEAD = """# Where a case stands

Made from the table in `intake/core/review.py` by `make statuses`; do not edit.

A status is never stored beside the facts: the first line of the table whose facts hold gives it,
each time it is shown.

| the first of these that holds | gives the status |
| --- | --- |
"""
MIDDLE = """
At the desk somebody has something to do about {open}.

```mermaid
stateDiagram-v2
"""


def every_fact() -> Iterator[Facts]:
    """Yield every combination of facts there can be."""
    yield from (
        Facts(response, disposition, until, *rest)
        for response, disposition, *rest in product(
            ResponseStatus, (None, *Disposition), *[(False, True)] * 4
        )
        for until in ((TODAY, LATER) if disposition is Disposition.DEFER else (None,))
    )


def events(facts: Facts) -> Iterator[tuple[str, Facts, date]]:
    """Yield what may happen to a case, the facts after it, and the day."""
    if facts.response is ResponseStatus.IN_PROGRESS:
        yield "sent", replace(facts, response=ResponseStatus.COMPLETED), TODAY
        yield "withdrawn", replace(facts, response=ResponseStatus.STOPPED), TODAY
    if facts.response is not ResponseStatus.COMPLETED or facts.superseded:
        return
    yield "withdrawn", replace(facts, response=ResponseStatus.ENTERED_IN_ERROR), TODAY
    yield "newer version sent", replace(facts, superseded=True), TODAY
    if facts.treated:
        return
    if facts.disposition in GOING_AHEAD and not facts.news:
        yield "session recorded", replace(facts, treated=True), TODAY
        yield "something new comes up", replace(facts, news=True), TODAY
    for disposition in Disposition:
        until = LATER if disposition is Disposition.DEFER else None
        after = replace(facts, disposition=disposition, until=until, news=False)
        yield DISPOSITION[disposition].lower(), after, TODAY
    if facts.until == LATER:
        yield "the day comes", facts, LATER


def _can_be(facts: Facts) -> bool:
    """Nobody decides what is being filled, and only what goes ahead is treated or reopened."""
    if facts.response is ResponseStatus.IN_PROGRESS:
        return not any((facts.disposition, facts.superseded, facts.treated, facts.news))
    return facts.disposition in GOING_AHEAD or not (facts.treated or facts.news)


def ways() -> list[str]:
    """Return the ways from status to status, each once, with what leads there."""
    found: dict[tuple[CaseStatus, CaseStatus], list[str]] = {}
    for facts in every_fact():
        if not _can_be(facts):
            continue
        here = status_of(facts, TODAY)
        for what, after, day in events(facts):
            there = status_of(after, day)
            words = found.setdefault((here, there), [])
            if what not in words and here is not there:
                words.append(what)
    return [
        f"    {here} --> {there}: {', '.join(words)}"
        for (here, there), words in found.items()
        if words
    ]


def text() -> str:
    """Return the whole page."""
    lines = "".join(f"| {line.facts} | {STATUS[line.status]} |\n" for line in STANDINGS)
    names = "\n".join(f"    {status}: {STATUS[status]}" for status in CaseStatus)
    to_do = ", ".join(f"*{STATUS[status]}*" for status in OPEN)
    diagram = "\n".join(["    [*] --> filling: begun", *ways()])
    return f"{HEAD}{lines}{MIDDLE.format(open=to_do)}{names}\n{diagram}\n```\n"


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
