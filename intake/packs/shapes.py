"""The shape of each file of a pack: which keys there are and which of them are needed.

Everything is text here; what the text means is decided by the builder. Unknown keys are refused.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

YesOrNo: TypeAlias = Literal["yes", "no"]
Group: TypeAlias = Any
"""A condition: a sentence or a group; the sentences are read with their places."""


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


Texts: TypeAlias = Annotated[list[str], BeforeValidator(_one_or_many)]


class Shape(BaseModel):
    """A mapping with exactly these keys."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class OptionShape(Shape):
    """What may be said of one answer option."""

    text: str
    area: str | None = None


class ItemShape(Shape):
    """One question or plan field."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    ask: str
    type: Literal["yes_no", "choice", "choices", "number", "date", "medicines", "text", "body_map"]
    hint: str = ""
    options: list[dict[str, Any]] = []
    words: dict[str, str] = {}
    unit: str = ""
    min: str | None = None
    max: str | None = None
    decimals: str = "0"
    enable_when: Group = None
    unknowns: YesOrNo = "yes"
    required: YesOrNo = "yes"
    informational: YesOrNo = "no"
    harmless: Texts = []
    record: Literal["birth_date"] | None = None
    freshness: Literal["each visit", "30 days", "a year", "once"] = "each visit"
    covers: Texts = []
    was: Texts = []


class PageShape(Shape):
    """One page of the tablet."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    why: str = ""
    says: Texts = []
    private: YesOrNo = "no"
    covers: Texts = []
    items: list[ItemShape] = Field(min_length=1)


class SectionShape(Shape):
    """One section."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    pages: list[PageShape] = Field(min_length=1)


class QuestionnaireShape(Shape):
    """questionnaire.yaml."""

    sections: list[SectionShape] = Field(min_length=1)


class PackShape(Shape):
    """pack.yaml."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str
    version: str
    effective: str
    plan: list[ItemShape] = Field(min_length=1)


class ConditionShape(Shape):
    """One named condition."""

    title: str
    when: Group


class ConditionsShape(Shape):
    """conditions.yaml."""

    conditions: dict[str, Any]


BasisWord: TypeAlias = Literal[
    "label",
    "consensus",
    "trial",
    "systematic review",
    "case report",
    "extrapolated",
    "expert default",
    "general knowledge",
    "local policy",
    "law",
]


class SettingShape(Shape):
    """One named window or threshold."""

    title: str
    default: str
    range: str
    basis: Annotated[list[BasisWord], BeforeValidator(_one_or_many)] = Field(min_length=1)
    source_note: str
    sources: Texts = []


class SettingsShape(Shape):
    """settings.yaml."""

    settings: dict[str, Any]


class LabelShape(Shape):
    """One device label."""

    title: str
    note: str
    sources: Texts = []


class LabelsShape(Shape):
    """labels.yaml."""

    labels: dict[str, Any]


class MedicineShape(Shape):
    """One medicine."""

    name: str
    also: Texts = []
    brands: Texts = []
    misspelt: Texts = []
    classes: Texts
    by_route: dict[str, Texts] = {}
    same_as: str = ""


class MedicinesShape(Shape):
    """medicines.yaml."""

    classes: dict[str, str]
    purposes: dict[str, Texts] = {}
    medicines: list[Any]
    lookalikes: list[Annotated[list[str], Field(min_length=2, max_length=2)]] = []


class SourceShape(Shape):
    """One entry of the evidence list."""

    citation: str
    address: str = ""
    says: str
    read: Literal["yes", "excerpt", "no"]


class SourcesShape(Shape):
    """sources.yaml."""

    sources: dict[str, Any]


class PositionShape(Shape):
    """What some sources say."""

    says: str
    sources: Texts = []


class ConflictShape(Shape):
    """One question on which sources differ."""

    id: str
    topic: str
    positions: list[PositionShape] = Field(min_length=1)
    default: str
    options: str = ""
    settings: Texts = []


class ConflictsShape(Shape):
    """conflicts.yaml."""

    conflicts: list[Any]


class TopicShape(Shape):
    """One topic a pack takes care of, or leaves out for a reason."""

    id: str
    title: str
    left_out: str = ""


class TopicGroupShape(Shape):
    """Topics that belong together."""

    group: str
    topics: list[TopicShape] = Field(min_length=1)


class TopicsShape(Shape):
    """topics.yaml."""

    topics: list[Any]


class DutyShape(Shape):
    """One line of the staff's checklist."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    text: str
    covers: Texts = []
    when: Group = None


class DutyGroupShape(Shape):
    """Lines that are gone through together."""

    group: str
    lines: list[DutyShape] = Field(min_length=1)


class ChecklistShape(Shape):
    """checklist.yaml."""

    checklist: list[Any]


class IdentifiedShape(Shape):
    """One entry with an id of its own."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    covers: Texts = []


class ChairShape(IdentifiedShape):
    """One question of the same-day confirmation."""

    ask: str
    yes: dict[str, Any] = Field(min_length=1)
    names: str = ""


class ConsequenceShape(Shape):
    """What a session says at the next screening."""

    answers: dict[str, Any] = Field(min_length=1)
    when: Group = None
    covers: Texts = []


class ReactionShape(IdentifiedShape):
    """One way in which skin may take a session badly."""

    title: str
    open: dict[str, Any] = Field(min_length=1)
    settled: dict[str, Any] = Field(min_length=1)


class AdviceShape(IdentifiedShape):
    """One line of advice to take home."""

    text: str
    warning: YesOrNo = "no"
    when: Group = None


class SessionShape(Shape):
    """session.yaml."""

    chair: list[Any] = Field(min_length=1)
    carried_out: list[Any] = Field(min_length=1)
    reactions: list[Any] = Field(min_length=1)
    aftercare: list[Any] = Field(min_length=1)


class SignOffShape(Shape):
    """One clinician's word on one rule, or one translator's on one language."""

    rule: str = ""
    language: str = ""
    by: str
    role: str
    on: str
    digest: str


class SignOffsShape(Shape):
    """signoffs.yaml."""

    signoffs: list[Any]


LevelWord: TypeAlias = Literal["stop", "review", "defer", "caution"]


class StricterShape(Shape):
    """A rule's level under one device label."""

    label: str
    level: LevelWord
    because: str
    sources: Texts = []


LANGUAGE_TAG = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
"""A tag of a language, as `es` or `pt-BR`."""


class TranslationShape(Shape):
    """A file of languages/."""

    language: str = Field(pattern=LANGUAGE_TAG)
    name: str
    texts: dict[str, Annotated[list[str], Field(min_length=2, max_length=2)]]


class RuleShape(Shape):
    """One rule."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str
    level: LevelWord
    floor: YesOrNo = "no"
    covers: Texts = []
    when: Group
    meaning: str
    action: str
    patient_text: str = ""
    basis: Annotated[list[BasisWord], BeforeValidator(_one_or_many)] = Field(min_length=1)
    sources: Texts = []
    conflicts: Texts = []
    lowest: LevelWord | None = None
    highest: LevelWord | None = None
    reviewer: Literal["practitioner", "dermatologist"]
    review_by: str
    stricter: list[StricterShape] = []


class RulesShape(Shape):
    """A file of rules/."""

    subject: str = ""
    rules: list[Any] = Field(min_length=1)
