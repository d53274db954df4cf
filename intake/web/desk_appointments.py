"""Intakes of a whole list: looked through first, then prepared, all of it or nothing.

Between the two steps the page carries the text of the list. It is kept nowhere else, neither here
nor in the browser's storage, and it is read and held against the clinic anew.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

from flask import flash, g
from flask_wtf.file import FileField
from wtforms import HiddenField
from wtforms.validators import ValidationError

from intake.actions.appointments import ListRefusedError, look_through, take_over
from intake.actions.sites import open_sites_of, usual_site
from intake.core.answers import read_stored
from intake.core.appointments import MOST_BYTES, MOST_ROWS, ListUnreadableError, Offered
from intake.core.display import count
from intake.core.keeping import words_for
from intake.core.questionnaire import PLAN_PREFIX, YES_NO, Item, Kind
from intake.exports.appointments import read_list, text_of
from intake.web.access import Access, open_to
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_base import bp, by_and_now, page, see_other
from intake.web.desk_forms import SiteForm

if TYPE_CHECKING:
    from flask import Response as Answer
    from wtforms import Field

    from intake.actions.appointments import Checked, Looked
    from intake.core.appointments import Fault

F = TypeVar("F", bound=SiteForm)

REFUSED = HTTPStatus.UNPROCESSABLE_ENTITY
AREA = "area"
"""The field of the plan by which people know an appointment."""


class ListForm(SiteForm):
    """A file with appointments, and where they are."""

    file = FileField("File with the appointments")

    def validate_file(self, field: Field) -> None:
        """Ask for a file."""
        if not field.data:
            msg = "Choose the file with the appointments."
            raise ValidationError(msg)


class TakeOverForm(SiteForm):
    """The text of a list that was looked through."""

    listed = HiddenField("List")


@bp.get("/appointments")
@open_to(Access.CLINICIAN)
def appointments() -> Answer:
    """Ask for a list of appointments."""
    return _show(_with_sites(ListForm(formdata=None)))


@bp.post("/appointments")
@open_to(Access.CLINICIAN)
def check_appointments() -> Answer:
    """Show what a list would do; nothing of it is stored."""
    form = _with_sites(ListForm())
    if not form.validate_on_submit():
        return _show(form, REFUSED)
    try:
        text = text_of(form.file.data.read(MOST_BYTES + 1))
        sheet = read_list(text, _offered())
    except ListUnreadableError as error:
        form.file.errors = [str(error)]
        return _show(form, REFUSED)
    checked = look_through(
        current_store(), _offered(), sheet, site=form.words("site"), **by_and_now()
    )
    return _show(form, REFUSED if checked.faults else HTTPStatus.OK, checked, text)


@bp.post("/appointments/prepare")
@open_to(Access.CLINICIAN)
def prepare_appointments() -> Answer:
    """Prepare the intakes of a list, unless something is wrong with it by now."""
    form = _with_sites(TakeOverForm())
    again = _with_sites(ListForm(formdata=None, site=form.site.data))
    if not form.validate_on_submit():
        again.site.errors = form.site.errors
        return _show(again, REFUSED)
    text = form.listed.data or ""
    try:
        done = take_over(
            current_store(),
            _offered(),
            read_list(text, _offered()),
            site=form.words("site"),
            **by_and_now(),
        )
    except ListUnreadableError as error:
        again.file.errors = [str(error)]
        return _show(again, REFUSED)
    except ListRefusedError as refused:
        return _show(again, REFUSED, refused.checked, text)
    flash(_done(done))
    return see_other(".queue", status="filling")


def _done(checked: Checked) -> str:
    if not checked.begun:
        return "No intake was prepared: everybody on the list has one."
    new = f", {count(checked.registered, 'new patient')}" if checked.registered else ""
    prepared = f"Prepared: {count(checked.begun, 'intake')}{new}."
    return f"{prepared} Find a patient by name when they come, and hand the form over."


def _with_sites(form: F) -> F:
    offered = open_sites_of(current_store(), g.practitioner)
    return form.offering(offered, usual_site(current_store(), g.practitioner))


def _offered() -> Offered:
    house = current_clinic()
    return Offered(house.pack, tuple(house.languages(house.pack)), house.today())


def _show(
    form: ListForm,
    status: HTTPStatus = HTTPStatus.OK,
    checked: Checked | None = None,
    text: str = "",
) -> Answer:
    house, offered = current_clinic(), _offered()
    return page(
        "appointments",
        status,
        form=form,
        checked=checked,
        listed=text,
        faults=_by_row(checked.faults if checked else ()),
        planned={one.given.row: _planned(one) for one in (checked.rows if checked else ())},
        languages=house.languages(house.pack),
        plan=[(name, _codes(house.pack.items[PLAN_PREFIX + name])) for name in offered.plan_fields],
        most=MOST_ROWS,
    )


def _by_row(faults: tuple[Fault, ...]) -> dict[int, list[Fault]]:
    found: dict[int, list[Fault]] = {}
    for fault in faults:
        found.setdefault(fault.row, []).append(fault)
    return found


def _planned(one: Looked) -> list[tuple[str, str]]:
    """Return what a row plans, in words by field, the area first."""
    plan = one.appointment.plan if one.appointment else {}
    house = current_clinic()
    items = {name: house.pack.items[PLAN_PREFIX + name] for name in plan}
    words = {
        name: words_for(item, read_stored(item, plan[name], house.today()))
        for name, item in items.items()
    }
    return sorted(words.items(), key=lambda pair: pair[0] != AREA)


def _codes(item: Item) -> str:
    """Say what may stand in a column of the plan."""
    if item.kind is Kind.NUMBER:
        return f"a number from {item.minimum} to {item.maximum} {item.unit}".strip()
    options = YES_NO if item.kind is Kind.YES_NO else item.options
    return ", ".join(option.code for option in options)
