"""Checking a pack that is not in force yet, as far as a waiting browser allows."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.core.examined import Examined
from intake.core.verification import CHECKS, result_of
from intake.packs import load_texts
from intake.packs.draft import CLINIC

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from intake.core.examined import Check, Problem, Result
    from intake.core.rules import RulePack

MOST_SECONDS = 60.0
"""After which no further check is begun."""

LEFT_TO_THE_COMMAND_LINE = (
    "vignettes notice small faults",
    "every rule has generated cases",
    "generated cases hold",
)
"""The first takes longer than all others together; the others need a file that is no part of a
pack's content."""

ABOUT_THE_PACK_AS_WRITTEN = ("every line matters", "vignettes hold")
"""Slow checks that what a clinic chooses cannot change."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found about a pack.

    Attributes:
        results: Of each check that was run, in order.
        not_run: The checks that were not.
    """

    pack: RulePack
    results: tuple[Result, ...]
    not_run: tuple[Check, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything found."""
        return tuple(problem for result in self.results for problem in result.problems)


def check(
    files: Mapping[str, str],
    today: date,
    *,
    only_choices: bool = False,
    timer: Callable[[], float] = time.monotonic,
) -> Checked:
    """Load a pack and check what is affordable.

    Args:
        files: The texts of the pack, with what the clinic chose.
        today: The clinic's date.
        only_choices: Nothing but the clinic's choices differs from a pack that was in force, so
            that what is proved about the pack as written need not be proved again.
        timer: Counts the seconds.

    Raises:
        PackError: it cannot even be loaded; carries every problem found.
    """
    end = timer() + MOST_SECONDS
    pack = load_texts(files, today)
    bare = {name: text for name, text in files.items() if name != CLINIC}
    written = load_texts(bare, today) if CLINIC in files and not only_choices else None
    examined = Examined(pack, today, (), written)
    left_out = {*LEFT_TO_THE_COMMAND_LINE, *(ABOUT_THE_PACK_AS_WRITTEN if only_choices else ())}
    results, not_run = [], []
    for one in CHECKS:
        if one.name in left_out or timer() > end:
            not_run.append(one)
        else:
            results.append(result_of(one, examined))
    return Checked(pack, tuple(results), tuple(not_run))
