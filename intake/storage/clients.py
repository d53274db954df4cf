"""Other systems: which are let in, by the hash of their token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from intake.core.clients import ApiClient, ClientRole
from intake.storage.encoding import from_json, instant, moment, moment_or_none, to_json
from intake.storage.people import hashed

if TYPE_CHECKING:
    from datetime import datetime

    from intake.storage.contract import Database
    from intake.storage.store import Store


def add_client(
    db: Database, client: ApiClient, by: str, *, token: str | None = None, keys: str = ""
) -> None:
    """Store another system, with the hash of its token or the public keys it signs with."""
    db.table("api_clients").insert(
        {
            "id": client.id,
            "name": client.name,
            "role": client.role.value,
            "sites": None if client.sites is None else to_json(sorted(client.sites)),
            "token_hash": hashed(token) if token else None,
            "issuer": client.issuer,
            "keys": keys,
            "added_at": instant(client.added_at),
            "added_by": by,
            "until": instant(client.until),
        }
    )


def clients(store: Store) -> list[ApiClient]:
    """Return every one there ever was, newest first."""
    rows = store.rows("SELECT * FROM api_clients ORDER BY added_at DESC, id")
    return [_client(row) for row in rows]


def client(store: Store, client_id: str) -> ApiClient | None:
    """Return one by its id."""
    row = store.row("SELECT * FROM api_clients WHERE id = ?", [client_id])
    return _client(row) if row else None


def with_token(store: Store, token: str) -> ApiClient | None:
    """Return the one that a token was given to, whether it still opens anything or not."""
    row = store.row("SELECT * FROM api_clients WHERE token_hash = ?", [hashed(token)])
    return _client(row) if row else None


def with_issuer(store: Store, issuer: str) -> tuple[ApiClient, str] | None:
    """Return the one that calls itself so and was not shut out, and its public keys."""
    row = store.row(
        "SELECT * FROM api_clients WHERE issuer = ? AND issuer <> '' AND revoked_at IS NULL",
        [issuer],
    )
    return (_client(row), row["keys"]) if row else None


def spend(db: Database, request_id: str, now: datetime, until: datetime) -> bool:
    """Note that a signed request is answered; False when one of that id was before."""
    db.execute("DELETE FROM signed_requests WHERE until < ?", [instant(now)])
    cursor = db.execute(
        "INSERT INTO signed_requests VALUES (?, ?) ON CONFLICT DO NOTHING",
        [hashed(request_id), instant(until)],
    )
    return cursor.rowcount == 1


def put_token(db: Database, client_id: str, token: str, until: datetime) -> None:
    """Give one another token, until another instant."""
    db.execute(
        "UPDATE api_clients SET token_hash = ?, until = ? WHERE id = ?",
        [hashed(token), instant(until), client_id],
    )


def revoke_client(db: Database, client_id: str, by: str, now: datetime) -> bool:
    """Shut one out for good; False when there is none such that is let in."""
    cursor = db.execute(
        "UPDATE api_clients SET revoked_at = ?, revoked_by = ? WHERE id = ? AND revoked_at IS NULL",
        [instant(now), by, client_id],
    )
    return cursor.rowcount == 1


def _client(row: dict[str, Any]) -> ApiClient:
    return ApiClient(
        id=row["id"],
        name=row["name"],
        role=ClientRole(row["role"]),
        sites=None if row["sites"] is None else frozenset(from_json(row["sites"])),
        added_at=moment(row["added_at"]),
        until=moment(row["until"]),
        revoked_at=moment_or_none(row["revoked_at"]),
        issuer=row["issuer"],
    )
