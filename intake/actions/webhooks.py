"""Telling other systems of events: who asked for which, and sending them until they arrive."""

from __future__ import annotations

import base64
import secrets
from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from intake.actions.api_reading import events_behind
from intake.actions.permission import require_operator, require_system
from intake.actions.second_factor import key_of
from intake.core.clients import ACTS, ApiClient, ClientRole, Event
from intake.core.errors import NotAllowedError, NotFoundError, StateError
from intake.exports import sending
from intake.storage import audit, clients, events
from intake.storage import subscriptions as stored
from intake.storage.subscriptions import Subscription

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from intake.actions.permission import Operator
    from intake.core.clients import EventKind
    from intake.storage import Store
    from intake.storage.subscriptions import Delivery

MOST_SUBSCRIPTIONS = 10
"""That one system may have at a time."""
AT_ONCE = 50
TAKEN_FOR = timedelta(minutes=30)
"""For how long whoever sends has what it took; all of it takes less, however slow its receivers."""
KEPT_FOR = timedelta(days=30)
"""For how long it is shown what was sent."""
WAITS = (
    *(timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
"""How long after each try that failed comes the next: a default of our own, three days in all."""
GONE = 410
"""With this status a receiver says that it wants no more."""
RECEIVER = "receiver"


def subscribe(
    store: Store,
    *,
    url: str,
    kinds: Collection[EventKind],
    hosts: Collection[str],
    by: ApiClient,
    now: datetime,
) -> tuple[Subscription, str]:
    """Tell a system from now on of events; returns the secret they are signed with.

    Args:
        store: Where it is kept.
        url: Where the events go.
        kinds: Which; empty for every kind.
        hosts: The computers that the clinic lets events go to.
        by: The system, which is told of cases of its own sites alone.
        now: When.

    Raises:
        NotAllowedError: events may not go there.
        StateError: it has so many already.
    """
    require_system(by, ClientRole.READER)
    if fault := sending.fault_of(url, hosts):
        raise NotAllowedError(fault)
    secret = sending.SECRET_BEGINS + base64.b64encode(secrets.token_bytes(32)).decode()
    made = Subscription(store.new_id(), by.id, url, frozenset(kinds), now)
    with store.write() as db:
        if len(open_subscriptions(store, by)) >= MOST_SUBSCRIPTIONS:
            msg = f"A system has at most {MOST_SUBSCRIPTIONS} subscriptions. End one first."
            raise StateError(msg)
        sealed = stored.SECRET.seal(key_of(store), made.id, secret)
        stored.add_subscription(db, made, sealed, events.newest_line(store))
        audit.append(db, at=now, actor=by.id, action="subscribed", subject=made.id)
    return made, secret


def open_subscriptions(store: Store, of: ApiClient) -> list[Subscription]:
    """Return the subscriptions of a system that are not ended, newest first."""
    return [one for one in stored.subscriptions(store, of.id) if one.ended_at is None]


def every_subscription(store: Store, *, by: Operator) -> list[Subscription]:
    """Return every subscription of every system, newest first."""
    require_operator(by)
    return stored.subscriptions(store)


def newest_deliveries(store: Store, *, by: Operator, limit: int = 50) -> list[Delivery]:
    """Return what became of the newest events, newest first."""
    require_operator(by)
    return stored.deliveries(store, limit=limit)


def subscriptions_of(store: Store, by: ApiClient) -> list[Subscription]:
    """Return every subscription of the system that asks, newest first."""
    return stored.subscriptions(store, by.id)


def sent_to(store: Store, subscription_id: str, by: ApiClient) -> list[Delivery]:
    """Return what became of the newest events of a subscription, newest first.

    Raises:
        NotFoundError: it is another's, or there is none.
    """
    own_subscription(store, subscription_id, by)
    return stored.deliveries(store, subscription_id=subscription_id)


def own_subscription(store: Store, subscription_id: str, by: ApiClient) -> Subscription:
    """Return a subscription of the system that asks.

    Raises:
        NotFoundError: it is another's, or there is none.
    """
    found = stored.subscription(store, subscription_id)
    if found is None or found.client_id != by.id:
        msg = "There is no such subscription."
        raise NotFoundError(msg)
    return found


def end(store: Store, *, subscription_id: str, by: ApiClient | Operator, now: datetime) -> None:
    """Tell a system no more.

    Raises:
        NotFoundError: there is no such subscription of theirs that is open.
    """
    if isinstance(by, ApiClient):
        actor = own_subscription(store, subscription_id, by).client_id
    else:
        actor = require_operator(by)
    with store.write() as db:
        if not stored.end_subscription(db, subscription_id, actor, now):
            msg = "There is no such subscription that is open."
            raise NotFoundError(msg)
        audit.append(db, at=now, actor=actor, action="subscription ended", subject=subscription_id)


def send_again(store: Store, *, delivery_id: str, by: Operator, now: datetime) -> None:
    """Send an event that did not arrive once more, at once.

    Raises:
        NotFoundError: there is none such, or its subscription is ended.
    """
    actor = require_operator(by)
    with store.write() as db:
        if not stored.send_again(db, delivery_id, now):
            msg = "There is no such event that waits to be sent again."
            raise NotFoundError(msg)
        audit.append(db, at=now, actor=actor, action="event sent again", subject=delivery_id)


def tell(
    store: Store,
    *,
    hosts: Collection[str],
    now: Callable[[], datetime],
    goes_on: Callable[[], bool] = lambda: True,
) -> int:
    """Send every event that is due; returns how many did not arrive.

    An event arrives once or more: its id tells a receiver that it has it already.

    Args:
        store: Where events and subscriptions are.
        hosts: The computers that the clinic lets events go to.
        now: Tells the present instant, which is another for each that is sent.
        goes_on: Tells whether to go on; what was taken and is left is sent once it is free again.
    """
    if not hosts:
        return 0
    begun = now()
    _make_ready(store, begun)
    old = begun - KEPT_FOR
    if not stored.is_there_work(store, begun, old):  # without the lock: nearly always there is none
        return 0
    with store.write() as db:
        stored.forget_before(db, old)
        due = stored.take_due(db, begun, begun + TAKEN_FOR, AT_ONCE)
    wanted = takewhile(lambda _: goes_on(), due)
    return sum(not _arrives(store, one, hosts, now) for one in wanted)


def _make_ready(store: Store, now: datetime) -> None:
    for one in stored.subscriptions(store):
        client = clients.client(store, one.client_id) if one.ended_at is None else None
        if client is None or not client.is_let_in(now):
            continue
        line = stored.line_reached(store, one.id)
        found, reached = events_behind(store, line=line, limit=AT_ONCE, kinds=one.kinds, by=client)
        if reached > line:
            with store.write() as db:
                made = [(store.new_id(), event.number) for event in found]
                stored.make_ready(db, one.id, made, reached, now)


def _arrives(
    store: Store, one: Delivery, hosts: Collection[str], now: Callable[[], datetime]
) -> bool:
    subscription = stored.subscription(store, one.subscription_id)
    answered = _sent(store, one, subscription, hosts, now())
    at, wait = now(), WAITS[one.tries - 1] if one.tries <= len(WAITS) else None
    with store.write() as db:
        kept = stored.subscription(store, one.subscription_id)
        is_open = kept is not None and kept.ended_at is None  # by now
        stored.note_try(
            db,
            one,
            at=at,
            status=answered.status,
            fault=answered.fault,
            next_at=at + wait if wait and is_open else None,
        )
        if answered.status == GONE and stored.end_subscription(
            db, one.subscription_id, RECEIVER, at
        ):
            audit.append(
                db, at=at, actor=RECEIVER, action="subscription ended",
                subject=one.subscription_id,
            )  # fmt: skip
    return not answered.fault


def _sent(
    store: Store,
    one: Delivery,
    subscription: Subscription | None,
    hosts: Collection[str],
    now: datetime,
) -> sending.Answered:
    """Send an event, unless it may not be sent any more; what was taken a while ago may not."""
    client = clients.client(store, subscription.client_id) if subscription else None
    event = _event_of(store, one.line)
    if subscription is None or client is None or event is None or not client.is_let_in(now):
        return sending.Answered(None, "Its system is not let in any more.")
    if subscription.ended_at is not None:
        return sending.Answered(None, "Its subscription was ended.")
    if fault := sending.fault_of(subscription.url, hosts):
        return sending.Answered(None, fault)
    message = sending.message_of(event)
    secret = stored.secret_of(store, key_of(store), subscription.id)
    headers = sending.headers_for(message, message_id=one.id, secret=secret, at=now)
    return sending.send(subscription.url, message, headers)


def _event_of(store: Store, line: int) -> Event | None:
    found = audit.line(store, line)
    kind = ACTS.get(found.action) if found else None
    return Event(line, kind, found.at, found.subject) if found and kind else None
