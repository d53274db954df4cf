"""What commands share: the settings, the open clinic, the present moment."""

from __future__ import annotations

from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from intake import packs, resources
from intake.actions import permission, rule_packs
from intake.actions.queue import put_in_order
from intake.actions.trail_check import keep_head_of
from intake.cli.founding import bring_forward, found_clinic, is_to_be_made, mark_made
from intake.core.display import count
from intake.core.errors import PackError, StorageError
from intake.keys import read_keys
from intake.packs.draft import CLINIC
from intake.protection import require_protection
from intake.settings import Settings, read_settings
from intake.storage import copies, open_store, opening
from intake.storage.heads import kept_heads, since_chosen
from intake.storage.recognition import (
    head_fault,
    moved_fault,
    newest_line_fault,
    seal_fault,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jinja2 import Environment

    from intake.core.evidence import Choice
    from intake.core.rules import RulePack
    from intake.storage import Store

PACK_FOLDER = click.Path(exists=True, file_okay=False)
FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="How the result is printed.",
)
"""For people, or for programs."""
"""An argument that names the folder of a pack."""

COMMAND_LINE: Final = permission.COMMAND_LINE
"""The actor of what is done here."""


def now() -> datetime:
    """Return the present instant in UTC."""
    return datetime.now(UTC)


def today(settings: Settings | None = None) -> date:
    """Return the clinic's local date."""
    return datetime.now(UTC).astimezone((settings or read_settings()).timezone).date()


def open_clinic(settings: Settings) -> Store:
    """Open the clinic's database; that it is missing is said before its keys are asked for."""
    opening.require(settings.place)
    return open_store(settings.place, read_keys(settings))


@contextmanager
def clinic_store(*, despite_seal: bool = False) -> Iterator[Store]:
    """Open the clinic's database for a command.

    Args:
        despite_seal: Also where the newest line of its trail does not fit the key. What such a
            command would write would be sealed with the wrong one.

    Raises:
        StorageError: there is none, or it does not fit.
    """
    settings = read_settings()
    store = open_clinic(settings)
    try:
        if not despite_seal:
            require_own_seal(store, settings)
        yield store
    finally:
        store.close()


def require_own_seal(store: Store, settings: Settings) -> None:
    """See that what is written to a clinic will be sealed as all before it was.

    Raises:
        StorageError: the trail key is another clinic's, or somebody edited the newest line.
    """
    if fault := newest_line_fault(store):
        msg = (
            f"Nothing is written to {settings.place}: {fault} Put back the trail.key of this"
            " clinic, if that is another ('intake keys check'); if not, 'intake audit verify' says"
            " more."
        )
        raise StorageError(msg)


def say_head(store: Store) -> None:
    """Say the audit trail's head beside a file that leaves the house, and keep it."""
    head = keep_head_of(store, read_settings().heads, now=now(), occasion="export")
    click.echo(f"Head of the audit trail, to be kept with the file: {head.short}", err=True)


def prepare(settings: Settings) -> list[str]:
    """Make sure there is a clinic: protected, with a sound database up to date, and rules in force.

    Returns:
        What was done, and what the operator should know, one line each.

    Raises:
        IntakeError: it cannot be served; the message says what to do.
    """
    notes = require_protection(settings)
    notes += found_clinic(settings) if is_to_be_made(settings) else bring_forward(settings)
    notes += _recognized(settings)
    opening.bring_up_to_date(settings.place, read_keys(settings))
    store = open_clinic(settings)
    try:
        store.require_sound()
        notes += store.notes()
        if settings.server is None:
            copies.clear_away(settings.database)  # while it is open here, nothing takes its place
        if number := put_in_order(store, by=COMMAND_LINE, now=now()):
            notes.append(f"The queue did not show {count(number, 'case')} right; it is made anew.")
        notes += _rules_in_force(store, settings)
    finally:
        store.close()
    mark_made(settings)
    return notes


def _recognized(settings: Settings) -> list[str]:
    """See that the clinic is the one that was last here, before anything is sealed in it.

    Returns:
        What cannot be read of the heads that were kept.

    Raises:
        StorageError: its trail was not sealed with this key, or lacks what was kept elsewhere.
    """
    noted = kept_heads(settings.heads)
    with closing(open_clinic(settings)) as store:
        if moved := moved_fault(store):
            raise StorageError(f"{moved} {_serving_from_there(settings)}")
        seal = seal_fault(store)
        fault = seal or head_fault(store, since_chosen(noted.heads))
    if not fault:
        return list(noted.faults)
    place = settings.place
    first = (
        "Put back the trail.key of this clinic, if that is another ('intake keys check')"
        if seal
        else "Find out who put it there ('intake audit verify' says more)"
    )
    msg = (
        f"{place} is not served as it is: {fault} {first}, or restore the newest backup with"
        f" 'intake restore FILE --replace'. To go on with what is here all the same, run"
        f" '{_taking_what_is_here(settings)}', which is written down."
    )
    raise StorageError(msg)


