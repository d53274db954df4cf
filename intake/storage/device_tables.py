"""The table of devices that are given to patients."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from intake.storage.contract import Database

_DEVICES = """
CREATE TABLE devices (
    id TEXT PRIMARY KEY,
    tablet_id TEXT UNIQUE REFERENCES tablets (id),
    token_hash TEXT UNIQUE,
    added_at TEXT NOT NULL,
    added_by TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'unused'
        CHECK (state IN ('unused', 'given', 'clean', 'left', 'cleaned')),
    visit_hash TEXT,
    given_at TEXT,
    checked_at TEXT,
    found TEXT NOT NULL DEFAULT '[]',
    cleaned_at TEXT,
    cleaned_by TEXT REFERENCES practitioners (id),
    CHECK ((tablet_id IS NULL) <> (token_hash IS NULL)),
    CHECK ((cleaned_at IS NULL) = (cleaned_by IS NULL)),
    CHECK (state <> 'left' OR found <> '[]')
) STRICT
"""


def m013_devices(db: Database) -> None:
    """Keep of each device whether anything of its last patient was left on it."""
    db.execute(_DEVICES)
