"""What a clinic decides for itself, laid over a pack: clinic.yaml.

Every entry says who, why, when and until when. An entry that does not count today is kept and
shown, and changes nothing. No entry lowers a floor or leaves the range of a setting.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from intake.core.evidence import Choice
from intake.core.proving.cells import Cells
from intake.core.proving.proofs import is_as_strict
from intake.core.rules import Level, Reviewer
from intake.packs import shapes
from intake.packs.draft import CLINIC
from intake.packs.evidence import read_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from intake.core.evidence import DeviceLabel, Setting
    from intake.core.rules import Rule, RulePack
    from intake.packs.draft import Draft
    from intake.packs.reading import Node

E = TypeVar("E", bound=shapes.EntryShape)


@dataclass
class Overlay:
    """A clinic's decisions on one pack.

    Attributes:
        on: The day for which it is read; entries that do not count on it change nothing.
        choices: Every entry, those that do not count included.
    """

    draft: Draft
    on: date
    choices: list[Choice] = field(default_factory=list)
    file: shapes.ClinicShape | None = None

    def __post_init__(self) -> None:
        """Read the file, if the pack has one."""
        if CLINIC in self.draft.files:
            self.file = self.draft.whole(CLINIC, shapes.ClinicShape)

    def settings(self, settings: Mapping[str, Setting]) -> dict[str, Setting]:
        """Return the settings with the values the clinic chose."""
        found = dict(settings)
        for name, one, node in self._entries("settings", shapes.SettingChoiceShape):
            setting = settings.get(name)
            if setting is None:
                self.draft.note(node, f"there is no setting '{name}' in settings.yaml")
                continue
            value = read_value(self.draft, one.value, node, "value")
            if value is None:
                continue
            if type(value[0]) is not type(setting.value) or value[1] != setting.unit:
                wanted = setting.written_default
                self.draft.note(node, f"'{name}' is written like its default, {wanted}")
            elif not setting.allows(value[0]):
                self.draft.note(
                    node, f"{one.value} lies outside the range of '{name}', {setting.range}"
                )
            else:
                about = f"{one.value} instead of {setting.written_default}"
                if choice := self._choice(f"setting {name}", setting.title, about, one, node):
                    found[name] = replace(setting, value=value[0], choice=choice)
        return found

    def labels(self, labels: Mapping[str, DeviceLabel]) -> dict[str, DeviceLabel]:
        """Return the labels, the one the clinic works under marked."""
        found = dict(labels)
        for name, one, node in self._entries("labels", shapes.EntryShape):
            label = labels.get(name)
            if label is None:
                known = ", ".join(labels)
                self.draft.note(node, f"there is no device label '{name}'; labels are {known}")
            elif choice := self._choice(
                f"label {name}", label.title, "the clinic works under it", one, node
            ):
                found[name] = replace(label, choice=choice)
        return found

    def rules(self, rules: tuple[Rule, ...]) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
        """Return the rules as the clinic has them judged, and those it switched off."""
        by_id = {rule.id: rule for rule in rules}
        self._levels(by_id)
        self._reviewers(by_id)
        off = self._switched_off(by_id)
        return (
            tuple(rule for rule in by_id.values() if rule.id not in off),
            tuple(rule for rule in by_id.values() if rule.id in off),
        )

    def _levels(self, rules: dict[str, Rule]) -> None:
        for name, one, node in self._entries("levels", shapes.LevelChoiceShape):
            rule, level = self._rule(rules, name, node), Level(one.level)
            if rule is None:
                continue
            lowest = rule.lowest or rule.level
            highest = rule.highest or Level.STOP
            about = f"{level} instead of {rule.level}"
            if level.triage.rank > lowest.triage.rank:
                why = ": it is a floor" if rule.floor else ""
                self.draft.note(node, f"'{name}' may not become milder than {lowest}{why}")
            elif level.triage.rank < highest.triage.rank:
                self.draft.note(node, f"'{name}' may not become stricter than {highest}")
            elif choice := self._choice(f"rule {name}", rule.title, about, one, node):
                rules[name] = replace(rule, level=level, choices=(*rule.choices, choice))

    def _reviewers(self, rules: dict[str, Rule]) -> None:
        for name, one, node in self._entries("reviewers", shapes.ReviewerChoiceShape):
            rule, reviewer = self._rule(rules, name, node), Reviewer(one.reviewer)
            if rule is None:
                continue
            if reviewer is Reviewer.PRACTITIONER and (rule.floor or rule.level is Level.STOP):
                self.draft.note(node, f"'{name}' stays with a dermatologist: a floor, or a stop")
                continue
            about = f"{reviewer} decides instead of {rule.reviewer}"
            if choice := self._choice(f"rule {name}", rule.title, about, one, node):
                rules[name] = replace(rule, reviewer=reviewer, choices=(*rule.choices, choice))

    def _switched_off(self, rules: dict[str, Rule]) -> set[str]:
        off = set()
        for name, one, node in self._entries("switched_off", shapes.EntryShape):
            rule = self._rule(rules, name, node)
            if rule is None:
                continue
            if rule.floor or rule.level is not Level.CAUTION:
                self.draft.note(
                    node, f"'{name}' cannot be switched off: only cautions can that are no floor"
                )
            elif choice := self._choice(f"rule {name}", rule.title, "switched off", one, node):
                rules[name] = replace(rule, choices=(*rule.choices, choice))
                off.add(name)
        return off

    def _rule(self, rules: Mapping[str, Rule], name: str, node: Node) -> Rule | None:
        if name not in rules:
            self.draft.note(node, f"there is no rule '{name}'")
        return rules.get(name)

    def _entries(self, key: str, shape: type[E]) -> Iterator[tuple[str, E, Node]]:
        """Yield each entry under *key* that is well formed."""
        under = self.draft.files[CLINIC].child(key) if self.file else None
        for name, node in under.value.items() if under and isinstance(under.value, dict) else ():
            one = self.draft.check(node, shape)
            if one is not None:
                yield name, one, node

    def _choice(
        self, subject: str, title: str, about: str, one: shapes.EntryShape, node: Node
    ) -> Choice | None:
        """Keep the entry; return it only if it counts on the day."""
        when = self.draft.day(one.when, node.at(["when"]))
        until = self.draft.day(one.until, node.at(["until"]))
        if when is None or until is None:
            return None
        if until <= when:
            self.draft.note(node, f"until {until} is not after when {when}")
        choice = Choice(subject, title, about, one.who, one.why, when, until)
        self.choices.append(choice)
        return choice if choice.counts_on(self.on) else None


def lowered_floors(pack: RulePack, written: RulePack) -> Iterator[str]:
    """Yield a problem for each floor that a clinic's settings would lower.

    Every set of answers is gone through: a floor must be met, or open, wherever it was as written.
    """
    cells = Cells(pack, pack.base.on if pack.base else pack.effective)
    for rule in pack.rules:
        chosen = [name for name in rule.settings if pack.settings[name].choice]
        before = written.rules_by_id[rule.id].when
        if rule.floor and chosen and not is_as_strict(rule.when, before, cells):
            yield (
                f"{CLINIC}:1: the floor '{rule.id}' would catch fewer patients with"
                f" {', '.join(f'{name} {pack.settings[name]}' for name in chosen)}; a floor is"
                " never lowered"
            )
