"""CDS Hooks 2.0: what the rules find of a patient, as cards in another system.

Nothing answers here until a system is let in by its key. Elements that are not known are ignored,
as the standard asks; an answer without a card is never given, since it would say "nothing to say".
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Literal

from flask import Blueprint, Response, abort, g, request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from intake.actions import cards as actions
from intake.actions.clients import are_cards_given
from intake.actions.sent_along import INTAKE, PATIENT, Asked
from intake.core.answers import clean_text
from intake.core.appointments import Offered
from intake.core.display import OVERRIDE_REASON
from intake.core.errors import NotFoundError
from intake.exports.strict_json import read_json
from intake.web.access import Access, open_to
from intake.web.api_base import JSON
from intake.web.api_problems import CARDS_PATH, problem
from intake.web.clinic import current_clinic, current_store
from intake.web.languages import said_in

if TYPE_CHECKING:
    from collections.abc import Mapping

bp = Blueprint("cards", __name__, url_prefix=CARDS_PATH)

HOOK, SERVICE = "patient-view", "intake-before-microneedling"
PREFETCH = {
    PATIENT: "Patient/{{context.patientId}}",
    INTAKE: "QuestionnaireResponse?patient={{context.patientId}}&_sort=-authored&_count=10",
}
DESCRIPTION = (
    "Screens the newest health history of a patient before microneedling. Each card is a reason to"
    " wait, to look or to ask, or something that could not be ruled out. None says that a patient"
    " may be treated."
)
MOST_FEEDBACK = 100
LONGEST_WORDS = 2000
LONGEST_REASON = 200
_Instant = Annotated[
    AwareDatetime,
    Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(3000, 1, 1, tzinfo=UTC)),
]
"""Instants at the ends of time cannot be brought to another zone, nor written so that they sort."""
_UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"


class _Asked(BaseModel):
    """What a hook sends; what is not known of it is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Context(_Asked):
    patientId: str = Field(min_length=1)  # noqa: N815 - as the standard has it


class _Called(_Asked):
    hook: Literal["patient-view"]
    hookInstance: str = Field(pattern=_UUID)  # noqa: N815
    context: _Context
    fhirServer: Any = None  # noqa: N815
    prefetch: dict[str, Any] | None = None


class _Reason(_Asked):
    reason: dict[str, Any] | None = None
    userComment: str | None = Field(None, max_length=LONGEST_WORDS)  # noqa: N815


class _Said(_Asked):
    card: str = Field(pattern=_UUID)
    outcome: Literal["accepted", "overridden"]
    overrideReason: _Reason | None = None  # noqa: N815
    outcomeTimestamp: _Instant  # noqa: N815


class _Feedback(_Asked):
    feedback: list[_Said] = Field(min_length=1, max_length=MOST_FEEDBACK)


@bp.get("")
@open_to(Access.ANYBODY)
def services() -> Response:
    """Say which hooks are answered; nothing until a system is let in by its key."""
    _require_on()
    service = {
        "hook": HOOK,
        "id": SERVICE,
        "title": "Health history before microneedling",
        "description": DESCRIPTION,
        "prefetch": PREFETCH,
    }
    return _json({"services": [service]})


@bp.post("/<service_id>")
@open_to(Access.SYSTEM_BY_KEY)
def call(service_id: str) -> Response:
    """Return the cards of a patient."""
    _require_service(service_id)
    try:
        asked = _Called.model_validate(_sent())
    except ValidationError as error:
        return _malformed(error)
    sent = asked.prefetch or {}
    if not sent.keys() & PREFETCH.keys():
        return problem(
            HTTPStatus.PRECONDITION_FAILED,
            "Send along 'patient' or 'intake', as the service asks: this clinic fetches nothing.",
        )
    house = current_clinic()
    given = actions.cards_for(
        current_store(),
        actions.House(
            Offered(house.pack, tuple(house.languages(house.pack)), house.today()),
            house.pack_of,
            said_in,
        ),
        Asked(asked.hookInstance, asked.context.patientId, sent, str(asked.fhirServer or "")),
        by=g.client,
        now=house.now(),
    )
    return _json({"cards": [one.content for one in given]})


@bp.post("/<service_id>/feedback")
@open_to(Access.SYSTEM_BY_KEY)
def take_feedback(service_id: str) -> Response:
    """Keep what was said to cards, with their cases."""
    _require_service(service_id)
    try:
        said = _Feedback.model_validate(_sent())
    except ValidationError as error:
        return _malformed(error)
    unknown = [one.card for one in said.feedback if not _taken(one)]
    if unknown:
        return problem(
            HTTPStatus.NOT_FOUND,
            f"{len(unknown)} of {len(said.feedback)} cards are not known; the others were taken.",
        )
    return _json({})


def _taken(one: _Said) -> bool:
    why = one.overrideReason or _Reason()
    given = why.reason or {}
    code, told = (str(given.get(part) or "")[:LONGEST_REASON] for part in ("code", "display"))
    # A reason that was not offered is kept in its own words.
    own = "" if code in {offered.value for offered in OVERRIDE_REASON} else told or code
    words = "\n".join(filter(None, (clean_text(own), clean_text(why.userComment or ""))))
    try:
        actions.take_answer(
            current_store(),
            card_id=one.card.lower(),
            outcome=one.outcome,
            reason=code,
            words=words,
            said_at=one.outcomeTimestamp,
            by=g.client,
            now=current_clinic().now(),
        )
    except NotFoundError:
        return False
    return True


def _require_on() -> None:
    if not are_cards_given(current_store(), now=current_clinic().now()):
        abort(HTTPStatus.NOT_FOUND)


def _require_service(service_id: str) -> None:
    if service_id != SERVICE:
        abort(HTTPStatus.NOT_FOUND)


def _sent() -> object:
    if not request.is_json:
        abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    try:
        return read_json(request.get_data(cache=False).decode())
    except ValueError:
        abort(HTTPStatus.BAD_REQUEST)


def _malformed(error: ValidationError) -> Response:
    """Name what is missing or wrong, and nothing of what was sent."""
    names = {".".join(str(part) for part in one["loc"]) for one in error.errors()}
    named = ", ".join(sorted(names - {""})) or "the body"
    return problem(HTTPStatus.BAD_REQUEST, f"This is not what the hook sends: {named}.")


def _json(body: Mapping[str, object]) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), content_type=JSON)
