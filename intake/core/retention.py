"""How long each class of records is kept, and what keeps one from being erased."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from intake.core.dates import Unit, Window
from intake.core.errors import AnswerError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime


class RecordClass(StrEnum):
    """What is kept for a time of its own.

    The audit trail is in none of them: it holds nobody's answers, and is kept.
    """

    TREATED = "treated"
    UNTREATED = "untreated"
    UNSENT = "unsent"
    SIGN_INS = "sign-ins"


@dataclass(frozen=True, slots=True)
class ClassWords:
    """What a class of records is called, and from when its period counts."""

    name: str
    since: str


CLASS_WORDS: Mapping[RecordClass, ClassWords] = {
    RecordClass.TREATED: ClassWords(
        "Patients who were treated here", "from the last that happened with them"
    ),
    RecordClass.UNTREATED: ClassWords(
        "Patients who were never treated here", "from the last that happened with them"
    ),
    RecordClass.UNSENT: ClassWords("Forms that were never sent", "from the last answer"),
    RecordClass.SIGN_INS: ClassWords("Traces of signing in", "from the try, or the last use"),
}


SHORTEST: Mapping[RecordClass, Window] = {
    RecordClass.TREATED: Window(1, Unit.YEARS),
    RecordClass.UNTREATED: Window(1, Unit.MONTHS),
    RecordClass.UNSENT: Window(1, Unit.DAYS),
    RecordClass.SIGN_INS: Window(1, Unit.MONTHS),
}
"""So that a slip of the hand does not make every record due; one that must go earlier is erased
by itself."""


def read_period(text: str) -> Window | None:
    """Read "8 years", "90 days" or "1 month"; "no end" is None: kept until somebody says otherwise.

    Raises:
        AnswerError: it is none of these.
    """
    wanted = text.strip().casefold()
    if wanted == "no end":
        return None
    try:
        period = Window.parse(wanted)
    except ValueError:
        period = None
    if period is None or not period.count or not wanted.isascii():
        msg = "Write a period such as '8 years', '6 months' or '90 days', or 'no end'."
        raise AnswerError(msg)
    return period


def check_period(record_class: RecordClass, period: Window | None, today: date) -> None:
    """Refuse a period that is too short for what it is about.

    Raises:
        AnswerError: it is.
    """
    shortest = SHORTEST[record_class]
    if period is not None and period.before(today) > shortest.before(today):
        msg = (
            f"Keep these for {shortest} at least. One record that must go earlier is erased alone."
        )
        raise AnswerError(msg)


@dataclass(frozen=True, slots=True)
class Kept:
    """What was decided about a class of records.

    Attributes:
        period: None when they are kept without end.
        reason: Why, in words; empty when nobody has decided anything yet.
        by: The id of the account, or who acts without one.
    """

    period: Window | None = None
    reason: str = ""
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """A patient's record that must not be erased, whatever its period, until that is lifted."""

    id: str
    patient_id: str
    record_number: str
    reason: str
    by: str
    at: datetime


class Why(StrEnum):
    """What a record was erased for."""

    PERIOD = "period over"
    REQUEST = "asked for"
    BACKUP = "erased before the backup was put back"
    ELSEWHERE = "erased in a database that was replaced"


WHY_WORDS: Mapping[Why, str] = {
    Why.PERIOD: "Its period was over",
    Why.REQUEST: "Asked for",
    Why.BACKUP: "Came back with a backup",
    Why.ELSEWHERE: "Erased in a database that was replaced",
}


@dataclass(frozen=True, slots=True)
class Outline:
    """What there is of a patient, without anything of them.

    Attributes:
        last_on: The day of the last that happened with them.
        held: Why the record must be kept; empty when nothing holds it.
    """

    patient_id: str
    record_number: str
    last_on: date
    forms: int
    sessions: int
    held: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be erased on a day, because its period is over.

    Attributes:
        patients: Those whose whole record is due, by class.
        forms: The forms never sent, by id, that nobody touched for the period.
        sign_ins: How many tries to sign in, and sessions that are over.
        held: Those whose period is over, and who are kept because of a hold.
    """

    patients: Mapping[RecordClass, tuple[Outline, ...]]
    forms: tuple[str, ...]
    sign_ins: int
    held: tuple[Outline, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is due."""
        return not (any(self.patients.values()) or self.forms or self.sign_ins)

    @property
    def ids(self) -> tuple[str, ...]:
        """The records concerned; not the traces of signing in, which grow by the hour."""
        found = (one.patient_id for each in self.patients.values() for one in each)
        return (*sorted(found), *sorted(self.forms))


@dataclass(frozen=True, slots=True)
class Erasure:
    """That something was erased, and nothing of what.

    Attributes:
        reason: Words for why it was asked for; empty when a period was over.
    """

    id: str
    why: Why
    reason: str
    patients: int
    forms: int
    by: str
    at: datetime
