"""Does what it is told in a process of its own, without waiting for Python to read the program.

It reads one line for each, an object of JSON with what to `do`, under which `environment`, over the
`layered` files or not, and to which `log` it prints; it answers with the number of the process.
"""

import json
import os
import signal
import sys
from pathlib import Path

from intake.cli import main
from intake.cli.surroundings import prepare
from intake.settings import read_settings
from tests.faults.layer import lay

ACTS = {"serve": lambda: main(["serve"]), "prepare": lambda: prepare(read_settings())}
"""The server; and what it does before it serves."""


def begin(do: str, environment: dict[str, str], log: str, *, layered: bool) -> None:
    """Become another process."""
    with Path(log).open("ab") as file:
        for number in (1, 2):
            os.dup2(file.fileno(), number)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(environment)
    if layered:
        lay(environment)
    ACTS[do]()


signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever ends is forgotten
for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        begin(**json.loads(line))
        sys.exit()
    sys.stdout.write(f"{pid}\n")
    sys.stdout.flush()
