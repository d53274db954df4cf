"""The queue: who waits, most serious first, and finding a case by name."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import flash, g, request

from intake.actions.devices import needing_cleaning
from intake.actions.queue import MOST_COUNTED, QueueFilters, claim, list_cases, release
from intake.actions.recall import count_open, progress
from intake.actions.rescreen import bring_back
from intake.actions.sites import sites_of
from intake.core.review import CaseStatus, may_decide, may_read_cases, may_take
from intake.core.rules import Triage
from intake.web.access import Access, open_to
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_base import bp, page, see_other
from intake.web.desk_forms import FilterForm, FindForm

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Response as Answer

    from intake.actions.queue import CaseRow
    from intake.core.rules import RulePack

AREA = "plan.area"

WAITS = (CaseStatus.WAITING, CaseStatus.WITH_DERMATOLOGIST)
"""Where a case stands until somebody decides."""

KEPT_OFF_THE_LIST = "Open the case to see why"
"""What stands on the list in place of a rule that looks at a private question."""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue: a case, with its codes in words."""

    case: CaseRow
    areas: tuple[str, ...]
    reason: str


def in_words(rows: Iterable[CaseRow], pack: RulePack | None) -> list[QueueRow]:
    """Say the areas and reasons of rows in words; without the pack in force, what can be said."""
    area = pack.items.get(AREA) if pack else None
    told = titles_to_tell(pack) if pack else frozenset()
    return [
        QueueRow(
            row,
            tuple(area.text_of(code) if area else code for code in row.area),
            reason_on_list(row, told),
        )
        for row in rows
    ]


def reason_on_list(row: CaseRow, told: frozenset[str]) -> str:
    """Return the top finding, unless it may tell a passer-by of a private answer.

    The title of a rule that the pack in force does not hold could be about anything, so it is
    kept off the list as well.
    """
    if row.triage in (None, Triage.ROUTINE) or not row.is_assessed:
        return row.top_finding
    return row.top_finding if row.top_finding in told else KEPT_OFF_THE_LIST


def titles_to_tell(pack: RulePack) -> frozenset[str]:
    """Return the titles of the rules of which none looks at a question asked in private."""
    private = pack.questionnaire.private
    kept_off = {rule.title for rule in pack.rules if private & set(rule.subjects)}
    return frozenset(rule.title for rule in pack.rules) - kept_off


@bp.get("/")
@open_to(Access.DESK)
def queue() -> Answer:
    """Show the queue; an administrator, who reads no cases, goes to administration."""
    if not may_read_cases(g.practitioner):
        return see_other(".accounts_page")
    return _show_narrowed("queue")


@bp.get("/queue")
@open_to(Access.READER)
def queue_now() -> Answer:
    """Send the table of the queue alone, to a page that looks by itself whether it changed."""
    return _show_narrowed("queue_table")


def _show_narrowed(template: str) -> Answer:
    form = FilterForm(request.args).offering(sites_of(current_store(), g.practitioner))
    if not form.validate():
        return _show(template, form, QueueFilters(), HTTPStatus.UNPROCESSABLE_ENTITY)
    filters = QueueFilters(
        status=form.status.data,
        triage=form.triages,
        since=form.since.data,
        until=form.until.data,
        mine=form.mine.data,
        for_dermatologist=form.dermatologist.data,
        site=form.site.data or "",
        after=request.args.get("after", ""),
    )
    return _show(template, form, filters)


@bp.get("/next")
@open_to(Access.CLINICIAN)
def next_case() -> Answer:
    """Lead to the first case that is this person's to decide and that nobody else has taken."""
    house = current_clinic()
    bring_back(current_store(), house.pack_of, now=house.now(), today=house.today())
    found = list_cases(
        current_store(), filters=QueueFilters(), today=house.today(), by=g.practitioner,
        now=house.now(),
    )  # fmt: skip
    for row in found.rows:
        is_free = row.owner is None or row.owner.by == g.practitioner.id
        if is_free and may_decide(g.practitioner, row.status) and row.status in WAITS:
            return see_other(".case", response_id=row.response_id)
    flash("Nobody on the first page of the queue waits for you.")
    return see_other(".queue")


@bp.post("/find")
@open_to(Access.READER)
def find() -> Answer:
    """Find cases by a patient's name or record number, whatever their status."""
    form = FindForm()
    if not form.validate_on_submit() or not form.words("text"):
        return see_other(".queue")
    filters = QueueFilters(status="all", text=form.words("text"))
    return _show("queue", FilterForm(None), filters, find_form=form)


def _show(
    template: str,
    form: FilterForm,
    filters: QueueFilters,
    status: HTTPStatus = HTTPStatus.OK,
    find_form: FindForm | None = None,
) -> Answer:
    house = current_clinic()
    bring_back(current_store(), house.pack_of, now=house.now(), today=house.today())
    found = list_cases(
        current_store(), filters=filters, today=house.today(), by=g.practitioner, now=house.now()
    )
    sites = sites_of(current_store(), g.practitioner)
    narrowed = [pair for pair in request.args.items(multi=True) if pair[0] != "after"]
    after = [("after", found.rows[-1].response_id)] if found.has_more else []
    return page(
        template,
        status,
        form=form.offering(sites),
        sites=sites,
        find_form=find_form or FindForm(None),
        searched=filters.text,
        found=found,
        rows=in_words(found.rows, house.readable_pack),
        now=house.now(),
        most_counted=MOST_COUNTED,
        recalled=count_open(current_store(), by=g.practitioner),
        looking=progress(current_store()),
        uncleaned=needing_cleaning(current_store(), by=g.practitioner),
        may_take=may_take,
        first=urlencode(narrowed),
        show_first=bool(filters.after),
        further=urlencode([*narrowed, *after]) if after else "",
        narrowed=urlencode([*narrowed, *([("after", filters.after)] if filters.after else [])]),
    )


@bp.post("/cases/<response_id>/take")
@open_to(Access.CLINICIAN)
def take(response_id: str) -> Answer:
    """Take a case, and open it."""
    claim(
        current_store(),
        response_id=response_id,
        seen=request.form.get("owner", ""),
        by=g.practitioner,
        today=current_clinic().today(),
        now=current_clinic().now(),
    )
    return see_other(".case", response_id=response_id)


@bp.post("/cases/<response_id>/give-back")
@open_to(Access.CLINICIAN)
def give_back(response_id: str) -> Answer:
    """Give a case back to the queue."""
    release(current_store(), response_id=response_id, by=g.practitioner, now=current_clinic().now())
    flash("The case is back in the queue.")
    return see_other(".queue")
