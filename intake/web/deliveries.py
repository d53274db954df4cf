"""Events that the server sends by itself to other systems that asked to be told."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from intake.actions import webhooks
from intake.web.looking import Rounds

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from intake.storage import Store

_LOG = logging.getLogger(__name__)

LOOK_EVERY_S = 5


class DeliveryRounds(Rounds):
    """Looks every few seconds for what is to be sent; where nothing may be sent it never begins."""

    name = "deliveries"

    def __init__(
        self, hosts: Collection[str], open_store: Callable[[], Store], now: Callable[[], datetime]
    ) -> None:
        super().__init__()
        self._hosts, self._open_store, self._now = hosts, open_store, now

    def start(self) -> None:
        """Begin to look, if there are computers that events may go to."""
        if self._hosts:
            super().start()

    def look(self) -> float:
        """Send what is due; what goes wrong is tried again with the next look."""
        try:
            store = self._open_store()
            try:
                webhooks.tell(store, hosts=self._hosts, now=self._now, goes_on=self.goes_on)
            finally:
                store.close()
        except Exception as error:  # noqa: BLE001 - a thread that dies would fail in silence
            _LOG.error("no events were sent: %s", type(error).__name__)
        return LOOK_EVERY_S
