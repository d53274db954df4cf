"""Cards for other systems: the newest intake of a patient screened, and what they say to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from intake.actions.patients import checked_name
from intake.actions.permission import require_system
from intake.actions.reading import note_reading
from intake.actions.rescreen import screen_ahead
from intake.core.appointments import BIRTH_DATE, NAME, Offered
from intake.core.clients import CardAnswer, ClientRole
from intake.core.display import OVERRIDE_REASON
from intake.core.errors import AnswerError, NotFoundError
from intake.core.reading import read_all
from intake.core.screening import screen
from intake.exports.cards import About, cards_of, not_read, nothing_known
from intake.exports.fhir.arriving import read_response
from intake.exports.fhir.form import questionnaire
from intake.exports.fhir.links import Links
from intake.exports.fhir.naming import answered_version
from intake.exports.fhir.patients import read_patients
from intake.storage import audit, patients, responses, trail
from intake.storage import cards as stored

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from intake.core.clients import ApiClient
    from intake.core.records import Patient, Response
    from intake.core.rules import RulePack
    from intake.exports.cards import Card
    from intake.exports.fhir.naming import Resource
    from intake.storage import Store

KEPT_FOR = timedelta(days=90)
"""For how long a card can be answered."""
PATIENT, INTAKE = "patient", "intake"
"""What another system is asked to send along."""


@dataclass(frozen=True, slots=True)
class House:
    """What the clinic screens with.

    Attributes:
        offered: The pack in force, the languages of the tablets, the clinic's date.
        pack_of: Finds a kept pack by its hash.
        say: Says a text of the program's own in a language.
    """

    offered: Offered
    pack_of: Callable[[str], RulePack]
    say: Callable[[str, str], str]

    @property
    def pack(self) -> RulePack:
        """The pack in force."""
        return self.offered.pack

    @property
    def today(self) -> date:
        """The clinic's date."""
        return self.offered.today


def cards_for(
    store: Store,
    house: House,
    *,
    request: str,
    sent: Mapping[str, Any],
    by: ApiClient,
    now: datetime,
) -> list[Card]:
    """Screen the newest intake of a patient, and return a card a finding, and at least one.

    The newest is the one that the clinic has of the patient, or one that was sent along and is
    younger. Nothing of the screening is stored; that the case was read is in the audit trail.

    Args:
        store: Where cases are.
        house: What is screened with.
        request: The id of the request.
        sent: What was sent along: the patient, the intake.
        by: Who asks; cases of other sites than theirs are not looked at.
        now: When.
    """
    require_system(by, ClientRole.DECISION_SUPPORT)
    theirs = _intake_in(sent.get(INTAKE), house.pack)
    patient = _patient_in(store, sent.get(PATIENT), house.offered)
    ours = _newest_of(store, patient, by) if patient else None
    if theirs is not None and (ours is None or _authored(theirs) > _sent_at(ours)):
        return _of_theirs(theirs, house, About(request))
    if ours is None:
        why = _why_not(sent, patient)
        return [nothing_known(why, house.pack, About(request))]
    pack = house.pack_of(ours.pack_hash)
    made = cards_of(
        screen_ahead(store, pack, ours, house.today).screening, pack, About(request, ours.id)
    )
    note_reading(store, act="case read", subject=ours.id, by=by, now=now)
    with store.write() as db:
        stored.forget_cards(db, now - KEPT_FOR)
        given = [(one.id, one.rule_id, ours.id) for one in made if one.rule_id]
        stored.add_cards(db, by.id, given, now)
    return made


def _why_not(sent: Mapping[str, Any], patient: Patient | None) -> str:
    if patient is not None:
        return "The patient is known here and has sent no health history that counts."
    if sent.get(INTAKE) is not None:
        return "What was sent along is no answer to the form that this clinic asks."
    return "Nobody of this name and birth date, or of this record number, is known here."


def _of_theirs(resource: Resource, house: House, about: About) -> list[Card]:
    form = questionnaire(house.pack, house.say)
    arrived = read_response(resource, form, house.pack, house.today)
    reading = read_all(house.pack, arrived.answers, arrived.plan, house.today)
    found = cards_of(screen(house.pack, reading.answers, house.today), house.pack, about)
    if arrived.problems:
        return [not_read(arrived.problems, house.pack, about), *found]
    return found


