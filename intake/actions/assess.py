"""Screening later what could not be screened when it was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.actions.permission import COMMAND_LINE, Operator, require_clinician
from intake.actions.rescreen import screen_ahead, screen_response
from intake.core.errors import NotFoundError, PackError, StateError
from intake.core.records import ResponseStatus
from intake.storage import audit, places, responses

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from intake.core.rules import RulePack
    from intake.core.screening import Screening
    from intake.storage import Store

NOT_ASSESSED = "Not assessed: the rules could not be read when this form was sent."


def not_assessed(store: Store) -> list[str]:
    """Return the forms that were sent and that no rule has looked at, the oldest first."""
    return places.not_assessed(store)


def assess(
    store: Store,
    pack_of: Callable[[str], RulePack],
    *,
    response_id: str,
    by: Operator,
    now: datetime,
    today: date,
) -> Screening:
    """Screen a form that was kept without being assessed, under the pack it was begun with.

    Raises:
        NotFoundError: there is no such form.
        StateError: it was assessed already, or was not sent.
        PackError: the pack still cannot be read; nothing was changed.
    """
    if not isinstance(by, str):
        require_clinician(by)
    response = responses.response(store, response_id)
    if response is None:
        msg = "There is no such form."
        raise NotFoundError(msg)
    pack = pack_of(response.pack_hash)
    ahead = screen_ahead(store, pack, response, today)
    with store.write() as db:
        response = responses.response(store, response_id)
        is_sent = response is not None and response.status is ResponseStatus.COMPLETED
        if response is None or not is_sent or response_id not in places.not_assessed(store):
            msg = "This form is not one that waits to be assessed. Load the page again."
            raise StateError(msg)
        actor = by if isinstance(by, str) else by.id
        audit.append(db, at=now, actor=actor, action="assessed later", subject=response_id)
        return screen_response(store, db, pack, response, now=now, today=today, ahead=ahead)


def assess_all(
    store: Store, pack_of: Callable[[str], RulePack], *, now: datetime, today: date
) -> tuple[int, int]:
    """Screen whatever waits to be assessed, from the command line.

    Returns:
        How many were screened, and how many still cannot be.
    """
    done, left = 0, 0
    for response_id in places.not_assessed(store):
        try:
            assess(store, pack_of, response_id=response_id, by=COMMAND_LINE, now=now, today=today)
            done += 1
        except PackError:
            left += 1
    return done, left
