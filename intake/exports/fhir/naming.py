"""Names in FHIR: canonical addresses, systems of codes, and ids that are the same each time."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from hashlib import sha1, sha256
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from intake.core.rules import RulePack

Resource: TypeAlias = "dict[str, Any]"
"""A resource, or a part of one, as JSON has it."""

CANONICAL = "https://intake.invalid/fhir"
"""Where the names of our definitions begin.

A canonical address is a name. Nothing is ever found under `.invalid` (RFC 6761), so it can come to
belong to nobody else.
"""

STRUCTURE = "http://hl7.org/fhir/StructureDefinition"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition"
YES_NO = "http://terminology.hl7.org/CodeSystem/v2-0136"
PARTIAL_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
"""A date of FHIR: a year, a month or a day. Whether the calendar has it is another matter."""
SAID_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
"""The extension that stands in the place of a value."""
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
UCUM = "http://unitsofmeasure.org"

_OURS = bytes.fromhex("6ce0f5ab3d0c5c439a9d4a0f0b6f1c52")
"""The namespace of our ids."""


PLAN = "PlanDefinition"
FHIR_JSON = "application/fhir+json; charset=utf-8"
CHANGES_ALL = ("modifierExtension", "implicitRules")
"""Elements that may turn around what the others say. Source: FHIR R4, 2.4.1.1 and 2.28.2."""


_WRITER = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"))


def written(resource: Resource) -> bytes:
    """Write a resource; what UTF-8 cannot hold of a text, half of a pair, is a question mark."""
    return _WRITER.encode(resource).encode("utf-8", "replace")


@lru_cache(maxsize=4096)  # a case names its patient, its form and its people again and again
def uuid_of(kind: str, id_: str) -> str:
    """Return the id of a resource, made from what it is about: the same whenever it is made.

    It is what `uuid.uuid5` returns, in a third of the time: a case has sixty of them.

    Source: RFC 9562, 5.5.
    """
    digest = bytearray(sha1(_OURS + f"{kind}/{id_}".encode()).digest()[:16])  # noqa: S324 - a name
    digest[6], digest[8] = digest[6] & 0x0F | 0x50, digest[8] & 0x3F | 0x80  # version 5, variant
    name = digest.hex()
    return f"{name[:8]}-{name[8:12]}-{name[12:16]}-{name[16:20]}-{name[20:]}"


def canonical(kind: str, name: str) -> str:
    """Return the address by which a definition of ours is known, without its version."""
    return f"{CANONICAL}/{kind}/{name}"


def version_of(pack: RulePack) -> str:
    """Return the version of what is made of a pack: semantic, and another for other content."""
    return f"{pack.version}+{pack.hash[:12]}"


def rules_version_of(pack: RulePack) -> str:
    """Return the version of a pack's rules as they are judged on its day.

    What a clinic chose counts for a time: after it the same pack has other rules and the same form.
    """
    if not pack.choices:
        return version_of(pack)
    counting = (
        f"{one.subject}: {one.about}"
        for one in pack.choices
        if pack.on is not None and one.counts_on(pack.on)
    )
    return f"{version_of(pack)}.{sha256(chr(10).join(counting).encode()).hexdigest()[:8]}"


def questionnaire_of(pack: RulePack) -> str:
    """Return the address of a pack's questionnaire, without its version."""
    return canonical("Questionnaire", pack.name)


def answered_version(pack: RulePack) -> str:
    """Return the address of the very form that is answered under a pack."""
    return f"{questionnaire_of(pack)}|{version_of(pack)}"


def definition_id(kind: str, pack: RulePack) -> str:
    """Return the id of what is made of a pack: that of its version."""
    version = rules_version_of(pack) if kind == PLAN else version_of(pack)
    return uuid_of(kind, f"{pack.name}|{version}")


def answers_of(pack: RulePack) -> str:
    """Return the system of a pack's answers: each code is a question, a dot and an option."""
    return canonical("CodeSystem", f"{pack.name}-answers")


def classes_of(pack: RulePack) -> str:
    """Return the system of a pack's classes of medicines."""
    return canonical("CodeSystem", f"{pack.name}-medicine-classes")


def coding(system: str, code: str, display: str) -> Resource:
    """Return a code of a system with its words."""
    return {"system": system, "code": code, "display": display}


def extension(name: str, **value: object) -> Resource:
    """Return an extension that HL7 defines, with its one value."""
    return {"url": f"{STRUCTURE}/{name}", **value}
