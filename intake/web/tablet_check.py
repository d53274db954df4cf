"""What a tablet says of itself between two patients: whether anything of the last is left."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import g, jsonify, request, url_for

from intake.actions import devices
from intake.web.access import Access, open_to, this_device
from intake.web.clinic import current_clinic, current_store
from intake.web.device_words import words_of
from intake.web.tablet_base import bp, page
from intake.web.tablet_install import what_is_kept

if TYPE_CHECKING:
    from flask import Response as Answer

FOUND = "found"
"""The field in which the script sends each place where it found something."""


@bp.post("/checked")
@open_to(Access.DEVICE)
def checked() -> Answer:
    """Take what this device found when it looked for what the last patient left."""
    found = devices.report(
        current_store(),
        device_id=g.device.id,
        found=request.form.getlist(FOUND),
        now=current_clinic().now(),
    )
    return jsonify(may_be_given=found.may_be_given)


def page_between(template: str, status: HTTPStatus = HTTPStatus.OK, **context: object) -> Answer:
    """Show a page between two patients, on which the device checks itself."""
    device = this_device()
    check = None
    if device is not None and not device.is_in_hand:
        check = {"kept": what_is_kept(), "to": url_for("tablet.checked")}
    care = words_of(device) if device is not None and not device.may_be_given else None
    return page(template, status, check=check, care=care, **context)
