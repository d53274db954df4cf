"""The shapes of vignettes: the patients a pack is proved with."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from intake.packs.shapes import Shape, Texts, YesOrNo


class ExpectShape(Shape):
    """What a vignette must give."""

    triage: Literal["stop", "review", "defer", "caution", "routine"]
    fires: Texts = Field(default=[])
    unknown: Texts = Field(default=[])
    silent: Texts = Field(default=[])
    earliest: str | None = None
    exactly: YesOrNo = "no"


class VignetteShape(Shape):
    """One vignette."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    on: str | None = None
    plan: dict[str, Any] = Field(default={})
    answers: dict[str, Any] = Field(default={})
    expect: ExpectShape


class VignettesShape(Shape):
    """A file of vignettes/."""

    vignettes: list[Any] = Field(min_length=1)


class BaseShape(Shape):
    """vignettes/base.yaml."""

    on: str
    plan: dict[str, Any]
    answers: dict[str, Any]
