"""The day of treatment: the questions at the chair, what was done, and advice to take home."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import current_app, flash, g, render_template

from intake.actions import treat
from intake.actions.decide import open_case
from intake.actions.treat import SessionRefusedError, is_confirmed
from intake.core.course import advice_for
from intake.core.errors import ConflictError, StateError
from intake.core.reading import case_for
from intake.core.review import CaseStatus, case_status
from intake.core.sessions import faults_of_session
from intake.core.translations import SOURCE_LANGUAGE
from intake.web.access import Access, open_to
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_base import bp, form_status, local, page, see_other
from intake.web.desk_session_forms import chair_form, session_form
from intake.web.languages import in_tongue

if TYPE_CHECKING:
    from flask import Response as Answer

    from intake.core.errors import IntakeError
    from intake.core.records import Case
    from intake.core.rules import RulePack
    from intake.web.desk_session_forms import ChairForm, SessionForm


@bp.route("/cases/<response_id>/chair", methods=["GET", "POST"])
@open_to(Access.CLINICIAN)
def chair(response_id: str) -> Answer:
    """Ask what may have changed since the form was sent, minutes before the treatment."""
    case, pack = _going_ahead(response_id)
    form = chair_form(pack.guide)
    if not form.validate_on_submit():
        return _show_chair(case, pack, form)
    try:
        now = _confirm(response_id, form)
    except SessionRefusedError as refused:
        form.take(refused.faults)
        return _show_chair(case, pack, form)
    if case_status(now, current_clinic().today()) is CaseStatus.DECIDED:
        flash("Nothing new came up. Go through the checklist, treat, and write down what you did.")
        return see_other(".session", response_id=response_id)
    flash("Something came up. Read the findings and decide before you treat.")
    return see_other(".case", response_id=response_id)


def _confirm(response_id: str, form: ChairForm) -> Case:
    house = current_clinic()
    return treat.confirm(
        current_store(),
        house.pack_of,
        response_id=response_id,
        said=form.said(),
        by=g.practitioner,
        now=house.now(),
        today=house.today(),
        day_of=lambda at: local(at).date(),
    )


def _going_ahead(response_id: str) -> tuple[Case, RulePack]:
    """Return a case that somebody decided to treat, and its pack.

    Raises:
        StateError: nobody did, or it was treated.
    """
    case, pack = _opened(response_id)
    treat.require_going_ahead(current_store(), case, pack.rules_by_id, current_clinic().today())
    return case, pack


def _opened(response_id: str) -> tuple[Case, RulePack]:
    house = current_clinic()
    case = open_case(current_store(), response_id=response_id, by=g.practitioner, now=house.now())
    return case, house.pack_of(case.response.pack_hash)


def _show_chair(case: Case, pack: RulePack, form: ChairForm) -> Answer:
    house = current_clinic()
    store, today = current_store(), house.today()
    old = treat.out_of_date(store, pack, case.response, lambda at: local(at).date(), today)
    return page(
        "chair",
        HTTPStatus.UNPROCESSABLE_ENTITY if form.problems() else HTTPStatus.OK,
        case=case,
        form=form,
        guide=pack.guide,
        out_of_date=len(old),
        is_confirmed=is_confirmed(case, today),
        today=today,
    )


@bp.route("/cases/<response_id>/session", methods=["GET", "POST"])
@open_to(Access.CLINICIAN)
def session(response_id: str) -> Answer:
    """Write down what was done, with the checklist; once it was confirmed at the chair today."""
    case, pack = _opened(response_id)
    house = current_clinic()
    answers = case_for(pack, case.response, house.today())
    form = session_form(pack, answers)
    try:
        treat.require_going_ahead(current_store(), case, pack.rules_by_id, house.today())
    except StateError as held:
        return _keep_words(case, form, held)
    if not is_confirmed(case, house.today()):
        flash("Ask the questions at the chair first.")
        return see_other(".chair", response_id=response_id)
    if not form.validate_on_submit():
        if form.is_submitted():
            form.take(faults_of_session(pack, answers, form.done()))
        return _show_session(case, form)
    if case_status(case, house.today()) is not CaseStatus.DECIDED:
        form.refuse("Something came up that nobody has decided on. Decide, then send this again.")
        return _show_session(case, form, status=HTTPStatus.CONFLICT)
    try:
        treat.record_session(
            current_store(),
            house.pack_of,
            response_id=response_id,
            done=form.done(),
            by=g.practitioner,
            now=house.now(),
            today=house.today(),
        )
    except SessionRefusedError as refused:
        form.take(refused.faults)
        return _show_session(case, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except (StateError, ConflictError) as held:
        return _keep_words(case, form, held)
    flash("The session is recorded. Print the advice for the patient to take home.")
    return see_other(".course", patient_id=case.patient.id)


def _keep_words(case: Case, form: SessionForm, held: IntakeError) -> Answer:
    """Show what was written down again, with what keeps it from being recorded.

    Raises:
        IntakeError: nothing was written down.
    """
    if not form.is_submitted():
        raise held
    form.refuse(str(held))
    return _show_session(case, form, status=HTTPStatus.CONFLICT)


def _show_session(case: Case, form: SessionForm, status: HTTPStatus | None = None) -> Answer:
    today = current_clinic().today()
    return page("session", status or form_status(form), case=case, form=form, today=today)


@bp.get("/cases/<response_id>/aftercare")
@open_to(Access.CLINICIAN)
def aftercare(response_id: str) -> Answer:
    """Show the advice to take home, in the language in which the patient read the form."""
    house = current_clinic()
    case = open_case(current_store(), response_id=response_id, by=g.practitioner, now=house.now())
    if case.session is None:
        msg = "There is no session of this case yet. Record it first."
        raise StateError(msg)
    pack = house.pack_of(case.response.pack_hash)
    spoken = case.response.language
    language = spoken if spoken in house.languages(pack) else SOURCE_LANGUAGE
    return current_app.make_response(in_tongue(language, lambda: _aftercare(case, pack, language)))


def _aftercare(case: Case, pack: RulePack, language: str) -> str:
    house = current_clinic()
    recorded = case.session
    if recorded is None:
        return ""
    lines = list(advice_for(house.said_in(pack, language), recorded))
    return render_template(
        "paper/aftercare.html",
        advice=[line for line in lines if not line.is_warning],
        warnings=[line for line in lines if line.is_warning],
        patient=case.patient,
        session=recorded,
        translation=pack.translations.get(language),
        pack=pack,
        phone=house.settings.phone,
        response_id=case.response.id,
    )
