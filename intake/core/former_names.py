"""Questions that have another link id than before, so that their history stays one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from intake.core.questionnaire import Item


def renamed(before: Mapping[str, Item], after: Mapping[str, Item]) -> dict[str, str]:
    """Return what questions that have another link id now were called before."""
    return {
        link_id: name
        for link_id, item in after.items()
        for name in item.was
        if link_id not in before and name in before and name not in after
    }


def mixed(before: Mapping[str, Item], after: Mapping[str, Item]) -> Iterator[tuple[str, str]]:
    """Yield each question whose answers would mix with others in tables, and why.

    A stable name stands for one question with one kind of answer, and a question keeps its own.
    """
    kinds = {item.stable_name: item.kind for item in before.values()}
    for link_id, item in after.items():
        known = before.get(link_id)
        if kinds.get(item.stable_name, item.kind) is not item.kind:
            if item.was:
                yield link_id, f"'{item.was[0]}' under was took another kind of answer; take it out"
            else:
                yield link_id, f"'{link_id}' took another kind of answer before; give it another id"
        elif known is not None and known.stable_name != item.stable_name:
            yield link_id, f"'{link_id}' had its history under '{known.stable_name}'; keep its was"
