"""Run one of the fuzzers until told to stop, or until something happens that must not."""

from __future__ import annotations

import importlib
import sys

import atheris  # the extra `fuzz`, which the tests do without


def main() -> None:
    """Instrument the program while it is imported, then change inputs by what they reach."""
    name = sys.argv.pop(1)
    with atheris.instrument_imports(include=["intake"]):
        fuzzer = importlib.import_module(f"tests.fuzz.{name}")

    def one(body: bytes) -> None:
        fuzzer.one(body)

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
