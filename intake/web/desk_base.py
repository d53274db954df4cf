"""The desk's blueprint, and what all its rooms share."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypedDict, cast

from flask import Blueprint, current_app, g, redirect, render_template, url_for

from intake.actions import accounts, emergency, tablets
from intake.actions.names import names_of_actors
from intake.actions.trail_check import keep_head_of
from intake.core import display, trail_words
from intake.core.records import Role
from intake.core.review import gains_by_emergency, may_treat_patients
from intake.protection import weaknesses
from intake.web.access import needs_factor
from intake.web.clinic import current_clinic, current_store
from intake.web.cookies import (
    DESK_COOKIE,
    DESK_PATH,
    KNOWN_COOKIE,
    KNOWN_COOKIE_DAYS,
    TABLET_COOKIE,
    give_cookie,
    given_cookie,
    take_cookie,
)
from intake.web.turns import turn

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Response as Answer
    from flask_wtf import FlaskForm

    from intake.core.records import Practitioner
    from intake.storage import Store

bp = Blueprint("desk", __name__, url_prefix=DESK_PATH)

_CLINICIANS = (Role.PRACTITIONER, Role.DERMATOLOGIST)
NAVIGATION = (
    ("desk.queue", "Queue", _CLINICIANS),
    ("desk.begin", "Begin an intake", _CLINICIANS),
    ("desk.rules", "Rules", tuple(Role)),
    ("desk.figures", "Figures", tuple(Role)),
    ("desk.export", "Export", _CLINICIANS),
    ("desk.accounts_page", "Administration", (Role.ADMINISTRATOR,)),
)
"""Endpoint, words, and the roles that see it."""

KEYS = {
    "queue": ("1", "the queue"),
    "findings": ("2", "on a case: its findings"),
    "decide": ("3", "on a case: the decision"),
    "answers": ("4", "on a case: all answers"),
    "history": ("5", "on a case: its history"),
    "help": ("0", "this sheet"),
}
"""The keys that lead straight to a place, with what stands there."""

ADMINISTRATION = (
    ("desk.accounts_page", "Accounts"),
    ("desk.sites_page", "Sites"),
    ("desk.tablets_page", "Tablets"),
    ("desk.systems_page", "Other systems"),
    ("desk.packs_page", "Rule packs"),
    ("desk.choices_page", "Clinic’s choices"),
    ("desk.settings_page", "Settings"),
    ("desk.backups_page", "Backups"),
    ("desk.retention_page", "Keeping, erasing"),
    ("desk.audit", "Audit trail"),
)
"""The pages of administration, which have a menu of their own: endpoint and words."""


def local(at: datetime) -> datetime:
    """Return an instant as the clinic's clocks show it."""
    return at.astimezone(current_clinic().settings.timezone)


@bp.context_processor
def words_and_navigation() -> dict[str, object]:
    """Give every page of the desk its words, the clock and who is signed in."""
    who, now = g.get("practitioner"), current_clinic().now()
    reached = [(e, words) for e, words, roles in NAVIGATION if who and who.role in roles]
    if who and who.emergency and not may_treat_patients(who):
        reached.insert(0, NAVIGATION[0][:2])
    return {
        "show": display,
        "acts": trail_words,
        "local": local,
        "who": who,
        "is_settled": who and not who.must_change_password and not needs_factor(who),
        "may_treat": who and may_treat_patients(who),
        "may_open_more": who and gains_by_emergency(who),
        "emergency": emergency.current(current_store(), who=who, now=now) if who else None,
        "emergencies": emergency.to_tell(current_store(), who=who) if who else [],
        "navigation": reached,
        "administration": ADMINISTRATION,
        "keys": KEYS,
        "turn": turn(),
        "home": url_for("desk.queue"),
        "concerns": concerns() if who and who.role is Role.ADMINISTRATOR else [],
    }


def concerns() -> list[tuple[str, str]]:
    """Return what administrators must know on each of their pages: what is wrong, what to do."""
    house = current_clinic()
    found = [(f"{one.words}.", one.remedy) for one in weaknesses(house.settings)]
    if trouble := house.rounds.trouble:
        at = local(trouble.at)
        words = f"The backup that was due on {at.day} {at:%B} at {at:%H:%M} could not be made."
        found.append((words, f"{trouble.words} It is tried again every few minutes."))
    return found


class ByAndNow(TypedDict):
    """Who does something, and when: what every act of administration is told."""

    by: Practitioner
    now: datetime


def by_and_now() -> ByAndNow:
    """Return who is signed in, and the present instant."""
    return {"by": g.practitioner, "now": current_clinic().now()}


def names_of_people() -> dict[str, str]:
    """Return the names of all accounts, and of other systems, by their ids."""
    return names_of_actors(current_store())


def page(template: str, status: HTTPStatus = HTTPStatus.OK, **context: object) -> Answer:
    """Show one page of the desk."""
    answer = current_app.make_response(render_template(f"desk/{template}.html", **context))
    answer.status_code = status
    return answer


def head_to_take_out(store: Store) -> str:
    """Return the audit trail's head for the name of a file that leaves, and keep it."""
    house = current_clinic()
    head = keep_head_of(store, house.settings.heads, now=house.now(), occasion="export")
    return head.in_names


def form_status(form: FlaskForm) -> HTTPStatus:
    """Return the status of a page that shows *form*: refused once it was sent and has faults."""
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() else HTTPStatus.OK


def see_other(endpoint: str, **values: Any) -> Answer:  # noqa: ANN401 - parts of an address
    """Send the browser to another page after a form was taken."""
    return cast("Answer", redirect(url_for(endpoint, **values), HTTPStatus.SEE_OTHER))


def is_path(to: str) -> bool:
    """Tell whether a browser takes *to* for a path of this server, and not for another host's."""
    return to.startswith("/") and not to.startswith("//") and "\\" not in to and to.isprintable()


def with_desk_session(answer: Answer, token: str) -> Answer:
    """Hand out a desk session, which only the desk's addresses see and no script can read."""
    give_cookie(answer, DESK_COOKIE, token, path=DESK_PATH)
    return answer


def known_from_now_on(answer: Answer, device: str) -> Answer:
    """Let a device on which somebody signed in be known by them from now on."""
    give_cookie(answer, KNOWN_COOKIE, device, path=DESK_PATH, days=KNOWN_COOKIE_DAYS)
    return answer


def without_desk_session(answer: Answer) -> Answer:
    """Take the desk session out of the browser."""
    take_cookie(answer, DESK_COOKIE, path=DESK_PATH)
    return answer


@bp.before_request
def keep_tablets_out() -> Answer | None:
    """Send the clinic's tablets to their own side, whoever would sign in on one.

    A desk left open there would lie in the hands of the next patient.
    """
    token = given_cookie(TABLET_COOKIE, path="/")
    if token and tablets.tablet_of(current_store(), token) is not None:
        return see_other("tablet.start")
    return None


def end_session() -> None:
    """End the desk session at the server, whatever the browser keeps."""
    token = given_cookie(DESK_COOKIE)
    if token:
        accounts.sign_out(current_store(), token=token, now=current_clinic().now())
