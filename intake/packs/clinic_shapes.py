"""The shape of clinic.yaml: what a clinic decides for itself."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, StringConstraints

from intake.packs.shapes import LevelWord, Shape

Said: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""A text with something in it."""


class EntryShape(Shape):
    """One decision of a clinic, and who answers for it."""

    who: Said
    why: Said
    when: str
    until: str


class SettingChoiceShape(EntryShape):
    """A value for a setting."""

    value: str


class LevelChoiceShape(EntryShape):
    """A level for a rule."""

    level: LevelWord


class ReviewerChoiceShape(EntryShape):
    """Who decides on a rule."""

    reviewer: Literal["practitioner", "dermatologist"]


class ClinicShape(Shape):
    """clinic.yaml."""

    labels: dict[str, Any] = Field(default={}, max_length=1)
    settings: dict[str, Any] = Field(default={})
    levels: dict[str, Any] = Field(default={})
    reviewers: dict[str, Any] = Field(default={})
    switched_off: dict[str, Any] = Field(default={})
