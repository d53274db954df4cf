"""`intake impact`: what another pack would make of the clinic's patients."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from intake.actions import passes, rule_packs
from intake.actions.impact import FEW, Assessor, assess, pieces
from intake.actions.permission import COMMAND_LINE
from intake.cli.progress import Progress
from intake.cli.surroundings import (
    FORMAT,
    PACK_FOLDER,
    clinic_file_named,
    clinic_store,
    documents,
    now,
    say_head,
    texts_in,
    today,
)
from intake.cli.workers import cores, workers
from intake.core.display import count, day, short_id
from intake.core.impact import GROUPS, Impact
from intake.core.replay import Direction
from intake.exports.impact import (
    COLUMNS,
    as_dict,
    as_html,
    changes_first,
    no_concern,
    notes_of,
    row_of,
    rules_heading,
)
from intake.exports.tables import csv_lines, written_anew
from intake.packs import load_texts
from intake.settings import read_settings
from intake.storage import listing
from intake.storage.passes import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from intake.core.impact import Counted, Outcome, RuleCounted
    from intake.core.rules import RulePack
    from intake.storage import Store

MOST_RULES = 30
NOTHING = "No rule does anything else to any of them."

_NEW_FILE = click.Path(dir_okay=False, path_type=Path)
_STANDARD_OUTPUT = Path("-")


@click.command("impact")
@click.option("--pack", "folder", type=PACK_FOLDER, required=True, help="Folder of the other pack.")
@click.option("--sample", type=click.IntRange(min=1), help="Look at so many cases, drawn by lot.")
@FORMAT
@click.option(
    "--list", "file", type=_NEW_FILE, help="Write each case as CSV into a new file; - prints it."
)
@click.option(
    "--html", "page", type=_NEW_FILE, help="Write all of it as a document into a new file."
)
@click.option("--jobs", type=click.IntRange(min=1), help="How many processes work.")
@click.option(
    "--progress/--no-progress",
    default=None,
    help="Say how far it has come; without it only where somebody sits at a terminal.",
)
def impact_command(
    folder: str,
    sample: int | None,
    form: str,
    file: Path | None,
    page: Path | None,
    jobs: int | None,
    *,
    progress: bool | None,
) -> None:
    """Say what another pack would make of the patients of this clinic, before it is in force.

    Every case that waits, is deferred, is to be treated, was decided or treated is screened again
    with the other pack: with the answers it has, and for the day it was screened for, so that what
    differs comes of the rules. What the clinic chose is laid over the pack as 'intake rules
    activate' would. Nothing of a case is changed, and nothing is decided; that cases are taken out,
    into a file or as JSON, is audited.
    """
    impact = Impact()
    with clinic_file_named(None), clinic_store() as store, ExitStack() as files_made:
        rows, document = (_opened(files_made, one) for one in (file, page))
        files = texts_in(folder)
        if not read_settings().clinic_file:
            files = rule_packs.with_choices_in_force(store, files)
        pack = load_texts(files, today())
        cases = listing.count(store)
        number = min(sample or cases, cases)
        told = Progress(sys.stderr.isatty() if progress is None else progress)
        make = partial(Assessor.of_files, files, today())
        with workers(store, min(jobs or cores(), 1 + number // FEW), make) as over:
            found = assess(over, pieces(store, sample), impact, lambda done: told(done, number))
            listed = _listed(found, rows, keep=bool(page) or form == "json")
        about: dict[str, object] = {"cases": cases, "looked_at": number}
        if document:
            in_force = short_id(rule_packs.hash_in_force(store) or "")
            said = {**about, "on": day(today()), "in_force": in_force}
            document.write(as_html(impact, pack, listed, said, documents()))
        _note(store, pack, {"csv": file, "html": page, "json": form == "json"})
    if form == "json":
        told_all = {
            **as_dict(impact, pack, about),
            "list": [row_of(one) for one in changes_first(listed)],
        }
        click.echo(json.dumps(told_all, indent=2, ensure_ascii=False))
        return
    click.echo(f"{pack.label}, over {number:,} of {cases:,} cases:")
    for line in _report(impact):
        click.echo(line)


def _opened(made: ExitStack, file: Path | None) -> TextIO | None:
    """Open a file before anything is looked at, so that nobody waits for what cannot be written."""
    if file is None:
        return None
    if file == _STANDARD_OUTPUT:
        return sys.stdout
    return made.enter_context(written_anew(file))


def _note(store: Store, pack: RulePack, taken_out: Mapping[str, object]) -> None:
    """Write down in which forms cases were taken out, if they were."""
    if not any(taken_out.values()):
        return
    form = ", ".join(shape for shape, was in taken_out.items() if was)
    passes.note_export(store, Kind.IMPACT, hash_=pack.hash, form=form, by=COMMAND_LINE, now=now())
    say_head(store)


def _listed(found: Iterator[Outcome], file: TextIO | None, *, keep: bool) -> list[Outcome]:
    """Write each case as CSV as it comes, where that is wanted; return them, where that is."""
    kept: list[Outcome] = []

    def rows() -> Iterator[dict[str, object]]:
        for one in found:
            if keep:
                kept.append(one)
            yield row_of(one)

    for line in csv_lines(COLUMNS, rows()) if file else map(str, rows()):
        if file:
            file.write(line)
    return kept


def _report(impact: Impact) -> Iterator[str]:
    yield (
        f"{'':<32}{'cases':>10}{'more serious':>14}{'less serious':>14}{'not asked':>12}"
        f"{'called back':>14}"
    )
    for group, words in GROUPS.items():
        yield _line(words, impact.of(group))
    yield _line("all", impact.all)
    if words := no_concern(impact.others):
        yield words
    if impact.unscreened:
        yield f"{count(impact.unscreened, 'case')} never screened: see 'intake records assess'."
    yield ""
    rules = impact.rules()
    if not rules:
        yield NOTHING
        return
    for group, then, other, number in impact.moves():
        yield f"  {number:>8,}  {GROUPS[group]}: {then} > {other}"
    yield f"{rules_heading(impact)}:"
    yield from (_rule(one) for one in rules[:MOST_RULES])
    if len(rules) > MOST_RULES:
        yield f"  and {len(rules) - MOST_RULES} others: --format json has all."
    yield "Not asked: more serious only because the form did not have the question."
    yield from notes_of(impact)


def _line(words: str, found: Counted) -> str:
    higher, lower = found.ways[Direction.HIGHER], found.ways[Direction.LOWER]
    counted = f"{found.cases:>10,}{higher:>14,}{lower:>14,}{found.unasked:>12,}"
    return f"{words:<32}{counted}{found.recalled or 0:>14,}"


def _rule(one: RuleCounted) -> str:
    asked = f", {one.unasked:,} of these not asked" if one.unasked else ""
    return f"  {one.lower:>8,} less, {one.higher:>8,} more{asked}: {one.rule_id}, {one.title}"
