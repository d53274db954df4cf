"""The tablet's pages while a practitioner enters the answers for the patient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import g, url_for

from intake.actions import answer as answers_given
from intake.actions import begin, entering
from intake.web.clinic import current_clinic, current_store
from intake.web.tablet_base import bp, go, go_to_unanswered, pack

if TYPE_CHECKING:
    from flask import Response as Answer

    from intake.core.records import Patient, Practitioner


@dataclass(frozen=True, slots=True)
class Entering:
    """What stands on top of each page.

    Attributes:
        case: The address of the case at the desk.
    """

    patient: Patient
    by: Practitioner
    case: str


@bp.context_processor
def words_about_entering() -> dict[str, object]:
    """Tell each page who enters answers for whom; None where the patient answers."""
    is_open = "visit" in g and g.visit.locked_at is None
    return {"entering": _entering() if is_open and g.visit.is_entered else None}


def _entering() -> Entering:
    return Entering(
        begin.patient_of(current_store(), g.response),
        entering.who_enters(current_store(), g.visit.entered_by or ""),
        url_for("desk.case", response_id=g.response.id),
    )


def to_statement() -> Answer:
    """Go to the desk to state what was entered, or to the first question that is still open."""
    if answers_given.unanswered_screen(pack(), g.response, current_clinic().today()):
        return go_to_unanswered(**{"from": "review"})
    return go("desk.statement", response_id=g.response.id)
