"""What is recorded of one form and of what became of it: as much as another system is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.core.clients import CardAnswer
    from intake.core.decisions import Review
    from intake.core.records import AuditEvent, Patient, Response, StoredScreening


@dataclass(frozen=True, slots=True)
class Recorded:
    """One form by itself, without the other forms of its patient.

    Attributes:
        screenings: Oldest first; none while it is being filled.
        reviews: Decisions, oldest first.
        superseded_by: The version that amends this one, once that is completed.
        events: The lines of the audit trail about it, oldest first, perhaps without their details.
        languages: In which language each question was read, by link id.
        actors: Ids of everybody who did something to it, and names of what is nobody.
        answered: What was said in other systems to its findings, oldest first.
    """

    patient: Patient
    response: Response
    screenings: tuple[StoredScreening, ...]
    reviews: tuple[Review, ...]
    superseded_by: str | None
    events: tuple[AuditEvent, ...]
    languages: Mapping[str, str]
    actors: frozenset[str]
    answered: tuple[CardAnswer, ...] = ()

    @property
    def screening(self) -> StoredScreening | None:
        """The newest screening; None while the form is being filled."""
        return self.screenings[-1] if self.screenings else None
