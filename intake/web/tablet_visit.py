"""Beginning and ending on a tablet: who is there, what this is about, thank you."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import g, request, session

from intake.actions import begin, tablets, visits
from intake.actions.devices import NotCleanError
from intake.actions.tries import SignInRefusedError, TooManyTriesError
from intake.core.errors import AnswerError, NotAllowedError
from intake.core.translations import SOURCE_LANGUAGE
from intake.web.access import Access, given_visit, open_to, sent_form, this_device
from intake.web.clinic import current_clinic, current_store
from intake.web.cookies import (
    DESK_COOKIE,
    DESK_PATH,
    TABLET_COOKIE,
    TABLET_COOKIE_DAYS,
    VISIT_COOKIE,
    give_cookie,
    given_cookie,
)
from intake.web.languages import forget_reading, gettext, language, say
from intake.web.origins import origin
from intake.web.tablet_base import (
    REVIEW,
    aside,
    bp,
    chose_reading,
    go,
    mark,
    pack,
    page,
    status_for,
    with_cookie,
    without_mark,
    without_visit,
)
from intake.web.tablet_check import page_between
from intake.web.tablet_company import begin_answering, is_unasked, note_public_place
from intake.web.tablet_fields import Fault
from intake.web.tablet_forms import BirthForm, StartForm
from intake.web.turns import next_turn

if TYPE_CHECKING:
    from flask import Response as Answer

    from intake.core.records import Response


NOT_ME = "not-me"
"""What the button asks for of somebody who was handed another's form."""


@bp.get("/")
@open_to(Access.ANYBODY)
def start() -> Answer:
    """Go on with the visit in hand; else ask who is there, or for a member of staff.

    Whoever sent the form and comes here after a cut is thanked all the same; without the number,
    for it may as well be the next person.
    """
    if _visited():
        return go("tablet.welcome")
    if sent_form() is not None:
        return without_mark(go("tablet.thanks"))
    if _is_enrolled():
        forget_reading()
        device = this_device()
        if device is not None and not device.may_be_given:
            return page_between("care")
        return start_page(StartForm(formdata=None), [])
    answer = page_between("ask_staff")
    forget_reading()
    return answer


def _visited() -> Response | None:
    token = given_visit()
    return begin.open_visit(current_store(), token=token) if token else None


def _is_enrolled() -> bool:
    token = given_cookie(TABLET_COOKIE, path="/")
    return bool(token) and tablets.tablet_of(current_store(), token) is not None


@bp.post("/start")
@open_to(Access.TABLET)
def begin_here() -> Answer:
    """Begin a form for the person who gave name and date of birth."""
    if chose_reading():
        return start_page(StartForm(), [])
    form, house = StartForm(), current_clinic()
    faults, born = form.faults(house.today()), form.read(house.today())
    if faults or born is None:
        return start_page(form, faults)
    earlier = given_visit()
    try:
        token = begin.begin_on_tablet(
            current_store(),
            house.pack,
            tablet_token=g.tablet_token,
            name=form.said_name(),
            birth_date=born,
            now=house.now(),
            language=language() if language() in house.languages(house.pack) else SOURCE_LANGUAGE,
        )
    except AnswerError as error:
        return start_page(form, [Fault("name", "name", say(error))])
    except NotCleanError:
        return go("tablet.start")
    except TooManyTriesError:
        words = gettext("Too many forms were begun on this tablet. Ask a member of staff.")
        return start_page(form, [Fault("name", "name", words)])
    visits.end_by_token(current_store(), token=earlier, now=house.now())
    next_turn()
    return with_cookie(go("tablet.welcome"), VISIT_COOKIE, token)


def start_page(form: StartForm, faults: list[Fault]) -> Answer:
    """Ask who is there."""
    errors = {fault.link_id: fault.message for fault in faults}
    return page_between(
        "start", status_for(faults), form=form, faults=faults, errors=errors, rests=_rests()
    )


def _rests() -> int:
    """Return after how many seconds a page that nobody touches is shown anew, empty."""
    return 60 * current_clinic().settings.idle_minutes


@bp.get("/enrol/<code>")
@open_to(Access.ANYBODY)
def enrol(code: str) -> Answer:
    """Ask before this device becomes one of the clinic's tablets."""
    return page("enrol", code=code)


@bp.post("/enrol/<code>")
@open_to(Access.ANYBODY)
def enrol_now(code: str) -> Answer:
    """Make this device one of the clinic's tablets; the link works once."""
    token = tablets.enrol(current_store(), code=code, now=current_clinic().now())
    answer = go("tablet.start")
    # For the front door as well, which sends tablets to their side.
    give_cookie(answer, TABLET_COOKIE, token, path="/", days=TABLET_COOKIE_DAYS)
    return answer


@bp.get("/welcome")
@open_to(Access.VISIT)
def welcome() -> Answer:
    """Say why we ask and who reads it, and show whose form this is."""
    return welcome_page()


