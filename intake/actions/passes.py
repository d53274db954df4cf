"""Passes of a pack over what was screened: begun at the desk, carried on by the server.

A pass is of few cases at a time, and of whole ones, so that any process may carry on with it where
another stopped. Nothing that it finds changes a case: a recall stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.actions import impact as impacts
from intake.actions.permission import require_operator
from intake.actions.recall import assessor, call_back
from intake.actions.rule_packs import files_of
from intake.core.errors import IntakeError, StateError
from intake.core.impact import Impact
from intake.storage import audit, packs_kept, passes, places, recalls, replaying
from intake.storage.passes import BEGUN, Kind

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from intake.actions.permission import Operator
    from intake.core.impact import Outcome
    from intake.storage import Store
    from intake.storage.passes import Pass

FEW = 50
"""How many screenings are gone through at a time: about a fifth of a second, cut off by nothing."""

PREVIEW = 100
"""Of how many cases, drawn by lot, a first look is made."""

ENDED, TAKEN_OUT = "pass ended", "pass exported"


def begin(store: Store, kind: Kind, *, hash_: str, by: Operator, now: datetime) -> None:
    """Let a kept pack go over what was screened: once, or beside the rules in force until it ends.

    Raises:
        NotFoundError: no pack of that hash was kept.
        StateError: it is in force, or is begun otherwise.
    """
    actor = require_operator(by)
    if kind is Kind.RECALL:
        msg = "A recall begins by itself when a pack is put in force."
        raise StateError(msg)
    files_of(store, hash_)
    with store.write() as db:
        if packs_kept.in_force(store) == hash_:
            msg = "This pack is in force: every form is screened with it."
            raise StateError(msg)
        upto = replaying.newest(store) if kind is Kind.IMPACT else None
        passes.begin(db, kind, hash_, upto=upto, by=actor, now=now)
        passes.forget(db, kind, hash_)
        audit.append(db, at=now, actor=actor, action=BEGUN, subject=hash_, kind=kind.value)


def end(store: Store, kind: Kind, *, hash_: str, by: Operator, now: datetime) -> None:
    """End a pass before its time; what it found so far stays to be read.

    Raises:
        StateError: a recall ends with the rules that ask for it, and by nobody's word.
    """
    actor = require_operator(by)
    if kind is Kind.RECALL:
        msg = "A recall ends when other rules are put in force."
        raise StateError(msg)
    with store.write() as db:
        if passes.end(db, kind, hash_, now=now):
            audit.append(db, at=now, actor=actor, action=ENDED, subject=hash_, kind=kind.value)


def preview(store: Store, *, hash_: str, by: Operator, today: date) -> tuple[Impact, int]:
    """Look at a few cases, drawn by lot.

    Returns:
        What a kept pack makes of them, and how many they are.

    Raises:
        NotFoundError: no pack of that hash was kept.
        PackError: it cannot be read.
    """
    require_operator(by)
    found = Impact()
    looked: list[int] = [0]
    act, cases = assessor(store, hash_, today), impacts.pieces(store, PREVIEW)
    for _ in impacts.assess(lambda pieces: map(act, pieces), cases, found, looked.append):
        pass
    return found, looked[-1]


@dataclass(frozen=True, slots=True)
class Standing:
    """A pass, and how much of it is left.

    Attributes:
        gone: How many screenings it has gone through.
        left: How many it has not, whether it goes on or was stopped.
        screened_since: How many were made since it began, and that it does not come to.
        changed_since: How much was decided, recorded, withdrawn or erased since it began.
    """

    one: Pass
    gone: int
    left: int
    screened_since: int = 0
    changed_since: int = 0

    @property
    def is_under_way(self) -> bool:
        """Whether it has not ended."""
        return self.one.ended_at is None

    @property
    def is_stopped(self) -> bool:
        """Whether it ended before it had come to everybody; what goes on has no end to miss."""
        return not self.is_under_way and self.one.upto is not None and self.left > 0

    @property
    def is_whole(self) -> bool:
        """Whether it came to everybody there was when it began."""
        return not self.is_under_way and self.one.upto is not None and self.left == 0

    @property
    def is_of_now(self) -> bool:
        """Whether it says what is so now: of everybody, and nothing came since."""
        return (
            self.is_whole
            and self.one.impact.counts_recalls
            and not (self.screened_since or self.changed_since)
        )

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1."""
        whole = self.gone + self.left
        return self.gone / whole if whole else 1.0


def standing_of(store: Store, kind: Kind, *, hash_: str, by: Operator) -> Standing | None:
    """Return the last pass of a kind over a pack; None when there never was one."""
    require_operator(by)
    one = passes.newest(store, kind, hash_)
    if one is None:
        return None
    return Standing(
        one,
        passes.count_gone(store, one),
        passes.count_left(store, one) if one.ended_at is None or one.upto is not None else 0,
        passes.count_screened_since(store, one),
        passes.count_changed_since(store, one) if one.upto is not None else 0,
    )


def running_beside(store: Store, *, by: Operator) -> frozenset[str]:
    """Return the packs that run beside the rules in force, by their hashes."""
    require_operator(by)
    return passes.begun_beside(store)


def open_recalls(store: Store, *, by: Operator, most: int) -> int:
    """Count the recalls of every site that nobody has dealt with, up to *most*; names nobody."""
    require_operator(by)
    return recalls.count_open(store, None, most)


def are_any_screened(store: Store) -> bool:
    """Whether the rules have seen anybody yet."""
    return replaying.newest(store) > 0


def found_by(store: Store, one: Pass, *, by: Operator, limit: int) -> list[Outcome]:
    """Return the first cases to which a rule does something else, the most urgent ones first."""
    require_operator(by)
    return list(passes.differences(store, one, limit))


def note_export(
    store: Store, kind: Kind, *, hash_: str, form: str, by: Operator, now: datetime
) -> None:
    """Write down that what a pack would do was taken out."""
    actor = require_operator(by)
    with store.write() as db:
        audit.append(
            db, at=now, actor=actor, action=TAKEN_OUT, subject=hash_, kind=kind.value, form=form
        )


def carry_on(store: Store, *, today: date, now: datetime, goes_on: Callable[[], bool]) -> bool:
    """Carry on with every pass for one piece; tells whether there is more to do at once.

    One that meets trouble says so, and the others go on.
    """
    is_more = False
    for one in passes.under_way(store):
        if not goes_on():
            return False
        try:
            is_more |= _next(store, one, today, now)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must be said
            words = str(error) if isinstance(error, IntakeError) else type(error).__name__
            with store.write() as db:
                passes.say_trouble(db, one, words)
    return is_more


def _next(store: Store, one: Pass, today: date, now: datetime) -> bool:
    piece = passes.next_piece(store, one, FEW)
    if piece is None:
        if one.upto is not None:
            with store.write() as db:
                one.impact.unscreened = len(places.not_assessed(store))
                never = replaying.count_never_screened(store)
                one.impact.others += max(0, never - one.impact.unscreened)
                passes.finish(db, one, one.impact, now)
        return False
    looked = assessor(store, one.pack_hash, today)(list(piece.cases))
    one.impact.add(looked.found, looked.unscreened, looked.others)
    with store.write() as db:
        if not passes.advance(db, one, piece, one.impact):
            return True
        if one.kind is Kind.RECALL:
            call_back(store, db, one.pack_hash, looked.found, piece.cases, now=now)
        else:
            differing = [o for o in looked.found if o.moved]
            passes.keep_differences(db, one, piece.cases, differing)
    return True
