"""The rules in force, to be read like a guideline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app, g

from intake.core.errors import NotFoundError
from intake.core.review import may_treat_patients
from intake.exports.documents import policy_of
from intake.exports.rule_book import bullets, sources, subjects
from intake.exports.rule_book import rule_book as render_rule_book
from intake.web.access import Access, open_to
from intake.web.clinic import current_clinic
from intake.web.desk_base import bp, page

if TYPE_CHECKING:
    from flask import Response as Answer


@bp.get("/rules")
@open_to(Access.DESK)
def rules() -> Answer:
    """Show the pack in force: version, hash, and its rules by subject."""
    pack = current_clinic().pack
    waiting = sum(1 for rule in pack.rules if not rule.is_reviewed)
    return page(
        "rules",
        pack=pack,
        subjects=list(subjects(pack)),
        not_reviewed=waiting,
        may_print=may_treat_patients(g.practitioner),
        today=current_clinic().today(),
    )


@bp.get("/rules/book")
@open_to(Access.DESK)
def rule_book() -> Answer:
    """Show the pack in force as one document to read and print."""
    clinic, documents = current_clinic(), current_app.extensions["documents"]
    text = render_rule_book(clinic.pack, documents, clinic.today())
    answer = current_app.make_response(text)
    answer.headers["Content-Security-Policy"] = policy_of(documents)
    return answer


@bp.get("/rules/<rule_id>")
@open_to(Access.DESK)
def rule(rule_id: str) -> Answer:
    """Show one rule in full."""
    pack = current_clinic().pack
    found = pack.rules_by_id.get(rule_id)
    if found is None:
        msg = "There is no such rule in the pack in force."
        raise NotFoundError(msg)
    return page(
        "rule",
        pack=pack,
        rule=found,
        condition=bullets(found.when, pack),
        sources=list(sources(found, pack)),
        conflicts=pack.conflicts_of(found),
        choices=pack.choices_about(found),
        stricter=[(s, device and bullets(device, pack)) for s, device in found.stricter],
        today=current_clinic().today(),
    )
