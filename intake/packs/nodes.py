"""The tree of text that a rule file is read to, with the line of every piece."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain] | None"


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of a rule file and the line on which it begins (1 for the first)."""

    value: str | list[Node] | dict[str, Node] | None
    file: str
    line: int

    @property
    def place(self) -> str:
        """Where it stands, as `file:line`."""
        return f"{self.file}:{self.line}"

    def plain(self) -> Plain:
        """Return the bare lists, mappings and texts."""
        match self.value:
            case dict():
                return {key: node.plain() for key, node in self.value.items()}
            case list():
                return [node.plain() for node in self.value]
            case _:
                return self.value

    def at(self, path: Sequence[str | int]) -> Node:
        """Follow *path* as far as it goes and return the piece reached."""
        node = self
        for step in path:
            if isinstance(node.value, dict) and step in node.value:
                node = node.value[str(step)]
            elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
            else:
                break
        return node

    def child(self, key: str) -> Node | None:
        """Return what stands under *key* of a mapping."""
        return self.value.get(key) if isinstance(self.value, dict) else None
