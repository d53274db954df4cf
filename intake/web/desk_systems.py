"""Other systems: letting one in by a token, shutting one out, and what was sent to them."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import flash, g

from intake.actions import clients, webhooks
from intake.actions.sites import every_site
from intake.core.clients import ClientRole
from intake.web.access import Access, open_to, require_fresh
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_admin_forms import DaysForm, SystemForm
from intake.web.desk_base import bp, by_and_now, form_status, page, see_other

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from flask import Response as Answer

    from intake.core.clients import ApiClient
    from intake.storage.subscriptions import Subscription


@bp.get("/systems")
@open_to(Access.ADMINISTRATOR)
def systems_page() -> Answer:
    """Show every other system, its subscriptions, and what was sent of late."""
    return _systems(_blank())


def _blank() -> SystemForm:
    form = SystemForm(formdata=None)
    form.offering(every_site(current_store()))
    form.everywhere.data = True
    return form


@bp.post("/systems")
@open_to(Access.ADMINISTRATOR)
@require_fresh()
def add_system() -> Answer:
    """Let another system in; its token is shown on this page and never again."""
    form = SystemForm()
    form.offering(every_site(current_store()))
    if not form.validate_on_submit():
        return _systems(form)
    made, token = clients.add(
        current_store(),
        name=form.words("name"),
        role=ClientRole(form.words("role")),
        days=form.span,
        site_ids=form.chosen,
        **by_and_now(),
    )
    return _systems(_blank(), made, token)


@bp.post("/systems/<client_id>/renew")
@open_to(Access.ADMINISTRATOR)
@require_fresh()
def renew_system(client_id: str) -> Answer:
    """Give a system a new token; the one it has opens nothing any more."""
    clients.known(current_store(), client_id)
    form = DaysForm()
    if not form.validate_on_submit():
        return _systems(_blank(), refused=form.error("days"))
    made, token = clients.renew(
        current_store(), client_id=client_id, days=form.span, **by_and_now()
    )
    return _systems(_blank(), made, token)


@bp.post("/systems/<client_id>/revoke")
@open_to(Access.ADMINISTRATOR)
def revoke_system(client_id: str) -> Answer:
    """Shut a system out, at once."""
    clients.revoke(current_store(), client_id=client_id, **by_and_now())
    flash("The system is shut out. Its token opens nothing any more.")
    return see_other(".systems_page")


@bp.post("/systems/subscriptions/<subscription_id>/end")
@open_to(Access.ADMINISTRATOR)
def end_subscription(subscription_id: str) -> Answer:
    """Send no more events to an address."""
    webhooks.end(current_store(), subscription_id=subscription_id, **by_and_now())
    flash("The subscription is ended. Nothing is sent there any more.")
    return see_other(".systems_page")


@bp.post("/systems/deliveries/<delivery_id>/again")
@open_to(Access.ADMINISTRATOR)
def send_again(delivery_id: str) -> Answer:
    """Send an event once more that did not arrive."""
    webhooks.send_again(current_store(), delivery_id=delivery_id, **by_and_now())
    flash("It is sent again in a few seconds.")
    return see_other(".systems_page")


def _open(
    subscribed: Iterable[Subscription], known: Iterable[ApiClient], now: datetime
) -> set[str]:
    """Return the ids of the subscriptions to which anything is sent."""
    let_in = {one.id for one in known if one.is_let_in(now)}
    return {one.id for one in subscribed if one.ended_at is None and one.client_id in let_in}


def _systems(
    form: SystemForm, made: ApiClient | None = None, token: str = "", refused: str = ""
) -> Answer:
    store, by = current_store(), g.practitioner
    known = clients.list_clients(store, by=by)
    subscribed = webhooks.every_subscription(store, by=by)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    return page(
        "systems",
        form_status(form) if form.errors else status,
        form=form,
        systems=known,
        names={one.id: one.name for one in known},
        sites={site.id: site.name for site in every_site(store)},
        subscriptions=subscribed,
        addresses={one.id: one for one in subscribed},
        open=_open(subscribed, known, current_clinic().now()),
        deliveries=webhooks.newest_deliveries(store, by=by),
        hosts=current_clinic().settings.webhook_hosts,
        made=made,
        token=token,
        refused=refused,
        now=current_clinic().now(),
    )
