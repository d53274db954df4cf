"""Signing in and out, and one's own password."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import current_app, flash, g, redirect, request
from werkzeug.exceptions import HTTPException

from intake.actions import accounts, own_resets
from intake.actions.passwords import PasswordRefusedError, Policy
from intake.actions.tries import SignInRefusedError
from intake.web.access import AGAIN, TO, Access, open_to, sign_in_again_page
from intake.web.clinic import current_clinic, current_store
from intake.web.cookies import DESK_COOKIE, given_cookie
from intake.web.desk_account_forms import PasswordForm, SignInForm
from intake.web.desk_base import (
    bp,
    end_session,
    form_status,
    is_path,
    known_from_now_on,
    page,
    see_other,
    with_desk_session,
    without_desk_session,
)
from intake.web.desk_factor import status_of
from intake.web.origins import origin
from intake.web.turns import next_turn

if TYPE_CHECKING:
    from flask import Response as Answer
    from flask.typing import ResponseReturnValue


@bp.route("/sign-in", methods=["GET", "POST"])
@open_to(Access.ANYBODY)
def sign_in() -> Answer:
    """Let a practitioner in; an unknown name and a wrong password read the same."""
    form = SignInForm()
    if not form.validate_on_submit():
        return page("sign_in", form_status(form), form=form)
    where = origin()
    try:
        who, token = accounts.sign_in(
            current_store(),
            username=form.words("username"),
            password=form.password.data or "",
            now=current_clinic().now(),
            origin=where,
        )
    except SignInRefusedError as refused:
        form.refuse(str(refused))
        return page("sign_in", status_of(refused), form=form)
    end_session()  # of whoever was signed in here before, and what hangs on it
    if who.has_second_factor:
        return with_desk_session(see_other(".sign_in_code"), token)
    answer = see_other(_first_page(must=who.must_change_password))
    return known_from_now_on(with_desk_session(answer, token), where.device)


@bp.post("/sign-in-again")
@open_to(Access.ANYBODY)
def sign_in_again() -> ResponseReturnValue:
    """Let the owner of a lapsed session go on with what they had typed; the browser sends it anew.

    Nobody else can: a decision is signed by whoever wrote it.
    """
    now, to = current_clinic().now(), request.form.get(TO, "")
    token = given_cookie(DESK_COOKIE)
    owner = accounts.lapsed(current_store(), token=token, now=now)
    if owner is None or not _is_ours(to):
        return see_other(".sign_in")
    try:
        fresh = accounts.sign_in_again(
            current_store(),
            token=token,
            password=request.form.get(AGAIN, ""),
            now=now,
            origin=origin(),
        )
    except SignInRefusedError as refused:
        return sign_in_again_page(owner, to, str(refused))
    answer = current_app.make_response(redirect(to, HTTPStatus.TEMPORARY_REDIRECT))
    return with_desk_session(answer, fresh)


def _is_ours(path: str) -> bool:
    """Tell whether a path is a form of the desk."""
    if not is_path(path):
        return False
    try:
        endpoint, _ = current_app.url_map.bind("").match(path, method="POST")
    except HTTPException:
        return False
    return str(endpoint).startswith(f"{bp.name}.") and endpoint != "desk.sign_in_again"


def _first_page(*, must: bool) -> str:
    return ".password" if must else ".queue"


@bp.post("/sign-out")
@open_to(Access.ANYBODY)
def sign_out() -> Answer:
    """End the session at the server and in the browser."""
    end_session()
    next_turn()
    answer = without_desk_session(see_other(".sign_in"))
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@bp.route("/password", methods=["GET", "POST"])
@open_to(Access.DESK)
def password() -> Answer:
    """Change one's own password; every other session of the account ends."""
    form, house = PasswordForm(), current_clinic()
    policy = Policy(asks_factor=house.settings.second_factor, clinic=house.settings.clinic_name)
    least = policy.shortest(g.practitioner)
    if not form.validate_on_submit():
        return _password(form, form_status(form), least)
    old, new = form.old.data or "", form.new.data or ""
    try:
        token = accounts.change_password(
            current_store(),
            who=g.practitioner,
            token=g.session_token,
            old=old,
            new=new,
            now=house.now(),
            policy=policy,
            origin=origin(),
        )
    except PasswordRefusedError as refused:
        form.refuse(str(refused))
        return _password(form, HTTPStatus.UNPROCESSABLE_ENTITY, least)
    except SignInRefusedError as refused:
        form.refuse(str(refused))
        return _password(form, status_of(refused), least)
    flash("Your password is changed. Other sessions of yours have ended.")
    return with_desk_session(see_other(".queue"), token)


def _password(form: PasswordForm, status: HTTPStatus, least: int) -> Answer:
    """Show the page, and who last reset what: after a reset nothing else opens before it."""
    resets = own_resets.of_account(current_store(), g.practitioner)
    return page("password", status, form=form, least=least, resets=resets)
