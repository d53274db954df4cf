"""Asking the patient for more: some questions of a form that was sent, answered anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import g

from intake.actions import begin
from intake.actions.decide import open_case
from intake.core.casefile import case_file
from intake.core.errors import StateError
from intake.core.records import ResponseStatus
from intake.web.access import Access, open_to
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_base import bp, form_status, page, see_other
from intake.web.desk_case import pack_of_case
from intake.web.desk_forms import AskAgainForm

if TYPE_CHECKING:
    from flask import Response as Answer


@bp.route("/cases/<response_id>/ask-again", methods=["GET", "POST"])
@open_to(Access.CLINICIAN)
def ask_again(response_id: str) -> Answer:
    """Let a practitioner tick what the patient is asked again; nothing is ticked before."""
    house = current_clinic()
    case = open_case(current_store(), response_id=response_id, by=g.practitioner, now=house.now())
    if case.response.status is not ResponseStatus.COMPLETED or case.superseded_by:
        msg = "Only the newest version of a form that was sent can be asked about again."
        raise StateError(msg)
    file = case_file(case, pack_of_case(case), house.today())
    form = AskAgainForm()
    form.again.choices = [
        (line.link_id, line.ask)
        for part in file.parts
        for topic in part.topics
        for line in topic.lines
        if file.pack.items[line.link_id].required  # a tablet asks nothing else before the review
    ]
    if not form.validate_on_submit():
        return page(
            "ask_again", form_status(form), file=file, case=case, form=form, today=house.today()
        )
    newer = begin.amend(
        current_store(),
        response_id=response_id,
        by=g.practitioner,
        now=house.now(),
        again=frozenset(form.again.data or ()),
    )
    return see_other(".hand_over", response_id=newer.id)
