"""Forms made by the actions, so that not every test has to walk the pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from intake.actions import begin, company, patients, submit
from intake.actions.answer import next_screen, save_page
from intake.core.records import Company, Signature, SignatureKind
from intake.storage import visits
from tests.conftest import NOW, TODAY

if TYPE_CHECKING:
    from datetime import datetime

    from intake.core.answers import Raw
    from intake.core.records import Practitioner, Response
    from intake.core.rules import RulePack
    from intake.storage import Store


@dataclass(frozen=True)
class Maker:
    """Makes forms by the actions, so that not every test has to walk the pages."""

    store: Store
    pack: RulePack
    by: Practitioner
    now: datetime = NOW
    today: date = TODAY

    def begun(self, name: str, vignette: str, now: datetime | None = None) -> Response:
        case = self._vignette(vignette)
        born = date.fromisoformat(str(case.answers["birth_date"]))
        patient = patients.register_patient(
            self.store, name=name, birth_date=born, by=self.by, now=now or self.now
        )
        return begin.begin(
            self.store,
            self.pack,
            patient_id=patient.id,
            plan=case.plan,
            by=self.by,
            now=now or self.now,
            today=self.today,
        )

    def birth_date_of(self, response: Response) -> date:
        return begin.patient_of(self.store, response).birth_date

    def filled(
        self, name: str, vignette: str, now: datetime | None = None, **changed: Raw
    ) -> Response:
        """Fill a form as a vignette does; what is changed takes the place of its answers."""
        response = self.begun(name, vignette, now)
        answers = {**self._vignette(vignette).answers, **changed}
        page = next_screen(self.pack, response, self.today, after=None)
        while page is not None:
            raw = {item.link_id: answers.get(item.link_id) for item in page.items}
            response = save_page(
                self.store,
                self.pack,
                response=response,
                page=page,
                raw=raw,
                now=now or self.now,
                today=self.today,
            )
            page = next_screen(self.pack, response, self.today, after=page)
        return response

    def sent(
        self, name: str, vignette: str, now: datetime | None = None, **changed: Raw
    ) -> Response:
        return submit.submit(
            self.store,
            self.pack,
            response_id=self.filled(name, vignette, now, **changed).id,
            signature=Signature(SignatureKind.TYPED, submit.STATEMENT, name),
            now=now or self.now,
            today=self.today,
        )

    def visit(self, response: Response) -> str:
        """Hand a form over to a patient whom nobody helps."""
        return self.visit_with(response, Company.NOBODY)

    def visit_with(self, response: Response, beside: Company | None) -> str:
        """Hand a form over to a patient who has said who helps; None: who was not asked yet."""
        token = begin.hand_over(self.store, response_id=response.id, by=self.by, now=self.now)
        visit = visits.visit(self.store, token)
        if beside is not None and visit is not None:
            company.tell(self.store, visit, beside, self.now)
        return token

    def _vignette(self, name: str):
        return next(v for v in self.pack.vignettes if v.id == name)
