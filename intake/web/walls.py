"""The walls between sites: the door of one case, and what lists see of the others.

Lists name their sites in what they ask for; the database has a wall of its own behind that, where
it can (`Store.see_only`), so that one which forgot to shows none of the others all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import g, request

from intake.actions import sites
from intake.core.review import reads_every_site
from intake.web.clinic import current_clinic, current_store

if TYPE_CHECKING:
    from intake.core.clients import ApiClient
    from intake.core.records import Practitioner
    from intake.storage import Store

_READ_BY_FORM = frozenset(("desk.export_now", "desk.find"))
"""What only reads although it is sent as a form, so that no name stands in an address."""


def stay_within_reach(response_id: str, *, reads: bool) -> None:
    """Let those pass to a case whose site it belongs to.

    In an emergency those who only *read* pass everywhere.

    Raises:
        NotFoundError: the case belongs to another site.
    """
    who, now = g.client if "client" in g else g.practitioner, current_clinic().now()
    sites.require_reach(current_store(), who, response_id, now, reads=reads)


def stay_within_sites(store: Store) -> None:
    """Let the database show whoever asks for a list the rows of their sites alone.

    What holds a patient back is looked for at every site, so whoever writes, or has come past the
    door of one case, sees all of them.
    """
    if request.method in ("GET", "HEAD") or request.endpoint in _READ_BY_FORM:
        store.see_only(_sites_in_reach())


def _sites_in_reach() -> frozenset[str] | None:
    """Return the sites whose cases the visitor may read just now; None for every one."""
    if "client" in g:
        return cast("ApiClient", g.client).sites
    who = cast("Practitioner", g.practitioner)
    return None if reads_every_site(who) else who.sites
