"""Keeping and forgetting: periods, holds, and erasing what is due or asked for.

Administrators see no patients, so these pages show record numbers and nobody's name.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import flash, g, request

from intake.actions import backups, looking_up, retention
from intake.actions.tries import TooManyTriesError
from intake.core.display import count
from intake.core.errors import AnswerError, NotFoundError, StateError
from intake.core.retention import CLASS_WORDS, WHY_WORDS, RecordClass
from intake.web.access import Access, open_to, require_fresh
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_base import bp, by_and_now, form_status, names_of_people, page, see_other
from intake.web.desk_retention_forms import DueForm, EraseForm, HoldForm, LookForm, PeriodForm

if TYPE_CHECKING:
    from datetime import date

    from flask import Response as Answer

    from intake.core.retention import Outline
    from intake.web.desk_forms import DeskForm


@bp.get("/retention")
@open_to(Access.ADMINISTRATOR)
def retention_page() -> Answer:
    """Show how long records are kept, what is on hold, and what was erased."""
    return _retention()


def _retention(
    *,
    failed: DeskForm | None = None,
    period: PeriodForm | None = None,
    hold: HoldForm | None = None,
    look: LookForm | None = None,
) -> Answer:
    """Show the page; *failed* is that one of its forms whose faults it tells."""
    store, by = current_store(), g.practitioner
    settings = current_clinic().settings
    folder = settings.backup_folder
    return page(
        "retention",
        form_status(failed) if failed else HTTPStatus.OK,
        problems=failed.problems() if failed else [],
        kept=retention.periods(store, by=by),
        period=period or PeriodForm(formdata=None),
        words=CLASS_WORDS,
        why=WHY_WORDS,
        hold=hold or HoldForm(formdata=None),
        look=look or LookForm(formdata=None),
        holds=retention.holds(store, by=by),
        erasures=retention.erasures(store, by=by),
        old_backups=backups.holding_what_was_erased(store, folder, **by_and_now()),
        set_aside=backups.set_aside_with_what_was_erased(store, settings.place, by=by),
        days=settings.backup_days if settings.backup_hours else 0,
        people=names_of_people(),
    )


@bp.post("/retention/periods")
@open_to(Access.ADMINISTRATOR)
@require_fresh()
def set_retention() -> Answer:
    """Decide for how long a class of records is kept."""
    form = PeriodForm()
    if not form.validate_on_submit():
        return _retention(failed=form, period=form)
    about = RecordClass(form.about.data)
    try:
        retention.set_period(
            current_store(),
            record_class=about,
            period=form.period,
            reason=form.words("reason"),
            **by_and_now(),
        )
    except AnswerError as refused:
        form.length.errors = [str(refused)]
        return _retention(failed=form, period=form)
    flash(f"{CLASS_WORDS[about].name}: kept {form.period or 'without end'} from now on.")
    return see_other(".retention_page")


@bp.post("/retention/holds")
@open_to(Access.ADMINISTRATOR)
def place_hold() -> Answer:
    """Put a patient's record on hold."""
    form = HoldForm()
    if not form.validate_on_submit():
        return _retention(failed=form, hold=form)
    try:
        made = retention.hold(
            current_store(),
            record_number=form.words("record_number"),
            reason=form.words("reason"),
            **by_and_now(),
        )
    except (NotFoundError, StateError) as refused:
        form.record_number.errors = [str(refused)]
        return _retention(failed=form, hold=form)
    flash(f"{made.record_number} is on hold: nothing of it is erased until that is lifted.")
    return see_other(".retention_page")


@bp.post("/retention/lift")
@open_to(Access.ADMINISTRATOR)
@require_fresh()
def lift_hold() -> Answer:
    """Lift the hold on a patient's record."""
    number, form = request.form.get("record_number", ""), HoldForm(formdata=None)
    try:
        retention.lift(current_store(), record_number=number, **by_and_now())
    except (NotFoundError, StateError) as refused:
        form.refuse(str(refused))
        return _retention(failed=form, hold=form)
    flash("The hold is lifted. The period of that record counts again.")
    return see_other(".retention_page")


