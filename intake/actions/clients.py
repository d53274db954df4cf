"""Letting other systems in by a token, and shutting them out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from intake.actions.permission import require_operator
from intake.actions.signatures import issuer_in, require_public_keys, signed_by
from intake.core.blank import worded
from intake.core.clients import ROLE_MEANS, ApiClient, ClientRole
from intake.core.errors import AnswerError, ConflictError, NotFoundError, StateError
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
    if role not in ROLE_MEANS:
        msg = "A system that shows cards is let in by its key: 'intake systems add-by-key'."
        raise AnswerError(msg)
    until, token = now + _span(days), _new_token(store)
    reached = None if site_ids is None else frozenset(site_ids)
    made = ApiClient(store.new_id(), name, role, reached, now, until)
    with store.write() as db:
        _require_sites(store, reached)
        stored.add_client(db, made, actor, token=token)
        audit.append(
            db, at=now, actor=actor, action="system let in", subject=made.id, role=role.value
        )
    return made, token


def add_by_key(
    store: Store,
    *,
    name: str,
    issuer: str,
    keys: str,
    by: Operator,
    now: datetime,
    days: int = LONGEST_DAYS,
    site_ids: Collection[str] | None = None,
) -> ApiClient:
    """Let another system in that shows findings as cards, and signs its requests.

    Args:
        store: Where it is kept.
        name: What it is called in the audit trail.
        issuer: What it calls itself in what it signs (`iss`).
        keys: Its public keys, as a JSON Web Key Set (RFC 7517).
        by: Who lets it in.
        now: When.
        days: For how long, 1 to 366.
        site_ids: Whose cases it may ask for; None for every site.

    Raises:
        AnswerError: a field cannot be taken, or a key is none to check signatures with.
        ConflictError: another system calls itself so.
    """
    actor = require_operator(by)
    name, issuer = worded(name)[:LONGEST_NAME], issuer.strip()
    if not name or not issuer:
        msg = "Name the other system, and say what it calls itself."
        raise AnswerError(msg)
    require_public_keys(keys)
    reached = None if site_ids is None else frozenset(site_ids)
    role, until = ClientRole.DECISION_SUPPORT, now + _span(days)
    made = ApiClient(store.new_id(), name, role, reached, now, until, issuer=issuer)
    with store.write() as db:
        _require_sites(store, reached)
        if stored.with_issuer(store, issuer) is not None:
            msg = "Another system calls itself so. Shut that one out first."
            raise ConflictError(msg)
        stored.add_client(db, made, actor, keys=keys)
        audit.append(
            db, at=now, actor=actor, action="system let in", subject=made.id, role=role.value
        )
    return made


def _require_sites(store: Store, reached: frozenset[str] | None) -> None:
    if not reached and reached is not None:
        msg = "Tick at least one site, or every site."
        raise AnswerError(msg)
    if (reached or frozenset()) - {site.id for site in sites.sites(store)}:
        msg = "Tick sites that are offered."
        raise AnswerError(msg)


def renew(
    store: Store, *, client_id: str, by: Operator, now: datetime, days: int = USUAL_DAYS
) -> tuple[ApiClient, str]:
    """Give another system a new token in the place of the one it has, which ends at once.

    Raises:
        NotFoundError: there is none such, or it was shut out.
        AnswerError: the days are out of range.
        StateError: it has a key, and no token.
    """
    actor = require_operator(by)
    until, token = now + _span(days), _new_token(store)
    with store.write() as db:
        found = known(store, client_id)
        if found.issuer:
            msg = "This system signs with its own key and has no token."
            raise StateError(msg)
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


def who_signed(store: Store, *, token: str, audience: str, now: datetime) -> ApiClient | None:
    """Return which system signed a request, if it is let in now and the request is new.

    Args:
        store: Where systems are kept.
        token: What it signed (JWT, RFC 7519).
        audience: The address that was asked.
        now: When.
    """
    issuer = issuer_in(token)
    found = stored.with_issuer(store, issuer) if issuer else None
    if found is None or not found[0].is_let_in(now):
        return None
    client, keys = found
    claims = signed_by(token, keys, issuer=client.issuer, audience=audience, now=now)
    if claims is None:
        return None
    with store.write() as db:
        is_new = stored.spend(db, f"{client.id} {claims.id}", now, claims.until)
    return client if is_new else None


def are_cards_given(store: Store, *, now: datetime) -> bool:
    """Tell whether any system is let in that is shown cards."""
    shown = (one for one in stored.clients(store) if one.role is ClientRole.DECISION_SUPPORT)
    return any(one.is_let_in(now) for one in shown)
