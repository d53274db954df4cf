"""What is kept about people and their intakes: frozen values that pass between the floors.

Names follow FHIR R4 (Patient, Practitioner, QuestionnaireResponse status, AuditEvent). Instants
are UTC; dates are the clinic's civil dates. Ids carry 128 random bits and are made outside.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from intake.core.beside import Beside
from intake.core.decisions import open_referral

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from intake.core.answers import Raw
    from intake.core.decisions import Addendum, Decision, Owner, Review
    from intake.core.screening import Screening
    from intake.core.telling import Telling
    from intake.core.treatment import Confirmation, Reaction, TreatmentSession


class Role(StrEnum):
    """What somebody at the desk is there for."""

    PRACTITIONER = "practitioner"
    DERMATOLOGIST = "dermatologist"
    ADMINISTRATOR = "administrator"


FIRST_SITE = "first"
"""The id of the site that every clinic has."""


@dataclass(frozen=True, slots=True)
class Site:
    """A place where patients are treated; every form belongs to one.

    Attributes:
        closed_at: Since when nothing begins there any more; what was begun there stays.
    """

    id: str
    name: str
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Somebody with an account at the desk.

    Attributes:
        must_change_password: The password was made by the program and works once.
        one_time_until: Until when such a password lets in.
        sites: Ids of the sites whose cases are theirs to read; None for every site.
        has_second_factor: A code or a passkey is asked for after the password.
        emergency: The id of the emergency in which this person acts just now; blank for none.
    """

    id: str
    username: str
    name: str
    role: Role
    must_change_password: bool
    created_at: datetime
    disabled_at: datetime | None = None
    sites: frozenset[str] | None = None
    has_second_factor: bool = False
    emergency: str = ""
    one_time_until: datetime | None = None

    def has_lapsed(self, now: datetime) -> bool:
        """Tell whether a password that works once was not used while it could be."""
        return self.must_change_password and (
            self.one_time_until is None or now > self.one_time_until
        )


@dataclass(frozen=True, slots=True)
class Patient:
    """A person who is, or may be, treated."""

    id: str
    record_number: str
    name: str
    birth_date: date
    created_at: datetime


class ResponseStatus(StrEnum):
    """Where a filled form stands; the words of FHIR's QuestionnaireResponse."""

    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    ENTERED_IN_ERROR = "entered-in-error"
    STOPPED = "stopped"


class Company(StrEnum):
    """Who is beside the patient while the form is filled."""

    NOBODY = "nobody"
    RELATIVE = "relative"
    CARER = "carer"
    INTERPRETER = "interpreter"
    STAFF = "staff"


class EntrySource(StrEnum):
    """What somebody at the desk has the answers from."""

    PAPER = "paper"
    IN_PERSON = "in_person"
    TELEPHONE = "telephone"


@dataclass(frozen=True, slots=True)
class Entry:
    """That somebody at the desk entered answers for the patient.

    Attributes:
        by: The practitioner's id.
        at: When they began to.
    """

    by: str
    source: EntrySource
    at: datetime


class SignatureKind(StrEnum):
    """How the patient signed, drawn or typed, which are of equal standing.

    `staff` is no signature of the patient: a practitioner states what they have entered.
    """

    DRAWN = "drawn"
    TYPED = "typed"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Signature:
    """The patient's signature and the text that was signed; or a practitioner's statement.

    Attributes:
        name: The name typed, or the practitioner's; empty when drawn.
        strokes: For a drawn one, lists of points as fractions of the canvas, pen down to pen up.
        statement: The full text that stood above it.
        language: The language of that text.
    """

    kind: SignatureKind
    statement: str
    name: str = ""
    strokes: tuple[tuple[tuple[float, float], ...], ...] = ()
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Response(Beside):
    """One patient's filled form: one version; never edited once completed.

    Attributes:
        plan: The treatment plan as raw values by field name.
        answers: Raw values by link id, as `core.answers.keep` leaves them.
        visited: Ids of the pages that were left with Continue.
        begun_by: The id of a practitioner or another system, or `command line`; None where a
            patient began on a tablet.
        replaces: The version this one amends.
        receipt: The number the patient is shown.
        language: The language in which the patient reads the form now.
        help: Link ids of the questions with which the patient asked for help.
        helper: Who helped to fill it; None while that was not said.
        entered: That answers were entered for the patient, by the last who did.
        follows: The form of an earlier visit from which this one began.
        carried: Link ids of the answers that came from there and were not confirmed yet.
        site: The id of the site it was begun at.
    """

    id: str
    patient_id: str
    status: ResponseStatus
    pack_hash: str
    plan: Mapping[str, Raw]
    answers: Mapping[str, Raw]
    visited: frozenset[str]
    begun_at: datetime
    begun_by: str | None
    submitted_at: datetime | None = None
    receipt: str | None = None
    replaces: str | None = None
    signature: Signature | None = None
    language: str = "en"
    help: frozenset[str] = frozenset()
    helper: Company | None = None
    entered: Entry | None = None
    follows: str | None = None
    carried: frozenset[str] = frozenset()
    site: str = FIRST_SITE


