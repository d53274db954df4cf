"""The tables and the first changes to them: appended, never edited.

The database defends itself: strict tables, CHECK constraints that tie who to when, and triggers
that refuse to change what must not change (the audit trail, completed answers, screenings,
decisions).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.storage.driver import Migrations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from intake.storage.contract import Database

MIGRATIONS = Migrations("intake")

_TABLES = """
CREATE TABLE practitioners (
    id TEXT PRIMARY KEY,
    username TEXT NOT NULL UNIQUE COLLATE NOCASE,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('practitioner', 'dermatologist', 'administrator')),
    password_hash TEXT NOT NULL,
    must_change_password INTEGER NOT NULL CHECK (must_change_password IN (0, 1)),
    created_at TEXT NOT NULL,
    disabled_at TEXT
) STRICT;

CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    practitioner_id TEXT NOT NULL REFERENCES practitioners (id),
    created_at TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    ended_at TEXT
) STRICT;

CREATE TABLE sign_in_attempts (
    id INTEGER PRIMARY KEY,
    username TEXT NOT NULL COLLATE NOCASE,
    at TEXT NOT NULL,
    succeeded INTEGER NOT NULL CHECK (succeeded IN (0, 1))
) STRICT;
CREATE INDEX sign_in_attempts_by_name ON sign_in_attempts (username, at);

CREATE TABLE tablets (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    code_hash TEXT UNIQUE,
    code_until TEXT,
    token_hash TEXT UNIQUE,
    added_at TEXT NOT NULL,
    added_by TEXT NOT NULL,
    enrolled_at TEXT,
    revoked_at TEXT,
    revoked_by TEXT,
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
) STRICT;

CREATE TABLE packs (
    hash TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    files TEXT NOT NULL,
    kept_at TEXT NOT NULL
) STRICT;

CREATE TABLE activations (
    id INTEGER PRIMARY KEY,
    pack_hash TEXT NOT NULL REFERENCES packs (hash),
    at TEXT NOT NULL,
    by TEXT NOT NULL
) STRICT;

