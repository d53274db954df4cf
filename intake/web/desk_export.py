"""Taking cases out as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, g

from intake.actions.deidentified import Deidentified, Manner
from intake.actions.export import Asked, ExportFilters, export_table, lines_of
from intake.actions.sites import sites_of
from intake.core.bare_answers import Dates
from intake.core.disclosure import LEAST
from intake.core.errors import AnswerError
from intake.web.access import Access, open_to, require_fresh
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_base import bp, form_status, head_to_take_out, page
from intake.web.desk_export_form import ExportForm
from intake.web.walls import stay_within_sites

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Response as Answer

    from intake.storage import Store

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
    if not form.validate_on_submit():
        return _ask(form)
    try:
        return _download(form)
    except AnswerError as error:
        form.refuse(str(error))
        return _ask(form)


def _ask(form: ExportForm) -> Answer:
    sites = sites_of(current_store(), g.practitioner)
    return page("export", form_status(form), form=form.offering(sites), sites=sites, least=LEAST)


def _download(form: ExportForm) -> Answer:
    """Send the file line by line.

    The lines are read after the request has let go of its database, so they have one of their own.
    """
    shape, kind = form.words("shape"), form.words("form")
    house, store = current_clinic(), current_clinic().open()
    stay_within_sites(store)
    try:
        rows = _lines(store, form)
    except AnswerError:
        store.close()
        raise
    answer = Response(rows, content_type=_TYPES[kind])
    answer.call_on_close(store.close)
    # The name holds the head of the trail, in which this release is the last line.
    bare = "-without-names" if form.deidentified.data else ""
    name = f"intake-{shape}{bare}-{house.today()}-{head_to_take_out(store)}.{kind}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _lines(store: Store, form: ExportForm) -> Iterator[str]:
    """Make the lines of the file.

    Raises:
        AnswerError: without names, and of too few patients for that.
    """
    house, shape, kind = current_clinic(), form.words("shape"), form.words("form")
    site, zone = form.site.data or "", house.settings.timezone
    filters = ExportFilters(form.since.data, form.until.data, form.triages, site, zone)
    if form.deidentified.data:
        asked = Asked.of(filters, g.practitioner, house.now())
        manner = Manner(Dates(form.dates.data), zone=house.settings.timezone)
        return lines_of(kind, Deidentified(store, asked, manner, house.today()).table(shape, kind))
    return export_table(
        store,
        shape=shape,
        form=kind,
        filters=filters,
        by=g.practitioner,
        now=house.now(),
        today=house.today(),
    )
