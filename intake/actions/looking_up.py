"""Looking up a patient who is to be erased, so that nobody guesses a date of birth that way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.actions import retention, tries
from intake.actions.permission import require_operator
from intake.storage import audit
from intake.storage import retention as stored

if TYPE_CHECKING:
    from datetime import date, datetime

    from intake.core.records import Practitioner
    from intake.core.retention import Outline
    from intake.storage import Store

LOOKED_UP, REFUSED = "patient looked up", "look-up refused"

TOO_MANY = (
    "Too many dates of birth were given that are not those of the record. Wait five minutes;"
    f" after {tries.MOST_LOOK_UPS_A_DAY} in a day, wait until tomorrow."
)


def look_up(
    store: Store, *, record_number: str, born: date, by: Practitioner, now: datetime
) -> Outline:
    """Return what there is of the patient of a record number who was born on a day.

    Counted before anything is looked at, and written down, found or not: an answer of yes or no,
    given often enough, would tell an administrator the date. The line holds none.

    Raises:
        NotFoundError: there is no such patient.
        TooManyTriesError: there were too many that were not found.
    """
    actor = require_operator(by)
    with tries.counted(store, tries.of_look_ups(by), now) as made:
        there = stored.outline_of(store, record_number)
        try:
            found = retention.outline_of(store, record_number=record_number, born=born, by=by)
            made.is_right = True
        finally:
            with store.write() as db:
                audit.append(
                    db,
                    at=now,
                    actor=actor,
                    action=LOOKED_UP if made.is_right else REFUSED,
                    subject=there.patient_id if there else "patients",
                )
    return found
