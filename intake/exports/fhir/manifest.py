"""What a folder of FHIR files says of itself, in the shape of FHIR Bulk Data Access.

Source: FHIR Bulk Data Access 3.0.0, "Response - Output Manifest". There `extension` is an object.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from intake.exports.fhir.links import moment
from intake.exports.fhir.naming import CANONICAL
from intake.exports.ndjson import PACKED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from intake.core.chain import Head
    from intake.exports.fhir.naming import Resource
    from intake.exports.ndjson import Finished

FHIR_NDJSON = "application/fhir+ndjson"
ABOUT_EXPORT = f"{CANONICAL}/bulk-export"
ABOUT_FILE = f"{CANONICAL}/bulk-file"


@dataclass(frozen=True, slots=True)
class Made:
    """How an export was made.

    Attributes:
        clinic: The id of the clinic's own audit trail.
        wanted: What was asked for, by the names of the options.
        at: When it was begun; what changed later may stand in it as it was then, or not yet.
        cases: How many.
        packs: The version and the content hash of every pack that one of them was screened with.
        program: The version of this program.
        head: Of the audit trail, in which every case is noted.
    """

    clinic: str
    wanted: Mapping[str, str]
    at: datetime
    cases: int
    packs: Mapping[str, str]
    program: str
    head: Head


def file_of(kind: str, *, is_packed: bool = False) -> str:
    """Return the name of the file of a kind of resource."""
    return f"{kind}.ndjson{PACKED if is_packed else ''}"


def manifest(made: Made, files: Iterable[Finished]) -> Resource:
    """Return the manifest; addresses of files count from where it lies."""
    asked = urlencode({"_outputFormat": FHIR_NDJSON, **made.wanted})
    return {
        "transactionTime": moment(made.at),
        "request": f"{CANONICAL}/clinic/{made.clinic}/$export?{asked}",
        "requiresAccessToken": False,
        "output": [_file(one) for one in files],
        "error": [],
        "extension": {
            ABOUT_EXPORT: {
                "cases": made.cases,
                "packs": [{"version": v, "hash": h} for h, v in sorted(made.packs.items())],
                "program": f"intake {made.program}",
                "trail": {"count": made.head.count, "mac": made.head.mac},
            }
        },
    }


def _file(one: Finished) -> Resource:
    return {
        "type": one.name.partition(".")[0],
        "url": one.name,
        "count": one.lines,
        "extension": {ABOUT_FILE: {"bytes": one.size, "sha256": one.sha256}},
    }
