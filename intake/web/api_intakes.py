"""Beginning intakes for another system's appointments, and asking whether they were sent."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Response, g

from intake.actions.api_reading import one_case
from intake.actions.appointments import ListRefusedError, take_over
from intake.actions.sites import open_sites_of
from intake.core.appointments import BIRTH_DATE, LANGUAGE, NAME, SITE, Given, Offered, Sheet
from intake.web.access import Access, open_to
from intake.web.api_base import bp, operation, written
from intake.web.api_problems import problem
from intake.web.api_shapes import Intake, IntakeWanted
from intake.web.clinic import current_clinic, current_store

if TYPE_CHECKING:
    from datetime import datetime

    from intake.actions.appointments import Looked

REFUSED = HTTPStatus.UNPROCESSABLE_ENTITY


@bp.post("/intakes")
@open_to(Access.SYSTEM_SCHEDULER)
@operation(
    summary="Begin an intake",
    takes=IntakeWanted,
    says=Intake,
    status=HTTPStatus.CREATED,
    also=HTTPStatus.OK,
)
def begin_intake(body: IntakeWanted) -> Response:
    """Register the patient unless they are known, and begin a form with what is planned.

    Whoever has a form that is being filled, or sent one in the last seven days, gets no other: that
    one is returned, with status 200, so that a request can be sent twice.
    """
    house, store = current_clinic(), current_store()
    now = house.now()
    offered = Offered(house.pack, tuple(house.languages(house.pack)), house.today())
    unknown = body.plan.keys() - set(offered.plan_fields)
    if unknown:
        says = {"pointer": "/plan", "detail": "The plan has no such field."}
        return problem(REFUSED, "The plan cannot be read.", errors=[says])
    sites = open_sites_of(store, g.client)
    only = sites[0].id if len(sites) == 1 else ""
    try:
        done = take_over(store, offered, _sheet(body), site=only, by=g.client, now=now)
    except ListRefusedError as refused:
        errors = [
            {"pointer": fault.column, "detail": fault.says} for fault in refused.checked.faults
        ]
        return problem(REFUSED, "Nothing was begun.", errors=errors)
    return _told(done.rows[0], now)


@bp.get("/intakes/<response_id>")
@open_to(Access.SYSTEM_SCHEDULER)
@operation(summary="Ask whether an intake was sent", says=Intake)
def intake(response_id: str) -> Intake:
    """Return where an intake stands, and nothing of what was answered."""
    found = one_case(current_store(), response_id)
    return Intake(
        id=found.response_id,
        begun=False,
        begun_at=found.begun_at,
        submitted_at=found.submitted_at,
    )


def _sheet(body: IntakeWanted) -> Sheet:
    """Return an appointment as a list of one row, so that it is read as lists are."""
    plan = {name: _cell(value) for name, value in body.plan.items()}
    own = {
        NAME: body.name,
        BIRTH_DATE: body.birth_date.isoformat(),
        LANGUAGE: body.language,
        SITE: body.site,
    }
    cells = {name: text.strip() for name, text in {**plan, **own}.items() if text.strip()}
    paths = {**{name: f"/plan/{name}" for name in plan}, **{name: f"/{name}" for name in own}}
    return Sheet((Given(1, cells, paths),))


def _cell(value: str | float | tuple[str, ...]) -> str:
    match value:
        case str():
            return value
        case float():
            return f"{value:.15g}"
        case _:
            return ", ".join(value)


def _told(one: Looked, now: datetime) -> Response:
    before = one.under_way
    if before is None:
        made = Intake(id=one.response_id, begun=True, begun_at=now)
        return written(made, HTTPStatus.CREATED)
    there = Intake(
        id=before.response_id, begun=False, begun_at=before.begun_at, submitted_at=before.sent_at
    )
    return written(there, HTTPStatus.OK)
