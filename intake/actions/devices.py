"""Whether a device may be given to the next patient: checked after each, or cleaned by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.actions.permission import require_clinician
from intake.core.blank import worded
from intake.core.errors import AnswerError, NotAllowedError, NotFoundError, StateError
from intake.core.review import may_administer, may_treat_patients
from intake.storage import audit, devices, tablets
from intake.storage.devices import DeviceState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from intake.core.records import Practitioner
    from intake.storage import Store
    from intake.storage.contract import Database
    from intake.storage.devices import Device

TABLET = "tablet"

UNREAD = "unread"
"""A browser that keeps a check from looking counts as one on which something was left."""

MAY_BE_FOUND = frozenset(
    {
        "caches",
        "cookies",
        "databases",
        "fields",
        "files",
        "history",
        "local",
        "session",
        "window",
        "windows",
        "workers",
        UNREAD,
    }
)
"""Where a check looks, as the script calls it."""

LONGEST_REASON = 500


class NotCleanError(StateError):
    """A device may not be given to a patient: its last check failed, or there was none."""

    def __init__(self) -> None:
        super().__init__(
            "This device was not found clean after its last patient. Clean it, and note that you"
            " did, before you hand it over."
        )


def device_in(store: Store, *, tablet_token: str, device_token: str) -> Device | None:
    """Return the device that a browser is, by its secrets; a tablet of the clinic first."""
    tablet = tablets.tablet_of(store, tablet_token) if tablet_token else None
    if tablet is not None:
        return devices.device_of_tablet(store, tablet.id)
    return devices.device_of_token(store, device_token) if device_token else None


def desk_device(store: Store, token: str) -> Device | None:
    """Return the browser of the desk that holds a secret."""
    return devices.device_of_token(store, token)


def add_desk_device(store: Store, *, by: Practitioner, now: datetime) -> tuple[Device, str]:
    """Make a browser of the desk known, so that it can be checked after a patient had it.

    Returns:
        The device, and the secret for its cookie.
    """
    require_clinician(by)
    token, device_id = store.new_token(), store.new_id()
    with store.write() as db:
        devices.add_desk_device(db, device_id, token, by.id, now)
    return require_device(store, device_id), token


def require_device(store: Store, device_id: str) -> Device:
    """Return a device.

    Raises:
        NotFoundError: there is none like it.
    """
    found = devices.device(store, device_id)
    if found is None:
        msg = "There is no such device."
        raise NotFoundError(msg)
    return found


def give(
    store: Store,
    db: Database,
    device_id: str,
    response_id: str,
    visit_token: str,
    now: datetime,
) -> None:
    """Note, in the write that opens a visit, that a patient has a device from now on.

    Raises:
        NotCleanError: it was not found clean after its last patient.
    """
    if not require_device(store, device_id).may_be_given_for(response_id):
        raise NotCleanError
    devices.put_given(db, device_id, visit_token, now)


def give_tablet(
    store: Store,
    db: Database,
    tablet_id: str,
    response_id: str,
    visit_token: str,
    now: datetime,
) -> None:
    """Note that a patient has begun on a tablet of the clinic.

    Raises:
        NotCleanError: it was not found clean after its last patient.
    """
    devices.add_tablet_device(db, store.new_id(), tablet_id, now)
    found = devices.device_of_tablet(store, tablet_id)
    if found is not None:
        give(store, db, found.id, response_id, visit_token, now)


def report(store: Store, *, device_id: str, found: Iterable[str], now: datetime) -> Device:
    """Store what a device found when it checked itself after a visit; nothing means clean.

    What was found once stands until somebody notes that the device was cleaned, even when a later
    check finds nothing: that the next page is clean says nothing about how it came there.

    Raises:
        AnswerError: it names a place where no check looks.
        StateError: a patient still has it, so there is nothing to check yet.
    """
    codes = sorted(set(found))
    if not MAY_BE_FOUND.issuperset(codes):
        msg = "This check cannot be read. Load the page again."
        raise AnswerError(msg)
    with store.write() as db:
        before = require_device(store, device_id)
        if before.is_in_hand:
            msg = "A form is open on this device. It is checked once that is over."
            raise StateError(msg)
        if not codes and before.state is DeviceState.LEFT:
            return before
        state = DeviceState.LEFT if codes else DeviceState.CLEAN
        if before.state is DeviceState.LEFT:
            codes = sorted({*codes, *before.found})
        devices.put_check(db, device_id, state, codes, now)
        if before.state is not state:
            audit.append(
                db,
                at=now,
                actor=TABLET,
                action="device checked",
                subject=device_id,
                found=", ".join(codes) or None,
            )
        return require_device(store, device_id)


def note_cleaned(
    store: Store, *, device_id: str, how: str, by: Practitioner, now: datetime
) -> None:
    """Note that somebody cleaned a device by hand; the next patient may then have it.

    Raises:
        AnswerError: they do not say what they did.
        NotFoundError: there is no such device.
        StateError: it is in a patient's hands, or needs no cleaning.
    """
    require_staff(by)
    words = worded(how)[:LONGEST_REASON]
    if not words:
        msg = "Write what you did to clean it."
        raise AnswerError(msg)
    with store.write() as db:
        device = require_device(store, device_id)
        if device.is_in_hand:
            # What is left by then would be looked for by nobody.
            msg = (
                "A form is open on this device. Note that it was cleaned once that is over: sent,"
                " handed over again or withdrawn."
            )
            raise StateError(msg)
        if device.may_be_given:
            msg = "This device needs no cleaning: the next patient may have it."
            raise StateError(msg)
        devices.put_cleaned(db, device_id, by.id, now)
        audit.append(
            db, at=now, actor=by.id, action="device cleaned", subject=device_id, reason=words
        )


def require_staff(who: Practitioner) -> None:
    """Let clinicians and administrators pass.

    Raises:
        NotAllowedError: somebody else.
    """
    if not (may_treat_patients(who) or may_administer(who)):
        msg = "Only clinicians and administrators may do this."
        raise NotAllowedError(msg)


def list_devices(store: Store, *, by: Practitioner) -> list[Device]:
    """Return every device that was given to a patient, those that need somebody first."""
    require_staff(by)
    used = [one for one in devices.devices(store) if one.given_at and not one.is_revoked]
    return sorted(used, key=_care)


def _care(one: Device) -> int:
    """Order devices by how much they need somebody."""
    if one.state is DeviceState.LEFT:
        return 0
    return 1 if one.state is DeviceState.GIVEN and not one.is_in_hand else 2


def needing_cleaning(store: Store, *, by: Practitioner) -> int:
    """Count the devices on which something was left."""
    return sum(one.state is DeviceState.LEFT for one in list_devices(store, by=by))
