"""How long records are kept, what holds them, and their way out of the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from intake.core.dates import Unit, Window
from intake.core.retention import (
    Erasure,
    Hold,
    Kept,
    Outline,
    RecordClass,
    Why,
)
from intake.storage.encoding import instant, moment, to_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from intake.storage.contract import Database
    from intake.storage.store import Store


def put_period(
    db: Database,
    record_class: RecordClass,
    period: Window | None,
    *,
    reason: str,
    by: str,
    now: datetime,
) -> None:
    """Store for how long a class of records is kept from now on."""
    db.execute(
        "INSERT INTO retention_periods (class, count, unit, reason, by, at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [
            record_class,
            period.count if period else None,
            period.unit if period else None,
            reason,
            by,
            instant(now),
        ],
    )


def periods(store: Store) -> dict[RecordClass, Kept]:
    """Return what counts for each class; until somebody decides, it is kept without end."""
    rows = store.rows("SELECT * FROM retention_periods ORDER BY sequence")
    return {one: Kept() for one in RecordClass} | {RecordClass(r["class"]): _kept(r) for r in rows}


def _kept(row: dict[str, Any]) -> Kept:
    period = Window(row["count"], Unit(row["unit"])) if row["count"] else None
    return Kept(period, row["reason"], row["by"], moment(row["at"]))


def put_hold(db: Database, hold: Hold) -> None:
    """Store a hold on a patient's record."""
    db.execute(
        "INSERT INTO holds (id, patient_id, reason, by, at) VALUES (?, ?, ?, ?, ?)",
        [hold.id, hold.patient_id, hold.reason, hold.by, instant(hold.at)],
    )


def lift_hold(db: Database, patient_id: str, by: str, now: datetime) -> bool:
    """Lift the hold on a patient's record; False when there is none."""
    cursor = db.execute(
        "UPDATE holds SET lifted_by = ?, lifted_at = ? WHERE patient_id = ? AND lifted_at IS NULL",
        [by, instant(now), patient_id],
    )
    return cursor.rowcount == 1


def holds(store: Store) -> list[Hold]:
    """Return the holds that count, newest first."""
    rows = store.rows(
        "SELECT h.*, p.record_number FROM holds h JOIN patients p ON p.id = h.patient_id"
        " WHERE h.lifted_at IS NULL ORDER BY h.at DESC"
    )
    return [
        Hold(r["id"], r["patient_id"], r["record_number"], r["reason"], r["by"], moment(r["at"]))
        for r in rows
    ]


_LAST = """(SELECT max(at) FROM (
    SELECT p.created_at AS at
    UNION ALL SELECT CASE WHEN submitted_at > begun_at THEN submitted_at ELSE begun_at END
        FROM responses WHERE patient_id = p.id
    UNION ALL SELECT coalesce(w.seen_at, w.opened_at)
        FROM responses r JOIN visits w ON w.response_id = r.id WHERE r.patient_id = p.id
    UNION ALL SELECT a.answered_at FROM responses r JOIN answers a ON a.response_id = r.id
        WHERE r.patient_id = p.id AND r.status = 'in-progress'
    UNION ALL SELECT CASE WHEN v.until > v.at THEN v.until ELSE v.at END
        FROM responses r JOIN reviews v ON v.response_id = r.id WHERE r.patient_id = p.id
    UNION ALL SELECT d.at FROM responses r JOIN addenda d ON d.response_id = r.id
        WHERE r.patient_id = p.id
    UNION ALL SELECT c.at FROM responses r JOIN confirmations c ON c.response_id = r.id
        WHERE r.patient_id = p.id
    UNION ALL SELECT at FROM treatment_sessions WHERE patient_id = p.id
    UNION ALL SELECT at FROM reactions WHERE patient_id = p.id
) AS happened)"""
"""The last that happened with a patient; that rules were put in force is none of it."""

_OUTLINE = f"""
SELECT p.id, p.record_number, {_LAST} AS last_at,
    (SELECT count(*) FROM responses WHERE patient_id = p.id) AS forms,
    (SELECT count(*) FROM treatment_sessions WHERE patient_id = p.id) AS sessions,
    coalesce((SELECT reason FROM holds WHERE patient_id = p.id AND lifted_at IS NULL), '') AS held
FROM patients p
"""  # noqa: S608 - made of what stands above


def outline_of(store: Store, record_number: str) -> Outline | None:
    """Return what there is of one patient."""
    row = store.row(f"{_OUTLINE} WHERE p.record_number = ?", [record_number.strip().upper()])
    return _outline(row) if row else None


def patients_due(
    store: Store, before: date, *, treated: bool, among: Sequence[str] | None = None
) -> list[Outline]:
    """Return the patients with whom the last happened before a day, by record number."""
    treatment = "EXISTS (SELECT 1 FROM treatment_sessions WHERE patient_id = p.id)"
    rows = store.rows(
        f"{_OUTLINE} WHERE p.created_at < :before AND {'' if treated else 'NOT '}{treatment}"
        f" AND {_LAST} < :before {_among('p', among)} ORDER BY p.record_number",
        {"before": before.isoformat(), "among": to_json(among)},
    )
    return [_outline(row) for row in rows]


def _among(table: str, ids: Sequence[str] | None) -> str:
    """Narrow a query to the ids in the parameter *among*, if there are any."""
    return "" if ids is None else f"AND {table}.id IN (SELECT value FROM json_each(:among))"  # noqa: S608


def _outline(row: dict[str, Any]) -> Outline:
    return Outline(
        row["id"],
        row["record_number"],
        moment(row["last_at"]).date(),
        row["forms"],
        row["sessions"],
        row["held"],
    )


