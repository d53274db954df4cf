"""Whether what is said at the chair, and what went badly before, is heard by the rules."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, NamedTuple

from intake.core.course import told_at_chair, told_by_record
from intake.core.questionnaire import PLAN_PREFIX
from intake.core.reading import read_all
from intake.core.rules import Triage
from intake.core.telling import screen_told
from intake.core.treatment import Confirmation, Noticed, Reaction, Reply, Said

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from intake.core.answers import Answer
    from intake.core.rules import RulePack, Vignette
    from intake.core.telling import Telling


class Unheard(NamedTuple):
    """Something that was told and that no rule takes up.

    Attributes:
        place: Where it is written in the pack.
        words: What was told.
    """

    place: str
    words: str


def unheard(pack: RulePack) -> Iterator[Unheard]:
    """Yield what a healthy patient may tell, or the record of one, without being looked at."""
    base = pack.base
    if base is None:
        return
    answers = read_all(pack, base.answers, base.plan, base.on).answers
    for place, words, told, least in (*_at_chair(pack, base), *_after(pack, base, answers)):
        if screen_told(pack, answers, told, base.on).triage.rank > least.rank:
            yield Unheard(pack.places.get(place, "session.yaml:1"), f"{words} is below {least}")


def _at_chair(
    pack: RulePack, base: Vignette
) -> Iterator[tuple[str, str, Sequence[Telling], Triage]]:
    for question in pack.guide.chair:
        for reply in (Reply.YES, Reply.NOT_SURE):
            said = {one.id: Said(Reply.NO) for one in pack.guide.chair}
            said[question.id] = Said(reply)
            at = datetime.combine(base.on, time(), UTC)
            one = Confirmation("", "", base.on, said, frozenset(), "", "", at)
            words = f"'{reply.value}' to '{question.id}'"
            told = list(told_at_chair(pack.guide, one))
            yield f"chair {question.id}", words, told, Triage.DEFER


def _after(
    pack: RulePack, base: Vignette, answers: Mapping[str, Answer]
) -> Iterator[tuple[str, str, Sequence[Telling], Triage]]:
    area = answers[f"{PLAN_PREFIX}area"]
    at = datetime.combine(base.on, time(), UTC)
    for kind in pack.guide.reactions:
        note = Reaction("", "", "", Noticed(kind.id, base.on, settled=False), "", "", at)
        told = list(told_by_record(pack, area, [], [note]))
        yield f"reactions {kind.id}", f"the open reaction '{kind.id}'", told, Triage.REVIEW
