"""The sites of the clinic: opening, renaming and closing them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, g

from intake.actions import sites
from intake.actions.permission import require_administrator
from intake.core.errors import ConflictError, StateError
from intake.web.access import Access, open_to
from intake.web.clinic import current_store
from intake.web.desk_admin_forms import SiteNameForm
from intake.web.desk_base import bp, by_and_now, form_status, page, see_other

if TYPE_CHECKING:
    from flask import Response as Answer


@bp.get("/sites")
@open_to(Access.ADMINISTRATOR)
def sites_page() -> Answer:
    """Show every site, and the form for a new one."""
    return _sites(SiteNameForm(formdata=None))


@bp.post("/sites")
@open_to(Access.ADMINISTRATOR)
def open_site() -> Answer:
    """Open a site."""
    form = SiteNameForm()
    if not form.validate_on_submit():
        return _sites(form)
    try:
        made = sites.open_site(current_store(), name=form.words("name"), **by_and_now())
    except ConflictError as taken:
        form.refuse(str(taken))
        return _sites(form)
    flash(f"The site “{made.name}” is open.")
    return see_other(".sites_page")


def _sites(form: SiteNameForm, refused: str = "") -> Answer:
    require_administrator(g.practitioner)
    known = sites.every_site(current_store())
    return page("sites", form_status(form), form=form, sites=known, refused=refused)


@bp.post("/sites/<site_id>/rename")
@open_to(Access.ADMINISTRATOR)
def rename_site(site_id: str) -> Answer:
    """Give a site another name."""
    sites.known(current_store(), site_id)
    form = SiteNameForm()
    if not form.validate_on_submit():
        return _sites(SiteNameForm(formdata=None), form.error("name"))
    try:
        sites.rename(current_store(), site_id=site_id, name=form.words("name"), **by_and_now())
    except ConflictError as taken:
        return _sites(SiteNameForm(formdata=None), str(taken))
    flash("The site is renamed.")
    return see_other(".sites_page")


@bp.post("/sites/<site_id>/close")
@open_to(Access.ADMINISTRATOR)
def close_site(site_id: str) -> Answer:
    """Close a site; what was begun there stays."""
    try:
        closed = sites.close(current_store(), site_id=site_id, **by_and_now())
    except StateError as refused:
        return _sites(SiteNameForm(formdata=None), str(refused))
    flash(f"The site “{closed.name}” is closed. Its cases stay.")
    return see_other(".sites_page")


@bp.post("/sites/<site_id>/reopen")
@open_to(Access.ADMINISTRATOR)
def reopen_site(site_id: str) -> Answer:
    """Open a closed site again."""
    opened = sites.reopen(current_store(), site_id=site_id, **by_and_now())
    flash(f"The site “{opened.name}” is open again.")
    return see_other(".sites_page")
