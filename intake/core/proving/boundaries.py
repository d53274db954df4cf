"""Cases on both sides of every window, threshold and option, made from the rules themselves.

They pin what a rule does, whether that is right or not: kept apart from the vignettes people
wrote, they are the questions to put to a dermatologist.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from intake.core.answers import Chosen, Listed, Measured, Missing, Picked, Worded
from intake.core.dates import Interval, shift_days
from intake.core.keeping import kept
from intake.core.medicines import Status
from intake.core.proving.cells import around, on_day, windows_of
from intake.core.proving.tables import Table
from intake.core.questionnaire import NONE_CODE, PLAN_PREFIX, UNDECIDED_CODE, Kind
from intake.core.reading import case_of, read_all
from intake.core.rules import Level, Triage
from intake.core.screening import judge
from intake.core.sentences import Age, Compares, Includes, Is, TakesMedicine, Within
from intake.core.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from intake.core.answers import Answer, Raw
    from intake.core.conditions import Sentence
    from intake.core.proving.cells import Cells
    from intake.core.questionnaire import Item
    from intake.core.reading import Reading
    from intake.core.rules import Rule, RulePack
    from intake.core.screening import Finding


MOST_TRIES = 50
"""How many patients nobody could enter are passed over before none is said to exist."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule makes of one patient.

    Attributes:
        effect: What it does to the triage; routine when it is not met.
    """

    truth: Truth
    effect: Triage
    earliest: date | None

    def __str__(self) -> str:
        """Say it as a report does."""
        until = f", until {self.earliest}" if self.earliest else ""
        return f"{self.truth} ({self.effect}{until})"

    @classmethod
    def of(cls, finding: Finding | None) -> Outcome:
        """Take it from the rule's finding, or from there being none."""
        if finding is None:
            return cls(Truth.NOT_MET, Triage.ROUTINE, None)
        return cls(finding.truth, finding.effect, finding.earliest_safe_date)


@dataclass(frozen=True, slots=True)
class Boundary:
    """One generated case about one rule.

    Attributes:
        why: Which line it tries, and with what.
        plan: What differs from the plan of the base patient.
        answers: What differs from the base patient's answers.
    """

    rule_id: str
    why: str
    on: date
    plan: Mapping[str, Raw]
    answers: Mapping[str, Raw]
    outcome: Outcome


def boundaries_of(rule: Rule, cells: Cells) -> Iterator[Boundary]:
    """Yield the cases around every line of a rule, in a patient on whom that line decides.

    Raises:
        TooLargeError: the rule depends on too many questions.
    """
    table = Table(cells, [claim.when for claim in rule.claims])
    seen: set[str] = set()
    for sentence in rule.sentences:
        row = table.smallest(table.decided_by(sentence, rule.when))
        if row is None:
            continue
        context = table.answers(row)
        for why, answer in _points(sentence, cells):
            one = _boundary(rule, why, {**context, sentence.subject: answer}, cells)
            if one is not None and str((one.plan, one.answers)) not in seen:
                seen.add(str((one.plan, one.answers)))
                yield one


def telling_apart(rule: Rule, changed: Rule, words: str, cells: Cells) -> Boundary | None:
    """Return the smallest patient on whom a rule and its changed form differ; None if on none.

    Raises:
        TooLargeError: the two depend on too many questions.
    """
    table = Table(cells, [claim.when for one in (rule, changed) for claim in one.claims])
    mine, theirs = table.bounds(rule.when), table.bounds(changed.when)
    differ = (mine.possible ^ theirs.possible) | (mine.certain ^ theirs.certain)
    for before, after in zip(_effects(rule, table), _effects(changed, table), strict=True):
        differ |= before ^ after
    for _ in range(MOST_TRIES):
        row = table.smallest(differ)
        if row is None:
            break
        if found := _boundary(rule, words, table.answers(row), cells):
            return found
        differ &= ~(1 << row)
    return None


def _effects(rule: Rule, table: Table) -> Iterator[int]:
    """Yield the rows in which a rule makes the triage at least stop, review, defer, caution."""
    found = [(claim.level, table.bounds(claim.when)) for claim in rule.claims]
    reached = 0
    for level in Level:
        for claimed, bounds in found:
            if claimed is level:
                reached |= bounds.certain
            if level is Level.REVIEW and claimed is not Level.CAUTION:
                reached |= bounds.unknown
            if level is Level.CAUTION and claimed is Level.CAUTION:
                reached |= bounds.unknown
        yield reached


