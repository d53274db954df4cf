"""The clinic's sites: opening and closing them, who works where, and where a form begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.actions.permission import require_operator
from intake.core.blank import worded
from intake.core.errors import AnswerError, ConflictError, NotFoundError, StateError
from intake.core.records import Site
from intake.core.review import may_reach, may_read_at
from intake.storage import audit, people, sites, tablets

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from intake.actions.permission import Operator
    from intake.core.clients import ApiClient
    from intake.core.records import Practitioner
    from intake.storage import Store
    from intake.storage.tablets import Tablet

LONGEST_NAME = 60


def every_site(store: Store) -> list[Site]:
    """Return every site, the open ones first, by name."""
    return sites.sites(store)


def sites_of(store: Store, who: Practitioner | ApiClient) -> list[Site]:
    """Return the sites whose cases somebody may read, closed ones last."""
    return [site for site in sites.sites(store) if may_reach(who, site.id)]


def open_sites_of(store: Store, who: Practitioner | ApiClient) -> list[Site]:
    """Return the sites at which somebody may begin a form."""
    return [site for site in sites_of(store, who) if site.closed_at is None]


def require_reach(
    store: Store,
    who: Practitioner | ApiClient,
    response_id: str,
    now: datetime,
    *,
    reads: bool = False,
) -> None:
    """Let those pass to a case whose site it belongs to; that others tried is audited.

    In an emergency everybody passes who only *reads*.

    Raises:
        NotFoundError: it belongs to another site, or there is none: nobody learns which.
    """
    site = sites.site_of(store, response_id)
    may = may_read_at if reads else may_reach
    if site is not None and may(who, site):
        return
    if site is not None:
        with store.write() as db:
            audit.append(db, at=now, actor=who.id, action="case refused", subject=response_id)
    msg = "There is no such case."
    raise NotFoundError(msg)


def usual_site(store: Store, who: Practitioner) -> str:
    """Return the site somebody most likely begins a form at: the only one, or the last one."""
    offered = [site.id for site in open_sites_of(store, who)]
    if len(offered) == 1:
        return offered[0]
    last = sites.last_site(store, who.id)
    return last if last in offered else ""


def require_open(store: Store, site_id: str, who: Practitioner) -> Site:
    """Return a site at which somebody may begin a form.

    Raises:
        AnswerError: there is none of that id, it is closed, or they do not work there.
    """
    for site in open_sites_of(store, who):
        if site.id == site_id:
            return site
    msg = "Select one of your sites."
    raise AnswerError(msg)


def open_site(store: Store, *, name: str, by: Operator, now: datetime) -> Site:
    """Add a site.

    Raises:
        AnswerError: it has no name, or too long a one.
        ConflictError: another site has that name.
    """
    actor = require_operator(by)
    made = Site(store.new_id(), _named(name))
    with store.write() as db:
        _refuse_taken(store, made)
        sites.add_site(db, made, now)
        audit.append(db, at=now, actor=actor, action="site opened", subject=made.id)
    return made


def rename(store: Store, *, site_id: str, name: str, by: Operator, now: datetime) -> Site:
    """Give a site another name, also on what happened there before.

    Raises:
        NotFoundError: there is no such site.
        AnswerError: it has no name, or too long a one.
        ConflictError: another site has that name.
    """
    actor = require_operator(by)
    with store.write() as db:
        renamed = Site(known(store, site_id).id, _named(name))
        _refuse_taken(store, renamed)
        sites.rename_site(db, site_id, renamed.name)
        audit.append(db, at=now, actor=actor, action="site renamed", subject=site_id)
    return renamed


def close(store: Store, *, site_id: str, by: Operator, now: datetime) -> Site:
    """Close a site: nothing begins there any more, and what was begun there stays.

    Raises:
        NotFoundError: there is no such site.
        StateError: it is closed, the last one that is open, or tablets stand there.
    """
    actor = require_operator(by)
    with store.write() as db:
        closed = known(store, site_id)
        if closed.closed_at is not None:
            msg = f"'{closed.name}' is closed already."
            raise StateError(msg)
        if not any(s.id != site_id and s.closed_at is None for s in sites.sites(store)):
            msg = f"'{closed.name}' is the only open site. Open another one first."
            raise StateError(msg)
        if there := [one.name for one in tablets.tablets(store) if _stands_at(one, site_id, now)]:
            msg = f"Tablets stand at '{closed.name}': {', '.join(there)}. Revoke them first."
            raise StateError(msg)
        sites.set_closed(db, site_id, now)
        audit.append(db, at=now, actor=actor, action="site closed", subject=site_id)
    return closed


def _stands_at(tablet: Tablet, site_id: str, now: datetime) -> bool:
    """Tell whether patients can begin at a site on a tablet, or soon will."""
    is_used = tablet.enrolled_at is not None and tablet.revoked_at is None
    return tablet.site == site_id and (is_used or tablet.is_awaited(now))


def reopen(store: Store, *, site_id: str, by: Operator, now: datetime) -> Site:
    """Open a closed site again.

    Raises:
        NotFoundError: there is no such site.
        StateError: it is open.
    """
    actor = require_operator(by)
    with store.write() as db:
        opened = known(store, site_id)
        if opened.closed_at is None:
            msg = f"'{opened.name}' is open."
            raise StateError(msg)
        sites.set_closed(db, site_id, None)
        audit.append(db, at=now, actor=actor, action="site opened again", subject=site_id)
    return opened


def works_at(
    store: Store, *, account_id: str, sites_: Collection[str] | None, by: Operator, now: datetime
) -> None:
    """Say whose cases an account may read, from its next page on.

    Args:
        store: Where the account is.
        account_id: Whose.
        sites_: The ids of their sites; None for every site, also those to come.
        by: Who says so.
        now: When.

    Raises:
        NotFoundError: there is no such account.
        AnswerError: no site is named, or one that is not there.
    """
    actor = require_operator(by)
    with store.write() as db:
        if people.any_practitioner(store, account_id) is None:
            msg = "There is no such account."
            raise NotFoundError(msg)
        kept = None if sites_ is None else frozenset(sites_)
        if kept is not None and not (kept and kept <= {site.id for site in sites.sites(store)}):
            msg = "Tick at least one site, or 'every site'."
            raise AnswerError(msg)
        people.set_sites(db, account_id, kept)
        audit.append(
            db, at=now, actor=actor, action="sites changed", subject=account_id,
            sites="every site" if kept is None else ", ".join(sorted(kept)),
        )  # fmt: skip


def site_called(store: Store, name: str) -> Site:
    """Return the site of a name, written in any case.

    Raises:
        NotFoundError: there is none.
    """
    for site in sites.sites(store):
        if site.name.casefold() == name.strip().casefold():
            return site
    msg = f"There is no site '{name}'."
    raise NotFoundError(msg)


def only_site(store: Store) -> Site:
    """Return the one open site.

    Raises:
        StateError: there are several.
    """
    is_open = [site for site in sites.sites(store) if site.closed_at is None]
    if len(is_open) != 1:
        msg = f"Name one of the sites: {', '.join(site.name for site in is_open)}."
        raise StateError(msg)
    return is_open[0]


def _named(name: str) -> str:
    name = " ".join(worded(name).split())
    if not 0 < len(name) <= LONGEST_NAME:
        msg = f"Enter a name of at most {LONGEST_NAME} characters, such as the street or the town."
        raise AnswerError(msg)
    return name


def known(store: Store, site_id: str) -> Site:
    """Return one site, open or closed.

    Raises:
        NotFoundError: there is none of that id.
    """
    found = sites.site(store, site_id)
    if found is None:
        msg = "There is no such site."
        raise NotFoundError(msg)
    return found


def _refuse_taken(store: Store, wanted: Site) -> None:
    for site in sites.sites(store):
        if site.id != wanted.id and site.name.casefold() == wanted.name.casefold():
            msg = f"There is a site '{site.name}' already."
            raise ConflictError(msg)
