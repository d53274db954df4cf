"""Screening a form: when it is sent, on the day it was deferred to, and whenever more is known."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from intake.core.course import AREA, told_at_chair, told_by_record
from intake.core.errors import PackError
from intake.core.held import gone_from
from intake.core.other_forms import contradicted_by, refusal
from intake.core.reading import case_for
from intake.core.review import is_news, needs_dermatologist
from intake.core.screening import Teller
from intake.core.telling import screen_told
from intake.storage import audit, cases, places, responses, treatments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from intake.core.records import Response
    from intake.core.rules import RulePack
    from intake.core.screening import Screening
    from intake.core.telling import Telling
    from intake.core.treatment import Confirmation
    from intake.storage import Store
    from intake.storage.contract import Database

DAY = timedelta(days=1)
RULES = "rules"
"""The actor of what the rules do by themselves."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What the rules say of a form, found out before the write lock is taken.

    It holds as long as the form and what is told beside it are the same.
    """

    response: Response
    told: tuple[Telling, ...]
    screening: Screening

    def is_of(self, store: Store, pack: RulePack, response: Response, today: date) -> bool:
        """Tell whether a form, and what is told beside it now, are what was screened."""
        told = tellings(store, pack, response, today)
        return response == self.response and tuple(told) == self.told


def screen_ahead(store: Store, pack: RulePack, response: Response, today: date) -> Ahead:
    """Screen a form together with what else is known of the patient; nothing is written.

    Screening may take long, and while the write lock is held nobody else can write.
    """
    told = tuple(tellings(store, pack, response, today))
    answers = case_for(pack, response, today).answers
    return Ahead(response, told, screen_told(pack, answers, told, today))


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
        try:
            pack = pack_of(response.pack_hash)
        except PackError:
            _LOG.error("a deferred case has come, and its rules cannot be read")
            continue  # it waits as it is: the decision to defer it is over all the same
        ahead = screen_ahead(store, pack, response, today)
        with store.write() as db:
            if response_id in places.returned(store, today):  # unless another desk was faster
                screen_response(store, db, pack, response, now=now, today=today, ahead=ahead)
                screened += 1
    return screened


def screen_response(
    store: Store,
    db: Database,
    pack: RulePack,
    response: Response,
    *,
    now: datetime,
    today: date,
    ahead: Ahead | None = None,
) -> Screening:
    """Screen and store a form together with what else is known of the patient.

    A rule that failed is logged and audited by its id alone.

    Args:
        store: Where it is kept.
        db: The write of which this is a part.
        pack: The pack the form was begun with.
        response: The form as it is now.
        now: The instant of screening.
        today: The clinic's local date.
        ahead: What was found out before the write; where it holds no more, it is found out anew.
    """
    if ahead is None or not ahead.is_of(store, pack, response, today):
        ahead = screen_ahead(store, pack, response, today)
    screening = ahead.screening
    cases.add_screening(
        db,
        screening_id=store.new_id(),
        response_id=response.id,
        screening=screening,
        needs_dermatologist=_needs_dermatologist(store, pack, response, screening, today),
        now=now,
        told=ahead.told,
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


def _needs_dermatologist(
    store: Store, pack: RulePack, response: Response, screening: Screening, today: date
) -> bool:
    """Whether a dermatologist decides: by what was found, what is gone, or what one said."""
    rules, case = pack.rules_by_id, cases.case(store, response.id)
    return (
        case is None
        or needs_dermatologist(screening, rules)
        or bool(gone_from(case, rules, screening))
        or refusal(case, today) is not None
        or contradicted_by(case, rules) is not None
    )


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
    patient answers the same question a day later or more. Other sessions and every reaction of the
    patient are in the record; the session that was carried out on this form is its end, and says
    nothing about it. What seems to be of a day to come was written down by a clock that was wrong,
    and counts.
    """
    given = responses.confirmed_times(store, response.id)
    told = [
        left
        for said in treatments.confirmations_of(store, response.patient_id)
        for telling in told_at_chair(pack.guide, said)
        if telling.by is not Teller.AGE or said.response_id == response.id
        if (left := telling.without(_answered_after(said, given)))
    ]
    earlier = [
        session
        for session in treatments.sessions(store, response.patient_id)
        if session.response_id != response.id
    ]
    notes = treatments.reactions(store, response.patient_id)
    area = case_for(pack, response, today).answer(AREA)
    told.extend(told_by_record(pack, area, earlier, notes))
    return [one for number, one in enumerate(told) if one not in told[:number]]


def _answered_after(said: Confirmation, given: Mapping[str, datetime]) -> frozenset[str]:
    """Return the questions that were answered a day after something was said, or later.

    Hours, not dates: where the clinic's day is not that of UTC, a date changes in its afternoon.
    """
    return frozenset(link_id for link_id, at in given.items() if at - said.at >= DAY)


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
