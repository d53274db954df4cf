"""What forms tell of their patients to whoever knows them a little; read before a table without
names is made.
"""  # noqa: D205 - one sentence

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from intake.storage.encoding import from_json, moment, moment_or_none
from intake.storage.listing import FEW

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from intake.core.answers import Raw
    from intake.storage.store import Store


@dataclass(frozen=True, slots=True)
class Told:
    """One form, without its answers."""

    response_id: str
    patient_id: str
    birth_date: date
    begun_at: datetime
    sent_at: datetime | None
    language: str
    site: str
    pack_hash: str


def told(store: Store, response_ids: Sequence[str]) -> Iterator[Told]:
    """Yield what some forms tell, in any order."""
    for few in _bites(response_ids):
        for row in store.rows(
            "SELECT r.id, r.patient_id, p.birth_date, r.begun_at, r.submitted_at, r.language,"  # noqa: S608
            " r.pack_hash, x.name AS site FROM responses r JOIN patients p ON p.id = r.patient_id"
            f" JOIN sites x ON x.id = r.site WHERE r.id IN ({_marks(few)})",
            few,
        ):
            yield Told(
                response_id=row["id"],
                patient_id=row["patient_id"],
                birth_date=date.fromisoformat(row["birth_date"]),
                begun_at=moment(row["begun_at"]),
                sent_at=moment_or_none(row["submitted_at"]),
                language=row["language"],
                site=row["site"],
                pack_hash=row["pack_hash"],
            )


def answers_to(
    store: Store, response_ids: Sequence[str], link_ids: Collection[str]
) -> Iterator[tuple[str, str, Raw]]:
    """Yield the answers to some questions: form, question, and the value as it is kept."""
    asked = sorted(link_ids)
    for few in _bites(response_ids) if asked else ():
        for row in store.rows(
            "SELECT response_id, link_id, value FROM answers"  # noqa: S608 - marks alone
            f" WHERE response_id IN ({_marks(few)}) AND link_id IN ({_marks(asked)})",
            [*few, *asked],
        ):
            yield row["response_id"], row["link_id"], from_json(row["value"])


def _bites(response_ids: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(response_ids), FEW):
        yield list(response_ids[start : start + FEW])


def _marks(values: Collection[str]) -> str:
    return ", ".join("?" for _ in values)
