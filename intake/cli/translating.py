"""Commands about the languages in which patients read a pack."""

from __future__ import annotations

import json
import sys
from typing import TextIO

import click

from intake.cli.screening import BadInputError
from intake.cli.surroundings import PACK_FOLDER, pack_folder, written_pack
from intake.core.translations import standing_of, texts_of
from intake.packs.translations import write_translation


@click.command()
@click.argument("folder", required=False, type=PACK_FOLDER)
def languages(folder: str | None) -> None:
    """Say of every language what is missing, outdated, and who checked it.

    A language is offered to patients only while nothing is missing or outdated. Exit 1 if anything
    is.
    """
    pack = written_pack(folder)
    wanting = 0
    for one in pack.translations.values():
        standing = standing_of(one, pack)
        wanting += not standing.is_whole
        click.echo(f"{one.language:<8} {one.name}: {len(one.texts)} texts, {one.checked}")
        for words, names in (
            ("missing", standing.missing),
            ("outdated", standing.outdated),
            ("not in the pack", standing.strange),
        ):
            for name in names:
                click.echo(f"    {words}: {name}")
    count = len(texts_of(pack))
    click.echo(f"{count} texts in English, {len(pack.translations)} translations.", err=True)
    sys.exit(1 if wanting else 0)


@click.command()
@click.argument("language")
@click.option("--pack", "folder", type=PACK_FOLDER, help="Folder of the pack.")
@click.option("--name", default="", help="What its speakers call the language: Español.")
@click.option(
    "--words",
    type=click.File(encoding="utf-8"),
    help='JSON of texts by name, as a translator returns them: {"pain.ask": "..."}.',
)
@click.option("--wanted", is_flag=True, help="Print what is missing or outdated as JSON, instead.")
def translate(
    language: str, folder: str | None, name: str, words: TextIO | None, wanted: bool
) -> None:
    """Write the file of a language, with every text of the pack above its translation.

    What --words gives is taken as the translation of the texts as they stand now. Without it the
    file is only brought into the order of the pack. --wanted prints the English texts that a
    translator has still to see.
    """
    pack, path = written_pack(folder), pack_folder(folder)
    if wanted:
        one, texts = pack.translations.get(language), texts_of(pack)
        standing = standing_of(one, pack) if one else None
        names = (*standing.missing, *standing.outdated) if standing else tuple(texts)
        click.echo(json.dumps({n: texts[n] for n in names}, indent=1, ensure_ascii=False))
        return
    file = write_translation(path, pack, language, name=name, words=_texts_in(words))
    click.echo(
        f"Wrote {file}. Nobody has checked it; see 'intake rules sign-off --help'.", err=True
    )


def _texts_in(file: TextIO | None) -> dict[str, str]:
    try:
        found = json.load(file) if file else {}
    except (ValueError, RecursionError) as error:
        msg = "The words are not JSON; hand in an object of texts by name."
        raise BadInputError(msg) from error
    texts = found.values() if isinstance(found, dict) else [None]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        msg = "The words are not an object of texts by name, with something in each."
        raise BadInputError(msg)
    return dict(found)
