"""The queue: who waits, most serious first, and finding a case by name."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import g, request

from intake.actions.queue import QueueFilters, list_cases
from intake.core.review import may_treat_patients
from intake.core.rules import Triage
from intake.web.access import Access, open_to
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_base import bp, page, see_other
from intake.web.desk_forms import FilterForm, FindForm

if TYPE_CHECKING:
    from flask import Response as Answer

    from intake.actions.queue import CaseRow
    from intake.core.rules import RulePack

AREA = "plan.area"

KEPT_OFF_THE_LIST = "Open the case to see why"
"""What stands on the list in place of a rule that looks at a private question."""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue: a case, with its codes in words."""

    case: CaseRow
    areas: tuple[str, ...]
    reason: str


def in_words(row: CaseRow, pack: RulePack) -> QueueRow:
    """Say a row's areas and reason in words."""
    area = pack.items.get(AREA)
    areas = tuple(area.text_of(code) if area else code for code in row.area)
    return QueueRow(row, areas, reason_on_list(row, pack))


def reason_on_list(row: CaseRow, pack: RulePack) -> str:
    """Return the top finding, unless it may tell a passer-by of a private answer.

    The title of a rule that the pack in force does not hold could be about anything, so it is
    kept off the list as well.
    """
    if row.triage in (None, Triage.ROUTINE):
        return row.top_finding
    titles = {rule.title for rule in pack.rules} - private_titles(pack)
    return row.top_finding if row.top_finding in titles else KEPT_OFF_THE_LIST


def private_titles(pack: RulePack) -> frozenset[str]:
    """Return the titles of the rules that look at a question asked in private."""
    private = {item.link_id for item in pack.items.values() if item.private} | {
        item.link_id for p in pack.questionnaire.pages if p.private for item in p.items
    }
    return frozenset(rule.title for rule in pack.rules if private & set(rule.subjects))


@bp.get("/")
@open_to(Access.DESK)
def queue() -> Answer:
    """Show the queue; an administrator, who reads no cases, goes to the tablets."""
    if not may_treat_patients(g.practitioner):
        return see_other(".tablets_page")
    form = FilterForm(request.args)
    if not form.validate():
        return _show(form, QueueFilters(), HTTPStatus.UNPROCESSABLE_ENTITY)
    filters = QueueFilters(
        status=form.status.data,
        triage=form.triages,
        since=form.since.data,
        until=form.until.data,
    )
    return _show(form, filters)


@bp.post("/find")
@open_to(Access.CLINICIAN)
def find() -> Answer:
    """Find cases by a patient's name or record number, whatever their status."""
    form = FindForm()
    if not form.validate_on_submit() or not form.words("text"):
        return see_other(".queue")
    filters = QueueFilters(status="all", text=form.words("text"))
    return _show(FilterForm(None), filters, find_form=form)


def _show(
    form: FilterForm,
    filters: QueueFilters,
    status: HTTPStatus = HTTPStatus.OK,
    find_form: FindForm | None = None,
) -> Answer:
    house = current_clinic()
    rows = list_cases(
        current_store(), filters=filters, today=house.today(), by=g.practitioner, now=house.now()
    )
    return page(
        "queue",
        status,
        form=form,
        find_form=find_form or FindForm(None),
        searched=filters.text,
        rows=[in_words(row, house.pack) for row in rows],
        now=house.now(),
    )
