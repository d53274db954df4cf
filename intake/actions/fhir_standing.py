"""Where a bulk export as FHIR stands, as its checkpoint holds it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from intake.core.chain import Head
from intake.storage.encoding import instant, moment
from intake.storage.recorded import Place

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an export stands: all that whoever goes on with it needs to know.

    Attributes:
        asked: What was asked for, of which clinic and program; another run must ask the same.
        begun_at: When; what was begun later is left out.
        head: Of the audit trail then.
        cases: How many there were to be then.
        done: How many are in the files.
        place: Where the walk through the cases stands.
        sizes: How long each file is as far as it counts, by its name.
        shared: Ids of the resources in the files that other cases may name as well.
        packs: The version of each pack in the files, by its content hash.
    """

    asked: Mapping[str, str]
    begun_at: datetime
    head: Head
    cases: int
    done: int = 0
    place: Place = field(default_factory=Place)
    sizes: Mapping[str, int] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()
    packs: Mapping[str, str] = field(default_factory=dict)

    def kept(self) -> dict[str, Any]:
        """Return it as a checkpoint holds it."""
        return {
            "asked": dict(self.asked),
            "begun_at": instant(self.begun_at),
            "head": [self.head.count, self.head.mac],
            "cases": self.cases,
            "done": self.done,
            "place": [self.place.patient_id, self.place.response_id],
            "sizes": dict(self.sizes),
            "shared": sorted(self.shared),
            "packs": dict(self.packs),
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Standing:
        """Read it from a checkpoint."""
        return cls(
            asked=kept["asked"],
            begun_at=moment(kept["begun_at"]),
            head=Head(*kept["head"]),
            cases=kept["cases"],
            done=kept["done"],
            place=Place(*kept["place"]),
            sizes=kept["sizes"],
            shared=frozenset(kept["shared"]),
            packs=kept["packs"],
        )
