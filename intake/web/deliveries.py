"""Events that the server sends by itself to other systems that asked to be told."""

from __future__ import annotations

import logging
from threading import Event, Thread
from typing import TYPE_CHECKING

from intake.actions import webhooks

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from intake.storage import Store

_LOG = logging.getLogger(__name__)

LOOK_EVERY_S = 5


class DeliveryRounds:
    """Looks every few seconds for what is to be sent; where nothing may be sent it never begins."""

    def __init__(
        self, hosts: Collection[str], open_store: Callable[[], Store], now: Callable[[], datetime]
    ) -> None:
        self._hosts, self._open_store, self._now = hosts, open_store, now
        self._stopping = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin to look, if there are computers that events may go to."""
        if self._hosts and self._thread is None:
            self._thread = Thread(target=self._go_round, name="deliveries", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Let the one event that is being sent end; the rest is sent after the next start."""
        if self._thread is None:
            return
        self._stopping.set()
        self._thread.join()
        self._thread = None

    def look(self) -> None:
        """Send what is due; what goes wrong is tried again with the next look."""
        try:
            store = self._open_store()
            try:
                webhooks.tell(store, hosts=self._hosts, now=self._now, goes_on=self._goes_on)
            finally:
                store.close()
        except Exception as error:  # noqa: BLE001 - a thread that dies would fail in silence
            _LOG.error("no events were sent: %s", type(error).__name__)

    def _goes_on(self) -> bool:
        return not self._stopping.is_set()

    def _go_round(self) -> None:
        while self._goes_on():
            self.look()
            self._stopping.wait(LOOK_EVERY_S)