def _boundary(rule: Rule, why: str, changes: Mapping[str, Answer], cells: Cells) -> Boundary | None:
    """Lay answers over the base patient and judge the rule on the whole.

    None when nobody could enter such answers, as a birth today.
    """
    pack, on = cells.pack, cells.today
    plan: dict[str, Raw] = {}
    answers: dict[str, Raw] = {}
    for subject, answer in changes.items():
        raw = kept(pack.items[subject], answer)
        if subject.startswith(PLAN_PREFIX):
            plan[subject.removeprefix(PLAN_PREFIX)] = raw
        else:
            answers[subject] = raw
    outcome = outcome_on(rule, pack, plan, answers, on)
    return Boundary(rule.id, why, on, plan, answers, outcome) if outcome else None


def outcome_on(
    rule: Rule, pack: RulePack, plan: Mapping[str, Raw], answers: Mapping[str, Raw], on: date
) -> Outcome | None:
    """Judge one rule on the base patient with some changes; None if they cannot be read."""
    read = over_base(pack, plan, answers, on)
    if read.problems:
        return None
    return Outcome.of(judge(rule, case_of(pack, read.answers, on), pack))


def over_base(
    pack: RulePack, plan: Mapping[str, Raw], answers: Mapping[str, Raw], on: date
) -> Reading:
    """Read the base patient with some changes."""
    base = pack.base
    whole = {**base.answers, **answers} if base else answers
    planned = {**base.plan, **plan} if base else plan
    return read_all(pack, whole, planned, on)


def _points(sentence: Sentence, cells: Cells) -> Iterator[tuple[str, Answer]]:
    """Yield the answers on both sides of what a sentence asks for, each with words."""
    item = cells.pack.items[sentence.subject]
    match sentence:
        case TakesMedicine():
            yield from _lists(sentence, cells)
        case Compares():
            yield from _values(sentence, item)
        case Includes():
            yield from _ticks(sentence, item)
        case Is(codes=codes) if item.kind is not Kind.DATE:
            for code in _one_other(codes, item):
                yield f"{sentence.text}: {code}", Chosen(code)
        case Is() | Within() | Age():
            yield from _days(sentence, item, cells.today)
        case _:
            pass
    yield f"{sentence.text}: not sure", Missing.NOT_SURE


def _lists(sentence: TakesMedicine, cells: Cells) -> Iterator[tuple[str, Answer]]:
    """Yield a list of every kind that the sentence tells apart, and the days around its window."""
    met: Listed | None = None
    for place, cell in enumerate(cells.of(sentence.subject, (sentence,))):
        if isinstance(cell.answer, Listed):
            yield f"{sentence.text}: list {place + 1}", cell.answer
            met = met or (cell.answer if cell.judged[0] is Truth.MET else None)
    window = sentence.wanted.within
    if window is None or met is None or len(met.entries) != 1:
        return
    cutoff = window.before(cells.today)
    for day, when in _AROUND:
        on = shift_days(cutoff, day)
        stopped = Interval(on, on)
        entry = replace(
            met.entries[0], status=Status.STOPPED, stopped=stopped, stopped_said=str(on)
        )
        yield f"{sentence.text}: stopped on {when} of {window}", Listed((entry,))


def _values(sentence: Compares, item: Item) -> Iterator[tuple[str, Answer]]:
    """Yield the values just under, at and over each threshold."""
    for end in (sentence.limit, *([sentence.upper] if sentence.upper is not None else [])):
        for value in around(end, item):
            yield f"{sentence.text}: {value}", Measured(value)


_AROUND = ((-1, "the day after the end"), (0, "the day it ends"), (1, "the last day"))
"""Days from a cut-off, and what they are to a window."""


def _days(sentence: Sentence, item: Item, today: date) -> Iterator[tuple[str, Answer]]:
    """Yield today, the words in place of a date, and three days around each cut-off."""
    if item.from_record is None:
        yield f"{sentence.text}: today", on_day(today)
    for word in item.words:
        yield f"{sentence.text}: {word}", Worded(word)
    for window in windows_of([sentence]):
        cutoff = window.before(today)
        for day, when in _AROUND:
            yield f"{sentence.text}: {when} of {window}", on_day(shift_days(cutoff, day))


def _one_other(codes: frozenset[str], item: Item) -> list[str]:
    """Return the options named, and one that is not."""
    others = [code for code in item.codes if code not in codes and code != UNDECIDED_CODE]
    return [*sorted(codes), *others[:1]]


def _ticks(sentence: Includes, item: Item) -> Iterator[tuple[str, Answer]]:
    """Yield each option named alone, all of them, another one, and none."""
    for code in _one_other(sentence.codes - {NONE_CODE}, item):
        yield f"{sentence.text}: {code}", Picked(frozenset({code}))
    if len(sentence.codes) > 1:
        yield f"{sentence.text}: all of them", Picked(sentence.codes - {NONE_CODE})
    if NONE_CODE in item.codes:
        yield f"{sentence.text}: none", Picked(frozenset({NONE_CODE}))
