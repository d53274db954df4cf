"""One patient's course: every visit, session and reaction, as a picture and as a list."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import flash, g, request

from intake.actions import treat
from intake.actions.course import Course, course_of
from intake.actions.treat import SessionRefusedError
from intake.core import display
from intake.core.errors import NotFoundError
from intake.core.treatment import standing
from intake.web.access import Access, open_to
from intake.web.clinic import current_clinic, current_store
from intake.web.course_picture import picture_of
from intake.web.desk_base import bp, local, page, see_other
from intake.web.desk_session_forms import reaction_form

if TYPE_CHECKING:
    from flask import Response as Answer

    from intake.core.rules import RulePack
    from intake.core.treatment import Reaction, TreatmentSession
    from intake.web.desk_session_forms import ReactionForm


@dataclass(frozen=True, slots=True)
class Noted:
    """A reaction with what the pack calls it.

    Attributes:
        chain: The last note and those that it brings up to date, newest first.
    """

    title: str
    chain: tuple[Reaction, ...]

    @property
    def note(self) -> Reaction:
        """The last note, which counts."""
        return self.chain[0]

    @property
    def state(self) -> str:
        """Whether it is over, in words."""
        return display.settled(self.note.noticed.settled)


@bp.get("/patients/<patient_id>")
@open_to(Access.CLINICIAN)
def course(patient_id: str) -> Answer:
    """Show the course of a patient."""
    return _show(_open(patient_id))


def _open(patient_id: str) -> Course:
    house = current_clinic()
    return course_of(current_store(), patient_id=patient_id, by=g.practitioner, now=house.now())


@bp.post("/patients/<patient_id>/sessions/<session_id>/reaction")
@open_to(Access.CLINICIAN)
def note_reaction(patient_id: str, session_id: str) -> Answer:
    """Note how the skin took a session, or bring an earlier note up to date."""
    found, house = _open(patient_id), current_clinic()
    if session_id not in {one.id for one in found.sessions}:
        msg = "There is no such session of this patient."
        raise NotFoundError(msg)
    form = reaction_form(house.pack.guide)
    follows = request.form.get("follows") or None
    if not form.validate_on_submit():
        return _show(found, form, session_id, follows)
    try:
        treat.add_reaction(
            current_store(),
            house.pack,
            house.pack_of,
            session_id=session_id,
            noticed=form.note(follows),
            by=g.practitioner,
            now=house.now(),
            today=house.today(),
        )
    except SessionRefusedError as refused:
        form.take(refused.faults)
        return _show(found, form, session_id, follows)
    flash("The reaction is noted. Whatever waits of this patient was screened again with it.")
    return see_other(".course", patient_id=patient_id)


def _show(
    found: Course,
    form: ReactionForm | None = None,
    session_id: str = "",
    follows: str | None = None,
) -> Answer:
    pack = current_clinic().pack
    return page(
        "course",
        HTTPStatus.UNPROCESSABLE_ENTITY if form else HTTPStatus.OK,
        course=found,
        areas={option.code: option.text for option in pack.items["plan.area"].options},
        devices={option.code: option.text for option in pack.items["plan.device"].options},
        noted={one.id: _noted(found, one) for one in found.sessions},
        picture=picture_of(found, lambda at: local(at).date(), current_clinic().today()),
        blank=reaction_form(pack.guide, blank=True),
        form=form,
        at=(session_id, follows),
        today=current_clinic().today(),
    )


def _noted(found: Course, session: TreatmentSession) -> list[Noted]:
    notes = [note for note in found.reactions if note.session_id == session.id]
    titles = _titles(current_clinic().pack)
    by_id = {note.id: note for note in notes}
    return [
        Noted(titles.get(note.noticed.kind, note.noticed.kind), _chain(note, by_id))
        for note in standing(notes)
    ]


def _titles(pack: RulePack) -> dict[str, str]:
    return {kind.id: kind.title for kind in pack.guide.reactions}


def _chain(note: Reaction, by_id: dict[str, Reaction]) -> tuple[Reaction, ...]:
    chain = [note]
    while (before := by_id.get(note.noticed.follows or "")) is not None:
        chain.append(before)
        note = before
    return tuple(chain)
