"""How the resources of one record name each other, and what every one of them carries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from intake.exports.fhir.naming import CANONICAL, definition_id, uuid_of
from intake.exports.fhir.narrative import narrative, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from intake.core.rules import RulePack
    from intake.exports.fhir.naming import Resource


@dataclass(frozen=True, slots=True)
class Links:
    """Makes references.

    Attributes:
        clinic: The id of the clinic's own audit trail, under which its numbers are its own.
        is_bundle: References are to entries of the same bundle; else to resources by their kind.
    """

    clinic: str
    is_bundle: bool = True

    def to(self, kind: str, id_: str, says: str = "") -> Resource:
        """Return a reference to the resource that is made of a record of ours."""
        found = uuid_of(kind, f"{self.clinic}/{id_}")
        there = f"urn:uuid:{found}" if self.is_bundle else f"{kind}/{found}"
        return {"reference": there, **({"display": plain(says)} if says else {})}

    def to_definition(self, kind: str, pack: RulePack) -> Resource:
        """Return a reference to the form or the rules of a pack."""
        id_ = definition_id(kind, pack)
        return {"reference": f"urn:uuid:{id_}" if self.is_bundle else f"{kind}/{id_}"}

    def resource(
        self, kind: str, id_: str, says: Iterable[str], parts: Mapping[str, object]
    ) -> Resource:
        """Return a resource with its id, its words, and those of its parts that hold something."""
        return {
            "resourceType": kind,
            "id": uuid_of(kind, f"{self.clinic}/{id_}"),
            "text": narrative(says),
            **{name: part for name, part in parts.items() if part or part == 0},
        }

    def system_of(self, what: str) -> str:
        """Return the system of numbers that this clinic gives out."""
        return f"{CANONICAL}/clinic/{self.clinic}/{what}"

    def identifier(self, what: str, value: str) -> list[Resource]:
        """Return a number that this clinic gave."""
        return [{"system": self.system_of(what), "value": value}]


def moment(at: datetime) -> str:
    """Return an instant as FHIR writes it, in UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
