"""Commands that hand records and rules to other systems."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from intake.actions.dictionary import COLUMNS, dictionary
from intake.actions.export import FORMS
from intake.cli.surroundings import PACK_FOLDER, pack_in
from intake.exports.fhir.codes import code_systems
from intake.exports.fhir.form import one_language, questionnaire
from intake.exports.fhir.naming import written
from intake.exports.fhir.rules import plan_definition
from intake.exports.tables import csv_lines, json_lines
from intake.web.languages import said_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.core.rules import RulePack
    from intake.exports.fhir.naming import Resource


@click.command("export")
@click.argument("folder", required=False, type=PACK_FOLDER)
@click.option("--fhir", is_flag=True, required=True, help="As FHIR R4: the one form there is.")
@click.option("--clinic", type=click.Path(exists=True, dir_okay=False), help="The clinic's file.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder to write to; it is made, and files of these names are written anew.",
)
def export_rules(folder: str | None, clinic: str | None, out: Path, *, fhir: bool) -> None:
    """Write a pack for other systems.

    The form as a Questionnaire (SDC) with its translations, and once more in each language alone,
    for programs that know nothing of translations; the rules as a PlanDefinition; the systems of
    codes that both use.
    """
    del fhir
    pack = pack_in(folder, clinic)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, resource in _files(pack):
            file = out / f"{name}.json"
            file.write_bytes(written(resource))
            click.echo(f"{file}: {file.stat().st_size:,} bytes")
    except OSError as error:
        msg = f"'{out}' was not written: {error.strerror}."
        raise click.BadParameter(msg, param_hint="--out") from error


@click.command("dictionary")
@click.argument("folder", required=False, type=PACK_FOLDER)
@click.option("--format", "form", type=click.Choice(FORMS), default="csv", help="The kind of file.")
def data_dictionary(folder: str | None, form: str) -> None:
    """Say what each column of the exported tables means, and each question of a pack.

    Link ids stay when the words of a question change, so that its history is found under one name.
    """
    rows = dictionary(pack_in(folder))
    lines = csv_lines(COLUMNS, rows) if form == "csv" else json_lines(COLUMNS, rows)
    for line in lines:
        click.echo(line, nl=False)


def _files(pack: RulePack) -> Iterator[tuple[str, Resource]]:
    yield "questionnaire", questionnaire(pack, said_in)
    for language in ("en", *pack.translations):
        yield f"questionnaire.{language}", one_language(pack, said_in, language)
    yield "plan-definition", plan_definition(pack)
    for one in code_systems(pack, said_in):
        yield f"codes.{one['url'].rpartition('/')[2]}", one
