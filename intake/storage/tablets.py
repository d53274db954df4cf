"""Tablets: the devices of the clinic that may show the patients' side only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from intake.core.records import FIRST_SITE
from intake.storage.encoding import instant, moment, moment_or_none
from intake.storage.people import hashed

if TYPE_CHECKING:
    from datetime import datetime

    from intake.storage.contract import Database
    from intake.storage.store import Store


@dataclass(frozen=True, slots=True)
class Tablet:
    """A device that may show the patient's side only."""

    id: str
    name: str
    added_at: datetime
    enrolled_at: datetime | None
    revoked_at: datetime | None
    code_until: datetime | None = None
    site: str = FIRST_SITE

    def is_awaited(self, now: datetime) -> bool:
        """Tell whether its link still works."""
        is_new = self.enrolled_at is None and self.revoked_at is None
        return is_new and self.code_until is not None and now < self.code_until


def add_tablet(
    db: Database,
    *,
    tablet_id: str,
    name: str,
    site: str,
    code: str,
    until: datetime,
    by: str,
    now: datetime,
) -> None:
    """Store a tablet that is still to be enrolled with a one-time code."""
    db.table("tablets").insert(
        {
            "id": tablet_id,
            "name": name,
            "site": site,
            "code_hash": hashed(code),
            "code_until": instant(until),
            "added_at": instant(now),
            "added_by": by,
        }
    )


def enrol_tablet(db: Database, code: str, token: str, now: datetime) -> str | None:
    """Spend a one-time code; returns the tablet's id, or None when it is spent, old or unknown."""
    rows = list(
        db.query(
            "UPDATE tablets SET code_hash = NULL, token_hash = ?, enrolled_at = ?"
            " WHERE code_hash = ? AND code_until > ? AND revoked_at IS NULL RETURNING id",
            [hashed(token), instant(now), hashed(code), instant(now)],
        )
    )
    return rows[0]["id"] if rows else None


def tablet_of(store: Store, token: str) -> Tablet | None:
    """Return the enrolled tablet of a token unless it was revoked."""
    row = store.row(
        "SELECT * FROM tablets WHERE token_hash = ? AND revoked_at IS NULL", [hashed(token)]
    )
    return _tablet(row) if row else None


def tablets(store: Store) -> list[Tablet]:
    """Return every tablet, newest first."""
    return [_tablet(row) for row in store.rows("SELECT * FROM tablets ORDER BY added_at DESC")]


def revoke_tablet(db: Database, tablet_id: str, by: str, now: datetime) -> bool:
    """Shut a tablet out for good; False when there is no such tablet in use."""
    cursor = db.execute(
        "UPDATE tablets SET revoked_at = ?, revoked_by = ? WHERE id = ? AND revoked_at IS NULL",
        [instant(now), by, tablet_id],
    )
    return cursor.rowcount == 1


def _tablet(row: dict[str, Any]) -> Tablet:
    return Tablet(
        id=row["id"],
        name=row["name"],
        added_at=moment(row["added_at"]),
        enrolled_at=moment_or_none(row["enrolled_at"]),
        revoked_at=moment_or_none(row["revoked_at"]),
        code_until=moment_or_none(row["code_until"]),
        site=row["site"],
    )
