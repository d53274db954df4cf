"""Beginning an intake, handing it to a tablet, amending and withdrawing it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from intake.actions.devices import give, give_tablet
from intake.actions.patients import add_or_find, checked_name
from intake.actions.permission import require_clinician
from intake.actions.sites import require_open
from intake.actions.tries import count_one, of_begins
from intake.core.errors import AnswerError, IntakeError, NotFoundError, StateError
from intake.core.keeping import keep
from intake.core.questionnaire import PLAN_PREFIX
from intake.core.records import FIRST_SITE, Response, ResponseStatus
from intake.core.translations import SOURCE_LANGUAGE
from intake.storage import audit, patients, responses, tablets, visits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from intake.actions.returning import Earlier
    from intake.core.answers import Raw
    from intake.core.records import Patient, Practitioner
    from intake.core.rules import RulePack
    from intake.storage import Store

TABLET = "tablet"
"""The actor of what a patient does on a tablet."""


class PlanRefusedError(IntakeError):
    """Something in the treatment plan cannot be read.

    Attributes:
        problems: A message by field of the plan.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("the treatment plan cannot be read")


def begin(  # noqa: PLR0913 - each is a fact of its own
    store: Store,
    pack: RulePack,
    *,
    patient_id: str,
    plan: Mapping[str, Raw],
    by: Practitioner,
    now: datetime,
    today: date,
    earlier: Earlier | None = None,
    site: str = FIRST_SITE,
) -> Response:
    """Begin an intake for a patient with what is planned.

    Args:
        store: Where it is kept.
        pack: The pack in force.
        patient_id: Whose intake.
        plan: What is planned, as raw values by field.
        by: Who begins it.
        now: When.
        today: The clinic's local date.
        earlier: What it takes over from the form of an earlier visit, to be confirmed.
        site: The id of the site it is begun at.

    Raises:
        NotFoundError: there is no such patient.
        AnswerError: it is not a site of theirs, or a closed one.
        PlanRefusedError: a field of the plan cannot be read; nothing was stored.
    """
    require_clinician(by)
    kept = kept_plan(pack, plan, today)
    with store.write() as db:
        require_open(store, site, by)
        patient = patients.patient(store, patient_id)
        if patient is None:
            msg = "There is no such patient."
            raise NotFoundError(msg)
        response = new_response(store, pack, patient, kept, begun_by=by.id, now=now, site=site)
        if earlier is not None and earlier.answers:
            response = _taking_over(response, earlier)
        responses.add_response(db, response)
        audit.append(db, at=now, actor=by.id, action="intake begun", subject=response.id)
    return response


def kept_plan(pack: RulePack, plan: Mapping[str, Raw], today: date) -> dict[str, Raw]:
    """Return the plan in the form in which it is stored; what is left open is left out.

    Raises:
        PlanRefusedError: a field is unknown or cannot be read.
    """
    kept: dict[str, Raw] = {}
    problems: dict[str, str] = {}
    for name, raw in plan.items():
        item = pack.items.get(PLAN_PREFIX + name)
        if item is None:
            problems[name] = "The plan has no such field."
            continue
        try:
            value = keep(item, raw, today)
        except AnswerError as error:
            problems[name] = str(error)
            continue
        if value is not None:
            kept[name] = value
    if problems:
        raise PlanRefusedError(problems)
    return kept


def new_response(
    store: Store,
    pack: RulePack,
    patient: Patient,
    plan: Mapping[str, Raw],
    *,
    begun_by: str | None,
    now: datetime,
    site: str,
    language: str = SOURCE_LANGUAGE,
) -> Response:
    """Make an empty form in which only what the record knows is filled.

    Args:
        store: Gives its id.
        pack: The pack it is filled with.
        patient: Whose it is.
        plan: What is planned, as `kept_plan` leaves it.
        begun_by: The id of a practitioner or another system, or the command line; None for the
            patient, on a tablet.
        now: When.
        site: The id of the site it is begun at.
        language: In which it is read first.
    """
    known: dict[str, Raw] = {
        item.link_id: patient.birth_date.isoformat()
        for item in pack.questionnaire.items.values()
        if item.from_record == "birth_date"
    }
    return Response(
        id=store.new_id(),
        patient_id=patient.id,
        status=ResponseStatus.IN_PROGRESS,
        pack_hash=pack.hash,
        plan=plan,
        answers=known,
        visited=frozenset(),
        begun_at=now,
        begun_by=begun_by,
        language=language,
        site=site,
    )


def _taking_over(response: Response, earlier: Earlier) -> Response:
    return replace(
        response,
        answers={**earlier.answers, **response.answers},
        follows=earlier.response.id,
        carried=frozenset(earlier.answers),
        language=earlier.response.language,
    )


