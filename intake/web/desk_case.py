"""One case: everything about it on one page, and what may be done with it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import flash, g

from intake.actions import accounts, recall, treat, versions
from intake.actions import decide as decide_actions
from intake.actions.assess import assess
from intake.actions.cards import answers_to
from intake.actions.decide import DecisionRefusedError, open_case
from intake.actions.queue import audit_of
from intake.actions.recall import DealingRefusedError
from intake.actions.rescreen import bring_back
from intake.actions.sites import sites_of
from intake.core.casefile import case_file
from intake.core.display import entry_words
from intake.core.errors import ConflictError, NotAllowedError, PackError, StateError
from intake.core.held import contradicted_words, gone_words, keeps_from_withdrawing, refused_by
from intake.core.recall import Handling
from intake.core.records import ResponseStatus
from intake.core.review import may_decide, may_reach, may_take, may_treat_patients
from intake.web.access import Access, open_to
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_base import bp, by_and_now, local, names_of_people, page, see_other
from intake.web.desk_decision import decision_form
from intake.web.desk_forms import AddendumForm, RecallForm, WithdrawForm

MAX_DIGITS = 6

if TYPE_CHECKING:
    from flask import Response as Answer

    from intake.core import decisions, records
    from intake.core.rules import RulePack
    from intake.web.desk_decision import DecisionForm
    from intake.web.desk_forms import DeskForm

MAY_BE_AMENDED = (ResponseStatus.COMPLETED,)
MAY_BE_WITHDRAWN = (ResponseStatus.IN_PROGRESS, ResponseStatus.COMPLETED)


@bp.get("/cases/<response_id>")
@open_to(Access.READER)
def case(response_id: str) -> Answer:
    """Show one case; one that was sent while its rules could not be read may still be such."""
    found = _open(response_id)
    try:
        return _show(found)
    except PackError:
        if found.screening is not None:
            raise
        return page("not_assessed", case=found, today=current_clinic().today())


@bp.post("/cases/<response_id>/assess")
@open_to(Access.CLINICIAN)
def assess_now(response_id: str) -> Answer:
    """Screen a form that could not be screened when it was sent."""
    house = current_clinic()
    try:
        assess(
            current_store(),
            house.pack_of,
            response_id=response_id,
            today=house.today(),
            **by_and_now(),
        )
    except PackError:
        flash("The rules still cannot be read. The form is kept; ask an administrator.")
    else:
        flash("The form is assessed now.")
    return see_other(".case", response_id=response_id)


@bp.post("/cases/<response_id>/private")
@open_to(Access.READER)
def private(response_id: str) -> Answer:
    """Show one case with what was asked in private; the next page is without it again.

    What was typed of a decision comes along.
    """
    found = decide_actions.open_private(
        current_store(), response_id=response_id, by=g.practitioner, now=current_clinic().now()
    )
    return _show(found, decision=_decision_form(found), shows_private=True)


@bp.post("/cases/<response_id>/decide")
@open_to(Access.CLINICIAN)
def decide(response_id: str) -> Answer:
    """Record what was decided; whatever keeps it from being signed comes back with all words."""
    found = _open(response_id)
    form = _decision_form(found)
    if form is None:
        msg = "There is nothing to decide yet: the patient has not sent the form."
        raise StateError(msg)
    if not form.validate_on_submit():
        return _show(found, decision=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        _record(found, form)
    except DecisionRefusedError as refused:
        form.take(refused.faults)
        return _show(found, decision=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except ConflictError as conflict:
        return _show_conflict(response_id, form, str(conflict))
    flash("Your decision is recorded.")
    return see_other(".case", response_id=response_id)


def _record(found: records.Case, form: DecisionForm) -> None:
    if found.screening is None or form.screening.data != found.screening.id:
        raise ConflictError(decide_actions.SCREENED_AGAIN)
    decide_actions.decide(
        current_store(),
        pack_of_case(found),
        response_id=found.response.id,
        decision=form.decision(),
        seen=_seen(form),
        read=form.screening.data,
        by=g.practitioner,
        now=current_clinic().now(),
        today=current_clinic().today(),
    )


def _seen(form: DecisionForm) -> int:
    """Return how many decisions the page showed; -1 for what no page of ours says."""
    words = form.words("seen")
    return int(words) if words.isascii() and words.isdigit() and len(words) < MAX_DIGITS else -1


def _show_conflict(response_id: str, form: DecisionForm, conflict: str) -> Answer:
    """Show the case as it is now, with what was typed, so that it can be sent once more."""
    found = _open(response_id)
    newer = found.reviews[max(_seen(form), 0) :]
    form.seen.data = str(len(found.reviews))
    form.screening.data = found.screening.id if found.screening else ""
    return _show(found, decision=form, newer=newer, conflict=conflict, status=HTTPStatus.CONFLICT)


@bp.post("/cases/<response_id>/addendum")
@open_to(Access.CLINICIAN)
def addendum(response_id: str) -> Answer:
    """Add words to a case; nothing that stands there is changed."""
    form = AddendumForm()
    if not form.validate_on_submit():
        return _show(_open(response_id), refused=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    decide_actions.add_addendum(
        current_store(),
        response_id=response_id,
        text=form.words("text"),
        by=g.practitioner,
        now=current_clinic().now(),
    )
    flash("Your addendum is added.")
    return see_other(".case", response_id=response_id)


@bp.post("/cases/<response_id>/recall")
@open_to(Access.CLINICIAN)
def deal_with_recall(response_id: str) -> Answer:
    """Say what was done about a case that rules in force are stricter on."""
    form, found = RecallForm(), _open(response_id)
    if not form.validate_on_submit():
        return _show(found, refused=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        recall.deal_with(
            current_store(),
            response_id=response_id,
            recall_id=form.words("recall"),
            how=Handling(form.how.data),
            words=form.words("about"),
            by=g.practitioner,
            now=current_clinic().now(),
        )
    except DealingRefusedError as refused:
        for fault in refused.faults:
            form.refuse(fault)
        return _show(found, refused=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except ConflictError as late:
        form.refuse(str(late))
        return _show(_open(response_id), refused=form, status=HTTPStatus.CONFLICT)
    flash("What was done is recorded.")
    return see_other(".case", response_id=response_id)


@bp.post("/cases/<response_id>/amend")
@open_to(Access.CLINICIAN)
def amend(response_id: str) -> Answer:
    """Open a new version for the patient to correct; the old one stays as it is."""
    newer = versions.amend(
        current_store(), response_id=response_id, by=g.practitioner, now=current_clinic().now()
    )
    return see_other(".hand_over", response_id=newer.id)


@bp.post("/cases/<response_id>/resume")
@open_to(Access.CLINICIAN)
def resume(response_id: str) -> Answer:
    """Go on with a form that is not sent yet."""
    return see_other(".hand_over", response_id=_open(response_id).response.id)


@bp.post("/cases/<response_id>/withdraw")
@open_to(Access.CLINICIAN)
def withdraw(response_id: str) -> Answer:
    """Take an intake out of the queue, with a reason; it stays readable."""
    form, found, today = WithdrawForm(), _open(response_id), current_clinic().today()
    rules = pack_of_case(found).rules_by_id
    if fault := keeps_from_withdrawing(found, rules, g.practitioner, today):
        raise NotAllowedError(fault)
    if not form.validate_on_submit():
        return _show(found, refused=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    versions.withdraw(
        current_store(),
        response_id=response_id,
        reason=form.words("reason"),
        by=g.practitioner,
        pack_of=current_clinic().pack_of,
        now=current_clinic().now(),
        today=today,
    )
    flash("The intake is withdrawn.")
    return see_other(".case", response_id=response_id)


def _open(response_id: str) -> records.Case:
    house = current_clinic()
    bring_back(current_store(), house.pack_of, now=house.now(), today=house.today())
    return open_case(
        current_store(), response_id=response_id, by=g.practitioner, now=current_clinic().now()
    )


def pack_of_case(found: records.Case) -> RulePack:
    """Return the pack the case was screened with, or else the one it is filled in under."""
    stored = found.screening
    if stored is None:
        return current_clinic().pack_of(found.response.pack_hash)
    return current_clinic().pack_of(stored.screening.pack_hash, stored.screening.on)


def _decision_form(found: records.Case) -> DecisionForm | None:
    stored = found.screening
    if stored is None:
        return None
    form = decision_form(stored, pack_of_case(found).rules_by_id, g.practitioner)
    earliest = stored.screening.earliest_safe_date
    if not form.is_submitted() and earliest and earliest > current_clinic().today():
        form.until.data = earliest
    return form


def _out_of_date(found: records.Case, pack: RulePack) -> int:
    """Count the answers that are too old to count today."""
    today = current_clinic().today()
    old = treat.out_of_date(
        current_store(), pack, found.response, lambda at: local(at).date(), today
    )
    return len(old)


def _site_of(found: records.Case) -> str:
    """Name the site of a case, to somebody who works at several."""
    sites = sites_of(current_store(), g.practitioner)
    names = [site.name for site in sites if site.id == found.response.site]
    return names[0] if names and len(sites) > 1 else ""


def _rules_in_force() -> frozenset[str]:
    """Return the ids of rules that have a page."""
    pack = current_clinic().readable_pack
    return frozenset(pack.rules_by_id) if pack else frozenset()


def _as_sent(refused: DeskForm | None, kind: type[DeskForm]) -> DeskForm:
    """Return a form as it was sent and refused, or else empty."""
    return refused if isinstance(refused, kind) else kind(formdata=None)


def _show(
    found: records.Case,
    *,
    decision: DecisionForm | None = None,
    refused: DeskForm | None = None,
    conflict: str = "",
    newer: tuple[decisions.Review, ...] = (),
    shows_private: bool = False,
    status: HTTPStatus = HTTPStatus.OK,
) -> Answer:
    pack = pack_of_case(found)
    shown = case_file(found, pack, current_clinic().today())
    people = accounts.list_accounts(current_store())
    who, today = g.practitioner, current_clinic().today()
    may_treat = may_treat_patients(who) and may_reach(who, found.response.site)
    names = names_of_people()
    history = audit_of(current_store(), response_id=found.response.id)
    return page(
        "case",
        status,
        file=shown,
        case=found,
        site=_site_of(found),
        stored=found.screening,
        today=today,
        is_confirmed=treat.is_confirmed(found, today),
        out_of_date=_out_of_date(found, pack),
        may_decide=may_treat and may_decide(who, shown.status),
        may_take=may_treat and may_take(who, shown.status),
        may_treat=may_treat,
        may_amend=may_treat and found.response.status in MAY_BE_AMENDED and not found.superseded_by,
        may_withdraw=may_treat
        and found.response.status in MAY_BE_WITHDRAWN
        and not found.superseded_by
        and not keeps_from_withdrawing(found, pack.rules_by_id, who, today),
        gone=gone_words(shown.gone, names) if shown.gone else "",
        contradicted=contradicted_words(shown.contradicted) if shown.contradicted else "",
        refused_by=refused_by(shown.refusal, found) if shown.refusal else "",
        decision=decision or _decision_form(found),
        added=_as_sent(refused, AddendumForm),
        withdrawn=_as_sent(refused, WithdrawForm),
        dealing=_as_sent(refused, RecallForm),
        linked=_rules_in_force(),
        recalls=recall.recalls_of(current_store(), response_id=found.response.id, by=who),
        kept_back=recall.what_keeps(current_store(), found.response.id),
        conflict=conflict,
        newer=newer,
        shows_private=shows_private,
        history=history,
        people=names,
        elsewhere=answers_to(current_store(), response_id=found.response.id),
        entered=entry_words(found, people, history),
    )
