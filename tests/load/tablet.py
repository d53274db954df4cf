"""A tablet of the clinic: enrolled by its link, and handed from patient to patient."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.load.browser import Browser, RefusedError, require
from tests.load.patient import Patient

if TYPE_CHECKING:
    from intake.core.rules import RulePack
    from tests.load.browser import Answer
    from tests.load.figures import Figures

EMPTY = "/tablet/thanks"
MOST_SCREENS = 300
BEGIN, SHOW, SAVE, REVIEW, SEND = "begin", "show a page", "save a page", "review", "send"
PAGES = (BEGIN, "welcome", SHOW, SAVE, REVIEW, SEND, "thanks")
"""Everything a patient waits for."""
FLOW = "the whole visit"


class Tablet:
    """One tablet with its own browser."""

    def __init__(self, port: int, figures: Figures, pack: RulePack, number: int) -> None:
        self.browser = Browser(port, figures)
        self.figures, self.number, self._pack = figures, number, pack
        self._flows = 0
        self.patient: Patient | None = None

    def enrol(self, link: str) -> None:
        """Become one of the clinic's tablets."""
        asked = require(self.browser.get(link), 200)
        require(self.browser.post(link, asked.token), 303)

    def show_empty(self, kind: str) -> None:
        """Show a page of the same frame without a question."""
        require(self.browser.get(EMPTY, kind), 200)

    def flow(self) -> None:
        """Take one patient from the start page to the receipt, and be checked for the next."""
        began = time.perf_counter()
        try:
            review = self.to_review()
            sent = self.browser.post("/tablet/review", signed(review), SEND)
            self.thank(require(sent, 303))
            self.figures.add(FLOW, (time.perf_counter() - began) * 1000)
        except RefusedError as error:
            self.figures.errors.append(str(error))
            self.browser.close()
            self.browser.cookies.pop("intake_visit", None)

    def to_review(self) -> Answer:
        """Begin a form and answer every page of it; returns the review."""
        self._flows += 1
        patient = self.patient = Patient(self._pack, f"{self.number}-{self._flows}")
        start = require(self.browser.get("/tablet/"), 200)
        who = {**start.token, "name": [patient.name], **patient.birth}
        require(self.browser.post("/tablet/start", who, BEGIN), 303)
        welcome = require(self.browser.get("/tablet/welcome", "welcome"), 200)
        require(self.browser.post("/tablet/welcome", welcome.token, "welcome"), 303)
        company = require(self.browser.get("/tablet/company", "welcome"), 200)
        alone = {**company.token, "company": ["nobody"]}
        page = require(self.browser.post("/tablet/company", alone, "welcome"), 303)
        return self._answered(page, patient)

    def _answered(self, page: Answer, patient: Patient) -> Answer:
        where = ""
        for _ in range(MOST_SCREENS):
            where, was_refused = page.to or where, page.status == 422
            if where == "/tablet/review":
                return require(self.browser.get(where, REVIEW), 200)
            if not was_refused:
                page = require(self.browser.get(where, SHOW), 200)
            statuses = (303,) if was_refused else (303, 422)
            page = require(self.browser.post(where, patient.fill(page), SAVE), *statuses)
        msg = "the form has no end"
        raise RefusedError(msg)

    def thank(self, sent: Answer) -> None:
        """See the receipt, and say that nothing is left in this browser."""
        end = require(self.browser.get(sent.to), 303)
        thanks = require(self.browser.get(end.to, "thanks"), 200)
        self.was_told(receipt_on(thanks))
        require(self.browser.post("/tablet/checked", thanks.token), 200)

    def was_told(self, receipt: str) -> None:
        """Note the number by which the clinic has promised to keep a form."""
        self.figures.receipts.append(receipt)


def signed(review: Answer) -> dict[str, list[str]]:
    """Return what is sent to sign a form by typing a name."""
    return {**review.token, "way": ["type"], "typed": ["Load Patient"]}


def receipt_on(thanks: Answer) -> str:
    """Return the number on the last page.

    Raises:
        RefusedError: there is none.
    """
    if receipt := thanks.words_of(r'class="receipt-number">([^<]*)<'):
        return receipt
    msg = "thanks: no receipt"
    raise RefusedError(msg)
