"""Passkeys of one's own: adding and removing them, and signing in with one."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import flash, g, request

from intake.actions import passkeys
from intake.actions.tries import SignInRefusedError
from intake.core.errors import AnswerError
from intake.web.access import Access, open_to, place, require_fresh
from intake.web.clinic import current_clinic, current_store
from intake.web.cookies import DESK_COOKIE, given_cookie
from intake.web.desk_account_forms import CodeForm, PasskeyForm
from intake.web.desk_base import bp, form_status, see_other
from intake.web.desk_factor import ask_for_code, let_in_here, status_of
from intake.web.desk_own import show_own_account
from intake.web.origins import origin

if TYPE_CHECKING:
    from flask import Response as Answer


@bp.post("/own-account/passkeys")
@open_to(Access.DESK)
@require_fresh()
def add_passkey() -> Answer:
    """Keep a passkey that a device has made."""
    form = PasskeyForm()
    if not form.validate_on_submit():
        return show_own_account(form, form_status(form))
    try:
        passkeys.add(
            current_store(),
            who=g.practitioner,
            token=g.session_token,
            place=place(),
            name=form.words("name"),
            answer=form.answer.data or "",
            now=current_clinic().now(),
        )
    except (AnswerError, SignInRefusedError) as refused:
        form.refuse(str(refused))
        return show_own_account(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash("The passkey is added. At the next sign-in it stands in for a code.")
    return see_other(".own_account")


@bp.post("/own-account/passkeys/<passkey_id>/remove")
@open_to(Access.DESK)
@require_fresh()
def remove_passkey(passkey_id: str) -> Answer:
    """Take one of one's own passkeys away."""
    now = current_clinic().now()
    passkeys.remove(current_store(), who=g.practitioner, passkey_id=passkey_id, now=now)
    flash("The passkey is removed.")
    return see_other(".own_account")


@bp.post("/sign-in/passkey")
@open_to(Access.ANYBODY)
def sign_in_passkey() -> Answer:
    """Let somebody in whose password was right, by a passkey."""
    where, form = origin(), CodeForm(formdata=None)
    token, now = given_cookie(DESK_COOKIE), current_clinic().now()
    try:
        who, session = passkeys.finish_sign_in(
            current_store(),
            token=token,
            place=place(),
            answer=request.form.get("answer", ""),
            now=now,
            origin=where,
        )
    except SignInRefusedError as refused:
        form.refuse(str(refused))
        return ask_for_code(form, token, status_of(refused))
    return let_in_here(who, session, where)
