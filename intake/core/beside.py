"""What was worked out of a value that never changes, kept beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Worked = TypeVar("Worked")


class Beside:
    """Keeps what was worked out of a frozen value: no part of it, and gone with it."""

    __slots__ = ("_worked_out",)

    _worked_out: dict[object, Any]

    def worked_out(self, key: object, make: Callable[[], Worked]) -> Worked:
        """Return what *make* gave when it was first asked for under *key*.

        Whoever asks gets the same value, which nobody may change.
        """
        if not hasattr(self, "_worked_out"):
            object.__setattr__(self, "_worked_out", {})
        if key not in self._worked_out:
            self._worked_out[key] = make()
        found: Worked = self._worked_out[key]
        return found
