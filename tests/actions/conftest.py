"""A desk and a tablet for tests of actions: whole forms filled as a tablet fills them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from intake.actions import begin, decide, patients, submit
from intake.actions.answer import asked_items, next_page, save_page
from intake.core.records import (
    Decision,
    Disposition,
    Override,
    OverrideReason,
    Signature,
    SignatureKind,
)
from intake.storage import audit, cases
from tests.conftest import NOW, TODAY, People

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from intake.core.answers import Raw
    from intake.core.records import Case, Patient, Practitioner, Response, Review
    from intake.core.rules import RulePack, Vignette
    from intake.storage import Store

BORN = date(1988, 3, 12)
SIGNED = Signature(SignatureKind.TYPED, submit.STATEMENT, "Maria Duarte")
NOT_DEFERRED = Decision(Disposition.PROCEED)


@dataclass(frozen=True)
class Desk:
    """One clinic with its rules and people; what stands here works, step by step."""

    store: Store
    pack: RulePack
    vignettes: Mapping[str, Vignette]
    people: People

    def register(self, name: str = "Maria Duarte", born: date = BORN) -> Patient:
        return patients.register_patient(
            self.store, name=name, birth_date=born, by=self.people.ada, now=NOW
        )

    def begin(
        self,
        vignette: str = "healthy-woman",
        *,
        name: str = "Maria Duarte",
        now: datetime = NOW,
        pack: RulePack | None = None,
    ) -> Response:
        """Begin an intake with the plan of a vignette."""
        case = self.vignettes[vignette]
        born = date.fromisoformat(str(case.answers["birth_date"]))
        return begin.begin(
            self.store,
            pack or self.pack,
            patient_id=self.register(name, born).id,
            plan=case.plan,
            by=self.people.ada,
            now=now,
            today=TODAY,
        )

    def fill(
        self,
        response: Response,
        vignette: str = "healthy-woman",
        *,
        now: datetime = NOW,
        until: str | None = None,
        **changed: Raw,
    ) -> Response:
        """Fill page after page with a vignette's answers, up to the page *until* or the review."""
        answers = {**self.vignettes[vignette].answers, **changed}
        page = next_page(self.pack, response, TODAY, after=None)
        while page is not None and page.id != until:
            response = self.save(response, page.id, now=now, **answers)
            page = next_page(self.pack, response, TODAY, after=page.id)
        return response

    def save(
        self, response: Response, page_id: str, *, now: datetime = NOW, **raw: Raw
    ) -> Response:
        """Save one page; answers to questions of other pages are left out."""
        page = self.page(page_id)
        items = asked_items(self.pack, response, page, TODAY)
        return save_page(
            self.store,
            self.pack,
            response=response,
            page=page,
            raw={item.link_id: raw.get(item.link_id) for item in items},
            now=now,
            today=TODAY,
        )

    def page(self, page_id: str) -> Any:
        return next(page for page in self.pack.questionnaire.pages if page.id == page_id)

    def filled(
        self,
        vignette: str = "healthy-woman",
        *,
        name: str = "Maria Duarte",
        now: datetime = NOW,
        **changed: Raw,
    ) -> Response:
        """Begin an intake and fill it up to the review."""
        return self.fill(self.begin(vignette, name=name, now=now), vignette, now=now, **changed)

    def sent(
        self,
        vignette: str = "healthy-woman",
        *,
        name: str = "Maria Duarte",
        now: datetime = NOW,
        **changed: Raw,
    ) -> Response:
        """Fill a whole form and send it."""
        return self.send(self.filled(vignette, name=name, now=now, **changed), now=now)

    def send(
        self, response: Response, *, now: datetime = NOW, signature: Signature = SIGNED
    ) -> Response:
        return submit.submit(
            self.store,
            self.pack,
            response_id=response.id,
            signature=signature,
            now=now,
            today=TODAY,
        )

    def decide(
        self,
        response_id: str,
        decision: Decision,
        *,
        by: Practitioner | None = None,
        seen: int = 0,
        now: datetime = NOW,
        today: date = TODAY,
    ) -> Review:
        return decide.decide(
            self.store,
            self.pack,
            response_id=response_id,
            decision=decision,
            seen=seen,
            by=by or self.people.ada,
            now=now,
            today=today,
        )

    def case(self, response_id: str) -> Case:
        found = cases.case(self.store, response_id)
        assert found is not None
        return found


@pytest.fixture
def desk(store, pack, vignettes, people):
    return Desk(store, pack, vignettes, people)
