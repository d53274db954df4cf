"""Subscribing to events, and reading what became of them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from flask import g

from intake.actions import webhooks
from intake.web.access import Access, open_to
from intake.web.api_base import bp, operation
from intake.web.api_shapes import (
    SentLog,
    Subscribed,
    SubscriptionsKept,
    SubscriptionWanted,
    delivery_shape,
    subscription_shape,
)
from intake.web.clinic import current_clinic, current_store

_ONE: Final = "/subscriptions/<subscription_id>"


@bp.post("/subscriptions")
@open_to(Access.SYSTEM_READER)
@operation(
    summary="Subscribe to events",
    takes=SubscriptionWanted,
    says=Subscribed,
    status=HTTPStatus.CREATED,
    problems=(HTTPStatus.CONFLICT,),
)
def subscribe(body: SubscriptionWanted) -> Subscribed:
    """Send events to an address from now on; each is signed with the secret returned here."""
    house = current_clinic()
    made, secret = webhooks.subscribe(
        current_store(),
        url=body.url,
        kinds=body.kinds,
        hosts=house.settings.webhook_hosts,
        by=g.client,
        now=house.now(),
    )
    return subscription_shape(made, secret)


@bp.get("/subscriptions")
@open_to(Access.SYSTEM_READER)
@operation(summary="List one's subscriptions", says=SubscriptionsKept)
def subscriptions() -> SubscriptionsKept:
    """Return every subscription of the system that asks."""
    found = webhooks.subscriptions_of(current_store(), g.client)
    return SubscriptionsKept(subscriptions=[subscription_shape(one) for one in found])


@bp.delete(_ONE)
@open_to(Access.SYSTEM_READER)
@operation(summary="End a subscription", status=HTTPStatus.NO_CONTENT)
def end_subscription(subscription_id: str) -> None:
    """Send nothing to it any more."""
    webhooks.end(
        current_store(), subscription_id=subscription_id, by=g.client, now=current_clinic().now()
    )


@bp.get(f"{_ONE}/deliveries")
@open_to(Access.SYSTEM_READER)
@operation(summary="Read what was sent", says=SentLog)
def deliveries(subscription_id: str) -> SentLog:
    """Return what became of the newest events of a subscription."""
    found = webhooks.sent_to(current_store(), subscription_id, g.client)
    return SentLog(deliveries=[delivery_shape(one) for one in found])
