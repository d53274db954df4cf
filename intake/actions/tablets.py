"""Enrolling tablets by a one-time link, and shutting them out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from intake.actions.permission import require_operator
from intake.core.blank import worded
from intake.core.errors import AnswerError, NotFoundError
from intake.core.records import FIRST_SITE
from intake.storage import audit, devices, sites
from intake.storage import tablets as stored

if TYPE_CHECKING:
    from datetime import datetime

    from intake.actions.permission import Operator
    from intake.storage import Store
    from intake.storage.tablets import Tablet

LINK_LASTS = timedelta(hours=1)


def enrolment_link(
    store: Store, *, name: str, by: Operator, now: datetime, site: str = FIRST_SITE
) -> str:
    """Add a tablet and return the code of its link, which works once and for an hour.

    What patients begin on it belongs to the *site* where it stands.

    Raises:
        AnswerError: the tablet has no name, or stands at no open site.
    """
    actor = require_operator(by)
    name = worded(name)[:60]
    if not name:
        msg = "Enter a name for the tablet, such as 'Room 2'."
        raise AnswerError(msg)
    code = store.new_token()
    tablet_id = store.new_id()
    with store.write() as db:
        found = sites.site(store, site)
        if found is None or found.closed_at is not None:
            msg = "Select the site where the tablet stands."
            raise AnswerError(msg)
        stored.add_tablet(
            db,
            tablet_id=tablet_id,
            name=name,
            site=site,
            code=code,
            until=now + LINK_LASTS,
            by=actor,
            now=now,
        )
        audit.append(db, at=now, actor=actor, action="tablet added", subject=tablet_id)
    return code


def enrol(store: Store, *, code: str, now: datetime) -> str:
    """Spend a link's code.

    Returns:
        The tablet's token, for its cookie.

    Raises:
        NotFoundError: the code was used, is too old, or never was.
    """
    token = store.new_token()
    with store.write() as db:
        tablet_id = stored.enrol_tablet(db, code, token, now)
        if tablet_id is None:
            msg = "This link was used already or is too old. Ask for a new one at the desk."
            raise NotFoundError(msg)
        devices.add_tablet_device(db, store.new_id(), tablet_id, now)
        audit.append(db, at=now, actor="tablet", action="tablet enrolled", subject=tablet_id)
    return token


def tablet_of(store: Store, token: str) -> Tablet | None:
    """Return the enrolled tablet of a token; None when it was shut out."""
    return stored.tablet_of(store, token)


def list_tablets(store: Store, *, by: Operator) -> list[Tablet]:
    """Return every tablet, newest first."""
    require_operator(by)
    return stored.tablets(store)


def revoke(store: Store, *, tablet_id: str, by: Operator, now: datetime) -> None:
    """Shut a tablet out for good.

    Raises:
        NotFoundError: there is no such tablet in use.
    """
    actor = require_operator(by)
    with store.write() as db:
        if not stored.revoke_tablet(db, tablet_id, actor, now):
            msg = "There is no such tablet in use."
            raise NotFoundError(msg)
        audit.append(db, at=now, actor=actor, action="tablet revoked", subject=tablet_id)