def hand_over(
    store: Store,
    *,
    response_id: str,
    by: Practitioner,
    now: datetime,
    device_id: str | None = None,
    device_token: str = "",
) -> str:
    """Open a visit, through which a tablet reaches this one form; earlier visits of it end.

    A form that holds answers of an earlier one begins locked: it opens with the date of birth, so
    that nobody is shown what another patient said.

    Args:
        store: Where it is kept.
        response_id: The form.
        by: Who hands it over.
        now: When.
        device_id: The device that the patient gets; None where no browser is handed over.
        device_token: The secret of that device, without which the visit opens nothing.

    Returns:
        The visit's token, for the tablet's cookie.

    Raises:
        NotFoundError: there is no such form or device.
        StateError: it is not being filled any more.
        NotCleanError: the device was not found clean after its last patient.
    """
    require_clinician(by)
    token = store.new_token()
    with store.write() as db:
        response = require_in_progress(store, response_id)
        visit = visits.bound(token, device_token)
        visits.open_visit(db, response_id, visit, now)
        if device_id is not None:
            give(store, db, device_id, response_id, visit, now)
        if response.carried or response.replaces:
            visits.put_lock(db, response_id, now, "")
        audit.append(db, at=now, actor=by.id, action="handed over", subject=response_id)
    return token


def require_in_progress(store: Store, response_id: str) -> Response:
    """Return a form that is being filled.

    Raises:
        NotFoundError: there is no such form.
        StateError: it is not being filled any more.
    """
    found = responses.response(store, response_id)
    if found is None:
        msg = "There is no such intake."
        raise NotFoundError(msg)
    if found.status is not ResponseStatus.IN_PROGRESS:
        msg = "This form was already sent. Amend it to change an answer."
        raise StateError(msg)
    return found


def open_visit(store: Store, *, token: str) -> Response | None:
    """Return the form a tablet's visit leads to; None when the visit has ended."""
    visit = visits.visit(store, token)
    return responses.response(store, visit.response_id) if visit else None


def patient_of(store: Store, response: Response) -> Patient:
    """Return whose form this is.

    Raises:
        NotFoundError: the patient is gone.
    """
    found = patients.patient(store, response.patient_id)
    if found is None:
        msg = "There is no such patient."
        raise NotFoundError(msg)
    return found


def begin_on_tablet(
    store: Store,
    pack: RulePack,
    *,
    tablet_token: str,
    name: str,
    birth_date: date,
    now: datetime,
    language: str = SOURCE_LANGUAGE,
) -> str:
    """Begin an intake from the start page of an enrolled tablet.

    Nothing is planned yet, so every rule about the plan stays unknown until the desk enters it.
    The patient learns nothing about earlier visits: the same name and birth date simply continue
    the same record.

    Returns:
        The visit's token, for the tablet's cookie.

    Raises:
        NotFoundError: the tablet is not enrolled any more.
        AnswerError: the name or birth date cannot be right.
        NotCleanError: the tablet was not found clean after its last patient; nothing is stored.
        TooManyTriesError: too many were begun on it in the last minutes; nothing is stored.
    """
    tablet = tablets.tablet_of(store, tablet_token)
    if tablet is None:
        msg = "This tablet is not enrolled any more. Ask a member of staff."
        raise NotFoundError(msg)
    token = store.new_token()
    with store.write() as db:
        count_one(store, db, of_begins(tablet.id), now)
        patient = add_or_find(store, db, name=name, birth_date=birth_date, actor=TABLET, now=now)
        response = new_response(
            store, pack, patient, {}, begun_by=None, now=now, site=tablet.site, language=language
        )
        responses.add_response(db, response)
        visit = visits.bound(token, tablet_token)
        visits.open_visit(db, response.id, visit, now, called=checked_name(name))
        give_tablet(store, db, tablet.id, response.id, visit, now)
        audit.append(
            db, at=now, actor=TABLET, action="intake begun", subject=response.id, tablet=tablet.id
        )
    return token


def change_plan(
    store: Store,
    pack: RulePack,
    *,
    response_id: str,
    plan: Mapping[str, Raw],
    by: Practitioner,
    now: datetime,
    today: date,
) -> None:
    """Enter or change what is planned while the form is being filled.

    Raises:
        NotFoundError: there is no such form.
        StateError: it was sent; amend it instead.
        PlanRefusedError: a field cannot be read; nothing was stored.
    """
    require_clinician(by)
    kept = kept_plan(pack, plan, today)
    with store.write() as db:
        require_in_progress(store, response_id)
        responses.put_plan(db, response_id, kept)
        audit.append(db, at=now, actor=by.id, action="plan changed", subject=response_id)
