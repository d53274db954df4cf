"""Public checkers of FHIR, run over what goes out: Medplum's validator and HL7's own invariants."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parent
FETCHED = HERE.parent.parent / "build" / "judges"
MISSING = "The checkers of FHIR are missing: run tests/judges/fetch.sh, as 'make test' does."


def require_fetched() -> Path:
    """Return the folder of the checkers.

    Raises:
        AssertionError: they are missing; a test without them proves nothing.
    """
    assert (FETCHED / "fetched.json").exists(), MISSING
    return FETCHED


def faults_in(resources: Mapping[str, Any]) -> dict[str, list[str]]:
    """Judge resources by their names; returns what is wrong with each."""
    found = _told("judge.mjs", [{"name": name, "resource": one} for name, one in resources.items()])
    return {one["name"]: one["faults"] for one in found}


def asked_by_medplum(form: Any, responses: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return which questions Medplum's form filler asks, for responses by their names."""
    said = [{"name": name, "response": one} for name, one in responses.items()]
    return {one["name"]: one["asked"] for one in _told("asked.mjs", [{"form": form}, *said])}


def _told(script: str, lines: list[Any]) -> list[Any]:
    done = subprocess.run(
        ["node", HERE / script, require_fetched()],
        input="\n".join(map(json.dumps, lines)),
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]
