"""Patients as another system writes them in FHIR R4: one, a Bundle of them, or one a line."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from intake.core.appointments import (
    BIRTH_DATE,
    LANGUAGE,
    MOST_ROWS,
    NAME,
    WRITE_A_DAY,
    Fault,
    Given,
    Sheet,
    language_offered,
)
from intake.exports.fhir.naming import CHANGES_ALL
from intake.exports.strict_json import read_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.core.appointments import Offered

BUNDLES = ("collection", "searchset", "transaction", "batch")
"""Kinds of bundles that are read; in the others a patient may be one of long ago."""

_WRITES = ("POST", "PUT")
_TAGS = ("urn:ietf:bcp:47", None)
"""The system of a language's code, and none: some servers leave it out."""

_NAMES = ("official", "usual", None, "temp", "nickname", "maiden", "old")
"""Uses of a name, the best first; an anonymous one is nobody's name."""

OTHER = "Only a Patient is read. Take anything else out."
ANSWERS = (
    "Answers are not taken over from a list: `intake screen` tells what the rules say to them."
)
OTHER_LANGUAGE = "None of the patient's languages is offered here: the form begins in English."


@dataclass(frozen=True, slots=True)
class _Found:
    """A piece of JSON that has to be a patient.

    Attributes:
        row: Which patient of the file, from 1; of one a line, its line.
        path: Where it stands, as FHIRPath.
    """

    row: int
    path: str
    resource: Any


def read_patients(text: str, offered: Offered) -> Sheet:
    """Read the patients of a file; whatever does not fit is named with its path."""
    faults: list[Fault] = []
    notes: list[str] = []
    found = list(_found(text, faults, notes))
    if len(found) > MOST_ROWS:
        says = f"At most {MOST_ROWS} patients are read from one file. Divide it."
        return Sheet(faults=(*faults, Fault(0, "", says)))
    readers = [_Patient(one, offered) for one in found]
    rows = [given for one in readers if (given := one.read()) is not None]
    faults += [fault for one in readers for fault in one.faults]
    if not rows and not faults:
        faults.append(Fault(0, "", "There is no patient in the file."))
    return Sheet(tuple(rows), tuple(faults), tuple(notes))


def read_patient(resource: dict[str, Any], offered: Offered) -> Given | None:
    """Read one patient, of whom what does not fit is left out; None for what is none.

    What may change the meaning of the rest is not known here, and so is the patient.
    """
    if any(element in resource for element in CHANGES_ALL):
        return None
    return _Patient(_Found(1, "Patient", resource), offered).read()


