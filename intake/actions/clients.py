"""Letting other systems in by a token, and shutting them out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from intake.actions.permission import require_operator
from intake.core.blank import worded
from intake.core.clients import ApiClient, ClientRole
from intake.core.errors import AnswerError, NotFoundError
from intake.storage import audit, sites
from intake.storage import clients as stored

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from intake.actions.permission import Operator
    from intake.storage import Store

TOKEN_BEGINS = "intake_"  # noqa: S105 - how one begins, not one
"""So that whoever finds a token in a file knows what it opens, and scanners find it."""
LONGEST_NAME = 60
USUAL_DAYS = 90
NOT_LET_IN = "There is no such system that is let in."
LONGEST_DAYS = 366
"""A default of our own: a token that nobody renews for a year is one that nobody remembers."""


def add(
    store: Store,
    *,
    name: str,
    role: ClientRole,
    by: Operator,
    now: datetime,
    days: int = USUAL_DAYS,
    site_ids: Collection[str] | None = None,
) -> tuple[ApiClient, str]:
    """Let another system in, and return its token, which is shown once and not kept.

    Args:
        store: Where it is kept.
        name: What it is called in the audit trail.
        role: What it may do.
        by: Who lets it in.
        now: When.
        days: For how long, 1 to 366.
        site_ids: Whose cases it may ask for; None for every site.

    Raises:
        AnswerError: it has no name, the days are out of range, or a site is not there.
    """
    actor = require_operator(by)
    name = worded(name)[:LONGEST_NAME]
    if not name:
        msg = "Enter a name for the other system, such as 'Appointment book'."
        raise AnswerError(msg)
    until, token = now + _span(days), _new_token(store)
    reached = None if site_ids is None else frozenset(site_ids)
    made = ApiClient(store.new_id(), name, role, reached, now, until)
    with store.write() as db:
        if not reached and reached is not None:
            msg = "Tick at least one site, or every site."
            raise AnswerError(msg)
        if (reached or frozenset()) - {site.id for site in sites.sites(store)}:
            msg = "Tick sites that are offered."
            raise AnswerError(msg)
        stored.add_client(db, made, token, actor)
        audit.append(
            db, at=now, actor=actor, action="system let in", subject=made.id, role=role.value
        )
    return made, token


def renew(
    store: Store, *, client_id: str, by: Operator, now: datetime, days: int = USUAL_DAYS
) -> tuple[ApiClient, str]:
    """Give another system a new token in the place of the one it has, which ends at once.

    Raises:
        NotFoundError: there is none such, or it was shut out.
        AnswerError: the days are out of range.
    """
    actor = require_operator(by)
    until, token = now + _span(days), _new_token(store)
    with store.write() as db:
        found = known(store, client_id)
        stored.put_token(db, client_id, token, until)
        audit.append(db, at=now, actor=actor, action="token renewed", subject=client_id)
    return replace(found, until=until), token


def known(store: Store, client_id: str) -> ApiClient:
    """Return another system that was not shut out.

    Raises:
        NotFoundError: there is none such.
    """
    found = stored.client(store, client_id)
    if found is None or found.revoked_at is not None:
        raise NotFoundError(NOT_LET_IN)
    return found


def _new_token(store: Store) -> str:
    return f"{TOKEN_BEGINS}{store.new_token()}"


def _span(days: int) -> timedelta:
    if not 1 <= days <= LONGEST_DAYS:
        msg = "Enter for how many days, 1 to 366."
        raise AnswerError(msg)
    return timedelta(days=days)


def list_clients(store: Store, *, by: Operator) -> list[ApiClient]:
    """Return every other system that was ever let in, newest first."""
    require_operator(by)
    return stored.clients(store)


def revoke(store: Store, *, client_id: str, by: Operator, now: datetime) -> None:
    """Shut another system out for good, at once.

    Raises:
        NotFoundError: there is none such that is let in.
    """
    actor = require_operator(by)
    with store.write() as db:
        if not stored.revoke_client(db, client_id, actor, now):
            raise NotFoundError(NOT_LET_IN)
        audit.append(db, at=now, actor=actor, action="system shut out", subject=client_id)


def who_asks(store: Store, *, token: str, now: datetime) -> ApiClient | None:
    """Return whose token it is, if it opens anything now."""
    found = stored.with_token(store, token) if token.startswith(TOKEN_BEGINS) else None
    return found if found and found.is_let_in(now) else None
