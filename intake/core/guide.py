"""What a pack says of the day of treatment and after it.

The questions at the chair, what a session and a reaction mean for the next screening, and the
advice a patient takes home. Each is written in the pack as answers to its own questions, so that no
rule needs to know where an answer came from. `intake.core.course` says what follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.core.answers import Raw
    from intake.core.conditions import Condition

ON_THE_DAY = "on the day"
"""Stands in a pack for the day of a session, or for the day on which something was noticed."""


@dataclass(frozen=True, slots=True)
class ChairQuestion:
    """One question of the same-day confirmation.

    Attributes:
        yes: What a yes says, as answers to questions of the form. What is not known is "not_sure".
        names: A list of medicines to which what is typed beside the reply is added.
    """

    id: str
    ask: str
    yes: Mapping[str, Raw]
    names: str = ""
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a session that was carried out says at the next screening.

    Attributes:
        when: Of which sessions; judged on what was done, and counted while it is unknown.
    """

    answers: Mapping[str, Raw]
    when: Condition | None = None
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReactionKind:
    """One way in which skin may take a session badly.

    Attributes:
        open: What it says at the next screening while it is not over.
        settled: What it says once it is.
    """

    id: str
    title: str
    open: Mapping[str, Raw]
    settled: Mapping[str, Raw]
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Advice:
    """One line of the advice that a patient takes home.

    Attributes:
        is_warning: It says when to call the clinic.
        when: For which sessions it is said; counted while it is unknown.
    """

    id: str
    text: str
    is_warning: bool = False
    when: Condition | None = None
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Guide:
    """What a pack says of the day of treatment and after it."""

    chair: tuple[ChairQuestion, ...] = ()
    carried_out: tuple[Consequence, ...] = ()
    reactions: tuple[ReactionKind, ...] = ()
    advice: tuple[Advice, ...] = ()

    def reaction(self, kind: str) -> ReactionKind | None:
        """Return a reaction by its id; None for one that a newer pack no longer has."""
        return next((one for one in self.reactions if one.id == kind), None)
