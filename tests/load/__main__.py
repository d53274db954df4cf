"""Load a real server and see whether it keeps its promises: `make soak`.

Settings, from the environment: TABLETS, FLOWS of each, RECORDS in the lists, ROUNDS of each race,
HOURS of the soak with RATE flows a second (0 leaves it out). Exits 1 where a promise is not kept.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tests.load.figures import say, told
from tests.load.loading import Load, Size
from tests.load.server import Server, free_port


def setting(name: str, default: float) -> float:
    return float(os.environ.get(name) or default)


def main() -> None:
    """Run once in a temporary folder."""
    size = Size(
        tablets=int(setting("TABLETS", 40)),
        flows=int(setting("FLOWS", 10)),
        records=int(setting("RECORDS", 50_000)),
        rounds=int(setting("ROUNDS", 100)),
        hours=setting("HOURS", 0),
        rate=setting("RATE", 2),
    )
    with tempfile.TemporaryDirectory() as place:
        environment = {
            "INTAKE_DATA": str(Path(place) / "clinic"),
            "INTAKE_PORT": str(free_port()),
            "INTAKE_TIMEZONE": "UTC",
        }
        load = Load(Server(environment), Path(place), size, say)
        load.run()
    sys.exit(0 if told(load.promises) else 1)


if __name__ == "__main__":
    main()
