"""How often each question is left open: not sure, rather told in person, or not understood.

A form counts for a question that it was asked and that needs an answer, as the desk counts what is
unknown. A list that names something and adds "and something I don't know" has an answer.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from intake.core.answers import Listed, Missing, read_stored
from intake.core.figures import FEW, Share, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from intake.core.answers import Raw
    from intake.core.medicines import MedicineEntry
    from intake.core.questionnaire import Item
    from intake.core.rules import RulePack
    from intake.core.vocabulary import Vocabulary

MOST_REMEMBERED = 10_000
"""Words for medicines that are looked up once only."""


class Open(StrEnum):
    """Why an answer has no value."""

    NOT_SURE = "not_sure"
    WITHHELD = "withheld"
    NOT_UNDERSTOOD = "not_understood"


@dataclass(frozen=True, slots=True)
class Asked:
    """So many forms were asked a question; with a value, so many answered it with that value.

    Attributes:
        number: Below zero for what is taken back, since the answer was set aside.
    """

    pack_hash: str
    link_id: str
    number: int
    value: Raw = None


@dataclass(frozen=True, slots=True)
class QuestionFigures:
    """What became of one question; None stands for a number too small to be told.

    Attributes:
        versions: The versions of the pack that ask it in these words.
        open: Of the forms that were asked, those that left it open.
        why: How many of these for each reason; None where the sum would tell what is too small.
    """

    link_id: str
    ask: str
    is_private: bool
    versions: tuple[str, ...]
    open: Share
    why: Mapping[Open, int | None] | None


def why_open(
    item: Item, raw: Raw, understood: Callable[[MedicineEntry], bool], today: date
) -> Open | None:
    """Say why a stored answer has no value; None when it has one."""
    answer = read_stored(item, raw, today)
    match answer:
        case Missing.NOT_SURE:
            return Open.NOT_SURE
        case Missing.WITHHELD:
            return Open.WITHHELD
        case Missing():
            return Open.NOT_UNDERSTOOD
        case Listed(entries):
            return None if all(map(understood, entries)) else Open.NOT_UNDERSTOOD
    return None


def understanding(vocabulary: Vocabulary) -> Callable[[MedicineEntry], bool]:
    """Return what tells whether an entry is understood; the same words are looked up once."""

    @lru_cache(MOST_REMEMBERED)
    def understood(entry: MedicineEntry) -> bool:
        return vocabulary.recognise(entry).is_understood

    return understood


class _Question:
    """The counts of one question in one wording, while they come in."""

    def __init__(self, *, is_private: bool) -> None:
        self.is_private = is_private
        self.forms = 0
        self.why: Counter[Open] = Counter()
        self.versions: dict[str, None] = {}


def question_figures(
    packs: Mapping[str, RulePack], asked: Iterable[Asked], answered: Iterable[Asked], today: date
) -> tuple[QuestionFigures, ...]:
    """Count each question that was asked, those first that are most surely left open.

    Versions that ask in the same words are counted together.

    Args:
        packs: Those the forms were begun with, by hash.
        asked: How many forms have an answer to each question.
        answered: Every value that may have left a question open.
        today: For reading the values.
    """
    questions: dict[tuple[str, str], _Question] = {}
    for one in asked:
        pack = packs[one.pack_hash]
        if item := _counted(pack, one.link_id):
            is_private = item.link_id in pack.questionnaire.private
            key = (item.link_id, item.ask)
            question = questions.setdefault(key, _Question(is_private=is_private))
            question.is_private |= is_private
            question.forms += one.number
            question.versions[pack.version] = None
    understood = {hash_: understanding(pack.vocabulary) for hash_, pack in packs.items()}
    for one in answered:
        item = _counted(packs[one.pack_hash], one.link_id)
        if item and (reason := why_open(item, one.value, understood[one.pack_hash], today)):
            questions[item.link_id, item.ask].why[reason] += one.number
    found = (_figures(key, question) for key, question in questions.items() if question.forms > 0)
    return tuple(sorted(found, key=_by_certainty))


def _counted(pack: RulePack, link_id: str) -> Item | None:
    """Return the question if patients are asked it and a rule needs its answer."""
    item = pack.questionnaire.items.get(link_id)
    is_counted = item and item.required and not item.informational and item.from_record is None
    return item if is_counted else None


def _figures(key: tuple[str, str], question: _Question) -> QuestionFigures:
    share = Share(question.why.total(), question.forms)
    why: dict[Open, int | None] = {reason: question.why[reason] for reason in Open}
    is_private, versions = question.is_private, tuple(question.versions)
    if not is_private:
        return QuestionFigures(*key, is_private, versions, share, why)
    shown = {reason: told(number) for reason, number in why.items()}
    rest = sum(question.why[reason] for reason, number in shown.items() if number is None)
    # What is left of the sum would tell a small number all the same.
    may_tell = rest == 0 or rest >= FEW
    hidden = Share(told(share.part), told(share.whole))
    return QuestionFigures(*key, is_private, versions, hidden, shown if may_tell else None)


def _by_certainty(figures: QuestionFigures) -> tuple[float, int, str, str]:
    low = 0.0 if figures.open.is_small else figures.open.interval[0]
    return -low, -(figures.open.part or 0), figures.link_id, figures.ask
