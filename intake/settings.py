"""Settings from the environment; read only by the roof and the web factory."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from ipaddress import IPv6Address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from intake.colours import Colour, is_usable, nearest_usable
from intake.core.errors import IntakeError
from intake.logo import Logo, read_logo
from intake.protection import Allowed
from intake.resources import folder
from intake.storage.opening import Server

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.storage.opening import Place

DATABASE_NAME = "clinic.db"
HEADS_NAME = "heads.log"
PREFIX = "INTAKE_"
"""How the names of all settings begin."""


_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"{_LABEL}(\.{_LABEL})*"
_LONGEST_HOST = 253
"""Of a name in the domain name system, and of each of its labels 63. Source: RFC 1035."""


class SettingsError(IntakeError):
    """A setting cannot be used; the message says what to write instead."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where this clinic lives and what it is called.

    Attributes:
        data: The folder that holds the database (`INTAKE_DATA`).
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
        second_factor: Whether every account has to have one (`INTAKE_SECOND_FACTOR`, yes or no).
        proxies: How many web servers of the clinic's own stand between browsers and this program
            (`INTAKE_PROXIES`); with 0 what a browser says of its address is not listened to.
        keys: The folder of the keys (`INTAKE_KEYS`); None takes one beside the data folder.
        allow: What may protect less than it should (`INTAKE_ALLOW`, names with commas).
        hosts: The names under which browsers reach the clinic (`INTAKE_HOSTS`); requests for
            another are refused. With none, every name is answered, and none is repeated.
        backups: The folder of backups (`INTAKE_BACKUPS`); None takes one beside the data folder.
        backup_hours: Every how many hours the server makes one (`INTAKE_BACKUP_HOURS`, 0 to 24);
            with 0 it makes none.
        backup_keep: How many of the newest it keeps (`INTAKE_BACKUP_KEEP`, from 1).
        backup_days: Of how many days it keeps one each besides (`INTAKE_BACKUP_DAYS`, from 0).
        webhook_hosts: The computers that events may be sent to (`INTAKE_WEBHOOK_HOSTS`); with none,
            nothing is ever sent.
        server: The database on a PostgreSQL server in which the clinic is kept
            (`INTAKE_DATABASE_URL`); None keeps it in a file in the data folder.
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
    second_factor: bool = True
    proxies: int = 0
    keys: Path | None = None
    allow: frozenset[Allowed] = frozenset()
    backups: Path | None = None
    backup_hours: int = 1
    backup_keep: int = 24
    backup_days: int = 30
    hosts: tuple[str, ...] = ()
    webhook_hosts: tuple[str, ...] = ()
    server: Server | None = None
    given: frozenset[str] = frozenset()

    @property
    def backup_folder(self) -> Path:
        """Where backups go; never into the data folder, which may be what is lost."""
        return self.backups or self._beside("backups")

    @property
    def key_folder(self) -> Path:
        """Where the keys are; never in the data folder, or whoever takes that takes both."""
        return self.keys or self._beside("keys")

    def _beside(self, what: str) -> Path:
        data = self.data if self.data.name else self.data.resolve()
        return data.with_name(f"{data.name}-{what}")

    @property
    def heads(self) -> Path:
        """Where heads of the audit trail are kept: out of reach of whoever writes the database."""
        return self.key_folder / HEADS_NAME

    @property
    def database(self) -> Path:
        """The clinic's one file, where it is not kept on a server."""
        return self.data / DATABASE_NAME

    @property
    def place(self) -> Place:
        """Where the clinic is kept."""
        return self.server or self.database


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
        port=_number(given, "INTAKE_PORT", "8000", 1, 65535),
        idle_minutes=_number(given, "INTAKE_IDLE_MINUTES", "2", 1, 10),
        one_question=_yes_or_no("INTAKE_ONE_QUESTION", given.get("INTAKE_ONE_QUESTION") or "no"),
        logo=_logo(given.get("INTAKE_LOGO", "")),
        accent=_accent(given.get("INTAKE_ACCENT", "")),
        phone=" ".join(given.get("INTAKE_CLINIC_PHONE", "").split()),
        second_factor=_yes_or_no(
            "INTAKE_SECOND_FACTOR", given.get("INTAKE_SECOND_FACTOR") or "yes"
        ),
        proxies=_proxies(given.get("INTAKE_PROXIES") or "0"),
        keys=Path(given["INTAKE_KEYS"]) if given.get("INTAKE_KEYS") else None,
        allow=_allowed(given.get("INTAKE_ALLOW", "")),
        backups=Path(given["INTAKE_BACKUPS"]) if given.get("INTAKE_BACKUPS") else None,
        backup_hours=_number(given, "INTAKE_BACKUP_HOURS", "1", 0, 24),
        backup_keep=_number(given, "INTAKE_BACKUP_KEEP", "24", 1, 10_000),
        backup_days=_number(given, "INTAKE_BACKUP_DAYS", "30", 0, 10_000),
        hosts=_hosts("INTAKE_HOSTS", given.get("INTAKE_HOSTS", "")),
        webhook_hosts=_hosts("INTAKE_WEBHOOK_HOSTS", given.get("INTAKE_WEBHOOK_HOSTS", "")),
        server=_server(given.get("INTAKE_DATABASE_URL", ""), given),
        given=frozenset(name for name, value in given.items() if value and name.startswith(PREFIX)),
    )


