"""What is for a dermatologist in answers that were not sent yet: nobody takes these away unseen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from intake.actions.rescreen import screen_ahead
from intake.core.review import is_for_dermatologist
from intake.storage import responses

if TYPE_CHECKING:
    from datetime import date

    from intake.core.records import Response
    from intake.core.rules import RulePack
    from intake.core.screening import Finding
    from intake.storage import Store


def only_in_draft(
    store: Store, pack: RulePack, draft: Response, today: date
) -> tuple[Finding, ...]:
    """Return the findings for a dermatologist that no form which was sent holds as well.

    What is to be asked again, and was not answered yet, is taken to be as it was.

    Args:
        store: Where the forms are.
        pack: The pack of the draft.
        draft: A form that is being filled.
        today: The clinic's local date.
    """
    before = responses.response(store, draft.replaces or draft.follows or "")
    sent = dict(before.answers) if before and draft.replaces else {}
    whole = replace(draft, answers={**sent, **draft.answers})
    known = _findings(store, pack, before, today) if before else {}
    return tuple(
        finding
        for rule_id, finding in _findings(store, pack, whole, today).items()
        if rule_id not in known or (finding.is_met and not known[rule_id].is_met)
    )


def _findings(store: Store, pack: RulePack, form: Response, today: date) -> dict[str, Finding]:
    return {
        finding.rule_id: finding
        for finding in screen_ahead(store, pack, form, today).screening.findings
        if is_for_dermatologist(finding, pack.rules_by_id)
    }
