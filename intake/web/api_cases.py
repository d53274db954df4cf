"""What other systems read of cases, and of what happened."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Response, g

from intake.actions.api_reading import CaseFilters, events_behind, one_case, page_of_cases
from intake.actions.documents import document_of
from intake.actions.fhir import Bundle, bundle_of
from intake.exports.fhir.naming import FHIR_JSON, written
from intake.exports.sealing import Form
from intake.web.access import Access, open_to
from intake.web.api_base import bp, operation
from intake.web.api_shapes import (
    Case,
    Cases,
    CasesAsked,
    Events,
    EventsAsked,
    Findings,
    case_shape,
    event_shape,
    findings_shape,
)
from intake.web.clinic import current_clinic, current_store
from intake.web.press import current_press

if TYPE_CHECKING:
    from flask import Response as Answer

TYPES = {"html": "text/html; charset=utf-8", "pdf": "application/pdf", "fhir": FHIR_JSON}


@bp.get("/cases")
@open_to(Access.SYSTEM_READER)
@operation(summary="List cases", asks=CasesAsked, says=Cases)
def cases(asked: CasesAsked) -> Cases:
    """Return cases of the sites that the token is for, a page at a time."""
    filters = CaseFilters(asked.since, asked.until, frozenset(asked.triage))
    behind, today = asked.after or "", current_clinic().today()
    found, on = page_of_cases(
        current_store(), filters, behind=behind, limit=asked.limit, by=g.client
    )
    return Cases(cases=[case_shape(one, today) for one in found], next=on)


@bp.get("/cases/<response_id>")
@open_to(Access.SYSTEM_READER)
@operation(summary="Read a case", says=Case)
def case(response_id: str) -> Case:
    """Return one case as it stands now."""
    return case_shape(one_case(current_store(), response_id), current_clinic().today())


@bp.get("/cases/<response_id>/findings")
@open_to(Access.SYSTEM_READER)
@operation(summary="Read what the rules found", says=Findings)
def findings(response_id: str) -> Findings:
    """Return the findings of the newest screening; none of them, nor none, says "safe"."""
    return findings_shape(one_case(current_store(), response_id), current_clinic().today())


@bp.get("/cases/<response_id>/documents/<any(html, pdf, fhir):form>")
@open_to(Access.SYSTEM_READER)
@operation(
    summary="Make a document of a case",
    files=tuple(TYPES.values()),
    problems=(HTTPStatus.CONFLICT,),
)
def document(response_id: str, form: str) -> Answer:
    """Return the whole record as one file: to read, to print, or as a FHIR R4 collection.

    It holds what was asked in private; that it was made is in the audit trail.
    """
    store, press, now = current_store(), current_press(), current_clinic().now()
    if form == "fhir":
        bundle = bundle_of(
            store, press, response_id=response_id, kind=Bundle.COLLECTION, by=g.client, now=now
        )
        return Response(written(bundle), content_type=FHIR_JSON)
    made = document_of(store, press, response_id=response_id, form=Form(form), by=g.client, now=now)
    return Response(made.content, content_type=TYPES[form])


@bp.get("/events")
@open_to(Access.SYSTEM_READER)
@operation(
    summary="Read what happened since",
    asks=EventsAsked,
    says=Events,
    problems=(HTTPStatus.CONFLICT,),
)
def events(asked: EventsAsked) -> Events:
    """Return events behind a number; whoever cannot be sent events asks for them here.

    A number that is not reached yet is a conflict: an older copy of the clinic was put back.
    """
    found, reached = events_behind(
        current_store(), line=asked.after, limit=asked.limit, kinds=asked.kind, by=g.client
    )
    return Events(events=[event_shape(one) for one in found], next=max(reached, asked.after))
