"""The rules in force, to be read like a guideline."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePath
from typing import TYPE_CHECKING

from intake.core.conditions import All, AnyOf, AtLeast, Named, Not, Sentence
from intake.core.errors import NotFoundError
from intake.web.access import Access, open_to
from intake.web.clinic import current_clinic
from intake.web.desk_base import bp, page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Response as Answer

    from intake.core.conditions import Condition
    from intake.core.evidence import Source
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
    """The rules of one file."""

    title: str
    rules: tuple[Rule, ...]


def bullets(condition: Condition, pack: RulePack) -> Bullet:
    """Turn a condition into nested lines."""
    parts = tuple(bullets(part, pack) for part in condition.children())
    match condition:
        case Sentence():
            item = pack.items.get(condition.subject)
            return Bullet(condition.text, item.ask if item else "")
        case Named():
            return Bullet(condition.name, condition.title, parts)
        case AtLeast():
            return Bullet("", f"At least {condition.number} of", parts)
        case _:
            return Bullet("", _GROUPS.get(type(condition), ""), parts)


_GROUPS: dict[type[Condition], str] = {All: "All of", AnyOf: "Any of", Not: "Not"}


def subjects(pack: RulePack) -> Iterator[Subject]:
    """Yield the rules by file, in the order of the pack."""
    for stem, members in groupby(pack.rules, key=_subject):
        yield Subject(stem, tuple(members))


def _subject(rule: Rule) -> str:
    stem = PurePath(rule.where.split(":", 1)[0]).stem
    return stem.replace("-", " ").replace("_", " ").capitalize() or "Rules"


def sources(rule: Rule, pack: RulePack) -> Iterator[Source]:
    """Yield the sources of a rule and of its stricter levels, each once."""
    of_labels = (name for strict, _ in rule.stricter for name in strict.sources)
    for name in dict.fromkeys((*rule.sources, *of_labels)):
        if name in pack.sources:
            yield pack.sources[name]


@bp.get("/rules")
@open_to(Access.DESK)
def rules() -> Answer:
    """Show the pack in force: version, hash, and its rules by subject."""
    pack = current_clinic().pack
    waiting = sum(1 for rule in pack.rules if not rule.is_reviewed)
    return page(
        "rules",
        pack=pack,
        subjects=list(subjects(pack)),
        not_reviewed=waiting,
        today=current_clinic().today(),
    )


@bp.get("/rules/<rule_id>")
@open_to(Access.DESK)
def rule(rule_id: str) -> Answer:
    """Show one rule in full."""
    pack = current_clinic().pack
    found = pack.rules_by_id.get(rule_id)
    if found is None:
        msg = "There is no such rule in the pack in force."
        raise NotFoundError(msg)
    return page(
        "rule",
        pack=pack,
        rule=found,
        condition=bullets(found.when, pack),
        sources=list(sources(found, pack)),
        conflicts=pack.conflicts_of(found),
        choices=pack.choices_about(found),
        stricter=[(s, device and bullets(device, pack)) for s, device in found.stricter],
        today=current_clinic().today(),
    )
