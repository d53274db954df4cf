"""What the rooms of the tablet share: the blueprint, the form in hand, and answers to browsers."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from babel.lists import format_list
from flask import (
    Blueprint,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)

from intake.actions import answer as answers_given
from intake.actions import returning, visits
from intake.core.errors import PackError
from intake.core.questionnaire import PLAN_PREFIX
from intake.web.clinic import current_clinic, current_store
from intake.web.cookies import SENT_COOKIE, TABLET_PATH, VISIT_COOKIE, give_cookie, take_cookie
from intake.web.languages import locale_name, reread
from intake.web.turns import turn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Response as Answer

    from intake.core.questionnaire import Item, Page, Section
    from intake.core.rules import RulePack
    from intake.web.tablet_fields import Fault

PATH = TABLET_PATH

REVIEW = "#review"
"""The place of the review among the places at which a form goes on; no question has this id."""

HERE = "here"
"""The anchor of the question that an address leads to."""

MARK_LENGTH = 16

NOTED = "noted"
"""What a page says first, of the one before: that help was asked for."""

SIZES = ("1", "2", "3")
"""Sizes of text, the usual one first."""

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


def said() -> RulePack:
    """Return the same pack, in the words of the patient's language."""
    return current_clinic().said_in(pack(), g.response.language)


def chose_reading() -> bool:
    """Take up the language or size of text that a button asks for; tell whether one did.

    Such a button belongs to the form of its page, so that what was typed comes along.
    """
    what, _, value = request.form.get("do", "").partition("-")
    if what == "size" and value in SIZES:
        session["size"] = value
        return True
    if what == "singly":
        session["singly"] = value == "yes"
        return True
    if what != "language" or value not in languages():
        return False
    if "response" in g:
        g.response = answers_given.choose_language(
            current_store(), g.response, value, now=current_clinic().now()
        )
    session["language"] = value  # of pages that do not know the form: a lapsed one, one not there
    reread()
    return True


def aside(show: Callable[[], Answer], place: str = "") -> Answer | None:
    """Answer a button that is not about the page itself; None for every other.

    Args:
        show: Shows the page anew, in the language or size that was chosen.
        place: Where the form goes on after a lock.
    """
    if g.visit.has_lapsed or request.form.get("do") == "lock":
        at = g.visit.locked_at or current_clinic().now()
        visits.lock(current_store(), g.visit, place=place, at=at)
        return go("tablet.locked")
    return show() if chose_reading() else None


def languages() -> Mapping[str, str]:
    """Return the languages to choose from on this page."""
    house = current_clinic()
    try:
        return house.languages(pack() if "response" in g else house.pack)
    except PackError:  # a page that asks nothing is shown all the same
        return {}


def asked_on(topic: Page) -> tuple[Item, ...]:
    """Return the questions of a page that are asked now, in the words of the page."""
    return answers_given.asked_items(pack(), g.response, topic, current_clinic().today())


def singly() -> bool:
    """Tell whether the patient wants every question on a screen of its own."""
    return bool(session.get("singly", current_clinic().settings.one_question))


def screens_shown(*, with_carried: bool = False) -> list[Page]:
    """Return what is asked now, screen by screen, in the words of the page."""
    today = current_clinic().today()
    return answers_given.asked_screens(
        said(), g.response, today, singly=singly(), with_carried=with_carried
    )


def from_review() -> dict[str, str]:
    """Return the mark of a change made from the review, to be carried along."""
    return {"from": "review"} if request.args.get("from") == "review" else {}


def mark(link_id: str) -> str:
    """Return what stands for a question in addresses: it tells nothing to who finds it later.

    The follow-ups a patient was asked say what was answered, and browsers keep a history.
    """
    words = f"{g.response.id} {link_id}".encode()
    key = str(current_app.secret_key).encode()
    return hmac.digest(key, words, "sha256").hex()[:MARK_LENGTH]


def address(link_id: str, **values: str) -> str:
    """Return where a question is asked."""
    return url_for("tablet.questions", at=mark(link_id), **values)  # type: ignore[arg-type]


def area_names() -> dict[str, str]:
    """Return how each treatment area reads."""
    area = said().items.get(f"{PLAN_PREFIX}area")
    return {option.code: option.text for option in area.options} if area else {}


def planned_areas() -> list[str]:
    """Return the codes of the areas to be treated."""
    names, planned = area_names(), g.response.plan.get("area")
    codes = planned if isinstance(planned, list) else []
    return [code for code in codes if isinstance(code, str) and code in names]


def planned_area() -> str:
    """Return the areas to be treated in words; blank while nothing is planned."""
    names = area_names()
    words = [names[code] for code in planned_areas()]
    return format_list(words, locale=locale_name()) if words else ""


def sections() -> list[Section]:
    """Return the sections with something to ask on a tablet."""
    return [
        section
        for section in said().questionnaire.sections
        if any(not item.from_record for topic in section.pages for item in topic.items)
    ]


def place_of(topic: Page) -> Place:
    """Return where in the form a page lies."""
    shown = sections()
    at = next((n for n, s in enumerate(shown) if any(p.id == topic.id for p in s.pages)), 0)
    return Place(at + 1, len(shown), shown[at].title)


def page(template: str, status: HTTPStatus = HTTPStatus.OK, **context: object) -> Answer:
    """Show one page of the tablet."""
    reading = {
        "languages": languages(),
        "size": session.get("size", SIZES[0]),
        "sizes": SIZES,
        "singly": singly() if "response" in g else None,
        "idle": _idle_seconds(),
        "turn": turn(),
        "home": url_for("tablet.start"),
    }
    return make_response(render_template(f"tablet/{template}.html", **reading, **context), status)


def _idle_seconds() -> int:
    """Return after how long the page asks whether anybody is there; 0 where it never does."""
    is_open = "visit" in g and g.visit.locked_at is None
    return 60 * current_clinic().settings.idle_minutes if is_open else 0


def status_for(faults: list[Fault]) -> HTTPStatus:
    """Return the status of a page that shows these faults."""
    return HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK


def go_to(screen: Page | None, **values: str) -> Answer:
    """Go to a screen of questions; when none is left, to what is to be confirmed, or the review."""
    if screen is None:
        return go("tablet.earlier" if to_be_confirmed() else "tablet.review")
    return go("tablet.questions", at=mark(screen.items[0].link_id), **{**from_review(), **values})


def to_be_confirmed() -> tuple[Item, ...]:
    """Return the questions whose answers are of an earlier visit, in the words of the page."""
    return returning.to_confirm(said(), g.response, current_clinic().today())


def go_to_unanswered(**values: str) -> Answer:
    """Go to the first question that still needs an answer, or to the review."""
    today = current_clinic().today()
    left = answers_given.unanswered_screen(pack(), g.response, today, singly=singly())
    return go_to(left, **values)


def go(endpoint: str, **values: str) -> Answer:
    """Send the browser on; a script that posted the page is told where to."""
    return go_straight(url_for(endpoint, **cast("dict[str, Any]", values)))


def go_straight(address: str) -> Answer:
    """Send the browser to an address that is known already."""
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


def without_mark(answer: Answer) -> Answer:
    """Take out of the browser that the number of a form that was sent is still to be shown."""
    take_cookie(answer, SENT_COOKIE, path=PATH)
    return answer
