"""Signing in and out, and one's own password."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import current_app, flash, g, redirect, request
from werkzeug.exceptions import HTTPException

from intake.actions import accounts
from intake.actions.accounts import PasswordRefusedError, SignInRefusedError
from intake.web.access import AGAIN, DESK_COOKIE, TO, Access, open_to, sign_in_again_page
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_account_forms import PasswordForm, SignInForm
from intake.web.desk_base import (
    bp,
    end_session,
    form_status,
    page,
    see_other,
    with_desk_session,
    without_desk_session,
)

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
    try:
        who, token = accounts.sign_in(
            current_store(),
            username=form.words("username"),
            password=form.password.data or "",
            now=current_clinic().now(),
        )
    except SignInRefusedError as refused:
        form.refuse(str(refused))
        return page("sign_in", HTTPStatus.UNPROCESSABLE_ENTITY, form=form)
    end_session()  # of whoever was signed in here before, and what hangs on it
    return with_desk_session(see_other(_first_page(must=who.must_change_password)), token)


@bp.post("/sign-in-again")
@open_to(Access.ANYBODY)
def sign_in_again() -> ResponseReturnValue:
    """Let the owner of a lapsed session go on with what they had typed; the browser sends it anew.

    Nobody else can: a decision is signed by whoever wrote it.
    """
    now, to = current_clinic().now(), request.form.get(TO, "")
    owner = accounts.lapsed(current_store(), token=request.cookies.get(DESK_COOKIE, ""), now=now)
    if owner is None or not _is_ours(to):
        return see_other(".sign_in")
    try:
        _, token = accounts.sign_in(
            current_store(),
            username=owner.username,
            password=request.form.get(AGAIN, ""),
            now=now,
        )
    except SignInRefusedError as refused:
        return sign_in_again_page(owner, to, str(refused))
    end_session()
    answer = current_app.make_response(redirect(to, HTTPStatus.TEMPORARY_REDIRECT))
    return with_desk_session(answer, token)


def _is_ours(path: str) -> bool:
    """Tell whether a path is a form of the desk."""
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
    return without_desk_session(see_other(".sign_in"))


@bp.route("/password", methods=["GET", "POST"])
@open_to(Access.DESK)
def password() -> Answer:
    """Change one's own password; every other session of the account ends."""
    form = PasswordForm()
    if not form.validate_on_submit():
        return page("password", form_status(form), form=form)
    old, new = form.old.data or "", form.new.data or ""
    try:
        token = accounts.change_password(
            current_store(), who=g.practitioner, old=old, new=new, now=current_clinic().now()
        )
    except PasswordRefusedError as refused:
        form.refuse(str(refused))
        return page("password", HTTPStatus.UNPROCESSABLE_ENTITY, form=form)
    flash("Your password is changed. Other sessions of yours have ended.")
    return with_desk_session(see_other(".queue"), token)
