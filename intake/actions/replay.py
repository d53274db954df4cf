"""Replaying history: every stored screening is made again with its own rules, form and day.

What comes out has to be what was stored. That is how somebody knows that another version of this
program judges as the one before did.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from intake.actions.documents import COMMAND_LINE
from intake.core.chain import Head
from intake.core.errors import StateError
from intake.core.screening import ENGINE_VERSION
from intake.exports.replay import DIFFERENCES, line_of
from intake.storage import audit, replaying, trail
from intake.storage.encoding import instant
from intake.storage.replaying import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from intake.actions.made_again import Replayed
    from intake.core.replay import Difference
    from intake.exports.ndjson import Lines
    from intake.storage import Store

FEW = 200
"""How many screenings are made again at a time; a kill costs at most these, for each process."""

SHOWN = 100
"""How many differences are kept in mind, the first ones; a file takes all."""

REPLAYED = "history replayed"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a replay stands: all that whoever goes on with it needs to know.

    Attributes:
        asked: The clinic, the program and its engine; another run must ask the same.
        begun_at: When.
        head: Of the audit trail then.
        newest: The screening that was made last then; later ones are left out.
        screenings: How many there were to be then.
        behind: How far it has come: up to this screening.
        done: How many were made again.
        ways: How many came out otherwise, by which way the triage went.
        engines: How many were made by which version of the engine.
        size: How long the file of differences is as far as it counts.
        first: The first few differences of this run; what a run before found is in the file.
    """

    asked: Mapping[str, str]
    begun_at: str
    head: Head
    newest: int
    screenings: int
    behind: int = 0
    done: int = 0
    ways: Mapping[str, int] = field(default_factory=dict)
    engines: Mapping[str, int] = field(default_factory=dict)
    size: int = 0
    first: tuple[Difference, ...] = ()

    @property
    def different(self) -> int:
        """How many came out otherwise."""
        return sum(self.ways.values())

    @property
    def missing(self) -> int:
        """How many were not made again, although they were there when it began."""
        return self.screenings - self.done

    @property
    def is_sound(self) -> bool:
        """Whether every one was made again and came out as it was stored."""
        return not self.different and not self.missing

    def spans(self, store: Store) -> Iterator[Span]:
        """Yield what is still to be made again, a few screenings at a time."""
        behind = self.behind
        while span := replaying.next_few(store, Span(behind, self.newest), FEW):
            yield span
            behind = span.upto

    def with_(self, found: Replayed, size: int) -> Standing:
        """Return where it stands once a span is done."""
        return replace(
            self,
            behind=found.upto,
            done=self.done + found.screenings,
            ways=Counter(self.ways) + Counter(way_of(one) for one in found.differences),
            engines=Counter(self.engines) + Counter(found.engines),
            size=size,
            first=(*self.first, *found.differences)[:SHOWN],
        )

    def kept(self) -> dict[str, Any]:
        """Return it as a checkpoint holds it."""
        return {
            "asked": dict(self.asked),
            "begun_at": self.begun_at,
            "head": [self.head.count, self.head.mac],
            "newest": self.newest,
            "screenings": self.screenings,
            "behind": self.behind,
            "done": self.done,
            "ways": dict(self.ways),
            "engines": dict(self.engines),
            "size": self.size,
        }


def _standing(kept: Mapping[str, Any]) -> Standing:
    return Standing(**{**kept, "head": Head(*kept["head"])})


NOT_AGAIN = "not screened again"


def way_of(difference: Difference) -> str:
    """Return which way a triage went, or that nobody can tell."""
    return difference.direction or NOT_AGAIN


def replay_history(
    store: Store,
    lines: Lines | None,
    *,
    over: Callable[[Iterable[Span]], Iterable[Replayed]],
    program: str,
    now: datetime,
    told: Callable[[int, int], None],
) -> Standing:
    """Make every stored screening again, or go on with what was cut off; what came of it is noted.

    Args:
        store: Where the screenings are; others may go on writing.
        lines: A folder for the differences; without one it cannot be gone on with.
        over: Makes the screenings of some spans again, and gives them back in their order.
        program: The version of this program.
        now: When.
        told: Is told, whenever that changed, how many are done, and of how many.

    Returns:
        How it ended.

    Raises:
        StateError: the folder is not for this replay; says what to do.
    """
    asked = {
        "clinic": trail.origin(store.connection), "program": program, "engine": ENGINE_VERSION,
    }  # fmt: skip
    standing = _begin(store, lines, asked, now)
    told(standing.done, standing.screenings)
    for found in over(standing.spans(store)):
        size = standing.size
        if lines is not None and found.differences:
            text = b"".join(line_of(one) for one in found.differences)
            size = lines.append(DIFFERENCES, text, size)
        standing = standing.with_(found, size)
        if lines is not None:
            lines.keep(standing.kept())
        told(standing.done, standing.screenings)
    _note(store, standing, program, now)
    if lines is not None:
        lines.finish(DIFFERENCES)
        said = {key: standing.kept()[key] for key in _SAID}
        lines.close(said | {"different": standing.different})
    return standing


def _note(store: Store, standing: Standing, program: str, now: datetime) -> None:
    """Put what came of a replay into the audit trail."""
    with store.write() as db:
        audit.append(
            db, at=now, actor=COMMAND_LINE, action=REPLAYED, subject="screenings",
            number=standing.done, different=standing.different, engine=ENGINE_VERSION,
            program=program,
        )  # fmt: skip


_BEGUN_OTHERWISE = (
    "The replay in '{folder}' was begun in another clinic, in a newer state of this one, or with"
    " another version of the program, and cannot be gone on with. Remove that folder, or name"
    " another with --out."
)
_SAID = ("asked", "begun_at", "screenings", "done", "ways", "engines")


def _begin(store: Store, lines: Lines | None, asked: Mapping[str, str], now: datetime) -> Standing:
    """Return where the replay stands, once what was cut off is cut away."""
    kept = lines.begun() if lines else None
    if lines is not None and kept is not None:
        try:
            standing = _standing(kept)
        except (KeyError, TypeError, ValueError) as error:
            raise lines.unreadable() from error
        if standing.asked != asked or not trail.holds(store.connection, standing.head):
            raise StateError(_BEGUN_OTHERWISE.format(folder=lines.folder))
        lines.cut({DIFFERENCES: standing.size})
        return standing
    newest = replaying.newest(store)
    standing = Standing(
        asked=asked,
        begun_at=instant(now),
        head=trail.head(store.connection),
        newest=newest,
        screenings=replaying.count_behind(store, Span(0, newest)),
    )
    if lines is not None:
        lines.make()
        lines.append(DIFFERENCES, b"", 0)
        lines.keep(standing.kept())
    return standing
