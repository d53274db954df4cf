"""What every request may ask of the clinic: its rules, its clock, its name."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, cast

from flask import current_app, g

from intake.actions import rule_packs
from intake.actions.packs_in_memory import PacksInMemory
from intake.core.errors import PackError, StorageError
from intake.core.translations import in_language
from intake.storage import open_store
from intake.web.deliveries import DeliveryRounds
from intake.web.health import Health
from intake.web.languages import offered_languages
from intake.web.pass_rounds import PassRounds
from intake.web.rounds import BackupRounds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from intake.core.rules import RulePack
    from intake.settings import Settings
    from intake.storage import Store
    from intake.storage.keys import Keys

PACKS_IN_MEMORY = 8

HERE = ("127.0.0.1", "localhost", "[::1]")
"""Names of the computer itself, which lead nobody elsewhere."""


class Clinic:
    """The clinic an application serves.

    A pack never changes once kept, so those in use stay in memory, once for each state of the
    clinic's own decisions; which one is in force is asked of the database each time, because
    another process may have put one in force.
    """

    def __init__(self, settings: Settings, keys: Keys, clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self.keys = keys
        self.name = settings.clinic_name
        self._clock = clock
        self.rounds = BackupRounds(settings, self.open, self.now)
        self.deliveries = DeliveryRounds(settings.webhook_hosts, self.open, self.now)
        self.passes = PassRounds(self.open, self.now, self.today)
        self.health = Health()
        self.packs = PacksInMemory(PACKS_IN_MEMORY)
        self._said: dict[tuple[str, date | None, str], RulePack] = {}
        self._languages: dict[str, Mapping[str, str]] = {}

    def open(self) -> Store:
        """Open the clinic's database."""
        return open_store(self.settings.place, self.keys)

    @property
    def pack(self) -> RulePack:
        """The pack in force.

        Raises:
            StorageError: the clinic has none.
        """
        hash_ = rule_packs.hash_in_force(current_store())
        if hash_ is None:
            msg = "No rule pack is in force. Run 'intake rules activate'."
            raise StorageError(msg)
        return self.pack_of(hash_)

    @property
    def readable_pack(self) -> RulePack | None:
        """The pack in force; None while it cannot be read."""
        try:
            return self.pack
        except (PackError, StorageError):
            return None

    def pack_of(self, hash_: str, on: date | None = None) -> RulePack:
        """Return a kept pack with what the clinic had decided for the day *on*, or for today."""
        day = on or self.today()
        store = current_store()
        return self.packs.of(hash_, day, lambda: rule_packs.kept_pack(store, hash_, day))

    def said_in(self, pack: RulePack, language: str) -> RulePack:
        """Return a pack with what patients read said in a language."""
        key = (pack.hash, pack.on, language)
        if key not in self._said:
            kept = list(self._said.items())[-(PACKS_IN_MEMORY - 1) :]
            self._said = {**dict(kept), key: in_language(pack, language)}
        return self._said[key]

    def languages(self, pack: RulePack) -> Mapping[str, str]:
        """Return the languages a patient may choose for a pack, as their speakers call them."""
        if pack.hash not in self._languages:
            self._languages = {**self._languages, pack.hash: offered_languages(pack)}
        return self._languages[pack.hash]

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return self._clock().astimezone(UTC)

    def today(self) -> date:
        """Return the clinic's local date."""
        return self._clock().astimezone(self.settings.timezone).date()


def current_clinic() -> Clinic:
    """Return the clinic of the present request."""
    return cast("Clinic", current_app.extensions["intake"])


def current_store() -> Store:
    """Return the database of the present request, opened when first asked for."""
    if "store" not in g:
        g.store = current_clinic().open()
    return cast("Store", g.store)


def close_store(_error: BaseException | None = None) -> None:
    """Let go of the request's database."""
    store = g.pop("store", None)
    if store is not None:
        store.close()
