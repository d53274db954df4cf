"""Who is beside the patient: asked early, changed at will, and what is not shown while they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import g, request, url_for
from flask_wtf import FlaskForm
from wtforms import RadioField

from intake.actions import company
from intake.core.records import Company
from intake.web.access import Access, open_to
from intake.web.choices import offered
from intake.web.clinic import current_clinic, current_store
from intake.web.languages import gettext
from intake.web.languages import lazy_gettext as _
from intake.web.tablet_base import (
    aside,
    asked_on,
    bp,
    from_review,
    go,
    go_to,
    go_to_unanswered,
    page,
    screens_shown,
    status_for,
)
from intake.web.tablet_fields import Fault

if TYPE_CHECKING:
    from flask import Response as Answer

    from intake.core.questionnaire import Page

COMPANY = {
    Company.NOBODY: _("No, I fill it in myself"),
    Company.RELATIVE: _("A relative or friend"),
    Company.CARER: _("A carer"),
    Company.INTERPRETER: _("An interpreter"),
    Company.STAFF: _("A member of staff"),
}
"""Who may be there, in the order in which it is offered."""


class CompanyForm(FlaskForm):
    """Who is beside the patient."""

    company = RadioField(
        choices=lambda: offered([(code.value, words) for code, words in COMPANY.items()]),
        validate_choice=False,
    )

    def read(self) -> Company | None:
        """Return who was chosen; None when nobody was, or somebody who is not offered."""
        said = self.company.data
        return Company(said) if said in Company.__members__.values() else None


@bp.get("/company")
@open_to(Access.VISIT)
def with_company() -> Answer:
    """Ask whether somebody helps; what was said in this visit is ticked.

    A practitioner who enters the answers is not asked.
    """
    if g.visit.is_entered:
        return go("tablet.welcome")
    return company_page(CompanyForm(formdata=None, company=g.visit.company), [])


@bp.post("/company")
@open_to(Access.VISIT)
def tell_company() -> Answer:
    """Keep who helps, and go to the first question, to where the form was left, or back."""
    form = CompanyForm()
    if g.visit.is_entered:
        return go("tablet.welcome")
    if answer := aside(lambda: company_page(form, [])):
        return answer
    said = form.read()
    if said is None:
        words = gettext("Select one answer.")
        anchor = f"company-{Company.NOBODY}"
        return company_page(form, [Fault("company", anchor, words)])
    g.visit = company.tell(current_store(), g.visit, said, current_clinic().now())
    return go("tablet.review") if from_review() else begin_answering()


def company_page(form: CompanyForm, faults: list[Fault]) -> Answer:
    """Ask whether somebody helps."""
    note_public_place("company")
    back = url_for("tablet.review" if from_review() else "tablet.welcome")
    return page(
        "company", status_for(faults), form=form, faults=faults, back=back, carried=from_review()
    )


def begin_answering() -> Answer:
    """Go to the first question, or to where the form was left."""
    if g.response.visited:
        return go_to_unanswered()
    return go_to(next(iter(screens_shown()), None))


def is_unasked() -> bool:
    """Tell whether nobody has asked yet, in this visit, if somebody helps."""
    return company.has_company(g.visit) and g.visit.company is None


def is_private(topic: Page) -> bool:
    """Tell whether something private is asked on a page."""
    return topic.private or any(item.private for item in asked_on(topic))


def interposed(topic: Page, back: str) -> Answer | None:
    """Return what is shown in place of a private page while somebody helps; None for the page.

    Nothing that is shown in its place tells what the page is about.
    """
    if not is_private(topic):
        note_public_place(topic.id)
        return None
    if company.may_show(g.visit):
        return None
    if is_unasked():
        return go("tablet.with_company", **from_review())
    at = (request.view_args or {})["at"]
    return page("private", at=at, back=back, carried=from_review())


def note_public_place(place: str) -> None:
    """Note that something is shown that whoever helps may see."""
    g.visit = company.leave_private(current_store(), g.visit, place)


@bp.context_processor
def words_about_company() -> dict[str, object]:
    """Tell each page whether whoever helps may come back."""
    return {"may_return": "visit" in g and company.may_return(g.visit)}
