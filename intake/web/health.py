"""How often the clinic is looked at for those who ask how it is."""

from __future__ import annotations

import math
from collections import deque
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_A_SECOND = 5


class Health:
    """What is wrong with a clinic, by one look at a time and a few in a second.

    A look takes the lock that everything takes which is saved, and anybody may ask for one.
    """

    def __init__(self) -> None:
        self._turn = Lock()
        self._begun: deque[float] = deque(maxlen=MOST_A_SECOND)
        self._ended = -math.inf
        self._found: list[str] = []

    def problems(self, look: Callable[[], list[str]]) -> list[str]:
        """Look, or tell what was found while one waited, or within the last second."""
        asked = monotonic()
        with self._turn:
            if self._ended < asked and self._may_look():
                begun = monotonic()
                self._found = look()
                self._begun.append(begun)
                self._ended = monotonic()
            return self._found

    def _may_look(self) -> bool:
        return len(self._begun) < MOST_A_SECOND or monotonic() - self._begun[0] > 1
