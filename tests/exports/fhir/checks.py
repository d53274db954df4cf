"""What can be seen of FHIR without a validator: the mistakes that receivers stumble over."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

URN = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
DISPLAYS = {
    ("http://terminology.hl7.org/CodeSystem/v2-0136", "Y"): "Yes",
    ("http://terminology.hl7.org/CodeSystem/v2-0136", "N"): "No",
    ("http://terminology.hl7.org/CodeSystem/data-absent-reason", "asked-unknown"): (
        "Asked But Unknown"
    ),
    ("http://terminology.hl7.org/CodeSystem/data-absent-reason", "asked-declined"): (
        "Asked But Declined"
    ),
}
HL7_SYSTEMS = (
    "http://terminology.hl7.org/CodeSystem/v2-0136",
    "http://terminology.hl7.org/CodeSystem/data-absent-reason",
    "http://terminology.hl7.org/CodeSystem/consentscope",
    "http://terminology.hl7.org/CodeSystem/flag-category",
    "http://terminology.hl7.org/CodeSystem/plan-definition-type",
    "http://terminology.hl7.org/CodeSystem/provenance-participant-type",
    "http://terminology.hl7.org/CodeSystem/v3-DataOperation",
    "http://hl7.org/fhir/questionnaire-item-control",
    "http://hl7.org/fhir/version-algorithm",
    "http://unitsofmeasure.org",
    "http://loinc.org",
    "http://dicom.nema.org/resources/ontology/DCM",
    "urn:iso-astm:E1762-95:2013",
    "urn:ietf:bcp:47",
)
"""Systems that are not ours, each of which somebody looked up."""

EXTENSIONS = {
    "artifact-versionAlgorithm": "Questionnaire",
    "entryFormat": "Questionnaire",
    "maxDecimalPlaces": "Questionnaire",
    "maxValue": "Questionnaire",
    "minValue": "Questionnaire",
    "questionnaire-hidden": "Questionnaire",
    "questionnaire-itemControl": "Questionnaire",
    "questionnaire-maxOccurs": "Questionnaire",
    "questionnaire-optionExclusive": "Questionnaire",
    "questionnaire-unit": "Questionnaire",
    "translation": "Questionnaire",
}
"""Extensions of HL7 that are used, and the one kind of resource they are used in."""


def parts(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Walk every value of a resource with its path, without the numbers of lists."""
    yield path, value
    if isinstance(value, dict):
        for name, one in value.items():
            yield from parts(one, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for one in value:
            yield from parts(one, path)


def last(path: str) -> str:
    """Return the name of an element."""
    return path.rpartition(".")[2]


def empties(resource: Any) -> list[str]:
    """Return where nothing stands: null, an empty text, list or object."""
    return [path for path, value in parts(resource) if value in (None, "", [], {})]


def codings(resource: Any) -> Iterator[dict[str, str]]:
    """Yield everything that has a system and a code."""
    for _, value in parts(resource):
        if isinstance(value, dict) and "code" in value and "system" in value:
            yield value


def references(resource: Any) -> Iterator[str]:
    """Yield every reference."""
    for path, value in parts(resource):
        if last(path) == "reference" and isinstance(value, str) and not value.startswith("http"):
            yield value


def urls_of_extensions(resource: Any) -> Iterator[str]:
    """Yield the address of every extension that is not inside another."""
    for path, value in parts(resource):
        if last(path) == "extension" and isinstance(value, list) and "extension.ext" not in path:
            yield from (one["url"] for one in value)


def items(form: Any) -> Iterator[dict[str, Any]]:
    """Walk the items of a form or a response, in order."""
    for one in form.get("item", ()):
        yield one
        yield from items(one)