@bp.get("/retention/due")
@open_to(Access.ADMINISTRATOR)
def due_page() -> Answer:
    """List what is due today; nothing is changed by looking."""
    return _due(DueForm(formdata=None))


def _due(form: DueForm) -> Answer:
    store, house = current_store(), current_clinic()
    found = retention.due(store, by=g.practitioner, today=house.today())
    return page(
        "due",
        form_status(form),
        form=form,
        found=found,
        seen=retention.seen(found),
        words=CLASS_WORDS,
        today=house.today(),
        silence=None if found.is_empty else retention.silence(store, now=house.now()),
    )


@bp.post("/retention/due")
@open_to(Access.ADMINISTRATOR)
@require_fresh()
def erase_due() -> Answer:
    """Erase what was looked at."""
    form = DueForm()
    if not form.validate_on_submit():
        return _due(form)
    try:
        gone = retention.erase_due(
            current_store(),
            today=current_clinic().today(),
            expected=form.words("seen"),
            is_day_confirmed=form.today.data,
            **by_and_now(),
        )
    except StateError as refused:
        form.refuse(str(refused))
        return _due(form)
    patients = sum(len(each) for each in gone.patients.values())
    flash(
        f"Erased: {count(patients, 'patient')}, {count(len(gone.forms), 'form')} never sent,"
        f" {count(gone.sign_ins, 'trace')} of signing in."
    )
    return see_other(".retention_page")


@bp.post("/retention/patient")
@open_to(Access.ADMINISTRATOR)
@require_fresh()
def look_up_patient() -> Answer:
    """Show what there is of a patient who is to be erased; nothing is changed."""
    look = LookForm()
    if not look.validate_on_submit() or look.born.data is None:
        return _retention(failed=look, look=look)
    try:
        return _patient(look, EraseForm(formdata=None), _look_up(look, look.born.data))
    except (NotFoundError, TooManyTriesError) as refused:
        return _not_found(look, refused)


def _look_up(look: LookForm, born: date) -> Outline:
    number = look.words("record_number")
    return looking_up.look_up(current_store(), record_number=number, born=born, **by_and_now())


def _not_found(look: LookForm, refused: NotFoundError | TooManyTriesError) -> Answer:
    is_late = isinstance(refused, TooManyTriesError)
    look.record_number.errors = [looking_up.TOO_MANY if is_late else str(refused)]
    answer = _retention(failed=look, look=look)
    if is_late:
        answer.status_code = HTTPStatus.TOO_MANY_REQUESTS
    return answer


def _patient(look: LookForm, form: EraseForm, found: Outline) -> Answer:
    return page(
        "erase",
        form_status(form) if form.errors else HTTPStatus.OK,
        form=form,
        look=look,
        found=found,
    )


@bp.post("/retention/erase")
@open_to(Access.ADMINISTRATOR)
@require_fresh()
def erase_patient() -> Answer:
    """Erase one patient."""
    look, form = LookForm(), EraseForm()
    if not look.validate() or look.born.data is None:
        return _retention(failed=look, look=look)
    try:
        found = _look_up(look, look.born.data)
        if not form.validate_on_submit():
            return _patient(look, form, found)
        made = retention.erase_patient(
            current_store(),
            record_number=look.words("record_number"),
            born=look.born.data,
            reason=form.words("reason"),
            **by_and_now(),
        )
    except (NotFoundError, TooManyTriesError) as refused:
        return _not_found(look, refused)
    except StateError as refused:
        look.record_number.errors = [str(refused)]
        return _retention(failed=look, look=look)
    flash(f"Erased: the patient and {count(made.forms, 'form')}.")
    return see_other(".retention_page")
