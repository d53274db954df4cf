"""The changes to the tables since records can be erased: appended, never edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.storage.migrations import MIGRATION_NAMES as EARLIER_NAMES
from intake.storage.migrations import MIGRATIONS

if TYPE_CHECKING:
    from sqlite_utils import Database

_RETENTION = """
CREATE TABLE retention_periods (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    class TEXT NOT NULL CHECK (class IN ('treated', 'untreated', 'unsent', 'sign-ins')),
    count INTEGER CHECK (count > 0),
    unit TEXT CHECK (unit IN ('days', 'weeks', 'months', 'years')),
    reason TEXT NOT NULL,
    by TEXT NOT NULL,
    at TEXT NOT NULL,
    CHECK ((count IS NULL) = (unit IS NULL))
) STRICT;

CREATE TABLE holds (
    id TEXT PRIMARY KEY,
    patient_id TEXT NOT NULL REFERENCES patients (id),
    reason TEXT NOT NULL,
    by TEXT NOT NULL,
    at TEXT NOT NULL,
    lifted_by TEXT,
    lifted_at TEXT,
    CHECK ((lifted_at IS NULL) = (lifted_by IS NULL))
) STRICT;
CREATE UNIQUE INDEX one_hold_of_a_patient ON holds (patient_id) WHERE lifted_at IS NULL;
CREATE INDEX holds_by_patient ON holds (patient_id);

CREATE TABLE erasures (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    why TEXT NOT NULL,
    reason TEXT NOT NULL,
    by TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;

CREATE TABLE erased (
    record_id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('patient', 'form')),
    erasure_id TEXT NOT NULL REFERENCES erasures (id)
) STRICT;
CREATE INDEX erased_by_erasure ON erased (erasure_id, kind);

CREATE INDEX addenda_by_response ON addenda (response_id);
CREATE INDEX reviews_by_screening ON reviews (screening_id);
CREATE INDEX reactions_by_session ON reactions (session_id);
CREATE INDEX responses_by_followed ON responses (follows) WHERE follows IS NOT NULL
"""

_PARTS_OF_A_FORM = ("screenings", "reviews", "addenda", "confirmations", "treatment_sessions")

_KEPT_FOR_EVER = ("retention_periods", "erasures", "erased")

_WRITTEN_DOWN = "(SELECT 1 FROM erased WHERE record_id = OLD.{})"


@MIGRATIONS()
def m010_retention(db: Database) -> None:
    """Let a record go, but only one of which it is written down that it is erased."""
    for statement in _RETENTION.split(";"):
        db.execute(statement)
    for table in _PARTS_OF_A_FORM:
        _guard_deletion(db, table, "response_id", f"{table} are kept as they were written")
    _guard_deletion(db, "reactions", "patient_id", "reactions are kept as they were written")
    _guard_deletion(db, "patients", "id", "a patient is never deleted")
    _guard_deletion(db, "holds", "patient_id", "holds are kept")
    db.execute("DROP TRIGGER answers_no_DELETE_OLD_once_completed")
    db.execute("DROP TRIGGER responses_no_delete_once_completed")
    _guard_deletion(
        db,
        "answers",
        "response_id",
        "answers are kept as they were submitted",
        "(SELECT status FROM responses WHERE id = OLD.response_id) <> 'in-progress'",
    )
    _guard_deletion(
        db,
        "responses",
        "id",
        "a completed response is never deleted",
        "OLD.status <> 'in-progress'",
    )
    _guard_what_is_erased(db)


def _guard_deletion(
    db: Database, table: str, column: str, message: str, when: str = "TRUE"
) -> None:
    """Refuse to delete a row unless the record it belongs to is written down as erased."""
    db.execute(f"DROP TRIGGER IF EXISTS {table}_no_delete")
    db.execute(
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}"
        f" WHEN {when} AND NOT EXISTS {_WRITTEN_DOWN.format(column)}"
        f" BEGIN SELECT RAISE(ABORT, '{message}'); END"
    )


def _guard_what_is_erased(db: Database) -> None:
    for table in _KEPT_FOR_EVER:
        for verb in ("UPDATE", "DELETE"):
            db.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} are kept as they were written'); END"
            )
    db.execute(
        "CREATE TRIGGER erased_not_while_held BEFORE INSERT ON erased"
        " WHEN EXISTS (SELECT 1 FROM holds WHERE lifted_at IS NULL AND patient_id IN"
        " (NEW.record_id, (SELECT patient_id FROM responses WHERE id = NEW.record_id)))"
        " BEGIN SELECT RAISE(ABORT, 'the record is on hold'); END"
    )
    db.execute(
        "CREATE TRIGGER holds_no_update BEFORE UPDATE ON holds WHEN OLD.lifted_at IS NOT NULL"
        " OR NEW.id <> OLD.id OR NEW.patient_id <> OLD.patient_id OR NEW.reason <> OLD.reason"
        " OR NEW.by <> OLD.by OR NEW.at <> OLD.at"
        " BEGIN SELECT RAISE(ABORT, 'a hold can only be lifted'); END"
    )
    for table in ("patients", "responses"):
        db.execute(
            f"CREATE TRIGGER {table}_not_once_erased BEFORE INSERT ON {table}"  # noqa: S608
            " WHEN EXISTS (SELECT 1 FROM erased WHERE record_id = NEW.id)"
            " BEGIN SELECT RAISE(ABORT, 'a record that was erased does not come back'); END"
        )


MIGRATION_NAMES = EARLIER_NAMES | {m010_retention.__name__}
"""Every change this version knows; a database with another one was written by a newer version."""
