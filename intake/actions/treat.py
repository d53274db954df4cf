"""The day of treatment and after: confirming at the chair, recording a session and reactions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from intake.actions.permission import require_clinician
from intake.actions.recall import look_at, require_looked_under, require_nothing_to_look_at
from intake.actions.rescreen import rescreen_patient
from intake.core.answers import Chosen, clean_text
from intake.core.course import MODALITY, next_from
from intake.core.errors import (
    ConflictError,
    IntakeError,
    NotAllowedError,
    NotFoundError,
    StateError,
)
from intake.core.freshness import lapsed
from intake.core.held import keeps_from_treating
from intake.core.reading import case_for
from intake.core.records import ResponseStatus
from intake.core.review import GOING_AHEAD, CaseStatus, case_status
from intake.core.screening import may_be_asked
from intake.core.sessions import Fault, faults_of_session
from intake.core.treatment import Confirmation, Reaction, Reply, TreatmentSession, standing
from intake.storage import audit, cases, claims, responses, treatments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date, datetime

    from intake.core.answers import Answer
    from intake.core.records import Case, Practitioner, Response
    from intake.core.rules import Rule, RulePack
    from intake.core.treatment import Done, Noticed, Said
    from intake.storage import Store


class SessionRefusedError(IntakeError):
    """What was written down of a session, or of a reaction, lacks something.

    Attributes:
        faults: What to do about it, by the part of the record it concerns.
    """

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("the record lacks something")


def out_of_date(
    store: Store,
    pack: RulePack,
    response: Response,
    day_of: Callable[[datetime], date],
    today: date,
) -> frozenset[str]:
    """Return the questions that are asked and whose answers are too old to count today.

    Args:
        store: Where answers are kept.
        pack: The pack the form was begun with.
        response: The form.
        day_of: Tells the clinic's local date of an instant.
        today: The clinic's local date.
    """
    case = case_for(pack, response, today)
    given = {
        link_id: day_of(at) for link_id, at in responses.confirmed_times(store, response.id).items()
    }
    answered = [
        item
        for link_id, item in pack.questionnaire.items.items()
        if link_id in response.answers and not item.from_record and may_be_asked(link_id, case)
    ]
    return lapsed(answered, given, today)


def confirm(
    store: Store,
    pack_of: Callable[[str], RulePack],
    *,
    response_id: str,
    said: Mapping[str, Said],
    by: Practitioner,
    now: datetime,
    today: date,
    day_of: Callable[[datetime], date],
) -> Case:
    """Store what a patient says at the chair, and screen the form again with it.

    Every reply of the day counts: one given later adds to an earlier one and does not undo it.

    Returns:
        The case as it is now; it waits for a decision again if something came up.

    Raises:
        NotFoundError: there is no such case.
        StateError: nobody decided that it goes ahead, or it was treated already.
        SessionRefusedError: a question has no reply.
    """
    require_clinician(by)
    pack = pack_of(_case(store, response_id).response.pack_hash)
    if not pack.guide.chair:
        msg = (
            "The rules under which this form was begun have no questions for the chair. Begin a"
            " new intake under the rules in force."
        )
        raise StateError(msg)
    if faults := list(_faults_of_replies(pack, said)):
        raise SessionRefusedError(faults)
    looked_under = look_at(store, response_id, today=today, now=now)
    with store.write() as db:
        case = _case_going_ahead(store, response_id, pack.rules_by_id, today)
        require_looked_under(store, looked_under)
        confirmation = Confirmation(
            id=store.new_id(),
            response_id=response_id,
            on=today,
            said={
                one.id: replace(said[one.id], words=clean_text(said[one.id].words))
                for one in pack.guide.chair
            },
            lapsed=out_of_date(store, pack, case.response, day_of, today),
            by=by.id,
            by_name=by.name,
            at=now,
        )
        treatments.add_confirmation(db, confirmation)
        audit.append(db, at=now, actor=by.id, action="confirmed at the chair", subject=response_id)
        rescreen_patient(store, db, pack_of, case.patient.id, now=now, today=today)
        return _case(store, response_id)


def _faults_of_replies(pack: RulePack, said: Mapping[str, Said]) -> Iterator[Fault]:
    for one in pack.guide.chair:
        if one.id not in said:
            yield Fault(one.id, f"Select yes, no or not sure: {one.ask}")
        elif said[one.id].reply is Reply.NO and said[one.id].words.strip():
            yield Fault(one.id, "Something is named here: select yes, or take the name away.")


def _case(store: Store, response_id: str) -> Case:
    found = cases.case(store, response_id)
    if found is None:
        msg = "There is no such case."
        raise NotFoundError(msg)
    return found


def _case_going_ahead(
    store: Store, response_id: str, rules: Mapping[str, Rule], today: date
) -> Case:
    case = _case(store, response_id)
    require_going_ahead(store, case, rules, today)
    return case


def require_going_ahead(store: Store, case: Case, rules: Mapping[str, Rule], today: date) -> None:
    """Let a case pass of which the last decision was to treat, and that was not treated yet.

    Raises:
        StateError: it is another one, a newer version of its form is being filled, something on
            another form of the patient waits for a dermatologist or was decided by one since, or
            the rules in force are stricter on it and nobody has said what that means.
    """
    last = case.last_decision
    if case.session is not None:
        msg = "The session of this case is recorded. For another one begin a new intake."
        raise StateError(msg)
    if case.response.status is not ResponseStatus.COMPLETED:
        msg = "This intake was withdrawn, or is being filled. Nobody is treated on it."
        raise StateError(msg)
    if responses.amendment_in_progress(store, case.response.id):
        msg = "A newer version of this form is being filled. Wait until it is sent, or withdraw it."
        raise StateError(msg)
    if case.superseded_by or last is None or last.disposition not in GOING_AHEAD:
        msg = "Nobody has decided that this case goes ahead. Decide it first."
        raise StateError(msg)
    if fault := keeps_from_treating(case, rules, today):
        raise StateError(fault)
    require_nothing_to_look_at(store, case.response.id)


def is_confirmed(case: Case, today: date) -> bool:
    """Tell whether the patient confirmed at the chair today."""
    return any(one.on == today for one in case.confirmations)


def record_session(
    store: Store,
    pack_of: Callable[[str], RulePack],
    *,
    response_id: str,
    done: Done,
    by: Practitioner,
    now: datetime,
    today: date,
) -> TreatmentSession:
    """Record what was done; whatever else waits of the patient is screened again with it.

    Raises:
        NotFoundError: there is no such case.
        StateError: the case does not go ahead, or was not confirmed at the chair today.
        NotAllowedError: something came up at the chair that nobody has decided on.
        SessionRefusedError: the record lacks something; says all of it.
    """
    require_clinician(by)
    looked_under = look_at(store, response_id, today=today, now=now)
    with store.write() as db:
        pack = pack_of(_case(store, response_id).response.pack_hash)
        case = _case_going_ahead(store, response_id, pack.rules_by_id, today)
        require_looked_under(store, looked_under)
        _require_ready(case, today)
        answers = case_for(pack, case.response, today)
        faults = faults_of_session(pack, answers, done)
        if faults:
            raise SessionRefusedError(faults)
        session = _session(store, pack, case, done, by, now, today)
        treatments.add_session(db, session)
        claims.end_claim(db, response_id)
        audit.append(db, at=now, actor=by.id, action="session recorded", subject=response_id)
        rescreen_patient(store, db, pack_of, case.patient.id, now=now, today=today)
    return session


def _require_ready(case: Case, today: date) -> None:
    if case_status(case, today) is not CaseStatus.DECIDED:
        msg = "Something came up that nobody has decided on. Read the findings, then decide again."
        raise NotAllowedError(msg)
    if not is_confirmed(case, today):
        msg = "Ask the questions at the chair first: they were not asked today."
        raise StateError(msg)


def _session(
    store: Store,
    pack: RulePack,
    case: Case,
    done: Done,
    by: Practitioner,
    now: datetime,
    today: date,
) -> TreatmentSession:
    answers = case_for(pack, case.response, today).answers
    modality = answers.get(MODALITY)
    session = TreatmentSession(
        id=store.new_id(),
        response_id=case.response.id,
        patient_id=case.patient.id,
        on=today,
        modality=modality.code if isinstance(modality, Chosen) else None,
        done=done,
        next_from=None,
        by=by.id,
        by_name=by.name,
        at=now,
    )
    return replace(session, next_from=_next_from(store, pack, answers, session))


def _next_from(
    store: Store, pack: RulePack, answers: Mapping[str, Answer], session: TreatmentSession
) -> date | None:
    """Return the first day of the next session; one before this may still ask for a later day."""
    earlier = [
        one.next_from
        for one in treatments.sessions(store, session.patient_id)
        if one.next_from and one.done.areas & session.done.areas
    ]
    found = next_from(pack, answers, session)
    return max([*earlier, found], default=None) if found else max(earlier, default=None)


def add_reaction(
    store: Store,
    pack: RulePack,
    pack_of: Callable[[str], RulePack],
    *,
    session_id: str,
    noticed: Noticed,
    by: Practitioner,
    now: datetime,
    today: date,
) -> Reaction:
    """Note how the skin took a session; whatever waits of the patient is screened again with it.

    A note that follows an earlier one brings it up to date, such as that a reaction has settled.

    Args:
        store: Where it is kept.
        pack: The pack in force, which names the reactions.
        pack_of: Finds the packs under which forms of the patient were begun.
        session_id: The session that was taken badly.
        noticed: What was seen.
        by: Who notes it.
        now: When.
        today: The clinic's local date.

    Raises:
        NotFoundError: there is no such session.
        ConflictError: the note to bring up to date was brought up to date already.
        SessionRefusedError: something is missing or cannot be right.
    """
    require_clinician(by)
    with store.write() as db:
        session = _session_with(store, session_id)
        earlier = _last_note(store, session, noticed)
        begun = earlier.noticed.on if earlier else session.on
        if faults := _faults_of_reaction(pack, begun or session.on, noticed, today):
            raise SessionRefusedError(faults)
        cleaned = replace(noticed, words=clean_text(noticed.words))
        note = Reaction(
            store.new_id(), session.patient_id, session.id, cleaned, by.id, by.name, now
        )
        treatments.add_reaction(db, note)
        audit.append(db, at=now, actor=by.id, action="reaction noted", subject=session.response_id)
        rescreen_patient(store, db, pack_of, session.patient_id, now=now, today=today)
    return note


def _session_with(store: Store, session_id: str) -> TreatmentSession:
    found = treatments.session(store, session_id)
    if found is None:
        msg = "There is no such session."
        raise NotFoundError(msg)
    return found


def _last_note(store: Store, session: TreatmentSession, noticed: Noticed) -> Reaction | None:
    """Return the note that is brought up to date; None where a new reaction is noted."""
    if noticed.follows is None:
        return None
    last = {note.id: note for note in standing(treatments.reactions(store, session.patient_id))}
    earlier = last.get(noticed.follows)
    is_of_session = earlier is not None and earlier.session_id == session.id
    if earlier is None or not is_of_session or earlier.noticed.kind != noticed.kind:
        msg = "Somebody else brought this reaction up to date. Read their note, then add yours."
        raise ConflictError(msg)
    return earlier


def _faults_of_reaction(pack: RulePack, begun: date, noticed: Noticed, today: date) -> list[Fault]:
    faults: list[Fault] = []
    if pack.guide.reaction(noticed.kind) is None and noticed.follows is None:
        faults.append(Fault("kind", "Select what was seen."))
    if noticed.on is None or not begun <= noticed.on <= today:
        first = f"{begun.day} {begun:%B %Y}"
        words = f"Enter the day on which it was seen: from {first} to today."
        faults.append(Fault("noticed", words))
    return faults
