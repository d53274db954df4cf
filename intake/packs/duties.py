"""What a pack must take care of: its topics, and the staff's checklist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.core.evidence import Duty, Topic
from intake.packs import shapes
from intake.packs.sentences import condition_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.packs.draft import Draft


def read_topics(draft: Draft) -> Iterator[Topic]:
    """Read the topics, group by group."""
    seen: set[str] = set()
    for node in draft.rows("topics.yaml", shapes.TopicsShape, "topics"):
        group = draft.check(node, shapes.TopicGroupShape)
        for index, one in enumerate(group.topics if group else []):
            place = node.at(["topics", index])
            if one.id in seen:
                draft.note(place, f"there are two topics '{one.id}'; an id is used once")
            seen.add(one.id)
            draft.places[f"topic {one.id}"] = place.place
            yield Topic(one.id, one.title, group.group if group else "", one.left_out)


def read_checklist(draft: Draft) -> Iterator[Duty]:
    """Read the staff's checklist, group by group."""
    seen: set[str] = set()
    for node in draft.rows("checklist.yaml", shapes.ChecklistShape, "checklist"):
        group = draft.check(node, shapes.DutyGroupShape)
        for index, one in enumerate(group.lines if group else []):
            place = node.at(["lines", index])
            if one.id in seen:
                draft.note(place, f"there are two lines '{one.id}'; an id is used once")
            seen.add(one.id)
            gate = place.child("when")
            when = condition_of(gate, draft.names, draft.problems) if gate else None
            draft.places[f"duty {one.id}"] = place.place
            title = group.group if group else ""
            yield Duty(one.id, one.text, title, tuple(one.covers), when)