@dataclass(frozen=True, slots=True)
class Visit:
    """The way of one tablet to one form.

    Attributes:
        seen_at: When somebody last touched the tablet, roughly.
        locked_at: Since when the form is hidden until its patient, or staff, open it again.
        tries: How often a date of birth was tried since then.
        place: The page to go on with; blank for the first that is not answered.
        has_lapsed: It was locked just now, because nobody had touched the tablet for long.
        company: Who is beside the patient in this visit; None until that was said.
        privacy: How the private pages at hand are answered, see `actions.company`.
        entered_by: The practitioner who enters the answers; None when the patient does.
        desk_session: The hash of that practitioner's session at the desk, while it lasts.
        called: The name as it was typed on the tablet that began the form; else blank.
    """

    response_id: str
    opened_at: datetime
    seen_at: datetime
    locked_at: datetime | None = None
    tries: int = 0
    place: str = ""
    has_lapsed: bool = False
    company: Company | None = None
    privacy: str = ""
    entered_by: str | None = None
    desk_session: str = ""
    called: str = ""

    def began(self, form: Response) -> bool:
        """Tell whether a form was begun by this visit, on a tablet, and not at the desk."""
        return form.begun_by is None and form.begun_at == self.opened_at

    @property
    def is_entered(self) -> bool:
        """Whether a practitioner enters the answers, signed in at the desk.

        Once that session is over nobody can tell who is there: it is a patient's visit then.
        """
        return bool(self.entered_by and self.desk_session)


@dataclass(frozen=True, slots=True)
class StoredScreening:
    """A screening as it was stored, with what it was made from.

    Attributes:
        told: What was told beside the form; with the answers and the plan it is all that was
            screened.
        is_news: It holds a finding that the decision before it did not deal with.
    """

    id: str
    response_id: str
    screening: Screening
    at: datetime
    told: tuple[Telling, ...] = ()
    is_news: bool = False


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Who did what to which record, when. Appended, never changed; holds no answers.

    Attributes:
        sequence: The order of events; clocks can go back, this cannot.
        actor: A practitioner's id, `tablet`, or `command line`.
        subject: The id of the record concerned.
        detail: Facts about the act, never about the patient.
        records: The digest of what the event says of records; see `core/chain.py`.
        mac: What the event is sealed with.
    """

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, str | int | bool | None] = field(default_factory=dict)
    records: str = ""
    mac: str = ""


def is_reopened(reviews: Sequence[Review], newest: StoredScreening) -> bool:
    """Tell whether the newest screening holds what the last decision did not deal with."""
    return newest.is_news and bool(reviews) and reviews[-1].screening_id != newest.id


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a form, as far as other versions and forms of the patient are bound by it.

    Attributes:
        entered: That its answers were entered for the patient.
        screenings: Oldest first; none when it was not assessed.
        reviews: Decisions, oldest first.
        replaces: The version before.
    """

    response_id: str
    entered: Entry | None
    screenings: tuple[StoredScreening, ...]
    reviews: tuple[Review, ...]
    replaces: str | None = None
    sent_at: datetime | None = None

    @property
    def screening(self) -> Screening | None:
        """The newest screening; None when it was not assessed."""
        return self.screenings[-1].screening if self.screenings else None

    @property
    def reopened_at(self) -> datetime | None:
        """Since when a finding waits that the last decision did not deal with; None without one."""
        newest = self.screenings[-1] if self.screenings else None
        return newest.at if newest and is_reopened(self.reviews, newest) else None


@dataclass(frozen=True, slots=True)
class Case:
    """Everything kept about one response, as the desk shows it.

    Attributes:
        reviews: Decisions, oldest first.
        superseded_by: The version that amends this one, once that is completed.
        before: The version that this one amends, or the form of the visit before.
        owner: Who has taken it; None while nobody has.
        confirmations: What was said at the chair, oldest first.
        session: The session that was carried out.
        reactions: Every note on how the skin took it, oldest first.
        earlier: The versions that this one replaces, oldest first.
        elsewhere: The versions of other forms of the patient that were sent and not withdrawn,
            oldest first.
    """

    patient: Patient
    response: Response
    screenings: tuple[StoredScreening, ...]
    reviews: tuple[Review, ...]
    addenda: tuple[Addendum, ...]
    superseded_by: str | None = None
    before: Response | None = None
    owner: Owner | None = None
    confirmations: tuple[Confirmation, ...] = ()
    session: TreatmentSession | None = None
    reactions: tuple[Reaction, ...] = ()
    earlier: tuple[Version, ...] = ()
    elsewhere: tuple[Version, ...] = ()

    @property
    def last_decision(self) -> Decision | None:
        """The newest decision; None while nobody decided."""
        return self.reviews[-1].decision if self.reviews else None

    @property
    def screening(self) -> StoredScreening | None:
        """The newest screening; None while the form is being filled."""
        return self.screenings[-1] if self.screenings else None

    @property
    def referral(self) -> Review | None:
        """The referral of a version before this one, that nobody has answered since."""
        before = [one for version in self.earlier for one in version.reviews]
        return None if self.reviews else open_referral(before)

    @property
    def every_review(self) -> tuple[Review, ...]:
        """The decisions on this version and those it replaces, oldest first."""
        return (*(one for version in self.earlier for one in version.reviews), *self.reviews)
