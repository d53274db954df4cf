"""Screening a form when it is sent, and again on the day to which it was deferred."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from intake.core.review import needs_dermatologist
from intake.core.screening import case_for, screen
from intake.storage import audit, cases, places, responses

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from sqlite_utils import Database

    from intake.core.records import Response
    from intake.core.rules import RulePack
    from intake.core.screening import Screening
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
    """Screen and store; a rule that failed is logged and audited by its id alone."""
    screening = screen(pack, case_for(pack, response, today).answers, today)
    cases.add_screening(
        db,
        screening_id=store.new_id(),
        response_id=response.id,
        screening=screening,
        needs_dermatologist=needs_dermatologist(screening, pack.rules_by_id),
        now=now,
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
