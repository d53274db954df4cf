"""Who may enter which door. Every view says so, and nothing is open that does not."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask import abort, g, redirect, render_template, request, url_for

from intake.actions import accounts, begin, sites, tablets, visits
from intake.core.records import ResponseStatus
from intake.core.review import may_administer, may_treat_patients
from intake.web.clinic import current_clinic, current_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response
    from flask.typing import ResponseReturnValue

    from intake.core.records import Practitioner

DESK_COOKIE = "intake_desk"
DESK_PATH = "/desk"
"""Where the desk's cookie is sent to."""
VISIT_COOKIE = "intake_visit"
TABLET_COOKIE = "intake_tablet"
TABLET_COOKIE_DAYS = 400

View = TypeVar("View", bound="Callable[..., ResponseReturnValue]")


class Access(StrEnum):
    """Kinds of visitors."""

    ANYBODY = "anybody"
    TABLET = "an enrolled tablet"
    VISIT = "a patient filling one form"
    LOCKED = "a patient whose form is locked"
    DESK = "anybody signed in"
    CLINICIAN = "a practitioner or dermatologist"
    ADMINISTRATOR = "an administrator"


_AT_THE_DESK = (Access.DESK, Access.CLINICIAN, Access.ADMINISTRATOR)
CASE = "response_id"
"""The part of an address that names a case; only those who work at its site get past the door."""


def open_to(access: Access) -> Callable[[View], View]:
    """Let only the visitors named in; a test reads this from every route.

    Sets `g.practitioner`, `g.response` with `g.visit` and `g.visit_token`, or `g.tablet_token`.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:  # noqa: ANN401 - any view's
            refused = _CHECKS[access]()
            if refused is not None:
                return refused
            if access in _AT_THE_DESK and CASE in kwargs:
                now = current_clinic().now()
                sites.require_reach(current_store(), g.practitioner, kwargs[CASE], now)
            return view(*args, **kwargs)

        guarded.open_to = access  # type: ignore[attr-defined]  # read by the tests and the map of doors
        return cast("View", guarded)

    return wrap


def _anybody() -> ResponseReturnValue | None:
    return None


def _tablet() -> ResponseReturnValue | None:
    g.tablet_token = request.cookies.get(TABLET_COOKIE, "")
    if tablets.tablet_of(current_store(), g.tablet_token) is None:
        return redirect(url_for("tablet.start"), 303)
    return None


def _visit() -> ResponseReturnValue | None:
    """Let a tablet reach the one form its visit leads to, while that is being filled."""
    refused = _visit_in_hand()
    if refused is None and g.visit.locked_at is not None and not _brings_what_was_typed():
        return redirect(url_for("tablet.locked"), 303)
    return refused


def _brings_what_was_typed() -> bool:
    """Tell whether a tablet that slept hands in its page with the request that found it lapsed.

    The view keeps the answers and shows the lock; any later request meets the lock itself.
    """
    return g.visit.has_lapsed and request.endpoint == "tablet.save"


def _locked() -> ResponseReturnValue | None:
    """Let a tablet reach the lock of the form that its visit leads to."""
    refused = _visit_in_hand()
    if refused is None and g.visit.locked_at is None:
        return redirect(url_for("tablet.welcome"), 303)
    return refused


def _visit_in_hand() -> ResponseReturnValue | None:
    token, house = request.cookies.get(VISIT_COOKIE, ""), current_clinic()
    idle = timedelta(minutes=house.settings.idle_minutes)
    visit = visits.current(current_store(), token=token, idle=idle, now=house.now())
    response = begin.open_visit(current_store(), token=token) if visit else None
    if response is None or response.status is not ResponseStatus.IN_PROGRESS:
        return redirect(url_for("tablet.start"), 303)
    g.response, g.visit, g.visit_token = response, visit, token
    return None


def _desk() -> ResponseReturnValue | None:
    token, now = request.cookies.get(DESK_COOKIE, ""), current_clinic().now()
    is_used = request.endpoint not in _BY_ITSELF
    who = accounts.who_is(current_store(), token=token, now=now, is_used=is_used) if token else None
    if who is None:
        return _ask_who_it_is(token)
    g.practitioner, g.session_token = who, token
    if who.must_change_password and request.endpoint not in _WITH_ONE_TIME_PASSWORD:
        return redirect(url_for("desk.password"), 303)
    return None


def _ask_who_it_is(token: str) -> ResponseReturnValue:
    """Send somebody to the sign-in; what was just typed waits where the desk had only lapsed."""
    owner = accounts.lapsed(current_store(), token=token, now=current_clinic().now())
    if owner is None or request.method != "POST" or request.files:
        return redirect(url_for("desk.sign_in"), 303)
    return sign_in_again_page(owner, request.path)


def sign_in_again_page(owner: Practitioner, to: str, error: str = "") -> ResponseReturnValue:
    """Ask for the password once more, with what was typed in the page, and nowhere else."""
    typed = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in (CSRF, AGAIN, TO)
    ]
    page = render_template("desk/sign_in_again.html", owner=owner, typed=typed, to=to, error=error)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY


CSRF = "csrf_token"
AGAIN, TO = "again-password", "again-to"
"""Fields of the page that asks for the password once more; no form of the desk has such names."""

_BY_ITSELF = ("desk.queue_now",)
"""What a page asks for without anybody being there; it keeps no session awake."""

_WITH_ONE_TIME_PASSWORD = ("desk.password", "desk.sign_out")


def _clinician() -> ResponseReturnValue | None:
    refused = _desk()
    if refused is None and not may_treat_patients(g.practitioner):
        abort(404)
    return refused


def _administrator() -> ResponseReturnValue | None:
    refused = _desk()
    if refused is None and not may_administer(g.practitioner):
        abort(404)
    return refused


_CHECKS: dict[Access, Callable[[], ResponseReturnValue | None]] = {
    Access.ANYBODY: _anybody,
    Access.TABLET: _tablet,
    Access.VISIT: _visit,
    Access.LOCKED: _locked,
    Access.DESK: _desk,
    Access.CLINICIAN: _clinician,
    Access.ADMINISTRATOR: _administrator,
}


def give_cookie(
    answer: Response, name: str, value: str, *, path: str, days: int | None = None
) -> None:
    """Set a cookie that scripts cannot read and other sites cannot send."""
    answer.set_cookie(
        name,
        value,
        path=path,
        max_age=days * 86400 if days else None,
        secure=request.is_secure,
        httponly=True,
        samesite="Strict",
    )


def take_cookie(answer: Response, name: str, *, path: str) -> None:
    """Take a cookie away."""
    answer.delete_cookie(
        name, path=path, secure=request.is_secure, httponly=True, samesite="Strict"
    )