CREATE TABLE patients (
    id TEXT PRIMARY KEY,
    record_number TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    birth_date TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX patients_by_name ON patients (name_key, birth_date);

CREATE TABLE responses (
    id TEXT PRIMARY KEY,
    patient_id TEXT NOT NULL REFERENCES patients (id),
    status TEXT NOT NULL
        CHECK (status IN ('in-progress', 'completed', 'entered-in-error', 'stopped')),
    pack_hash TEXT NOT NULL REFERENCES packs (hash),
    plan TEXT NOT NULL,
    visited TEXT NOT NULL,
    begun_at TEXT NOT NULL,
    begun_by TEXT,
    submitted_at TEXT,
    receipt TEXT UNIQUE,
    replaces TEXT REFERENCES responses (id),
    signature TEXT,
    CHECK ((submitted_at IS NULL) = (receipt IS NULL)),
    CHECK ((submitted_at IS NULL) = (signature IS NULL)),
    CHECK (status <> 'completed' OR submitted_at IS NOT NULL)
) STRICT;
CREATE INDEX responses_by_patient ON responses (patient_id);
CREATE UNIQUE INDEX one_amendment_of_a_version ON responses (replaces)
    WHERE replaces IS NOT NULL AND status IN ('in-progress', 'completed');

CREATE TABLE answers (
    response_id TEXT NOT NULL REFERENCES responses (id),
    link_id TEXT NOT NULL,
    value TEXT NOT NULL,
    answered_at TEXT NOT NULL,
    PRIMARY KEY (response_id, link_id)
) STRICT;

CREATE TABLE visits (
    token_hash TEXT PRIMARY KEY,
    response_id TEXT NOT NULL REFERENCES responses (id),
    opened_at TEXT NOT NULL,
    ended_at TEXT
) STRICT;
CREATE INDEX visits_by_response ON visits (response_id);

CREATE TABLE screenings (
    id TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL UNIQUE,
    response_id TEXT NOT NULL REFERENCES responses (id),
    pack_hash TEXT NOT NULL REFERENCES packs (hash),
    on_date TEXT NOT NULL,
    triage TEXT NOT NULL CHECK (triage IN ('stop', 'review', 'defer', 'caution', 'routine')),
    triage_rank INTEGER NOT NULL,
    unknown_count INTEGER NOT NULL,
    content TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX screenings_by_response ON screenings (response_id, sequence);

CREATE TABLE reviews (
    id TEXT PRIMARY KEY,
    response_id TEXT NOT NULL REFERENCES responses (id),
    screening_id TEXT NOT NULL REFERENCES screenings (id),
    sequence INTEGER NOT NULL,
    disposition TEXT NOT NULL,
    until TEXT,
    decision TEXT NOT NULL,
    by TEXT NOT NULL REFERENCES practitioners (id),
    by_name TEXT NOT NULL,
    by_role TEXT NOT NULL,
    at TEXT NOT NULL,
    UNIQUE (response_id, sequence)
) STRICT;

CREATE TABLE addenda (
    id TEXT PRIMARY KEY,
    response_id TEXT NOT NULL REFERENCES responses (id),
    text TEXT NOT NULL,
    by TEXT NOT NULL REFERENCES practitioners (id),
    by_name TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;

CREATE TABLE audit_events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX audit_events_by_subject ON audit_events (subject, sequence);
"""

_KEPT_FOR_EVER = ("packs", "activations", "screenings", "reviews", "addenda", "audit_events")


@MIGRATIONS()
def m001_first_tables(db: Database) -> None:
    """Lay the first tables and the triggers that guard them."""
    for statement in _TABLES.split(";"):
        if statement.strip():
            db.execute(statement)
    for table in _KEPT_FOR_EVER:
        for verb in ("UPDATE", "DELETE"):
            db.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} are kept as they were written'); END"
            )
    for verb, rows in (("UPDATE", ("OLD", "NEW")), ("INSERT", ("NEW",)), ("DELETE", ("OLD",))):
        for row in rows:
            status = f"(SELECT status FROM responses WHERE id = {row}.response_id)"  # noqa: S608
            db.execute(
                f"CREATE TRIGGER answers_no_{verb}_{row}_once_completed BEFORE {verb} ON answers"
                f" WHEN {status} <> 'in-progress'"
                " BEGIN SELECT RAISE(ABORT, 'answers are kept as they were submitted'); END"
            )
    guard_completed_responses(db, FIXED_ONCE_COMPLETED)
    db.execute(
        "CREATE TRIGGER responses_no_delete_once_completed BEFORE DELETE ON responses"
        " WHEN OLD.status <> 'in-progress'"
        " BEGIN SELECT RAISE(ABORT, 'a completed response is never deleted'); END"
    )


def guard_completed_responses(db: Database, columns: Iterable[str]) -> None:
    """Refuse to change some columns of a form once it was sent; the trigger is laid anew."""
    same = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in columns)
    db.execute(
        "CREATE TRIGGER responses_no_update_once_completed BEFORE UPDATE ON responses"
        " WHEN OLD.status <> 'in-progress'"
        f" AND NOT (OLD.status = 'completed' AND NEW.status = 'entered-in-error' AND {same})"
        " BEGIN SELECT RAISE(ABORT, 'a completed response is never edited'); END"
    )


FIXED_ONCE_COMPLETED = (
    "id",
    "patient_id",
    "pack_hash",
    "plan",
    "visited",
    "begun_at",
    "begun_by",
    "submitted_at",
    "receipt",
    "replaces",
    "signature",
)


@MIGRATIONS()
def m002_languages(db: Database) -> None:
    """Keep the language in which a form is filled, and that of each answer."""
    for table in ("responses", "answers"):
        db.execute(f"ALTER TABLE {table} ADD COLUMN language TEXT NOT NULL DEFAULT 'en'")
    db.execute("DROP TRIGGER responses_no_update_once_completed")
    guard_completed_responses(db, (*FIXED_ONCE_COMPLETED, "language"))


@MIGRATIONS()
def m003_locks(db: Database) -> None:
    """Let a visit be locked while nobody is there."""
    for column in (
        "seen_at TEXT",
        "locked_at TEXT",
        "tries INTEGER NOT NULL DEFAULT 0",
        "place TEXT NOT NULL DEFAULT ''",
    ):
        db.execute(f"ALTER TABLE visits ADD COLUMN {column}")


@MIGRATIONS()
def m004_help(db: Database) -> None:
    """Keep with which questions a patient asked for help."""
    db.execute("ALTER TABLE responses ADD COLUMN help TEXT NOT NULL DEFAULT '[]'")
    db.execute("DROP TRIGGER responses_no_update_once_completed")
    guard_completed_responses(db, (*FIXED_ONCE_COMPLETED, "language", "help"))


_SOURCES = "('paper', 'in_person', 'telephone')"
_COMPANY = "('nobody', 'relative', 'carer', 'interpreter', 'staff')"


@MIGRATIONS()
def m005_company(db: Database) -> None:
    """Keep who was beside the patient, and who at the desk entered the answers for one."""
    tied = "CHECK (({} IS NULL) = (entered_by IS NULL))"
    for column in (
        f"helper TEXT CHECK (helper IN {_COMPANY})",
        "entered_by TEXT REFERENCES practitioners (id)",
        f"entered_from TEXT CHECK (entered_from IN {_SOURCES}) {tied.format('entered_from')}",
        f"entered_at TEXT {tied.format('entered_at')}",
    ):
        db.execute(f"ALTER TABLE responses ADD COLUMN {column}")
    for column in (
        f"company TEXT CHECK (company IN {_COMPANY})",
        "privacy TEXT NOT NULL DEFAULT ''",
        "entered_by TEXT REFERENCES practitioners (id)",
        "desk_session TEXT NOT NULL DEFAULT ''",
    ):
        db.execute(f"ALTER TABLE visits ADD COLUMN {column}")
    db.execute("DROP TRIGGER responses_no_update_once_completed")
    entered = ("entered_by", "entered_from", "entered_at")
    guard_completed_responses(db, (*FIXED_ONCE_COMPLETED, "language", "help", "helper", *entered))


_QUEUE = """
CREATE TABLE places (
    response_id TEXT PRIMARY KEY REFERENCES responses (id),
    status TEXT NOT NULL,
    rank INTEGER NOT NULL,
    since TEXT NOT NULL,
    until TEXT,
    needs_dermatologist INTEGER NOT NULL CHECK (needs_dermatologist IN (0, 1))
) STRICT;
CREATE INDEX places_in_order ON places (status, rank, since, response_id);

CREATE TABLE claims (
    response_id TEXT PRIMARY KEY REFERENCES responses (id),
    by TEXT NOT NULL REFERENCES practitioners (id),
    at TEXT NOT NULL
) STRICT;
CREATE INDEX claims_by_owner ON claims (by);

CREATE TABLE patient_words (
    word TEXT NOT NULL,
    patient_id TEXT NOT NULL REFERENCES patients (id),
    PRIMARY KEY (word, patient_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX patient_words_by_patient ON patient_words (patient_id);

CREATE INDEX responses_by_replaced ON responses (replaces) WHERE replaces IS NOT NULL
"""


@MIGRATIONS()
def m006_queue(db: Database) -> None:
    """Keep the queue in order, who has taken a case, and the words by which patients are found."""
    for statement in _QUEUE.split(";"):
        db.execute(statement)
    # Of an earlier screening it is not known, so it counts as one that needs a dermatologist.
    db.execute(
        "ALTER TABLE screenings ADD COLUMN needs_dermatologist INTEGER NOT NULL DEFAULT 1"
        " CHECK (needs_dermatologist IN (0, 1))"
    )


CHANGES: tuple[Callable[[Database], None], ...] = (
    m001_first_tables,
    m002_languages,
    m003_locks,
    m004_help,
    m005_company,
    m006_queue,
)
"""Those laid here, in their order; `later_migrations` has the rest, and knows them all."""
