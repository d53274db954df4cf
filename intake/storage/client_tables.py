"""The tables of other systems: which are let in, and where events are sent to.

They are changed by migrations that are appended, never edited.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.storage.trail import triggers_of

if TYPE_CHECKING:
    from intake.storage.contract import Database

_TABLES = """
CREATE TABLE api_clients (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('reader', 'scheduler', 'decision-support')),
    sites TEXT,
    token_hash TEXT UNIQUE,
    issuer TEXT NOT NULL DEFAULT '',
    keys TEXT NOT NULL DEFAULT '',
    added_at TEXT NOT NULL,
    added_by TEXT NOT NULL,
    until TEXT NOT NULL,
    revoked_at TEXT,
    revoked_by TEXT,
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)),
    CHECK ((role = 'decision-support') = (token_hash IS NULL)),
    CHECK ((role = 'decision-support') = (issuer <> '' AND keys <> ''))
) STRICT;
CREATE UNIQUE INDEX one_client_of_an_issuer ON api_clients (issuer)
WHERE issuer <> '' AND revoked_at IS NULL;

CREATE TABLE signed_requests (
    id_hash TEXT PRIMARY KEY,
    until TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE cards (
    id TEXT PRIMARY KEY,
    client_id TEXT NOT NULL REFERENCES api_clients (id),
    response_id TEXT REFERENCES responses (id),
    rule_id TEXT NOT NULL,
    given_at TEXT NOT NULL
) STRICT;
CREATE INDEX cards_by_response ON cards (response_id);

CREATE TABLE card_answers (
    id TEXT PRIMARY KEY,
    response_id TEXT NOT NULL REFERENCES responses (id),
    client_id TEXT NOT NULL REFERENCES api_clients (id),
    rule_id TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'overridden')),
    reason TEXT NOT NULL,
    words TEXT NOT NULL,
    said_at TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX card_answers_by_response ON card_answers (response_id);

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
    for table in ("api_clients", "subscriptions", "card_answers"):
        for statement in triggers_of(table):
            db.execute(statement)
