"""What the database keeps for the audit trail's chain: laid once, by a migration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.storage.trail import triggers_of

if TYPE_CHECKING:
    from intake.storage.contract import Database

_TABLES = """
ALTER TABLE audit_events ADD COLUMN records TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_events ADD COLUMN mac TEXT NOT NULL DEFAULT '';
DROP TRIGGER audit_events_no_update;

CREATE TABLE audit_records (
    record TEXT NOT NULL,
    sequence INTEGER NOT NULL REFERENCES audit_events (sequence),
    digest TEXT NOT NULL,
    PRIMARY KEY (record, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_records_by_line ON audit_records (sequence, record);

CREATE TABLE audit_touched (
    kind TEXT NOT NULL,
    id ANY NOT NULL,
    part TEXT NOT NULL,
    line INTEGER NOT NULL
) STRICT
"""

_WRITTEN = ("sequence", "at", "actor", "action", "subject", "detail")

_NOTED = (
    "practitioners",
    "tablets",
    "packs",
    "activations",
    "patients",
    "responses",
    "answers",
    "screenings",
    "reviews",
    "addenda",
    "confirmations",
    "treatment_sessions",
    "reactions",
    "sites",
    "retention_periods",
    "holds",
    "erasures",
    "erased",
    "second_factors",
    "passkeys",
    "emergencies",
)
"""The tables of that day; a later one is noted by the migration that makes it."""


def lay_chain(db: Database) -> None:
    """Make room for macs and digests, and let every table note what is written to it.

    A line may be sealed once; nothing else of it may change.
    """
    for statement in _TABLES.split(";"):
        db.execute(statement)
    same = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in _WRITTEN)
    db.execute(
        "CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events"
        f" WHEN NOT (OLD.mac = '' AND {same})"
        " BEGIN SELECT RAISE(ABORT, 'audit_events are kept as they were written'); END"
    )
    for verb in ("UPDATE", "DELETE"):
        db.execute(
            f"CREATE TRIGGER audit_records_no_{verb.lower()} BEFORE {verb} ON audit_records"
            " BEGIN SELECT RAISE(ABORT, 'audit_records are kept as they were written'); END"
        )
    for table in _NOTED:
        note_writes(db, table)


def note_writes(db: Database, table: str) -> None:
    """Let a guarded table note which of its rows were written."""
    for statement in triggers_of(table):
        db.execute(statement)
