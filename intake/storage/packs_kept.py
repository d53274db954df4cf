"""Each rule pack in use, kept once, whole, under its content hash; and which one is in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.storage.encoding import from_json, instant, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlite_utils import Database

    from intake.storage.database import Store


def keep_pack(
    db: Database, *, hash_: str, name: str, version: str, files: Mapping[str, str], now: datetime
) -> None:
    """Store a pack unless it is there already."""
    db.execute(
        "INSERT INTO packs (hash, name, version, files, kept_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (hash) DO NOTHING",
        [hash_, name, version, to_json(files), instant(now)],
    )


def put_in_force(db: Database, hash_: str, *, by: str, now: datetime) -> None:
    """Make a kept pack the one new intakes use."""
    db.table("activations").insert({"pack_hash": hash_, "at": instant(now), "by": by}, pk="id")


def in_force(store: Store) -> str | None:
    """Return the hash of the pack in force."""
    row = store.row("SELECT pack_hash FROM activations ORDER BY id DESC LIMIT 1")
    return row["pack_hash"] if row else None


def files_of(store: Store, hash_: str) -> dict[str, str] | None:
    """Return the files of a kept pack."""
    row = store.row("SELECT files FROM packs WHERE hash = ?", [hash_])
    return dict(from_json(row["files"])) if row else None
