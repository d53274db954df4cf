"""Sources, settings, device labels, and the questions on which sources differ."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from intake.core.dates import Window
from intake.core.errors import near
from intake.core.evidence import Basis, Conflict, DeviceLabel, Position, Setting, Source
from intake.packs import shapes
from intake.packs.draft import NUMBER

if TYPE_CHECKING:
    from intake.packs.draft import Draft
    from intake.packs.nodes import Node


def read_sources(draft: Draft) -> dict[str, Source]:
    """Read the evidence list."""
    found: dict[str, Source] = {}
    for name, node in draft.entries("sources.yaml", shapes.SourcesShape, "sources"):
        one = draft.check(node, shapes.SourceShape)
        if one is None:
            draft.names.broken.add(name)
        else:
            found[name] = Source(name, one.citation, one.address, one.says, one.read)
    return found


def read_settings(draft: Draft) -> dict[str, Setting]:
    """Read the named windows and thresholds."""
    found: dict[str, Setting] = {}
    for name, node in draft.entries("settings.yaml", shapes.SettingsShape, "settings"):
        one = draft.check(node, shapes.SettingShape)
        setting = _setting(draft, name, one, node) if one else None
        if setting is None:
            draft.names.broken.add(name)
        else:
            found[name] = setting
            draft.places[f"setting {name}"] = node.place
    return found


def _setting(draft: Draft, name: str, one: shapes.SettingShape, node: Node) -> Setting | None:
    value = read_value(draft, one.default, node, "default")
    low, between, high = one.range.partition(" to ")
    ends = [read_value(draft, end, node, "range") for end in (low, high)] if between else []
    if not between:
        draft.note(node, f"range '{one.range}' needs two ends, such as '7 days to 28 days'")
    if value is None or None in ends or not ends:
        return None
    (lowest, unit), (highest, _) = (end for end in ends if end is not None)
    if not isinstance(value[0], Window) and unit not in ("", value[1]):
        draft.note(node, f"range is in '{unit}' and default in '{value[1]}'; use one unit")
    return Setting(
        name=name,
        title=one.title,
        value=value[0],
        default=value[0],
        unit=value[1],
        lowest=lowest,
        highest=highest,
        basis=tuple(Basis(word) for word in one.basis),
        source_note=one.source_note,
        sources=draft.known_sources(one.sources, node),
    )


def read_value(
    draft: Draft, text: str, node: Node, what: str
) -> tuple[Window | Decimal, str] | None:
    """Read a window, or a number with its unit; note what is neither."""
    try:
        return Window.parse(text), ""
    except ValueError:
        digits, _, unit = text.partition(" ")
    if NUMBER.fullmatch(digits):
        return Decimal(digits), unit.strip()
    draft.note(
        node, f"{what} '{text}' is neither a window such as '14 days' nor a number with its unit"
    )
    return None


def read_labels(draft: Draft) -> dict[str, DeviceLabel]:
    """Read the device labels."""
    found: dict[str, DeviceLabel] = {}
    for name, node in draft.entries("labels.yaml", shapes.LabelsShape, "labels"):
        one = draft.check(node, shapes.LabelShape)
        if one is None:
            draft.names.broken.add(name)
        else:
            sources = draft.known_sources(one.sources, node)
            found[name] = DeviceLabel(name, one.title, one.note, sources)
    return found


def read_conflicts(draft: Draft) -> dict[str, Conflict]:
    """Read the questions on which sources differ; settings and sources must be known."""
    found: dict[str, Conflict] = {}
    for node in draft.rows("conflicts.yaml", shapes.ConflictsShape, "conflicts"):
        one = draft.check(node, shapes.ConflictShape)
        if one is None:
            continue
        if one.id in found:
            draft.note(node, f"there are two conflicts '{one.id}'; an id is used once")
        positions = tuple(
            Position(p.says, draft.known_sources(p.sources, node.at(["positions", index])))
            for index, p in enumerate(one.positions)
        )
        for name in one.settings if "settings" not in draft.names.unread else ():
            if name not in draft.names.settings and name not in draft.names.broken:
                hint = near(name, draft.names.settings)
                draft.note(node, f"there is no setting '{name}' in settings.yaml{hint}")
        found[one.id] = Conflict(
            one.id, one.topic, positions, one.default, one.options, tuple(one.settings)
        )
    return found
