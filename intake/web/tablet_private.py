"""Private pages while somebody helps: answered alone, together, or in person later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import g, request

from intake.actions import answer as answers_given
from intake.actions import company
from intake.web.access import Access, open_to
from intake.web.clinic import current_clinic, current_store
from intake.web.tablet_base import aside, bp, from_review, go, go_to_page, pack, page
from intake.web.tablet_questions import page_called

if TYPE_CHECKING:
    from flask import Response as Answer

    from intake.core.questionnaire import Page


@bp.post("/private/<page_id>")
@open_to(Access.VISIT)
def choose_privacy(page_id: str) -> Answer:
    """Answer a private page alone, together, or not on the tablet."""
    topic = page_called(page_id)
    if answer := aside(lambda: _to_the_page(topic), page_id):
        return answer
    match request.form.get("do"):
        case company.ALONE:
            return go("tablet.hand_back", page_id=page_id, **from_review())
        case company.TOGETHER:
            g.visit = company.choose_privacy(current_store(), g.visit, company.TOGETHER)
            return _to_the_page(topic)
        case "later":
            return _told_later(topic)
    return _to_the_page(topic)


def _told_later(topic: Page) -> Answer:
    """Leave what is blank on a page for the practitioner to ask, and go on."""
    house = current_clinic()
    response = company.withhold(
        current_store(), pack(), g.response, topic, now=house.now(), today=house.today()
    )
    if from_review():
        return go_to_page(answers_given.unanswered_page(pack(), response, house.today()))
    return go_to_page(answers_given.next_page(pack(), response, house.today(), topic.id))


def _to_the_page(topic: Page) -> Answer:
    return go("tablet.questions", page_id=topic.id, **from_review())


@bp.get("/alone/<page_id>")
@open_to(Access.VISIT)
def hand_back(page_id: str) -> Answer:
    """Ask whoever helps to give the tablet to the patient."""
    return _hand_back_page(page_called(page_id))


@bp.post("/alone/<page_id>")
@open_to(Access.VISIT)
def go_on_alone(page_id: str) -> Answer:
    """Go on to the private page once the patient says to be alone."""
    topic = page_called(page_id)
    if answer := aside(lambda: _hand_back_page(topic), page_id):
        return answer
    g.visit = company.choose_privacy(current_store(), g.visit, company.ALONE)
    return _to_the_page(topic)


def _hand_back_page(topic: Page) -> Answer:
    return page("alone", topic=topic, carried=from_review())
