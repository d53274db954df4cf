"""Measure what an export of many cases takes: `python -m tests.bulk 1 1000`, or `make bulk`.

For each number a clinic is made in a temporary folder, or in the folder named with `--place`,
where a clinic of that size is used again. The command runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bulk import clinic


def main() -> None:
    """Print a row for each number of cases."""
    parser = argparse.ArgumentParser(prog="python -m tests.bulk", description=__doc__)
    parser.add_argument("numbers", nargs="+", type=int, help="How many cases.")
    parser.add_argument("--place", type=Path, help="Where to make the clinics, and leave them.")
    parser.add_argument(
        "--filled", type=int, default=clinic.FILLED, help="How many cases are no copies, at most."
    )
    parser.add_argument("--gzip", action="store_true", help="Compress the files.")
    parser.add_argument("--only-make", action="store_true", help="Make the clinics and stop.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        place = given.place or Path(temporary)
        if not given.only_make:
            _row("cases", "seconds", "CPU seconds", "peak MB", "bytes", "database MB")
        for number in given.numbers:
            data = clinic.made(place / str(number), number, given.filled)
            if not given.only_make:
                _measure(
                    data,
                    number,
                    Path(temporary) / f"out-{number}",
                    *(["--gzip"] if given.gzip else []),
                )


def _row(*cells: object) -> None:
    sys.stdout.write("".join(f"{cell:>16}" for cell in cells) + "\n")
    sys.stdout.flush()


def _measure(data: Path, number: int, out: Path, *options: str) -> None:
    """Export all cases; print how long it took and the most memory that was held."""
    size = sum(file.stat().st_size for file in data.iterdir())
    command = [
        sys.executable,
        "-m",
        "intake",
        "export",
        "fhir",
        "--out",
        str(out),
        "--progress",
        *options,
    ]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    child = subprocess.Popen(
        command, env={**os.environ, "INTAKE_DATA": str(data)}, stdout=subprocess.DEVNULL
    )
    peak = _peak_until_the_end(child)
    seconds, used = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if child.returncode:
        msg = f"It ended with {child.returncode}."
        raise RuntimeError(msg)
    made = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    written = sum((out / one["url"]).stat().st_size for one in made["output"])
    busy = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    _row(f"{number:,}", f"{seconds:,.1f}", f"{busy:,.1f}", f"{peak:,.0f}", f"{written:,}",
         f"{size / 1e6:,.0f}")  # fmt: skip


def _peak_until_the_end(child: subprocess.Popen[bytes]) -> float:
    """Return the most memory that a process ever held, in MB; what `wait4` says is its parent's."""
    peak, status = 0, Path(f"/proc/{child.pid}/status")
    while child.poll() is None:
        lines = status.read_text(encoding="ascii").splitlines()
        peak = next((int(one.split()[1]) for one in lines if one.startswith("VmHWM")), peak)
        time.sleep(0.05)
    return peak / 1024


if __name__ == "__main__":
    main()
