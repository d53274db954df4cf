"""Devices after a visit: what each found, and noting that one was cleaned."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import flash, g

from intake.actions import devices
from intake.web.access import Access, end_overdue, open_to
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_base import bp, by_and_now, names_of_people, page, see_other
from intake.web.desk_forms import CleanedForm
from intake.web.device_words import name_of, words_of

if TYPE_CHECKING:
    from flask import Response as Answer

    from intake.storage.devices import Device


@bp.get("/devices")
@open_to(Access.DESK)
def devices_page() -> Answer:
    """Show every device that patients were given, those that need somebody first."""
    return _devices(CleanedForm(formdata=None))


@bp.post("/devices/<device_id>/cleaned")
@open_to(Access.DESK)
def note_cleaned(device_id: str) -> Answer:
    """Note that somebody cleaned a device, with what they did."""
    devices.require_device(current_store(), device_id)
    form = CleanedForm()
    if not form.validate_on_submit():
        return _devices(form, device_id, HTTPStatus.UNPROCESSABLE_ENTITY)
    devices.note_cleaned(
        current_store(), device_id=device_id, how=form.words("how"), **by_and_now()
    )
    flash("Noted. The next patient may have this device.")
    return see_other(".devices_page")


def every_device() -> list[Device]:
    """Return every device that patients were given, without visits that lasted too long."""
    found = devices.list_devices(current_store(), by=g.practitioner)
    return devices.list_devices(current_store(), by=g.practitioner) if end_overdue(found) else found


def _devices(form: CleanedForm, at: str = "", status: HTTPStatus = HTTPStatus.OK) -> Answer:
    people = names_of_people()
    found = every_device()
    return page(
        "devices",
        status,
        form=form,
        at=at,
        rows=[(one, name_of(one, people), words_of(one)) for one in found],
        now=current_clinic().now(),
    )
