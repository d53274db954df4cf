"""What a pack says of the day of treatment and after it: session.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from intake.core.answers import read_answer
from intake.core.errors import AnswerError, near
from intake.core.guide import ON_THE_DAY, Advice, ChairQuestion, Consequence, Guide, ReactionKind
from intake.core.questionnaire import PLAN_PREFIX, Kind
from intake.packs import shapes
from intake.packs.sentences import condition_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from intake.core.answers import Raw
    from intake.core.conditions import Condition
    from intake.packs.draft import Draft
    from intake.packs.nodes import Node

FILE = "session.yaml"


def read_guide(draft: Draft, on: date) -> Guide:
    """Read the guide; an empty one when the pack has none."""
    node = draft.files.get(FILE)
    if node is None or draft.whole(FILE, shapes.SessionShape) is None:
        return Guide()
    return Guide(
        chair=tuple(_chair(draft, on)),
        carried_out=tuple(_carried_out(draft, on)),
        reactions=tuple(_reactions(draft, on)),
        advice=tuple(_advice(draft)),
    )


def _chair(draft: Draft, on: date) -> Iterator[ChairQuestion]:
    for node, one in _each(draft, "chair", shapes.ChairShape):
        yes = _answers(draft, node, "yes", one.yes, on)
        _check_names(draft, node, one)
        yield ChairQuestion(one.id, one.ask, yes, one.names, tuple(one.covers))


def _check_names(draft: Draft, node: Node, one: shapes.ChairShape) -> None:
    """Note a list of names that is no list of medicines, or that a yes says nothing of."""
    item = draft.names.items.get(one.names)
    if one.names and (item is None or item.kind is not Kind.MEDICINES):
        draft.note(node.at(["names"]), f"'{one.names}' is not a question about medicines")
    elif one.names and one.names not in one.yes:
        draft.note(node.at(["names"]), f"'{one.names}' belongs under yes too, for a blank name")


def _carried_out(draft: Draft, on: date) -> Iterator[Consequence]:
    under = draft.files[FILE].child("carried_out")
    rows = under.value if under is not None and isinstance(under.value, list) else []
    for node in rows:
        one = draft.check(node, shapes.ConsequenceShape)
        if one is not None:
            answers = _answers(draft, node, "answers", one.answers, on)
            yield Consequence(answers, _when(draft, node), tuple(one.covers))


def _reactions(draft: Draft, on: date) -> Iterator[ReactionKind]:
    for node, one in _each(draft, "reactions", shapes.ReactionShape):
        still = _answers(draft, node, "open", one.open, on)
        settled = _answers(draft, node, "settled", one.settled, on)
        yield ReactionKind(one.id, one.title, still, settled, tuple(one.covers))


def _advice(draft: Draft) -> Iterator[Advice]:
    for node, one in _each(draft, "aftercare", shapes.AdviceShape):
        is_warning = one.warning == "yes"
        yield Advice(one.id, one.text, is_warning, _when(draft, node), tuple(one.covers))


def _each(
    draft: Draft, key: str, shape: type[shapes.IdentifiedShape]
) -> Iterator[tuple[Node, Any]]:
    """Yield each entry of a list whose ids are used once."""
    under = draft.files[FILE].child(key)
    seen: set[str] = set()
    for node in under.value if under is not None and isinstance(under.value, list) else []:
        one = draft.check(node, shape)
        if one is None:
            continue
        if one.id in seen:
            draft.note(node, f"there are two entries '{one.id}' under {key}; an id is used once")
        seen.add(one.id)
        draft.places[f"{key} {one.id}"] = node.place
        yield node, one


def _when(draft: Draft, node: Node) -> Condition | None:
    """Read when an entry counts; it looks at the session alone."""
    gate = node.child("when")
    if gate is None:
        return None
    when = condition_of(gate, draft.names, draft.problems)
    for sentence in when.sentences() if when else ():
        if not sentence.subject.startswith(PLAN_PREFIX):
            draft.note(gate, f"'{sentence.subject}' is not known of a session; ask about the plan")
    return when


def _answers(
    draft: Draft, node: Node, key: str, answers: Mapping[str, Raw], on: date
) -> dict[str, Raw]:
    """Return answers to questions of the form, noting those that none can be."""
    known = draft.names.items
    for link_id, raw in answers.items():
        place = node.at([key, link_id])
        item = known.get(link_id)
        if item is None or item.is_plan_field:
            if "items" not in draft.names.unread:
                draft.note(place, f"there is no question '{link_id}'{near(link_id, known)}")
            continue
        try:
            read_answer(item, on.isoformat() if raw == ON_THE_DAY else raw, on)
        except AnswerError as error:
            draft.note(place, f"this is no answer to '{link_id}': {error}")
    return dict(answers)
