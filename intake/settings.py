"""Settings from the environment; read only by the roof and the web factory."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from intake.colours import Colour, is_usable, nearest_usable
from intake.core.errors import IntakeError
from intake.logo import Logo, read_logo
from intake.resources import folder

if TYPE_CHECKING:
    from collections.abc import Mapping

DATABASE_NAME = "clinic.db"
KEY_NAME = "secret.key"
PREFIX = "INTAKE_"
"""How the names of all settings begin."""


class SettingsError(IntakeError):
    """A setting cannot be used; the message says what to write instead."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where this clinic lives and what it is called.

    Attributes:
        data: The folder that holds the database and the signing key (`INTAKE_DATA`).
        rules: The folder of the rule pack a new clinic begins with (`INTAKE_RULES`).
        clinic_name: Shown on every page (`INTAKE_CLINIC_NAME`).
        phone: Printed on what patients take home (`INTAKE_CLINIC_PHONE`); blank for a blank line.
        timezone: The clinic's; decides which day "today" is (`INTAKE_TIMEZONE`, as
            `Europe/Madrid`); None takes the computer's.
        host: The address to serve on (`INTAKE_HOST`).
        port: The port to serve on (`INTAKE_PORT`).
        clinic_file: What the clinic decided for itself about the rules, as clinic.yaml
            (`INTAKE_CLINIC_FILE`); None when nothing.
        idle_minutes: After how long a tablet that nobody touches asks, and then locks itself
            (`INTAKE_IDLE_MINUTES`, 1 to 10).
        one_question: Whether tablets begin with every question on a screen of its own
            (`INTAKE_ONE_QUESTION`, yes or no); patients can change it for themselves.
        logo: Shown on every page in place of the clinic's name (`INTAKE_LOGO`, a file).
        accent: The clinic's colour (`INTAKE_ACCENT`, as `#7a1f5c`); None takes ours.
        backups: The folder of backups (`INTAKE_BACKUPS`); None takes one beside the data folder.
        given: The names of the settings that were given; the others have their defaults.
    """

    data: Path
    rules: Path
    clinic_name: str
    timezone: ZoneInfo | None
    host: str
    port: int
    clinic_file: Path | None = None
    idle_minutes: int = 2
    one_question: bool = False
    logo: Logo | None = None
    accent: Colour | None = None
    phone: str = ""
    backups: Path | None = None
    given: frozenset[str] = frozenset()

    @property
    def backup_folder(self) -> Path:
        """Where backups go; never into the data folder, which may be what is lost."""
        return self.backups or self.data.with_name(f"{self.data.name}-backups")

    @property
    def database(self) -> Path:
        """The clinic's one file."""
        return self.data / DATABASE_NAME


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Raises:
        SettingsError: one of them cannot be used.
    """
    given = os.environ if environment is None else environment
    return Settings(
        data=Path(given.get("INTAKE_DATA") or "clinic-data"),
        rules=Path(given.get("INTAKE_RULES") or folder("rules") / "microneedling"),
        clinic_file=_file(given.get("INTAKE_CLINIC_FILE", "")),
        clinic_name=given.get("INTAKE_CLINIC_NAME") or "Microneedling clinic",
        timezone=_timezone(given.get("INTAKE_TIMEZONE", "")),
        host=given.get("INTAKE_HOST") or "127.0.0.1",
        port=_port(given.get("INTAKE_PORT") or "8000"),
        idle_minutes=_minutes(given.get("INTAKE_IDLE_MINUTES") or "2"),
        one_question=_yes_or_no("INTAKE_ONE_QUESTION", given.get("INTAKE_ONE_QUESTION") or "no"),
        logo=_logo(given.get("INTAKE_LOGO", "")),
        accent=_accent(given.get("INTAKE_ACCENT", "")),
        phone=" ".join(given.get("INTAKE_CLINIC_PHONE", "").split()),
        backups=Path(given["INTAKE_BACKUPS"]) if given.get("INTAKE_BACKUPS") else None,
        given=frozenset(name for name, value in given.items() if value and name.startswith(PREFIX)),
    )


def _file(name: str) -> Path | None:
    if not name:
        return None
    if not Path(name).is_file():
        msg = f"INTAKE_CLINIC_FILE is '{name}'; there is no such file."
        raise SettingsError(msg)
    return Path(name)


def _timezone(name: str) -> ZoneInfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        msg = f"INTAKE_TIMEZONE is '{name}'; write a zone such as Europe/Madrid."
        raise SettingsError(msg) from error


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 0 < int(text) < 65536:  # noqa: PLR2004 - TCP ports
        msg = f"INTAKE_PORT is '{text}'; write a number from 1 to 65535."
        raise SettingsError(msg)
    return int(text)


def _minutes(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= 10:  # noqa: PLR2004
        msg = f"INTAKE_IDLE_MINUTES is '{text}'; write a number from 1 to 10."
        raise SettingsError(msg)
    return int(text)


def _yes_or_no(name: str, text: str) -> bool:
    if text not in ("yes", "no"):
        msg = f"{name} is '{text}'; write yes or no."
        raise SettingsError(msg)
    return text == "yes"


def _logo(name: str) -> Logo | None:
    if not name:
        return None
    try:
        return read_logo(Path(name))
    except ValueError as error:
        msg = f"INTAKE_LOGO is '{name}': {error}."
        raise SettingsError(msg) from error


def _accent(text: str) -> Colour | None:
    if not text:
        return None
    try:
        colour = Colour.read(text)
    except ValueError as error:
        msg = f"INTAKE_ACCENT: {error}."
        raise SettingsError(msg) from error
    if not is_usable(colour):
        msg = (
            f"INTAKE_ACCENT is {colour}, which is too light to read words in. Write"
            f" {nearest_usable(colour)}, the nearest of its hue that can be read, or a darker one."
        )
        raise SettingsError(msg)
    return colour


def signing_key(data: Path) -> str:
    """Return the key that signs form tokens, made once and readable by its owner alone."""
    path = data / KEY_NAME
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return path.read_text(encoding="ascii").strip()
