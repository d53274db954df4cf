"""The changes to the tables since sessions are recorded: appended, never edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.storage.client_tables import m015_clients
from intake.storage.device_tables import m013_devices
from intake.storage.migrations import CHANGES as EARLIER_CHANGES
from intake.storage.migrations import (
    FIXED_ONCE_COMPLETED,
    MIGRATIONS,
    guard_completed_responses,
)
from intake.storage.migrations_accounts import m011_accounts, m014_last_days
from intake.storage.recall_tables import m016_recalls
from intake.storage.trail_tables import lay_chain

if TYPE_CHECKING:
    from intake.storage.contract import Database

_SESSIONS = """
CREATE TABLE confirmations (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    response_id TEXT NOT NULL REFERENCES responses (id),
    on_date TEXT NOT NULL,
    said TEXT NOT NULL,
    lapsed TEXT NOT NULL,
    by TEXT NOT NULL REFERENCES practitioners (id),
    by_name TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX confirmations_by_response ON confirmations (response_id, on_date);

CREATE TABLE treatment_sessions (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    response_id TEXT NOT NULL UNIQUE REFERENCES responses (id),
    patient_id TEXT NOT NULL REFERENCES patients (id),
    on_date TEXT NOT NULL,
    modality TEXT,
    done TEXT NOT NULL,
    next_from TEXT,
    by TEXT NOT NULL REFERENCES practitioners (id),
    by_name TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX treatment_sessions_by_patient ON treatment_sessions (patient_id, on_date);

CREATE TABLE reactions (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    patient_id TEXT NOT NULL REFERENCES patients (id),
    session_id TEXT NOT NULL REFERENCES treatment_sessions (id),
    kind TEXT NOT NULL,
    noticed TEXT NOT NULL,
    settled INTEGER CHECK (settled IN (0, 1)),
    words TEXT NOT NULL,
    follows TEXT UNIQUE REFERENCES reactions (id),
    by TEXT NOT NULL REFERENCES practitioners (id),
    by_name TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX reactions_by_patient ON reactions (patient_id, sequence)
"""


@MIGRATIONS()
def m007_sessions(db: Database) -> None:
    """Keep what was confirmed at the chair, what was done, and how the skin took it."""
    for statement in _SESSIONS.split(";"):
        db.execute(statement)
    for table in ("confirmations", "treatment_sessions", "reactions"):
        for verb in ("UPDATE", "DELETE"):
            db.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} are kept as they were written'); END"
            )
    # What was told beside the form when it was screened, and whether that calls for a new decision.
    db.execute("ALTER TABLE screenings ADD COLUMN told TEXT NOT NULL DEFAULT '[]'")
    db.execute(
        "ALTER TABLE screenings ADD COLUMN reopens INTEGER NOT NULL DEFAULT 0"
        " CHECK (reopens IN (0, 1))"
    )


@MIGRATIONS()
def m008_returning(db: Database) -> None:
    """Keep which earlier form one begins from, and when each answer was last confirmed."""
    db.execute("ALTER TABLE responses ADD COLUMN follows TEXT REFERENCES responses (id)")
    db.execute("ALTER TABLE responses ADD COLUMN carried TEXT NOT NULL DEFAULT '[]'")
    db.execute("ALTER TABLE answers ADD COLUMN confirmed_at TEXT")
    db.execute("DROP TRIGGER responses_no_update_once_completed")
    more = ("language", "help", "helper", "entered_by", "entered_from", "entered_at")
    guard_completed_responses(db, (*FIXED_ONCE_COMPLETED, *more, "follows", "carried"))


_SITES = """
CREATE TABLE sites (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    opened_at TEXT,
    closed_at TEXT
) STRICT;
INSERT INTO sites (id, name) VALUES ('first', 'Main site');
ALTER TABLE practitioners ADD COLUMN sites TEXT;
ALTER TABLE tablets ADD COLUMN site TEXT NOT NULL DEFAULT 'first';
ALTER TABLE responses ADD COLUMN site TEXT NOT NULL DEFAULT 'first';
ALTER TABLE places ADD COLUMN site TEXT NOT NULL DEFAULT 'first';
CREATE INDEX places_of_site_in_order ON places (site, status, rank, since, response_id)
"""


@MIGRATIONS()
def m009_sites(db: Database) -> None:
    """Keep at which site a form is begun, which tablets stand where, and who works where."""
    for statement in _SITES.split(";"):
        db.execute(statement)
    for table in ("responses", "tablets"):
        db.execute(
            f"CREATE TRIGGER {table}_at_a_site BEFORE INSERT ON {table}"  # noqa: S608
            " WHEN NOT EXISTS (SELECT 1 FROM sites WHERE id = NEW.site)"
            " BEGIN SELECT RAISE(ABORT, 'there is no such site'); END"
        )
    db.execute("DROP TRIGGER responses_no_update_once_completed")
    later = ("language", "help", "helper", "entered_by", "entered_from", "entered_at")
    earlier_visit = ("follows", "carried")
    guard_completed_responses(db, (*FIXED_ONCE_COMPLETED, *later, *earlier_visit, "site"))


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


MIGRATIONS()(m011_accounts)


@MIGRATIONS()
def m012_trail(db: Database) -> None:
    """Keep what seals each line of the audit trail, and what it says of records."""
    lay_chain(db)


MIGRATIONS()(m013_devices)
MIGRATIONS()(m014_last_days)
MIGRATIONS()(m015_clients)
MIGRATIONS()(m016_recalls)

CHANGES = (
    *EARLIER_CHANGES,
    m007_sessions,
    m008_returning,
    m009_sites,
    m010_retention,
    m011_accounts,
    m012_trail,
    m013_devices,
    m014_last_days,
    m015_clients,
    m016_recalls,
)
"""Every change this version knows, in their order."""

MIGRATION_NAMES = frozenset(change.__name__ for change in CHANGES)
"""A database with another one was written by a newer version."""
