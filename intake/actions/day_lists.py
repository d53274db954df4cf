"""The cases of one day: the list, and their summaries to print, which is one release."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.actions.documents import dossier_of
from intake.actions.permission import require_clinician
from intake.actions.queue import reached, rows_of
from intake.core.clocks import midnight
from intake.core.errors import StateError
from intake.exports.day_summaries import day_page, day_pdf
from intake.exports.pdf import Paper
from intake.exports.sealing import Form, Sealed
from intake.storage import audit, places

if TYPE_CHECKING:
    from datetime import date, datetime, tzinfo

    from intake.actions.documents import Press
    from intake.actions.queue import CaseRow
    from intake.core.records import Practitioner
    from intake.storage import Store

PRINTED = "day printed"
MOST_CASES = 100
"""Cases on one list; a clinic with more in a day takes out some of them by hand."""


@dataclass(frozen=True, slots=True)
class DayList:
    """The cases of a day.

    Attributes:
        has_more: There were more than the list holds.
    """

    rows: tuple[CaseRow, ...]
    has_more: bool


def list_day(
    store: Store, *, day: date, zone: tzinfo | None, by: Practitioner, today: date
) -> DayList:
    """Return the cases of a day in the order of the queue.

    Args:
        store: Where the cases are.
        day: The clinic's local day on which they were sent, begun, or come back.
        zone: The clinic's time zone; None takes the computer's.
        by: Who asks.
        today: The clinic's local date, for the status.
    """
    require_clinician(by)
    found = _ids(store, day, zone, by)
    return DayList(rows_of(store, found[:MOST_CASES], today), len(found) > MOST_CASES)


def _ids(store: Store, day: date, zone: tzinfo | None, by: Practitioner) -> list[str]:
    begins, ends = midnight(day, zone), midnight(day, zone, days=1)
    return places.of_day(store, day, begins, ends, MOST_CASES + 1, sites=reached(by))


def summaries_of(
    store: Store,
    press: Press,
    *,
    day: date,
    form: Form,
    by: Practitioner,
    now: datetime,
    paper: Paper = Paper.A4,
) -> Sealed:
    """Return the summaries of a day's screened cases; that they were taken out is audited.

    Args:
        store: Where the cases are.
        press: What documents are made with.
        day: The clinic's local day.
        form: A page for the browser, or a PDF.
        by: Who asks.
        now: When.
        paper: The size of a PDF's sheets.

    Raises:
        StateError: no case of that day was screened, or no PDF can be made here.
    """
    require_clinician(by)
    maker = press.maker(by, now)
    rows = rows_of(store, _ids(store, day, press.zone, by)[:MOST_CASES], maker.today)
    dossiers = [dossier_of(store, press, row.response_id, maker) for row in rows if row.triage]
    if not dossiers:
        msg = "No case of that day was sent yet, so there is nothing to print."
        raise StateError(msg)
    if form is Form.PDF:
        made = day_pdf(maker, day, dossiers, press.environment, paper)
    else:
        page = day_page(maker, day, dossiers, press.environment).encode("utf-8", "replace")
        made = Sealed(form, page, hashlib.sha256(page).hexdigest())
    with store.write() as db:
        audit.append(
            db, at=now, actor=by.id, action=PRINTED, subject="day list", day=day.isoformat(),
            form=form.value, cases=len(dossiers), sha256=made.sha256,
        )  # fmt: skip
        for dossier in dossiers:
            audit.append(
                db, at=now, actor=by.id, action=PRINTED, subject=dossier.case.response.id,
                day=day.isoformat(),
            )  # fmt: skip
    return made
