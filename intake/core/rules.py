"""What a rule pack holds: rules, vignettes, and everything they refer to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from intake.core.beside import Beside
from intake.core.bounds import Bounds
from intake.core.conditions import All, Condition, Sentence, gating
from intake.core.evidence import NOT_REVIEWED
from intake.core.guide import Guide
from intake.core.questionnaire import PLAN_PREFIX
from intake.core.recurring import Recurring
from intake.core.stored_answers import StoredReader

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from intake.core.answers import Raw
    from intake.core.dates import Window
    from intake.core.evidence import (
        Basis,
        Choice,
        Conflict,
        DeviceLabel,
        Duty,
        Setting,
        SignOff,
        Source,
        Topic,
    )
    from intake.core.questionnaire import Item, Questionnaire
    from intake.core.translations import Translation
    from intake.core.vocabulary import Vocabulary


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
        return _RANKS[self]

    @classmethod
    def most_serious(cls, found: list[Triage]) -> Triage:
        """Return the most serious; `routine` when there is none."""
        return min(found, key=lambda triage: triage.rank, default=cls.ROUTINE)


_RANKS = {triage: rank for rank, triage in enumerate(Triage)}


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
        level: What it claims: as written, or as the clinic chose.
        covers: Topics this rule stands for.
        conflicts: Questions on which the sources of this rule differ.
        mentions: Settings that its texts name.
        floor: May never be lowered or switched off.
        lowest: The mildest level a clinic may choose; None when it may choose none milder.
        highest: The strictest level a clinic may choose; None when it may choose any.
        stricter: Claims of device labels, each with the condition under which the label applies;
            None for the label the clinic works under, which always does.
        choices: What the clinic decided about this rule.
        signoff: The last clinician's word on it.
        digest: Its content, see `intake.core.digests`; a sign-off holds for one digest.
        subject: What the rules of its file are about, as a heading.
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
    review_by: date
    covers: tuple[str, ...] = ()
    patient_text: str = ""
    conflicts: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    floor: bool = False
    lowest: Level | None = None
    highest: Level | None = None
    stricter: tuple[tuple[Stricter, Condition | None], ...] = ()
    choices: tuple[Choice, ...] = ()
    signoff: SignOff | None = None
    digest: str = ""
    subject: str = ""
    where: str = ""

    @property
    def is_reviewed(self) -> bool:
        """Whether a clinician signed it off as it stands now."""
        return self.signoff is not None and self.signoff.digest == self.digest

    @property
    def reviewed(self) -> str:
        """Who reviewed it and when, or that nobody has."""
        if self.signoff is None:
            return NOT_REVIEWED
        by = f"{self.signoff.by} ({self.signoff.role}) on {self.signoff.on}"
        return f"reviewed by {by}" if self.is_reviewed else f"{NOT_REVIEWED} since {by}: edited"

    @property
    def may_be_switched_off(self) -> bool:
        """Whether a clinic may do without it: a mere caution, under every label, and no floor."""
        return not self.floor and all(claim.level is Level.CAUTION for claim in self.claims)

    @property
    def may_be_a_practitioners(self) -> bool:
        """Whether a clinic may let a practitioner decide: no floor, and no stop under any label."""
        return not self.floor and all(claim.level is not Level.STOP for claim in self.claims)

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """The rule's own claim, then that of each stricter label.

        While the device is not known, a label's stricter claim is unknown, not absent.
        """
        base = Claim(self.level, self.when)
        return (
            base,
            *(
                Claim(s.level, All((self.when, device)) if device else self.when, s.label)
                for s, device in self.stricter
            ),
        )

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Every sentence of its own condition."""
        return tuple(self.when.sentences())

    @property
    def settings(self) -> tuple[str, ...]:
        """The settings it uses, in its condition or its texts, each once."""
        used = (name for sentence in self.sentences for name in sentence.settings)
        return tuple(dict.fromkeys((*used, *self.mentions)))

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
class RulePack(Beside):
    """Questionnaire, rules, vocabulary, evidence and vignettes: one version, one content hash.

    Attributes:
        rules: Those that are judged.
        base: The healthy patient whom every vignette changes a little.
        conflicts: Where sources differ, by id.
        topics: What the pack must take care of.
        duties: The staff's checklist.
        guide: The day of treatment and after it.
        choices: Every decision of the clinic, those that no longer count included.
        switched_off: Rules the clinic chose not to have judged.
        translations: What patients read in other languages, by language tag.
        on: The day for which the clinic's decisions were weighed.
    """

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
    base: Vignette | None = None
    conflicts: Mapping[str, Conflict] = field(default_factory=dict)
    topics: tuple[Topic, ...] = ()
    duties: tuple[Duty, ...] = ()
    guide: Guide = field(default_factory=Guide)
    choices: tuple[Choice, ...] = ()
    switched_off: tuple[Rule, ...] = ()
    translations: Mapping[str, Translation] = field(default_factory=dict)
    on: date | None = None
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
    def required(self) -> tuple[str, ...]:
        """The questions that have to be answered where they are asked."""
        items = self.questionnaire.items.items()
        return tuple(k for k, item in items if item.required and not item.informational)

    def dated_in(self, condition: Condition) -> tuple[Sentence, ...]:
        """Return the sentences that measure dates in a condition, and in what it hangs on."""
        known = self._dated.get(id(condition))
        return self._dated_by(condition) if known is None else known

    @cached_property
    def _dated(self) -> Mapping[int, tuple[Sentence, ...]]:
        """Those of every claim, by the identity of its condition, which lives as long as this."""
        every = (claim.when for rule in self.rules for claim in rule.claims)
        return {id(condition): self._dated_by(condition) for condition in every}

    def _dated_by(self, condition: Condition) -> tuple[Sentence, ...]:
        dated = condition.dated
        for subject in condition.subjects:
            dated += self._dated_gates.get(subject, ())
        return dated

    @cached_property
    def _dated_gates(self) -> Mapping[str, tuple[Sentence, ...]]:
        """Those in what each question hangs on, gates of gates too."""
        gates = {k: [self.gates.get(one) for one in gating([k], self.gates)] for k in self.gates}
        found = {
            k: tuple(s for one in every if one for s in one.dated) for k, every in gates.items()
        }
        return {link_id: dated for link_id, dated in found.items() if dated}

    @cached_property
    def areas(self) -> Mapping[str, Mapping[str, str | None]]:
        """For each body map, the treatment area of each region."""
        return {k: {o.code: o.area for o in item.options} for k, item in self.items.items()}

    @cached_property
    def limits(self) -> Mapping[str, frozenset[Window]]:
        """The windows of time that rules measure the dates of each question against."""
        found: dict[str, frozenset[Window]] = {}
        for rule in self.rules:
            for sentence in rule.sentences:
                found[sentence.subject] = found.get(sentence.subject, frozenset()).union(
                    sentence.windows
                )
        return MappingProxyType(found)

    @cached_property
    def bounds(self) -> Bounds:
        """What judges every claim of every rule at once, in the order of `claimants`."""
        claims = [claim.when for rule in self.rules for claim in rule.claims]
        return Bounds(claims, self.gates, self.items)

    @cached_property
    def recurring(self) -> Recurring:
        """Findings of its rules that were made before."""
        return Recurring(self)

    @cached_property
    def reader(self) -> StoredReader:
        """What types answers that were stored, of many forms."""
        return StoredReader(self.items)

    @cached_property
    def claimants(self) -> tuple[int, ...]:
        """Of each claim the place of its rule among the rules."""
        return tuple(place for place, rule in enumerate(self.rules) for _ in rule.claims)

    @cached_property
    def rules_by_id(self) -> Mapping[str, Rule]:
        """Every rule by its id."""
        return MappingProxyType({rule.id: rule for rule in self.rules})

    def holds_on(self, day: date) -> bool:
        """Tell whether the same decisions of the clinic count on *day*."""
        on = self.on
        return not self.choices or (
            on is not None and all(c.counts_on(on) == c.counts_on(day) for c in self.choices)
        )

    @property
    def void_signoffs(self) -> tuple[Rule, ...]:
        """The rules that were signed off and have been edited since."""
        every = (*self.rules, *self.switched_off)
        return tuple(rule for rule in every if rule.signoff is not None and not rule.is_reviewed)

    def conflicts_of(self, rule: Rule) -> tuple[Conflict, ...]:
        """Return the questions on which the sources of *rule* differ."""
        return tuple(self.conflicts[name] for name in rule.conflicts)

    def choices_about(self, rule: Rule) -> tuple[Choice, ...]:
        """Return what the clinic decided that bears on *rule*: itself, its settings, its labels."""
        settings = (self.settings[name].choice for name in rule.settings)
        labels = (self.labels[s.label].choice for s, _ in rule.stricter if s.label in self.labels)
        return (*rule.choices, *(c for c in (*settings, *labels) if c is not None))

    @property
    def label(self) -> str:
        """Name, version and the start of the hash, as people write it down."""
        return f"{self.name} {self.version} ({self.hash[:12]})"

    @staticmethod
    def plan_id(field_name: str) -> str:
        """Return what a plan field is called in a sentence."""
        return PLAN_PREFIX + field_name
