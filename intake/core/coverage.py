"""Which part of a pack takes care of each topic, and which topics nothing takes care of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.core.evidence import Topic
    from intake.core.rules import RulePack


class Coverer(NamedTuple):
    """A part of a pack that names topics, as `rule acne-deep-lumps`, and where it stands."""

    words: str
    place: str
    covers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """One topic and everything that names it under `covers`.

    Attributes:
        by: What names it, as `rule acne-deep-lumps`.
    """

    topic: Topic
    by: tuple[str, ...]

    @property
    def is_gap(self) -> bool:
        """Whether nothing covers it and nobody gave a reason."""
        return not self.by and not self.topic.left_out


def coverage_of(pack: RulePack) -> tuple[Coverage, ...]:
    """Return every topic of the pack with what covers it, in their order."""
    found: dict[str, list[str]] = {}
    for coverer in _coverers(pack):
        for topic in coverer.covers:
            found.setdefault(topic, []).append(coverer.words)
    return tuple(Coverage(topic, tuple(found.get(topic.id, ()))) for topic in pack.topics)


def unknown_topics(pack: RulePack) -> Iterator[tuple[Coverer, str]]:
    """Yield what names a topic that is not on the list, with that topic."""
    known = {topic.id for topic in pack.topics}
    for coverer in _coverers(pack):
        yield from ((coverer, topic) for topic in coverer.covers if topic not in known)


def _coverers(pack: RulePack) -> Iterator[Coverer]:
    places = pack.places
    for rule in (*pack.rules, *pack.switched_off):
        yield Coverer(f"rule {rule.id}", rule.where, rule.covers)
    for link_id, item in pack.items.items():
        kind = "plan field" if item.is_plan_field else "question"
        yield Coverer(f"{kind} {link_id}", places.get(link_id, ""), item.covers)
    for page in pack.questionnaire.pages:
        yield Coverer(f"text {page.id}", places.get(page.items[0].link_id, ""), page.covers)
    for duty in pack.duties:
        yield Coverer(f"checklist {duty.id}", places.get(f"duty {duty.id}", ""), duty.covers)
    yield from _guide_coverers(pack)


def _guide_coverers(pack: RulePack) -> Iterator[Coverer]:
    guide = pack.guide
    for kind, entries in (
        ("chair", guide.chair),
        ("reactions", guide.reactions),
        ("aftercare", guide.advice),
    ):
        for one in entries:
            yield Coverer(f"{kind} {one.id}", pack.places.get(f"{kind} {one.id}", ""), one.covers)
    for consequence in guide.carried_out:
        yield Coverer("carried_out", "session.yaml:1", consequence.covers)
