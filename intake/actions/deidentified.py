"""Releasing tables without names: who is in them, what may be shown of them, and their rows.

Forms are gone through three times, a few at a time: for what each tells of its patient, to count
the patients who gave each value, and to write. Counts stay in memory, rows do not.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.actions.bare_rows import A_ROW, BareRow, Form, columns_of, in_bare_order, rows_of
from intake.actions.export import OF_SHAPE, Asked, audited
from intake.actions.export_sqlite import FORM as SQLITE
from intake.actions.export_types import typed
from intake.actions.rule_packs import kept_pack
from intake.core.answers import read_stored
from intake.core.bare_answers import Dates, Days, bare, is_trait
from intake.core.dates import shift_months
from intake.core.disclosure import LEAST, NOTHING, OLDEST, Profile, Tally, Visit, steps_for
from intake.core.display import age
from intake.core.errors import AnswerError
from intake.core.pseudonyms import Pseudonyms
from intake.exports.parquet import FORM as PARQUET
from intake.exports.tables import Table
from intake.storage import listing, profiles

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from intake.actions.export import Row
    from intake.core.rules import RulePack
    from intake.exports.tables import ColumnType
    from intake.storage import Store
    from intake.storage.listing import Listed
    from intake.storage.profiles import Told


_MONTHS_AHEAD = 24
"""How far behind today days are told at most: to which somebody is deferred, or comes again."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How names are taken out.

    Attributes:
        dates: What becomes of dates.
        least: Patients that a value or a combination must have to be shown.
        zone: The clinic's time zone, in which instants are days; None for the computer's.
    """

    dates: Dates
    least: int = LEAST
    zone: ZoneInfo | None = None


class Deidentified:
    """One export without names: its secret lives as long as this does, and is kept nowhere.

    Only forms that were sent are in it: nobody signed the others.

    Args:
        store: Where the records are.
        asked: Who asks for which cases.
        manner: How names are taken out.
        today: The clinic's local date, for the status.

    Raises:
        AnswerError: there are patients, but too few for anything to be shown of them.
    """

    def __init__(self, store: Store, asked: Asked, manner: Manner, today: date) -> None:
        self._store, self._asked, self._manner, self._today = store, asked, manner, today
        self._pseudonyms = Pseudonyms(store.new_token().encode())
        self._latest_on = shift_months(today, _MONTHS_AHEAD)
        self._packs: dict[str, RulePack] = {}
        told = [one for one in profiles.told(store, asked.ids(store)) if one.sent_at]
        self._profiles = self._profiles_of(told)
        if 0 < len(self._profiles) < manner.least:
            msg = (
                f"These cases are of fewer than {manner.least} patients, so that nothing could be"
                " shown without pointing at them. Choose more days, or every site."
            )
            raise AnswerError(msg)
        self._steps = steps_for(self._profiles, manner.least)
        self._ids = [one.response_id for one in sorted(told, key=self._by_lot)]

    def table(self, shape: str, form: str) -> Table:
        """Return a table; that it is released is audited first, and each case before its rows."""
        manner = self._manner
        self._asked.note(
            self._store,
            shape,
            form,
            len(self._ids),
            deidentified=True,
            dates=manner.dates.value,
            least=manner.least,
        )
        columns = columns_of(shape, manner.dates, typed(OF_SHAPE[shape][0]))
        return Table(columns, self._rows(shape, columns, is_typed=form in (PARQUET, SQLITE)))

    def tables(self, shapes: Sequence[str], form: str) -> Iterator[tuple[str, Table]]:
        """Yield each shape with its table."""
        for shape in shapes:
            yield shape, self.table(shape, form)

    def _rows(
        self, shape: str, columns: Mapping[str, ColumnType], *, is_typed: bool
    ) -> Iterator[Row]:
        made = OF_SHAPE[shape][1](self._store, self._today)
        shown = self._shown(shape)
        ids = self._ids if A_ROW in shown else []

        def rows_of(listed: Listed) -> tuple[list[Row], bool]:
            rows, has_private = made(listed)
            form = self._form(listed)
            bare_rows = (BareRow(shape, form, row) for row in in_bare_order(shape, rows))
            return [
                one.written(shown, columns, is_typed=is_typed)
                for one in bare_rows
                if one.is_told and one.is_there(shown)
            ], has_private

        yield from audited(self._store, ids, rows_of, shape, self._asked)

    def _shown(self, shape: str) -> frozenset[tuple[Hashable, Hashable]]:
        """Go through the forms and return what enough patients have, column by column."""
        tally, made = Tally(self._manner.least), OF_SHAPE[shape][1](self._store, self._today)
        lists: set[Hashable] = set()
        for start in range(0, len(self._ids), listing.FEW):
            few = self._ids[start : start + listing.FEW]
            for listed in listing.listed_by_id(self._store, few):
                form, patient = self._form(listed), listed.patient.id
                for row in made(listed)[0]:
                    bare_row = BareRow(shape, form, row)
                    for column, value in bare_row.counted():
                        tally.add(column, value, patient)
                    lists |= {part.column for part in bare_row.counted_parts if part.is_list}
        return tally.shown({rows_of(shape): len(self._profiles)}, lists)

    def _form(self, listed: Listed) -> Form:
        patient = listed.patient.id
        step = self._steps.get(patient, NOTHING)
        profile = self._profiles.get(patient)
        return Form(
            patient_id=patient,
            age=profile.age if profile else None,
            step=step,
            days=self._days(patient, listed.begun_at),
            zone=self._manner.zone,
            plan=listed.plan,
            pack=self._pack(listed.pack_hash),
        )

    def _days(self, patient_id: str, begun_at: datetime) -> Days:
        begun_on = begun_at.astimezone(self._manner.zone).date()
        return Days(self._manner.dates, self._pseudonyms, patient_id, begun_on, self._latest_on)

    def _pack(self, hash_: str) -> RulePack:
        if hash_ not in self._packs:
            self._packs[hash_] = kept_pack(self._store, hash_, self._today)
        return self._packs[hash_]

    def _by_lot(self, one: Told) -> tuple[str, str]:
        """Order forms so that their places say nothing; those of a patient stay together."""
        of = self._pseudonyms.of
        return of("order", one.patient_id), of("order", one.response_id)

    def _profiles_of(self, told: Sequence[Told]) -> dict[str, Profile]:
        """Return what all forms of each patient tell."""
        traits = self._traits(told)
        forms: dict[str, list[Told]] = defaultdict(list)
        for one in told:
            forms[one.patient_id].append(one)
        return {
            patient: Profile(
                age=self._age_of(theirs),
                visits=frozenset(self._visit(one, traits[one.response_id]) for one in theirs),
            )
            for patient, theirs in forms.items()
        }

    def _age_of(self, forms: Sequence[Told]) -> int:
        """Return the age in years when the first form was begun; of the oldest, that they are.

        Who gets as old by the last day that is told is one of them from the first: the years
        between would tell.
        """
        if any(age(one.birth_date, self._latest_on) >= OLDEST for one in forms):
            return OLDEST
        begun = (self._days(one.patient_id, one.begun_at).begun_on for one in forms)
        return max(0, age(forms[0].birth_date, min(begun)))

    def _visit(self, one: Told, traits: Mapping[str, Hashable]) -> Visit:
        days = self._days(one.patient_id, one.begun_at)
        ends = [at.astimezone(self._manner.zone).year for at in (one.begun_at, one.sent_at) if at]
        years = tuple(dict.fromkeys(ends)) if days.dates is Dates.YEAR else None
        return Visit(one.site, one.language, years, frozenset(traits.items()))

    def _traits(self, told: Sequence[Told]) -> dict[str, dict[str, Hashable]]:
        """Return by form what was answered to questions that are asked once in a life."""
        packs = {one.response_id: self._pack(one.pack_hash) for one in told}
        days = {one.response_id: self._days(one.patient_id, one.begun_at) for one in told}
        asked = {k for pack in self._packs.values() for k, i in pack.items.items() if is_trait(i)}
        found: dict[str, dict[str, Hashable]] = defaultdict(dict)
        for response_id, link_id, value in profiles.answers_to(self._store, list(packs), asked):
            pack = packs[response_id]
            item = pack.items.get(link_id)
            if item is None or not is_trait(item):
                continue  # another pack asks it so
            said = read_stored(item, value, self._today)
            left = bare(item, said, pack.vocabulary, days[response_id])
            found[response_id][item.stable_name] = left.values if left else ()
        return found
