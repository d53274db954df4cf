"""What the desk says for a code, a date or an event, by look-up table.

No word here is about a patient, and none of them says that a treatment may go ahead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.core.answers import Missing
from intake.core.decisions import Disposition, OverrideReason
from intake.core.figures import FEW
from intake.core.medicines import How
from intake.core.recall import Handling
from intake.core.records import Company, EntrySource, ResponseStatus, Role, SignatureKind
from intake.core.review import CaseStatus
from intake.core.rules import Level, Triage
from intake.core.screening import Teller
from intake.core.treatment import Medium
from intake.core.truth import Truth
from intake.core.unknowns import Open

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from intake.core.figures import Share
    from intake.core.records import AuditEvent, Case, Practitioner


@dataclass(frozen=True, slots=True)
class Severity:
    """How a triage is shown: a word and a shape first, colour last.

    Attributes:
        means: What it says about the order of the queue.
        rule: What a rule of this level claims.
    """

    word: str
    shape: str
    means: str
    rule: str


TRIAGE: Mapping[Triage, Severity] = {
    Triage.STOP: Severity(
        "Stop",
        "octagon",
        "At least one answer meets a reason not to treat. A clinician decides, and says why.",
        "Not to be treated until a clinician has decided otherwise, with a reason.",
    ),
    Triage.REVIEW: Severity(
        "Review",
        "diamond",
        "Something must be looked at, or could not be ruled out, before anything else happens.",
        "A dermatologist looks first.",
    ),
    Triage.DEFER: Severity(
        "Defer",
        "hourglass",
        "A waiting time is not over yet.",
        "Wait until a date that can be computed.",
    ),
    Triage.CAUTION: Severity(
        "Caution",
        "triangle",
        "There is a note to read and to acknowledge.",
        "The practitioner reads a note and acknowledges it.",
    ),
    Triage.ROUTINE: Severity(
        "Routine",
        "ring",
        "No rule matched. Review is still required.",
        "No rule claims this.",
    ),
}
"""Most serious first, like `Triage` itself."""

ORDER_OF_QUEUE = (
    "Most serious first: stop, review, defer, caution, routine."
    " Within each, whoever has waited longest comes first."
)

STATUS: Mapping[CaseStatus, str] = {
    CaseStatus.FILLING: "Being filled in",
    CaseStatus.WAITING: "Waiting for a decision",
    CaseStatus.WITH_DERMATOLOGIST: "With the dermatologist",
    CaseStatus.DEFERRED: "Deferred",
    CaseStatus.INFORMATION_NEEDED: "Information needed",
    CaseStatus.DECIDED: "Decided",
    CaseStatus.TREATED: "Treated",
    CaseStatus.SUPERSEDED: "Replaced by a newer version",
    CaseStatus.WITHDRAWN: "Withdrawn",
}

STATUS_FILTERS: Mapping[str, str] = {
    "open": "Open: something to do",
    "waiting": "Waiting for a decision",
    "with_dermatologist": "With the dermatologist",
    "information_needed": "Information needed",
    "deferred": "Deferred",
    "decided": "Decided",
    "treated": "Treated",
    "filling": "Being filled in",
    "superseded": "Replaced by a newer version",
    "withdrawn": "Withdrawn",
    "all": "All cases",
}

HANDLING: Mapping[Handling, str] = {
    Handling.STANDS: "It changes nothing",
    Handling.ASKED_AGAIN: "The patient is asked again",
    Handling.NOT_TREATED: "The patient is not treated",
    Handling.RULES_GONE: "Other rules came into force",
}

HANDLING_HINT: Mapping[Handling, str] = {
    Handling.STANDS: "What was decided stands, or may be decided on these answers.",
    Handling.ASKED_AGAIN: "On a new form, under the rules in force. Nobody goes ahead on this one.",
    Handling.NOT_TREATED: "Nobody goes ahead on this form.",
}

RESPONSE_STATUS: Mapping[ResponseStatus, str] = {
    ResponseStatus.IN_PROGRESS: "being filled in",
    ResponseStatus.COMPLETED: "sent",
    ResponseStatus.ENTERED_IN_ERROR: "entered in error",
    ResponseStatus.STOPPED: "withdrawn",
}

DISPOSITION: Mapping[Disposition, str] = {
    Disposition.REFER: "Refer to the dermatologist",
    Disposition.NEED_INFORMATION: "Ask the patient for more",
    Disposition.DEFER: "Defer until a day",
    Disposition.DO_NOT_TREAT: "Do not treat",
    Disposition.PROCEED_WITH_PRECAUTIONS: "Proceed with precautions",
    Disposition.PROCEED: "Proceed",
}
"""In the order in which they are offered: going ahead stands last and nothing is preselected."""

DISPOSITION_HINT: Mapping[Disposition, str] = {
    Disposition.REFER: "Write the question for the dermatologist in the note.",
    Disposition.NEED_INFORMATION: "Write what is missing in the note.",
    Disposition.DEFER: "The case comes back to the queue on that day.",
    Disposition.DO_NOT_TREAT: "Write why in the note.",
    Disposition.PROCEED_WITH_PRECAUTIONS: "Write the precautions in the note.",
    Disposition.PROCEED: "As planned.",
}

OVERRIDE_REASON: Mapping[OverrideReason, str] = {
    OverrideReason.EXAMINED: "I examined the patient",
    OverrideReason.ANSWER_CORRECTED: "The patient corrected the answer",
    OverrideReason.PRESCRIBER_CONSULTED: "I spoke with the prescriber",
    OverrideReason.PLAN_CHANGED: "The treatment plan was changed",
    OverrideReason.BENEFIT_OUTWEIGHS: "The benefit outweighs the risk",
    OverrideReason.OTHER: "Another reason",
}

HELPED: Mapping[Company, str] = {
    Company.NOBODY: "The patient filled it in without help.",
    Company.RELATIVE: "Filled in with the help of a relative or friend.",
    Company.CARER: "Filled in with the help of a carer.",
    Company.INTERPRETER: "Filled in with the help of an interpreter.",
    Company.STAFF: "Filled in with the help of a member of staff.",
}

ENTERED_FROM: Mapping[EntrySource, str] = {
    EntrySource.PAPER: "from a paper form",
    EntrySource.IN_PERSON: "as the patient told it in person",
    EntrySource.TELEPHONE: "as the patient told it by telephone",
}

SOURCES: Mapping[EntrySource, str] = {
    EntrySource.PAPER: "From a paper form",
    EntrySource.IN_PERSON: "As the patient tells me, in person",
    EntrySource.TELEPHONE: "As the patient tells me, by telephone",
}
"""What is offered to whoever is about to enter answers."""

ROLE: Mapping[Role, str] = {
    Role.PRACTITIONER: "Practitioner",
    Role.DERMATOLOGIST: "Dermatologist",
    Role.ADMINISTRATOR: "Administrator",
}

LEVEL: Mapping[Level, str] = {level: TRIAGE[level.triage].word for level in Level}

CHOICE_KIND: Mapping[str, str] = {
    "settings": "Windows and thresholds",
    "labels": "The device label the clinic works under",
    "levels": "How serious a rule is",
    "reviewers": "Who decides on a rule",
    "switched_off": "Rules that are not judged",
}
"""What a clinic may choose about."""

CHOICE_CODE: Mapping[str, str] = {
    **{level.value: TRIAGE[level.triage].word for level in Level},
    "practitioner": "A practitioner decides",
    "dermatologist": "A dermatologist decides",
}
"""What it may choose."""

MISSING: Mapping[Missing, str] = {
    Missing.NOT_ANSWERED: "not answered",
    Missing.NOT_SURE: "the patient is not sure",
    Missing.WITHHELD: "the patient would rather tell you",
    Missing.UNREADABLE: "this answer is no longer offered",
}

HOW: Mapping[How, str] = {
    How.NAME: "known name",
    How.MISSPELLING: "listed misspelling",
    How.SIMILAR: "similar spelling: ask the patient",
    How.PURPOSE: "what the patient takes something for",
}

READ: Mapping[str, str] = {
    "yes": "The text was read.",
    "excerpt": "An excerpt was read.",
    "no": "Not read: general knowledge, to be checked.",
}
"""How well a source is known to whoever wrote the rules."""

MEDIUM: Mapping[Medium, str] = {
    Medium.STERILE_GEL: "Sterile gel",
    Medium.STERILE_SALINE: "Sterile saline",
    Medium.STERILE_PRODUCT: "Another sterile product",
    Medium.NONE: "Nothing",
}
"""What needles glide on. Water is not offered."""

TELLER: Mapping[Teller, str] = {
    Teller.FORM: "",
    Teller.RECORD: "From the clinic's record of earlier sessions",
    Teller.CHAIR: "Said at the chair",
    Teller.AGE: "Answered on an earlier day: it counts no more until it is confirmed",
}
"""Who told what a finding rests on, where it was not the form."""
REASON: Mapping[OverrideReason, str] = {
    OverrideReason.EXAMINED: "examined the patient",
    OverrideReason.ANSWER_CORRECTED: "the answer was corrected",
    OverrideReason.PRESCRIBER_CONSULTED: "spoke with the prescriber",
    OverrideReason.PLAN_CHANGED: "the plan was changed",
    OverrideReason.BENEFIT_OUTWEIGHS: "benefit outweighs risk",
    OverrideReason.OTHER: "another reason",
}
"""Why a finding was decided against, where others read it."""

FINDING: Mapping[Truth, str] = {Truth.MET: "Met", Truth.UNKNOWN: "Could not be ruled out"}

_LONG_ID = 24

LEFT_OPEN: Mapping[Open, str] = {
    Open.NOT_SURE: "not sure",
    Open.WITHHELD: "would rather tell in person",
    Open.NOT_UNDERSTOOD: "not understood",
}


def entry_words(case: Case, people: Iterable[Practitioner], history: Iterable[AuditEvent]) -> str:
    """Say who entered the answers, from what, and who signed; blank when the patient did all."""
    entry, signature = case.response.entered, case.response.signature
    if entry is None:
        return ""
    who = next((f"{p.name} ({p.role.value})" for p in people if p.id == entry.by), "Somebody")
    source = ENTERED_FROM[entry.source]
    if signature is None:
        return f"{who} is entering the answers, {source}."
    if signature.kind is not SignatureKind.STAFF:
        return (
            f"{who} entered answers, {source}."
            " The patient then went through the form and signed on the tablet."
        )
    words = f"Entered by {who}, {source}. The patient has not signed on the tablet."
    return f"{words} {_OTHER_HANDS}" if _has_other_hands(history) else words


_OTHER_HANDS = "Some pages were saved on the tablet while nobody was signed in; see the history."
"""By the patient, or by whoever opened a lock with the date of birth."""


def _has_other_hands(history: Iterable[AuditEvent]) -> bool:
    return any(e.action == "page saved" and e.actor == "tablet" for e in history)


def day(value: date | datetime | None) -> str:
    """Write a day so that no reader takes the month for the day: `5 December 2026`."""
    return f"{value.day} {value:%B %Y}" if value else ""


def short_day(value: date | datetime | None) -> str:
    """Write a day where room is short: `5 Dec 2026`."""
    return f"{value.day} {value:%b %Y}" if value else ""


def clock(value: datetime) -> str:
    """Write a time of day: `14:05`."""
    return f"{value:%H:%M}"


def waited(since: datetime, now: datetime) -> str:
    """Say how long ago *since* was."""
    return lasted(max(0, int((now - since).total_seconds() // 60)))


def lasted(minutes: int) -> str:
    """Say how long something was: minutes up to an hour, hours up to a day, then days."""
    hours, rest = divmod(minutes, 60)
    days = hours // 24
    if days:
        return f"{days} day{'s' if days > 1 else ''}"
    return f"{hours} h {rest:02d} min" if hours else f"{rest} min"


def age(birth_date: date, today: date) -> int:
    """Return the whole years lived."""
    birthday_ahead = (today.month, today.day) < (birth_date.month, birth_date.day)
    return today.year - birth_date.year - birthday_ahead


def count(number: int, one: str, many: str = "") -> str:
    """Write a number with its noun: `1 case`, `3 cases`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def told(number: int | None) -> str:
    """Write a number, or that it is too small to be told."""
    return f"fewer than {FEW}" if number is None else f"{number:,}"


def share(found: Share) -> str:
    """Write so many of so many."""
    return f"{told(found.part)} of {told(found.whole)}"


def rate(found: Share) -> str:
    """Write a rate with its interval, or that there are too few for one."""
    if found.is_small:
        return "too few for a rate"
    low, high = (f"{100 * end:.0f}" for end in found.interval)
    return f"{100 * found.rate:.0f} % ({low} to {high} %)"


def size(number: int) -> str:
    """Write a number of bytes as people say it: `812 KB`, `4.2 MB`."""
    return f"{number / 1e6:,.1f} MB" if number >= 1e6 else f"{number / 1e3:,.0f} KB"  # noqa: PLR2004


def settled(is_over: bool | None) -> str:  # noqa: FBT001 - what it says is the argument
    """Say whether a reaction is over."""
    return "over" if is_over else "not over" if is_over is False else "not known to be over"


def short_id(value: str) -> str:
    """Return enough of an id or a hash to tell two apart; anything shorter as it is."""
    is_id = len(value) >= _LONG_ID and " " not in value
    return f"{value[:8]}…" if is_id else value.replace("_", " ")
