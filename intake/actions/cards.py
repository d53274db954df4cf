"""Cards for other systems: the newest intake of a patient screened, and what they say to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from intake.actions.permission import require_system
from intake.actions.reading import note_reading
from intake.actions.rescreen import screen_ahead
from intake.actions.sent_along import INTAKE, sent_along, sought_in
from intake.core.answers import Happened
from intake.core.clients import CardAnswer, ClientRole
from intake.core.conditions import BIRTH_DATE as BORN
from intake.core.display import OVERRIDE_REASON
from intake.core.errors import NotFoundError
from intake.core.reading import read_all
from intake.core.screening import screen
from intake.exports.cards import (
    About,
    cards_of,
    decided_against,
    not_read,
    not_the_last_word,
    nothing_known,
)
from intake.exports.fhir.arriving import read_response
from intake.exports.fhir.form import questionnaire
from intake.storage import audit, cases, responses
from intake.storage import cards as stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from intake.actions.sent_along import Asked, SentAlong, Sought
    from intake.core.answers import Answer
    from intake.core.appointments import Offered
    from intake.core.clients import ApiClient
    from intake.core.records import Patient, Response
    from intake.core.rules import RulePack
    from intake.core.screening import Screening
    from intake.exports.cards import Card
    from intake.exports.fhir.arriving_items import Problem
    from intake.storage import Store

KEPT_FOR = timedelta(days=90)
"""For how long a card can be answered."""
MOST_SCREENED = 10
"""Forms of one request: more that nobody can put in order are named, and left to be read."""


@dataclass(frozen=True, slots=True)
class House:
    """What the clinic screens with.

    Attributes:
        offered: The pack in force, the languages of the tablets, the clinic's date.
        pack_of: Finds a kept pack by its hash.
        say: Says a text of the program's own in a language.
    """

    offered: Offered
    pack_of: Callable[[str], RulePack]
    say: Callable[[str, str], str]

    @property
    def pack(self) -> RulePack:
        """The pack in force."""
        return self.offered.pack

    @property
    def today(self) -> date:
        """The clinic's date."""
        return self.offered.today


def cards_for(
    store: Store, house: House, asked: Asked, *, by: ApiClient, now: datetime
) -> list[Card]:
    """Screen the newest intake of a patient, and return a card a finding, and at least one.

    The newest is the one that the clinic has of the patient, or one that was sent along and is
    younger; of two that nobody can put in order both are screened. Whatever may stand against it
    being the patient's last word is a card, too. Nothing of the screening is stored; that the case
    was read is in the audit trail.

    Args:
        store: Where cases are.
        house: What is screened with.
        asked: What was asked, and sent along.
        by: Who asks; cases of other sites than theirs are not looked at.
        now: When.
    """
    require_system(by, ClientRole.DECISION_SUPPORT)
    about = About(
        f"{by.id}/{asked.request}",
        of_some_sites=by.sites is not None,
        is_alone=INTAKE not in asked.sent,
    )
    found = _found(store, house, asked, by, now)
    if found.ours is None and not found.theirs:
        return [nothing_known(_why_not(asked, found), house.pack, about)]
    doubts = list(_doubts(store, found, by))
    cards = [not_the_last_word(doubts, house.pack, about)] if doubts else []
    for one in found.theirs:
        of_one = replace(about, at=one.sent.at)
        if one.problems:
            cards.append(not_read(one.problems, house.pack, of_one))
        cards += cards_of(one.screening, house.pack, of_one, is_unreadable=bool(one.problems))
    if found.ours is not None:
        at = found.ours.submitted_at
        of_ours = replace(about, response_id=found.ours.id, at=at)
        made = _of_ours(store, found.ours, house, of_ours, by, now, is_screened=found.is_ours_read)
        cards = made + cards if not found.is_ours_read else cards + made
    return cards


@dataclass(frozen=True, slots=True)
class _Theirs:
    """A form that was sent along, screened.

    Attributes:
        is_of_patient: Whether it is the patient's, by whom it names and by its birth date.
        says_nothing: Nothing in it was answered.
    """

    sent: SentAlong
    problems: Sequence[Problem]
    screening: Screening
    is_of_patient: bool
    says_nothing: bool

    @property
    def is_younger(self) -> bool:
        """Whether it is known to take the place of an older form of the patient.

        One of which not all could be read takes none's.
        """
        return self.sent.at is not None and self.is_of_patient and not self.problems