def welcome_page() -> Answer:
    """Say whose form this is, why we ask, and who reads it."""
    note_public_place("welcome")
    template = "entry" if g.visit.is_entered else "welcome"
    return page(template, person=visits.person_at(current_store(), g.response, g.visit))


@bp.post("/welcome")
@open_to(Access.VISIT)
def go_on() -> Answer:
    """Ask whether somebody helps; then go to the first question, or to where the form was left."""
    if answer := aside(welcome_page):
        return answer
    if request.form.get("do") == NOT_ME:
        visits.end(current_store(), g.visit, current_clinic().now())
        session["language"] = g.response.language
        return without_visit(go("tablet.end", after=NOT_ME))
    return go("tablet.with_company") if is_unasked() else begin_answering()


@bp.get("/locked")
@open_to(Access.LOCKED)
def locked() -> Answer:
    """Show nothing of the form, and how it is opened again."""
    return locked_page(BirthForm(formdata=None), [])


@bp.post("/locked")
@open_to(Access.LOCKED)
def unlock() -> Answer:
    """Open the form for its patient, by the date of birth, or by a member of staff."""
    form, house = BirthForm(), current_clinic()
    if chose_reading():
        return locked_page(form, [])
    if request.form.get("do") == "staff":
        return _by_staff(form)
    born = form.read(house.today())
    if born is None:
        return locked_page(form, form.faults(house.today()))
    if visits.open_by_birth_date(current_store(), g.visit, born, house.now()):
        return _where_it_was()
    g.visit = replace(g.visit, tries=g.visit.tries + 1)
    if not _may_try():
        words = gettext(
            "This is not the date of birth of this form. Ask a member of staff to open it."
        )
        return locked_page(form, [Fault("birth", "username", words)])
    words = gettext("This is not the date of birth of this form. Try again, or ask for help.")
    return locked_page(form, [Fault("birth", "birth-day", words)])


def _may_try() -> bool:
    return bool(g.visit.tries < visits.MOST_TRIES)


def _by_staff(form: BirthForm) -> Answer:
    try:
        token = visits.open_by_staff(
            current_store(),
            g.visit,
            username=request.form.get("username", ""),
            password=request.form.get("password", ""),
            now=current_clinic().now(),
            origin=origin(_station()),
        )
    except (SignInRefusedError, NotAllowedError):  # one message: no word on whose password is right
        words = gettext(
            "This does not open the form. Check user name and password, wait five minutes, or ask"
            " a practitioner."
        )
        return locked_page(form, [Fault("staff", "username", words)])
    answer = _where_it_was()
    if token:
        give_cookie(answer, DESK_COOKIE, token, path=DESK_PATH)
    return answer


def _station() -> str:
    """Return what the server knows this tablet by; the form where it knows no device."""
    device = this_device()
    return device.id if device is not None else str(g.visit.response_id)


def _where_it_was() -> Answer:
    """Go on at the page at which the form was locked."""
    if g.visit.place == REVIEW:
        return go("tablet.review")
    if g.visit.place in pack().questionnaire.items:
        return go("tablet.questions", at=mark(g.visit.place))
    return go("tablet.welcome")


def locked_page(form: BirthForm, faults: list[Fault]) -> Answer:
    """Show the lock; nothing on it tells whose form this is."""
    errors = {fault.link_id: fault.message for fault in faults}
    return page(
        "locked",
        status_for(faults),
        form=form,
        faults=faults,
        errors=errors,
        may_try=_may_try(),
        starts_again=bool(g.response.follows) and not (g.response.visited or g.visit.place),
        parked_after=int(visits.PARKED_AFTER.total_seconds()),
    )


@bp.get("/not-me")
@open_to(Access.ANYBODY)
def not_me() -> Answer:
    """Ask for the tablet to be handed back: the form that was open here is somebody else's."""
    if _visited():
        return go("tablet.start")
    answer = page_between("not_me", is_enrolled=_is_enrolled())
    forget_reading()
    return answer


@bp.get("/end")
@open_to(Access.ANYBODY)
def end() -> Answer:
    """Empty the browser; a redirect, so that the page left behind is emptied as well.

    A cookie changes its value as well, after which browsers show no page of the visit that they
    had kept in memory.
    """
    next_turn()
    answer = go("tablet.not_me" if request.args.get("after") == NOT_ME else "tablet.thanks")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@bp.get("/thanks")
@open_to(Access.ANYBODY)
def thanks() -> Answer:
    """Say thank you, the same to everybody; the receipt is shown once."""
    if _visited():
        return go("tablet.start")
    rests, sent = _rests() if _is_enrolled() else 0, sent_form()
    answer = page_between("thanks", receipt=sent.receipt if sent else "", rests=rests)
    forget_reading()
    return without_mark(answer)
