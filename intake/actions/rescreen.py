"""Screening a form: when it is sent, on the day it was deferred to, and whenever more is known."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from intake.core.course import AREA, told_at_chair, told_by_record
from intake.core.review import is_news, needs_dermatologist
from intake.core.screening import Teller, case_for
from intake.core.telling import screen_told
from intake.storage import audit, cases, places, responses, treatments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from sqlite_utils import Database

    from intake.core.records import Response
    from intake.core.rules import RulePack
    from intake.core.screening import Screening
    from intake.core.telling import Telling
    from intake.core.treatment import Confirmation
    from intake.storage import Store

RULES = "rules"
"""The actor of what the rules do by themselves."""

_LOG = logging.getLogger(__name__)


def bring_back(
    store: Store, pack_of: Callable[[str], RulePack], *, now: datetime, today: date
) -> int:
    """Screen again, with the day that has come, what was deferred to it or to a day before.

    The decision to defer stays readable with the screening it was made on. Windows that are over
    by now defer no more; whatever else stood in the way still does.

    Args:
        store: Where cases are kept.
        pack_of: Finds the pack a form was begun with, by its hash.
        now: The instant of screening.
        today: The clinic's local date.

    Returns:
        How many cases were screened again.
    """
    screened = 0
    for response_id in places.returned(store, today):
        response = responses.response(store, response_id)
        if response is None:
            continue
        pack = pack_of(response.pack_hash)
        with store.write() as db:
            if response_id in places.returned(store, today):  # unless another desk was faster
                screen_response(store, db, pack, response, now=now, today=today)
                screened += 1
    return screened


def screen_response(
    store: Store, db: Database, pack: RulePack, response: Response, *, now: datetime, today: date
) -> Screening:
    """Screen and store a form together with what else is known of the patient.

    A rule that failed is logged and audited by its id alone.
    """
    told = tellings(store, pack, response, today)
    screening = screen_told(pack, case_for(pack, response, today).answers, told, today)
    cases.add_screening(
        db,
        screening_id=store.new_id(),
        response_id=response.id,
        screening=screening,
        needs_dermatologist=needs_dermatologist(screening, pack.rules_by_id),
        now=now,
        told=told,
        is_news=_is_news(store, response.id, screening),
    )
    audit.append(db, at=now, actor=RULES, action="screened", subject=response.id, pack=pack.hash)
    for finding in screening.findings:
        if finding.error:
            _LOG.error("rule %s could not be judged; it counts as not ruled out", finding.rule_id)
            audit.append(
                db, at=now, actor=RULES, action="rule failed", subject=response.id,
                rule=finding.rule_id,
            )  # fmt: skip
    return screening


def _is_news(store: Store, response_id: str, screening: Screening) -> bool:
    decided = cases.reviews(store, response_id)
    if not decided:
        return False
    last = decided[-1]
    stored = {one.id: one.screening for one in cases.screenings(store, response_id)}
    return is_news(screening, last.decision, stored.get(last.screening_id))


def tellings(store: Store, pack: RulePack, response: Response, today: date) -> list[Telling]:
    """Return what is told beside a form: said at the chair, and what the record holds.

    What was said at the chair counts, about whichever form of the patient it was said, until the
    patient answers the same question on a later day. Other sessions and every reaction of the
    patient are in the record; the session that was carried out on this form is its end, and says
    nothing about it.
    """
    given = responses.confirmed_times(store, response.id)
    told = [
        left
        for said in treatments.confirmations_of(store, response.patient_id)
        if said.on <= today
        for telling in told_at_chair(pack.guide, said)
        if telling.by is not Teller.AGE or said.response_id == response.id
        if (left := telling.without(_answered_after(said, given)))
    ]
    earlier = [
        session
        for session in treatments.sessions(store, response.patient_id)
        if session.response_id != response.id and session.on <= today
    ]
    notes = treatments.reactions(store, response.patient_id)
    area = case_for(pack, response, today).answer(AREA)
    told.extend(told_by_record(pack, area, earlier, notes))
    return [one for number, one in enumerate(told) if one not in told[:number]]


def _answered_after(said: Confirmation, given: Mapping[str, datetime]) -> frozenset[str]:
    """Return the questions that were answered on a later day than something was said."""
    return frozenset(link_id for link_id, at in given.items() if at.date() > said.at.date())


def rescreen_patient(
    store: Store,
    db: Database,
    pack_of: Callable[[str], RulePack],
    patient_id: str,
    *,
    now: datetime,
    today: date,
) -> None:
    """Screen again whatever of a patient is not at its end, because more is known of them now."""
    for response_id in places.unfinished_of(store, patient_id):
        response = responses.response(store, response_id)
        if response is not None:
            pack = pack_of(response.pack_hash)
            screen_response(store, db, pack, response, now=now, today=today)
