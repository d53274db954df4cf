"""A patient who comes again: what of an earlier form still holds, and confirming it.

Only what lapsed is asked anew. The rest is shown on one page and counts once the patient says that
it is still true; until then the form cannot be sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.actions.permission import require_clinician
from intake.core.answers import Missing, Picked, read_stored
from intake.core.course import told_at_chair
from intake.core.errors import StateError
from intake.core.freshness import has_lapsed
from intake.core.reading import case_for
from intake.core.records import ResponseStatus
from intake.core.review import may_read_at
from intake.core.screening import may_be_asked
from intake.storage import audit, responses, treatments

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import date, datetime

    from intake.core.answers import Raw
    from intake.core.questionnaire import Item
    from intake.core.records import Practitioner, Response
    from intake.core.rules import RulePack
    from intake.storage import Store
    from intake.storage.contract import Database


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a new form takes over from the one of an earlier visit.

    Attributes:
        response: That form.
        answers: Its answers that still hold, to be confirmed.
    """

    response: Response
    answers: Mapping[str, Raw]


def earlier_of(
    store: Store,
    pack: RulePack,
    pack_of: Callable[[str], RulePack],
    *,
    patient_id: str,
    by: Practitioner,
    day_of: Callable[[datetime], date],
    today: date,
) -> Earlier | None:
    """Return what a patient's next form takes over; None for one who was not here before.

    Taken over is what is not out of date, was a definite answer, is asked in the same words now, is
    not in doubt since something was said at the chair, and was not asked in private: what is
    private is never shown to whoever holds the tablet next.

    Args:
        store: Where the forms are.
        pack: The pack the next form will be begun with.
        pack_of: Finds the pack an earlier form was begun with, by its hash.
        patient_id: Whose forms.
        by: Who begins the next form.
        day_of: Tells the clinic's local date of an instant.
        today: The clinic's local date.
    """
    require_clinician(by)
    last = _last_sent(store, patient_id)
    if last is None:
        return None
    case = case_for(pack_of(last.pack_hash), last, today)
    asked_then = pack_of(last.pack_hash).items
    given = responses.confirmed_times(store, last.id)
    private = pack.questionnaire.private | pack_of(last.pack_hash).questionnaire.private
    doubted = _said_since(store, pack, patient_id, given)
    kept = {
        link_id: raw
        for link_id, raw in last.answers.items()
        if (item := pack.questionnaire.items.get(link_id)) is not None
        and item.from_record is None
        and link_id not in private
        and link_id not in doubted
        and not has_lapsed(item, day_of(given[link_id]), today)
        and _reads_alike(item, asked_then[link_id])
        and may_be_asked(link_id, case)
        and _is_definite(item, raw, today)
    }
    return Earlier(last, kept)


def _last_sent(store: Store, patient_id: str) -> Response | None:
    """Return the newest form of a patient that was sent and not replaced."""
    for response_id in reversed(responses.ids_of(store, patient_id)):
        found = responses.response(store, response_id)
        is_sent = found is not None and found.status is ResponseStatus.COMPLETED
        if is_sent and not responses.successor(store, response_id):
            return found
    return None


def _said_since(
    store: Store, pack: RulePack, patient_id: str, given: Mapping[str, datetime]
) -> frozenset[str]:
    """Return the questions about which something was said at the chair after they were answered."""
    return frozenset(
        link_id
        for said in treatments.confirmations_of(store, patient_id)
        for telling in told_at_chair(pack.guide, said)
        for link_id in telling.answers
        if link_id not in given or given[link_id] <= said.at
    )


def _reads_alike(now: Item, then: Item) -> bool:
    """Tell whether a question is asked in the same words, with the same answers on offer."""
    same = ("kind", "ask", "hint", "options", "words", "unit")
    return all(getattr(now, name) == getattr(then, name) for name in same)


def _is_definite(item: Item, raw: Raw, today: date) -> bool:
    """Tell whether an answer says something and leaves nothing open."""
    answer = read_stored(item, raw, today)
    is_open = isinstance(answer, Missing) or getattr(answer, "unsure", False)
    return not is_open and not (isinstance(answer, Picked) and answer.spots)


def to_confirm(pack: RulePack, response: Response, today: date) -> tuple[Item, ...]:
    """Return the questions whose answers were taken over and wait for the patient's word."""
    case = case_for(pack, response, today)
    return tuple(
        item
        for link_id, item in pack.questionnaire.items.items()
        if link_id in response.carried and may_be_asked(link_id, case)
    )


def confirm(
    store: Store,
    response: Response,
    link_ids: Collection[str],
    *,
    now: datetime,
    actor: str,
) -> None:
    """Note that answers of an earlier form are still true.

    Raises:
        StateError: the form was sent or stopped in the meantime.
    """
    with store.write() as db:
        current = responses.response(store, response.id)
        if current is None or current.status is not ResponseStatus.IN_PROGRESS:
            msg = "This form was already sent. Please hand the tablet back."
            raise StateError(msg)
        responses.confirm_carried(db, response.id, current.carried & frozenset(link_ids), now)
        audit.append(db, at=now, actor=actor, action="answers confirmed", subject=response.id)


def forget_unreached(store: Store, db: Database, response: Response, who: Practitioner) -> None:
    """Take away what was taken over from a form that *who* may not read, before they open this one.

    It is asked anew; the patient's own tablet would have shown it for confirmation.
    """
    earlier = responses.response(store, response.follows) if response.follows else None
    if response.carried and not may_read_at(who, earlier.site if earlier else ""):
        responses.drop_carried(db, response.id, response.carried)
