"""The tables of what other rules make of cases: passes over them, and patients to look at again.

They are changed by migrations that are appended, never edited.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.storage.trail import triggers_of

if TYPE_CHECKING:
    from intake.storage.contract import Database

_TABLES = """
CREATE TABLE passes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('impact', 'shadow', 'recall')),
    pack_hash TEXT NOT NULL REFERENCES packs (hash),
    begun_at TEXT NOT NULL,
    begun_by TEXT NOT NULL,
    behind INTEGER NOT NULL,
    upto INTEGER,
    looked INTEGER NOT NULL DEFAULT 0,
    counts TEXT NOT NULL,
    trouble TEXT NOT NULL DEFAULT '',
    ended_at TEXT
) STRICT;
CREATE UNIQUE INDEX one_pass_of_a_kind ON passes (kind, pack_hash) WHERE ended_at IS NULL;

CREATE TABLE differences (
    pass_id INTEGER NOT NULL REFERENCES passes (id),
    response_id TEXT NOT NULL REFERENCES responses (id),
    place INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (pass_id, response_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX differences_in_order ON differences (pass_id, place, response_id);
CREATE INDEX differences_by_response ON differences (response_id);

CREATE TABLE recalls (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    response_id TEXT NOT NULL REFERENCES responses (id),
    screening_id TEXT NOT NULL REFERENCES screenings (id),
    pack_hash TEXT NOT NULL REFERENCES packs (hash),
    place INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    at TEXT NOT NULL,
    is_open INTEGER NOT NULL DEFAULT 1 CHECK (is_open IN (0, 1))
) STRICT;
CREATE INDEX recalls_by_response ON recalls (response_id);
CREATE INDEX recalls_in_order ON recalls (place, sequence) WHERE is_open = 1;
CREATE UNIQUE INDEX one_open_recall_of_a_case ON recalls (response_id) WHERE is_open = 1;

CREATE TABLE dealings (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    recall_id TEXT NOT NULL REFERENCES recalls (id),
    response_id TEXT NOT NULL REFERENCES responses (id),
    how TEXT NOT NULL CHECK (how IN ('stands', 'asked_again', 'not_treated', 'rules_gone')),
    words TEXT NOT NULL,
    by TEXT NOT NULL,
    by_name TEXT NOT NULL,
    by_role TEXT,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX dealings_by_recall ON dealings (recall_id);
CREATE INDEX dealings_by_response ON dealings (response_id)
"""

_FIXED = ("sequence", "id", "response_id", "screening_id", "pack_hash", "place", "outcome", "at")


def m016_recalls(db: Database) -> None:
    """Keep what other rules make of cases, and whom somebody has to look at again."""
    for statement in _TABLES.split(";"):
        db.execute(statement)
    same = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in _FIXED)
    db.execute(
        "CREATE TRIGGER recalls_no_update BEFORE UPDATE ON recalls"
        f" WHEN NOT ({same} AND OLD.is_open = 1 AND NEW.is_open = 0)"
        " BEGIN SELECT RAISE(ABORT, 'a recall can only be dealt with'); END"
    )
    db.execute(
        "CREATE TRIGGER dealings_no_update BEFORE UPDATE ON dealings"
        " BEGIN SELECT RAISE(ABORT, 'dealings are kept as they were written'); END"
    )
    for table in ("recalls", "dealings"):
        db.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}"  # noqa: S608
            " WHEN NOT EXISTS (SELECT 1 FROM erased WHERE record_id = OLD.response_id)"
            f" BEGIN SELECT RAISE(ABORT, '{table} are kept as they were written'); END"
        )
        for statement in triggers_of(table):
            db.execute(statement)
