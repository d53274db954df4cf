"""Each rule pack in use, kept once, whole, under its content hash; and which one is in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.storage.encoding import from_json, instant, moment, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from intake.storage.contract import Database
    from intake.storage.store import Store


PUT_IN_FORCE = "rules put in force"
CHECKED = "rules checked"
"""Acts of the audit trail from which the history of a pack is told."""


_CHOICES = '"clinic.yaml":'
"""What stands in the files of a pack, as they are kept, when a clinic chose something."""


@dataclass(frozen=True, slots=True)
class Activation:
    """That a pack was put in force.

    Attributes:
        by: The actor, as in the audit trail.
        reason: Why, in words; empty where none was asked for.
    """

    pack_hash: str
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class LastCheck:
    """The last check of a pack in this clinic.

    Attributes:
        problems: How many were found.
        not_run: How many checks were left out.
    """

    at: datetime
    by: str
    problems: int
    not_run: int


@dataclass(frozen=True, slots=True)
class KeptPack:
    """A pack that was kept, without its files.

    Attributes:
        has_choices: The clinic chose something of its own in it.
    """

    hash: str
    name: str
    version: str
    kept_at: datetime
    has_choices: bool


def kept_packs(store: Store) -> list[KeptPack]:
    """Return every pack, the one kept last first."""
    rows = store.rows(
        "SELECT hash, name, version, kept_at, instr(files, ?) > 0 AS has_choices FROM packs"
        " ORDER BY kept_at DESC, rowid DESC",
        [_CHOICES],
    )
    return [
        KeptPack(
            row["hash"],
            row["name"],
            row["version"],
            moment(row["kept_at"]),
            bool(row["has_choices"]),
        )
        for row in rows
    ]


def activations(store: Store) -> list[Activation]:
    """Return every time a pack was put in force, the last first.

    The reason stands in the event of the audit trail that was written with it.
    """
    rows = store.rows(
        "SELECT a.pack_hash, a.at, a.by, max(e.detail) AS detail FROM activations a"
        " LEFT JOIN audit_events e ON e.subject = a.pack_hash AND e.action = ? AND e.at = a.at"
        " GROUP BY a.id ORDER BY a.id DESC",
        [PUT_IN_FORCE],
    )
    return [
        Activation(
            row["pack_hash"],
            moment(row["at"]),
            row["by"],
            str(from_json(row["detail"] or "{}").get("reason") or ""),
        )
        for row in rows
    ]


def last_check(store: Store, hash_: str) -> LastCheck | None:
    """Return the last check of a pack; None when it was never checked here."""
    row = store.row(
        "SELECT at, actor, detail FROM audit_events WHERE subject = ? AND action = ?"
        " ORDER BY sequence DESC LIMIT 1",
        [hash_, CHECKED],
    )
    if row is None:
        return None
    detail = from_json(row["detail"])
    return LastCheck(moment(row["at"]), row["actor"], detail["problems"], detail["not_run"])


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
    db.table("activations").insert({"pack_hash": hash_, "at": instant(now), "by": by})


def in_force(store: Store) -> str | None:
    """Return the hash of the pack in force."""
    row = store.row("SELECT pack_hash FROM activations ORDER BY id DESC LIMIT 1")
    return row["pack_hash"] if row else None


def version_of(store: Store, hash_: str) -> str:
    """Return the version of a kept pack; blank where there is none."""
    row = store.row("SELECT version FROM packs WHERE hash = ?", [hash_])
    return row["version"] if row else ""


def files_of(store: Store, hash_: str) -> dict[str, str] | None:
    """Return the files of a kept pack."""
    row = store.row("SELECT files FROM packs WHERE hash = ?", [hash_])
    return dict(from_json(row["files"])) if row else None
