"""Devices that are given to patients, and what the last look at each of them found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from intake.storage.encoding import from_json, instant, moment, moment_or_none, to_json
from intake.storage.people import hashed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from intake.storage.contract import Database
    from intake.storage.store import Store


class DeviceState(StrEnum):
    """What is known of a device between two patients."""

    UNUSED = "unused"
    GIVEN = "given"
    """A patient had it, or has it, and it was not checked since."""
    CLEAN = "clean"
    LEFT = "left"
    """A check found something, and nobody has noted since that it was cleaned."""
    CLEANED = "cleaned"


@dataclass(frozen=True, slots=True)
class Device:
    """A tablet of the clinic, or a browser that was handed over at the desk.

    Attributes:
        name: That of the tablet; blank for a browser of the desk.
        added_by: The practitioner who first handed it over, or the tablet.
        found: Codes of what the last check found.
        response_id: The form it was last given for.
        is_in_hand: The visit it was last given for has not ended.
        is_revoked: It is a tablet that was shut out.
    """

    id: str
    tablet_id: str | None
    name: str
    state: DeviceState
    added_at: datetime
    added_by: str
    given_at: datetime | None
    checked_at: datetime | None
    found: tuple[str, ...]
    cleaned_at: datetime | None
    cleaned_by_name: str
    response_id: str | None
    is_in_hand: bool
    is_revoked: bool

    @property
    def may_be_given(self) -> bool:
        """Whether the next patient may have it."""
        return self.state not in (DeviceState.GIVEN, DeviceState.LEFT)

    def may_be_given_for(self, response_id: str) -> bool:
        """Whether it may be given to go on with a form: who had it last may have it again."""
        is_same = self.state is DeviceState.GIVEN and self.response_id == response_id
        return self.may_be_given or is_same


_DEVICES = """
SELECT d.*, coalesce(t.name, '') AS name, t.revoked_at, coalesce(w.name, '') AS cleaned_by_name,
    v.response_id, coalesce(v.opened_at IS NOT NULL AND v.ended_at IS NULL, FALSE) AS is_in_hand
FROM devices d
LEFT JOIN visits v ON v.token_hash = d.visit_hash
LEFT JOIN tablets t ON t.id = d.tablet_id
LEFT JOIN practitioners w ON w.id = d.cleaned_by
"""


def device(store: Store, device_id: str) -> Device | None:
    """Return a device."""
    return _one(store, "d.id = ?", device_id)


def device_of_token(store: Store, token: str) -> Device | None:
    """Return the browser of the desk that holds a token."""
    return _one(store, "d.token_hash = ?", hashed(token))


def device_of_tablet(store: Store, tablet_id: str) -> Device | None:
    """Return the device that a tablet of the clinic is; None before its first patient."""
    return _one(store, "d.tablet_id = ?", tablet_id)


def devices(store: Store) -> list[Device]:
    """Return every device, the one used last first."""
    return [_device(row) for row in store.rows(f"{_DEVICES} ORDER BY d.given_at DESC, d.id")]


def add_tablet_device(db: Database, device_id: str, tablet_id: str, now: datetime) -> None:
    """Store that a tablet of the clinic is given to patients."""
    db.execute(
        "INSERT INTO devices (id, tablet_id, added_at, added_by) VALUES (?, ?, ?, 'tablet')"
        " ON CONFLICT (tablet_id) DO NOTHING",
        [device_id, tablet_id, instant(now)],
    )


def add_desk_device(db: Database, device_id: str, token: str, by: str, now: datetime) -> None:
    """Store a browser that is handed over at the desk for the first time."""
    db.execute(
        "INSERT INTO devices (id, token_hash, added_at, added_by) VALUES (?, ?, ?, ?)",
        [device_id, hashed(token), instant(now), by],
    )


def put_given(db: Database, device_id: str, visit_token: str, now: datetime) -> None:
    """Store that a patient has a device, which is to be checked afterwards."""
    db.execute(
        "UPDATE devices SET state = 'given', visit_hash = ?, given_at = ? WHERE id = ?",
        [hashed(visit_token), instant(now), device_id],
    )


def put_check(
    db: Database, device_id: str, state: DeviceState, found: Sequence[str], now: datetime
) -> None:
    """Store what a check found, and what follows from it."""
    db.execute(
        "UPDATE devices SET state = ?, found = ?, checked_at = ? WHERE id = ?",
        [state.value, to_json(list(found)), instant(now), device_id],
    )


def put_cleaned(db: Database, device_id: str, by: str, now: datetime) -> None:
    """Store that somebody cleaned a device."""
    db.execute(
        "UPDATE devices SET state = 'cleaned', cleaned_at = ?, cleaned_by = ? WHERE id = ?",
        [instant(now), by, device_id],
    )


def _one(store: Store, condition: str, value: str) -> Device | None:
    row = store.row(f"{_DEVICES} WHERE {condition}", [value])
    return _device(row) if row else None


def _device(row: dict[str, Any]) -> Device:
    return Device(
        id=row["id"],
        tablet_id=row["tablet_id"],
        name=row["name"],
        state=DeviceState(row["state"]),
        added_at=moment(row["added_at"]),
        added_by=row["added_by"],
        given_at=moment_or_none(row["given_at"]),
        checked_at=moment_or_none(row["checked_at"]),
        found=tuple(from_json(row["found"])),
        cleaned_at=moment_or_none(row["cleaned_at"]),
        cleaned_by_name=row["cleaned_by_name"],
        response_id=row["response_id"],
        is_in_hand=bool(row["is_in_hand"]),
        is_revoked=row["revoked_at"] is not None,
    )
