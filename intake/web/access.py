"""Who may enter which door. Every view says so, and nothing is open that does not."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask import abort, g, redirect, render_template, request, session, url_for
from werkzeug.exceptions import NotFound

from intake.actions import accounts, begin, clients, devices, submit, tablets, visits
from intake.actions.passkeys import Place
from intake.actions.permission import require_system
from intake.core.clients import ClientRole
from intake.core.errors import NotAllowedError, NotFoundError
from intake.core.records import ResponseStatus
from intake.core.review import may_administer, may_read_cases, may_treat_patients
from intake.web.api_problems import no_token
from intake.web.clinic import HERE, current_clinic, current_store
from intake.web.cookies import (
    DESK_COOKIE,
    DEVICE_COOKIE,
    SENT_COOKIE,
    TABLET_COOKIE,
    TABLET_PATH,
    VISIT_COOKIE,
    cookie_name,
    give_cookie,
    given_cookie,
    take_cookie,
)
from intake.web.hosts import is_one_of
from intake.web.reading import write_down_page_refused, write_down_refused, write_down_shown
from intake.web.walls import stay_within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flask.typing import ResponseReturnValue
    from werkzeug.wrappers import Response as BaseResponse

    from intake.core.records import Practitioner, Response
    from intake.storage.devices import Device


View = TypeVar("View", bound="Callable[..., ResponseReturnValue]")


class Access(StrEnum):
    """Kinds of visitors."""

    ANYBODY = "anybody"
    TABLET = "an enrolled tablet"
    DEVICE = "a device that patients are given"
    VISIT = "a patient filling one form"
    LOCKED = "a patient whose form is locked"
    DESK = "anybody signed in"
    CLINICIAN = "a practitioner or dermatologist"
    READER = "a practitioner or dermatologist, or anybody at the desk in an emergency"
    ADMINISTRATOR = "an administrator"
    SYSTEM = "another system with a token"
    SYSTEM_READER = "another system that may read"
    SYSTEM_SCHEDULER = "another system that may begin intakes"
    SYSTEM_BY_KEY = "another system that signs its requests"


_AT_THE_DESK = (Access.DESK, Access.CLINICIAN, Access.READER, Access.ADMINISTRATOR)
_SYSTEMS = (
    Access.SYSTEM,
    Access.SYSTEM_READER,
    Access.SYSTEM_SCHEDULER,
    Access.SYSTEM_BY_KEY,
)


def open_to(access: Access) -> Callable[[View], View]:
    """Let only the visitors named in; a test reads this from every route.

    What the desk shows of a patient, and for what somebody asked in vain, is written down here.
    Sets `g.practitioner`, `g.client`, `g.response` with `g.visit` and `g.visit_token`,
    `g.tablet_token`, or `g.device`.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:  # noqa: ANN401 - any view's
            try:
                refused = _CHECKS[access]()
                if refused is not None:
                    return refused
                if access in (*_AT_THE_DESK, *_SYSTEMS):
                    is_counting = access is Access.ADMINISTRATOR
                    stay_within(kwargs, reads=access is Access.READER, is_counting=is_counting)
                answer = view(*args, **kwargs)
            except (NotFound, NotFoundError, NotAllowedError):
                write_down_refused(kwargs)
                raise
            return write_down_shown(answer, kwargs)

        guarded.open_to = access  # type: ignore[attr-defined]  # read by the tests and the map of doors
        return cast("View", guarded)

    return wrap


def _anybody() -> ResponseReturnValue | None:
    return None


def _tablet() -> ResponseReturnValue | None:
    g.tablet_token = given_cookie(TABLET_COOKIE, path="/")
    if tablets.tablet_of(current_store(), g.tablet_token) is None:
        return redirect(url_for("tablet.start"), 303)
    return None


def this_device() -> Device | None:
    """Return the device that the browser is; None for one that no patient was given yet.

    A visit on it that is over ends with that, whether the browser still brings it or not.
    """
    store, tablet = current_store(), given_cookie(TABLET_COOKIE, path="/")
    own = given_cookie(DEVICE_COOKIE, path="/")
    found = devices.device_in(store, tablet_token=tablet, device_token=own)
    if found is not None and end_overdue([found]):
        return devices.require_device(store, found.id)
    return found


def end_overdue(given: Iterable[Device]) -> bool:
    """End what lasted too long on these devices; tells whether anything did."""
    now = current_clinic().now()
    return visits.end_overdue(current_store(), given, idle=_idle(), now=now)


