"""Writing what a clinic chose: entries put into, and taken out of, the text of clinic.yaml."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from intake.core.errors import PackError
from intake.packs.draft import CLINIC
from intake.packs.reading import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.packs.nodes import Plain

Entries: TypeAlias = "dict[str, dict[str, dict[str, str]]]"
"""By kind and name, what was chosen, who answers for it, why, when and until when."""

KINDS = ("settings", "labels", "levels", "reviewers", "switched_off")
"""What a clinic can choose about, in the order of the file."""

ONE_ONLY = ("labels",)
"""Kinds of which there is one entry at most: a new one takes the place of the old."""

_HEAD = "# What this clinic chose, written under Administration.\n"


def entries_in(files: Mapping[str, str]) -> Entries:
    """Return the entries of the clinic's file among *files*; none when there is no such file.

    Raises:
        PackError: the file cannot be read.
    """
    if CLINIC not in files:
        return {}
    tree, faults = parse(CLINIC, files[CLINIC])
    if tree is None or faults:
        raise PackError(faults)
    return {kind: _named(under) for kind, under in _mapping(tree.plain()).items()}


def _named(under: Plain) -> dict[str, dict[str, str]]:
    return {
        name: {key: str(value) for key, value in _mapping(entry).items()}
        for name, entry in _mapping(under).items()
    }


def _mapping(plain: Plain) -> dict[str, Plain]:
    return plain if isinstance(plain, dict) else {}


def with_entry(
    files: Mapping[str, str], kind: str, name: str, entry: Mapping[str, str]
) -> dict[str, str]:
    """Return *files* with one entry more, or another one in its place."""
    entries = entries_in(files)
    there = {} if kind in ONE_ONLY else entries.get(kind, {})
    return _with({**entries, kind: {**there, name: dict(entry)}}, files)


def without_entry(files: Mapping[str, str], kind: str, name: str) -> dict[str, str]:
    """Return *files* without an entry."""
    entries = entries_in(files)
    left = {other: one for other, one in entries.get(kind, {}).items() if other != name}
    return _with({**entries, kind: left}, files)


def with_choices_of(files: Mapping[str, str], others: Mapping[str, str]) -> dict[str, str]:
    """Return *files* with the clinic's file that stands among *others*, or with none."""
    bare = {name: text for name, text in files.items() if name != CLINIC}
    return {**bare, CLINIC: others[CLINIC]} if CLINIC in others else bare


def _with(entries: Entries, files: Mapping[str, str]) -> dict[str, str]:
    bare = {name: text for name, text in files.items() if name != CLINIC}
    text = "".join(_section(kind, entries[kind]) for kind in KINDS if entries.get(kind))
    return {**bare, CLINIC: _HEAD + text} if text else bare


def _section(kind: str, entries: Mapping[str, Mapping[str, str]]) -> str:
    """Write the entries of one kind; their texts in quotes, whose form in YAML holds JSON's."""
    lines = [f"{kind}:"]
    for name, entry in entries.items():
        lines.append(f"  {json.dumps(name)}:")
        lines += [
            f"    {key}: {json.dumps(text, ensure_ascii=False)}" for key, text in entry.items()
        ]
    return "\n".join(lines) + "\n"
