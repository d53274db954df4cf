"""The files of a pack, taken in the order in which they refer to each other, to one RulePack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.core.rules import RulePack
from intake.packs import shapes
from intake.packs.draft import FILES, FOLDERS, OPTIONAL_FILES, Draft
from intake.packs.duties import read_checklist, read_topics
from intake.packs.evidence import read_conflicts, read_labels, read_settings, read_sources
from intake.packs.filling import filled
from intake.packs.guidance import read_guide
from intake.packs.overlay import Overlay
from intake.packs.questions import read_plan, read_questionnaire
from intake.packs.rulings import (
    check_signoffs,
    read_base,
    read_rules,
    read_signoffs,
    read_vignettes,
)
from intake.packs.translations import read_translations
from intake.packs.vocabulary import members_of, read_vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from intake.packs.nodes import Node


def build(
    files: Mapping[str, Node], unreadable: frozenset[str], hash_: str, on: date
) -> tuple[RulePack | None, list[str]]:
    """Build a pack.

    Args:
        files: The trees of the files that could be read, by name.
        unreadable: The names of those that could not.
        hash_: The content hash of the pack.
        on: The day for which it is built: the clinic's own decisions come and go.

    Returns:
        The pack, or None, and every problem found.
    """
    draft = Draft(files, unreadable)
    _check_which_files(draft)
    head = draft.whole("pack.yaml", shapes.PackShape)
    effective = draft.day(head.effective, files["pack.yaml"].at(["effective"])) if head else None
    draft.sources.update(read_sources(draft))
    overlay = Overlay(draft, on)
    draft.names.settings = overlay.settings(read_settings(draft))
    vocabulary = read_vocabulary(draft)
    draft.names.classes = vocabulary.classes
    draft.members.update(members_of(vocabulary))
    draft.labels.update(overlay.labels(read_labels(draft)))
    in_use = frozenset(name for name, label in draft.labels.items() if label.choice)
    draft.names.labels_in_use = in_use
    draft.conflicts.update(read_conflicts(draft))
    read_signoffs(draft)
    topics = tuple(read_topics(draft))
    plan = read_plan(draft, head)
    questionnaire = read_questionnaire(draft)
    written = tuple(filled(rule, draft.names.settings) for rule in read_rules(draft))
    check_signoffs(draft, written)
    rules, switched_off = overlay.rules(written)
    duties = tuple(read_checklist(draft))
    guide = read_guide(draft, on)
    base = read_base(draft)
    vignettes = tuple(read_vignettes(draft, base))
    translations = {one.language: one for one in read_translations(draft)}
    if draft.problems or head is None or effective is None:
        return None, draft.problems
    pack = RulePack(
        name=head.name,
        title=head.title,
        version=head.version,
        effective=effective,
        hash=hash_,
        plan=plan,
        questionnaire=questionnaire,
        rules=rules,
        conditions=dict(draft.names.conditions),
        settings=draft.names.settings,
        labels=draft.labels,
        sources=draft.sources,
        vocabulary=vocabulary,
        vignettes=vignettes,
        base=base,
        conflicts=draft.conflicts,
        topics=topics,
        duties=duties,
        guide=guide,
        choices=tuple(overlay.choices),
        switched_off=switched_off,
        translations=translations,
        on=on,
        places=draft.places,
    )
    return pack, []


def _check_which_files(draft: Draft) -> None:
    """Note files that are missing and files that do not belong."""
    there = {*draft.files, *draft.unreadable}
    for name, node in draft.files.items():
        folder, _, _ = name.rpartition("/")
        known = (*FILES, *OPTIONAL_FILES)
        if name not in known and folder not in FOLDERS:
            allowed = ", ".join([*known, *(f"{folder}/*.yaml" for folder in FOLDERS)])
            draft.note(node, f"this file is not part of a pack; allowed are {allowed}")
    for name in FILES:
        if name not in there:
            draft.problems.append(f"{name}:1: the file is missing; a pack needs it")
    if not any(name.startswith("rules/") for name in there):
        draft.problems.append("rules/:1: there are no rules; a pack has at least one file of them")