def _idle() -> timedelta:
    return timedelta(minutes=current_clinic().settings.idle_minutes)


def device_secret() -> str:
    """Return the secret by which the browser is a device; blank for one that is none yet."""
    for name, find in ((TABLET_COOKIE, tablets.tablet_of), (DEVICE_COOKIE, devices.desk_device)):
        secret = given_cookie(name, path="/")
        if secret and find(current_store(), secret) is not None:
            return secret
    return ""


def given_visit() -> str:
    """Return the secret of the visit that the browser brings, with that of the device it is on."""
    given = _given(VISIT_COOKIE)
    return visits.secret_of(current_store(), given, device_secret()) if given else ""


def _given(name: str) -> list[str]:
    return request.cookies.getlist(cookie_name(name, TABLET_PATH))


def sent_form() -> Response | None:
    """Return the form that was just sent here, while its number waits to be shown.

    The number is the form's own: what else a browser says of it may be an earlier patient's.
    """
    return _sent_by(_given(SENT_COOKIE))


def _sent_by(given: list[str]) -> Response | None:
    return submit.sent_here(current_store(), given, device_secret()) if given else None


def thank(sent: Response, answer: BaseResponse) -> None:
    """Let an answer that leads to the thanks take the visit of a form that was sent.

    Its secret, which opens nothing any more, stays behind as a mark until the number was shown.
    """
    session["language"] = sent.language
    secret = next((one for one in _given(VISIT_COOKIE) if _sent_by([one])), "")
    give_cookie(answer, SENT_COOKIE, secret, path=TABLET_PATH)
    take_cookie(answer, VISIT_COOKIE, path=TABLET_PATH)


def _device() -> ResponseReturnValue | None:
    g.device = this_device()
    return redirect(url_for("tablet.start"), 303) if g.device is None else None


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
    token, house = given_visit(), current_clinic()
    visit = visits.current(current_store(), token=token, idle=_idle(), now=house.now())
    response = begin.open_visit(current_store(), token=token) if visit else None
    if response is None or response.status is not ResponseStatus.IN_PROGRESS:
        return _thanked() or redirect(url_for("tablet.start"), 303)
    g.response, g.visit, g.visit_token = response, visit, token
    return None


def _thanked() -> ResponseReturnValue | None:
    """Thank a tablet that sends its form once more, with the receipt of the first time."""
    sent = _sent_by(_given(VISIT_COOKIE)) if request.endpoint == "tablet.send" else None
    if sent is None:
        return None
    answer = redirect(url_for("tablet.end"), 303)
    thank(sent, answer)
    return answer


def _desk() -> ResponseReturnValue | None:
    token, now = given_cookie(DESK_COOKIE), current_clinic().now()
    is_used = request.endpoint not in _BY_ITSELF
    who = accounts.who_is(current_store(), token=token, now=now, is_used=is_used) if token else None
    if who is None:
        return _ask_who_it_is(token)
    g.practitioner, g.session_token = who, token
    if who.must_change_password and request.endpoint not in _WITH_ONE_TIME_PASSWORD:
        return redirect(url_for("desk.password"), 303)
    if needs_factor(who) and request.endpoint not in _WITHOUT_FACTOR:
        return redirect(url_for("desk.second_factor"), 303)
    return None


def is_signed_in() -> bool:
    """Tell whether a session of the desk is open in the browser; asking keeps none awake."""
    store, now, token = current_store(), current_clinic().now(), given_cookie(DESK_COOKIE)
    return accounts.who_is(store, token=token, now=now, is_used=False) is not None


def needs_factor(who: Practitioner) -> bool:
    """Tell whether somebody has to add a second factor before anything else."""
    return current_clinic().settings.second_factor and not who.has_second_factor


def _ask_who_it_is(token: str) -> ResponseReturnValue:
    """Send somebody to the sign-in; what was just typed waits where the desk had only lapsed."""
    owner = accounts.lapsed(current_store(), token=token, now=current_clinic().now())
    if owner is None or request.method != "POST" or request.files:
        return redirect(url_for("desk.sign_in"), 303)
    return sign_in_again_page(owner, request.path)


