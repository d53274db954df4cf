"""The treatment plan, the questionnaire, and the conditions they give names to."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from intake.core.conditions import AREA_FIELD
from intake.core.dates import DateWord
from intake.core.questionnaire import (
    NONE_CODE,
    PLAN_PREFIX,
    UNDECIDED_CODE,
    YES_NO,
    AnswerOption,
    Freshness,
    Item,
    Kind,
    Page,
    Questionnaire,
    Section,
)
from intake.packs import schema, shapes
from intake.packs.sentences import condition_of, named

if TYPE_CHECKING:
    from intake.packs.draft import Draft
    from intake.packs.nodes import Node

RESERVED_CODES = frozenset({"not_sure", "withheld", "not_answered", "unreadable"})
MOST_DECIMALS = 6
_ID = re.compile(r"[a-z][a-z0-9_]*")
_CODE = re.compile(r"[a-z0-9][a-z0-9_]*")


def read_plan(draft: Draft, head: shapes.PackShape | None) -> tuple[Item, ...]:
    """Read the fields of the treatment plan."""
    items = []
    for index, one in enumerate(head.plan if head else []):
        node = draft.files["pack.yaml"].at(["plan", index])
        item = _item(draft, one, node, PLAN_PREFIX, private=False)
        if item.link_id == AREA_FIELD and item.enable_when is not None:
            draft.note(node, "the area is always asked for; take out its enable_when")
        _add(draft, item, node)
        items.append(item)
    _read_conditions(draft)
    return tuple(items)


def read_questionnaire(draft: Draft) -> Questionnaire:
    """Read the questions page by page, so that a gate can look back only."""
    shape = draft.whole("questionnaire.yaml", shapes.QuestionnaireShape)
    sections = []
    seen: set[str] = set()
    for s, section in enumerate(shape.sections if shape else []):
        pages = []
        for p, page in enumerate(section.pages):
            node = draft.files["questionnaire.yaml"].at(["sections", s, "pages", p])
            if page.id in seen:
                draft.note(node, f"there are two pages '{page.id}'; an id is used once")
            seen.add(page.id)
            pages.append(_page(draft, page, node))
        sections.append(Section(section.id, section.title, tuple(pages)))
    _read_conditions(draft, final=True)
    _check_former_names(draft)
    return Questionnaire(tuple(sections))


def _check_former_names(draft: Draft) -> None:
    """Refuse former ids that are asked now, or that two questions claim: histories would mix."""
    claimed: dict[str, str] = {}
    for link_id, item in draft.names.items.items():
        for name in item.was:
            words = ""
            if not _ID.fullmatch(name.removeprefix(PLAN_PREFIX)):
                words = "is not an id; use small letters, digits and underscores"
            elif name in draft.names.items:
                words = "is a question of this pack; a former id is never used again"
            elif name in claimed:
                words = f"is a former id of '{claimed[name]}' already; it has one successor"
            if words:
                draft.problems.append(f"{draft.places[link_id]}: '{name}' under was {words}")
            claimed.setdefault(name, link_id)


def _page(draft: Draft, page: shapes.PageShape, node: Node) -> Page:
    """Read a page; its questions become known only after it, so none gates its neighbours."""
    private = page.private == "yes"
    read = []
    for index, one in enumerate(page.items):
        place = node.at(["items", index])
        read.append((_item(draft, one, place, "", private=private), place))
    for item, place in read:
        _add(draft, item, place)
    _read_conditions(draft)
    items = tuple(item for item, _ in read)
    says, covers = tuple(page.says), tuple(page.covers)
    return Page(page.id, page.title, items, page.why, private, says, covers)


def _add(draft: Draft, item: Item, node: Node) -> None:
    if item.link_id in draft.names.items:
        draft.note(node, f"there are two questions '{item.link_id}'; an id is used once")
    draft.names.items[item.link_id] = item
    draft.places[item.link_id] = node.place


def _item(draft: Draft, one: shapes.ItemShape, node: Node, prefix: str, *, private: bool) -> Item:
    kind = Kind(one.type)
    gate_node = node.child("enable_when")
    gate = condition_of(gate_node, draft.names, draft.problems) if gate_node else None
    return Item(
        link_id=prefix + one.id,
        ask=one.ask,
        kind=kind,
        hint=one.hint,
        options=_options(draft, one, kind, node),
        words=_words(draft, one, node),
        unit=one.unit,
        minimum=draft.number(one.min, node, "min"),
        maximum=draft.number(one.max, node, "max"),
        decimals=_decimals(draft, one, node),
        enable_when=gate,
        offers_unknown=one.unknowns == "yes" and kind is not Kind.TEXT,
        required=one.required == "yes",
        informational=one.informational == "yes" or kind is Kind.TEXT,
        harmless=frozenset(one.harmless),
        from_record=one.record,
        private=private,
        freshness=Freshness(one.freshness),
        covers=tuple(one.covers),
        was=tuple(prefix + name for name in one.was),
    )


def _decimals(draft: Draft, one: shapes.ItemShape, node: Node) -> int:
    if one.decimals in [str(number) for number in range(MOST_DECIMALS + 1)]:
        return int(one.decimals)
    draft.note(node, f"decimals is '{one.decimals}'; it is a digit from 0 to {MOST_DECIMALS}")
    return 0


def _words(draft: Draft, one: shapes.ItemShape, node: Node) -> dict[DateWord, str]:
    found: dict[DateWord, str] = {}
    for word, text in one.words.items():
        if word in tuple(DateWord):
            found[DateWord(word)] = text
        else:
            place = node.at(["words", word])
            draft.note(place, f"'{word}' is not a word for a date; allowed are 'never' or 'still'")
    return found


def _options(
    draft: Draft, one: shapes.ItemShape, kind: Kind, node: Node
) -> tuple[AnswerOption, ...]:
    if kind is Kind.YES_NO:
        return YES_NO
    options = []
    for row in (node.child("options") or node.at([])).value or [] if one.options else []:
        options += _options_in(draft, row)
    codes = [option.code for option in options]
    if kind in (Kind.CHOICE, Kind.CHOICES, Kind.BODY_MAP) and not codes:
        draft.note(node, f"'{one.id}' offers no answers; list them under options")
    if len(set(codes)) < len(codes):
        draft.note(node, f"'{one.id}' offers an answer twice; a code is used once")
    for code in (one for one in codes if not _CODE.fullmatch(one)):
        draft.note(node, f"'{code}' is not a code; use small letters, digits and underscores")
    for code in sorted(RESERVED_CODES & set(codes)):
        draft.note(node, f"'{code}' is added by itself; take it out of the options")
    is_list = kind in (Kind.CHOICES, Kind.BODY_MAP)
    if is_list and NONE_CODE in codes and codes[-1] not in (NONE_CODE, UNDECIDED_CODE):
        draft.note(node, f"'{NONE_CODE}' comes last, so that it reads as 'or none of these'")
    for wrong in sorted(set(one.harmless) - set(codes)):
        offered = ", ".join(codes)
        draft.note(node, f"'{wrong}' under harmless is not an option; its options are {offered}")
    if kind is Kind.BODY_MAP:
        _check_regions(draft, options, node)
    return tuple(options)


def _options_in(draft: Draft, row: Node | str) -> list[AnswerOption]:
    """Read one line of options: `code: Text`, or `code: {text: Text, area: face}`."""
    if isinstance(row, str) or not isinstance(row.value, dict):
        return []
    found = []
    for code, node in row.value.items():
        if isinstance(node.value, str):
            found.append(AnswerOption(code, node.value))
        elif isinstance(node.value, dict):
            one = draft.check(node, shapes.OptionShape)
            if one is not None:
                found.append(AnswerOption(code, one.text, one.area))
        else:
            draft.note(
                node, f"'{code}' needs its text behind it, as in '{code}: What patients read'"
            )
    return found


def _check_regions(draft: Draft, options: list[AnswerOption], node: Node) -> None:
    """Refuse a region that belongs to no area: it could never be ruled in or out."""
    area = draft.names.items.get(AREA_FIELD)
    if area is None:
        return
    for option in options:
        if option.code != NONE_CODE and option.area not in area.codes:
            known = ", ".join(area.codes)
            draft.note(
                node,
                f"the region '{option.code}' lies in '{option.area or 'no area'}'; the areas of the"
                f" plan are {known}",
            )


def _read_conditions(draft: Draft, *, final: bool = False) -> None:
    """Read the named conditions whose questions are known by now.

    A gate may use a condition as soon as all its questions stand before it. Until the last
    question is known, one that cannot be read yet is simply not there.
    """
    node = draft.files.get("conditions.yaml")
    under = node.child("conditions") if node else None
    if final and draft.whole("conditions.yaml", shapes.ConditionsShape) is None:
        return
    entries = under.value if under is not None and isinstance(under.value, dict) else {}
    for name, entry in entries.items():
        if name not in draft.names.conditions:
            _read_condition(draft, name, entry, final=final)


def _read_condition(draft: Draft, name: str, node: Node, *, final: bool) -> None:
    problems: list[str] = []
    shape = schema.check(shapes.ConditionShape, node, problems)
    when = node.child("when")
    names = replace(draft.names, is_growing=not final)
    part = condition_of(when, names, problems) if when else None
    if shape is not None and part is not None and not problems:
        draft.names.conditions[name] = named(name, shape.title, part)
        draft.places[f"condition {name}"] = node.place
    elif final:
        draft.problems.extend(problems)
        draft.names.broken.add(name)
