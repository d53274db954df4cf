"""Figures of the clinic's own work: which rules fire, which are decided against, what stays open.

Nothing in them names a person. What looks at a private question is not told below five; who may
not read cases sees rules and questions only from five forms on, so that no figure is about one.

The cost: about a tenth of a millisecond a form, a second for ten thousand in the span, most of it
spent in SQLite, and a megabyte or two of memory however many there are (`make bench` measures it).
Each version of the rules that was used in the span is loaded, which takes half a second the first
time. What is counted, and how, stands in `core.tally`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from intake.actions.permission import require_figures
from intake.core.figures import FEW, load
from intake.core.questionnaire import Kind
from intake.core.review import may_treat_patients
from intake.core.tally import Tally
from intake.core.unknowns import question_figures
from intake.exports.figure_tables import TABLES
from intake.exports.tables import csv_lines
from intake.storage import audit, figures
from intake.storage.figures import Period

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from intake.core.figures import DayFigures, Span
    from intake.core.records import Practitioner
    from intake.core.rules import Rule, RulePack
    from intake.core.tally import RuleFigures, TriageFigures
    from intake.core.unknowns import QuestionFigures
    from intake.storage import Store
    from intake.storage.figures import Kept


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted over a span of days.

    Attributes:
        cases: Forms that were sent and stand.
        open_again: Cases that were decided and have something to do again.
        rules: Those that fired.
        silent: Those that were judged and never fired.
        is_held_back: There are too few forms for who asks, so rules and questions are left out.
    """

    span: Span
    cases: int
    open_again: int
    rules: tuple[RuleFigures, ...]
    silent: tuple[tuple[RulePack, Rule], ...]
    triages: tuple[TriageFigures, ...]
    questions: tuple[QuestionFigures, ...]
    days: tuple[DayFigures, ...]
    is_held_back: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to count.

    Attributes:
        timezone: The clinic's, for the ends of a day; None for the computer's.
        pack_hash: Only this version; blank for all.
    """

    span: Span
    timezone: ZoneInfo | None
    pack_hash: str = ""


def read_figures(
    store: Store,
    pack_of: Callable[[str], RulePack],
    wanted: Wanted,
    *,
    by: Practitioner | None,
    now: datetime,
    today: date,
) -> Figures:
    """Count, for somebody at the desk or (None) for the command line.

    Args:
        store: Where the records are.
        pack_of: Finds a kept pack by its hash.
        wanted: Which days and which version.
        by: Who asks.
        now: The present instant, for what still waits.
        today: The clinic's local date.
    """
    if by is not None:
        require_figures(by)
    period = Period(*wanted.span.instants(wanted.timezone), wanted.pack_hash)
    packs = {hash_: pack_of(hash_) for hash_ in sorted(figures.used_packs(store, period))}
    tally = Tally(now, today)
    for case in figures.cases(store, period):
        tally.add(case)
    is_held_back = by is not None and not may_treat_patients(by) and tally.cases < FEW
    return Figures(
        span=wanted.span,
        cases=tally.cases,
        open_again=tally.open_again,
        rules=() if is_held_back else tally.rules(packs),
        silent=() if is_held_back else tuple(tally.silent(packs.values())),
        triages=tally.triages(),
        questions=() if is_held_back else _questions(store, period, packs, today),
        days=load(figures.sent(store, period), figures.decided(store, period), wanted.timezone),
        is_held_back=is_held_back,
    )


def kept_versions(store: Store) -> list[Kept]:
    """Return the versions of the rules that can be asked for, the newest first."""
    return figures.kept_packs(store)


def _questions(
    store: Store, period: Period, packs: dict[str, RulePack], today: date
) -> tuple[QuestionFigures, ...]:
    lists = {
        item.link_id
        for pack in packs.values()
        for item in pack.questionnaire.items.values()
        if item.kind is Kind.MEDICINES
    }
    taken_back = list(figures.set_aside(store, period))
    return question_figures(
        packs,
        chain(figures.asked(store, period, packs), taken_back),
        chain(figures.answered(store, period, sorted(lists)), taken_back),
        today,
    )


def export_figures(
    store: Store,
    pack_of: Callable[[str], RulePack],
    wanted: Wanted,
    *,
    table: str,
    by: Practitioner | None,
    now: datetime,
    today: date,
) -> Iterator[str]:
    """Return the lines of one table as CSV; that it was released is audited first.

    Args:
        store: Where the records are.
        pack_of: Finds a kept pack by its hash.
        wanted: Which days and which version.
        table: `rules`, `questions`, `days` or `waits`.
        by: Who asks; None for the command line of the clinic's computer.
        now: The instant of release.
        today: The clinic's local date.
    """
    counted = read_figures(store, pack_of, wanted, by=by, now=now, today=today)
    actor = by.id if by else "command line"
    with store.write() as db:
        audit.append(
            db, at=now, actor=actor, action="figures exported", subject="export", table=table
        )
    columns, rows = TABLES[table]
    return csv_lines(columns, rows(counted))
