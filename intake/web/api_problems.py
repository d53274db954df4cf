"""Errors as other systems read them: problem details (RFC 9457)."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Response, request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

API_PATH = "/api/v1"
CARDS_PATH = "/cds-services"
PROBLEM_JSON = "application/problem+json"


def is_asked_by_a_system() -> bool:
    """Tell whether the request is for what other systems ask, and people do not."""
    return any(
        request.path == path or request.path.startswith(f"{path}/")
        for path in (API_PATH, CARDS_PATH)
    )


def problem(
    status: int,
    detail: str,
    *,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    **more: str,
) -> Response:
    """Make the answer that says what is wrong.

    Args:
        status: Of HTTP.
        detail: What to do, in a sentence; nothing of a patient.
        errors: Each part that is wrong, with a JSON pointer to it.
        headers: That go with it.
        more: Members of its own.
    """
    body: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **more,
    }
    if errors:
        body["errors"] = list(errors)
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status, headers, content_type=PROBLEM_JSON)


def no_token() -> Response:
    """Ask for a token that opens something; which part of it is wrong is not told."""
    return problem(
        HTTPStatus.UNAUTHORIZED,
        "Send a token that is in force, as 'Authorization: Bearer …'. An administrator makes one"
        " under Administration, Other systems.",
        headers={"WWW-Authenticate": 'Bearer realm="intake"'},
    )