def forms_due(store: Store, before: date, among: Sequence[str] | None = None) -> list[str]:
    """Return the forms never sent that nobody touched since a day, and that nothing holds."""
    rows = store.rows(
        "SELECT r.id FROM responses r WHERE r.submitted_at IS NULL AND r.begun_at < :before"  # noqa: S608
        " AND NOT EXISTS (SELECT 1 FROM answers WHERE response_id = r.id"
        " AND answered_at >= :before)"
        " AND NOT EXISTS (SELECT 1 FROM visits WHERE response_id = r.id"
        " AND coalesce(seen_at, opened_at) >= :before)"
        " AND NOT EXISTS (SELECT 1 FROM holds WHERE patient_id = r.patient_id"
        f" AND lifted_at IS NULL) {_among('r', among)}",
        {"before": before.isoformat(), "among": to_json(among)},
    )
    return [row["id"] for row in rows]


_OLD_SESSIONS = "coalesce(ended_at, seen_at) < :before"


def sign_ins_due(store: Store, before: date) -> int:
    """Count the tries to sign in and the sessions from before a day."""
    row = store.row(
        "SELECT (SELECT count(*) FROM tries WHERE at < :before)"  # noqa: S608
        " + (SELECT count(*) FROM sign_ins_begun WHERE at < :before)"
        f" + (SELECT count(*) FROM sessions WHERE {_OLD_SESSIONS}) AS n",
        {"before": before.isoformat()},
    )
    return int(row["n"]) if row else 0


def erase_sign_ins(db: Database, before: date) -> None:
    """Delete the tries to sign in and the sessions from before a day."""
    day = {"before": before.isoformat()}
    db.execute("DELETE FROM tries WHERE at < :before", day)
    db.execute("DELETE FROM sign_ins_begun WHERE at < :before", day)
    db.execute(f"DELETE FROM sessions WHERE {_OLD_SESSIONS}", day)  # noqa: S608


def forms_of(store: Store, patient_id: str) -> list[str]:
    """Return the ids of every form of a patient."""
    rows = store.rows("SELECT id FROM responses WHERE patient_id = ?", [patient_id])
    return [row["id"] for row in rows]


def patient_of(store: Store, response_id: str) -> str | None:
    """Return the id of the patient of a form; None when there is no such form."""
    row = store.row("SELECT patient_id FROM responses WHERE id = ?", [response_id])
    return row["patient_id"] if row else None


def is_at_a_tablet(store: Store, patient_id: str, since: datetime) -> bool:
    """Tell whether a form of a patient is open and was touched since."""
    row = store.row(
        "SELECT 1 AS n FROM visits v JOIN responses r ON r.id = v.response_id"
        " WHERE r.patient_id = ? AND v.ended_at IS NULL AND coalesce(v.seen_at, v.opened_at) >= ?",
        [patient_id, instant(since)],
    )
    return row is not None


def put_erasure(db: Database, erasure: Erasure) -> None:
    """Write down that something is to be erased."""
    db.execute(
        "INSERT INTO erasures (id, why, reason, by, at) VALUES (?, ?, ?, ?, ?)",
        [erasure.id, erasure.why, erasure.reason, erasure.by, instant(erasure.at)],
    )


_PARTS_OF_A_FORM = (
    "places",
    "claims",
    "visits",
    "answers",
    "addenda",
    "reviews",
    "confirmations",
    "treatment_sessions",
    "dealings",
    "recalls",
    "differences",
    "screenings",
    "cards",
    "card_answers",
)
_PARTS_OF_A_PATIENT = ("reactions", "patient_words", "holds")


def erase(db: Database, erasure_id: str, *, patients: Sequence[str], forms: Sequence[str]) -> None:
    """Write down which records go, and delete them and all that belongs to them.

    The erasure must be stored before. Every form of a patient that goes must be among the forms.
    """
    for kind, ids in (("patient", patients), ("form", forms)):
        db.conn.executemany(
            "INSERT INTO erased (record_id, kind, erasure_id) VALUES (?, ?, ?)",
            [(record_id, kind, erasure_id) for record_id in ids],
        )
    # Forms and reactions refer to one another, and all of them go.
    db.execute("PRAGMA defer_foreign_keys = ON")
    going = "(SELECT record_id FROM erased WHERE erasure_id = :id AND kind = '{}')"
    for table in _PARTS_OF_A_PATIENT:
        _delete(db, f"{table} WHERE patient_id IN {going.format('patient')}", erasure_id)
    for table in _PARTS_OF_A_FORM:
        _delete(db, f"{table} WHERE response_id IN {going.format('form')}", erasure_id)
    _delete(db, f"responses WHERE id IN {going.format('form')}", erasure_id)
    _delete(db, f"patients WHERE id IN {going.format('patient')}", erasure_id)


def _delete(db: Database, what: str, erasure_id: str) -> None:
    db.execute(f"DELETE FROM {what}", {"id": erasure_id})  # noqa: S608 - fixed names


def erasures(store: Store, limit: int = 50) -> list[Erasure]:
    """Return what was erased last, newest first."""
    rows = store.rows(
        "SELECT e.*,"
        " (SELECT count(*) FROM erased WHERE erasure_id = e.id AND kind = 'patient') AS patients,"
        " (SELECT count(*) FROM erased WHERE erasure_id = e.id AND kind = 'form') AS forms"
        " FROM erasures e ORDER BY sequence DESC LIMIT ?",
        [limit],
    )
    return [
        Erasure(
            r["id"], Why(r["why"]), r["reason"], r["patients"], r["forms"], r["by"],
            moment(r["at"]),
        )
        for r in rows
    ]  # fmt: skip


def erased_ids(store: Store) -> dict[str, str]:
    """Return the kind of every record that was erased, by its id."""
    return {r["record_id"]: r["kind"] for r in store.rows("SELECT record_id, kind FROM erased")}