def _found(text: str, faults: list[Fault], notes: list[str]) -> Iterator[_Found]:
    """Yield what has to be a patient, and note what is wrong around it."""
    lines = [(row, line) for row, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if len(lines) > 1 and _can_be_read(lines[0][1]):
        for row, line in lines:
            if (read := _read(line, row, faults)) is not None:
                yield _Found(row, "Patient", read)
        return
    read = _read(text, 0, faults)
    if isinstance(read, dict) and read.get("resourceType") == "Bundle":
        yield from _in_bundle(read, faults, notes)
    elif read is not None:
        yield _Found(1, "Patient", read)


def _can_be_read(text: str) -> bool:
    try:
        read_json(text)
    except ValueError:
        return False
    return True


def _read(text: str, row: int, faults: list[Fault]) -> object:
    try:
        read = read_json(text)
    except ValueError as error:
        why = f": {error}" if isinstance(error, json.JSONDecodeError) else ", or a key stands twice"
        faults.append(Fault(row, "", f"This is not JSON that can be read{why}."))
        return None
    if read is None:
        faults.append(Fault(row, "", "A Patient has to stand here."))
    return read


def _in_bundle(bundle: dict[str, Any], faults: list[Fault], notes: list[str]) -> Iterator[_Found]:
    kind, entries = bundle.get("type"), bundle.get("entry", [])
    if kind not in BUNDLES:
        faults.append(
            Fault(0, "Bundle.type", f"A bundle of one of these types: {', '.join(BUNDLES)}.")
        )
        return
    if not isinstance(entries, list):
        faults.append(Fault(0, "Bundle.entry", "This has to be a list."))
        return
    links = bundle.get("link")
    if any(isinstance(one, dict) and one.get("relation") == "next" for one in _listed(links)):
        notes.append("This is one page of a search that has more: the other patients are missing.")
    for row, entry in enumerate(entries, start=1):
        path = f"Bundle.entry[{row - 1}]"
        if not isinstance(entry, dict):
            faults.append(Fault(row, path, "Each of a list has to be an object."))
        elif _writes(entry.get("request")):
            yield _Found(row, f"{path}.resource", entry.get("resource"))
        else:
            says = f"Only what is written is read: {' or '.join(_WRITES)}."
            faults.append(Fault(row, f"{path}.request.method", says))


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _writes(request: object) -> bool:
    """Tell whether an entry brings its patient; one of a transaction may take them away."""
    return request is None or (isinstance(request, dict) and request.get("method") in _WRITES)


@dataclass(slots=True)
class _Patient:
    """Reads one patient."""

    found: _Found
    offered: Offered
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def _note(self, element: str, says: str) -> None:
        path = f"{self.found.path}.{element}" if element else self.found.path
        self.faults.append(Fault(self.found.row, path, says))

    def read(self) -> Given | None:
        """Return what is said of a patient; None for what is none."""
        resource = self.found.resource
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        if kind != "Patient":
            self._note("resourceType", ANSWERS if kind == "QuestionnaireResponse" else OTHER)
            return None
        for element in CHANGES_ALL:
            if element in resource:
                says = "This may change what the rest means, and is not known here. Take it out."
                self._note(element, says)
        self._refuse_who_does_not_come(resource)
        cells = {
            NAME: self._name(resource),
            BIRTH_DATE: self._birth_date(resource),
            LANGUAGE: self._language(resource),
        }
        paths = {NAME: "name", BIRTH_DATE: "birthDate", LANGUAGE: "communication"}
        return Given(
            self.found.row,
            {column: cell for column, cell in cells.items() if cell},
            {column: f"{self.found.path}.{path}" for column, path in paths.items()},
            tuple(self.notes),
        )

    def _refuse_who_does_not_come(self, resource: dict[str, Any]) -> None:
        if resource.get("active", True) is not True:
            says = "This record is not in use. Take the patient out, or make the record active."
            self._note("active", says)
        if resource.get("deceasedBoolean", False) is not False or "deceasedDateTime" in resource:
            self._note("deceased", "The patient has died. Take the patient out of the list.")
        for one in self._objects(resource, "link"):
            if one.get("type") == "replaced-by":
                self._note("link", "Another record has replaced this one. Send that one.")

    def _objects(self, resource: dict[str, Any], element: str) -> Iterator[dict[str, Any]]:
        """Yield the objects of a list; whatever else stands there is named."""
        value = resource.get(element, [])
        if not isinstance(value, list):
            self._note(element, "This has to be a list.")
            return
        for at, one in enumerate(value):
            if isinstance(one, dict):
                yield one
            else:
                self._note(f"{element}[{at}]", "Each of a list has to be an object.")

    def _name(self, resource: dict[str, Any]) -> str:
        """Return the name of today: the official one, or the next best."""
        known = [one for one in self._objects(resource, "name") if one.get("use") in _NAMES]
        ranked = sorted(known, key=lambda one: (self._is_past(one), _NAMES.index(one.get("use"))))
        said = (self._words(one) for one in ranked)
        return next((words for words in said if words), "")

    def _is_past(self, name: dict[str, Any]) -> bool:
        """Tell whether a name was given up, by the day until which it was in use."""
        period = name.get("period")
        end = period.get("end") if isinstance(period, dict) else None
        return isinstance(end, str) and end[:10] < self.offered.today.isoformat()[: len(end[:10])]

    def _words(self, name: dict[str, Any]) -> str:
        given, family, text = name.get("given", []), name.get("family", ""), name.get("text", "")
        if not isinstance(given, list):
            given = [given]
        if not all(isinstance(one, str) for one in (*given, family, text)):
            self._note(
                "name", "Each part of a name has to be a string, and 'given' a list of them."
            )
            return ""
        return _clean(text) or _clean(" ".join((*given, family)))

    def _birth_date(self, resource: dict[str, Any]) -> str:
        born = resource.get("birthDate", "")
        if not isinstance(born, str):
            self._note("birthDate", WRITE_A_DAY)
            return ""
        return _clean(born)

    def _language(self, resource: dict[str, Any]) -> str:
        """Return the first language that is offered, the preferred ones before the others."""
        spoken = list(self._objects(resource, "communication"))
        spoken.sort(key=lambda one: one.get("preferred") is not True)
        tags = [tag for one in spoken for tag in _tags(one.get("language"))]
        offered = (language_offered(tag, self.offered.languages) for tag in tags)
        found = next((tag for tag in offered if tag), "")
        if spoken and not found:
            self.notes.append(OTHER_LANGUAGE)
        return found


def _tags(concept: object) -> list[str]:
    """Return the language tags of a coded language."""
    codings = _listed(concept.get("coding")) if isinstance(concept, dict) else []
    return [
        one["code"]
        for one in codings
        if isinstance(one, dict) and one.get("system") in _TAGS and isinstance(one.get("code"), str)
    ]


def _clean(text: str) -> str:
    """Return a text in which every character can be written down; halves of a pair cannot."""
    return text.encode("utf-8", "replace").decode().strip()
