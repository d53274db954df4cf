"""Taking cases out as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, g

from intake.actions.export import ExportFilters, export_table
from intake.actions.sites import sites_of
from intake.web.access import Access, open_to, require_fresh
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_base import bp, form_status, head_to_take_out, page
from intake.web.desk_export_form import ExportForm

if TYPE_CHECKING:
    from flask import Response as Answer

_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson; charset=utf-8"}


@bp.get("/export")
@open_to(Access.CLINICIAN)
def export() -> Answer:
    """Ask which cases are to leave the house."""
    return _ask(ExportForm(formdata=None))


@bp.post("/export")
@open_to(Access.CLINICIAN)
@require_fresh()
def export_now() -> Answer:
    """Send the cases as a file; the release is written to the audit trail."""
    form = ExportForm().offering(sites_of(current_store(), g.practitioner))
    return _download(form) if form.validate_on_submit() else _ask(form)


def _ask(form: ExportForm) -> Answer:
    sites = sites_of(current_store(), g.practitioner)
    return page("export", form_status(form), form=form.offering(sites), sites=sites)


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
        filters=ExportFilters(form.since.data, form.until.data, form.triages, form.site.data or ""),
        by=g.practitioner,
        now=house.now(),
        today=house.today(),
    )
    answer = Response(rows, content_type=_TYPES[kind])
    answer.call_on_close(store.close)
    # The name holds the head of the trail, in which this release is the last line.
    name = f"intake-{shape}-{house.today()}-{head_to_take_out(store)}.{kind}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
