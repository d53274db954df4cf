"""The API: what other systems may ask of the clinic, and how that is described."""

from __future__ import annotations

import json

from flask import Response

from intake.web import api_cases, api_intakes, api_subscriptions
from intake.web.access import Access, open_to
from intake.web.api_base import JSON, bp
from intake.web.api_description import described_here

__all__ = ["ROOMS", "bp"]

ROOMS = (api_cases, api_intakes, api_subscriptions)
"""The modules that lay the API's views."""


@bp.get("/openapi.json")
@open_to(Access.SYSTEM)
def openapi() -> Response:
    """Return the description of the API."""
    return Response(json.dumps(described_here(), ensure_ascii=False), content_type=JSON)
