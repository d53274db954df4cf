"""The rules, the sign-offs on them, and the vignettes that pin them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from intake.core.conditions import DEVICE_FIELD
from intake.core.digests import Surroundings, digest_of
from intake.core.errors import near
from intake.core.evidence import Basis, SignOff
from intake.core.questionnaire import PLAN_PREFIX
from intake.core.rules import (
    Expectation,
    Level,
    Reviewer,
    Rule,
    Stricter,
    Triage,
    Vignette,
)
from intake.core.sentences import PlanIs
from intake.packs import shapes, vignette_shapes
from intake.packs.filling import mentioned
from intake.packs.sentences import condition_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from intake.core.answers import Raw
    from intake.core.conditions import Condition
    from intake.packs.draft import Draft
    from intake.packs.nodes import Node

BASE = "vignettes/base.yaml"


def read_rules(draft: Draft) -> Iterator[Rule]:
    """Read every rule; one with a fault does not hide the others."""
    seen: dict[str, str] = {}
    around = Surroundings(
        draft.names.items, draft.names.settings, draft.sources, draft.members, draft.conflicts
    )
    for name in sorted(draft.files):
        if not name.startswith("rules/"):
            continue
        for node in draft.rows(name, shapes.RulesShape, "rules"):
            rule = _rule(draft, node)
            if rule is None:
                continue
            rule = replace(rule, subject=_subject(draft, name))
            if rule.id in seen:
                draft.note(
                    node,
                    f"the rule id '{rule.id}' is taken by {seen[rule.id]}; ids are never reused",
                )
            seen.setdefault(rule.id, node.place)
            yield _signed(draft, rule, around)


def _signed(draft: Draft, rule: Rule, around: Surroundings) -> Rule:
    """Give a rule its digest and the last sign-off on it."""
    if draft.problems or draft.names.unread:
        return rule
    return replace(rule, digest=digest_of(rule, around), signoff=draft.signoffs.get(rule.id))


def _subject(draft: Draft, name: str) -> str:
    """Return what the rules of a file are about: as it says, or else its name in words."""
    said = draft.files[name].child("subject")
    if said is not None and isinstance(said.value, str) and said.value:
        return said.value
    words = PurePosixPath(name).stem.replace("-", " ").replace("_", " ")
    return words.capitalize()


def check_signoffs(draft: Draft, rules: tuple[Rule, ...]) -> None:
    """Note a sign-off of a rule that does not exist: it would be passed over in silence."""
    known = {rule.id for rule in rules}
    for rule_id in draft.signoffs if known and not draft.problems else ():
        if rule_id not in known:
            place, hint = draft.places[f"signoff {rule_id}"], near(rule_id, known)
            draft.problems.append(f"{place}: there is no rule '{rule_id}' to sign off{hint}")


def read_signoffs(draft: Draft) -> None:
    """Read the sign-offs; of several on one rule or language the last in the file counts."""
    for node in draft.rows("signoffs.yaml", shapes.SignOffsShape, "signoffs"):
        one = draft.check(node, shapes.SignOffShape)
        on = draft.day(one.on, node.at(["on"])) if one else None
        if one is None or on is None:
            continue
        if bool(one.rule) == bool(one.language):
            draft.note(node, "a sign-off names a rule or a language, one of them")
            continue
        kind, into = ("signoff", draft.signoffs) if one.rule else ("checked", draft.checked)
        of = one.rule or one.language
        draft.places[f"{kind} {of}"] = node.place
        into[of] = SignOff(of, one.by, one.role, on, one.digest)


def _rule(draft: Draft, node: Node) -> Rule | None:
    one = draft.check(node, shapes.RuleShape)
    when_node = node.child("when")
    when = condition_of(when_node, draft.names, draft.problems) if when_node else None
    if one is None:
        return None
    stricter = _stricter(draft, one, node)
    lowest = Level(one.lowest) if one.lowest else None
    highest = Level(one.highest) if one.highest else None
    _check_lowest(draft, one, node)
    sources = draft.known_sources(one.sources, node.at(["sources"]))
    review_by = draft.day(one.review_by, node.at(["review_by"]))
    if when is None or review_by is None:
        return None
    return Rule(
        id=one.id,
        title=one.title,
        level=Level(one.level),
        when=when,
        meaning=one.meaning,
        action=one.action,
        basis=tuple(Basis(word) for word in one.basis),
        sources=sources,
        reviewer=Reviewer(one.reviewer),
        review_by=review_by,
        covers=tuple(one.covers),
        patient_text=one.patient_text,
        conflicts=_known_conflicts(draft, one, node),
        mentions=mentioned(draft, node, one.title, one.meaning, one.action),
        floor=one.floor == "yes",
        lowest=lowest,
        highest=highest,
        stricter=stricter,
        where=node.place,
    )


def _check_lowest(draft: Draft, one: shapes.RuleShape, node: Node) -> None:
    """Refuse a floor that may be lowered, and levels to choose that do not fit the rule's own."""
    if one.highest and Level(one.highest).triage.rank > Level(one.level).triage.rank:
        draft.note(node.at(["highest"]), f"highest is not milder than level '{one.level}'")
    if one.lowest is None:
        return
    if one.floor == "yes":
        draft.note(node.at(["lowest"]), "a floor may never be lowered; take out floor or lowest")
    if Level(one.lowest).triage.rank <= Level(one.level).triage.rank:
        draft.note(node.at(["lowest"]), f"lowest is milder than level '{one.level}', or left out")


