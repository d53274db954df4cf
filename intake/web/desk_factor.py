"""The second factor: adding one at the first sign-in, and giving it at every other."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

import segno
from flask import g, request

from intake.actions import passkeys
from intake.actions import second_factor as factor
from intake.actions.tries import SignInRefusedError, TooManyTriesError
from intake.web.access import Access, open_to, place, require_fresh
from intake.web.clinic import current_clinic, current_store
from intake.web.cookies import DESK_COOKIE, given_cookie
from intake.web.desk_account_forms import CodeForm
from intake.web.desk_base import (
    bp,
    form_status,
    known_from_now_on,
    page,
    see_other,
    with_desk_session,
)
from intake.web.origins import origin

if TYPE_CHECKING:
    from flask import Response as Answer

    from intake.actions.tries import Origin
    from intake.core.records import Practitioner

GROUP = 4
"""Letters of the secret that stand together, so that it can be typed."""
QUIET = 4
"""Modules of light around a QR code, without which it cannot be read."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A QR code as one path.

    Attributes:
        size: Of its side, in modules.
    """

    size: int
    path: str


def qr_code(words: str) -> Drawn:
    """Draw a QR code; its picture is made here and loads nothing."""
    rows = list(segno.make(words, error="m", micro=False).matrix_iter(border=QUIET))
    dark = ((x, y) for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    return Drawn(len(rows), "".join(f"M{x} {y}h1v1h-1z" for x, y in dark))


@bp.route("/second-factor", methods=["GET", "POST"])
@open_to(Access.DESK)
@require_fresh()
def second_factor() -> Answer:
    """Add a second factor to one's own account; the recovery codes are shown on this page alone."""
    if g.practitioner.has_second_factor:
        return see_other(".own_account")
    if "code" not in request.form:  # shown, also after somebody was asked once more who they are
        return _enrolling(CodeForm(formdata=None), HTTPStatus.OK)
    form, store, now = CodeForm(), current_store(), current_clinic().now()
    if not form.validate_on_submit():
        return _enrolling(form, form_status(form))
    try:
        token, codes = factor.confirm(
            store,
            who=g.practitioner,
            token=g.session_token,
            code=form.words("code"),
            now=now,
            origin=origin(),
        )
    except SignInRefusedError as refused:
        form.refuse(str(refused))
        return _enrolling(form, status_of(refused))
    return with_desk_session(page("recovery_codes", codes=codes, is_new=True), token)


def _enrolling(form: CodeForm, status: HTTPStatus) -> Answer:
    seed = factor.begin(current_store(), who=g.practitioner)
    address = factor.address_of(seed, g.practitioner, current_clinic().name)
    groups = [seed[at : at + GROUP] for at in range(0, len(seed), GROUP)]
    return page("second_factor", status, form=form, drawn=qr_code(address), groups=groups)


def status_of(refused: SignInRefusedError) -> HTTPStatus:
    """Return the status of a page that refuses a secret: one that was not even looked at is 429."""
    is_late = isinstance(refused, TooManyTriesError)
    return HTTPStatus.TOO_MANY_REQUESTS if is_late else HTTPStatus.UNPROCESSABLE_ENTITY


@bp.route("/sign-in/code", methods=["GET", "POST"])
@open_to(Access.ANYBODY)
def sign_in_code() -> Answer:
    """Ask somebody whose password was right for the code; a reload asks for nothing new."""
    token, now, form = given_cookie(DESK_COOKIE), current_clinic().now(), CodeForm()
    who = factor.waiting(current_store(), token=token, now=now)
    if who is None:
        return see_other(".sign_in")
    if not form.validate_on_submit():
        return ask_for_code(form, token, form_status(form))
    where = origin()
    try:
        _, session = factor.finish(
            current_store(), token=token, code=form.words("code"), now=now, origin=where
        )
    except SignInRefusedError as refused:
        form.refuse(str(refused))
        return ask_for_code(form, token, status_of(refused))
    return let_in_here(who, session, where)


def ask_for_code(form: CodeForm, token: str, status: HTTPStatus) -> Answer:
    """Ask for a code, or for a passkey where the account has one for this place."""
    now, store = current_clinic().now(), current_store()
    asked = passkeys.begin_sign_in(store, token=token, place=place(), now=now)
    return page("sign_in_code", status, form=form, passkey=asked)


def let_in_here(who: Practitioner, session: str, where: Origin) -> Answer:
    """Open the desk in this browser, which is known from now on."""
    answer = see_other(".password" if who.must_change_password else ".queue")
    return known_from_now_on(with_desk_session(answer, session), where.device)
