"""Names that stand for people and records in one export, and how far its dates are moved.

Both come from a secret that is made for one export and kept nowhere, so that nobody can turn them
back afterwards, and two exports have nothing in common.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import date, timedelta

_LETTERS = 20
"""Of a pseudonym, in hexadecimal: 80 bits, so that no two records share one."""

_LEAST_SHIFT = _SHIFTS = 36_525
"""Days in a century: dates are moved on by one to two of them. So wide a range says next to nothing
of the real day, where a few months would give away the first and last days of a clinic; and no date
looks like a real one."""


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """What one secret makes of names.

    Attributes:
        secret: 256 random bits or more.
    """

    secret: bytes = field(repr=False)

    def of(self, kind: str, name: str) -> str:
        """Return what stands for a name; under another kind the same name has another one."""
        return self._digest(kind, name)[:_LETTERS]

    def shifted(self, day: date, patient_id: str) -> date | None:
        """Return a day moved as all days of a patient are; None where the calendar ends before."""
        days = _LEAST_SHIFT + int(self._digest("shift", patient_id), 16) % _SHIFTS
        try:
            return day + timedelta(days=days)
        except OverflowError:
            return None

    def _digest(self, kind: str, name: str) -> str:
        return hmac.digest(self.secret, f"{kind}\0{name}".encode(), "sha256").hex()
