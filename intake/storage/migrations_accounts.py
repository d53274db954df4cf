"""The tables of sign-in: tries, second factors, what a session knows, access in an emergency.

They are changed by migrations that are appended, never edited.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from intake.storage.contract import Database

_TABLES = """
CREATE TABLE tries (
    id INTEGER PRIMARY KEY,
    bucket TEXT NOT NULL,
    owner TEXT NOT NULL,
    at TEXT NOT NULL,
    succeeded INTEGER NOT NULL CHECK (succeeded IN (0, 1))
) STRICT;
CREATE INDEX tries_by_bucket ON tries (bucket, id);
CREATE INDEX tries_by_owner ON tries (owner);

CREATE TABLE known_devices (
    token_hash TEXT NOT NULL,
    practitioner_id TEXT NOT NULL REFERENCES practitioners (id),
    since TEXT NOT NULL,
    PRIMARY KEY (token_hash, practitioner_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE sign_ins_begun (
    token_hash TEXT PRIMARY KEY,
    practitioner_id TEXT NOT NULL REFERENCES practitioners (id),
    at TEXT NOT NULL,
    browser TEXT NOT NULL,
    ended_at TEXT
) STRICT;

CREATE TABLE second_factors (
    practitioner_id TEXT PRIMARY KEY REFERENCES practitioners (id),
    seed TEXT NOT NULL,
    confirmed_at TEXT
) STRICT;

CREATE TABLE codes_used (
    practitioner_id TEXT NOT NULL REFERENCES practitioners (id),
    step INTEGER NOT NULL,
    PRIMARY KEY (practitioner_id, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE recovery_codes (
    practitioner_id TEXT NOT NULL REFERENCES practitioners (id),
    code_hash TEXT NOT NULL,
    used_at TEXT,
    PRIMARY KEY (practitioner_id, code_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE passkeys (
    id TEXT PRIMARY KEY,
    practitioner_id TEXT NOT NULL REFERENCES practitioners (id),
    host TEXT NOT NULL,
    credential TEXT NOT NULL UNIQUE,
    public_key TEXT NOT NULL,
    uses INTEGER NOT NULL,
    name TEXT NOT NULL,
    added_at TEXT NOT NULL,
    used_at TEXT
) STRICT;
CREATE INDEX passkeys_by_owner ON passkeys (practitioner_id);

CREATE TABLE challenges (
    token_hash TEXT PRIMARY KEY,
    challenge TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE emergencies (
    id TEXT PRIMARY KEY,
    practitioner_id TEXT NOT NULL REFERENCES practitioners (id),
    reason TEXT NOT NULL CHECK (length(trim(reason)) >= 10),
    begun_at TEXT NOT NULL,
    until TEXT NOT NULL,
    ended_at TEXT
) STRICT;
CREATE INDEX emergencies_by_owner ON emergencies (practitioner_id, until);

CREATE TABLE emergencies_seen (
    emergency_id TEXT NOT NULL REFERENCES emergencies (id),
    practitioner_id TEXT NOT NULL REFERENCES practitioners (id),
    at TEXT NOT NULL,
    PRIMARY KEY (emergency_id, practitioner_id)
) STRICT, WITHOUT ROWID;

DROP TABLE sign_in_attempts
"""


def m011_accounts(db: Database) -> None:
    """Keep second factors, tries by bucket, what a session knows, and access in an emergency."""
    for statement in _TABLES.split(";"):
        db.execute(statement)
    db.execute(
        "CREATE TRIGGER emergencies_no_update BEFORE UPDATE ON emergencies"
        " WHEN OLD.ended_at IS NOT NULL OR NEW.id IS NOT OLD.id OR NEW.reason IS NOT OLD.reason"
        " OR NEW.practitioner_id IS NOT OLD.practitioner_id OR NEW.until IS NOT OLD.until"
        " OR NEW.begun_at IS NOT OLD.begun_at"
        " BEGIN SELECT RAISE(ABORT, 'emergencies are kept as they were written'); END"
    )
    for table in ("emergencies", "emergencies_seen"):
        db.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{table} are kept as they were written'); END"
        )
    db.execute(
        "CREATE TRIGGER emergencies_seen_no_update BEFORE UPDATE ON emergencies_seen"
        " BEGIN SELECT RAISE(ABORT, 'emergencies_seen are kept as they were written'); END"
    )
    # A session of before has neither: it cannot be named on a page, and nothing in it is fresh.
    for column in ("id TEXT NOT NULL DEFAULT ''", "browser TEXT NOT NULL DEFAULT ''"):
        db.execute(f"ALTER TABLE sessions ADD COLUMN {column}")
    db.execute("ALTER TABLE sessions ADD COLUMN confirmed_at TEXT")
    db.execute("UPDATE sessions SET id = lower(hex(randomblob(16)))")


_LAST_DAYS = """
ALTER TABLE practitioners ADD COLUMN one_time_until TEXT;
UPDATE practitioners
SET one_time_until = strftime('%Y-%m-%dT%H:%M:%S.000000Z', 'now', '+72 hours')
WHERE must_change_password = 1;
ALTER TABLE visits ADD COLUMN called TEXT NOT NULL DEFAULT ''
"""


def m014_last_days(db: Database) -> None:
    """Keep how long a one-time password lets in, and what a patient typed as their name.

    Passwords that were given out before have the same time from now on.
    """
    for statement in _LAST_DAYS.split(";"):
        db.execute(statement)
