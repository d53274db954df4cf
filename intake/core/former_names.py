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


def other_kinds(before: Mapping[str, Item], after: Mapping[str, Item]) -> Iterator[tuple[str, str]]:
    """Yield each question that says it was one which took another kind of answer, and that one."""
    for link_id, item in after.items():
        for name in item.was:
            if name in before and before[name].kind is not item.kind:
                yield link_id, name