@dataclass(frozen=True, slots=True)
class _Found:
    """What there is to screen.

    Attributes:
        ours: The newest form that the clinic has.
        theirs: Each that was sent along and that none is known to be younger than.
        passed_over: Those sent along that may be younger and cannot be read, with why.
        older: How many others were sent along, and are older.
        too_many: How many more may be the youngest, and were not screened.
    """

    sought: Sought
    ours: Response | None
    theirs: tuple[_Theirs, ...]
    passed_over: tuple[SentAlong, ...]
    older: int
    too_many: int

    @property
    def is_ours_read(self) -> bool:
        """Whether the clinic's own is screened: unless another is known to be younger."""
        return not any(one.is_younger for one in self.theirs)


def _found(store: Store, house: House, asked: Asked, by: ApiClient, now: datetime) -> _Found:
    sought = sought_in(store, asked, house.offered)
    ours = _newest_of(store, sought.patient, by) if sought.patient else None
    younger = [
        one
        for one in sent_along(store, asked, sought, house.pack, now)
        if ours is None or _may_be_younger(one, ours)
    ]
    read = sorted((one for one in younger if not one.fault), key=_order, reverse=True)
    screened = list(_screened(house, read[:MOST_SCREENED], sought.born))
    empty = [replace(one.sent, fault=_says_nothing(one)) for one in screened if one.says_nothing]
    screened = [one for one in screened if not one.says_nothing]
    newest = max((one.sent.at for one in screened if one.sent.at and one.is_younger), default=None)
    last = [one for one in screened if not (one.sent.at and newest and one.sent.at < newest)]
    return _Found(
        sought,
        ours,
        tuple(last),
        (*(one for one in younger if one.fault), *empty),
        older=len(screened) - len(last),
        too_many=len(read[MOST_SCREENED:]),
    )


def _may_be_younger(sent: SentAlong, ours: Response) -> bool:
    since = ours.submitted_at
    if since is None or sent.at is None or sent.at > since:
        return True
    return sent.at == since and sent.number != ours.id


def _says_nothing(theirs: _Theirs) -> str:
    says = "".join(f" ({one.says.rstrip('.')})" for one in theirs.problems[:1])
    return f"there is no answer in it that can be read{says}"


def _order(one: SentAlong) -> tuple[bool, float]:
    """Sort by when it was written; of which nobody knows may be the last."""
    return (False, one.at.timestamp()) if one.at else (True, 0)


def _screened(house: House, sent: Sequence[SentAlong], born: date | None) -> Iterator[_Theirs]:
    form = questionnaire(house.pack, house.say) if sent else {}
    for one in sent:
        arrived = read_response(one.resource, form, house.pack, house.today)
        reading = read_all(house.pack, arrived.answers, arrived.plan, house.today)
        answers = reading.answers
        screening = screen(house.pack, answers, house.today, is_unreadable=bool(arrived.problems))
        is_of_patient = one.is_of_patient and _is_born(house.pack, answers, born)
        yield _Theirs(one, arrived.problems, screening, is_of_patient, not arrived.given)


def _is_born(pack: RulePack, answers: Mapping[str, Answer], born: date | None) -> bool:
    """Tell whether a form has the patient's birth date, where it asks for one."""
    asked = [one.link_id for one in pack.items.values() if one.from_record == BORN]
    said = [answers.get(link_id) for link_id in asked]
    return not asked or any(
        isinstance(one, Happened) and one.when.is_exact and one.when.earliest == born
        for one in said
    )


def _doubts(store: Store, found: _Found, by: ApiClient) -> Iterator[str]:
    """Yield what may stand against what is screened being the patient's last word."""
    if not found.sought.is_read:
        yield "Who the patient is could not be read, so that no form of this clinic was looked at."
    yield from _doubts_of_theirs(found)
    if found.ours is not None and not found.is_ours_read:
        yield (
            "An older form of this clinic, and what its record holds, were not screened with the"
            " younger one that was sent along."
        )
    for fault in {one.fault: None for one in found.passed_over}:
        yield f"Another form was sent along and not read: {fault}."
    if found.ours is not None and stored.is_left_behind(store, found.ours.id, by.sites):
        yield "The form of this clinic is being amended, or one sent after it was withdrawn."


