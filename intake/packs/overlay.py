"""What a clinic decides for itself, laid over a pack: clinic.yaml.

Every entry says who, why, when and until when. An entry that does not count today is kept and
shown, and changes nothing. No entry lowers a floor or leaves the range of a setting.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from intake.core.errors import near
from intake.core.evidence import Choice
from intake.core.proving import TooLargeError
from intake.core.proving.cells import Cells
from intake.core.proving.proofs import is_as_strict
from intake.core.rules import Level, Reviewer
from intake.packs import clinic_shapes
from intake.packs.draft import CLINIC
from intake.packs.evidence import read_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from intake.core.evidence import DeviceLabel, Setting
    from intake.core.rules import Rule, RulePack
    from intake.packs.draft import Draft
    from intake.packs.nodes import Node

E = TypeVar("E", bound=clinic_shapes.EntryShape)


@dataclass
class Overlay:
    """A clinic's decisions on one pack.

    Attributes:
        on: The day for which it is read; entries that do not count on it change nothing.
        choices: Every entry, those that do not count included.
        stops: The rules that some entry makes a stop, on whatever days.
    """

    draft: Draft
    on: date
    choices: list[Choice] = field(default_factory=list)
    stops: set[str] = field(default_factory=set)
    file: clinic_shapes.ClinicShape | None = None

    def __post_init__(self) -> None:
        """Read the file, if the pack has one."""
        if CLINIC in self.draft.files:
            self.file = self.draft.whole(CLINIC, clinic_shapes.ClinicShape)

    def settings(self, settings: Mapping[str, Setting]) -> dict[str, Setting]:
        """Return the settings with the values the clinic chose."""
        found = dict(settings)
        for name, one, node in self._entries("settings", clinic_shapes.SettingChoiceShape):
            setting = settings.get(name)
            if setting is None and "settings" in self.draft.names.unread:
                continue
            if setting is None:
                hint = near(name, settings)
                self.draft.note(node, f"there is no setting '{name}' in settings.yaml{hint}")
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
        for name, one, node in self._entries("labels", clinic_shapes.EntryShape):
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
        """Return the rules as the clinic has them judged, and those it switched off.

        Every entry is held against the rule as it is written, so that what may be put in force
        today may stay in force on the day on which another entry ends.
        """
        written = {rule.id: rule for rule in rules}
        chosen = dict(written)
        for name, choice, level in self._levels(written):
            chosen[name] = _with(replace(chosen[name], level=level), choice)
        for name, choice, reviewer in self._reviewers(written):
            chosen[name] = _with(replace(chosen[name], reviewer=reviewer), choice)
        off = dict(self._switched_off(written))
        for name, choice in off.items():
            chosen[name] = _with(chosen[name], choice)
        return (
            tuple(rule for rule in chosen.values() if rule.id not in off),
            tuple(rule for rule in chosen.values() if rule.id in off),
        )

    def _levels(self, rules: Mapping[str, Rule]) -> Iterator[tuple[str, Choice, Level]]:
        for name, one, node in self._entries("levels", clinic_shapes.LevelChoiceShape):
            rule, level = self._rule(rules, name, node), Level(one.level)
            if rule is None:
                continue
            lowest = rule.lowest or rule.level
            highest = rule.highest or Level.STOP
            about = f"{level} instead of {rule.level}"
            if level is Level.STOP:
                self.stops.add(name)
            if level.triage.rank > lowest.triage.rank:
                why = ": it is a floor" if rule.floor else ""
                self.draft.note(node, f"'{name}' may not become milder than {lowest}{why}")
            elif level.triage.rank < highest.triage.rank:
                self.draft.note(node, f"'{name}' may not become stricter than {highest}")
            elif choice := self._choice(f"rule {name}", rule.title, about, one, node):
                yield name, choice, level

    def _reviewers(self, rules: Mapping[str, Rule]) -> Iterator[tuple[str, Choice, Reviewer]]:
        for name, one, node in self._entries("reviewers", clinic_shapes.ReviewerChoiceShape):
            rule, reviewer = self._rule(rules, name, node), Reviewer(one.reviewer)
            if rule is None:
                continue
            if reviewer is Reviewer.PRACTITIONER and (why := self._dermatologists_alone(rule)):
                self.draft.note(node, f"'{name}' stays with a dermatologist: {why}")
                continue
            about = f"{reviewer} decides instead of {rule.reviewer}"
            if choice := self._choice(f"rule {name}", rule.title, about, one, node):
                yield name, choice, reviewer

    def _dermatologists_alone(self, rule: Rule) -> str:
        """Say why no practitioner may decide about a rule; nothing where one may.

        A level the clinic chose counts whenever it counts: else a rule could become a stop while
        its reviewer stays.
        """
        if rule.floor or rule.level is Level.STOP:
            return "a floor, or a stop"
        if not rule.may_be_a_practitioners:
            labels = (one.label for one in rule.claims if one.label and one.level is Level.STOP)
            return f"it is a stop under the label {', '.join(labels)}"
        if rule.id in self.stops:
            return "the clinic itself makes it a stop under levels"
        return ""

    def _switched_off(self, rules: Mapping[str, Rule]) -> Iterator[tuple[str, Choice]]:
        for name, one, node in self._entries("switched_off", clinic_shapes.EntryShape):
            rule = self._rule(rules, name, node)
            if rule is None:
                continue
            if not rule.may_be_switched_off:
                self.draft.note(
                    node,
                    f"'{name}' cannot be switched off: only a caution can, that is no floor and"
                    " that no device label makes stricter",
                )
            elif choice := self._choice(f"rule {name}", rule.title, "switched off", one, node):
                yield name, choice

    def _rule(self, rules: Mapping[str, Rule], name: str, node: Node) -> Rule | None:
        if name not in rules:
            self.draft.note(node, f"there is no rule '{name}'{near(name, rules)}")
        return rules.get(name)

    def _entries(self, key: str, shape: type[E]) -> Iterator[tuple[str, E, Node]]:
        """Yield each entry under *key* that is well formed."""
        under = self.draft.files[CLINIC].child(key) if self.file else None
        for name, node in under.value.items() if under and isinstance(under.value, dict) else ():
            one = self.draft.check(node, shape)
            if one is not None:
                yield name, one, node

    def _choice(
        self, subject: str, title: str, about: str, one: clinic_shapes.EntryShape, node: Node
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


def _with(rule: Rule, choice: Choice) -> Rule:
    return replace(rule, choices=(*rule.choices, choice))


def days_of_change(pack: RulePack) -> tuple[date, ...]:
    """Return every day on which an entry starts or stops counting."""
    days = {day for choice in pack.choices for day in (choice.when, choice.until)}
    return tuple(sorted(days))


def touches_a_floor(pack: RulePack) -> bool:
    """Tell whether a clinic's settings, whenever they count, bear on a floor or on its gates."""
    chosen = {choice.subject.removeprefix("setting ") for choice in pack.choices}
    return any(chosen & _settings_behind(rule, pack) for rule in pack.rules if rule.floor)