def _file(name: str) -> Path | None:
    if not name:
        return None
    if not Path(name).is_file():
        msg = f"INTAKE_CLINIC_FILE is '{name}'; there is no such file."
        raise SettingsError(msg)
    return Path(name)


def _hosts(setting: str, text: str) -> tuple[str, ...]:
    names = tuple(name.strip().lower() for name in text.split(",") if name.strip())
    for name in names:
        if not _is_host(name):
            msg = (
                f"{setting} names '{name}'; write names such as intake.example, with commas"
                " between, without https:// and without a port."
            )
            raise SettingsError(msg)
    return names


def _is_host(name: str) -> bool:
    """Tell whether a browser can call a computer so: by whole labels, or an address in brackets."""
    if name.startswith("[") and name.endswith("]"):
        try:
            return str(IPv6Address(name[1:-1])) == name[1:-1]
        except ValueError:
            return False
    return len(name) <= _LONGEST_HOST and re.fullmatch(_HOST, name) is not None


_PROVEN = ("verify-full", "verify-ca")
"""What makes the driver refuse a server that cannot show that it is the one that is meant."""


_HALF_READ = re.compile(r"%(?![0-9A-Fa-f]{2})|#|\s")
"""What ends an address too soon, or is half of an escape: part of a password, left as it is."""


def _server(url: str, given: Mapping[str, str]) -> Server | None:
    """Read where the clinic is kept; what was given is in no message, for it may hold a password.

    Raises:
        SettingsError: it names no database, or what goes there could be read or changed on the way.
    """
    if not url:
        return None
    _, _, where = url.partition("://")
    if _HALF_READ.search(url) or url.count("@") > 1 or "@" in where.partition("/")[2]:
        msg = (
            "INTAKE_DATABASE_URL cannot be read. Write signs of its password that are neither"
            " letters nor digits as % and two digits (@ is %40), or keep it in ~/.pgpass."
        )
        raise SettingsError(msg)
    try:
        parts = urlsplit(url)
        asked = parse_qs(parts.query, strict_parsing=True) if parts.query else {}
    except ValueError:
        parts, asked = urlsplit(""), {}
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        msg = (
            "INTAKE_DATABASE_URL names no database on a PostgreSQL server; write"
            " postgresql://NAME@COMPUTER/DATABASE?sslmode=verify-full."
        )
        raise SettingsError(msg)
    host = asked.get("host", [parts.netloc.rpartition("@")[2]])[-1] or given.get("PGHOST", "")
    named = [host, *asked.get("hostaddr", []), given.get("PGHOSTADDR", "")]
    is_far = not all(_is_this_computer(one) for names in named for one in names.split(","))
    is_far |= "service" in asked or "PGSERVICE" in given  # a file elsewhere says where it is
    if is_far and asked.get("sslmode", [""])[-1] not in _PROVEN:
        msg = (
            "INTAKE_DATABASE_URL names another computer without sslmode=verify-full: somebody on"
            " the way could read all patients, or answer in its place. Add ?sslmode=verify-full,"
            " and sslrootcert=FILE with the certificate that the server's is signed with."
        )
        raise SettingsError(msg)
    return Server(url)


def _is_this_computer(host: str) -> bool:
    """Tell whether what is sent to a host stays on this computer; blank and paths are sockets."""
    name = host[: host.rindex("]") + 1] if host.startswith("[") else host.partition(":")[0]
    return name in ("", "localhost", "127.0.0.1", "[::1]", "::1") or unquote(name).startswith("/")


def _timezone(name: str) -> ZoneInfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        msg = f"INTAKE_TIMEZONE is '{name}'; write a zone such as Europe/Madrid."
        raise SettingsError(msg) from error


def _number(given: Mapping[str, str], name: str, default: str, least: int, most: int) -> int:
    text = given.get(name) or default
    if not (text.isascii() and text.isdigit()) or not least <= int(text) <= most:
        msg = f"{name} is '{text}'; write a number from {least} to {most}."
        raise SettingsError(msg)
    return int(text)


def _allowed(text: str) -> frozenset[Allowed]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in set(Allowed):
            known = ", ".join(Allowed)
            msg = f"INTAKE_ALLOW names '{name}'; it can allow {known}, with commas between."
            raise SettingsError(msg)
    return frozenset(Allowed(name) for name in names)


def _proxies(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > 5:  # noqa: PLR2004 - nobody has more
        msg = (
            f"INTAKE_PROXIES is '{text}'; write how many web servers stand before this one, 0 to 5."
        )
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
