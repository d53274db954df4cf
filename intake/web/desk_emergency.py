"""Access in an emergency: why, until when, and that every administrator learns of it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import flash, g

from intake.actions import emergency
from intake.core.errors import AnswerError
from intake.web.access import Access, open_to, require_fresh
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_account_forms import EmergencyForm
from intake.web.desk_base import bp, by_and_now, form_status, page, see_other

if TYPE_CHECKING:
    from flask import Response as Answer


@bp.get("/emergency")
@open_to(Access.DESK)
def emergency_page() -> Answer:
    """Say what an emergency opens and what becomes known of it."""
    return page("emergency", form=EmergencyForm(formdata=None))


@bp.post("/emergency")
@open_to(Access.DESK)
@require_fresh()
def begin_emergency() -> Answer:
    """Begin one with a reason."""
    form = EmergencyForm()
    emergency.require_gain(g.practitioner)
    if not form.validate_on_submit():
        return page("emergency", form_status(form), form=form)
    try:
        emergency.begin(
            current_store(),
            who=g.practitioner,
            reason=form.words("reason"),
            now=current_clinic().now(),
        )
    except AnswerError as refused:
        form.refuse(str(refused))
        return page("emergency", HTTPStatus.UNPROCESSABLE_ENTITY, form=form)
    return see_other(".queue")


@bp.post("/emergency/end")
@open_to(Access.DESK)
def end_emergency() -> Answer:
    """Close what the emergency had opened."""
    emergency.end(current_store(), who=g.practitioner, now=current_clinic().now())
    flash("The emergency is over. What it had opened is closed.")
    return see_other(".queue")


@bp.post("/emergency/<emergency_id>/seen")
@open_to(Access.ADMINISTRATOR)
@require_fresh()
def see_emergency(emergency_id: str) -> Answer:
    """Note that an administrator has seen an emergency."""
    emergency.acknowledge(current_store(), emergency_id=emergency_id, **by_and_now())
    flash("Noted that you have seen it. It stays in the audit trail.")
    return see_other(".accounts_page")