def _settings_behind(rule: Rule, pack: RulePack) -> set[str]:
    """Return the settings of a rule and of the gates of its questions, however far back."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = list(rule.sentences)
    while waiting:
        sentence = waiting.pop()
        found.update(sentence.settings)
        if sentence.subject not in seen and sentence.subject in pack.gates:
            waiting.extend(pack.gates[sentence.subject].sentences())
        seen.add(sentence.subject)
    return found


def lowered_floors(pack: RulePack, written: RulePack) -> Iterator[str]:
    """Yield a problem for each floor that a clinic's settings lower.

    Every set of answers is gone through: a floor must be met, or open, wherever it was as written.
    """
    cells = Cells(pack, pack.base.on if pack.base else pack.effective)
    chosen = {name for name, setting in pack.settings.items() if setting.choice}
    for rule in pack.rules:
        names = sorted(chosen & _settings_behind(rule, pack)) if rule.floor else []
        if names and not _keeps(rule, written, cells):
            values = ", ".join(f"{name} {pack.settings[name]}" for name in names)
            yield (
                f"{CLINIC}:1: the floor '{rule.id}' would catch fewer patients with {values};"
                " a floor is never lowered"
            )


def _keeps(rule: Rule, written: RulePack, cells: Cells) -> bool:
    """Tell whether a floor is as strict as written; one that cannot be looked through is not."""
    try:
        return is_as_strict(rule, written.rules_by_id[rule.id], cells, written)
    except TooLargeError:
        return False
