"""What the FHIR record of a case is made from: the form, its rules, and who did what to it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from intake.core.casefile import groups_of, medicines_of, parts_of
from intake.core.reading import case_for
from intake.core.recorded import Recorded
from intake.core.records import ResponseStatus
from intake.exports.record import concerned

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from intake.core.casefile import Group, Medicines, Part
    from intake.core.conditions import Case
    from intake.core.records import Practitioner
    from intake.core.rules import RulePack
    from intake.exports.dossier import Dossier, Maker


ENTERED_IN_ERROR = "entered-in-error"
"""The status that every resource of a case knows."""


@dataclass(frozen=True)
class Extract:
    """One case with what its FHIR record takes, and nothing that only a page shows.

    Attributes:
        pack: The rules of the newest screening.
        people: Everybody with an account, by id.
        systems: What other systems are called, by id.
        spoken: The languages of the patient's forms that go out together.
    """

    maker: Maker
    case: Recorded
    pack: RulePack
    people: Mapping[str, Practitioner]
    systems: Mapping[str, str]
    spoken: tuple[str, ...]

    def status(self, usual: str) -> str:
        """Return the status of a resource of the case: of a withdrawn form nothing counts."""
        withdrawn = self.case.response.status is ResponseStatus.ENTERED_IN_ERROR
        return ENTERED_IN_ERROR if withdrawn else usual

    @cached_property
    def judged(self) -> Case:
        """The answers in front of the rules, on the day of the newest screening."""
        stored = self.case.screening
        day = stored.screening.on if stored else self.maker.today
        return case_for(self.pack, self.case.response, day)

    @property
    def groups(self) -> Iterator[Group]:
        """What the newest screening found, as the page of the case groups it."""
        stored = self.case.screening
        return groups_of(stored.screening.findings if stored else (), self.pack)

    @property
    def medicines(self) -> Iterator[Medicines]:
        """Each list of medicines, as typed and as understood."""
        return medicines_of(self.pack, self.judged)

    @property
    def parts(self) -> Iterator[Part]:
        """What the patient was asked, with the answers in words."""
        return parts_of(self.pack, self.judged, self.case.response.help)

    @property
    def concerned(self) -> list[Practitioner]:
        """Everybody who did something to the case, or makes the record, in order of ids."""
        by = self.maker.by.id if self.maker.by else ""
        return [self.people[id_] for id_ in sorted((self.case.actors | {by}) & self.people.keys())]


def extract_of(dossier: Dossier) -> Extract:
    """Return what FHIR takes of a case of which everything was read."""
    case = dossier.case
    told = Recorded(
        patient=case.patient,
        response=case.response,
        screenings=case.screenings,
        reviews=case.reviews,
        superseded_by=case.superseded_by,
        events=dossier.events,
        languages=dossier.languages,
        actors=frozenset(concerned(dossier)),
        answered=dossier.answered,
    )
    spoken = (case.response.language,)
    return Extract(dossier.maker, told, dossier.pack, dossier.people, dossier.systems, spoken)
