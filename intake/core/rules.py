"""What a rule pack holds: rules, evidence, device labels, settings, vignettes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from intake.core.conditions import All, Condition, Sentence
from intake.core.dates import Window
from intake.core.questionnaire import PLAN_PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from intake.core.answers import Raw
    from intake.core.medicines import Vocabulary
    from intake.core.questionnaire import Item, Questionnaire


class Triage(StrEnum):
    """The order of the queue, most serious first. None of these says that a patient is safe.

    routine means only: no rule matched, review is still required.
    """

    STOP = "stop"
    REVIEW = "review"
    DEFER = "defer"
    CAUTION = "caution"
    ROUTINE = "routine"

    @property
    def rank(self) -> int:
        """0 for the most serious; sorts and compares seriousness."""
        return list(Triage).index(self)

    @classmethod
    def most_serious(cls, found: list[Triage]) -> Triage:
        """Return the most serious; `routine` when there is none."""
        return min(found, key=lambda triage: triage.rank, default=cls.ROUTINE)


class Level(StrEnum):
    """What a rule claims. There are no levels that allow anything."""

    STOP = "stop"
    REVIEW = "review"
    DEFER = "defer"
    CAUTION = "caution"

    @property
    def triage(self) -> Triage:
        """What the rule does to the triage when it is met."""
        return Triage(self.value)


class Reviewer(StrEnum):
    """Who may decide against a finding."""

    PRACTITIONER = "practitioner"
    DERMATOLOGIST = "dermatologist"


class Basis(StrEnum):
    """What a rule or a number rests on."""

    LABEL = "label"
    CONSENSUS = "consensus"
    TRIAL = "trial"
    SYSTEMATIC_REVIEW = "systematic review"
    CASE_REPORT = "case report"
    EXTRAPOLATED = "extrapolated"
    EXPERT_DEFAULT = "expert default"
    GENERAL_KNOWLEDGE = "general knowledge"
    LOCAL_POLICY = "local policy"
    LAW = "law"


NOT_REVIEWED = "not yet reviewed by a clinician"


@dataclass(frozen=True, slots=True)
class Source:
    """One entry of the evidence list."""

    id: str
    citation: str
    address: str
    says: str
    read: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A named window or threshold, so that a number stands in one place with its origin."""

    name: str
    title: str
    value: Window | Decimal
    unit: str
    range: str
    basis: tuple[Basis, ...]
    source_note: str
    sources: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Write the value as in the file."""
        return (
            str(self.value)
            if isinstance(self.value, Window)
            else f"{self.value} {self.unit}".strip()
        )


@dataclass(frozen=True, slots=True)
class DeviceLabel:
    """What the maker of a device says; it can make a rule stricter, never milder."""

    id: str
    title: str
    note: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stricter:
    """A rule's level under one device label."""

    label: str
    level: Level
    because: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A level and when it holds; a rule makes one, and one more for each stricter label."""

    level: Level
    when: Condition
    label: str | None = None


@dataclass(frozen=True)
class Rule:
    """A reason to wait, look or ask.

    Attributes:
        covers: Rows of the evidence table this rule stands for.
        floor: May never be lowered or switched off.
        device: How to say that the planned device is that of a label.
        where: File and line, for messages.
    """

    id: str
    title: str
    level: Level
    when: Condition
    meaning: str
    action: str
    basis: tuple[Basis, ...]
    sources: tuple[str, ...]
    reviewer: Reviewer
    reviewed: str
    review_by: date
    covers: tuple[str, ...] = ()
    patient_text: str = ""
    conflict: str = ""
    floor: bool = False
    stricter: tuple[tuple[Stricter, Condition], ...] = ()
    where: str = ""

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """The rule's own claim, then that of each stricter label.

        While the device is not known, a label's stricter claim is unknown, not absent.
        """
        base = Claim(self.level, self.when)
        return (
            base,
            *(Claim(s.level, All((self.when, device)), s.label) for s, device in self.stricter),
        )

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Every sentence of its own condition."""
        return tuple(self.when.sentences())

    @property
    def settings(self) -> tuple[str, ...]:
        """The settings it uses, each once."""
        return tuple(dict.fromkeys(n for s in self.sentences for n in s.settings))

    @property
    def subjects(self) -> tuple[str, ...]:
        """The questions and plan fields it looks at, each once."""
        return tuple(dict.fromkeys(sentence.subject for sentence in self.sentences))


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a vignette must give.

    Attributes:
        exactly: No rule but those of `fires` and `unknown` may be met or unknown.
    """

    triage: Triage
    fires: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    earliest: date | None = None
    exactly: bool = False


@dataclass(frozen=True, slots=True)
class Vignette:
    """A short case with the triage it must get; already merged over the base patient."""

    id: str
    title: str
    on: date
    plan: Mapping[str, Raw]
    answers: Mapping[str, Raw]
    expect: Expectation
    where: str = ""


@dataclass(frozen=True)
class RulePack:
    """Questionnaire, rules, vocabulary, evidence and vignettes: one version, one content hash."""

    name: str
    title: str
    version: str
    effective: date
    hash: str
    plan: tuple[Item, ...]
    questionnaire: Questionnaire
    rules: tuple[Rule, ...]
    conditions: Mapping[str, Condition]
    settings: Mapping[str, Setting]
    labels: Mapping[str, DeviceLabel]
    sources: Mapping[str, Source]
    vocabulary: Vocabulary
    vignettes: tuple[Vignette, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def items(self) -> Mapping[str, Item]:
        """Every question and, as `plan.…`, every field of the treatment plan."""
        plan = {item.link_id: item for item in self.plan}
        return MappingProxyType({**plan, **self.questionnaire.items})

    @cached_property
    def gates(self) -> Mapping[str, Condition]:
        """The enable-when of each question that has one."""
        return {k: item.enable_when for k, item in self.items.items() if item.enable_when}

    @cached_property
    def areas(self) -> Mapping[str, Mapping[str, str | None]]:
        """For each body map, the treatment area of each region."""
        return {k: {o.code: o.area for o in item.options} for k, item in self.items.items()}

    @cached_property
    def rules_by_id(self) -> Mapping[str, Rule]:
        """Every rule by its id."""
        return MappingProxyType({rule.id: rule for rule in self.rules})

    @property
    def label(self) -> str:
        """Name, version and the start of the hash, as people write it down."""
        return f"{self.name} {self.version} ({self.hash[:12]})"

    @staticmethod
    def plan_id(field_name: str) -> str:
        """Return what a plan field is called in a sentence."""
        return PLAN_PREFIX + field_name
