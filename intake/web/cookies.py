"""The cookies of the desk and of tablets: their names, where they are sent, and which is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from intake.actions import accounts, devices, tablets, tries
from intake.web.clinic import current_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response as BaseResponse

    from intake.storage import Store


DESK_COOKIE = "intake_desk"

DESK_PATH = "/desk"
"""Where the desk's cookie is sent to."""

VISIT_COOKIE = "intake_visit"

SENT_COOKIE = "intake_sent"
"""Marks, with the secret of the visit that ended, a form whose number is still to be shown."""

TABLET_PATH = "/tablet"
"""Where the cookies of a visit are sent to."""

TABLET_COOKIE = "intake_tablet"

TABLET_COOKIE_DAYS = 400

DEVICE_COOKIE = "intake_device"
"""Names a browser that was handed over at the desk, so that it can be checked afterwards."""

KNOWN_COOKIE = "intake_known"
"""Tells a browser in which somebody signed in before from a stranger's; it opens nothing."""

KNOWN_COOKIE_DAYS = 400


def cookie_name(name: str, path: str) -> str:
    """Return what a cookie is called on this connection.

    Under TLS the name itself says that no page in the clear, and for the whole site no neighbouring
    host, can have set it: browsers refuse such a cookie otherwise.
    """
    if not request.is_secure:
        return name
    return f"__Host-{name}" if path == "/" else f"__Secure-{name}"


def given_cookie(name: str, *, path: str = DESK_PATH) -> str:
    """Return what the browser sent of a cookie of ours; blank when nothing.

    A page or a person can lay another of the same name before it, for a longer path; then it is the
    one that is known here.
    """
    given = request.cookies.getlist(cookie_name(name, path))
    if len(given) > 1:
        return next((one for one in given if _is_known(name, one)), "")
    return given[0] if given else ""


def _is_known(name: str, secret: str) -> bool:
    return bool(_KNOWN[name](current_store(), secret))


_KNOWN: dict[str, Callable[[Store, str], object]] = {
    DESK_COOKIE: accounts.is_session,
    TABLET_COOKIE: tablets.tablet_of,
    DEVICE_COOKIE: devices.desk_device,
    KNOWN_COOKIE: tries.is_device,
}
"""What tells whether a secret under a name is one of ours."""


def give_cookie(
    answer: BaseResponse, name: str, value: str, *, path: str, days: int | None = None
) -> None:
    """Set a cookie that scripts cannot read and other sites cannot send."""
    answer.set_cookie(
        cookie_name(name, path),
        value,
        path=path,
        max_age=days * 86400 if days else None,
        secure=request.is_secure,
        httponly=True,
        samesite="Strict",
    )


def take_cookie(answer: BaseResponse, name: str, *, path: str) -> None:
    """Take a cookie away."""
    answer.delete_cookie(
        cookie_name(name, path),
        path=path,
        secure=request.is_secure,
        httponly=True,
        samesite="Strict",
    )
