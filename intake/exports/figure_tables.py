"""Figures as tables for a spreadsheet. What each column holds stands in docs/figures.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from intake.core.decisions import OverrideReason
from intake.core.figures import FEW
from intake.core.rules import Triage
from intake.core.truth import Truth
from intake.core.unknowns import Open

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from intake.core.figures import DayFigures, Share, Wait
    from intake.core.rules import Rule, RulePack
    from intake.core.tally import RuleFigures, TriageFigures
    from intake.core.unknowns import QuestionFigures

TOO_FEW = f"fewer than {FEW}"
"""What stands for a number about something private that is too small to be told."""

FINDING = {Truth.MET: "met", Truth.UNKNOWN: "could_not_be_ruled_out"}

Cells = dict[str, object]

_SHARE = ("percent", "percent_low", "percent_high")
_WAIT = (
    "first_decided",
    "half_within_minutes",
    "nine_in_ten_within_minutes",
    "longest_minutes",
    "still_open",
    "oldest_open_minutes",
)
RULE_COLUMNS = (
    "rule_id",
    "title",
    "level",
    "pack_version",
    "pack_hash",
    "finding",
    "cases",
    "decided_needing_a_reason",
    "went_ahead",
    *_SHARE,
    *(f"reason_{reason.value}" for reason in OverrideReason),
    *_WAIT,
)
QUESTION_COLUMNS = (
    "link_id",
    "question",
    "asked_in_private",
    "pack_versions",
    "asked",
    "left_open",
    *_SHARE,
    *(why.value for why in Open),
)
DAY_COLUMNS = (
    "day",
    "sent",
    *(f"sent_{triage.value}" for triage in Triage),
    "decided",
    *(f"decided_{triage.value}" for triage in Triage),
)
WAIT_COLUMNS = ("triage", "sent", *_WAIT)


class Counted(Protocol):
    """What the tables are made from."""

    @property
    def rules(self) -> tuple[RuleFigures, ...]:
        """Rules that fired."""

    @property
    def silent(self) -> tuple[tuple[RulePack, Rule], ...]:
        """Rules that never fired."""

    @property
    def questions(self) -> tuple[QuestionFigures, ...]:
        """Questions that were asked."""

    @property
    def days(self) -> tuple[DayFigures, ...]:
        """The load of each day."""

    @property
    def triages(self) -> tuple[TriageFigures, ...]:
        """How long cases waited."""


def _told(number: int | None) -> object:
    return TOO_FEW if number is None else number


def _percents(share: Share) -> Cells:
    """Return a rate and its interval in per cent; blank where there are too few for a rate."""
    if share.is_small:
        return {}
    values = (share.rate, *share.interval)
    return {name: f"{100 * value:.1f}" for name, value in zip(_SHARE, values, strict=True)}


def _wait_cells(wait: Wait) -> Cells:
    values: tuple[object, ...] = (
        _told(wait.ended),
        wait.half,
        wait.most,
        wait.longest,
        _told(wait.still),
        wait.oldest,
    )
    return dict(zip(_WAIT, values, strict=True))


def rule_rows(counted: Counted) -> Iterator[Cells]:
    """Yield a row for each rule, version and kind of finding; then the rules that never fired."""
    for rule in counted.rules:
        yield {
            "rule_id": rule.rule_id,
            "title": rule.title,
            "level": rule.level.value,
            "pack_version": rule.pack_version,
            "pack_hash": rule.pack_hash,
            "finding": FINDING[rule.truth],
            "cases": _told(rule.fired),
            "decided_needing_a_reason": _told(rule.against.whole),
            "went_ahead": _told(rule.against.part),
            **_percents(rule.against),
            **{f"reason_{reason.value}": 0 for reason in OverrideReason},
            **{f"reason_{reason.value}": _told(number) for reason, number in rule.reasons},
            **_wait_cells(rule.wait),
        }
    for pack, silent in counted.silent:
        yield {
            "rule_id": silent.id,
            "title": silent.title,
            "level": silent.level.value,
            "pack_version": pack.version,
            "pack_hash": pack.hash,
            "cases": 0,
        }


def question_rows(counted: Counted) -> Iterator[Cells]:
    """Yield a row for each question that was asked."""
    for question in counted.questions:
        yield {
            "link_id": question.link_id,
            "question": question.ask,
            "asked_in_private": "yes" if question.is_private else "no",
            "pack_versions": "; ".join(question.versions),
            "asked": _told(question.open.whole),
            "left_open": _told(question.open.part),
            **_percents(question.open),
            **{why.value: _told(n) for why, n in (question.why or {}).items()},
        }


def day_rows(counted: Counted) -> Iterator[Cells]:
    """Yield a row for each day from the first to the last on which anything happened."""
    for day in counted.days:
        yield {
            "day": day.day,
            "sent": sum(day.sent.values()),
            **{f"sent_{triage.value}": day.sent.get(triage, 0) for triage in Triage},
            "decided": sum(day.decided.values()),
            **{f"decided_{triage.value}": day.decided.get(triage, 0) for triage in Triage},
        }


def wait_rows(counted: Counted) -> Iterator[Cells]:
    """Yield a row for each triage."""
    for one in counted.triages:
        yield {"triage": one.triage.value, "sent": one.sent, **_wait_cells(one.wait)}


TABLES: Mapping[str, tuple[tuple[str, ...], Callable[[Counted], Iterator[Cells]]]] = {
    "rules": (RULE_COLUMNS, rule_rows),
    "questions": (QUESTION_COLUMNS, question_rows),
    "days": (DAY_COLUMNS, day_rows),
    "waits": (WAIT_COLUMNS, wait_rows),
}
"""The columns and the rows of each table."""
