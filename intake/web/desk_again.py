"""Asking the patient for more: some questions of a form that was sent, answered anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, g

from intake.actions import treat, versions
from intake.actions.decide import open_case
from intake.core.casefile import case_file
from intake.core.errors import StateError
from intake.core.records import ResponseStatus
from intake.web.access import Access, open_to
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_base import bp, form_status, local, page, see_other
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
    return _begin_again(response_id, frozenset(form.again.data or ()))


def _begin_again(response_id: str, again: frozenset[str]) -> Answer:
    newer = versions.amend(
        current_store(),
        response_id=response_id,
        by=g.practitioner,
        now=current_clinic().now(),
        again=again,
    )
    return see_other(".hand_over", response_id=newer.id)


@bp.post("/cases/<response_id>/renew")
@open_to(Access.CLINICIAN)
def renew(response_id: str) -> Answer:
    """Let the patient answer again what is too old to count today."""
    house = current_clinic()
    case = open_case(current_store(), response_id=response_id, by=g.practitioner, now=house.now())
    pack = house.pack_of(case.response.pack_hash)
    old = treat.out_of_date(
        current_store(), pack, case.response, lambda at: local(at).date(), house.today()
    )
    if not old:
        flash("Every answer is of today, or still good.")
        return see_other(".case", response_id=response_id)
    return _begin_again(response_id, old)
