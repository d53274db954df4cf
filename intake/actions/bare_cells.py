"""The cells of a row without names: what stands in them, what of it may be shown, how it reads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.actions.treatments import MARK, Treatment

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

UNSAID = ""
"""What is counted for a cell in which nothing was said: to be the only one is to stand out, too."""


HELD = ("held", "back")
"""What is counted for what is told of nobody: to be the only one with a mark is to stand out."""


@dataclass(frozen=True, slots=True)
class Part:
    """One value in a cell.

    Attributes:
        value: None for what is told of nobody.
        column: Among whose values it is counted; None for what is shown uncounted.
        label: Of a field of the plan.
        is_list: There may be others beside it.
        counts_as: What is counted in its place; None for the value itself.
    """

    value: Hashable | None
    column: Hashable = None
    label: str = ""
    is_list: bool = False
    counts_as: Hashable = None

    @property
    def counted(self) -> tuple[Hashable, Hashable]:
        """What a patient is counted for: the column and the value in it."""
        if self.value is None:
            return self.column, HELD
        return self.column, self.value if self.counts_as is None else self.counts_as

    def is_in(self, shown: frozenset[tuple[Hashable, Hashable]]) -> bool:
        """Tell whether it may be shown."""
        return self.value is not None and (self.column is None or self.counted in shown)


@dataclass(frozen=True, slots=True)
class Cell:
    """What is shown of a cell, and what is held back."""

    kept: list[Part]
    held: list[Part]

    @property
    def said(self) -> list[object]:
        """The values shown, with a mark for all that are not."""
        found = [part.value for part in self.kept if part.value != UNSAID]
        return [*found, *([MARK] if self.held else [])]


def _single(cell: Cell) -> object:
    """Write the one value of a cell; None where nothing was said."""
    return MARK if cell.held else next(iter(cell.said), None)


def _joined(cell: Cell) -> object:
    return "; ".join(map(str, cell.said))


def _as_json(cell: Cell) -> object:
    """Write an answer: one value as it is, several as a list of JSON."""
    is_list = any(part.is_list for part in (*cell.kept, *cell.held))
    return json.dumps(cell.said) if is_list else _single(cell)


def _fields(cell: Cell) -> object:
    """Write the plan as JSON, each field as an answer."""
    labels = dict.fromkeys(part.label for part in (*cell.kept, *cell.held))
    return json.dumps({label: _field_of(cell, label) for label in sorted(labels)})


def _field_of(cell: Cell, label: str) -> object:
    kept, held = ([p for p in parts if p.label == label] for parts in (cell.kept, cell.held))
    one = Cell(kept, held)
    return one.said if any(part.is_list for part in (*kept, *held)) else _single(one)


_WRITTEN: Mapping[Treatment, Callable[[Cell], object]] = {
    Treatment.LIST: _joined,
    Treatment.ANSWER: _as_json,
    Treatment.PLAN: _fields,
}


def written(treatment: Treatment, cell: Cell) -> object:
    """Return a cell as it goes out."""
    return _WRITTEN.get(treatment, _single)(cell)
