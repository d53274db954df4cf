"""The files of a pack, each checked by its shape, to one RulePack."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, TypeVar

from intake.core.conditions import Condition, PlanIs
from intake.core.dates import DateWord, Window
from intake.core.medicines import Medicine, Route, Vocabulary, normal
from intake.core.questionnaire import (
    NONE_CODE,
    PLAN_PREFIX,
    UNDECIDED_CODE,
    YES_NO,
    AnswerOption,
    Item,
    Kind,
    Page,
    Questionnaire,
    Section,
)
from intake.core.rules import (
    Basis,
    DeviceLabel,
    Expectation,
    Level,
    Reviewer,
    Rule,
    RulePack,
    Setting,
    Source,
    Stricter,
    Triage,
    Vignette,
)
from intake.packs import schema
from intake.packs.sentences import Names, condition_of, named

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from intake.core.answers import Raw
    from intake.packs.reading import Node

S = TypeVar("S", bound=schema.Shape)

RESERVED_CODES = frozenset({"not_sure", "withheld", "not_answered", "unreadable"})
_DEVICE = PLAN_PREFIX + "device"
_COUNTRIES = frozenset(
    "US UK EU AU CA DE FR IT ES AT PL IN TR NZ JP CEE LatAm Asia CH IE NL".split()
)


@dataclass
class Builder:
    """Gathers a pack from its files, noting every problem on the way.

    Files are taken in the order in which they refer to each other, so a name is known when it is
    met.
    """

    files: Mapping[str, Node]
    hash: str
    problems: list[str] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    names: Names = field(default_factory=Names)
    sources: dict[str, Source] = field(default_factory=dict)
    labels: dict[str, DeviceLabel] = field(default_factory=dict)

    def build(self) -> RulePack | None:
        """Return the pack, or None when there are problems."""
        self._check_names_of_files()
        head = self._checked("pack.yaml", schema.PackShape)
        self.sources = self._sources()
        settings = self._settings()
        vocabulary = self._vocabulary()
        self.names.settings = settings
        self.names.classes = vocabulary.classes
        self.labels = self._labels()
        plan = self._plan(head)
        self._conditions_known_so_far()
        questionnaire = self._questionnaire()
        rules = tuple(self._rules())
        vignettes = tuple(self._vignettes(plan))
        if self.problems or head is None:
            return None
        return RulePack(
            name=head.name,
            title=head.title,
            version=head.version,
            effective=date.fromisoformat(head.effective),
            hash=self.hash,
            plan=plan,
            questionnaire=questionnaire,
            rules=rules,
            conditions=dict(self.names.conditions),
            settings=settings,
            labels=self.labels,
            sources=self.sources,
            vocabulary=vocabulary,
            vignettes=vignettes,
            places=self.places,
        )

    def _note(self, node: Node, words: str) -> None:
        self.problems.append(f"{node.place}: {words}")

    def _check_names_of_files(self) -> None:
        known = {
            "pack.yaml",
            "questionnaire.yaml",
            "conditions.yaml",
            "settings.yaml",
            "labels.yaml",
            "medicines.yaml",
            "sources.yaml",
        }
        for name, node in self.files.items():
            folder, _, _ = name.rpartition("/")
            if name not in known and folder not in ("rules", "vignettes"):
                allowed = ", ".join([*sorted(known), "rules/*.yaml", "vignettes/*.yaml"])
                self._note(node, f"this file is not part of a pack; allowed are {allowed}")
        for name in sorted(known - set(self.files)):
            self.problems.append(f"{name}:1: the file is missing; a pack needs it")

    def _checked(self, name: str, shape: type[S]) -> S | None:
        node = self.files.get(name)
        return schema.check(shape, node, self.problems) if node else None

    def _entries(self, name: str, key: str) -> dict[str, Node]:
        node = self.files.get(name)
        entries = node.child(key) if node else None
        return entries.value if entries and isinstance(entries.value, dict) else {}

    def _sources(self) -> dict[str, Source]:
        shape = self._checked("sources.yaml", schema.SourcesShape)
        found = shape.sources if shape else {}
        return {k: Source(k, s.citation, s.address, s.says, s.read) for k, s in found.items()}

    def _known_sources(self, wanted: Iterable[str], node: Node) -> tuple[str, ...]:
        for source in wanted:
            if self.sources and source not in self.sources:
                self._note(
                    node, f"there is no source '{source}' in sources.yaml; add it or mend the name"
                )
        return tuple(wanted)

    def _settings(self) -> dict[str, Setting]:
        shape = self._checked("settings.yaml", schema.SettingsShape)
        entries = self._entries("settings.yaml", "settings")
        found: dict[str, Setting] = {}
        for name, one in (shape.settings if shape else {}).items():
            node = entries[name]
            value, unit = self._setting_value(one.default, node)
            basis = tuple(Basis(word) for word in one.basis)
            sources = self._known_sources(one.sources, node)
            found[name] = Setting(
                name, one.title, value, unit, one.range, basis, one.source_note, sources
            )
            self.places[f"setting {name}"] = node.place
        return found

    def _setting_value(self, text: str, node: Node) -> tuple[Window | Decimal, str]:
        try:
            return Window.parse(text), ""
        except ValueError:
            pass
        digits, _, unit = text.partition(" ")
        try:
            return Decimal(digits), unit.strip()
        except InvalidOperation:
            self._note(
                node,
                f"default '{text}' is neither a window such as '14 days' nor a number with a unit",
            )
            return Decimal(0), ""

    def _labels(self) -> dict[str, DeviceLabel]:
        shape = self._checked("labels.yaml", schema.LabelsShape)
        entries = self._entries("labels.yaml", "labels")
        return {
            k: DeviceLabel(k, one.title, one.note, self._known_sources(one.sources, entries[k]))
            for k, one in (shape.labels if shape else {}).items()
        }

    def _vocabulary(self) -> Vocabulary:
        shape = self._checked("medicines.yaml", schema.MedicinesShape)
        if shape is None:
            return Vocabulary({}, ())
        node = self.files["medicines.yaml"]
        rows = tuple(
            self._medicine(one, node.at(["medicines", i]), shape.classes)
            for i, one in enumerate(shape.medicines)
        )
        self._check_spellings_are_single(rows, node)
        pairs = tuple((pair[0], pair[-1]) for pair in shape.lookalikes)
        return Vocabulary(shape.classes, rows, pairs)

    def _medicine(
        self, one: schema.MedicineShape, node: Node, classes: Mapping[str, str]
    ) -> Medicine:
        used = {*one.classes, *(c for row in one.by_route.values() for c in row)}
        for unknown in sorted(used - set(classes)):
            self._note(
                node, f"there is no class '{unknown}'; add it under classes or mend the name"
            )
        return Medicine(
            name=one.name,
            also=tuple(one.also),
            brands=tuple(_without_countries(brand) for brand in one.brands),
            misspelt=tuple(one.misspelt),
            classes=frozenset(one.classes),
            by_route={Route(route): frozenset(row) for route, row in one.by_route.items()} or None,
        )

    def _check_spellings_are_single(self, rows: tuple[Medicine, ...], node: Node) -> None:
        """Refuse a name that stands for two medicines: it would hide one of them."""
        owner: dict[str, str] = {}
        for index, row in enumerate(rows):
            for name in (row.name, *row.also, *row.brands, *row.misspelt):
                other = owner.setdefault(normal(name), row.name)
                if other != row.name:
                    place = node.at(["medicines", index])
                    self._note(
                        place, f"'{name}' already stands for {other}; a name belongs to one row"
                    )

    def _plan(self, head: schema.PackShape | None) -> tuple[Item, ...]:
        if head is None:
            return ()
        node = self.files["pack.yaml"]
        items = []
        for index, one in enumerate(head.plan):
            place = node.at(["plan", index])
            item = self._item(one, place, PLAN_PREFIX, private=False)
            self._add(item, place)
            items.append(item)
        return tuple(items)

    def _add(self, item: Item, node: Node) -> None:
        if item.link_id in self.names.items:
            self._note(node, f"there are two questions '{item.link_id}'; an id is used once")
        self.names.items[item.link_id] = item
        self.places[item.link_id] = node.place

    def _questionnaire(self) -> Questionnaire:
        shape = self._checked("questionnaire.yaml", schema.QuestionnaireShape)
        sections = []
        seen: set[str] = set()
        for s, section in enumerate(shape.sections if shape else []):
            pages = []
            for p, page in enumerate(section.pages):
                node = self.files["questionnaire.yaml"].at(["sections", s, "pages", p])
                if page.id in seen:
                    self._note(node, f"there are two pages '{page.id}'; an id is used once")
                seen.add(page.id)
                pages.append(self._page(page, node))
            sections.append(Section(section.id, section.title, tuple(pages)))
        self._conditions(final=True)
        return Questionnaire(tuple(sections))

    def _page(self, page: schema.PageShape, node: Node) -> Page:
        """Read a page; its questions become known only after it, so none gates its neighbours."""
        private = page.private == "yes"
        read = []
        for index, one in enumerate(page.items):
            place = node.at(["items", index])
            read.append((self._item(one, place, "", private=private), place))
        for item, place in read:
            self._add(item, place)
        self._conditions_known_so_far()
        return Page(page.id, page.title, tuple(item for item, _ in read), page.why, private)

    def _item(self, one: schema.ItemShape, node: Node, prefix: str, *, private: bool) -> Item:
        kind = Kind(one.type)
        gate_node = node.child("enable_when")
        gate = condition_of(gate_node, self.names, self.problems) if gate_node else None
        return Item(
            link_id=prefix + one.id,
            ask=one.ask,
            kind=kind,
            hint=one.hint,
            options=self._options(one, kind, node),
            words={DateWord(word): text for word, text in one.words.items()},
            unit=one.unit,
            minimum=self._bound(one.min, node),
            maximum=self._bound(one.max, node),
            decimals=int(one.decimals) if one.decimals.isdigit() else 0,
            enable_when=gate,
            offers_unknown=one.unknowns == "yes" and kind is not Kind.TEXT,
            required=one.required == "yes",
            informational=one.informational == "yes" or kind is Kind.TEXT,
            harmless=frozenset(one.harmless),
            from_record=one.record,
            private=private,
        )

    def _bound(self, text: str | None, node: Node) -> Decimal | None:
        if text is None:
            return None
        try:
            return Decimal(text)
        except InvalidOperation:
            self._note(node, f"'{text}' is not a number; min and max are plain numbers")
            return None

    def _options(self, one: schema.ItemShape, kind: Kind, node: Node) -> tuple[AnswerOption, ...]:
        if kind is Kind.YES_NO:
            return YES_NO
        options = tuple(_option(code, v) for row in one.options for code, v in row.items())
        codes = [option.code for option in options]
        if kind in (Kind.CHOICE, Kind.CHOICES, Kind.BODY_MAP) and not options:
            self._note(node, f"'{one.id}' offers no answers; list them under options")
        if len(set(codes)) < len(codes):
            self._note(node, f"'{one.id}' offers an answer twice; a code is used once")
        for code in sorted(RESERVED_CODES & set(codes)):
            self._note(node, f"'{code}' is added by itself; take it out of the options")
        if (
            NONE_CODE in codes
            and kind is not Kind.CHOICE
            and codes[-1] not in (NONE_CODE, UNDECIDED_CODE)
        ):
            self._note(node, f"'{NONE_CODE}' comes last, so that it reads as 'or none of these'")
        for wrong in sorted(set(one.harmless) - set(codes) - {"yes", "no"}):
            self._note(
                node,
                f"'{wrong}' under harmless is not an option; its options are {', '.join(codes)}",
            )
        return options

    def _conditions_known_so_far(self) -> None:
        """Read the named conditions whose questions are all known, for gates further on."""
        self._conditions(final=False)

    def _conditions(self, *, final: bool) -> None:
        """Read named conditions; one may use another that stands before it.

        Until the last question is known a condition that cannot be read yet is simply not there.
        """
        shape = self._checked("conditions.yaml", schema.ConditionsShape) if final else None
        for name, node in self._entries("conditions.yaml", "conditions").items():
            if name in self.names.conditions:
                continue
            when = node.child("when")
            title = node.child("title")
            if when is None or title is None or not isinstance(title.value, str):
                continue
            problems: list[str] = []
            part = condition_of(when, self.names, problems)
            if part is not None and not problems:
                self.names.conditions[name] = named(name, title.value, part)
                self.places[f"condition {name}"] = node.place
            elif final and shape is not None:
                self.problems.extend(problems)

    def _rules(self) -> Iterable[Rule]:
        seen: dict[str, str] = {}
        for name in sorted(self.files):
            if not name.startswith("rules/"):
                continue
            shape = self._checked(name, schema.RulesShape)
            for index, one in enumerate(shape.rules if shape else []):
                node = self.files[name].at(["rules", index])
                if one.id in seen:
                    self._note(
                        node,
                        f"the rule id '{one.id}' is taken by {seen[one.id]}; ids are never reused",
                    )
                seen[one.id] = node.place
                rule = self._rule(one, node)
                if rule is not None:
                    yield rule

    def _rule(self, one: schema.RuleShape, node: Node) -> Rule | None:
        when_node = node.child("when")
        when = condition_of(when_node, self.names, self.problems) if when_node else None
        stricter = self._stricter(one, node)
        sources = self._known_sources(one.sources, node.child("sources") or node)
        review_by = self._date(one.review_by, node.child("review_by") or node)
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
            reviewed=one.reviewed,
            review_by=review_by,
            covers=tuple(one.covers),
            patient_text=one.patient_text,
            conflict=one.conflict,
            floor=one.floor == "yes",
            stricter=stricter,
            where=node.place,
        )

    def _stricter(
        self, one: schema.RuleShape, node: Node
    ) -> tuple[tuple[Stricter, Condition], ...]:
        found = []
        for index, row in enumerate(one.stricter):
            place = node.at(["stricter", index])
            if row.label not in self.labels:
                self._note(
                    place,
                    f"there is no device label '{row.label}'; labels are {', '.join(self.labels)}",
                )
            if Level(row.level).triage.rank >= Level(one.level).triage.rank:
                self._note(place, f"a label may only make a rule stricter than '{one.level}'")
            sources = self._known_sources(row.sources, place)
            device = PlanIs(f"{_DEVICE} is {row.label}", _DEVICE, (), row.label)
            found.append((Stricter(row.label, Level(row.level), row.because, sources), device))
        return tuple(found)

    def _date(self, text: str, node: Node) -> date | None:
        try:
            return date.fromisoformat(text)
        except ValueError:
            self._note(node, f"'{text}' is not a date; write it as 2027-11-21")
            return None

    def _vignettes(self, plan: tuple[Item, ...]) -> Iterable[Vignette]:
        base = self._checked("vignettes/base.yaml", schema.BaseShape)
        if base is None:
            return
        seen: set[str] = set()
        for name in sorted(self.files):
            if not name.startswith("vignettes/") or name == "vignettes/base.yaml":
                continue
            shape = self._checked(name, schema.VignettesShape)
            for index, one in enumerate(shape.vignettes if shape else []):
                node = self.files[name].at(["vignettes", index])
                if one.id in seen:
                    self._note(node, f"there are two vignettes '{one.id}'; an id is used once")
                seen.add(one.id)
                vignette = self._vignette(one, base, node, plan)
                if vignette is not None:
                    yield vignette

    def _vignette(
        self, one: schema.VignetteShape, base: schema.BaseShape, node: Node, plan: tuple[Item, ...]
    ) -> Vignette | None:
        on = self._date(one.on or base.on, node.child("on") or node)
        earliest = self._date(one.expect.earliest, node) if one.expect.earliest else None
        fields = {item.link_id.removeprefix(PLAN_PREFIX) for item in plan}
        for wrong in sorted(set(one.plan) - fields):
            self._note(
                node, f"the plan has no field '{wrong}'; its fields are {', '.join(sorted(fields))}"
            )
        for wrong in sorted(set(one.answers) - set(self.names.items)):
            self._note(node, f"there is no question '{wrong}' to answer")
        if on is None:
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


def _option(code: str, value: str | schema.OptionShape) -> AnswerOption:
    if isinstance(value, str):
        return AnswerOption(code, value)
    return AnswerOption(code, value.text, value.area)


def _without_countries(brand: str) -> str:
    """Strip country marks: `Roaccutane (UK EU AU)` is the brand Roaccutane."""
    name, bracket, rest = brand.partition(" (")
    marks = rest.rstrip(")").replace("/", " ").replace(",", " ").split()
    return name if bracket and marks and set(marks) <= _COUNTRIES else brand
