"""Taking cases out, and what the administrator looks after: tablets, accounts, the audit trail."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Response, flash, g, url_for

from intake.actions import accounts, tablets
from intake.actions.export import ExportFilters, export_table
from intake.actions.queue import latest_events
from intake.web.access import Access, open_to
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_base import bp, form_status, page, see_other
from intake.web.desk_forms import ExportForm, TabletForm

if TYPE_CHECKING:
    from flask import Response as Answer

_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson; charset=utf-8"}


@bp.get("/export")
@open_to(Access.CLINICIAN)
def export() -> Answer:
    """Ask which cases are to leave the house."""
    return page("export", form=ExportForm(formdata=None))


@bp.post("/export")
@open_to(Access.CLINICIAN)
def export_now() -> Answer:
    """Send the cases as a file; the release is written to the audit trail."""
    form = ExportForm()
    if not form.validate_on_submit():
        return page("export", form_status(form), form=form)
    return _download(form)


def _download(form: ExportForm) -> Answer:
    """Send the file line by line.

    The lines are read after the request has let go of its database, so they have one of their own.
    """
    shape, kind = form.words("shape"), form.words("form")
    house, store = current_clinic(), current_clinic().open()
    rows = export_table(
        store,
        shape=shape,
        form=kind,
        filters=ExportFilters(form.since.data, form.until.data, form.triages),
        by=g.practitioner,
        now=house.now(),
        today=house.today(),
    )
    answer = Response(rows, content_type=_TYPES[kind])
    answer.call_on_close(store.close)
    name = f"intake-{shape}-{house.today()}.{kind}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@bp.get("/tablets")
@open_to(Access.ADMINISTRATOR)
def tablets_page() -> Answer:
    """Show every tablet, and the form for a new one."""
    return _tablets(TabletForm(formdata=None))


@bp.post("/tablets")
@open_to(Access.ADMINISTRATOR)
def add_tablet() -> Answer:
    """Make a link that enrols one tablet, once; it is shown on this page and never again."""
    form = TabletForm()
    if not form.validate_on_submit():
        return _tablets(form)
    name = form.words("name")
    code = tablets.enrolment_link(
        current_store(), name=name, by=g.practitioner, now=current_clinic().now()
    )
    link = url_for("tablet.enrol", code=code, _external=True)
    return _tablets(TabletForm(formdata=None), link=link, named=name)


def _tablets(form: TabletForm, link: str = "", named: str = "") -> Answer:
    return page(
        "tablets",
        form_status(form) if form.errors else HTTPStatus.OK,
        form=form,
        tablets=tablets.list_tablets(current_store(), by=g.practitioner),
        link=link,
        named=named,
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


@bp.get("/accounts")
@open_to(Access.ADMINISTRATOR)
def accounts_page() -> Answer:
    """Show who has an account; they are added at the command line."""
    return page("accounts", accounts=accounts.list_accounts(current_store()))


@bp.get("/audit")
@open_to(Access.ADMINISTRATOR)
def audit() -> Answer:
    """Show the latest events: who did what to which record, and when."""
    people = {p.id: p.name for p in accounts.list_accounts(current_store())}
    events = latest_events(current_store(), by=g.practitioner)
    return page("audit", events=events, people=people)
