"""Many cases one after the other, a few at a time: for what goes out in bulk.

The walk goes by patient, so that whoever writes a patient once needs to remember only the last.
It goes from case to case by their ids, so that it can go on from any, and nothing is held between
two steps: no list, no lock, no view of the database that would keep its log from being emptied.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.core.recorded import Recorded
from intake.storage import audit
from intake.storage.cards import answers_to_each
from intake.storage.cases import reviews_of_each, screenings_of_each
from intake.storage.encoding import instant, to_json
from intake.storage.listing import where_of
from intake.storage.patients import some_patients
from intake.storage.responses import each_as_read, successors
from intake.storage.trail import ERASED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from intake.storage.listing import Selection
    from intake.storage.store import Store


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in the walk: behind this case of this patient; blank before the first."""

    patient_id: str = ""
    response_id: str = ""


_SELECTED = """
FROM responses r LEFT JOIN screenings s ON s.response_id = r.id AND s.sequence =
    (SELECT max(sequence) FROM screenings WHERE response_id = r.id)
"""
_BEGUN = " AND r.begun_at <= :before"


def count(store: Store, selection: Selection, before: datetime) -> int:
    """Count the cases of a selection that were begun up to an instant."""
    where, parameters = where_of(selection)
    row = store.row(
        f"SELECT count(*) AS n {_SELECTED}{where}{_BEGUN}",
        {**parameters, "before": instant(before)},
    )
    return int(row["n"]) if row else 0


def places_after(
    store: Store, selection: Selection, before: datetime, after: Place, limit: int
) -> list[Place]:
    """Return the next few cases of a selection behind a place, in the order of the walk.

    Args:
        store: Where they are.
        selection: Which cases.
        before: Those that were begun later are left out.
        after: Where the walk stands.
        limit: The most that are returned.
    """
    where, parameters = where_of(selection)
    rows = store.rows(
        f"SELECT r.id, r.patient_id {_SELECTED}{where}{_BEGUN}"
        " AND (r.patient_id, r.id) > (:patient, :response)"
        " ORDER BY r.patient_id, r.id LIMIT :limit",
        {
            **parameters,
            "before": instant(before),
            "patient": after.patient_id,
            "response": after.response_id,
            "limit": limit,
        },
    )
    return [Place(row["patient_id"], row["id"]) for row in rows]


def languages_of(
    store: Store, selection: Selection, before: datetime, patient_ids: Sequence[str]
) -> dict[str, list[str]]:
    """Return for each of some patients the languages of their cases in a selection, oldest first.

    Args:
        store: Where they are.
        selection: Which cases.
        before: Those that were begun later are left out.
        patient_ids: Whose.
    """
    where, parameters = where_of(selection)
    found: dict[str, list[str]] = {patient_id: [] for patient_id in patient_ids}
    for row in store.rows(
        f"SELECT r.patient_id, r.language {_SELECTED}{where}{_BEGUN}"  # noqa: S608
        " AND r.patient_id IN (SELECT value FROM json_each(:patients))"
        " GROUP BY r.patient_id, r.language ORDER BY min(r.begun_at), r.language",
        {**parameters, "before": instant(before), "patients": to_json(list(patient_ids))},
    ):
        found[row["patient_id"]].append(row["language"])
    return found


_OTHERS = """
SELECT response_id, by FROM addenda WHERE response_id IN (SELECT value FROM json_each(:ids))
UNION SELECT response_id, by FROM confirmations
    WHERE response_id IN (SELECT value FROM json_each(:ids))
UNION SELECT response_id, by FROM treatment_sessions
    WHERE response_id IN (SELECT value FROM json_each(:ids))
UNION SELECT t.response_id, n.by FROM treatment_sessions t JOIN reactions n ON n.session_id = t.id
    WHERE t.response_id IN (SELECT value FROM json_each(:ids))
"""


def _others(store: Store, response_ids: Sequence[str]) -> dict[str, set[str]]:
    """Return who wrote beside the decisions on each of some forms, at the chair and after it."""
    found: dict[str, set[str]] = {response_id: set() for response_id in response_ids}
    for row in store.rows(_OTHERS, {"ids": to_json(list(response_ids))}):
        found[row["response_id"]].add(row["by"])
    return found


def erased_since(store: Store, line: int) -> list[tuple[str, str]]:
    """Return what was erased behind a line of the audit trail: `patient` or `form`, and its id."""
    rows = store.rows(
        "SELECT d.kind, d.record_id FROM erased d JOIN audit_events e ON e.subject = d.record_id"
        " AND e.action = ? AND e.sequence > ?",
        [ERASED, line],
    )
    return [(row["kind"], row["record_id"]) for row in rows]


def read(store: Store, response_ids: Sequence[str]) -> list[Recorded]:
    """Return some forms in the order in which they are named; those that are gone are left out."""
    read = each_as_read(store, response_ids)
    patients = some_patients(store, list({form.patient_id for form, _ in read.values()}))
    screenings = screenings_of_each(store, response_ids)
    reviews, newer = reviews_of_each(store, response_ids), successors(store, response_ids)
    events, others = audit.acts_on_each(store, response_ids), _others(store, response_ids)
    answered = answers_to_each(store, response_ids)
    return [
        Recorded(
            patient=patients[form.patient_id],
            response=form,
            screenings=tuple(screenings[form.id]),
            reviews=tuple(reviews[form.id]),
            superseded_by=newer.get(form.id),
            events=tuple(events[form.id]),
            languages=languages,
            actors=frozenset(
                {
                    form.begun_by or "",
                    form.entered.by if form.entered else "",
                    *(review.by for review in reviews[form.id]),
                    *(event.actor for event in events[form.id]),
                    *others[form.id],
                }
            ),
            answered=tuple(answered[form.id]),
        )
        for form, languages in (read[id_] for id_ in response_ids if id_ in read)
    ]
