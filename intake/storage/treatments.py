"""What was confirmed at the chair, the sessions, and the reactions to them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from intake.core.treatment import (
    Confirmation,
    Noticed,
    Reaction,
    Reply,
    Said,
    TreatmentSession,
)
from intake.storage.encoding import (
    day_or_none,
    done_of,
    done_text,
    from_json,
    instant,
    moment,
    to_json,
)
from intake.storage.places import put_place

if TYPE_CHECKING:
    from intake.storage.contract import Database
    from intake.storage.store import Store


def add_confirmation(db: Database, one: Confirmation) -> None:
    """Store what was said at the chair."""
    db.execute(
        "INSERT INTO confirmations (id, response_id, on_date, said, lapsed, by, by_name, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            one.id,
            one.response_id,
            one.on.isoformat(),
            to_json(one.said),
            to_json(one.lapsed),
            one.by,
            one.by_name,
            instant(one.at),
        ],
    )


def confirmations(store: Store, response_id: str) -> tuple[Confirmation, ...]:
    """Return what was said at the chair about a form, oldest first."""
    return _confirmations(
        store.rows(
            "SELECT * FROM confirmations WHERE response_id = ? ORDER BY sequence", [response_id]
        )
    )


def confirmations_of(store: Store, patient_id: str) -> tuple[Confirmation, ...]:
    """Return what a patient said at the chair, about whichever form, oldest first."""
    return _confirmations(
        store.rows(
            "SELECT c.* FROM confirmations c JOIN responses r ON r.id = c.response_id"
            " WHERE r.patient_id = ? ORDER BY c.sequence",
            [patient_id],
        )
    )


def _confirmations(rows: list[dict[str, Any]]) -> tuple[Confirmation, ...]:
    return tuple(
        Confirmation(
            id=row["id"],
            response_id=row["response_id"],
            on=date.fromisoformat(row["on_date"]),
            said={
                name: Said(Reply(one["reply"]), one["words"])
                for name, one in from_json(row["said"]).items()
            },
            lapsed=frozenset(from_json(row["lapsed"])),
            by=row["by"],
            by_name=row["by_name"],
            at=moment(row["at"]),
        )
        for row in rows
    )


def add_session(db: Database, one: TreatmentSession) -> None:
    """Store a session; of one form there is one."""
    db.execute(
        "INSERT INTO treatment_sessions (id, response_id, patient_id, on_date, modality, done,"
        " next_from, by, by_name, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            one.id,
            one.response_id,
            one.patient_id,
            one.on.isoformat(),
            one.modality,
            done_text(one.done),
            one.next_from.isoformat() if one.next_from else None,
            one.by,
            one.by_name,
            instant(one.at),
        ],
    )
    put_place(db, one.response_id)


def session_of(store: Store, response_id: str) -> TreatmentSession | None:
    """Return the session that was carried out on a form."""
    row = store.row("SELECT * FROM treatment_sessions WHERE response_id = ?", [response_id])
    return _session(row) if row else None


def session(store: Store, session_id: str) -> TreatmentSession | None:
    """Return one session."""
    row = store.row("SELECT * FROM treatment_sessions WHERE id = ?", [session_id])
    return _session(row) if row else None


def sessions(store: Store, patient_id: str) -> tuple[TreatmentSession, ...]:
    """Return the sessions of a patient, oldest first."""
    rows = store.rows(
        "SELECT * FROM treatment_sessions WHERE patient_id = ? ORDER BY on_date, sequence",
        [patient_id],
    )
    return tuple(_session(row) for row in rows)


def _session(row: dict[str, Any]) -> TreatmentSession:
    return TreatmentSession(
        id=row["id"],
        response_id=row["response_id"],
        patient_id=row["patient_id"],
        on=date.fromisoformat(row["on_date"]),
        modality=row["modality"],
        done=done_of(row["done"]),
        next_from=day_or_none(row["next_from"]),
        by=row["by"],
        by_name=row["by_name"],
        at=moment(row["at"]),
    )


def add_reaction(db: Database, one: Reaction) -> None:
    """Store a note on how the skin took a session."""
    seen = one.noticed
    db.execute(
        "INSERT INTO reactions (id, patient_id, session_id, kind, noticed, settled, words, follows,"
        " by, by_name, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            one.id,
            one.patient_id,
            one.session_id,
            seen.kind,
            seen.on.isoformat() if seen.on else None,
            seen.settled,
            seen.words,
            seen.follows,
            one.by,
            one.by_name,
            instant(one.at),
        ],
    )


def reactions(store: Store, patient_id: str) -> tuple[Reaction, ...]:
    """Return the notes on a patient's reactions, oldest first."""
    return _reactions(
        store.rows("SELECT * FROM reactions WHERE patient_id = ? ORDER BY sequence", [patient_id])
    )


def reactions_to(store: Store, response_id: str) -> tuple[Reaction, ...]:
    """Return the notes on how the skin took the session of a form, oldest first."""
    return _reactions(
        store.rows(
            "SELECT r.* FROM reactions r JOIN treatment_sessions t ON t.id = r.session_id"
            " WHERE t.response_id = ? ORDER BY r.sequence",
            [response_id],
        )
    )


def _reactions(rows: list[dict[str, Any]]) -> tuple[Reaction, ...]:
    return tuple(
        Reaction(
            id=row["id"],
            patient_id=row["patient_id"],
            session_id=row["session_id"],
            noticed=Noticed(
                row["kind"],
                date.fromisoformat(row["noticed"]),
                None if row["settled"] is None else bool(row["settled"]),
                row["words"],
                row["follows"],
            ),
            by=row["by"],
            by_name=row["by_name"],
            at=moment(row["at"]),
        )
        for row in rows
    )