def _known_conflicts(draft: Draft, one: shapes.RuleShape, node: Node) -> tuple[str, ...]:
    if "conflicts.yaml" not in draft.names.unread:
        for name in one.conflicts:
            if name not in draft.conflicts:
                hint = near(name, draft.conflicts)
                words = f"there is no conflict '{name}' in conflicts.yaml{hint}"
                draft.note(node.at(["conflicts"]), words)
    return tuple(one.conflicts)


def _stricter(
    draft: Draft, one: shapes.RuleShape, node: Node
) -> tuple[tuple[Stricter, Condition | None], ...]:
    found: list[tuple[Stricter, Condition | None]] = []
    for index, row in enumerate(one.stricter):
        place = node.at(["stricter", index])
        _check_label(draft, row.label, place)
        if row.label in [strict.label for strict, _ in found]:
            draft.note(place, f"the label '{row.label}' stands twice; say it once, the strictest")
        if Level(row.level).triage.rank >= Level(one.level).triage.rank:
            draft.note(place, f"a label may only make a rule stricter than '{one.level}'")
        sources = draft.known_sources(row.sources, place)
        label = draft.labels.get(row.label)
        device = PlanIs(f"{DEVICE_FIELD} is {row.label}", DEVICE_FIELD, (), row.label)
        always = label is not None and label.choice is not None
        strict = Stricter(row.label, Level(row.level), row.because, sources)
        found.append((strict, None if always else device))
    return tuple(found)


def _check_label(draft: Draft, label: str, node: Node) -> None:
    """Refuse a label that does not exist, or that no plan can name: it would never apply."""
    if label not in draft.labels:
        if "labels" not in draft.names.unread and label not in draft.names.broken:
            known = ", ".join(draft.labels)
            draft.note(node, f"there is no device label '{label}'; labels are {known}")
        return
    device = draft.names.items.get(DEVICE_FIELD)
    if device is not None and label not in device.codes:
        draft.note(node, f"no plan can name the device '{label}'; add it to the options of device")


def read_base(draft: Draft) -> Vignette | None:
    """Read the healthy patient over whom vignettes are laid."""
    file = draft.files.get(BASE)
    one = draft.check(file, vignette_shapes.BaseShape) if file else None
    on = draft.day(one.on, file.at(["on"])) if one and file else None
    if one is None or on is None or file is None:
        return None
    expect = Expectation(Triage.ROUTINE)
    answers, plan = _merged(one.answers, {}), _merged(one.plan, {})
    return Vignette("base", "A healthy patient", on, plan, answers, expect, file.place)


def read_vignettes(draft: Draft, base: Vignette | None) -> Iterator[Vignette]:
    """Read every vignette, laid over the base patient."""
    names = [n for n in sorted(draft.files) if n.startswith("vignettes/") and n != BASE]
    if names and BASE not in draft.files and BASE not in draft.unreadable:
        draft.problems.append(f"{BASE}:1: the file is missing; vignettes are laid over its patient")
    if base is not None:
        _check_names(draft, base.plan, base.answers, draft.files[BASE])
    seen: set[str] = set()
    for name in names:
        for node in draft.rows(name, vignette_shapes.VignettesShape, "vignettes"):
            vignette = _vignette(draft, node, base)
            if vignette is None:
                continue
            if vignette.id in seen:
                draft.note(node, f"there are two vignettes '{vignette.id}'; an id is used once")
            seen.add(vignette.id)
            yield vignette


def _check_names(
    draft: Draft, plan: Mapping[str, Any], answers: Mapping[str, Any], node: Node
) -> None:
    """Note fields and questions that do not exist."""
    if "items" in draft.names.unread:
        return
    known = draft.names.items
    fields = [k.removeprefix(PLAN_PREFIX) for k in known if k.startswith(PLAN_PREFIX)]
    for wrong in sorted(set(plan) - set(fields)):
        place = node if node.file != BASE else node.at(["plan", wrong])
        draft.note(place, f"the plan has no field '{wrong}'; its fields are {', '.join(fields)}")
    for wrong in sorted(set(answers) - set(known)):
        place = node if node.file != BASE else node.at(["answers", wrong])
        draft.note(place, f"there is no question '{wrong}' to answer{near(wrong, known)}")


def _vignette(draft: Draft, node: Node, base: Vignette | None) -> Vignette | None:
    one = draft.check(node, vignette_shapes.VignetteShape)
    if one is None:
        return None
    _check_names(draft, one.plan, one.answers, node)
    usual = base.on if base else None
    on = draft.day(one.on, node.at(["on"])) if one.on else usual
    earliest = None
    if one.expect.earliest:
        earliest = draft.day(one.expect.earliest, node.at(["expect", "earliest"]))
    if base is None or on is None:
        return None
    expect = Expectation(
        triage=Triage(one.expect.triage),
        fires=tuple(one.expect.fires),
        unknown=tuple(one.expect.unknown),
        silent=tuple(one.expect.silent),
        earliest=earliest,
        exactly=one.expect.exactly == "yes",
    )
    return Vignette(
        id=one.id,
        title=one.title,
        on=on,
        plan=_merged(base.plan, one.plan),
        answers=_merged(base.answers, one.answers),
        expect=expect,
        where=node.place,
    )


def _merged(base: Mapping[str, Raw], changes: Mapping[str, Raw]) -> dict[str, Raw]:
    """Lay changes over the base patient; None takes an answer away."""
    return {k: v for k, v in {**base, **changes}.items() if v is not None}
