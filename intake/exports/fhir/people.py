"""The patient, the people of the desk, the clinic and the program as FHIR resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.core.display import ROLE
from intake.exports.fhir.narrative import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from intake.core.records import Patient, Practitioner
    from intake.exports.dossier import Maker
    from intake.exports.fhir.links import Links
    from intake.exports.fhir.naming import Resource

CLINIC, PROGRAM = "clinic", "program"
"""What the clinic and the program are called among records."""


def patient(who: Patient, languages: Iterable[str], links: Links) -> Resource:
    """Return the patient, with the languages of the forms; what nobody asked is unknown."""
    tongues = [
        {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": language}]}}
        for language in languages
    ]
    return links.resource(
        "Patient",
        who.id,
        [who.name, f"Record number {who.record_number}, born {who.birth_date}."],
        {
            "identifier": links.identifier("record-number", who.record_number),
            "name": [{"text": plain(who.name)}],
            "gender": "unknown",
            "birthDate": who.birth_date.isoformat(),
            "communication": tongues,
            "managingOrganization": links.to("Organization", CLINIC),
        },
    )


def practitioner(who: Practitioner, links: Links) -> Resource:
    """Return somebody with an account at the desk."""
    role = ROLE[who.role]
    return links.resource(
        "Practitioner",
        who.id,
        [f"{who.name}, {role.lower()}."],
        {
            "identifier": links.identifier("account", who.id),
            "name": [{"text": plain(who.name)}],
            "qualification": [{"code": {"text": role}}],
        },
    )


def organization(maker: Maker, links: Links) -> Resource:
    """Return the clinic."""
    return links.resource(
        "Organization",
        CLINIC,
        [maker.clinic],
        {
            "identifier": links.identifier("organization", links.clinic),
            "name": plain(maker.clinic),
        },
    )


def device(maker: Maker, links: Links) -> Resource:
    """Return the program, which is the author of whatever the rules say."""
    return links.resource(
        "Device",
        PROGRAM,
        [f"Intake {maker.version}, which judges rules and decides nothing."],
        {
            "identifier": links.identifier("program", f"intake-{maker.version}"),
            "status": "active",
            "deviceName": [{"name": "Intake", "type": "user-friendly-name"}],
            "version": [{"value": maker.version}],
            "owner": links.to("Organization", CLINIC),
        },
    )
