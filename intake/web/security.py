"""Headers on every answer, and one page for every kind of error."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import current_app, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import (
    BadHost,
    HTTPException,
    MethodNotAllowed,
    RequestEntityTooLarge,
    SecurityError,
)

from intake.core.errors import (
    AnswerError,
    ConflictError,
    NotAllowedError,
    NotFoundError,
    PackError,
    StateError,
    StorageError,
)
from intake.storage.driver import is_of_the_disk, sqlite3
from intake.web.api_problems import is_asked_by_a_system, problem
from intake.web.languages import N_, gettext, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask, Response
    from flask.typing import ResponseReturnValue

_LOG = logging.getLogger(__name__)

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


MAY_BE_KEPT = frozenset({"static", "clinic_style", "clinic_logo"})
"""Endpoints of files that know nobody; nothing else may stay in a browser."""
_READING = frozenset({"GET", "HEAD"})
_WITH_FILE = frozenset({HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.NOT_MODIFIED})


def add_headers(answer: Response) -> Response:
    """Put the security headers on an answer; only files that know nobody may be cached."""
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    if not _may_be_kept(answer):
        answer.headers["Cache-Control"] = "no-store"
    if request.is_secure:
        answer.headers["Strict-Transport-Security"] = "max-age=31536000"
    return answer


def _may_be_kept(answer: Response) -> bool:
    is_file = request.method in _READING and answer.status_code in _WITH_FILE
    return is_file and request.endpoint in MAY_BE_KEPT


def register_error_pages(app: Flask) -> None:
    """Tell every kind of error from one place; none of the pages says anything about a patient."""
    app.register_error_handler(CSRFError, _lapsed)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(PackError, _rules_unreadable)
    for kind, status in _OURS.items():
        app.register_error_handler(kind, _ours(status))
    app.register_error_handler(sqlite3.DatabaseError, _of_database)
    app.register_error_handler(Exception, _unexpected)


_OURS = {
    AnswerError: 422,
    NotFoundError: 404,
    NotAllowedError: 403,
    ConflictError: 409,
    StateError: 409,
    StorageError: 503,
}

_HEADINGS = {
    400: (N_("This page could not be read"), N_("Go back and try again.")),
    403: (
        N_("This is for somebody else to do"),
        N_("Ask a colleague who may, or sign in as yourself."),
    ),
    404: (N_("There is no such page"), N_("Check the address, or go back to the start.")),
    405: (N_("There is no such page"), N_("Go back to the start.")),
    409: (N_("Something changed in the meantime"), N_("Read the page again before you go on.")),
    422: (N_("Something is missing"), N_("Go back and try again.")),
    415: (N_("This page could not be read"), N_("Go back and try again.")),
    413: (N_("That was too much at once"), N_("Shorten what you entered and try again.")),
    500: (
        N_("Something went wrong"),
        N_("What was saved before is unharmed. Try again; if it stays, tell the desk."),
    ),
    503: (
        N_("Not saved"),
        N_("The database could not be written. Tell the desk, and try again in a minute."),
    ),
}


_SAID_TO_SYSTEMS = {
    400: "The request cannot be read. Mend it and send it again.",
    404: "There is nothing under this address, or nothing that the token is for.",
    405: "This address is asked in another way; the header Allow names it.",
    413: "That is too much at once. Send less.",
    415: "Send the body as application/json.",
    503: "The database cannot be used just now. Try again in a minute.",
}
SOMETHING = "Something went wrong. What was saved before is unharmed. Try again."

_NOT_OURS = (SecurityError, BadHost, RequestEntityTooLarge)
"""What no page of ours sends."""

_UNKNOWN_HOST = "This clinic is not reached under that name. Ask the desk for its address.\n"


def _page(status: int, words: str | None = None, heading: str = "") -> ResponseReturnValue:
    if is_asked_by_a_system():
        return problem(status, words or _SAID_TO_SYSTEMS.get(status, SOMETHING))
    usual, advice = _HEADINGS.get(status, _HEADINGS[500 if status >= 500 else 400])  # noqa: PLR2004
    template = "errors/tablet.html" if request.path.startswith("/tablet") else "errors/desk.html"
    said = {"heading": gettext(heading or usual), "advice": gettext(words or advice)}
    page = render_template(template, status=status, **said)
    return page, status


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    if isinstance(error, _NOT_OURS):
        _LOG.warning("%s refused in %s", type(error).__name__, request.endpoint)
    if isinstance(
        error, (SecurityError, BadHost)
    ):  # whoever is called by a false name builds no addresses
        return _UNKNOWN_HOST, HTTPStatus.BAD_REQUEST, {"Content-Type": "text/plain; charset=utf-8"}
    answer = current_app.make_response(_page(error.code or 500))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return answer


def _lapsed(_error: CSRFError) -> ResponseReturnValue:
    """A form token that is missing, forged or too old: nothing was stored, nobody is blamed."""
    _LOG.warning("a form without its token refused in %s", request.endpoint)
    return _page(
        400, N_("This page was open for too long. Nothing was changed. Open it again and go on.")
    )


def _rules_unreadable(_error: Exception) -> ResponseReturnValue:
    """Say that the rules are at fault; what is wrong with them is for administrators."""
    _LOG.error("the rules could not be read in %s", request.endpoint)
    heading, words = _HEADINGS[500]
    if not request.path.startswith("/tablet"):
        words = "The rules cannot be read. What was saved is unharmed. Tell an administrator."
    return _page(503, words, heading)


def _ours(status: int) -> Callable[[Exception], ResponseReturnValue]:
    def answer(error: Exception) -> ResponseReturnValue:
        if status >= 500:  # noqa: PLR2004 - ours to mend: the words are for the log, with paths
            _LOG.error("%s in %s", type(error).__name__, request.endpoint)
            return _page(status)
        return _page(status, say(error) if isinstance(error, AnswerError) else str(error))

    return answer


def _of_database(error: sqlite3.DatabaseError) -> ResponseReturnValue:
    """Tell a disk that fails in the middle of a page from a mistake of ours."""
    return _ours(503)(error) if is_of_the_disk(error) else _unexpected(error)


def _unexpected(error: Exception) -> ResponseReturnValue:
    """Log where it happened, not what was in the request: that may be about a patient."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "unknown place"
    _LOG.error("%s in %s at %s", type(error).__name__, request.endpoint, where)
    return _page(500)
