"""Passes of other rules over the clinic's cases, which the server carries on with by itself."""

from __future__ import annotations

import logging
from time import monotonic
from typing import TYPE_CHECKING

from intake.actions import passes
from intake.web.looking import Rounds

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from intake.storage import Store

_LOG = logging.getLogger(__name__)

LOOK_EVERY_S = 10
AT_A_TIME_S = 1.0
"""For how long it works before it opens the database anew."""


class PassRounds(Rounds):
    """Carries on with what is under way, and leaves the processor to the desk half of the time."""

    name = "passes"

    def __init__(
        self,
        open_store: Callable[[], Store],
        now: Callable[[], datetime],
        today: Callable[[], date],
    ) -> None:
        super().__init__()
        self._open_store, self._now, self._today = open_store, now, today

    def look(self) -> float:
        """Do a few pieces of what is under way."""
        try:
            store = self._open_store()
            try:
                return self._carry_on(store)
            finally:
                store.close()
        except Exception as error:  # noqa: BLE001 - a thread that dies would fail in silence
            _LOG.error("no pass went on: %s", type(error).__name__)
            return LOOK_EVERY_S

    def _carry_on(self, store: Store) -> float:
        until = monotonic() + AT_A_TIME_S
        while self.goes_on() and monotonic() < until:
            begun = monotonic()
            if not passes.carry_on(
                store, today=self._today(), now=self._now(), goes_on=self.goes_on
            ):
                return LOOK_EVERY_S
            self._stopping.wait(monotonic() - begun)
        return 0
