"""Beginning an intake: find or register the patient, write the plan, hand the tablet over."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import flash, g, request

from intake.actions import begin as begin_actions
from intake.actions import devices, patients, visits
from intake.actions.begin import PlanRefusedError
from intake.actions.decide import open_case
from intake.actions.returning import earlier_of
from intake.actions.sites import open_sites_of, usual_site
from intake.core.errors import NotFoundError, StateError
from intake.core.records import ResponseStatus
from intake.web.access import Access, device_secret, open_to, this_device
from intake.web.clinic import current_clinic, current_store
from intake.web.cookies import DEVICE_COOKIE, TABLET_COOKIE_DAYS, VISIT_COOKIE, give_cookie
from intake.web.desk_base import (
    bp,
    end_session,
    form_status,
    local,
    page,
    see_other,
    without_desk_session,
)
from intake.web.desk_forms import CleanedForm, FindForm, SiteForm, SourceForm, register_form
from intake.web.desk_plan import plan_form
from intake.web.device_words import words_of
from intake.web.tablet_check import FOUND
from intake.web.tablet_install import what_is_kept
from intake.web.turns import next_turn

if TYPE_CHECKING:
    from flask import Response as Answer

    from intake.actions.returning import Earlier
    from intake.core.records import Case, Patient
    from intake.storage.devices import Device
    from intake.web.desk_forms import RegisterForm
    from intake.web.desk_plan import PlanForm

PATH = "/tablet"
"""Where the visit's cookie is sent to."""

REGISTER = "register"
"""The name of the button that registers, on a page with two forms."""


@bp.route("/begin", methods=["GET", "POST"])
@open_to(Access.CLINICIAN)
def begin() -> Answer:
    """Find the patient again, or register a new one."""
    if REGISTER in request.form:
        return _register()
    form = FindForm()
    if not form.validate_on_submit():
        return _choose(form, _blank_register_form(), status=form_status(form))
    return _choose(form, _blank_register_form(), found=_find(form.words("text")))


