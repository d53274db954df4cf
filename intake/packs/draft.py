"""A pack while it is being built: its files, what is known so far, and every problem found."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from intake.core.errors import near
from intake.packs import schema, shapes
from intake.packs.names import Names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from intake.core.evidence import Conflict, DeviceLabel, SignOff, Source
    from intake.packs.nodes import Node

S = TypeVar("S", bound=shapes.Shape)

NUMBER = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,12})?")
"""A plain decimal number; nothing with an exponent, a sign word or other digits."""

FILES = {
    "pack.yaml": "items",
    "questionnaire.yaml": "items",
    "conditions.yaml": "conditions",
    "settings.yaml": "settings",
    "labels.yaml": "labels",
    "medicines.yaml": "classes",
    "sources.yaml": "sources",
}
"""The files every pack has, and the kind of names each gives the others."""

CLINIC = "clinic.yaml"
"""What a clinic decided for itself; kept with the pack it was decided on."""

OPTIONAL_FILES = (
    "conflicts.yaml",
    "topics.yaml",
    "checklist.yaml",
    "session.yaml",
    "signoffs.yaml",
    CLINIC,
)
"""Files a pack may have."""

FOLDERS = ("rules", "vignettes", "languages")
"""Folders of a pack; of rules there is at least one file."""


@dataclass
class Draft:
    """What the parts of the builder share.

    Attributes:
        files: The trees of the files that could be read.
        unreadable: Names of files that are there but could not be read.
        places: Where each thing stands, as `file:line`.
        signoffs: The last word of a clinician on each rule.
        checked: The last word of a translator on each language.
        members: What counts, or may count, as a medicine of each class.
    """

    files: Mapping[str, Node]
    unreadable: frozenset[str]
    problems: list[str] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    names: Names = field(default_factory=Names)
    sources: dict[str, Source] = field(default_factory=dict)
    labels: dict[str, DeviceLabel] = field(default_factory=dict)
    conflicts: dict[str, Conflict] = field(default_factory=dict)
    signoffs: dict[str, SignOff] = field(default_factory=dict)
    checked: dict[str, SignOff] = field(default_factory=dict)
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Leave unblamed whoever refers to what stands in a file that could not be read."""
        for name in {*self.unreadable, *(set(FILES) - set(self.files))}:
            self.names.unread.add(FILES.get(name, name))

    def note(self, node: Node, words: str) -> None:
        """Add a problem where *node* stands."""
        self.problems.append(f"{node.place}: {words}")

    def check(self, node: Node, shape: type[S]) -> S | None:
        """Hold a piece of a file against its shape."""
        return schema.check(shape, node, self.problems)

    def whole(self, name: str, shape: type[S]) -> S | None:
        """Hold a whole file against its shape; what it should have named is then not missed."""
        node = self.files.get(name)
        found = self.check(node, shape) if node else None
        if found is None:
            self.names.unread.add(FILES.get(name, name))
        return found

    def entries(self, name: str, file: type[S], key: str) -> Iterator[tuple[str, Node]]:
        """Yield each entry of a file that maps names to things, with its name."""
        node = self.files.get(name)
        if self.whole(name, file) is None or node is None:
            return
        under = node.child(key)
        if under is not None and isinstance(under.value, dict):
            yield from under.value.items()

    def rows(self, name: str, file: type[S], key: str) -> Iterator[Node]:
        """Yield each entry of a file that lists things; nothing when the pack has no such file."""
        node = self.files.get(name)
        if node is None or self.whole(name, file) is None:
            return
        under = node.child(key)
        if under is not None and isinstance(under.value, list):
            yield from under.value

    def day(self, text: str, node: Node) -> date | None:
        """Read a day, or note that it is none."""
        try:
            if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        self.note(node, f"'{text}' is not a date; write it as 2027-11-21")
        return None

    def number(self, text: str | None, node: Node, what: str) -> Decimal | None:
        """Read a plain number, or note that it is none."""
        if text is None:
            return None
        if NUMBER.fullmatch(text):
            return Decimal(text)
        self.note(node, f"'{text}' is not a number; {what} is written in plain digits")
        return None

    def known_sources(self, wanted: Iterable[str], node: Node) -> tuple[str, ...]:
        """Return the sources named, noting those that do not exist."""
        if "sources" not in self.names.unread:
            for source in wanted:
                if source not in self.sources and source not in self.names.broken:
                    hint = near(source, self.sources)
                    self.note(node, f"there is no source '{source}' in sources.yaml{hint}")
        return tuple(wanted)


def line_of(node: Node, *path: str | int) -> Node:
    """Return the piece under *path*, or *node* itself when there is none."""
    return node.at(path)


def texts(value: Any) -> list[str]:  # noqa: ANN401 - what stands in a file
    """Return the texts in a list, leaving out what is not text."""
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
