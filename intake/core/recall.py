"""Patients to look at again because other rules were put in force, and how that was dealt with.

The screening of a form stays as it was made. A recall stands beside it: under the rules in force
the same answers are more serious. Nobody goes ahead until a clinician has dealt with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from intake.core.blank import is_blank
from intake.core.records import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from intake.core.impact import Outcome
    from intake.core.records import Practitioner


class Handling(StrEnum):
    """How a recall ended. The last is of the rules themselves, and takes nobody's word."""

    STANDS = "stands"
    ASKED_AGAIN = "asked_again"
    NOT_TREATED = "not_treated"
    RULES_GONE = "rules_gone"


BY_PEOPLE = (Handling.STANDS, Handling.ASKED_AGAIN, Handling.NOT_TREATED)
"""What somebody at the desk may say."""


@dataclass(frozen=True, slots=True)
class Dealt:
    """That somebody dealt with a recall, or that its rules are in force no more.

    Attributes:
        words: Why, in the words of whoever dealt with it.
        by: Who; the actor of the audit trail.
        by_role: As what; None for the rules.
    """

    how: Handling
    words: str
    by: str
    by_name: str
    by_role: Role | None
    at: datetime

    @property
    def is_by_dermatologist(self) -> bool:
        """Whether one said so."""
        return self.by_role is Role.DERMATOLOGIST


@dataclass(frozen=True, slots=True)
class Recall:
    """A case of which the rules in force say more than those that screened it.

    Attributes:
        pack_hash: The rules that say so.
        pack_version: Their version.
        outcome: What they make of it.
        at: When that was found out.
        dealings: What was done about it, oldest first; the last counts.
    """

    id: str
    response_id: str
    screening_id: str
    pack_hash: str
    pack_version: str
    outcome: Outcome
    at: datetime
    dealings: tuple[Dealt, ...] = ()

    @property
    def dealt(self) -> Dealt | None:
        """How it stands; None while nobody has dealt with it."""
        return self.dealings[-1] if self.dealings else None

    @property
    def is_open(self) -> bool:
        """Whether somebody has still to deal with it."""
        return self.dealt is None

    @property
    def is_theirs(self) -> bool:
        """Whether a rule leaves it to a dermatologist."""
        return any(one.needs_dermatologist for one in self.outcome.to_look_at)

    @property
    def waits_for_dermatologist(self) -> bool:
        """Whether nobody else goes ahead, on this form or another of the patient.

        What a dermatologist said, if only that the patient is asked again, answers it elsewhere.
        """
        return self.holds and self.is_theirs and not (self.dealt and self.dealt.is_by_dermatologist)

    @property
    def is_unasked(self) -> bool:
        """Whether it stands only because the form did not ask what the rules look at."""
        return all(one.is_unasked for one in self.outcome.to_look_at)

    @property
    def is_over(self) -> bool:
        """Whether its rules went out of force before anybody had dealt with it."""
        return self.dealt is not None and self.dealt.how is Handling.RULES_GONE

    @property
    def is_refused(self) -> bool:
        """Whether somebody has said that the patient is not treated."""
        return self.dealt is not None and self.dealt.how is Handling.NOT_TREATED

    @property
    def stands(self) -> bool:
        """Whether a clinician has said that it changes nothing."""
        return self.dealt is not None and self.dealt.how is Handling.STANDS

    @property
    def holds(self) -> bool:
        """Whether nobody may go ahead."""
        return not self.stands and not self.is_over


def is_to_be_recalled(outcome: Outcome, pack_hash: str, before: Iterable[Recall]) -> bool:
    """Tell whether somebody has to look at a case again.

    Not when no rule says more than before, and not when somebody saw all of these rules say so, by
    the same answers: a clinician who said that it changes nothing, or whoever said under these very
    rules what is to be done.

    Args:
        outcome: What the rules in force make of it.
        pack_hash: The rules in force.
        before: Its recalls so far.
    """
    return bool(outcome.to_look_at) and not any(
        _said_in(outcome) <= _said_in(one.outcome)
        and (one.stands or (one.pack_hash == pack_hash and not one.is_over))
        for one in before
    )


def _said_in(outcome: Outcome) -> frozenset[tuple[object, ...]]:
    return frozenset(
        (one.rule_id, one.now, one.rests_on, one.needs_dermatologist) for one in outcome.to_look_at
    )


def faults_of_dealing(recall: Recall, how: Handling, words: str, who: Practitioner) -> list[str]:
    """Return what keeps *who* from dealing with a recall so, in words that say what to do."""
    faults = []
    if is_blank(words):
        faults.append("Write what was done, or why nothing has to be.")
    if how is not Handling.STANDS or who.role is Role.DERMATOLOGIST:
        return faults
    if recall.is_theirs:
        faults.append(
            "A rule in force leaves this to a dermatologist: only one says that it changes nothing."
        )
    elif recall.dealt is not None and recall.dealt.is_by_dermatologist:
        faults.append(
            "A dermatologist said what follows: only one says now that it changes nothing."
        )
    return faults


TO_LOOK_AT_AGAIN = (
    "The rules in force are stricter on these answers than those of the form. Deal with the recall"
    " on this case first."
)
"""What is said to whoever would go ahead."""

LEFT_OPEN = (
    "Under the rules in force this form is not enough to go ahead. Begin a new form, or deal with"
    " the recall again."
)
"""What is said where somebody said that the patient is asked again."""

REFUSED = (
    "Somebody has said that this patient is not treated, and that stays so under other rules. Deal"
    " with the recall on this case again first."
)
"""What is said where somebody said that the patient is not treated."""


ELSEWHERE = (
    "On another form of this patient the rules in force leave something to a dermatologist. Let one"
    " deal with the recall on that form first."
)


def counting(recalls: Sequence[Recall], pack_hash: str | None) -> Recall | None:
    """Return the recall of a case that counts now; None where none does.

    It is the newest by the rules in force, and none that ended with its rules: where these are in
    force again, the case is held against them anew before anybody goes ahead. That a patient is not
    treated counts under others as well, until somebody says otherwise: it is a person's word.

    Args:
        recalls: All of the case, oldest first.
        pack_hash: The rules in force.
    """
    found = [
        one for one in recalls if one.is_refused or (one.pack_hash == pack_hash and not one.is_over)
    ]
    held = [one for one in found if one.holds]
    return next(iter(reversed(held or found)), None)


def keeps_from_going_ahead(recall: Recall | None, elsewhere: Iterable[Recall] = ()) -> str:
    """Say what keeps anybody from going ahead with a case; blank when nothing does.

    Args:
        recall: That of the case which counts.
        elsewhere: Those of the patient's other forms.
    """
    if recall is not None and recall.holds:
        if recall.is_open:
            return TO_LOOK_AT_AGAIN
        return REFUSED if recall.is_refused else LEFT_OPEN
    return ELSEWHERE if any(one.waits_for_dermatologist for one in elsewhere) else ""
