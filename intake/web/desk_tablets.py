"""The tablets of the clinic: enrolling one by a link, shutting one out."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from flask import flash, g, request, url_for

from intake.actions import tablets
from intake.actions.sites import every_site, open_sites_of
from intake.web.access import Access, open_to, require_fresh
from intake.web.clinic import HERE, current_clinic, current_store
from intake.web.desk_admin_forms import TabletForm
from intake.web.desk_base import bp, by_and_now, form_status, page, see_other
from intake.web.desk_devices import every_device
from intake.web.device_words import words_of
from intake.web.hosts import is_one_of

if TYPE_CHECKING:
    from flask import Response as Answer

    from intake.core.records import Site


@bp.get("/tablets")
@open_to(Access.ADMINISTRATOR)
def tablets_page() -> Answer:
    """Show every tablet, and the form for a new one."""
    return _tablets(_blank())


def _blank() -> TabletForm:
    return TabletForm(formdata=None).offering(_open_sites())


def _open_sites() -> list[Site]:
    return open_sites_of(current_store(), g.practitioner)


@bp.post("/tablets")
@open_to(Access.ADMINISTRATOR)
@require_fresh()
def add_tablet() -> Answer:
    """Make a link that enrols one tablet, once; it is shown on this page and never again."""
    form = TabletForm().offering(_open_sites())
    if not form.validate_on_submit():
        return _tablets(form)
    name = form.words("name")
    code = tablets.enrolment_link(
        current_store(), name=name, site=form.words("site"), **by_and_now()
    )
    return _tablets(_blank(), link=_link(code), named=name)


def _link(code: str) -> str:
    """Write the link; a name that only the request claims, and nobody vouched for, stays out."""
    path, settings = url_for("tablet.enrol", code=code), current_clinic().settings
    known = [*settings.hosts, *HERE, settings.host]
    return urljoin(request.host_url, path) if is_one_of(request.host, known) else path


def _tablets(form: TabletForm, link: str = "", named: str = "") -> Answer:
    given = every_device()
    return page(
        "tablets",
        form_status(form) if form.errors else HTTPStatus.OK,
        form=form,
        tablets=tablets.list_tablets(current_store(), by=g.practitioner),
        sites={site.id: site.name for site in every_site(current_store())},
        checks={one.tablet_id: (one, words_of(one)) for one in given},
        link=link,
        named=named,
        now=current_clinic().now(),
    )


@bp.post("/tablets/<tablet_id>/revoke")
@open_to(Access.ADMINISTRATOR)
def revoke_tablet(tablet_id: str) -> Answer:
    """End what a tablet may do, at once."""
    tablets.revoke(
        current_store(), tablet_id=tablet_id, by=g.practitioner, now=current_clinic().now()
    )
    flash("The tablet is revoked. It opens nothing any more.")
    return see_other(".tablets_page")
