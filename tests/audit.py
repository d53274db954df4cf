"""Looks for known faults in what the program brings along. `make audit` runs this.

Asks a service for every package; where there is no network it says so, and fails nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.brought import brought, foreign

SECONDS_FOR_ALL = 30
SECONDS_FOR_ONE = 5
MENDED = "mended in"
UNASKED = (
    "Known faults: no service could be asked, so nothing is known of today's."
    " Run 'make audit' where there is a network before a release."
)


def answered(told: str) -> tuple[int, list[str]]:
    """Read what pip-audit wrote.

    Returns:
        Of how many packages something is known, and a line for each fault.
    """
    packages = json.loads(told)["dependencies"]
    known = [one for one in packages if "skip_reason" not in one]
    faults = [
        f"{one['name']} {one['version']}: {fault['id']}, {_mended(fault['fix_versions'])}"
        for one in known
        for fault in one["vulns"]
    ]
    return len(known), faults


def _mended(versions: list[str]) -> str:
    return f"{MENDED} {', '.join(versions)}" if versions else "not mended yet"


def ask() -> str:
    """Ask for every package that runs in a clinic; blank when nobody answered in time."""
    pins = [f"{n}=={p.version}" for n, p in sorted(brought().items()) if n != "intake"]
    with TemporaryDirectory() as folder:
        wanted = Path(folder) / "pins.txt"
        wanted.write_text("\n".join(pins), encoding="utf-8")
        given = ["-r", wanted, "--no-deps", "--disable-pip", "--format", "json"]
        quiet = ["--progress-spinner", "off", "--timeout", str(SECONDS_FOR_ONE)]
        command = [sys.executable, "-m", "pip_audit", *given, *quiet]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=SECONDS_FOR_ALL, check=False
            )
        except subprocess.TimeoutExpired:
            return ""
    return done.stdout if done.stdout.startswith("{") else ""


def main() -> int:
    """Say what was found; 1 for a fault that a newer version mends, or a licence unknown to us."""
    strangers = foreign()
    say(f"Licences: {len(brought())} packages, {'; '.join(strangers) or 'all known'}")
    known, faults = answered(ask() or '{"dependencies": []}')
    if known:
        say(f"Known faults: {known} packages asked about, {len(faults)} found", *faults)
    else:
        say(UNASKED)
    return int(bool(strangers) or any(MENDED in fault for fault in faults))


def say(*lines: str) -> None:
    """Write a line, and under it those that belong to it."""
    sys.stdout.write("\n  ".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
