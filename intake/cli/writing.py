"""Writing a vignette from answers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from intake.cli.screening import BadInputError, answers_in
from intake.cli.surroundings import PACK_FOLDER, day, pack_folder, written_pack
from intake.core.reading import case_of, read_all
from intake.core.screening import screen
from intake.core.truth import Truth
from intake.packs.reading import parse
from intake.packs.rulings import BASE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from intake.core.answers import Raw
    from intake.core.screening import Screening


@click.command("new-vignette")
@click.argument("vignette_id", metavar="ID")
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--title", required=True, help="What the case is about, in a line.")
@click.option("--on", type=day, help="The day of the screening; else that of the base patient.")
@click.option("--pack", "folder", type=PACK_FOLDER, help="Folder of the pack.")
@click.option("--into", type=click.Path(dir_okay=False), help="A file of vignettes to add it to.")
def new_vignette(
    vignette_id: str,
    file: TextIO,
    title: str,
    on: date | None,
    folder: str | None,
    into: str | None,
) -> None:
    """Write a vignette from answers: what differs from the base patient, and what comes out.

    FILE (or - for standard input) holds JSON as for 'intake screen'; what it leaves out is as the
    base patient answers. The outcome is what the rules give today: read it, and change what you
    think it should be.
    """
    pack = written_pack(folder)
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", vignette_id):
        msg = f"'{vignette_id}' is no id; use small letters, digits and dashes."
        raise BadInputError(msg)
    if not title.strip():
        msg = "Say in a line what the case is about: --title 'A cold sore 13 days ago'."
        raise BadInputError(msg)
    if any(vignette.id == vignette_id for vignette in pack.vignettes):
        msg = f"There is a vignette '{vignette_id}' already; choose another id."
        raise BadInputError(msg)
    if pack.base is None:
        msg = "This pack has no vignettes/base.yaml; vignettes are laid over its patient."
        raise BadInputError(msg)
    answers, plan = answers_in(file)
    as_of = on or pack.base.on
    reading = read_all(pack, {**pack.base.answers, **answers}, {**pack.base.plan, **plan}, as_of)
    if reading.problems:
        msg = "\n".join(f"{link_id}: {words}" for link_id, words in reading.problems)
        raise BadInputError(msg)
    found = screen(pack, reading.answers, as_of)
    case = case_of(pack, reading.answers, as_of)
    for name in answers:
        if case.asked(name) is Truth.NOT_MET:
            click.echo(f"{name} is not asked with these answers, so it changes nothing.", err=True)
    lines = [f"  - id: {vignette_id}", f"    title: {json.dumps(title, ensure_ascii=False)}"]
    lines += [f"    on: {as_of}"] if as_of != pack.base.on else []
    lines += _changes("plan", plan, pack.base.plan)
    lines += _changes("answers", answers, pack.base.answers)
    lines += _expected(found)
    text = "\n".join(lines) + "\n"
    if into is None:
        click.echo(text, nl=False)
        return
    _add(_file_of_vignettes(into, pack_folder(folder)), text, vignette_id)
    click.echo(
        f"Added to {into}. Read what it expects, and correct it where it is wrong.", err=True
    )


def _changes(key: str, given: Mapping[str, Raw], base: Mapping[str, Raw]) -> list[str]:
    """Write what differs from the base patient; values in JSON, which YAML reads as well."""
    changed = {name: value for name, value in given.items() if base.get(name) != value}
    if not changed:
        return []
    rows = (f"      {name}: {_written(value)}" for name, value in changed.items())
    return [f"    {key}:", *rows]


def _written(value: Raw) -> str:
    """Write a value as people write it in a vignette: plain words unquoted."""
    if value is None:
        return "~"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return f"[{', '.join(_written(part) for part in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}: {_written(part)}' for name, part in value.items())}}}"
    text = str(value)
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_. -]*", text) and not text.endswith(" "):
        return text
    if not text.isprintable():
        msg = "A vignette holds printable text only; leave out line ends and control characters."
        raise BadInputError(msg)
    return json.dumps(text, ensure_ascii=False)


def _expected(found: Screening) -> list[str]:
    met = [f.rule_id for f in found.findings if f.truth is Truth.MET]
    unknown = [f.rule_id for f in found.findings if f.truth is Truth.UNKNOWN]
    lines = ["    expect:", f"      triage: {found.triage}"]
    lines += [f"      fires: [{', '.join(met)}]"] if met else []
    lines += [f"      unknown: [{', '.join(unknown)}]"] if unknown else []
    lines += [f"      earliest: {found.earliest_safe_date}"] if found.earliest_safe_date else []
    return [*lines, "      exactly: yes"]


def _file_of_vignettes(into: str, folder: Path) -> Path:
    """Return the file to add to, if it is one of the pack's vignettes.

    Raises:
        BadInputError: it is not.
    """
    path, vignettes = Path(into), folder / "vignettes"
    if path.resolve().parent != vignettes.resolve() or path.suffix != ".yaml":
        msg = f"{into} is no file of vignettes of this pack; name one like {vignettes}/new.yaml"
        raise BadInputError(msg)
    if path.name == Path(BASE).name:
        msg = f"{into} holds the patient over whom vignettes are laid; name another file beside it."
        raise BadInputError(msg)
    return path


def _add(path: Path, text: str, vignette_id: str) -> None:
    """Add a vignette to a file, if what comes out can be read and holds it.

    Raises:
        BadInputError: the file is not a list of vignettes laid out as usual; it is unharmed.
    """
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    before += "" if before.endswith("\n") or not before else "\n"
    tree, _ = parse(path.name, before)
    before += "" if tree and tree.child("vignettes") else "vignettes:\n"
    after = before + text
    tree, faults = parse(path.name, after)
    listed = tree.child("vignettes") if tree else None
    rows = listed.value if listed and isinstance(listed.value, list) else []
    last = rows[-1].child("id") if rows else None
    if faults or last is None or last.value != vignette_id:
        msg = f"{path} is not laid out as a list of vignettes; leave out --into and paste instead."
        raise BadInputError(msg)
    path.write_text(after, encoding="utf-8")
