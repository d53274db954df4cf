"""The cases of a day: the list at the desk, and their summaries to print."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Response, current_app, g, request
from wtforms import SelectField, StringField
from wtforms.validators import AnyOf, DataRequired

from intake.actions.day_lists import MOST_CASES, list_day, summaries_of
from intake.actions.rescreen import bring_back
from intake.actions.trail_check import head_of_trail, keep_head_of_day
from intake.exports.documents import policy_of_summaries
from intake.exports.pdf import Paper, missing
from intake.exports.sealing import Form
from intake.web.access import Access, open_to, require_fresh
from intake.web.choices import offered
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_base import bp, page
from intake.web.desk_documents import PAPERS, TYPES
from intake.web.desk_forms import DATES, DayField, DeskForm
from intake.web.desk_queue import in_words
from intake.web.press import current_press

if TYPE_CHECKING:
    from datetime import date

    from flask import Response as Answer

NO_DAY = "Enter the day, such as 2026-12-05 or 5 December 2026."


class ChosenDayForm(DeskForm):
    """Which day is listed; it lives in the address."""

    class Meta:
        """Nothing is changed by looking."""

        csrf = False

    day = DayField("Day", [DataRequired(NO_DAY)], format=DATES)


class SummariesForm(DeskForm):
    """What is made of a day's cases."""

    day = DayField("Day", [DataRequired(NO_DAY)], format=DATES)
    form = StringField("Kind of file", [AnyOf(list(TYPES), "Choose the kind of file.")])
    paper = SelectField("Paper", choices=offered(PAPERS.items()), default=Paper.A4.value)


@bp.get("/day")
@open_to(Access.CLINICIAN)
def day_list() -> Answer:
    """Show the cases of a day with two identifiers and their triage; of private topics nothing."""
    house = current_clinic()
    form = ChosenDayForm(request.args if "day" in request.args else None)
    if form.day.data is None and not form.day.raw_data:
        form.day.data = house.today()
    elif not form.validate():
        return _show(form, None, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _show(form, form.day.data)


@bp.post("/day")
@open_to(Access.CLINICIAN)
@require_fresh()
def day_summaries() -> Answer:
    """Hand out the summaries of a day's cases, to print; one line in the audit trail says so."""
    form = SummariesForm()
    day: date | None = form.day.data
    if not form.validate_on_submit() or day is None:
        return _show(form, day, HTTPStatus.UNPROCESSABLE_ENTITY)
    _bring_back()
    kind = Form(form.words("form"))
    made = summaries_of(
        current_store(),
        current_press(),
        day=day,
        form=kind,
        by=g.practitioner,
        now=current_clinic().now(),
        paper=Paper(form.words("paper")),
    )
    answer = Response(made.content, content_type=TYPES[kind])
    if kind is Form.HTML:
        policy = policy_of_summaries(current_app.extensions["documents"])
        answer.headers["Content-Security-Policy"] = policy
    else:
        name = f"intake-day-{day}.pdf"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _bring_back() -> None:
    house = current_clinic()
    bring_back(current_store(), house.pack_of, now=house.now(), today=house.today())


def _show(form: DeskForm, day: date | None, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    house = current_clinic()
    _bring_back()
    zone, today = house.settings.timezone, house.today()
    who, store = g.practitioner, current_store()
    keep_head_of_day(store, house.settings.heads, now=house.now())
    found = list_day(store, day=day, zone=zone, by=who, today=today) if day else None
    return page(
        "day",
        status,
        form=form,
        day=day,
        today=today,
        found=found,
        rows=in_words(found.rows, house.readable_pack) if found else [],
        most=MOST_CASES,
        head=head_of_trail(store).short,
        papers=PAPERS,
        no_pdf=missing(),
    )