def _intake_in(sent: object, pack: RulePack) -> Resource | None:
    """Return the newest answer to our form, by itself or among others."""
    found = [
        one
        for one in _resources(sent)
        if one.get("resourceType") == "QuestionnaireResponse"
        and one.get("questionnaire") == answered_version(pack)
    ]
    return max(found, key=_authored, default=None)


def _resources(sent: object) -> list[Resource]:
    if not isinstance(sent, dict):
        return []
    if sent.get("resourceType") != "Bundle":
        return [sent]
    entries = sent.get("entry")
    listed = entries if isinstance(entries, list) else []
    found = [one.get("resource") for one in listed if isinstance(one, dict)]
    return [one for one in found if isinstance(one, dict)]


_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def _authored(resource: Resource) -> datetime:
    """Return when a response was written; long ago where that cannot be read."""
    try:
        found = datetime.fromisoformat(str(resource.get("authored")))
    except ValueError:
        return _LONG_AGO
    return found if found.tzinfo else _LONG_AGO


def _sent_at(response: Response) -> datetime:
    return response.submitted_at or _LONG_AGO


def _patient_in(store: Store, sent: object, offered: Offered) -> Patient | None:
    """Find the patient who was sent along: by our record number, or by name and birth date."""
    if not isinstance(sent, dict) or sent.get("resourceType") != "Patient":
        return None
    rows = read_patients(json.dumps(sent), offered).rows
    cells = rows[0].cells if rows else {}
    born = _day(cells.get(BIRTH_DATE, ""))
    if (found := _by_number(store, sent)) is not None:
        return found if born in (None, found.birth_date) else None
    try:
        name = checked_name(cells.get(NAME, ""))
    except AnswerError:
        return None
    return patients.same_patient(store, name, born) if born else None


def _by_number(store: Store, sent: Resource) -> Patient | None:
    ours = Links(trail.origin(store.connection)).system_of("record-number")
    listed = sent.get("identifier")
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict) and one.get("system") == ours:
            number = one.get("value")
            if isinstance(number, str) and number.isascii():
                return patients.with_number(store, number)
    return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _newest_of(store: Store, patient: Patient, by: ApiClient) -> Response | None:
    found = stored.newest_sent(store, patient.id, by.sites)
    return responses.response(store, found) if found else None


def take_answer(
    store: Store,
    *,
    card_id: str,
    outcome: str,
    reason: str,
    words: str,
    said_at: datetime,
    by: ApiClient,
    now: datetime,
) -> None:
    """Keep what somebody said to a card, with the case; the finding itself stays as it is.

    Args:
        store: Where cards are.
        card_id: Which card.
        outcome: `accepted` or `overridden`.
        reason: The code of a reason that was offered; blank for none.
        words: What they wrote beside it.
        said_at: When, by the other system's clock.
        by: Which system.
        now: When it arrived.

    Raises:
        NotFoundError: that system was given no such card, or its case is gone.
    """
    require_system(by, ClientRole.DECISION_SUPPORT)
    with store.write() as db:
        found = stored.card(store, card_id, by.id)
        if found is None or found[0] is None:
            msg = "There is no such card."
            raise NotFoundError(msg)
        response_id, rule_id = found[0], found[1]
        known = {code.value: told for code, told in OVERRIDE_REASON.items()}
        said = CardAnswer(
            id=card_id,
            response_id=response_id,
            client_id=by.id,
            rule_id=rule_id,
            outcome=outcome,
            reason=known.get(reason, ""),
            words=words,
            said_at=said_at,
            at=now,
        )
        stored.put_answer(db, said)
        audit.append(
            db, at=now, actor=by.id, action=f"finding {outcome} elsewhere", subject=response_id,
            rule=rule_id,
        )  # fmt: skip


def answers_to(store: Store, *, response_id: str) -> list[CardAnswer]:
    """Return what was said in other systems to the findings of a case, oldest first."""
    return stored.answers_to(store, response_id)
