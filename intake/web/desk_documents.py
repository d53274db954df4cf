"""Documents of a case: what they hold, and handing one out."""

from __future__ import annotations

from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Response, g
from wtforms import SelectField, StringField
from wtforms.validators import AnyOf

from intake.actions.decide import open_case
from intake.actions.documents import document_of
from intake.actions.fhir import Bundle, bundle_of
from intake.exports.fhir.naming import FHIR_JSON, written
from intake.exports.pdf import Paper, missing
from intake.exports.sealing import Form
from intake.web.access import Access, open_to, require_fresh
from intake.web.choices import offered
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_base import bp, page
from intake.web.desk_forms import DeskForm
from intake.web.press import current_press

if TYPE_CHECKING:
    from flask import Response as Answer


TYPES = {Form.HTML: "text/html; charset=utf-8", Form.PDF: "application/pdf"}
PAPERS = {Paper.A4.value: "A4", Paper.LETTER.value: "Letter"}


class DocumentForm(DeskForm):
    """Which kind of file, on which paper."""

    form = StringField("Kind of file", [AnyOf([*TYPES, *Bundle], "Choose the kind of file.")])
    paper = SelectField("Paper", choices=offered(PAPERS.items()), default=Paper.A4.value)


@bp.get("/cases/<response_id>/document")
@open_to(Access.CLINICIAN)
def document(response_id: str) -> Answer:
    """Say what a document of a case holds, before one leaves the house."""
    return _ask(response_id, DocumentForm(formdata=None))


@bp.post("/cases/<response_id>/document")
@open_to(Access.CLINICIAN)
@require_fresh()
def make_document(response_id: str) -> Answer:
    """Make a document and hand it out; the line in the audit trail holds its hash."""
    form = DocumentForm()
    if not form.validate_on_submit():
        return _ask(response_id, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    if form.words("form") in list(Bundle):
        return _bundled(response_id, Bundle(form.words("form")))
    made = document_of(
        current_store(),
        current_press(),
        response_id=response_id,
        form=Form(form.words("form")),
        by=g.practitioner,
        now=current_clinic().now(),
        paper=Paper(form.words("paper")),
    )
    return _handed_out(made.content, TYPES[made.form], made.sha256, "record", made.form.value)


def _ask(response_id: str, form: DocumentForm, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    house = current_clinic()
    case = open_case(current_store(), response_id=response_id, by=g.practitioner, now=house.now())
    return page("document", status, case=case, form=form, today=house.today(), no_pdf=missing())


def _bundled(response_id: str, kind: Bundle) -> Answer:
    made = bundle_of(
        current_store(),
        current_press(),
        response_id=response_id,
        kind=kind,
        by=g.practitioner,
        now=current_clinic().now(),
    )
    content = written(made)
    return _handed_out(content, FHIR_JSON, sha256(content).hexdigest(), "fhir", "json")


def _handed_out(content: bytes, kind: str, digest: str, what: str, ending: str) -> Answer:
    """Send a file whose name tells its day and a part of its hash, and nothing of a patient."""
    name = f"intake-{what}-{current_clinic().today()}-{digest[:8]}.{ending}"
    answer = Response(content, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
