"""Which cases a release takes out: their ids alone, so that one may hold as many as there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.storage.cases import _IDS, _ORDER, _where

if TYPE_CHECKING:
    from intake.storage.cases import Selection
    from intake.storage.database import Store


def ids_of(store: Store, selection: Selection) -> list[str]:
    """Return the ids of the cases of a selection in the order of the queue."""
    where, parameters = _where(selection)
    return [row["id"] for row in store.rows(_IDS + where + _ORDER, parameters)]
