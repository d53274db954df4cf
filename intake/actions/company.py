"""Who is beside the patient, and how private pages are answered then.

While somebody helps, a private page is shown only after the patient has said how to answer it:
alone, or together. That holds for the private pages that adjoin it, and no longer: not past the
next page that is not private, and not past a lock.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from intake.actions.answer import AnswersRefusedError, asked_items, save_page
from intake.actions.begin import TABLET
from intake.core.answers import Missing
from intake.core.records import Company, ResponseStatus
from intake.storage import audit, responses, visits

if TYPE_CHECKING:
    from datetime import date, datetime

    from intake.core.questionnaire import Page
    from intake.core.records import Response, Visit
    from intake.core.rules import RulePack
    from intake.storage import Store

ALONE, TOGETHER = "alone", "together"
"""How private pages are answered while somebody helps."""

_ENDED_AT = "alone until "
"""What stands before the place at which the patient had been alone up to then."""


def tell(store: Store, visit: Visit, company: Company, now: datetime) -> Visit:
    """Keep who is beside the patient now; on the form, who has helped with it.

    Somebody who helped in an earlier visit has helped, even if nobody does today.
    """
    with store.write() as db:
        visits.put_company(db, visit.response_id, company)
        response = responses.response(store, visit.response_id)
        if response is not None and response.status is ResponseStatus.IN_PROGRESS:
            responses.put_helper(db, response.id, _helper_of(response, visit, company))
        audit.append(db, at=now, actor=TABLET, action="company told", subject=visit.response_id)
    return replace(visit, company=company, privacy="")


def _helper_of(response: Response, visit: Visit, company: Company) -> Company:
    was_before = visit.company is None and response.helper is not None
    if was_before and company is Company.NOBODY and response.helper is not None:
        return response.helper
    return company


def has_company(visit: Visit) -> bool:
    """Tell whether somebody may look on; who is there counts as somebody until that was said.

    A practitioner who enters the answers was told them by the patient.
    """
    return not visit.is_entered and visit.company is not Company.NOBODY


def may_show(visit: Visit) -> bool:
    """Tell whether a private page may be shown as it is."""
    return not has_company(visit) or visit.privacy in (ALONE, TOGETHER)


def choose_privacy(store: Store, visit: Visit, privacy: str) -> Visit:
    """Keep how the private pages at hand are answered."""
    if privacy == visit.privacy:
        return visit
    with store.write() as db:
        visits.put_privacy(db, visit.response_id, privacy)
    return replace(visit, privacy=privacy)


def leave_private(store: Store, visit: Visit, place: str) -> Visit:
    """Note that a page that is not private is shown: whoever helps may be back from here on.

    `may_return` is true of the visit while this first such place is shown.
    """
    ended = f"{_ENDED_AT}{place}"
    keeps = visit.privacy in (ALONE, ended)
    return choose_privacy(store, visit, ended if keeps else "")


def may_return(visit: Visit) -> bool:
    """Tell whether the patient was alone until now, so that whoever helps may come back."""
    return visit.privacy.startswith(_ENDED_AT)


def withhold(
    store: Store, pack: RulePack, response: Response, page: Page, *, now: datetime, today: date
) -> Response:
    """Answer what is blank on a page with "I'd rather tell my practitioner", where it is offered.

    What is blank is looked up under the lock: an answer of the same moment stays.

    Returns:
        The form as it then stands; a question that does not offer it stays open.

    Raises:
        StateError: the form was sent or stopped in the meantime.
    """
    with store.write():
        current = responses.response(store, response.id) or response
        raw = {
            item.link_id: current.answers.get(item.link_id)
            or (Missing.WITHHELD.value if item.offers_unknown else None)
            for item in asked_items(pack, current, page, today)
        }
        with suppress(AnswersRefusedError):  # the rest was saved, and stays
            save_page(store, pack, response=current, page=page, raw=raw, now=now, today=today)
    return responses.response(store, response.id) or response
