"""What the rooms of the tablet share: the blueprint, the form in hand, and answers to browsers."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, g, jsonify, make_response, redirect, render_template, request, url_for

from intake.actions import answer as answers_given
from intake.core.questionnaire import PLAN_PREFIX
from intake.web.access import VISIT_COOKIE, give_cookie, take_cookie
from intake.web.clinic import current_clinic

if TYPE_CHECKING:
    from flask import Response as Answer

    from intake.core.questionnaire import Item, Page, Section
    from intake.core.rules import RulePack
    from intake.web.tablet_fields import Fault

PATH = "/tablet"

bp = Blueprint("tablet", __name__, url_prefix=PATH)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the form a page lies: the number of its section, counted from 1."""

    number: int
    count: int
    title: str


def pack() -> RulePack:
    """Return the pack under which the form in hand was begun."""
    return current_clinic().pack_of(g.response.pack_hash)


def asked_on(topic: Page) -> tuple[Item, ...]:
    """Return the questions of a page that are asked now."""
    return answers_given.asked_items(pack(), g.response, topic, current_clinic().today())


def from_review() -> dict[str, str]:
    """Return the mark of a change made from the review, to be carried along."""
    return {"from": "review"} if request.args.get("from") == "review" else {}


def address(topic: Page) -> str:
    """Return where a page of questions is."""
    return url_for("tablet.questions", page_id=topic.id)


def area_names() -> dict[str, str]:
    """Return how each treatment area reads."""
    area = pack().items.get(f"{PLAN_PREFIX}area")
    return {option.code: option.text for option in area.options} if area else {}


def planned_area() -> str:
    """Return the areas to be treated in words; blank while nothing is planned."""
    names, planned = area_names(), g.response.plan.get("area")
    codes = planned if isinstance(planned, list) else []
    words = [names[code].lower() for code in codes if isinstance(code, str) and code in names]
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def sections() -> list[Section]:
    """Return the sections with something to ask on a tablet."""
    return [
        section
        for section in pack().questionnaire.sections
        if any(not item.from_record for topic in section.pages for item in topic.items)
    ]


def place_of(topic: Page) -> Place:
    """Return where in the form a page lies."""
    shown = sections()
    at = next((n for n, section in enumerate(shown) if topic in section.pages), 0)
    return Place(at + 1, len(shown), shown[at].title)


def page(template: str, status: HTTPStatus = HTTPStatus.OK, **context: object) -> Answer:
    """Show one page of the tablet."""
    return make_response(render_template(f"tablet/{template}.html", **context), status)


def status_for(faults: list[Fault]) -> HTTPStatus:
    """Return the status of a page that shows these faults."""
    return HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK


def go_to_page(topic: Page | None, **values: str) -> Answer:
    """Go to a page of questions, or to the review when there is none left."""
    if topic is None:
        return go("tablet.review")
    return go("tablet.questions", page_id=topic.id, **{**from_review(), **values})


def go(endpoint: str, **values: str) -> Answer:
    """Send the browser on; a script that posted the page is told where to."""
    address = url_for(endpoint, **cast("dict[str, Any]", values))
    if request.accept_mimetypes.best == "application/json":
        return jsonify(go=address)
    return cast("Answer", redirect(address, HTTPStatus.SEE_OTHER))


def with_cookie(answer: Answer, name: str, token: str) -> Answer:
    """Hand out what only the tablet's pages see and no script can read."""
    give_cookie(answer, name, token, path=PATH)
    return answer


def without_visit(answer: Answer) -> Answer:
    """Take the visit out of the browser."""
    take_cookie(answer, VISIT_COOKIE, path=PATH)
    return answer
