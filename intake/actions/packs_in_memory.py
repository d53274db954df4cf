"""Packs that were read, kept in memory: reading one takes a third of a second."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from intake.core.rules import RulePack


class PacksInMemory:
    """The packs that were asked for last, each once for every state of the clinic's decisions.

    A pack never changes once it was made, so threads may share it.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._packs: list[RulePack] = []
        self._reading = Lock()

    def of(self, hash_: str, on: date, read: Callable[[], RulePack]) -> RulePack:
        """Return a pack with what the clinic had decided for a day.

        One that is not in memory is read by whoever needs it first, and the others wait: read by
        everybody at once it would take all of them many times as long.
        """
        if pack := self._in_memory(hash_, on):
            return pack
        with self._reading:
            pack = self._in_memory(hash_, on)
            if pack is None:
                pack = read()
                self._packs = [pack, *self._packs[: self._most - 1]]
        return pack

    def _in_memory(self, hash_: str, on: date) -> RulePack | None:
        return next((p for p in self._packs if p.hash == hash_ and p.holds_on(on)), None)
