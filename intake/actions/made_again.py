"""One screening after the other, made again and held against what was stored of it."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from intake.actions.packs_in_memory import PacksInMemory
from intake.actions.rule_packs import kept_pack
from intake.core.errors import StorageError
from intake.core.replay import Difference, held_against, pack_name
from intake.core.review import needs_dermatologist
from intake.core.rules import Triage
from intake.core.telling import screen_told
from intake.storage import replaying
from intake.storage.driver import sqlite3
from intake.storage.encoding import as_written_now, from_json, screening_of, screening_text, told_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from intake.core.rules import RulePack
    from intake.core.screening import Screening
    from intake.storage import Store
    from intake.storage.replaying import Made, Span

T = TypeVar("T")

PACKS_IN_MEMORY = 4


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came out of a span of screenings.

    Attributes:
        engines: How many were made by which version of the engine; blank where nobody can read it.
    """

    upto: int
    screenings: int
    differences: tuple[Difference, ...]
    engines: Mapping[str, int] = field(default_factory=dict)


_NO_PACK = "The rules it was made with cannot be read: see 'intake verify'."
_NOT_READ = (
    "{what} cannot be read as it is stored ({fault}): see 'intake verify', and restore a backup if"
    " somebody changed it."
)
_NO_FORM = "Its form is not there any more: see 'intake verify', and restore a backup."
_NOT_SCREENED = "The program failed on it ({fault}): report this with the version of the program."
_NOT_OF_A_CASE = sqlite3.DatabaseError, StorageError, OSError, MemoryError
"""What says nothing about a case, but that nobody can go on."""


class _NotAgainError(Exception):
    """A screening cannot be made again; the message has no word of what is stored."""


@contextmanager
def _said(message: str, **words: str) -> Iterator[None]:
    """Turn whatever goes wrong with a case into a message, of a fault no more than its kind."""
    try:
        yield
    except (*_NOT_OF_A_CASE, _NotAgainError):
        raise
    except Exception as fault:  # noqa: BLE001 - one case must not hide the others
        kind = type(fault).__name__
        raise _NotAgainError(message.format(fault=kind, **words)) from None


class Replayer:
    """Makes screenings again, with the packs of this clinic."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._packs = PacksInMemory(PACKS_IN_MEMORY)

    def __call__(self, span: Span) -> Replayed:
        """Make the screenings of a span again."""
        made = replaying.made_in(self._store, span)
        engines: Counter[str] = Counter()
        found = [self._again(one, engines) for one in made]
        differences = tuple(one for one in found if one is not None)
        return Replayed(span.upto, len(made), differences, dict(engines))

    def _again(self, made: Made, engines: Counter[str]) -> Difference | None:
        """Make one screening again; returns how it differs from what was stored.

        What cannot be made again is a difference too, and keeps nobody from the next.
        """
        engine = ""
        try:
            with _said(_NOT_READ, what="What was found"):
                kept = from_json(made.content)
                engine = _text(kept["engine_version"])
                hash_, on = _text(kept["pack_hash"]), date.fromisoformat(kept["on"])
            pack = self._pack(hash_, on)
            now = replace(_screened(made, pack, on), engine_version=engine)
            return _held(made, pack, now)
        except _NotAgainError as fault:
            return _not_again(made, engine, str(fault))
        finally:
            engines[engine] += 1

    def _pack(self, hash_: str, on: date) -> RulePack:
        """Return the rules of a screening."""
        with _said(_NO_PACK):
            return self._packs.of(hash_, on, lambda: kept_pack(self._store, hash_, on))


def _screened(made: Made, pack: RulePack, on: date) -> Screening:
    """Screen a form and what was told beside it once more."""
    if made.plan is None:
        raise _NotAgainError(_NO_FORM)
    with _said(_NOT_READ, what="What was told beside the form"):
        told = told_of(made.told)
    with _said(_NOT_READ, what="Its form"):
        answers = pack.reader.read(made.plan, made.answers, on)
    with _said(_NOT_SCREENED):
        return screen_told(pack, answers, told, on)


def _held(made: Made, pack: RulePack, now: Screening) -> Difference | None:
    """Hold a screening that was stored against what is found now, as if by the same engine."""
    text = screening_text(now)
    with _said(_NOT_READ, what="What was found"):
        is_worded_so = text == made.content  # nearly always, and known without taking it apart
        then = now if is_worded_so else screening_of(made.content)
        is_worded_so = is_worded_so or text == as_written_now(made.content)
        beside = _beside(made, then, pack)
        if is_worded_so and not beside:
            return None
        return held_against(
            made.id, made.response_id, then, now, beside=beside, is_worded_so=is_worded_so
        )


def _beside(made: Made, then: Screening, pack: RulePack) -> list[str]:
    """Return the columns that say something else than the screening beside which they stand.

    That a dermatologist decides may come of other things than findings, so it is a fault only where
    a finding asks for it and the column does not.
    """
    said = {
        "pack_hash": then.pack_hash,
        "on_date": then.on.isoformat(),
        "triage": then.triage.value,
        "triage_rank": then.triage.rank,
        "unknown_count": then.unknown_count,
    }
    wrong = [name for name, value in said.items() if made.beside[name] != value]
    if not made.beside["needs_dermatologist"] and needs_dermatologist(then, pack.rules_by_id):
        wrong.append("needs_dermatologist")
    return wrong


def _not_again(made: Made, engine: str, fault: str) -> Difference:
    """Return what is said of a screening that cannot be made again, by its columns if need be."""
    then, columns = _or_none(screening_of, made.content), made.beside
    return Difference(
        screening_id=made.id,
        response_id=made.response_id,
        on=then.on if then else _or_none(date.fromisoformat, columns["on_date"]),
        pack=pack_name(
            _text(then.pack_version if then else None),
            _text(then.pack_hash if then else columns["pack_hash"]),
        ),
        engine=engine,
        then=then.triage if then else _or_none(Triage, columns["triage"]),
        now=None,
        fault=fault,
    )


def _text(found: object) -> str:
    """Return what should be a short text; whatever else stands there is shown to nobody."""
    return found if isinstance(found, str) and len(found) <= _LONGEST else "?"


_LONGEST = 64
"""Of a hash, in characters; versions are shorter."""


def _or_none(read: Callable[[str], T], found: object) -> T | None:
    try:
        return read(str(found))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
