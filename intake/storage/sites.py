"""The places where patients are treated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from intake.core.records import Site
from intake.storage.encoding import instant, moment_or_none

if TYPE_CHECKING:
    from datetime import datetime

    from intake.storage.contract import Database
    from intake.storage.store import Store


def sites(store: Store) -> list[Site]:
    """Return every site, the open ones first, by name."""
    rows = store.rows("SELECT * FROM sites ORDER BY closed_at IS NOT NULL, lower(name)")
    return [_site(row) for row in rows]


def site(store: Store, site_id: str) -> Site | None:
    """Return one site, open or closed."""
    row = store.row("SELECT * FROM sites WHERE id = ?", [site_id])
    return _site(row) if row else None


def site_of(store: Store, response_id: str) -> str | None:
    """Return the id of the site that a form was begun at."""
    row = store.row("SELECT site FROM responses WHERE id = ?", [response_id])
    return str(row["site"]) if row else None


def last_site(store: Store, practitioner_id: str) -> str | None:
    """Return the id of the site at which somebody last began a form."""
    row = store.row(
        "SELECT site FROM responses WHERE begun_by = ? ORDER BY begun_at DESC, rowid DESC LIMIT 1",
        [practitioner_id],
    )
    return str(row["site"]) if row else None


def add_site(db: Database, opened: Site, now: datetime) -> None:
    """Store a new site."""
    db.execute(
        "INSERT INTO sites (id, name, opened_at) VALUES (?, ?, ?)",
        [opened.id, opened.name, instant(now)],
    )


def rename_site(db: Database, site_id: str, name: str) -> None:
    """Give a site another name."""
    db.execute("UPDATE sites SET name = ? WHERE id = ?", [name, site_id])


def set_closed(db: Database, site_id: str, at: datetime | None) -> None:
    """Close a site, or open it again with None."""
    db.execute(
        "UPDATE sites SET closed_at = ? WHERE id = ?", [instant(at) if at else None, site_id]
    )


def _site(row: dict[str, Any]) -> Site:
    return Site(row["id"], row["name"], moment_or_none(row["closed_at"]))
