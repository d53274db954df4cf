"""A fuzzer of the pack loader: `python -m tests.fuzz packs -max_total_time=600 CORPUS`.

An input is the name of a file of the tiny pack, a line end, and the text that takes its place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from intake import packs
from intake.core.errors import PackError
from tests.conftest import TODAY
from tests.packs.builders import TINY

if TYPE_CHECKING:
    from intake.core.rules import RulePack

PROBLEM = re.compile(r"[^\n]+:\d+: \S")


def pack_of(body: bytes) -> dict[str, str]:
    """Return the files of a pack with what came in the place of one of them."""
    name, _, text = body.decode("utf-8", "surrogateescape").partition("\n")
    return {**TINY, name or "pack.yaml": text}


def one(body: bytes) -> RulePack | None:
    """Load a pack; return it, or None where it was refused in words.

    Raises:
        AssertionError: it was refused without a place.
    """
    try:
        return packs.load_texts(pack_of(body), TODAY)
    except PackError as error:
        problems = error.problems
    assert problems
    assert all(PROBLEM.match(problem) for problem in problems), problems
    return None
