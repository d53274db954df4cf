"""Forms made by the actions, so that not every test has to walk the pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from intake.actions import begin, company, decide, patients, submit, treat
from intake.actions.answer import next_screen, save_page
from intake.core.decisions import Decision, Disposition, Override, OverrideReason
from intake.core.records import Company, Signature, SignatureKind
from intake.core.treatment import Done, Medium, Reply, Said, Zone
from intake.storage import cases, visits
from tests.conftest import NOW, TODAY

if TYPE_CHECKING:
    from datetime import datetime

    from intake.core.answers import Raw
    from intake.core.records import Practitioner, Response
    from intake.core.rules import RulePack
    from intake.core.treatment import TreatmentSession
    from intake.storage import Store

DONE = Done(
    device="generic",
    zones=(Zone("face", Decimal("1.0"), 3),),
    endpoint="Even redness.",
    cartridge_lot="C-77",
    antiseptic="Chlorhexidine",
    medium=Medium.STERILE_GEL,
    medium_lot="G-1",
    not_done="Read out, not ticked.",
)


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
        return self.send(self.filled(name, vignette, now, **changed), name, now)

    def save(self, response: Response, page_id: str, raw: dict[str, Raw]) -> Response:
        """Save one page with what is said on it."""
        page = next(page for page in self.pack.questionnaire.pages if page.id == page_id)
        return save_page(
            self.store,
            self.pack,
            response=response,
            page=page,
            raw=raw,
            now=self.now,
            today=self.today,
        )

    def send(
        self, response: Response, name: str = "A Patient", now: datetime | None = None
    ) -> Response:
        return submit.submit(
            self.store,
            self.pack,
            response_id=response.id,
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

    def going_ahead(self, name: str, vignette: str = "healthy-woman", **changed: Raw) -> Response:
        """Send a form and decide to treat, whatever was found."""
        sent = self.sent(name, vignette, **changed)
        screening = cases.screenings(self.store, sent.id)[-1].screening
        found = [finding.rule_id for finding in screening.findings]
        decide.decide(
            self.store,
            self.pack,
            response_id=sent.id,
            decision=Decision(
                Disposition.PROCEED,
                overrides=tuple(Override(r, OverrideReason.EXAMINED, "Seen.") for r in found),
                acknowledged=frozenset(found),
            ),
            seen=0,
            by=self.by,
            now=self.now,
            today=self.today,
        )
        return sent

    def confirmed(self, name: str, **replies: Reply) -> Response:
        """Decide to treat, and ask at the chair."""
        sent = self.going_ahead(name)
        treat.confirm(
            self.store,
            lambda _: self.pack,
            response_id=sent.id,
            said={q.id: Said(replies.get(q.id, Reply.NO)) for q in self.pack.guide.chair},
            by=self.by,
            now=self.now,
            today=self.today,
            day_of=lambda at: at.date(),
        )
        return sent

    def treated(self, name: str) -> TreatmentSession:
        """Treat a healthy patient from beginning to end."""
        return treat.record_session(
            self.store,
            lambda _: self.pack,
            response_id=self.confirmed(name).id,
            done=DONE,
            by=self.by,
            now=self.now,
            today=self.today,
        )

    def _vignette(self, name: str):
        return next(v for v in self.pack.vignettes if v.id == name)
