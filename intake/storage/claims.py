"""Who has taken which case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.core.decisions import Owner
from intake.storage.encoding import instant, moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from intake.storage.contract import Database
    from intake.storage.store import Store


def put_claim(db: Database, response_id: str, by: str, now: datetime) -> None:
    """Note who has taken a case; whoever had it before has it no more."""
    db.execute(
        "INSERT INTO claims (response_id, by, at) VALUES (?, ?, ?)"
        " ON CONFLICT (response_id) DO UPDATE SET by = excluded.by, at = excluded.at",
        [response_id, by, instant(now)],
    )


def end_claim(db: Database, response_id: str) -> None:
    """Note that nobody has a case."""
    db.execute("DELETE FROM claims WHERE response_id = ?", [response_id])


def owner(store: Store, response_id: str) -> Owner | None:
    """Return who has taken a case."""
    return owners(store, [response_id]).get(response_id)


def owners(store: Store, response_ids: Sequence[str]) -> dict[str, Owner]:
    """Return who has taken each of some cases."""
    marks = ", ".join("?" for _ in response_ids)
    rows = store.rows(
        "SELECT c.response_id, c.by, c.at, w.name FROM claims c"  # noqa: S608
        f" JOIN practitioners w ON w.id = c.by WHERE c.response_id IN ({marks})",
        list(response_ids),
    )
    return {row["response_id"]: Owner(row["by"], row["name"], moment(row["at"])) for row in rows}