def _serving_from_there(settings: Settings) -> str:
    other = (
        f"Take INTAKE_DATABASE_URL away, with the file it was moved to as {settings.database}"
        if settings.server is not None
        else "Set INTAKE_DATABASE_URL to serve it from its server"
    )
    return (
        f"{other}. Only if that one is lost, go on with {settings.place} as it was then, with '"
        f"{_taking_what_is_here(settings, again=True)}', which is written down."
    )


def _taking_what_is_here(settings: Settings, *, again: bool = False) -> str:
    if settings.server is not None:
        move = f"intake move --to-file FILE{' --despite-faults' if again else ''}"
        return f"{move}' and 'intake restore FILE --replace --despite-faults"
    return f"intake restore {settings.database} --replace --despite-faults"


def _rules_in_force(store: Store, settings: Settings) -> list[str]:
    hash_ = rule_packs.hash_in_force(store)
    if hash_ is None:
        with clinic_file_named(None):
            files = packs.texts_of(settings.rules, clinic=settings.clinic_file)
            pack = rule_packs.activate(store, files, actor=COMMAND_LINE, now=now())
        return [f"The rules {pack.label} are in force. They are not yet reviewed by a clinician."]
    try:
        pack = rule_packs.kept_pack(store, hash_, today(settings))
    except PackError as error:
        return [_UNREADABLE, *error.problems]
    notes = [f"The rules {pack.label} are in force."]
    return notes + edits_on_disk(store, settings)


def edits_on_disk(store: Store, settings: Settings) -> list[str]:
    """Say that the files of the rules were edited, if they were, and that nothing comes of it."""
    if not rule_packs.differ_on_disk(store, settings.rules, settings.clinic_file):
        return []
    words = (
        f"The rules in {settings.rules} differ from those in force and change nothing until you"
        " run 'intake rules activate'."
    )
    return [words]


_UNREADABLE = (
    "The rules in force cannot be read, so no intake can be begun. Forms that are sent are kept and"
    " not assessed. Put a pack in force with 'intake rules activate', then run 'intake records"
    " assess'."
)


def pack_folder(folder: str | None) -> Path:
    """Return the folder of the pack: the one given, or the one the settings name."""
    return Path(folder) if folder else read_settings().rules


def texts_in(folder: str | None, clinic: str | None = None) -> dict[str, str]:
    """Return the files of a pack, with what the clinic decided for itself.

    Raises:
        PackError: a file cannot be read.
    """
    path = Path(clinic) if clinic else read_settings().clinic_file
    return packs.texts_of(pack_folder(folder), clinic=path)


def pack_in(folder: str | None, clinic: str | None = None, on: date | None = None) -> RulePack:
    """Load the pack in *folder*, or the one the settings name, with what the clinic decided.

    Its decisions are weighed for the day *on*, or for today.
    """
    with clinic_file_named(clinic):
        return packs.load_texts(texts_in(folder, clinic), on or today())


@contextmanager
def clinic_file_named(clinic: str | None) -> Iterator[None]:
    """Name the clinic's file by its path in problems: the pack knows it by its own name only."""
    path = clinic or read_settings().clinic_file
    try:
        yield
    except PackError as error:
        if path is None:
            raise
        own = f"{CLINIC}:"
        problems = (
            f"{path}:{p.removeprefix(own)}" if p.startswith(own) else p for p in error.problems
        )
        raise PackError(tuple(problems)) from error


def choice_line(choice: Choice) -> str:
    """Say in a line what a clinic decided, who answers for it, and whether it counts today."""
    state = "counts" if choice.counts_on(today()) else "does not count today"
    return (
        f"{choice.subject}: {choice.about} ({choice.who}, {choice.when} until {choice.until};"
        f" {state}): {choice.why}"
    )


def written_pack(folder: str | None) -> RulePack:
    """Load a pack as its authors wrote it: its vignettes and generated cases are about that."""
    return packs.load(pack_folder(folder), today())


def documents() -> Environment:
    """Return what renders documents that stand by themselves."""
    from intake.exports.documents import documents_in  # noqa: PLC0415 - it brings Jinja along

    return documents_in(resources.folder("templates"), resources.folder("static"))


def day(text: str) -> date:
    """Read a day given as an option.

    Raises:
        click.BadParameter: it is not written as 2026-11-21.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        msg = f"'{text}' is not a date; write it as 2026-11-21"
        raise click.BadParameter(msg) from error
