"""Private pages while somebody helps: answered alone, together, or in person later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import g, request

from intake.actions import company
from intake.web.access import Access, open_to
from intake.web.clinic import current_clinic, current_store
from intake.web.tablet_base import aside, bp, from_review, go, go_to, pack, page
from intake.web.tablet_questions import after, place_to_go_on, screen_at, whole_page

if TYPE_CHECKING:
    from flask import Response as Answer

    from intake.core.questionnaire import Page


@bp.post("/private/<at>")
@open_to(Access.VISIT)
def choose_privacy(at: str) -> Answer:
    """Answer a private page alone, together, or not on the tablet."""
    screen = screen_at(at)
    if answer := aside(lambda: _to_the_page(at), place_to_go_on(screen)):
        return answer
    match request.form.get("do"):
        case company.ALONE:
            return go("tablet.hand_back", at=at, **from_review())
        case company.TOGETHER:
            g.visit = company.choose_privacy(current_store(), g.visit, company.TOGETHER)
            return _to_the_page(at)
        case "later":
            return _told_later(whole_page(screen))
    return _to_the_page(at)


def _told_later(topic: Page) -> Answer:
    """Leave what is blank on a page for the practitioner to ask, and go on."""
    house = current_clinic()
    response = company.withhold(
        current_store(), pack(), g.response, topic, now=house.now(), today=house.today()
    )
    return go_to(after(response, topic))


def _to_the_page(at: str) -> Answer:
    return go("tablet.questions", at=at, **from_review())


@bp.get("/alone/<at>")
@open_to(Access.VISIT)
def hand_back(at: str) -> Answer:
    """Ask whoever helps to give the tablet to the patient."""
    screen_at(at)
    return _hand_back_page(at)


@bp.post("/alone/<at>")
@open_to(Access.VISIT)
def go_on_alone(at: str) -> Answer:
    """Go on to the private page once the patient says to be alone."""
    if answer := aside(lambda: _hand_back_page(at), place_to_go_on(screen_at(at))):
        return answer
    g.visit = company.choose_privacy(current_store(), g.visit, company.ALONE)
    return _to_the_page(at)


def _hand_back_page(at: str) -> Answer:
    return page("alone", at=at, carried=from_review())
