"""`intake verify`: whether what the clinic keeps is whole, in words."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from intake.actions import rule_packs
from intake.actions.trail_check import heads_elsewhere
from intake.cli.surroundings import edits_on_disk, today
from intake.core.display import count
from intake.core.errors import IntakeError
from intake.keys import read_keys
from intake.protection import require_protection
from intake.settings import read_settings
from intake.storage import backups, open_store, opening
from intake.storage.checks import faults_of
from intake.storage.places import out_of_place
from intake.storage.trail_check import verdict_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.settings import Settings
    from intake.storage.keys import Keys

NEWEST_BACKUP = "newest backup"


@click.command()
def verify() -> None:
    """Check the keys, the database, its audit trail, the rules in force and the newest backup.

    Exits 1 on a fault. Nothing is changed. 'intake audit verify' looks at the trail alone, and
    compares heads that you noted.
    """
    settings = read_settings()
    try:
        keys = read_keys(settings)
    except IntakeError as error:
        click.echo(f"keys: {error}")
        sys.exit(1)
    checks = {**_CHECKS, NEWEST_BACKUP: _newest_backup} if _has_backups(settings) else _CHECKS
    found = {name: _faults(check, settings, keys) for name, check in checks.items()}
    for name, faults in found.items():
        click.echo(f"{name}: {'; '.join(faults) or 'sound'}")
    if NEWEST_BACKUP not in found:
        click.echo(f"{NEWEST_BACKUP}: none yet")
    sys.exit(1 if any(found.values()) else 0)


def _faults(
    check: Callable[[Settings, Keys], list[str]], settings: Settings, keys: Keys
) -> list[str]:
    """Return what is wrong; that something cannot be looked at is wrong too."""
    try:
        return check(settings, keys)
    except IntakeError as error:
        return [str(error)]


def _protection(settings: Settings, _keys: Keys) -> list[str]:
    """Say what is weak and was not allowed; what was allowed is no fault."""
    for allowed in require_protection(settings):
        click.echo(allowed)
    return []


def _database(settings: Settings, keys: Keys) -> list[str]:
    opening.require(settings.place)
    if faults := _faults_of_place(settings, keys):
        return [*faults, "restore the last backup, with 'intake restore FILE --replace'"]
    store = open_store(settings.place, keys)
    try:
        for note in store.notes():
            click.echo(note)
        number = out_of_place(store)
    finally:
        store.close()
    told = f"the queue does not show {count(number, 'case')} right; a start mends it"
    return [told] if number else []


def _faults_of_place(settings: Settings, keys: Keys) -> list[str]:
    """Say what is wrong with the file; whether a server's files are whole it says itself."""
    if settings.server is None:
        return faults_of(settings.database, keys)
    store = open_store(settings.place, keys)
    try:
        return list(store.structure_faults())
    finally:
        store.close()


def _audit_trail(settings: Settings, keys: Keys) -> list[str]:
    store = open_store(settings.place, keys)
    try:
        kept = heads_elsewhere(settings.heads, settings.backup_folder)
        return [*verdict_of(store, kept=kept.heads).faults, *kept.faults]
    finally:
        store.close()


def _rules(settings: Settings, keys: Keys) -> list[str]:
    """Say what is wrong with the pack in force; that another one lies on the disk is no fault."""
    store = open_store(settings.place, keys)
    try:
        hash_ = rule_packs.hash_in_force(store)
        if hash_ is None:
            return ["no rule pack is in force"]
        rule_packs.kept_pack(store, hash_, today(settings))
        for edit in edits_on_disk(store, settings):
            click.echo(edit)
    finally:
        store.close()
    return []


def _has_backups(settings: Settings) -> bool:
    try:
        return bool(backups.listed(settings.backup_folder))
    except IntakeError:
        return True  # and the check says why they cannot be read


def _newest_backup(settings: Settings, keys: Keys) -> list[str]:
    return backups.faults_of_backup(backups.listed(settings.backup_folder)[0].path, keys)


_CHECKS = {
    "protection": _protection,
    "database": _database,
    "audit trail": _audit_trail,
    "rules": _rules,
}
