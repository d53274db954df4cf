"""Backups that the server makes by itself: when one is due, and once more as it stops."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.actions import backups
from intake.actions.backups import Plan
from intake.actions.permission import SERVER
from intake.actions.trail_check import keep_head_of
from intake.core.errors import IntakeError
from intake.web.looking import Rounds

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from intake.settings import Settings
    from intake.storage import Store

_LOG = logging.getLogger(__name__)

LOOK_EVERY_S = 60
AFTER_TROUBLE_S = 300


@dataclass(frozen=True, slots=True)
class Trouble:
    """A backup that could not be made.

    Attributes:
        at: When that was found.
        words: Why, for administrators.
    """

    at: datetime
    words: str


class BackupRounds(Rounds):
    """Looks every minute whether a backup is due; what goes wrong is kept to be shown.

    Attributes:
        trouble: Why the last one that was due could not be made; None when it was.
    """

    name = "backups"

    def __init__(
        self, settings: Settings, open_store: Callable[[], Store], now: Callable[[], datetime]
    ) -> None:
        super().__init__()
        self.plan = Plan(settings.backup_hours, settings.backup_keep, settings.backup_days)
        self.trouble: Trouble | None = None
        self._folder, self._heads = settings.backup_folder, settings.heads
        self._open_store, self._now = open_store, now

    def start(self) -> None:
        """Begin to look, unless the clinic chose to make its backups otherwise."""
        if self.plan.hours:
            super().start()

    def stop(self) -> None:
        """Let a backup that is being made end, and make the last one if anything changed."""
        if self.are_made:
            super().stop()
            self.look(is_last=True)

    def look(self, *, is_last: bool = False) -> float:
        """Make a backup if one is due; nothing that goes wrong goes further than to be shown."""
        now = self._now()
        try:
            store = self._open_store()
            try:
                self._make(store, now, is_last=is_last)
            finally:
                store.close()
        except Exception as error:  # noqa: BLE001 - a thread that dies would fail in silence
            words = str(error) if isinstance(error, IntakeError | OSError) else type(error).__name__
            self.trouble = Trouble(now, words)
            _LOG.error("no backup was made: %s", words)
        return AFTER_TROUBLE_S if self.trouble else LOOK_EVERY_S

    def _make(self, store: Store, now: datetime, *, is_last: bool) -> None:
        try:
            made = backups.make_due(
                store, self._folder, self.plan, by=SERVER, now=now, is_last=is_last
            )
        except Exception:
            if self.trouble is None:
                backups.write_failure_down(store, by=SERVER, now=now)
            raise
        self.trouble = None
        if made is not None:
            keep_head_of(store, self._heads, now=now, occasion="backup")
