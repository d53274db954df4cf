"""The content of a rule as one number, so that a sign-off holds for exactly what was read."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.core.conditions import AtLeast, Condition, Named, Sentence
from intake.core.sentences import TakesMedicine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from intake.core.evidence import Conflict, Setting, Source
    from intake.core.questionnaire import Item
    from intake.core.rules import Rule


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the sentences of a rule refer to.

    Attributes:
        members: What counts, or may count, as a medicine of each class.
    """

    items: Mapping[str, Item]
    settings: Mapping[str, Setting]
    sources: Mapping[str, Source]
    members: Mapping[str, tuple[str, ...]]
    conflicts: Mapping[str, Conflict]


def digest_of(rule: Rule, around: Surroundings) -> str:
    """Return the SHA-256 of everything a clinician reads when reading *rule*.

    That is its texts, its condition with named conditions written out, the questions it looks at
    and those that open them as they are asked, the medicines it means, the pack's own value and
    range of each setting, what its sources say and where they disagree.
    """
    names = dict.fromkeys((*rule.sources, *(name for s, _ in rule.stricter for name in s.sources)))
    read = {
        "id": rule.id,
        "title": rule.title,
        "level": rule.level,
        "floor": rule.floor,
        "lowest": rule.lowest,
        "highest": rule.highest,
        "when": _outline(rule.when),
        "questions": [_question(around.items[subject]) for subject in _asked_about(rule, around)],
        "medicines": {name: around.members.get(name, ()) for name in _classes(rule)},
        "settings": {name: _setting(around.settings[name]) for name in rule.settings},
        "meaning": rule.meaning,
        "action": rule.action,
        "patient_text": rule.patient_text,
        "basis": rule.basis,
        "sources": {name: around.sources[name].says for name in names},
        "conflicts": [_conflict(around.conflicts[name]) for name in rule.conflicts],
        "covers": rule.covers,
        "stricter": [(s.label, s.level, s.because) for s, _ in rule.stricter],
        "reviewer": rule.reviewer,
        "review_by": rule.review_by.isoformat(),
    }
    text = json.dumps(read, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _outline(condition: Condition) -> object:
    match condition:
        case Sentence():
            return condition.text
        case Named():
            return [condition.title, _outline(condition.part)]
        case _:
            number = condition.number if isinstance(condition, AtLeast) else None
            kind = type(condition).__name__
            return [kind, number, *(_outline(part) for part in condition.children())]


def _setting(setting: Setting) -> object:
    return [setting.title, setting.written_default, setting.range]


def _conflict(conflict: Conflict) -> object:
    return [conflict.id, conflict.topic, [p.says for p in conflict.positions], conflict.default]


def _asked_about(rule: Rule, around: Surroundings) -> list[str]:
    """Return the questions of a rule, and those that decide whether they are asked."""
    found: dict[str, None] = {}
    waiting = list(rule.subjects)
    while waiting:
        subject = waiting.pop(0)
        gate = around.items[subject].enable_when
        if subject not in found and gate is not None:
            waiting.extend(sentence.subject for sentence in gate.sentences())
        found[subject] = None
    return list(found)


def _classes(rule: Rule) -> Iterator[str]:
    for sentence in rule.sentences:
        if isinstance(sentence, TakesMedicine):
            yield sentence.wanted.medicine_class


def _question(item: Item) -> object:
    gate = item.enable_when and _outline(item.enable_when)
    options = [(option.code, option.text, option.area) for option in item.options]
    return [item.ask, item.hint, options, item.unit, sorted(item.words.values()), gate]
