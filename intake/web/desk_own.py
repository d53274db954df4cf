"""One's own account: second factor, recovery codes, sessions; and showing once more who one is."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import current_app, flash, g, redirect, request
from werkzeug.exceptions import HTTPException

from intake.actions import own_resets, own_sessions, passkeys
from intake.actions import second_factor as factor
from intake.actions.tries import SignInRefusedError
from intake.web.access import AGAIN, TO, Access, confirm_page, open_to, place, require_fresh
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_account_forms import PasskeyForm
from intake.web.desk_base import bp, is_path, page, see_other, with_desk_session

if TYPE_CHECKING:
    from flask import Response as Answer
    from flask.typing import ResponseReturnValue


@bp.get("/own-account")
@open_to(Access.DESK)
def own_account() -> Answer:
    """Show how one signs in, and where one is signed in."""
    return show_own_account(PasskeyForm(formdata=None), HTTPStatus.OK)


def show_own_account(form: PasskeyForm, status: HTTPStatus) -> Answer:
    """Show one's own account; with *form* as somebody filled it to add a passkey."""
    store, house = current_store(), current_clinic()
    who, token, now = g.practitioner, g.session_token, house.now()
    return page(
        "own_account",
        status,
        form=form,
        passkeys=passkeys.passkeys_of(store, who),
        asked=passkeys.begin_adding(
            store, who=who, token=token, place=place(), clinic=house.name, now=now
        ),
        takes_passkeys=place().takes_passkeys,
        codes_left=factor.recovery_codes_left(store, who),
        sessions=own_sessions.of_account(store, who.id, now=now, token=token),
        resets=own_resets.of_account(store, who),
    )


@bp.post("/own-account/recovery-codes")
@open_to(Access.DESK)
@require_fresh()
def new_recovery_codes() -> Answer:
    """Make new recovery codes; they are shown on this page and never again."""
    who, token, now = g.practitioner, g.session_token, current_clinic().now()
    try:
        codes = factor.new_recovery_codes(current_store(), who=who, token=token, now=now)
    except SignInRefusedError:
        return see_other(".sign_in")
    return page("recovery_codes", codes=codes, is_new=False)


@bp.post("/own-account/sessions/<browser_id>/end")
@open_to(Access.DESK)
@require_fresh()
def end_own_session(browser_id: str) -> Answer:
    """End one session of one's own."""
    now = current_clinic().now()
    own_sessions.end(current_store(), who=g.practitioner, session_id=browser_id, now=now)
    flash("That session is ended.")
    return see_other(".own_account")


@bp.post("/own-account/end-other-sessions")
@open_to(Access.DESK)
@require_fresh()
def end_other_sessions() -> Answer:
    """End every session of one's own but this one."""
    token, now = g.session_token, current_clinic().now()
    own_sessions.end_others(current_store(), who=g.practitioner, token=token, now=now)
    flash("You are signed in here and nowhere else.")
    return see_other(".own_account")


@bp.post("/confirm")
@open_to(Access.DESK)
def confirm() -> ResponseReturnValue:
    """Take the password or a code once more; the browser then goes on with what it was about."""
    now, to = current_clinic().now(), request.form.get(TO, "")
    status = _way_on(to)
    if status is None:
        return see_other(".queue")
    try:
        token = factor.confirm_again(
            current_store(),
            who=g.practitioner,
            token=g.session_token,
            secret=request.form.get(AGAIN, ""),
            now=now,
        )
    except SignInRefusedError as refused:
        return confirm_page(to, str(refused))
    return with_desk_session(current_app.make_response(redirect(to, status)), token)


def _way_on(path: str) -> HTTPStatus | None:
    """Return how a browser goes on to a page of the desk, with its form or without; or None."""
    if not is_path(path):
        return None
    for method, status in (
        ("POST", HTTPStatus.TEMPORARY_REDIRECT),
        ("GET", HTTPStatus.SEE_OTHER),
    ):
        try:
            endpoint, _ = current_app.url_map.bind("").match(path.partition("?")[0], method=method)
        except HTTPException:
            continue
        if str(endpoint).startswith(f"{bp.name}.") and endpoint != "desk.confirm":
            return status
    return None
