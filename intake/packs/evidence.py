"""Sources, settings and device labels."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from intake.core.dates import Window
from intake.core.rules import Basis, DeviceLabel, Setting, Source
from intake.packs import schema
from intake.packs.draft import NUMBER

if TYPE_CHECKING:
    from intake.packs.draft import Draft
    from intake.packs.reading import Node


def read_sources(draft: Draft) -> dict[str, Source]:
    """Read the evidence list."""
    found: dict[str, Source] = {}
    for name, node in draft.entries("sources.yaml", schema.SourcesShape, "sources"):
        one = draft.check(node, schema.SourceShape)
        if one is None:
            draft.names.broken.add(name)
        else:
            found[name] = Source(name, one.citation, one.address, one.says, one.read)
    return found


def read_settings(draft: Draft) -> dict[str, Setting]:
    """Read the named windows and thresholds."""
    found: dict[str, Setting] = {}
    for name, node in draft.entries("settings.yaml", schema.SettingsShape, "settings"):
        one = draft.check(node, schema.SettingShape)
        value = _value(draft, one.default, node) if one else None
        if one is None or value is None:
            draft.names.broken.add(name)
            continue
        basis = tuple(Basis(word) for word in one.basis)
        sources = draft.known_sources(one.sources, node)
        found[name] = Setting(
            name, one.title, value[0], value[1], one.range, basis, one.source_note, sources
        )
        draft.places[f"setting {name}"] = node.place
    return found


def _value(draft: Draft, text: str, node: Node) -> tuple[Window | Decimal, str] | None:
    """Read a window, or a number with its unit."""
    try:
        return Window.parse(text), ""
    except ValueError:
        digits, _, unit = text.partition(" ")
    if NUMBER.fullmatch(digits):
        return Decimal(digits), unit.strip()
    draft.note(
        node, f"default '{text}' is neither a window such as '14 days' nor a number with its unit"
    )
    return None


def read_labels(draft: Draft) -> dict[str, DeviceLabel]:
    """Read the device labels."""
    found: dict[str, DeviceLabel] = {}
    for name, node in draft.entries("labels.yaml", schema.LabelsShape, "labels"):
        one = draft.check(node, schema.LabelShape)
        if one is None:
            draft.names.broken.add(name)
        else:
            sources = draft.known_sources(one.sources, node)
            found[name] = DeviceLabel(name, one.title, one.note, sources)
    return found
