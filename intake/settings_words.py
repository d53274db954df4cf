"""The settings in words, for whoever looks after a clinic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.settings import Settings


@dataclass(frozen=True, slots=True)
class Told:
    """One setting.

    Attributes:
        name: Of the environment variable.
        means: What it decides.
        value: What it is now, in words.
        is_given: Whether it was given, or has its default.
    """

    name: str
    means: str
    value: str
    is_given: bool


def told(settings: Settings) -> list[Told]:
    """Return every setting; none of them is a secret."""
    return [
        Told(name, means, value(settings), name in settings.given)
        for name, means, value in _SETTINGS
    ]


_SETTINGS: tuple[tuple[str, str, Callable[[Settings], str]], ...] = (
    ("INTAKE_CLINIC_NAME", "The name on every page", lambda s: s.clinic_name),
    (
        "INTAKE_CLINIC_PHONE",
        "Printed on what patients take home",
        lambda s: s.phone or "a line to write it on",
    ),
    (
        "INTAKE_LOGO",
        "Shown in place of our mark and the name",
        lambda s: "a picture" if s.logo else "none",
    ),
    ("INTAKE_ACCENT", "The clinic's colour", lambda s: str(s.accent) if s.accent else "ours"),
    (
        "INTAKE_TIMEZONE",
        "Decides which day is today",
        lambda s: str(s.timezone) if s.timezone else "the computer's",
    ),
    (
        "INTAKE_IDLE_MINUTES",
        "After how long a tablet nobody touches asks, and then locks itself",
        lambda s: f"{s.idle_minutes} min",
    ),
    (
        "INTAKE_ONE_QUESTION",
        "Whether tablets begin with one question a screen",
        lambda s: "yes" if s.one_question else "no",
    ),
    (
        "INTAKE_SECOND_FACTOR",
        "Whether everybody at the desk needs a second factor to sign in",
        lambda s: "yes" if s.second_factor else "no",
    ),
    (
        "INTAKE_PROXIES",
        "How many web servers of the clinic stand before this one",
        lambda s: str(s.proxies),
    ),
    ("INTAKE_DATA", "The folder of the database", lambda s: str(s.data)),
    (
        "INTAKE_DATABASE_URL",
        "The server that keeps the clinic",
        lambda s: str(s.server) if s.server else "none: it is kept in a file",
    ),
    ("INTAKE_KEYS", "The folder of the keys", lambda s: str(s.key_folder)),
    (
        "INTAKE_ALLOW",
        "What may protect less than it should",
        lambda s: ", ".join(sorted(s.allow)) or "nothing",
    ),
    ("INTAKE_BACKUPS", "The folder of backups", lambda s: str(s.backup_folder)),
    (
        "INTAKE_BACKUP_HOURS",
        "How often the server makes a backup",
        lambda s: f"every {s.backup_hours} h" if s.backup_hours else "never",
    ),
    (
        "INTAKE_BACKUP_KEEP",
        "How many of the newest backups it keeps",
        lambda s: str(s.backup_keep),
    ),
    (
        "INTAKE_BACKUP_DAYS",
        "Of how many days it keeps one backup each besides",
        lambda s: str(s.backup_days),
    ),
    ("INTAKE_RULES", "The rule pack a new clinic begins with", lambda s: str(s.rules)),
    (
        "INTAKE_CLINIC_FILE",
        "A file of what the clinic chose, for 'intake rules activate'",
        lambda s: str(s.clinic_file) if s.clinic_file else "none",
    ),
    ("INTAKE_HOST", "The address it listens on", lambda s: s.host),
    (
        "INTAKE_HOSTS",
        "The names under which browsers reach the clinic",
        lambda s: ", ".join(s.hosts) or "any",
    ),
    (
        "INTAKE_WEBHOOK_HOSTS",
        "The computers that events may be sent to",
        lambda s: ", ".join(s.webhook_hosts) or "none",
    ),
    ("INTAKE_PORT", "The port it listens on", lambda s: str(s.port)),
)
