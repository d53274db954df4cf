"""What the values of each column of the tables are, for files that know types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.exports.tables import ColumnType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_OF = {
    ColumnType.DAY: (
        "birth_date",
        "screened_on",
        "earliest_safe_date",
        "deferred_until",
        "until",
        "treated_on",
        "next_from",
    ),
    ColumnType.INSTANT: ("begun_at", "submitted_at", "decided_at", "answered_at"),
    ColumnType.COUNT: ("unknown_answers", "number"),
    ColumnType.NUMBER: ("deepest_mm",),
    ColumnType.TRUTH: (
        "set_aside",
        "help_wanted",
        "only_vague_dates",
        "could_not_be_judged",
        "private",
    ),
}
_TYPES = {column: of for of, columns in _OF.items() for column in columns}


def typed(columns: Iterable[str]) -> Mapping[str, ColumnType]:
    """Return the type of each column, in order; what is nothing else is text."""
    return {column: _TYPES.get(column, ColumnType.TEXT) for column in columns}
