"""Which answers decide a condition, and why it is met, not met or unknown; made lazily."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.core.conditions import Named, Not, Sentence
from intake.core.keeping import words_for
from intake.core.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.core.conditions import Case, Condition, Deciding
    from intake.core.rules import RulePack

MOST_CITED = 2000
"""Longest answer that a finding repeats as a whole, in characters; it stands whole in the form."""


@dataclass(frozen=True, slots=True)
class Cited:
    """An answer a finding rests on, in the words of the question and of the patient."""

    link_id: str
    ask: str
    said: str
    sentence: str
    truth: Truth


def cited_in(
    deciding: Deciding, case: Case, pack: RulePack, said: dict[str, str] | None = None
) -> Iterator[Cited]:
    """Yield the answers that meet a condition, or keep it from being ruled out.

    Args:
        deciding: The sentences it rests on, see `Condition.decided`.
        case: The answers.
        pack: What was asked.
        said: Answers of this case in words so far: many findings rest on the same few.
    """
    words = {} if said is None else said
    seen: set[str] = set()
    for sentence, truth in deciding:
        if sentence.text in seen:
            continue
        seen.add(sentence.text)
        link_id = sentence.subject
        if link_id not in words:
            words[link_id] = _shortened(_said(link_id, case, pack))
        yield Cited(link_id, pack.items[link_id].ask, words[link_id], sentence.text, truth)


def _shortened(said: str) -> str:
    """Leave out the end of a very long list: each of a hundred findings may cite it."""
    return said if len(said) <= MOST_CITED else f"{said[:MOST_CITED]} …"


def _said(link_id: str, case: Case, pack: RulePack) -> str:
    """Say an answer in words; one to a question that is not asked does not count."""
    if case.asked(link_id) is Truth.NOT_MET:
        return "Not asked"
    return words_for(pack.items[link_id], case.answer(link_id))


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a condition is met, not met or unknown: a tree, made only when somebody asks."""

    text: str
    truth: Truth
    said: str = ""
    note: str = ""
    parts: tuple[Explanation, ...] = ()


def explain(condition: Condition, case: Case, pack: RulePack) -> Explanation:
    """Say for every part of a condition whether it is met, by which answer, and up to which day."""
    truth = condition.truth(case)
    if isinstance(condition, Sentence):
        said = _said(condition.subject, case, pack)
        return Explanation(condition.text, truth, said, _window_note(condition, case))
    inner = case.turned if isinstance(condition, Not) else case
    parts = tuple(explain(part, inner, pack) for part in condition.children())
    return Explanation(_heading(condition), truth, parts=parts)


def _heading(condition: Condition) -> str:
    if isinstance(condition, Named):
        return f"{condition.name} ({condition.title})"
    names = {"All": "all of", "AnyOf": "any of", "Not": "not"}
    return names.get(type(condition).__name__) or f"at least {getattr(condition, 'number', '')} of"


def _window_note(sentence: Sentence, case: Case) -> str:
    """Say in which days a window lies: the cut-off itself is outside."""
    ends = {use.window.before(case.today) for use in sentence.dates(case)}
    return ", ".join(f"the window is after {day}" for day in sorted(ends))
