"""What the patient said on an earlier visit, on one page, to be confirmed or changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import g, request, url_for

from intake.actions import begin, returning
from intake.actions.visits import acting
from intake.web.access import Access, open_to
from intake.web.clinic import current_clinic, current_store
from intake.web.tablet_base import (
    address,
    aside,
    bp,
    go,
    go_to_unanswered,
    page,
    said,
    screens_shown,
    to_be_confirmed,
)
from intake.web.tablet_company import note_public_place
from intake.web.tablet_questions import state_of
from intake.web.tablet_review import row_of

if TYPE_CHECKING:
    from flask import Response as Answer


@bp.get("/earlier")
@open_to(Access.VISIT)
def earlier() -> Answer:
    """Show the answers of an earlier visit that still hold, if the patient says so."""
    return earlier_page()


@bp.post("/earlier")
@open_to(Access.VISIT)
def confirm_earlier() -> Answer:
    """Take the patient's word for what the page showed; for nothing that changed since."""
    if answer := aside(earlier_page):
        return answer
    items = to_be_confirmed()
    if request.form.get("state") != state_of(items):
        return earlier_page()
    returning.confirm(
        current_store(),
        g.response,
        [item.link_id for item in items],
        now=current_clinic().now(),
        actor=acting(g.visit),
    )
    g.response = begin.open_visit(current_store(), token=g.visit_token) or g.response
    return go_to_unanswered()


def earlier_page() -> Answer:
    """Show one line for each answer, with a way to change it."""
    items = to_be_confirmed()
    if not items:
        return go("tablet.review")
    note_public_place("welcome")
    topics, last = said().questionnaire, next(reversed(screens_shown()), None)
    return page(
        "earlier",
        rows=[row_of(item, topics.page_of(item.link_id)) for item in items],
        state=state_of(items),
        back=address(last.items[0].link_id) if last else url_for("tablet.welcome"),
    )
