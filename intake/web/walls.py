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
    from collections.abc import Mapping

    from intake.core.clients import ApiClient
    from intake.core.records import Practitioner
    from intake.storage import Store

_READ_BY_FORM = frozenset(("desk.export_now", "desk.find"))
"""What only reads although it is sent as a form, so that no name stands in an address."""


CASE = "response_id"
"""The part of an address that names a case; only those who work at its site get past the door."""
PATIENT = "patient_id"
"""That which names a patient, whose course is every site's."""


def stay_within(parts: Mapping[str, str], *, reads: bool, is_counting: bool) -> None:
    """Let a visitor pass to a case of their sites, and show them lists of these alone.

    In an emergency those who only *read* pass to every case. What only administrators open tells of
    no case, and is *counting* those of every site.

    Args:
        parts: What the address names.
        reads: Whether nothing else can be done there.
        is_counting: Whether only administrators may open it.

    Raises:
        NotFoundError: the case belongs to another site.
    """
    store = current_store()
    if CASE in parts:
        who, now = g.client if "client" in g else g.practitioner, current_clinic().now()
        sites.require_reach(store, who, parts[CASE], now, reads=reads)
    elif PATIENT not in parts and not is_counting:
        stay_within_sites(store)


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
