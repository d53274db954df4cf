"""Calling patients back whose answers are more serious under rules put in force since."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from intake.actions.impact import PACKS_IN_MEMORY, Assessor
from intake.actions.packs_in_memory import PacksInMemory
from intake.actions.permission import require_clinician, require_reader
from intake.actions.queue import reached
from intake.actions.rescreen import RULES
from intake.actions.rule_packs import kept_pack
from intake.core.blank import worded
from intake.core.errors import ConflictError, IntakeError, NotFoundError, StateError
from intake.core.recall import (
    BY_PEOPLE,
    Dealt,
    Handling,
    Recall,
    faults_of_dealing,
    is_to_be_recalled,
    keeps_from_going_ahead,
)
from intake.core.review import may_reach, reads_every_site
from intake.storage import audit, cases, listing, packs_kept, passes, recalls, responses
from intake.storage.passes import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from intake.core.impact import Outcome
    from intake.core.records import Practitioner
    from intake.storage import Store
    from intake.storage.contract import Database
    from intake.storage.listing import Listed

PAGE_ROWS = 50
MOST_COUNTED = 1000

RECALLED, DEALT_WITH = "recalled", "recall dealt with"

_PACKS = PacksInMemory(PACKS_IN_MEMORY)
"""For every request and every pass of this process: packs are known by their content."""


class DealingRefusedError(IntakeError):
    """What was done about a recall lacks something.

    Attributes:
        faults: What to do about it, one sentence each.
    """

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("the recall is not dealt with")


def assessor(store: Store, pack_hash: str, today: date) -> Assessor:
    """Return what holds cases against a kept pack."""
    return Assessor(store, today, pack_hash, lambda day: kept_pack(store, pack_hash, day), _PACKS)


def call_back(
    store: Store,
    db: Database,
    pack_hash: str,
    found: Iterable[Outcome],
    screened: Mapping[str, str],
    *,
    now: datetime,
) -> int:
    """Open a recall for each case of which the rules in force say more.

    Args:
        store: Where cases are.
        db: The same, to write to.
        pack_hash: The rules in force.
        found: What they make of some cases.
        screened: The screening of each that was looked at, by form.
        now: When.

    Returns:
        How many were opened.
    """
    version = packs_kept.version_of(store, pack_hash)
    opened = 0
    for outcome in found:
        before = recalls.of_case(store, outcome.response_id)
        if any(one.is_open for one in before) or not is_to_be_recalled(outcome, pack_hash, before):
            continue
        recall = Recall(
            id=store.new_id(),
            response_id=outcome.response_id,
            screening_id=screened[outcome.response_id],
            pack_hash=pack_hash,
            pack_version=version,
            outcome=outcome,
            at=now,
        )
        recalls.add(db, recall)
        audit.append(
            db, at=now, actor=RULES, action=RECALLED, subject=recall.response_id, pack=pack_hash
        )
        opened += 1
    return opened


def look_at(store: Store, response_id: str, *, today: date, now: datetime) -> str | None:
    """Hold the patient's forms against the rules in force, before anybody goes ahead on one.

    A pass over all cases comes to them as well, but later. A form that was begun under the rules in
    force was screened by them.

    Returns:
        The rules in force, for `require_looked_under`.

    Raises:
        PackError: the rules in force cannot be read.
    """
    hash_ = packs_kept.in_force(store)
    screened = {
        form_id: found[-1]
        for form_id, found in cases.screenings_of_each(
            store, responses.sent_of_patient_with(store, response_id)
        ).items()
        if found and found[-1].screening.pack_hash != hash_
    }
    if hash_ is None or not screened:
        return hash_
    looked = assessor(store, hash_, today)(list(screened))
    with store.write() as db:
        if packs_kept.in_force(store) == hash_:
            by_form = {form_id: stored.id for form_id, stored in screened.items()}
            call_back(store, db, hash_, looked.found, by_form, now=now)
    return hash_


def require_looked_under(store: Store, hash_: str | None) -> None:
    """Let an act pass before which cases were held against the rules that are in force now.

    Raises:
        ConflictError: other rules were put in force since.
    """
    if packs_kept.in_force(store) != hash_:
        msg = "Other rules were put in force just now. Nothing was stored. Send it again."
        raise ConflictError(msg)


def what_keeps(store: Store, response_id: str) -> str:
    """Say what recall keeps anybody from going ahead with a case; blank when none does."""
    elsewhere = recalls.of_other_forms(store, response_id)
    return keeps_from_going_ahead(recalls.in_force(store, response_id), elsewhere)


def require_nothing_to_look_at(store: Store, response_id: str) -> None:
    """Let a case pass that no recall holds back.

    Raises:
        StateError: one does; says what to do.
    """
    if fault := what_keeps(store, response_id):
        raise StateError(fault)


def end_with(
    store: Store, db: Database, response_id: str, *, words: str, by: Practitioner, now: datetime
) -> None:
    """Let a decision not to treat a patient be the answer to the recall of the case as well."""
    recall = recalls.in_force(store, response_id)
    if recall is not None and recall.is_open:
        _store(store, db, recall, Dealt(Handling.NOT_TREATED, words, by.id, by.name, by.role, now))


def _store(store: Store, db: Database, recall: Recall, dealt: Dealt) -> None:
    recalls.deal(db, store.new_id(), recall, dealt)
    audit.append(
        db, at=dealt.at, actor=dealt.by, action=DEALT_WITH, subject=recall.response_id,
        how=dealt.how.value,
    )  # fmt: skip


def deal_with(
    store: Store,
    *,
    response_id: str,
    recall_id: str,
    how: Handling,
    words: str,
    by: Practitioner,
    now: datetime,
) -> Recall:
    """Say what was done about a recall.

    Returns:
        The recall as it is now.

    Raises:
        NotFoundError: there is no such recall, or its case is not theirs.
        ConflictError: other rules were put in force in the meantime.
        StateError: it is not for people to say.
        DealingRefusedError: it lacks something; says all of it.
    """
    require_clinician(by)
    if how not in BY_PEOPLE:
        msg = "Only the rules themselves end a recall so."
        raise StateError(msg)
    said = worded(words)
    with store.write() as db:
        recall = recalls.one(store, recall_id)
        case = responses.response(store, recall.response_id) if recall else None
        if recall is None or recall.response_id != response_id:
            msg = "There is no such recall on this case."
            raise NotFoundError(msg)
        if case is None or not may_reach(by, case.site):
            msg = "There is no such recall on this case."
            raise NotFoundError(msg)
        counts = recalls.in_force(store, response_id)
        if counts is None or counts.id != recall.id or not recall.holds:
            msg = "This recall is over: other rules are in force, or somebody has dealt with it."
            raise ConflictError(msg)
        if faults := faults_of_dealing(recall, how, said, by):
            raise DealingRefusedError(faults)
        dealt = Dealt(how, said, by.id, by.name, by.role, now)
        _store(store, db, recall, dealt)
    return replace(recall, dealings=(*recall.dealings, dealt))


@dataclass(frozen=True, slots=True)
class RecallsOfCase:
    """Every recall of a case.

    Attributes:
        last: The one that counts now; None where none does.
        is_in_force: Whether the rules that ask for it are in force; where they are not, it counts
            because somebody said that the patient is not treated.
        ended: The others that somebody dealt with, or that ended with their rules, oldest first.
        newer: The version of the form that is being filled; None where there is none.
    """

    last: Recall | None
    is_in_force: bool
    ended: tuple[Recall, ...]
    newer: str | None = None


def recalls_of(store: Store, *, response_id: str, by: Practitioner) -> RecallsOfCase:
    """Return the recalls of a case that somebody reads."""
    require_reader(by)
    last = recalls.in_force(store, response_id)
    every = recalls.of_case(store, response_id)
    ended = tuple(one for one in every if not one.is_open and (last is None or one.id != last.id))
    is_in_force = last is not None and last.pack_hash == packs_kept.in_force(store)
    newer = responses.amendment_in_progress(store, response_id)
    return RecallsOfCase(last, is_in_force, ended, newer.id if newer else None)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the server has come with holding cases against the rules in force.

    Attributes:
        left: How many screenings it has still to go through.
        trouble: Why it does not go on; blank while it does.
    """

    left: int
    trouble: str