def _register() -> Answer:
    form = register_form(current_clinic().today())
    blank = FindForm(formdata=None)
    if not form.validate_on_submit():
        return _choose(blank, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    name, born = form.words("name"), form.birth_date
    same = [patient for patient in _find(name) if patient.birth_date == born]
    if same:
        return _choose(blank, form, same=same, status=HTTPStatus.CONFLICT)
    patient = patients.register_patient(
        current_store(), name=name, birth_date=born, by=g.practitioner, now=current_clinic().now()
    )
    return see_other(".begin_for", patient_id=patient.id)


def _find(text: str) -> list[Patient]:
    words = " ".join(text.split())
    return patients.find_patients(
        current_store(), text=words, by=g.practitioner, now=current_clinic().now()
    )


def _blank_register_form() -> RegisterForm:
    return register_form(current_clinic().today(), blank=True)


def _choose(
    find_form: FindForm,
    register_form: RegisterForm,
    *,
    found: list[Patient] | None = None,
    same: list[Patient] | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> Answer:
    return page(
        "begin",
        status,
        find_form=find_form,
        register_form=register_form,
        found=found,
        same=same,
        today=current_clinic().today(),
    )


@bp.route("/begin/<patient_id>", methods=["GET", "POST"])
@open_to(Access.CLINICIAN)
def begin_for(patient_id: str) -> Answer:
    """Write the treatment plan and begin the intake of one patient."""
    house = current_clinic()
    patient = patients.get_patient(current_store(), patient_id=patient_id, by=g.practitioner)
    if patient is None:
        msg = "There is no such patient."
        raise NotFoundError(msg)
    form = plan_form(house.pack.plan)
    before = earlier_of(
        current_store(),
        house.pack,
        house.pack_of,
        patient_id=patient_id,
        by=g.practitioner,
        day_of=lambda at: local(at).date(),
        today=house.today(),
    )
    offered = open_sites_of(current_store(), g.practitioner)
    where = SiteForm().offering(offered, usual_site(current_store(), g.practitioner))
    is_taken = [one.validate_on_submit() for one in (form, where)]
    if not all(is_taken):
        return _show_plan(form, patient, before=before, where=where)
    try:
        response = begin_actions.begin(
            current_store(),
            house.pack,
            patient_id=patient_id,
            plan=form.plan(),
            by=g.practitioner,
            now=house.now(),
            today=house.today(),
            earlier=before,
            site=where.words("site"),
        )
    except PlanRefusedError as refused:
        form.take(refused.problems)
        return _show_plan(form, patient, before=before, where=where)
    return see_other(".hand_over", response_id=response.id)


def _show_plan(
    form: PlanForm,
    patient: Patient,
    case: Case | None = None,
    before: Earlier | None = None,
    where: SiteForm | None = None,
) -> Answer:
    return page(
        "plan",
        form_status(form),
        form=form,
        patient=patient,
        case=case,
        before=before,
        where=where,
        today=current_clinic().today(),
    )


def case_being_filled(response_id: str) -> Case:
    """Return a case whose form is not sent yet.

    Raises:
        StateError: it was sent or withdrawn, so no tablet may open it.
    """
    case = open_case(
        current_store(), response_id=response_id, by=g.practitioner, now=current_clinic().now()
    )
    if case.response.status is not ResponseStatus.IN_PROGRESS:
        msg = "This form was sent or withdrawn. Open the case and begin a new version instead."
        raise StateError(msg)
    return case


@bp.route("/cases/<response_id>/plan", methods=["GET", "POST"])
@open_to(Access.CLINICIAN)
def plan(response_id: str) -> Answer:
    """Enter or change what is planned while the form is being filled."""
    case, house = case_being_filled(response_id), current_clinic()
    pack = house.pack_of(case.response.pack_hash)
    form = plan_form(pack.plan, case.response.plan)
    if not form.validate_on_submit():
        return _show_plan(form, case.patient, case)
    try:
        begin_actions.change_plan(
            current_store(),
            pack,
            response_id=response_id,
            plan=form.plan(),
            by=g.practitioner,
            now=house.now(),
            today=house.today(),
        )
    except PlanRefusedError as refused:
        form.take(refused.problems)
        return _show_plan(form, case.patient, case)
    flash("The plan is saved.")
    return see_other(".case", response_id=response_id)


@bp.get("/hand-over/<response_id>")
@open_to(Access.CLINICIAN)
def hand_over(response_id: str) -> Answer:
    """Say what handing the device over will do, before it is done."""
    return hand_over_page(case_being_filled(response_id), SourceForm(formdata=None))


def hand_over_page(
    case: Case,
    form: SourceForm,
    cleaned: CleanedForm | None = None,
    device: Device | None = None,
) -> Answer:
    """Show both ways to fill a form: by the patient, or by the practitioner for the patient.

    A device that was not found clean after its last patient is to be cleaned first. The page looks
    once more by itself, since whoever had it could leave something after its check.
    """
    device, cleaned = device or this_device(), cleaned or CleanedForm(formdata=None)
    may_have = device is None or device.may_be_given_for(case.response.id)
    return page(
        "hand_over",
        form_status(form),
        case=case,
        today=current_clinic().today(),
        form=form,
        cleaned=cleaned,
        care=None if may_have or device is None else words_of(device),
        check={"kept": what_is_kept(), "to": ""},
    )


@bp.post("/hand-over/<response_id>")
@open_to(Access.CLINICIAN)
def hand_over_now(response_id: str) -> Answer:
    """End the desk session on this device, then open the patient's visit on it."""
    case, now = case_being_filled(response_id), current_clinic().now()
    device, new_token = this_device(), ""
    if device is None:
        device, new_token = devices.add_desk_device(current_store(), by=g.practitioner, now=now)
    device = _as_found(device)
    if not device.may_be_given_for(response_id):
        cleaned = CleanedForm()
        if not cleaned.validate():
            answer = hand_over_page(case, SourceForm(formdata=None), cleaned, device)
            return _with_device(answer, new_token)
        visits.take_back(current_store(), device, by=g.practitioner, now=now)
        devices.note_cleaned(
            current_store(),
            device_id=device.id,
            how=cleaned.words("how"),
            by=g.practitioner,
            now=now,
        )
    token = begin_actions.hand_over(
        current_store(),
        response_id=response_id,
        by=g.practitioner,
        now=now,
        device_id=device.id,
        device_token=new_token or device_secret(),
    )
    end_session()
    next_turn()
    answer = without_desk_session(see_other("tablet.welcome"))
    answer.headers["Clear-Site-Data"] = '"cache"'
    return with_visit(answer, token, new_token)


def with_visit(answer: Answer, token: str, new_device: str) -> Answer:
    """Hand out a visit, and with it the secret of a browser that was no device before."""
    give_cookie(answer, VISIT_COOKIE, token, path=PATH)
    return _with_device(answer, new_device)


def _as_found(device: Device) -> Device:
    """Note what the page of handing over found on a device, if anything."""
    found, now = request.form.getlist(FOUND), current_clinic().now()
    if not found or device.is_in_hand:
        return device
    return devices.report(current_store(), device_id=device.id, found=found, now=now)


def _with_device(answer: Answer, token: str) -> Answer:
    """Let a browser be known by both sides: the tablet's pages check, the desk's pages ask."""
    if token:
        give_cookie(answer, DEVICE_COOKIE, token, path="/", days=TABLET_COOKIE_DAYS)
    return answer
