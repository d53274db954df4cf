"""What a document of one case is made from: the case, its rules, and who did what to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime, tzinfo

    from intake.core.casefile import CaseFile
    from intake.core.chain import Head
    from intake.core.clients import ApiClient, CardAnswer
    from intake.core.records import AuditEvent, Case, Practitioner
    from intake.core.rules import RulePack


@dataclass(frozen=True, slots=True)
class AsRead:
    """A question with its answer as the patient saw them, in a language other than English.

    Attributes:
        language: A language tag, such as `es`.
        lines: The answer; one medicine or place a line.
    """

    language: str
    ask: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Maker:
    """Where, when, by whom and by which program a document is made.

    Attributes:
        by: The person or other system that asked for it; None for the command line.
        zone: The clinic's time zone; None takes the computer's.
        version: That of the program.
    """

    clinic: str
    by: Practitioner | ApiClient | None
    at: datetime
    zone: tzinfo | None
    version: str

    @property
    def today(self) -> date:
        """The clinic's local date."""
        return self.local(self.at).date()

    def local(self, at: datetime) -> datetime:
        """Return an instant as the clinic's clocks show it."""
        return at.astimezone(self.zone)


@dataclass(frozen=True)
class Dossier:
    """One case with everything that a reader needs who has nothing else.

    Attributes:
        file: What the case shows, worked out with the pack of its newest screening.
        people: Everybody with an account, by id.
        systems: What other systems are called, by id.
        answered: What was said in other systems to its findings, oldest first.
        events: The lines of the audit trail about this case, oldest first.
        head: Of the whole audit trail when the document was made.
        times: When each answer was given, by link id.
        languages: In which language each question was read, by link id.
        as_read: The answers that were given in another language than English, by link id.
    """

    maker: Maker
    file: CaseFile
    people: Mapping[str, Practitioner]
    events: tuple[AuditEvent, ...]
    head: Head
    times: Mapping[str, datetime]
    languages: Mapping[str, str]
    as_read: Mapping[str, AsRead]
    systems: Mapping[str, str] = field(default_factory=dict)
    answered: tuple[CardAnswer, ...] = ()

    @property
    def case(self) -> Case:
        """The record itself."""
        return self.file.case

    @property
    def pack(self) -> RulePack:
        """The rules of the newest screening."""
        return self.file.pack
