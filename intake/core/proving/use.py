"""What of a questionnaire nobody needs, and what of it nobody can reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.core.conditions import AREA_FIELD, Condition, Named
from intake.core.proving import TooLargeError
from intake.core.proving.tables import Table
from intake.core.questionnaire import NONE_CODE, PLAN_PREFIX, UNDECIDED_CODE, Kind
from intake.core.sentences import Includes, Is, Overlaps, TakesMedicine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.core.proving.cells import Cells
    from intake.core.rules import RulePack


def _conditions(pack: RulePack) -> Iterator[Condition]:
    yield from (rule.when for rule in (*pack.rules, *pack.switched_off))
    yield from pack.gates.values()
    yield from (duty.when for duty in pack.duties if duty.when)


def _named_answers(pack: RulePack) -> dict[str, set[str]]:
    """Return the answers that some rule or gate mentions, by question; all questions looked at."""
    named: dict[str, set[str]] = {}
    for condition in _conditions(pack):
        for sentence in condition.sentences():
            codes = named.setdefault(sentence.subject, set())
            if isinstance(sentence, Is | Includes):
                codes |= sentence.codes
            elif isinstance(sentence, Overlaps):
                codes.update(pack.items[sentence.subject].codes)
                named.setdefault(AREA_FIELD, set()).update(pack.items[AREA_FIELD].codes)
    for rule in (*pack.rules, *pack.switched_off):
        for stricter, _ in rule.stricter:
            named.setdefault(PLAN_PREFIX + "device", set()).add(stricter.label)
    return named


def unused_questions(pack: RulePack) -> Iterator[str]:
    """Yield questions nobody uses: each costs a patient time and answers nothing."""
    named = _named_answers(pack)
    for link_id, item in pack.items.items():
        if link_id not in named and not item.informational:
            yield link_id


def unused_answers(pack: RulePack) -> Iterator[tuple[str, str]]:
    """Yield questions with answers that no rule mentions and nobody calls harmless."""
    named = _named_answers(pack)
    for link_id, item in pack.items.items():
        if item.kind not in (Kind.CHOICE, Kind.CHOICES) or item.informational:
            continue
        settled = named.get(link_id, set()) | item.harmless | {NONE_CODE, UNDECIDED_CODE}
        yield from ((link_id, code) for code in item.codes if code not in settled)


def never_asked(pack: RulePack, cells: Cells) -> Iterator[str]:
    """Yield questions whose gate is closed on every set of answers there is."""
    for link_id, gate in pack.gates.items():
        try:
            table = Table(cells, [gate])
        except TooLargeError:
            continue
        if not table.bounds(gate).certain:
            yield link_id


def unused_names(pack: RulePack) -> Iterator[tuple[str, str]]:
    """Yield settings, conditions, medicine classes and sources that nothing refers to.

    Each comes with its kind; a class that no rule asks for would be recognised in vain.
    """
    sentences = [s for condition in _conditions(pack) for s in condition.sentences()]
    rules = (*pack.rules, *pack.switched_off)
    conflicts = pack.conflicts.values()
    used = {
        "setting": {
            *(name for sentence in sentences for name in sentence.settings),
            *(name for rule in rules for name in rule.mentions),
            *(name for conflict in conflicts for name in conflict.settings),
        },
        "condition": {name for condition in _conditions(pack) for name in _names(condition)},
        "class": {s.wanted.medicine_class for s in sentences if isinstance(s, TakesMedicine)},
        "source": {
            *(name for rule in rules for name in rule.sources),
            *(name for rule in rules for strict, _ in rule.stricter for name in strict.sources),
            *(name for setting in pack.settings.values() for name in setting.sources),
            *(name for label in pack.labels.values() for name in label.sources),
            *(name for c in conflicts for position in c.positions for name in position.sources),
        },
    }
    asks_medicines = any(item.kind is Kind.MEDICINES for item in pack.items.values())
    for kind, there in (
        ("setting", pack.settings),
        ("condition", pack.conditions),
        ("class", pack.vocabulary.classes if asks_medicines else {}),
        ("source", pack.sources),
    ):
        yield from ((kind, name) for name in there if name not in used[kind])


def _names(condition: Condition) -> Iterator[str]:
    if isinstance(condition, Named):
        yield condition.name
    for part in condition.children():
        yield from _names(part)
