"""The tables of other systems: which are let in, and where events are sent to.

They are changed by migrations that are appended, never edited.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.storage.trail import triggers_of

if TYPE_CHECKING:
    from intake.storage.driver import Database

_TABLES = """
CREATE TABLE api_clients (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('reader', 'scheduler')),
    sites TEXT,
    token_hash TEXT NOT NULL UNIQUE,
    added_at TEXT NOT NULL,
    added_by TEXT NOT NULL,
    until TEXT NOT NULL,
    revoked_at TEXT,
    revoked_by TEXT,
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
) STRICT;

CREATE TABLE subscriptions (
    id TEXT PRIMARY KEY,
    client_id TEXT NOT NULL REFERENCES api_clients (id),
    url TEXT NOT NULL,
    kinds TEXT NOT NULL,
    secret TEXT NOT NULL,
    begun_at TEXT NOT NULL,
    ended_at TEXT,
    ended_by TEXT,
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
) STRICT;
CREATE INDEX subscriptions_by_client ON subscriptions (client_id);

CREATE TABLE subscriptions_reached (
    subscription_id TEXT PRIMARY KEY REFERENCES subscriptions (id),
    line INTEGER NOT NULL
) STRICT;

CREATE TABLE deliveries (
    id TEXT PRIMARY KEY,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    line INTEGER NOT NULL,
    made_at TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    next_at TEXT,
    arrived_at TEXT,
    UNIQUE (subscription_id, line),
    CHECK (next_at IS NULL OR arrived_at IS NULL)
) STRICT;
CREATE INDEX deliveries_due ON deliveries (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX deliveries_over ON deliveries (made_at) WHERE next_at IS NULL;

CREATE TABLE delivery_tries (
    delivery_id TEXT NOT NULL REFERENCES deliveries (id),
    number INTEGER NOT NULL,
    at TEXT NOT NULL,
    status INTEGER,
    fault TEXT NOT NULL,
    PRIMARY KEY (delivery_id, number)
) STRICT, WITHOUT ROWID
"""


def m015_clients(db: Database) -> None:
    """Keep which other systems are let in, and what was sent to them."""
    for statement in _TABLES.split(";"):
        db.execute(statement)
    for table in ("api_clients", "subscriptions"):
        for statement in triggers_of(table):
            db.execute(statement)
