"""Screenings, decisions and addenda, and the lists the desk and the exports are made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from intake.core.decisions import Addendum, Review
from intake.core.records import (
    Case,
    Role,
    StoredScreening,
    Version,
)
from intake.storage import treatments
from intake.storage.claims import owner
from intake.storage.encoding import (
    decision_of,
    decision_text,
    instant,
    moment,
    screening_of,
    screening_text,
    told_of,
    told_text,
)
from intake.storage.patients import patient
from intake.storage.places import put_place
from intake.storage.responses import response, successor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from intake.core.records import Response
    from intake.core.screening import Screening
    from intake.core.telling import Telling
    from intake.storage.contract import Database
    from intake.storage.store import Store


def add_screening(
    db: Database,
    *,
    screening_id: str,
    response_id: str,
    screening: Screening,
    needs_dermatologist: bool,
    now: datetime,
    told: Sequence[Telling] = (),
    is_news: bool = False,
) -> None:
    """Store a screening; an earlier one of the same response stays."""
    db.execute(
        "INSERT INTO screenings (sequence, id, response_id, pack_hash, on_date, triage,"
        " triage_rank, unknown_count, content, at, needs_dermatologist, told, reopens)"
        " SELECT coalesce(max(sequence), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
        " FROM screenings",
        [
            screening_id,
            response_id,
            screening.pack_hash,
            screening.on.isoformat(),
            screening.triage.value,
            screening.triage.rank,
            screening.unknown_count,
            screening_text(screening),
            instant(now),
            int(needs_dermatologist),
            told_text(told),
            int(is_news),
        ],
    )
    put_place(db, response_id)


def add_review(db: Database, review: Review) -> None:
    """Store a decision; the one before stays readable and is superseded."""
    db.table("reviews").insert(
        {
            "id": review.id,
            "response_id": review.response_id,
            "screening_id": review.screening_id,
            "sequence": review.sequence,
            "disposition": review.decision.disposition.value,
            "until": review.decision.until.isoformat() if review.decision.until else None,
            "decision": decision_text(review.decision),
            "by": review.by,
            "by_name": review.by_name,
            "by_role": review.by_role.value,
            "at": instant(review.at),
        }
    )
    put_place(db, review.response_id)


def add_addendum(db: Database, addendum: Addendum) -> None:
    """Store words added later."""
    db.table("addenda").insert(
        {
            "id": addendum.id,
            "response_id": addendum.response_id,
            "text": addendum.text,
            "by": addendum.by,
            "by_name": addendum.by_name,
            "at": instant(addendum.at),
        }
    )


def screenings(store: Store, response_id: str) -> tuple[StoredScreening, ...]:
    """Return the screenings of a response, oldest first."""
    return tuple(screenings_of_each(store, [response_id])[response_id])


def screenings_of_each(
    store: Store, response_ids: Sequence[str]
) -> dict[str, list[StoredScreening]]:
    """Return the screenings of each of some responses, oldest first."""
    marks = ", ".join("?" for _ in response_ids)
    found: dict[str, list[StoredScreening]] = {response_id: [] for response_id in response_ids}
    for row in store.rows(
        "SELECT id, response_id, content, at, told, reopens FROM screenings"  # noqa: S608
        f" WHERE response_id IN ({marks}) ORDER BY sequence",
        response_ids,
    ):
        found[row["response_id"]].append(stored_screening(row))
    return found


def stored_screening(row: Mapping[str, Any]) -> StoredScreening:
    """Read a screening from its row."""
    return StoredScreening(
        row["id"],
        row["response_id"],
        screening_of(row["content"]),
        moment(row["at"]),
        told_of(row["told"]),
        bool(row["reopens"]),
    )


def reviews(store: Store, response_id: str) -> tuple[Review, ...]:
    """Return the decisions on a response, oldest first."""
    return tuple(reviews_of_each(store, [response_id])[response_id])


def reviews_of_each(store: Store, response_ids: Sequence[str]) -> dict[str, list[Review]]:
    """Return the decisions on each of some responses, oldest first."""
    marks = ", ".join("?" for _ in response_ids)
    found: dict[str, list[Review]] = {response_id: [] for response_id in response_ids}
    for row in store.rows(
        f"SELECT * FROM reviews WHERE response_id IN ({marks}) ORDER BY sequence",  # noqa: S608
        response_ids,
    ):
        found[row["response_id"]].append(_review(row))
    return found


def _review(row: dict[str, Any]) -> Review:
    return Review(
        id=row["id"],
        response_id=row["response_id"],
        screening_id=row["screening_id"],
        sequence=row["sequence"],
        decision=decision_of(row["decision"]),
        by=row["by"],
        by_name=row["by_name"],
        by_role=Role(row["by_role"]),
        at=moment(row["at"]),
    )


def case(store: Store, response_id: str) -> Case | None:
    """Return everything kept about one response."""
    found = response(store, response_id)
    who = patient(store, found.patient_id) if found else None
    if found is None or who is None:
        return None
    rows = store.rows(
        "SELECT * FROM addenda WHERE response_id = ? ORDER BY at, rowid", [response_id]
    )
    addenda = tuple(
        Addendum(r["id"], r["response_id"], r["text"], r["by"], r["by_name"], moment(r["at"]))
        for r in rows
    )
    earlier = versions_before(store, found)
    return Case(
        patient=who,
        response=found,
        screenings=screenings(store, response_id),
        reviews=reviews(store, response_id),
        addenda=addenda,
        superseded_by=successor(store, response_id),
        before=_before(store, found),
        owner=owner(store, response_id),
        confirmations=treatments.confirmations(store, response_id),
        session=treatments.session_of(store, response_id),
        reactions=treatments.reactions_to(store, response_id),
        earlier=earlier,
        elsewhere=versions_elsewhere(store, found, earlier),
    )


def versions_elsewhere(
    store: Store, found: Response, earlier: Iterable[Version]
) -> tuple[Version, ...]:
    """Return the versions of a patient's other forms that were sent, oldest first.

    Forms that were withdrawn are left out: what is for a dermatologist to decide, only a
    dermatologist withdraws.
    """
    rows = store.rows(
        "SELECT id FROM responses WHERE patient_id = ? AND status = 'completed'"
        " ORDER BY submitted_at, rowid",
        [found.patient_id],
    )
    own = {found.id, *(version.response_id for version in earlier)}
    others: list[Version] = []
    for one in (response(store, row["id"]) for row in rows):
        if one is not None and one.replaces in own:
            own.add(one.id)
        if one is not None and one.id not in own:
            others.append(_version(store, one))
    return tuple(others)


def versions_before(store: Store, found: Response) -> tuple[Version, ...]:
    """Return the versions that a form replaces, oldest first."""
    versions: list[Version] = []
    one = response(store, found.replaces) if found.replaces else None
    while one is not None:
        versions.append(_version(store, one))
        one = response(store, one.replaces) if one.replaces else None
    return tuple(reversed(versions))


def _version(store: Store, one: Response) -> Version:
    return Version(
        one.id,
        one.entered,
        screenings(store, one.id),
        reviews(store, one.id),
        replaces=one.replaces,
        sent_at=one.submitted_at,
    )


def _before(store: Store, found: Response) -> Response | None:
    earlier = found.replaces or found.follows
    return response(store, earlier) if earlier else None


def counts(store: Store) -> dict[str, int]:
    """Count patients, responses by status, screenings and decisions."""
    found = {
        name: int((store.row(f"SELECT count(*) AS n FROM {name}") or {"n": 0})["n"])  # noqa: S608
        for name in ("patients", "screenings", "reviews", "audit_events")
    }
    rows = store.rows("SELECT status, count(*) AS n FROM responses GROUP BY status")
    return {**found, **{f"responses {row['status']}": int(row["n"]) for row in rows}}
