"""What another pack would make of this clinic's patients, before it is put in force."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from intake.actions.packs_in_memory import PacksInMemory
from intake.actions.rule_packs import kept_pack
from intake.core.errors import IntakeError, NotFoundError, PackError
from intake.core.impact import Impact, Outcome, group_of, not_compared, outcome, under_other_names
from intake.core.narrowing import Narrowed, differing
from intake.core.reading import case_for
from intake.core.review import status_of
from intake.core.rules import Triage
from intake.core.screening import ENGINE_VERSION
from intake.core.telling import screen_told
from intake.packs import hash_of, load_texts
from intake.storage import listing, replaying
from intake.storage.cases import screenings_of_each
from intake.storage.encoding import from_json, screening_of, told_of
from intake.storage.listing import Selection
from intake.storage.replaying import Span, answers_of_each
from intake.storage.responses import each_as_read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from intake.core.impact import Group
    from intake.core.records import Response, StoredScreening
    from intake.core.rules import RulePack
    from intake.core.screening import Finding
    from intake.storage import Store
    from intake.storage.contract import Connection
    from intake.storage.listing import Last

PACKS_IN_MEMORY = 8

FEW = 200
"""How many cases are looked at at a time."""

CASES = Selection()


def pieces(store: Store, most: int | None = None) -> Iterator[tuple[str, ...]]:
    """Yield the ids of all cases, a few at a time, or of *most* of them.

    Ids are drawn by lot, so the first ones by their order are a sample of all. All are yielded in
    the order in which they were screened: so they lie beside each other, and those of a million
    cases do not fit into memory.
    """
    if most is None:
        yield from _every_one(store)
        return
    behind = ""
    while most > 0 and (found := listing.ids_behind(store, CASES, behind, min(FEW, most))):
        yield tuple(found)
        behind = found[-1]
        most -= len(found)


def _every_one(store: Store) -> Iterator[tuple[str, ...]]:
    """Yield all cases that are there now, those first that were screened."""
    upto, reached, behind = replaying.newest(store), 0, ""
    while screened := replaying.newest_in(store, Span(reached, upto), FEW):
        yield tuple(response_id for _, response_id in screened)
        reached, _ = screened[-1]
    while others := replaying.not_screened(store, upto, behind, FEW):
        yield tuple(others)
        behind = others[-1]


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

    @property
    def others(self) -> int:
        """How many are no concern of other rules: being filled, withdrawn or replaced."""
        return self.cases - self.unscreened - len(self.found)


class _Differing(NamedTuple):
    """Two packs, and the rules in which they differ; None where they differ in more."""

    begun: RulePack
    pack: RulePack
    rules: Narrowed | None


class _Kept(NamedTuple):
    """What a case says of itself before it is read.

    Attributes:
        can_be_narrowed: Its rules alone made its screening, of its form alone, as they would now.
        found_by: The rules that found something.
        content: The screening, as JSON.
    """

    id: str
    on: date
    triage: Triage
    pack_hash: str
    plan: str
    can_be_narrowed: bool
    found_by: frozenset[str]
    content: str


def _kept(case: Last) -> _Kept:
    text = case.content or ""
    content = from_json(text)
    return _Kept(
        id=case.response_id,
        on=date.fromisoformat(content["on"]),
        triage=Triage(content["triage"]),
        pack_hash=case.pack_hash,
        plan=case.plan,
        can_be_narrowed=(
            content["pack_hash"] == case.pack_hash
            and content["engine_version"] == ENGINE_VERSION
            and not told_of(case.told or "")
        ),
        found_by=frozenset(finding["rule_id"] for finding in content["findings"]),
        content=text,
    )


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
        self._differing: list[_Differing] = []

    @classmethod
    def of_files(cls, files: Mapping[str, str], today: date, store: Store) -> Assessor:
        """Make one of the files of a pack that is not kept."""
        packs = PacksInMemory(PACKS_IN_MEMORY)
        return cls(store, today, hash_of(files), lambda day: load_texts(files, day), packs)

    def __call__(self, ids: Sequence[str]) -> Looked:
        """Look at a few cases."""
        with self._store.reading() as db:
            cases = listing.last_of_each(self._store, ids)
            groups = {
                case.response_id: group
                for case in cases
                if (group := group_of(status_of(case.facts, self._today), case.facts.disposition))
            }
            concerned = [case for case in cases if case.response_id in groups]
            screened = [case for case in concerned if case.content is not None]
            told = self._narrowly(db, screened, groups)
            others = [case.response_id for case in screened if case.response_id not in told]
            screenings = screenings_of_each(self._store, others)
            forms = each_as_read(self._store, others)
        told |= {i: self._outcome(forms[i][0], groups[i], screenings[i][-1]) for i in others}
        found = tuple(told[case.response_id] for case in screened)
        return Looked(len(cases), len(concerned) - len(screened), found)

    def _narrowly(
        self, db: Connection, cases: Iterable[Last], groups: Mapping[str, Group]
    ) -> dict[str, Outcome]:
        """Return what becomes of those of whom the rules in which the packs differ tell alone.

        Most cases are of these, and nothing but a few of their answers is read to know it.
        """
        alike: dict[Narrowed, list[_Kept]] = {}
        for case in cases:
            with suppress(Exception):  # a fault of ours is said where all of it is compared
                kept = _kept(case)
                rules = self._narrowed(kept)
                if rules is not None:
                    alike.setdefault(rules, []).append(kept)
        told: dict[str, Outcome] = {}
        for rules, few in alike.items():
            answers = answers_of_each(db, [kept.id for kept in few], rules.questions)
            for kept in few:
                with suppress(Exception):  # likewise
                    found = rules.find(kept.plan, answers[kept.id], kept.on)
                    told[kept.id] = self._by(rules, found, kept, groups[kept.id])
        return told

    def _by(self, rules: Narrowed, found: Sequence[Finding], kept: _Kept, group: Group) -> Outcome:
        """Return what becomes of a case in which some rules find something, and no other moves."""
        if not found and not kept.found_by & rules.rule_ids:
            return Outcome(kept.id, group, kept.on, kept.triage, kept.triage)
        then = screening_of(kept.content)
        packs = self._begun_with(kept.pack_hash, kept.on), self._pack_on(kept.on)
        return outcome(kept.id, group, then, rules.put_beside(then, found), packs)

    def _narrowed(self, kept: _Kept) -> Narrowed | None:
        """Return the rules in which the packs differ; None where everything has to be compared."""
        if not kept.can_be_narrowed:
            return None
        pack, begun = self._pack_on(kept.on), self._begun_with(kept.pack_hash, kept.on)
        if begun is None:
            return None
        known = next((d for d in self._differing if d.begun is begun and d.pack is pack), None)
        if known is None:
            rules = differing(begun, pack)
            known = _Differing(begun, pack, None if rules is None else Narrowed(pack, rules))
            self._differing = [known, *self._differing[: PACKS_IN_MEMORY - 1]]
        return known.rules

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
        impact.add(looked.found, looked.unscreened, looked.others)
        yield from (one for one in looked.found if one.moved)
        done += looked.cases
        told(done)
