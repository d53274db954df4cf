"""Patients: found by name, record number, or name and birth date."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import TYPE_CHECKING, Any

from intake.core.records import Patient
from intake.storage.encoding import instant, moment

if TYPE_CHECKING:
    from sqlite_utils import Database

    from intake.storage.database import Store

MOST_FOUND = 20


def name_key(name: str) -> str:
    """Bring a name to the form in which names are compared: no case, accents or double spaces."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def add_patient(db: Database, patient: Patient) -> None:
    """Store a new patient."""
    db.table("patients").insert(
        {
            "id": patient.id,
            "record_number": patient.record_number,
            "name": patient.name,
            "name_key": name_key(patient.name),
            "birth_date": patient.birth_date.isoformat(),
            "created_at": instant(patient.created_at),
        }
    )


def patient(store: Store, patient_id: str) -> Patient | None:
    """Return one patient."""
    row = store.row("SELECT * FROM patients WHERE id = ?", [patient_id])
    return patient_of(row) if row else None


def find_patients(store: Store, text: str) -> list[Patient]:
    """Return up to 20 patients whose name contains *text* or whose record number it is."""
    key = name_key(text)
    if not key:
        return []
    escaped = key.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    rows = store.rows(
        "SELECT * FROM patients WHERE name_key LIKE :like ESCAPE '\\' OR record_number = :number"
        " ORDER BY name_key, birth_date LIMIT :most",
        {"like": f"%{escaped}%", "number": text.strip().upper(), "most": MOST_FOUND},
    )
    return [patient_of(row) for row in rows]


def same_patient(store: Store, name: str, birth_date: date) -> Patient | None:
    """Return the patient of this name born on this day, if there is one."""
    row = store.row(
        "SELECT * FROM patients WHERE name_key = ? AND birth_date = ?",
        [name_key(name), birth_date.isoformat()],
    )
    return patient_of(row) if row else None


def patient_of(row: dict[str, Any], prefix: str = "") -> Patient:
    """Read a patient from a row whose columns may carry a prefix."""
    return Patient(
        id=row[f"{prefix}id"],
        record_number=row[f"{prefix}record_number"],
        name=row[f"{prefix}name"],
        birth_date=date.fromisoformat(row[f"{prefix}birth_date"]),
        created_at=moment(row[f"{prefix}created_at"]),
    )
