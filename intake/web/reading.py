"""What is shown of patients is written down, whichever page or part of the API shows it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from flask import g, make_response, request

from intake.actions.reading import LIST_READ, note_page_refused, note_reading, note_refusal
from intake.web.clinic import current_clinic, current_store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue

    from intake.core.clients import ApiClient
    from intake.core.records import Practitioner

SHOWS = (HTTPStatus.OK, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)
"""Statuses with which a page is shown; all others show no record."""

RECORDS = {"response_id": "case read", "patient_id": "patient read"}
"""Parts of an address that name a record, and what showing it is called."""

LISTS = {
    "desk.queue": "queue",
    "desk.queue_now": "queue",
    "desk.day_list": "day list",
    "api.cases": "cases",
}
"""Pages that name patients without their ids in the address; searches have lines of their own."""


def write_down_shown(answer: ResponseReturnValue, named: Mapping[str, Any]) -> ResponseReturnValue:
    """Write down what *answer* shows to whoever is signed in, or to another system.

    A page that asks once more who they are shows nothing of it yet.

    Args:
        answer: The page.
        named: The parts of its address.
    """
    who = _who()
    if who is None or "asks_who" in g:
        return answer
    made = make_response(answer)
    if made.status_code in SHOWS:
        for act, subject in _shown(named):
            note_reading(
                current_store(), act=act, subject=subject, by=who,
                now=current_clinic().now(),
            )  # fmt: skip
    return made


def _shown(named: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = [(act, named[part]) for part, act in RECORDS.items() if part in named]
    listed = LISTS.get(request.endpoint or "")
    return [*found, (LIST_READ, listed)] if listed else found


def write_down_refused(named: Mapping[str, Any]) -> None:
    """Write down that somebody known asked for a record which is not for them."""
    who = _who()
    if who is None:
        return
    for part in RECORDS:
        if part in named:
            note_refusal(current_store(), subject=named[part], by=who, now=current_clinic().now())


def _who() -> Practitioner | ApiClient | None:
    """Return who asks: somebody at the desk, or another system."""
    return cast("Practitioner | ApiClient | None", g.get("practitioner") or g.get("client"))


def write_down_page_refused() -> None:
    """Write down that somebody signed in asked for a page which is not for their role.

    Where its address names a record, the line about that says more.
    """
    if RECORDS.keys() & (request.view_args or {}).keys():
        return
    note_page_refused(
        current_store(), page=request.endpoint or "", by=g.practitioner, now=current_clinic().now()
    )