def sign_in_again_page(owner: Practitioner, to: str, error: str = "") -> ResponseReturnValue:
    """Ask for the password once more, with what was typed in the page, and nowhere else."""
    page = render_template(
        "desk/sign_in_again.html", owner=owner, typed=_typed(), to=to, error=error
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY


def _typed() -> list[tuple[str, str]]:
    """Return what a form sent, to be sent once more."""
    kept = request.form.items(multi=True)
    return [(name, value) for name, value in kept if name not in (CSRF, AGAIN, TO)]


CSRF = "csrf_token"
AGAIN, TO = "again-password", "again-to"
"""Fields of the page that asks for the password once more; no form of the desk has such names."""

_BY_ITSELF = ("desk.queue_now",)
"""What a page asks for without anybody being there; it keeps no session awake."""

_WITH_ONE_TIME_PASSWORD = ("desk.password", "desk.sign_out")
_WITHOUT_FACTOR = (*_WITH_ONE_TIME_PASSWORD, "desk.second_factor", "desk.confirm")
"""What opens before a second factor is added. Adding it asks who one is, and that must be answered;
with a one-time password nothing asks, so `desk.confirm` is not open there.
"""


def require_fresh(*, minutes: int = 15) -> Callable[[View], View]:
    """Ask for the password or a one-time code where it was last given too long ago.

    Goes under `open_to`, for acts that a desk left open must not lend to whoever walks by. What was
    typed waits in the page that asks, and is sent once it is answered; files cannot wait.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:  # noqa: ANN401 - any view's
            now, within = current_clinic().now(), timedelta(minutes=minutes)
            token = g.session_token
            if accounts.is_fresh(current_store(), token=token, within=within, now=now):
                return view(*args, **kwargs)
            g.asks_who = True
            return confirm_page(request.full_path.rstrip("?"))

        guarded.is_fresh = True  # type: ignore[attr-defined]  # read by the tests
        return cast("View", guarded)

    return wrap


def confirm_page(to: str, error: str = "") -> ResponseReturnValue:
    """Ask somebody who is signed in to show once more who they are, before what goes to *to*."""
    page = render_template("desk/confirm.html", typed=_typed(), to=to, error=error)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY


def place() -> Place:
    """Return where the browser finds the desk, to which it ties passkeys."""
    host = request.host
    name = host if host.startswith("[") else host.partition(":")[0]
    return Place(name, f"{request.scheme}://{host}")


def _only(may: Callable[[Practitioner], bool]) -> Callable[[], ResponseReturnValue | None]:
    """Let some of those who are signed in pass; others are told that there is no such page."""

    def check() -> ResponseReturnValue | None:
        refused = _desk()
        if refused is None and not may(g.practitioner):
            write_down_page_refused()
            abort(404)
        return refused

    return check


def _system(role: ClientRole | None = None) -> Callable[[], ResponseReturnValue | None]:
    """Let other systems pass that bring a token which is in force, for a role or for any."""

    def check() -> ResponseReturnValue | None:
        token, now = _bearer(), current_clinic().now()
        found = clients.who_asks(current_store(), token=token, now=now) if token else None
        if found is None:
            return no_token()
        g.client = found  # before it is refused: what it asked for in vain is written down
        if role is not None:
            require_system(found, role)
        return None

    return check


def _bearer() -> str:
    sent = request.authorization
    return (sent.token or "") if sent is not None and sent.type == "bearer" else ""


def _by_key() -> ResponseReturnValue | None:
    """Let a system pass that signed this very request, to a name known to be the clinic's."""
    store, house, found = current_store(), current_clinic(), None
    if is_one_of(request.host, (*house.settings.hosts, *HERE)):
        asked, now = request.base_url, house.now()
        found = clients.who_signed(store, token=_bearer(), audience=asked, now=now)
    if found is None:
        return no_token()
    g.client = found
    return None


_CHECKS: dict[Access, Callable[[], ResponseReturnValue | None]] = {
    Access.ANYBODY: _anybody,
    Access.TABLET: _tablet,
    Access.DEVICE: _device,
    Access.VISIT: _visit,
    Access.LOCKED: _locked,
    Access.DESK: _desk,
    Access.CLINICIAN: _only(may_treat_patients),
    Access.READER: _only(may_read_cases),
    Access.ADMINISTRATOR: _only(may_administer),
    Access.SYSTEM: _system(),
    Access.SYSTEM_READER: _system(ClientRole.READER),
    Access.SYSTEM_SCHEDULER: _system(ClientRole.SCHEDULER),
    Access.SYSTEM_BY_KEY: _by_key,
}
