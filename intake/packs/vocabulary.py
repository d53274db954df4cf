"""The medicine vocabulary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.core.errors import near
from intake.core.medicines import Medicine, Route
from intake.core.patient_words import normal
from intake.core.vocabulary import Vocabulary
from intake.packs import shapes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from intake.packs.draft import Draft
    from intake.packs.nodes import Node

_COUNTRIES = frozenset(
    "US UK EU AU CA DE FR IT ES AT PL IN TR NZ JP CEE LatAm Asia CH IE NL".split()
)

_MAYBE = "?"
"""Stands after a class that a name leaves open; `any?` leaves every class open."""


def read_vocabulary(draft: Draft) -> Vocabulary:
    """Read classes, medicines and look-alikes; every fault becomes a problem of the draft."""
    file = draft.whole("medicines.yaml", shapes.MedicinesShape)
    if file is None:
        return Vocabulary({}, ())
    listed = draft.files["medicines.yaml"].at(["medicines"]).value
    rows = []
    owner: dict[str, str] = {}
    for node in listed if isinstance(listed, list) else []:
        one = draft.check(node, shapes.MedicineShape)
        if one is None:
            continue
        row = _medicine(draft, one, node, file.classes)
        _check_names_are_its_own(draft, row, node, owner)
        rows.append(row)
    pairs = tuple((pair[0], pair[-1]) for pair in file.lookalikes)
    _check_same_as(draft, rows)
    return Vocabulary(file.classes, tuple(rows), pairs, dict(_purposes(draft, file)))


def _purposes(draft: Draft, file: shapes.MedicinesShape) -> Iterator[tuple[str, Medicine]]:
    """Yield what a medicine may be for, with what that says about the patient."""
    for words, classes in file.purposes.items():
        node = draft.files["medicines.yaml"].at(["purposes", words])
        for unknown in sorted({c.removesuffix(_MAYBE) for c in classes} - set(file.classes)):
            hint = near(unknown, file.classes)
            draft.note(node, f"there is no class '{unknown}' under classes{hint}")
        certain, maybe = _certain(classes), _left_open(classes, file.classes)
        yield normal(words), Medicine(f"for {words}", classes=certain, maybe=maybe)


def _check_same_as(draft: Draft, rows: Iterable[Medicine]) -> None:
    names = {row.name for row in rows}
    for row in rows:
        if row.same_as and row.same_as not in names:
            draft.problems.append(
                f"medicines.yaml:1: '{row.name}' is the same as '{row.same_as}', which is no row"
                f"{near(row.same_as, names)}"
            )


def _medicine(
    draft: Draft, one: shapes.MedicineShape, node: Node, classes: Mapping[str, str]
) -> Medicine:
    used = {*one.classes, *(c for row in one.by_route.values() for c in row)}
    for unknown in sorted({c.removesuffix(_MAYBE) for c in used} - {*classes, "any"}):
        draft.note(node, f"there is no class '{unknown}' under classes{near(unknown, classes)}")
    if "any" in used - set(classes):
        draft.note(node, "'any' is no class; write 'any?' to leave every class open")
    by_route: dict[Route, list[str]] = {}
    for route, row in one.by_route.items():
        if route in tuple(Route):
            by_route[Route(route)] = row
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
        classes=_certain(one.classes),
        by_route={route: _certain(row) for route, row in by_route.items()} or None,
        maybe=_left_open(one.classes, classes),
        maybe_by_route={r: _left_open(row, classes) for r, row in by_route.items()} or None,
        same_as=one.same_as,
    )


def _certain(written: Iterable[str]) -> frozenset[str]:
    return frozenset(c for c in written if not c.endswith(_MAYBE))


def _left_open(written: Iterable[str], classes: Iterable[str]) -> frozenset[str]:
    """Return the classes marked as left open."""
    marked = {c.removesuffix(_MAYBE) for c in written if c.endswith(_MAYBE)}
    return frozenset(classes if "any" in marked else marked)


def _check_names_are_its_own(
    draft: Draft, row: Medicine, node: Node, owner: dict[str, str]
) -> None:
    """Refuse a name that stands for two medicines: it would hide one of them."""
    for name in (*row.names, *row.misspelt):
        other = owner.setdefault(normal(name), row.name)
        if other != row.name:
            draft.note(node, f"'{name}' already stands for {other}; a name belongs to one row")


def _without_countries(brand: str) -> str:
    """Strip country marks: `Roaccutane (UK EU AU)` is the brand Roaccutane."""
    name, bracket, rest = brand.partition(" (")
    marks = rest.rstrip(")").replace("/", " ").replace(",", " ").split()
    return name if bracket and marks and set(marks) <= _COUNTRIES else brand


def members_of(vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
    """Return for each class the medicines that count, or may count, as one of it."""
    found: dict[str, list[str]] = {}
    for medicine in (*vocabulary.medicines, *vocabulary.purposes.values()):
        routes = {**(medicine.by_route or {}), **(medicine.maybe_by_route or {})}
        for name in (*medicine.classes, *medicine.maybe):
            found.setdefault(name, []).append(medicine.name)
        for route in routes:
            for name in (*medicine.classes_by(route), *medicine.maybe_by(route)):
                found.setdefault(name, []).append(f"{medicine.name} {route}")
    return {name: tuple(sorted(members)) for name, members in found.items()}
