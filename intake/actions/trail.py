"""Reading the audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.actions.permission import require_operator
from intake.storage import audit

if TYPE_CHECKING:
    from intake.actions.permission import Operator
    from intake.core.records import AuditEvent
    from intake.storage import Store


def latest_events(store: Store, *, by: Operator) -> list[AuditEvent]:
    """Return the newest 200 events, newest first."""
    require_operator(by)
    return audit.latest(store)


def history_of(store: Store, *, subject: str, by: Operator) -> list[AuditEvent]:
    """Return every event of one record, oldest first."""
    require_operator(by)
    return audit.of_subject(store, subject)
