"""The medicine vocabulary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.core.medicines import Medicine, Route, Vocabulary, normal
from intake.packs import schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.packs.draft import Draft
    from intake.packs.reading import Node

_COUNTRIES = frozenset(
    "US UK EU AU CA DE FR IT ES AT PL IN TR NZ JP CEE LatAm Asia CH IE NL".split()
)


def read_vocabulary(draft: Draft) -> Vocabulary:
    """Read classes, medicines and look-alikes."""
    file = draft.whole("medicines.yaml", schema.MedicinesShape)
    if file is None:
        return Vocabulary({}, ())
    rows = []
    owner: dict[str, str] = {}
    for node in draft.rows("medicines.yaml", schema.MedicinesShape, "medicines"):
        one = draft.check(node, schema.MedicineShape)
        if one is None:
            continue
        row = _medicine(draft, one, node, file.classes)
        _check_names_are_its_own(draft, row, node, owner)
        rows.append(row)
    pairs = tuple((pair[0], pair[-1]) for pair in file.lookalikes)
    return Vocabulary(file.classes, tuple(rows), pairs)


def _medicine(
    draft: Draft, one: schema.MedicineShape, node: Node, classes: Mapping[str, str]
) -> Medicine:
    used = {*one.classes, *(c for row in one.by_route.values() for c in row)}
    for unknown in sorted(used - set(classes)):
        draft.note(node, f"there is no class '{unknown}'; add it under classes or mend the name")
    by_route: dict[Route, frozenset[str]] = {}
    for route, row in one.by_route.items():
        if route in tuple(Route):
            by_route[Route(route)] = frozenset(row)
        else:
            allowed = ", ".join(f"'{known}'" for known in Route)
            draft.note(
                node.at(["by_route", route]), f"'{route}' is no route; allowed are {allowed}"
            )
    return Medicine(
        name=one.name,
        also=tuple(one.also),
        brands=tuple(_without_countries(brand) for brand in one.brands),
        misspelt=tuple(one.misspelt),
        classes=frozenset(one.classes),
        by_route=by_route or None,
    )


def _check_names_are_its_own(
    draft: Draft, row: Medicine, node: Node, owner: dict[str, str]
) -> None:
    """Refuse a name that stands for two medicines: it would hide one of them."""
    for name in (row.name, *row.also, *row.brands, *row.misspelt):
        other = owner.setdefault(normal(name), row.name)
        if other != row.name:
            draft.note(node, f"'{name}' already stands for {other}; a name belongs to one row")


def _without_countries(brand: str) -> str:
    """Strip country marks: `Roaccutane (UK EU AU)` is the brand Roaccutane."""
    name, bracket, rest = brand.partition(" (")
    marks = rest.rstrip(")").replace("/", " ").replace(",", " ").split()
    return name if bracket and marks and set(marks) <= _COUNTRIES else brand
