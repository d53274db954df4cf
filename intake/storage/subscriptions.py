"""Subscriptions of other systems to events, and what was sent to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from intake.core.clients import EventKind
from intake.storage.encoding import from_json, instant, moment, moment_or_none, to_json
from intake.storage.sealing import SealedColumn

if TYPE_CHECKING:
    from datetime import datetime

    from intake.storage.contract import Database
    from intake.storage.store import Store

SECRET = SealedColumn("subscriptions", "secret")


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where one system is told of which events.

    Attributes:
        kinds: Empty for every kind.
    """

    id: str
    client_id: str
    url: str
    kinds: frozenset[EventKind]
    begun_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one subscription.

    Attributes:
        line: Of the audit trail, which the event is.
        tries: How often it was sent.
        next_at: When it is sent next; None when it arrived, or is not sent any more.
        status: What the last try was answered with; None for no answer.
        fault: Why the last try failed; blank when it did not.
    """

    id: str
    subscription_id: str
    line: int
    made_at: datetime
    tries: int
    next_at: datetime | None
    arrived_at: datetime | None
    tried_at: datetime | None = None
    status: int | None = None
    fault: str = ""


def add_subscription(db: Database, one: Subscription, sealed: str, line: int) -> None:
    """Store a subscription to what happens behind a line of the trail."""
    db.table("subscriptions").insert(
        {
            "id": one.id,
            "client_id": one.client_id,
            "url": one.url,
            "kinds": to_json(sorted(one.kinds)),
            "secret": sealed,
            "begun_at": instant(one.begun_at),
        }
    )
    db.table("subscriptions_reached").insert({"subscription_id": one.id, "line": line})


def subscriptions(store: Store, client_id: str | None = None) -> list[Subscription]:
    """Return every subscription, or those of one system, newest first."""
    rows = store.rows(
        "SELECT * FROM subscriptions WHERE :client IS NULL OR client_id = :client"
        " ORDER BY begun_at DESC, id",
        {"client": client_id},
    )
    return [_subscription(row) for row in rows]


def subscription(store: Store, subscription_id: str) -> Subscription | None:
    """Return one by its id."""
    row = store.row("SELECT * FROM subscriptions WHERE id = ?", [subscription_id])
    return _subscription(row) if row else None


def secret_of(store: Store, key: bytes, subscription_id: str) -> str:
    """Return what the events of a subscription are signed with."""
    row = store.row("SELECT secret FROM subscriptions WHERE id = ?", [subscription_id])
    return SECRET.open(key, subscription_id, row["secret"]) if row else ""


def end_subscription(db: Database, subscription_id: str, by: str, now: datetime) -> bool:
    """Send nothing to it any more; False when it was ended before."""
    cursor = db.execute(
        "UPDATE subscriptions SET ended_at = ?, ended_by = ? WHERE id = ? AND ended_at IS NULL",
        [instant(now), by, subscription_id],
    )
    db.execute("UPDATE deliveries SET next_at = NULL WHERE subscription_id = ?", [subscription_id])
    return cursor.rowcount == 1


def line_reached(store: Store, subscription_id: str) -> int:
    """Return up to which line of the trail events were made ready for a subscription."""
    row = store.row(
        "SELECT line FROM subscriptions_reached WHERE subscription_id = ?", [subscription_id]
    )
    return row["line"] if row else 0


def make_ready(
    db: Database, subscription_id: str, deliveries: list[tuple[str, int]], line: int, now: datetime
) -> None:
    """Put events on their way, by an id of their own and their line, and note the line reached."""
    for delivery_id, of_event in deliveries:
        db.execute(
            "INSERT INTO deliveries (id, subscription_id, line, made_at, next_at)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [delivery_id, subscription_id, of_event, instant(now), instant(now)],
        )
    db.execute(
        "UPDATE subscriptions_reached SET line = ? WHERE subscription_id = ?",
        [line, subscription_id],
    )


def is_there_work(store: Store, now: datetime, day: datetime) -> bool:
    """Tell whether anything is to be sent now, or is over and older than a day."""
    due = "SELECT 1 AS one FROM deliveries WHERE next_at <= :now"
    old = "SELECT 1 FROM deliveries WHERE next_at IS NULL AND made_at < :day"
    named = {"now": instant(now), "day": instant(day)}
    return store.row(f"{due} UNION ALL {old} LIMIT 1", named) is not None


def take_due(db: Database, now: datetime, until: datetime, limit: int) -> list[Delivery]:
    """Return what is to be sent now; nobody else takes it before *until*."""
    rows = list(
        db.query(
            "UPDATE deliveries SET next_at = :until, tries = tries + 1 WHERE id IN (SELECT id"
            " FROM deliveries WHERE next_at <= :now ORDER BY next_at, line LIMIT :limit)"
            " RETURNING *",
            {"now": instant(now), "until": instant(until), "limit": limit},
        )
    )
    return sorted((_delivery(row) for row in rows), key=lambda one: one.line)


def note_try(
    db: Database,
    one: Delivery,
    *,
    at: datetime,
    status: int | None,
    fault: str,
    next_at: datetime | None,
) -> None:
    """Write down how sending went; without a fault it arrived."""
    db.execute(
        "INSERT INTO delivery_tries VALUES (?, ?, ?, ?, ?) ON CONFLICT (delivery_id, number)"
        " DO UPDATE SET at = excluded.at, status = excluded.status, fault = excluded.fault",
        [one.id, one.tries, instant(at), status, fault],
    )
    db.execute(
        "UPDATE deliveries SET next_at = ?, arrived_at = ? WHERE id = ?",
        [instant(next_at) if next_at and fault else None, None if fault else instant(at), one.id],
    )


def deliveries(
    store: Store, *, subscription_id: str | None = None, limit: int = 100
) -> list[Delivery]:
    """Return the newest deliveries, newest first, each with its last try."""
    rows = store.rows(
        "SELECT d.*, t.at AS tried_at, t.status, t.fault FROM deliveries d"
        " LEFT JOIN delivery_tries t ON t.delivery_id = d.id AND t.number ="
        " (SELECT max(number) FROM delivery_tries WHERE delivery_id = d.id)"
        " WHERE :of IS NULL OR d.subscription_id = :of"
        " ORDER BY d.made_at DESC, d.line DESC LIMIT :limit",
        {"of": subscription_id, "limit": limit},
    )
    return [_delivery(row) for row in rows]


def send_again(db: Database, delivery_id: str, now: datetime) -> bool:
    """Put what did not arrive on its way once more; False when there is no such delivery."""
    cursor = db.execute(
        "UPDATE deliveries SET next_at = :now WHERE id = :id AND arrived_at IS NULL AND"
        " subscription_id IN (SELECT id FROM subscriptions WHERE ended_at IS NULL)",
        {"now": instant(now), "id": delivery_id},
    )
    return cursor.rowcount == 1


def forget_before(db: Database, day: datetime) -> None:
    """Forget deliveries that are over and older than a day: the trail has what they told of."""
    old = "SELECT id FROM deliveries WHERE next_at IS NULL AND made_at < ?"
    db.execute(f"DELETE FROM delivery_tries WHERE delivery_id IN ({old})", [instant(day)])  # noqa: S608
    db.execute("DELETE FROM deliveries WHERE next_at IS NULL AND made_at < ?", [instant(day)])


def _subscription(row: dict[str, Any]) -> Subscription:
    return Subscription(
        id=row["id"],
        client_id=row["client_id"],
        url=row["url"],
        kinds=frozenset(EventKind(kind) for kind in from_json(row["kinds"])),
        begun_at=moment(row["begun_at"]),
        ended_at=moment_or_none(row["ended_at"]),
    )


def _delivery(row: dict[str, Any]) -> Delivery:
    return Delivery(
        id=row["id"],
        subscription_id=row["subscription_id"],
        line=row["line"],
        made_at=moment(row["made_at"]),
        tries=row["tries"],
        next_at=moment_or_none(row["next_at"]),
        arrived_at=moment_or_none(row["arrived_at"]),
        tried_at=moment_or_none(row.get("tried_at")),
        status=row.get("status"),
        fault=row.get("fault") or "",
    )
