"""Keeping records as long as the clinic decided, and erasing them so that no byte is left.

What is erased: forms with their answers, screenings, decisions, sessions and reactions, and the
patient. What stays: the lines of the audit trail, which hold ids and nobody's answers, and the
note that something was erased, when and by whom.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from intake.actions.permission import COMMAND_LINE, require_operator
from intake.core.blank import worded
from intake.core.display import day
from intake.core.errors import AnswerError, NotFoundError, StateError
from intake.core.retention import (
    Due,
    Erasure,
    Hold,
    RecordClass,
    Why,
    check_period,
)
from intake.storage import audit, patients
from intake.storage import retention as stored

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from intake.actions.permission import Operator
    from intake.core.dates import Window
    from intake.core.retention import Kept, Outline
    from intake.storage import Store

LONGEST_REASON = 500

_AT_ONCE = 100
"""Records erased in one transaction, so that nobody at the desk waits for long."""

_AT_A_TABLET = timedelta(minutes=30)


def periods(store: Store, *, by: Operator) -> dict[RecordClass, Kept]:
    """Return for how long each class of records is kept."""
    require_operator(by)
    return stored.periods(store)


def set_period(
    store: Store,
    *,
    record_class: RecordClass,
    period: Window | None,
    reason: str,
    by: Operator,
    now: datetime,
) -> None:
    """Decide for how long a class of records is kept; None is without end.

    Raises:
        AnswerError: the period is too short, or no reason is given.
    """
    actor = require_operator(by)
    check_period(record_class, period, now.date())
    why = _reason(reason)
    with store.write() as db:
        stored.put_period(db, record_class, period, reason=why, by=actor, now=now)
        audit.append(
            db, at=now, actor=actor, action="retention decided", subject=record_class.value,
            period=str(period or "no end"),
        )  # fmt: skip


def _reason(text: str) -> str:
    reason = " ".join(worded(text).split())
    if not reason:
        msg = "Write why, without names."
        raise AnswerError(msg)
    if len(reason) > LONGEST_REASON:
        msg = f"Write at most {LONGEST_REASON} characters."
        raise AnswerError(msg)
    return reason


def outline_of(
    store: Store, *, record_number: str, by: Operator, born: date | None = None
) -> Outline:
    """Return what there is of one patient, by record number, and by date of birth if it is given.

    Raises:
        NotFoundError: there is no such patient.
    """
    require_operator(by)
    found = stored.outline_of(store, record_number)
    if found is None:
        msg = "There is no patient of that record number."
        raise NotFoundError(msg)
    patient = patients.patient(store, found.patient_id)
    if born is not None and (patient is None or patient.birth_date != born):
        msg = "There is no patient of that record number, born on that day."
        raise NotFoundError(msg)
    return found


def holds(store: Store, *, by: Operator) -> list[Hold]:
    """Return what must not be erased, newest first."""
    require_operator(by)
    return stored.holds(store)


def hold(store: Store, *, record_number: str, reason: str, by: Operator, now: datetime) -> Hold:
    """Keep a patient's whole record from being erased, by whomever, until that is lifted.

    Raises:
        NotFoundError: there is no such patient.
        AnswerError: no reason is given.
        StateError: it is held already.
    """
    actor = require_operator(by)
    why = _reason(reason)
    with store.write() as db:
        found = outline_of(store, record_number=record_number, by=by)
        if found.held:
            msg = f"{found.record_number} is on hold already."
            raise StateError(msg)
        made = Hold(store.new_id(), found.patient_id, found.record_number, why, actor, now)
        stored.put_hold(db, made)
        audit.append(db, at=now, actor=actor, action="hold placed", subject=found.patient_id)
    return made


def lift(store: Store, *, record_number: str, by: Operator, now: datetime) -> None:
    """Lift the hold on a patient's record; its period counts again.

    Raises:
        NotFoundError: there is no such patient.
        StateError: nothing holds it.
    """
    actor = require_operator(by)
    with store.write() as db:
        found = outline_of(store, record_number=record_number, by=by)
        if not stored.lift_hold(db, found.patient_id, actor, now):
            msg = f"{found.record_number} is not on hold."
            raise StateError(msg)
        audit.append(db, at=now, actor=actor, action="hold lifted", subject=found.patient_id)


def due(store: Store, *, by: Operator, today: date) -> Due:
    """Return what is to be erased today because its period is over. Nothing is changed."""
    require_operator(by)
    first = _first_kept(store, today)
    over = {one: _patients_due(store, one, first[one]) for one in _WHOLE_RECORDS if one in first}
    going = {patient.patient_id for each in over.values() for patient in each}
    forms = stored.forms_due(store, first[_UNSENT]) if _UNSENT in first else []
    return Due(
        {one: tuple(p for p in each if not p.held) for one, each in over.items()},
        tuple(form for form in forms if stored.patient_of(store, form) not in going),
        stored.sign_ins_due(store, first[_SIGN_INS]) if _SIGN_INS in first else 0,
        tuple(p for each in over.values() for p in each if p.held),
    )


_WHOLE_RECORDS = (RecordClass.TREATED, RecordClass.UNTREATED)
_UNSENT, _SIGN_INS = RecordClass.UNSENT, RecordClass.SIGN_INS


def _first_kept(store: Store, today: date) -> dict[RecordClass, date]:
    """Return, for each class that has a period, the day before which it is over."""
    return {
        one: kept.period.before(today)
        for one, kept in stored.periods(store).items()
        if kept.period is not None
    }


def _patients_due(
    store: Store, one: RecordClass, before: date, among: Sequence[str] | None = None
) -> list[Outline]:
    return stored.patients_due(store, before, treated=one is RecordClass.TREATED, among=among)


def seen(found: Due) -> str:
    """Return a mark of what is due, so that nothing is erased but what somebody looked at."""
    return hashlib.sha256("\n".join(found.ids).encode()).hexdigest()[:16]


_SILENCE = timedelta(days=30)
_CONFIRMED, _CLOCK = "day confirmed", "clock"


def silence(store: Store, *, now: datetime) -> tuple[datetime, datetime] | None:
    """Return between which instants nothing was done for so long that the clock may be wrong.

    A clock that is years ahead makes every record due, and goes on writing lines. So every line is
    held against the one before it, since somebody last confirmed the day.
    """
    last = next(iter(audit.latest(store, 1)), None)
    if last and now - last.at > _SILENCE:
        return last.at, now
    of_clock = audit.of_subject(store, _CLOCK)
    since = max((one.sequence for one in of_clock if one.action == _CONFIRMED), default=0)
    return audit.last_silence(store, since=since, longer_than=_SILENCE)


def erase_due(
    store: Store,
    *,
    by: Operator,
    now: datetime,
    today: date,
    expected: str | None = None,
    is_day_confirmed: bool = False,
) -> Due:
    """Erase what is due today; returns what was found to be due.

    It is done in small transactions, so that nobody at the desk waits for long, and each looks
    again: whoever came back in the meantime is kept.

    Args:
        store: Where the records are.
        by: Who has it done.
        now: When.
        today: The day on which periods are over.
        expected: What `seen` said of the list that was looked at; None erases whatever is due.
        is_day_confirmed: Whether somebody says that the day is right although it may not be; that
            is written down, and what was silent before is no longer asked about.

    Raises:
        StateError: something else is due than what was looked at, or the clock may be wrong;
            nothing was erased.
        StorageError: it is erased, but bytes of it may be left.
    """
    actor = require_operator(by)
    found = due(store, by=by, today=today)
    silent = None if found.is_empty else silence(store, now=now)
    if silent and not is_day_confirmed:
        msg = (
            f"Nothing was done here between {day(silent[0])} and {day(silent[1])}, so the clock may"
            " be wrong. Set it right, or say that the day is right."
        )
        raise StateError(msg)
    if expected is not None and expected != seen(found):
        msg = "What is due has changed since you looked. Look through it again."
        raise StateError(msg)
    if silent:
        with store.write() as db:
            audit.append(db, at=now, actor=actor, action=_CONFIRMED, subject=_CLOCK)
    first = _first_kept(store, today)
    for one, each in found.patients.items():
        for some in _batches([patient.patient_id for patient in each]):
            with store.write():
                still = _patients_due(store, one, first[one], some)
                _written(store, [p.patient_id for p in still if not p.held], [], _OVER, actor, now)
    for some in _batches(found.forms):
        with store.write():
            _written(store, [], stored.forms_due(store, first[_UNSENT], some), _OVER, actor, now)
    if found.sign_ins:
        _erase_sign_ins(store, first[_SIGN_INS], actor, now)
    store.sweep()
    return found


def _erase_sign_ins(store: Store, before: date, actor: str, now: datetime) -> None:
    with store.write() as db:
        number = stored.sign_ins_due(store, before)
        stored.erase_sign_ins(db, before)
        audit.append(
            db, at=now, actor=actor, action="sign-ins erased", subject="sign-ins", number=number
        )


def erase_patient(
    store: Store, *, record_number: str, born: date, reason: str, by: Operator, now: datetime
) -> Erasure:
    """Erase one patient and everything that is kept of them.

    Args:
        store: Where the records are.
        record_number: Whose.
        born: Their date of birth: it must be theirs, so that a slip of a digit erases nobody.
        reason: Why, in words without names.
        by: Who has it done.
        now: When.

    Raises:
        NotFoundError: there is no patient of that number, born on that day.
        AnswerError: no reason is given.
        StateError: the record is on hold, or somebody is filling in a form of theirs.
        StorageError: it is erased, but bytes of it may be left.
    """
    actor = require_operator(by)
    why = _reason(reason)
    with store.write():
        found = outline_of(store, record_number=record_number, born=born, by=by)
        if found.held:
            msg = f"{found.record_number} is on hold ({found.held}). Lift the hold first."
            raise StateError(msg)
        if stored.is_at_a_tablet(store, found.patient_id, now - _AT_A_TABLET):
            msg = "A form of theirs is open on a tablet. Try again when that visit is over."
            raise StateError(msg)
        erasure = _written(store, [found.patient_id], [], (Why.REQUEST, why), actor, now)
    store.sweep()
    return erasure


def sweep(store: Store, *, by: Operator) -> None:
    """Leave no byte of what was erased earlier, where that was hindered then.

    Raises:
        StorageError: it is hindered again.
    """
    require_operator(by)
    store.sweep()


def erase_again(store: Store, erased: Mapping[str, str], *, now: datetime) -> int:
    """Erase what a backup brought back although it had been erased; returns how many records.

    A hold that came back with it had been lifted before; a patient of whom only a form goes is put
    on hold again. What the backup never held is written down with it: the next one that is put back
    may hold it.
    """
    with store.write() as db:
        known = stored.erased_ids(store)
        new = {one: kind for one, kind in erased.items() if one not in known}
        people = [one for one, kind in new.items() if kind == "patient"]
        back = [one for one in people if patients.patient(store, one)]
        forms = [one for one, kind in new.items() if kind == "form"]
        loose = [one for one in forms if stored.patient_of(store, one) not in {None, *back}]
        staying = {stored.patient_of(store, one) for one in loose}
        again = [one for one in stored.holds(store) if one.patient_id in staying]
        for one in (*back, *(held.patient_id for held in again)):
            stored.lift_hold(db, one, COMMAND_LINE, now)
        never = [one for one in people if one not in back]
        gone = [one for one in forms if stored.patient_of(store, one) is None]
        _written(store, back, loose, _CAME_BACK, COMMAND_LINE, now)
        _written(store, never, gone, _ELSEWHERE, COMMAND_LINE, now)
        for held in again:
            stored.put_hold(db, replace(held, id=store.new_id(), by=COMMAND_LINE, at=now))
            audit.append(
                db, at=now, actor=COMMAND_LINE, action="hold placed", subject=held.patient_id
            )
    store.sweep()
    return len(back) + len(loose)


_OVER, _CAME_BACK, _ELSEWHERE = (Why.PERIOD, ""), (Why.BACKUP, ""), (Why.ELSEWHERE, "")


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


def _written(
    store: Store,
    people: Sequence[str],
    forms: Sequence[str],
    why: tuple[Why, str],
    actor: str,
    now: datetime,
) -> Erasure:
    """Erase some records and write down that they are: both, or neither."""
    with store.write() as db:
        every_form = [*forms, *(form for one in people for form in stored.forms_of(store, one))]
        made = Erasure(store.new_id(), *why, len(people), len(every_form), actor, now)
        if not people and not every_form:
            return made
        stored.put_erasure(db, made)
        for one in (*people, *every_form):
            audit.append(
                db, at=now, actor=actor, action="record erased", subject=one, erasure=made.id
            )
        stored.erase(db, made.id, patients=people, forms=every_form)
    return made


def erasures(store: Store, *, by: Operator) -> list[Erasure]:
    """Return what was erased last, newest first."""
    require_operator(by)
    return stored.erasures(store)
