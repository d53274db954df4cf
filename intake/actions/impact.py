"""What another pack would make of this clinic's patients, before it is put in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from intake.actions.packs_in_memory import PacksInMemory
from intake.actions.rule_packs import kept_pack
from intake.core.errors import IntakeError, NotFoundError, PackError
from intake.core.impact import Impact, group_of, not_compared, outcome, under_other_names
from intake.core.reading import case_for
from intake.core.review import status_of
from intake.core.telling import screen_told
from intake.packs import hash_of, load_texts
from intake.storage import listing
from intake.storage.cases import screenings_of_each
from intake.storage.listing import Selection
from intake.storage.responses import each_as_read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from intake.core.impact import Group, Outcome
    from intake.core.records import Response, StoredScreening
    from intake.core.rules import RulePack
    from intake.storage import Store

PACKS_IN_MEMORY = 8

FEW = 200
"""How many cases are looked at at a time."""

CASES = Selection()


def pieces(store: Store, most: int | None = None) -> Iterator[tuple[str, ...]]:
    """Yield the ids of all cases, a few at a time, or of *most* of them.

    Ids are drawn by lot, so the first ones by their order are a sample of all.
    """
    behind, left = "", listing.count(store) if most is None else most
    while left > 0 and (found := listing.ids_behind(store, CASES, behind, min(FEW, left))):
        yield tuple(found)
        behind = found[-1]
        left -= len(found)


def number_of_cases(store: Store) -> int:
    """Return how many cases there are, whatever became of them."""
    return listing.count(store)


class Looked(NamedTuple):
    """What came of a few cases.

    Attributes:
        cases: How many there were.
        unscreened: How many of those whom other rules concern were sent and never screened.
        found: What becomes of the others.
    """

    cases: int
    unscreened: int
    found: tuple[Outcome, ...]


class Assessor:
    """Screens cases again with another pack.

    Args:
        store: Where the cases are.
        today: The clinic's local date, which says what is deferred still.
        pack_hash: Of the other pack, with what the clinic chose.
        read: Reads it, with what the clinic had decided for a day.
        packs: Those that were read before.
    """

    def __init__(
        self,
        store: Store,
        today: date,
        pack_hash: str,
        read: Callable[[date], RulePack],
        packs: PacksInMemory,
    ) -> None:
        self._store = store
        self._today = today
        self._hash = pack_hash
        self._read = read
        self._packs = packs

    @classmethod
    def of_files(cls, files: Mapping[str, str], today: date, store: Store) -> Assessor:
        """Make one of the files of a pack that is not kept."""
        packs = PacksInMemory(PACKS_IN_MEMORY)
        return cls(store, today, hash_of(files), lambda day: load_texts(files, day), packs)

    def __call__(self, ids: Sequence[str]) -> Looked:
        """Look at a few cases."""
        with self._store.reading():
            cases = listing.listed_by_id(self._store, ids)
            groups = {
                case.response_id: group
                for case in cases
                if (group := group_of(status_of(case.facts, self._today), case.facts.disposition))
            }
            screenings = screenings_of_each(self._store, list(groups))
            forms = each_as_read(self._store, list(groups))
        screened = [id_ for id_ in groups if screenings[id_]]
        found = (self._outcome(forms[i][0], groups[i], screenings[i][-1]) for i in screened)
        return Looked(len(cases), len(groups) - len(screened), tuple(found))

    def _outcome(self, form: Response, group: Group, stored: StoredScreening) -> Outcome:
        try:
            return self._compared(form, group, stored)
        except IntakeError:
            raise
        except Exception:  # noqa: BLE001 - a fault of ours in one case, which must be looked at
            return not_compared(form.id, group, stored.screening)

    def _compared(self, form: Response, group: Group, stored: StoredScreening) -> Outcome:
        then = stored.screening
        pack, begun = self._pack_on(then.on), self._begun_with(form.pack_hash, then.on)
        asked = begun.items if begun else pack.items
        answers = case_for(pack, under_other_names(form, asked, pack), then.on).answers
        now = screen_told(pack, answers, stored.told, then.on)
        return outcome(form.id, group, then, now, (begun, pack))

    def _pack_on(self, day: date) -> RulePack:
        return self._packs.of(self._hash, day, lambda: self._read(day))

    def _begun_with(self, hash_: str, day: date) -> RulePack | None:
        """Return the pack a form was begun with; None where it cannot be read any more."""
        try:
            return self._packs.of(hash_, day, lambda: kept_pack(self._store, hash_, day))
        except (PackError, NotFoundError):
            return None


def assess(
    over: Callable[[Iterable[tuple[str, ...]]], Iterable[Looked]],
    cases: Iterable[tuple[str, ...]],
    impact: Impact,
    told: Callable[[int], None],
) -> Iterator[Outcome]:
    """Count what another pack makes of cases; yield those to which a rule does something else.

    Args:
        over: Looks at some cases, and gives back what came of them in their order.
        cases: Their ids, a few at a time.
        impact: Takes the counts, of those that are yielded as well as of the others.
        told: Is told, whenever that changed, how many were looked at.
    """
    done = 0
    for looked in over(cases):
        impact.add(looked.found, looked.unscreened)
        yield from (one for one in looked.found if one.moved)
        done += looked.cases
        told(done)