def _doubts_of_theirs(found: _Found) -> Iterator[str]:
    if any(one.sent.at is None for one in found.theirs):
        yield "When the form that was sent along was answered is not known."
    if not all(one.is_of_patient for one in found.theirs):
        yield (
            "The form that was sent along does not name the patient for certain, or not with the"
            " birth date: it may be another's."
        )
    if found.ours is not None and any(one.problems for one in found.theirs):
        yield "Not all that was sent along could be read: the clinic's own form counts beside it."
    if len(found.theirs) > 1:
        yield f"{len(found.theirs)} forms were sent along, and any may be the last: see each."
    if found.too_many:
        yield f"{found.too_many} more forms that were sent along were not read. Open them there."
    if found.older:
        yield f"{found.older} older forms that were sent along were not screened."


def _why_not(asked: Asked, found: _Found) -> str:
    """Say why nothing was screened; that somebody is known here is told to nobody."""
    if found.passed_over:
        return f"What was sent along was not read: {found.passed_over[0].fault}."
    if not found.sought.is_read:
        return "Who the patient is could not be read, and no answer to this form was sent along."
    if asked.sent.get(INTAKE) is not None:
        return "No answer to the form that this clinic asks was sent along."
    return (
        "Nobody of this name and birth date, or of this record number, has sent a health history"
        " that counts."
    )


def _of_ours(
    store: Store,
    ours: Response,
    house: House,
    about: About,
    by: ApiClient,
    now: datetime,
    *,
    is_screened: bool,
) -> list[Card]:
    """Return what was decided here against it, and what the rules find in a form of this clinic."""
    pack = house.pack_of(ours.pack_hash)
    reviews = cases.reviews(store, ours.id)
    made = decided_against(reviews[-1], pack, about) if reviews else []
    if is_screened:
        found = screen_ahead(store, pack, ours, house.today).screening
        made += cards_of(found, pack, about)
    note_reading(store, act="case read", subject=ours.id, by=by, now=now)
    with store.write() as db:
        stored.forget_cards(db, now - KEPT_FOR)
        given = [(one.id, one.rule_id, ours.id) for one in made if one.rule_id]
        stored.add_cards(db, by.id, given, now)
    return made


def _newest_of(store: Store, patient: Patient, by: ApiClient) -> Response | None:
    found = stored.newest_sent(store, patient.id, by.sites)
    return responses.response(store, found) if found else None


def take_answer(
    store: Store,
    *,
    card_id: str,
    outcome: str,
    reason: str,
    words: str,
    said_at: datetime,
    by: ApiClient,
    now: datetime,
) -> None:
    """Keep what somebody said to a card, with the case; the finding itself stays as it is.

    Args:
        store: Where cards are.
        card_id: Which card.
        outcome: `accepted` or `overridden`.
        reason: The code of a reason that was offered; blank for none.
        words: What they wrote beside it.
        said_at: When, by the other system's clock.
        by: Which system.
        now: When it arrived.

    Raises:
        NotFoundError: that system was given no such card, or its case is gone.
    """
    require_system(by, ClientRole.DECISION_SUPPORT)
    with store.write() as db:
        found = stored.card(store, card_id, by.id)
        if found is None or found[0] is None:
            msg = "There is no such card."
            raise NotFoundError(msg)
        response_id, rule_id = found[0], found[1]
        known = {code.value: told for code, told in OVERRIDE_REASON.items()}
        said = CardAnswer(
            id=card_id,
            response_id=response_id,
            client_id=by.id,
            rule_id=rule_id,
            outcome=outcome,
            reason=known.get(reason, ""),
            words=words,
            said_at=said_at,
            at=now,
        )
        stored.put_answer(db, said)
        audit.append(
            db, at=now, actor=by.id, action=f"finding {outcome} elsewhere", subject=response_id,
            rule=rule_id,
        )  # fmt: skip


def answers_to(store: Store, *, response_id: str) -> list[CardAnswer]:
    """Return what was said in other systems to the findings of a case, oldest first."""
    return stored.answers_to(store, response_id)
