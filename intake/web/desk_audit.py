"""The audit trail, to be read: who did what to which record, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import g

from intake.actions.trail import latest_events
from intake.web.access import Access, open_to
from intake.web.clinic import current_store
from intake.web.desk_base import bp, names_of_people, page

if TYPE_CHECKING:
    from flask import Response as Answer


@bp.get("/audit")
@open_to(Access.ADMINISTRATOR)
def audit() -> Answer:
    """Show the latest events."""
    events = latest_events(current_store(), by=g.practitioner)
    return page("audit", events=events, people=names_of_people())
