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
    lines = (json.dumps({"name": name, "resource": one}) for name, one in resources.items())
    done = subprocess.run(
        ["node", HERE / "judge.mjs", require_fetched()],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return {one["name"]: one["faults"] for one in found}
