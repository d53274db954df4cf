"""Commands about documents of cases: make one, and tell whether one is as it was made."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from intake.actions.day_lists import PRINTED
from intake.actions.documents import document_of, making_of
from intake.actions.fhir import Bundle, bundle_of
from intake.actions.names import names_of_actors
from intake.cli.surroundings import clinic_store, now
from intake.core.display import day
from intake.core.trail_words import actor_words
from intake.exports.fhir.naming import written
from intake.exports.pdf import Paper
from intake.exports.sealing import MOST_BYTES, Form, SealError, intact
from intake.settings import read_settings
from intake.web import create_app
from intake.web.clinic import current_store
from intake.web.press import current_press

if TYPE_CHECKING:
    from intake.core.records import AuditEvent
    from intake.storage import Store

CHANGED = 1


@click.command()
@click.argument("response_id", metavar="ID")
@click.option(
    "--html",
    "form",
    flag_value=Form.HTML.value,
    default=Form.HTML.value,
    help="A web page; the usual one.",
)
@click.option("--pdf", "form", flag_value=Form.PDF.value, help="A PDF, with the record attached.")
@click.option(
    "--fhir",
    "form",
    flag_value=Bundle.COLLECTION.value,
    help="A FHIR R4 bundle (JSON), to keep or to read.",
)
@click.option(
    "--fhir-transaction",
    "form",
    flag_value=Bundle.TRANSACTION.value,
    help="A FHIR R4 bundle to load into a server.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The file to write; an existing one is left as it is.",
)
@click.option(
    "--paper",
    type=click.Choice([size.value for size in Paper]),
    default=Paper.A4.value,
    help="The sheets of a PDF.",
)
def document(response_id: str, form: str, out: Path, paper: str) -> None:
    """Write the whole record of one case as one file; audited.

    `intake records list` prints the IDs. The file holds everything, what was asked in private
    included.
    """
    with clinic_store():
        pass  # says what is wrong with the clinic before anything is made for it
    with create_app(read_settings()).test_request_context():
        if form in list(Bundle):
            bundle = bundle_of(
                current_store(), current_press(), response_id=response_id, kind=Bundle(form),
                by=None, now=now(),
            )  # fmt: skip
            _write_new(out, written(bundle))
            return
        made = document_of(
            current_store(), current_press(), response_id=response_id, form=Form(form),
            by=None, now=now(), paper=Paper(paper),
        )  # fmt: skip
    _write_new(out, made.content)
    click.echo(f"{out}: SHA-256 {made.sha256}")


def _write_new(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read.

    Raises:
        click.BadParameter: there is one already, or it cannot be written.
    """
    try:
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(content)
    except OSError as error:
        reason = "it exists already" if isinstance(error, FileExistsError) else error.strerror
        msg = f"'{path}' was not written: {reason}."
        raise click.BadParameter(msg) from error


@click.command("verify-document")
@click.argument("file", type=click.Path(path_type=Path))
def verify_document(file: Path) -> None:
    """Tell whether a document is as it was made, and whether this clinic made it.

    Where there is no clinic in INTAKE_DATA, only the file itself is looked at. Exit code 0: nothing
    is wrong with what could be checked; 1: it was changed, is none of ours, or was not made here.
    """
    try:
        found = intact(_read(file))
    except SealError as error:
        click.echo(str(error))
        sys.exit(CHANGED)
    click.echo(f"Nothing in this file was changed since it was made. SHA-256 {found.sha256}")
    if found.line_ends_changed:
        click.echo("Only its line ends are others than they were; no word is.")
    if not read_settings().database.is_file():
        click.echo(_NOT_CHECKED)
        return
    if not _is_known(found.sha256):
        sys.exit(CHANGED)


_NOT_CHECKED = (
    "Not checked: which clinic made it. For that, name the clinic's data folder in INTAKE_DATA:"
    " its audit trail holds the hash of every document it made."
)


def _read(file: Path) -> bytes:
    """Return the content of a file; a pipe or a device, which may never end, is not opened."""
    if file.exists() and not file.is_file():
        msg = f"'{file}' cannot be read: it is no file. Name the file of the document itself."
        raise SealError(msg)
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except OSError as error:
        msg = f"'{file}' cannot be read: {error.strerror}."
        raise SealError(msg) from error


def _is_known(sha256: str) -> bool:
    with clinic_store() as store:
        made = making_of(store, sha256)
        click.echo(_words_for(made, store) if made else _NOT_MADE_HERE)
    return made is not None


_NOT_MADE_HERE = (
    "This clinic has not made it: no line of its audit trail holds this hash. Somebody else made"
    " the file, or changed one and gave it a new hash. Do not rely on what it says."
)


def _words_for(made: AuditEvent, store: Store) -> str:
    people = names_of_actors(store)
    about = "of a day's cases" if made.action == PRINTED else f"of the case {made.subject}"
    here = made.at.astimezone(read_settings().timezone)
    return (
        f"Made by this clinic on {day(here)} at {here:%H:%M} (UTC{here:%z}) by"
        f" {actor_words(made, people)}, {about}; line {made.sequence} of the audit trail."
    )
