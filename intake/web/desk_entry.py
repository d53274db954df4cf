"""Entering a patient's answers from the desk: from what, the statement, and how it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from babel import Locale
from flask import flash, g

from intake.actions import devices, entering
from intake.actions.answer import unanswered_screen
from intake.actions.decide import open_case
from intake.actions.returning import to_confirm
from intake.core.records import EntrySource, ResponseStatus
from intake.web.access import Access, device_secret, open_to
from intake.web.clinic import current_clinic, current_store
from intake.web.cookies import VISIT_COOKIE, take_cookie
from intake.web.desk_base import bp, page, see_other
from intake.web.desk_forms import SourceForm
from intake.web.desk_intake import PATH, case_being_filled, hand_over_page, with_visit
from intake.web.languages import forget_reading

if TYPE_CHECKING:
    from flask import Response as Answer

    from intake.core.records import Case


@bp.post("/enter/<response_id>")
@open_to(Access.CLINICIAN)
def enter(response_id: str) -> Answer:
    """Open the form's pages on this device for the practitioner, who stays signed in."""
    case, form = case_being_filled(response_id), SourceForm()
    if not form.validate_on_submit():
        return hand_over_page(case, form)
    now, secret, new_device = current_clinic().now(), device_secret(), ""
    if not secret:
        _, new_device = devices.add_desk_device(current_store(), by=g.practitioner, now=now)
    house = current_clinic()
    token = entering.enter_for(
        current_store(),
        house.pack_of(case.response.pack_hash),
        response_id=response_id,
        source=EntrySource(form.source.data),
        by=g.practitioner,
        at=entering.Seat(g.session_token, secret or new_device),
        now=now,
        today=house.today(),
    )
    return with_visit(see_other("tablet.welcome"), token, new_device)


@bp.get("/cases/<response_id>/statement")
@open_to(Access.CLINICIAN)
def statement(response_id: str) -> Answer:
    """Show what the practitioner states about the answers they entered."""
    return _sent_already(response_id) or _statement_page(case_being_filled(response_id))


@bp.post("/cases/<response_id>/statement")
@open_to(Access.CLINICIAN)
def state(response_id: str) -> Answer:
    """Complete the form with the statement, and come back to the case."""
    if answer := _sent_already(response_id):
        return answer
    case, house = case_being_filled(response_id), current_clinic()
    pack = house.pack_of(case.response.pack_hash)
    if _is_open(case):
        return _statement_page(case)
    entering.state(
        current_store(),
        pack,
        response_id=response_id,
        by=g.practitioner,
        language=_language_of(case),
        now=house.now(),
        today=house.today(),
    )
    flash("The form is sent. The patient has not signed it.")
    forget_reading()
    answer = see_other(".case", response_id=response_id)
    answer.headers["Clear-Site-Data"] = '"cache"'
    take_cookie(answer, VISIT_COOKIE, path=PATH)
    return answer


def _sent_already(response_id: str) -> Answer | None:
    """Lead to the case of a form that was sent: by a second tap, or by going back."""
    found = open_case(
        current_store(), response_id=response_id, by=g.practitioner, now=current_clinic().now()
    )
    is_sent = found.response.status is ResponseStatus.COMPLETED
    return see_other(".case", response_id=response_id) if is_sent else None


def _statement_page(case: Case) -> Answer:
    """Show the statement, or that something is still open.

    Raises:
        StateError: somebody else entered the answers.
    """
    house, response = current_clinic(), case.response
    entry = entering.require_own_entry(response, g.practitioner)
    return page(
        "statement",
        case=case,
        today=house.today(),
        text=entering.statement_of(entry, g.practitioner, _language_of(case)),
        is_open=_is_open(case),
        is_entering=entering.is_entering(current_store(), response.id, g.practitioner),
    )


def _is_open(case: Case) -> bool:
    """Whether a question has no answer yet, or one of an earlier visit is not confirmed."""
    house, response = current_clinic(), case.response
    pack, today = house.pack_of(response.pack_hash), house.today()
    waiting = to_confirm(pack, response, today)
    return bool(waiting) or unanswered_screen(pack, response, today) is not None


def _language_of(case: Case) -> str:
    """Return the English name of the language in which the questions were read."""
    return str(Locale.parse(case.response.language, sep="-").get_language_name("en"))