def progress(store: Store) -> Progress:
    """Say whether the list of recalls is whole."""
    hash_ = packs_kept.in_force(store)
    one = passes.newest(store, Kind.RECALL, hash_) if hash_ else None
    if one is None or one.ended_at is not None:
        return Progress(0, "")
    return Progress(passes.count_left(store, one), one.trouble)


@dataclass(frozen=True, slots=True)
class RecallRow:
    """One line of the list of recalls."""

    recall: Recall
    case: Listed


@dataclass(frozen=True, slots=True)
class RecallPage:
    """One page of the list of recalls.

    Attributes:
        has_more: There are others behind the last row.
        count: How many there are in all, counted up to a thousand.
    """

    rows: tuple[RecallRow, ...]
    has_more: bool
    count: int


def list_open(store: Store, *, by: Practitioner, after: str = "") -> RecallPage:
    """Return a page of the recalls that nobody has dealt with, the most urgent first."""
    require_reader(by)
    sites = None if reads_every_site(by) else reached(by)
    found = recalls.open_at(store, sites, PAGE_ROWS + 1, after)
    shown = {one.response_id: one for one in found[:PAGE_ROWS]}
    listed = listing.listed_by_id(store, list(shown))
    rows = tuple(RecallRow(shown[case.response_id], case) for case in listed)
    count = recalls.count_open(store, sites, MOST_COUNTED)
    return RecallPage(rows, len(found) > PAGE_ROWS, count)


def list_to_be_asked(store: Store, *, by: Practitioner) -> RecallPage:
    """Return the first patients who are asked again and for whom no form was begun since."""
    require_reader(by)
    sites = None if reads_every_site(by) else reached(by)
    hash_ = packs_kept.in_force(store) or ""
    found = recalls.to_be_asked(store, sites, hash_, MOST_COUNTED)
    shown = {one.response_id: one for one in found[:PAGE_ROWS]}
    listed = listing.listed_by_id(store, list(shown))
    rows = tuple(RecallRow(shown[case.response_id], case) for case in listed)
    return RecallPage(rows, len(found) > PAGE_ROWS, len(found))


def count_open(store: Store, *, by: Practitioner) -> int:
    """Count the recalls that nobody has dealt with, up to a thousand."""
    require_reader(by)
    sites = None if reads_every_site(by) else reached(by)
    return recalls.count_open(store, sites, MOST_COUNTED)
