"""Patients: found by name, record number, or name and birth date."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from intake.core.letters import without_marks
from intake.core.names import is_unseen
from intake.core.records import Patient
from intake.storage.encoding import instant, moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.storage.contract import Database
    from intake.storage.store import Store

MOST_SHOWN = 20

MOST_FOUND = 300
"""Patients that one name may lead to; whoever looks for one of more types more of the name."""

_PAST_ANY_LETTER = "\U0010ffff"


def name_key(name: str) -> str:
    """Bring a name to the form in which names are compared: no case, accents or double spaces.

    Joiners count for nothing either: not every keyboard has them.
    """
    plain = without_marks(name.casefold())
    return " ".join("".join(letter for letter in plain if not is_unseen(letter)).split())


def new_record_number(store: Store) -> str:
    """Return a number that no patient has."""

    def is_taken(number: str) -> bool:
        sql = "SELECT 1 FROM patients WHERE record_number = ?"
        return store.row(sql, [f"P-{number}"]) is not None

    return f"P-{store.new_number(7, is_taken)}"


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
    put_words(db, patient.id, patient.name)


def put_words(db: Database, patient_id: str, name: str) -> None:
    """Store the words of a name, by whose beginnings it is found; so are parts such as O'Neil's."""
    key = name_key(name)
    for word in {*key.split(), *re.findall(r"\w+", key)}:
        db.execute(
            "INSERT INTO patient_words VALUES (?, ?) ON CONFLICT DO NOTHING", [word, patient_id]
        )


def put_every_word(db: Database) -> None:
    """Make the words of all names anew."""
    for row in list(db.query("SELECT id, name FROM patients")):
        put_words(db, row["id"], row["name"])


def patient(store: Store, patient_id: str) -> Patient | None:
    """Return one patient."""
    row = store.row("SELECT * FROM patients WHERE id = ?", [patient_id])
    return patient_of(row) if row else None


def some_patients(store: Store, patient_ids: Sequence[str]) -> dict[str, Patient]:
    """Return some patients by id; those that are gone are left out."""
    marks = ", ".join("?" for _ in patient_ids)
    rows = store.rows(f"SELECT * FROM patients WHERE id IN ({marks})", patient_ids)  # noqa: S608
    return {row["id"]: patient_of(row) for row in rows}


def find_patients(store: Store, text: str) -> list[Patient]:
    """Return up to 20 patients of whose name every word of *text* begins one, or of this number.

    Those who have sent a form come first. Left out are those of whom nothing is known but that
    somebody began a form under their name and gave it up at once: anybody at a tablet can do that.
    """
    found, parameters = _found(text)
    rows = store.rows(
        f"SELECT * FROM patients WHERE id IN ({found}) ORDER BY EXISTS"  # noqa: S608
        " (SELECT 1 FROM responses r WHERE r.patient_id = patients.id AND r.submitted_at"
        " IS NOT NULL) DESC, name_key, birth_date LIMIT :shown",
        {**parameters, "shown": MOST_SHOWN},
    )
    return [patient_of(row) for row in rows]


def responses_named(store: Store, text: str) -> list[str]:
    """Return up to 300 forms of patients found by name, or of this record or receipt number."""
    found, parameters = _found(text)
    rows = store.rows(
        f"SELECT id FROM responses WHERE patient_id IN ({found})"  # noqa: S608
        " UNION SELECT id FROM responses WHERE receipt = :number LIMIT :most",
        parameters,
    )
    return [row["id"] for row in rows]


_GIVEN_UP = "r.status = 'stopped' AND r.begun_by IS NULL AND r.visited = '[]'"
_NOT_GIVEN_UP = (
    f"coalesce((SELECT min(CASE WHEN {_GIVEN_UP} THEN 1 ELSE 0 END) FROM responses r"  # noqa: S608
    " WHERE r.patient_id = w.patient_id), 0) = 0"
)


def _found(text: str) -> tuple[str, dict[str, Any]]:
    """Write a query for the ids of at most 300 patients, by words of a name or by record number.

    The first word leads to the patients and the others are looked up for each, so that the cost
    does not grow with the number of patients.
    """
    parts = ["w.word >= :from0 AND w.word < :to0", _NOT_GIVEN_UP]
    parameters: dict[str, Any] = {"number": text.strip().upper(), "most": MOST_FOUND}
    words = name_key(text).split() or [_PAST_ANY_LETTER]
    for number, word in enumerate(words):
        parameters |= {f"from{number}": word, f"to{number}": word + _PAST_ANY_LETTER}
        if number:
            parts.append(
                "EXISTS (SELECT 1 FROM patient_words o WHERE o.patient_id = w.patient_id"  # noqa: S608
                f" AND o.word >= :from{number} AND o.word < :to{number})"
            )
    where = " AND ".join(parts)
    named = f"SELECT w.patient_id FROM patient_words w WHERE {where} LIMIT :most"  # noqa: S608
    by_number = "SELECT id FROM patients WHERE record_number = :number"
    return f"SELECT patient_id FROM ({named}) AS named UNION {by_number}", parameters  # noqa: S608


def same_patient(store: Store, name: str, birth_date: date) -> Patient | None:
    """Return the patient of this name born on this day, if there is one."""
    row = store.row(
        "SELECT * FROM patients WHERE name_key = ? AND birth_date = ?",
        [name_key(name), birth_date.isoformat()],
    )
    return patient_of(row) if row else None


def with_number(store: Store, record_number: str) -> Patient | None:
    """Return the patient of a record number."""
    row = store.row("SELECT * FROM patients WHERE record_number = ?", [record_number])
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
