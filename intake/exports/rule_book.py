"""The rule book: a pack as a clinician reads it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from intake.core.conditions import All, AnyOf, AtLeast, Condition, Named, Not, Sentence
from intake.core.coverage import coverage_of
from intake.core.medicines import Status
from intake.core.sentences import Compares, Includes, Is, Quantifier, TakesMedicine, Within
from intake.core.translations import languages_of
from intake.core.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from jinja2 import Environment

    from intake.core.evidence import Source
    from intake.core.questionnaire import Item
    from intake.core.rules import Rule, RulePack


@dataclass(frozen=True, slots=True)
class Bullet:
    """One line of a condition, with the lines under it.

    Attributes:
        sentence: As it stands in the rule file; empty for a group.
        words: What the group means, or the question the sentence looks at.
    """

    sentence: str
    words: str
    parts: tuple[Bullet, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """The rules of one file, the most serious first."""

    title: str
    rules: tuple[Rule, ...]


def bullets(condition: Condition, pack: RulePack) -> Bullet:
    """Turn a condition into nested lines."""
    parts = tuple(bullets(part, pack) for part in condition.children())
    match condition:
        case Sentence():
            return Bullet(condition.text, _asked(condition, pack))
        case Named():
            return Bullet(condition.name, condition.title, parts)
        case AtLeast():
            return Bullet("", f"At least {condition.number} of", parts)
        case _:
            return Bullet("", _GROUPS.get(type(condition), ""), parts)


def outlined(bullet: Bullet, depth: int = 0) -> Iterator[str]:
    """Yield the lines of a condition as text: each sentence as it stands in the file."""
    yield f"{'  ' * depth}{'- ' if depth else ''}{bullet.sentence or bullet.words}"
    for part in bullet.parts:
        yield from outlined(part, depth + 1)


def _asked(sentence: Sentence, pack: RulePack) -> str:
    """Say a sentence in words: the question as it is asked, and what the answer must be."""
    item = pack.items.get(sentence.subject)
    ask = item.ask if item else ""
    match sentence:
        case TakesMedicine():
            return _medicine(sentence, pack)
        case Within(window=window, ago=ago):
            return f"{ask} {'At least' if ago else 'Less than'} {window} ago"
        case Compares(comparison=comparison, limit=limit, upper=upper) if item:
            ends = f"{limit} and {upper}" if upper is not None else str(limit)
            return f"{ask} {comparison} {ends} {item.unit}".strip()
        case Is(codes=codes, negated=negated) if item:
            words = [text for word, text in item.words.items() if word.value in codes]
            return f"{ask} {'Not ' if negated else ''}{_quoted(item, codes, words)}"
        case Includes(codes=codes, quantifier=quantifier) if item:
            how = {Quantifier.NONE: "None of: ", Quantifier.ALL: "All of: "}.get(quantifier, "")
            return f"{ask} {how}{_quoted(item, codes, [])}"
        case _:
            return ask


def _medicine(sentence: TakesMedicine, pack: RulePack) -> str:
    wanted = sentence.wanted
    title = pack.vocabulary.classes.get(wanted.medicine_class, wanted.medicine_class)
    said = [f"{sentence.number} or more of: {title}" if sentence.number > 1 else title]
    if wanted.status is not None:
        said.append("taken now" if wanted.status is Status.CURRENT else "stopped")
    if wanted.within is not None:
        said.append(f"taken now or less than {wanted.within} ago")
    return ", ".join(said)


def _quoted(item: Item, codes: frozenset[str], words: list[str]) -> str:
    named = [option.text for option in item.options if option.code in codes]
    return ", ".join(f"“{text}”" for text in (*named, *words))


_GROUPS: dict[type[Condition], str] = {All: "All of", AnyOf: "Any of", Not: "Not"}


def subjects(pack: RulePack) -> Iterator[Subject]:
    """Yield the rules by file, in the order of the pack's files."""
    for subject, members in groupby(pack.rules, key=lambda rule: rule.subject):
        yield Subject(subject, tuple(sorted(members, key=lambda rule: rule.level.triage.rank)))


def sources(rule: Rule, pack: RulePack) -> Iterator[Source]:
    """Yield the sources of a rule and of its stricter levels, each once."""
    of_labels = (name for strict, _ in rule.stricter for name in strict.sources)
    for name in dict.fromkeys((*rule.sources, *of_labels)):
        if name in pack.sources:
            yield pack.sources[name]


def _classes(pack: RulePack) -> Iterator[tuple[str, list[str]]]:
    """Yield the title of each class with the medicines that count, or may count, as one of it."""
    for name, title in pack.vocabulary.classes.items():
        members = (
            m for m in pack.vocabulary.medicines if m.of_class(name, None) is not Truth.NOT_MET
        )
        yield title, [f"{m.name} ({', '.join(m.brands)})" if m.brands else m.name for m in members]


def rule_book(pack: RulePack, environment: Environment, today: date) -> str:
    """Return the whole pack as one printable HTML page.

    It holds the questions as patients see them, the rules by subject, windows and thresholds,
    device labels, conflicts, what the clinic chose, what covers which topic, and the sources. It
    says of every rule who reviewed it, and of the pack how many nobody has.
    """
    waiting = sum(1 for rule in pack.rules if not rule.is_reviewed)
    return environment.get_template("documents/rule_book.html").render(
        pack=pack,
        subjects=list(subjects(pack)),
        bullets={rule.id: bullets(rule.when, pack) for rule in pack.rules},
        gates={name: bullets(gate, pack) for name, gate in pack.gates.items()},
        coverage=coverage_of(pack),
        duties=[(title, list(lines)) for title, lines in groupby(pack.duties, lambda d: d.group)],
        classes=list(_classes(pack)),
        waiting=waiting,
        offered=languages_of(pack),
        today=today,
    )
