"""Commands that prove things about a pack: check, mutants, boundaries."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from intake.cli.surroundings import (
    PACK_FOLDER,
    choice_line,
    day,
    documents,
    pack_folder,
    pack_in,
    today,
    written_pack,
)
from intake.core.errors import PackError
from intake.core.examined import Examined, Result
from intake.core.proving.cells import Cells
from intake.core.proving.scoring import generated_for
from intake.core.verification import results_of
from intake.exports.check_report import as_html, as_json, as_text
from intake.packs.generated import read_generated, write_generated

if TYPE_CHECKING:
    from datetime import date

    from intake.core.proving.boundaries import Boundary
    from intake.core.proving.scoring import Verdict
    from intake.core.rules import RulePack


@click.command()
@click.argument("folder", required=False, type=PACK_FOLDER)
@click.option("--on", type=day, help="Check as of this day instead of today.")
@click.option("--clinic", type=click.Path(exists=True, dir_okay=False), help="The clinic's file.")
@click.option(
    "--report",
    type=click.Choice(["text", "json", "html"]),
    help="Print a report to file, of all that was checked and proved.",
)
def check(folder: str | None, on: date | None, clinic: str | None, report: str | None) -> None:
    """Check a pack on nine points: what is wrong, and what is proved.

    FOLDER holds pack.yaml; without it the shipped pack is checked. Every problem is printed as
    file:line: what is wrong, what is allowed. Exit 1 if there is any.
    """
    try:
        written, pack = written_pack(folder), pack_in(folder, clinic, on)
        generated = read_generated(pack_folder(folder))
        is_same = pack.hash == written.hash  # what is proved of one is proved of the other
        examined = Examined(pack, on or today(), generated, None if is_same else written)
    except PackError as error:
        click.echo("\n".join(error.problems), err=report is not None)
        if report == "json":
            click.echo(json.dumps({"problems": error.problems}, indent=2, ensure_ascii=False))
        click.echo(not_usable(error), err=True)
        sys.exit(1)
    results = []
    for result in results_of(examined):
        results.append(result)
        click.echo(f"{'WRONG' if result.problems else 'ok   '} {result.check.name}", err=True)
        if report is None:
            for problem in result.problems:
                click.echo(str(problem))
    if report is not None:
        click.echo(_report(report, examined, results))
    click.echo(_sizes(pack), err=True)
    for choice in pack.choices:
        click.echo(f"Chosen by the clinic: {choice_line(choice)}", err=True)
    for rule in pack.void_signoffs:
        click.echo(f"{rule.where}: '{rule.id}' is {rule.reviewed}; have it read again", err=True)
    if found := sum(len(result.problems) for result in results):
        click.echo(_problems(found), err=True)
        sys.exit(1)


def _report(form: str, examined: Examined, results: list[Result]) -> str:
    match form:
        case "json":
            return as_json(examined, results)
        case "html":
            return as_html(examined, results, documents())
        case _:
            return as_text(examined, results)


def not_usable(error: PackError) -> str:
    """Say how many problems a pack has that cannot even be read."""
    return (
        f"{_problems(len(error.problems))} The pack cannot be used. Mend it and check again: some"
        " faults show only when others are gone."
    )


def _problems(number: int) -> str:
    return "1 problem." if number == 1 else f"{number} problems."


def _sizes(pack: RulePack) -> str:
    return (
        f"{pack.label}: {len(pack.rules)} rules, {len(pack.questionnaire.items)} questions on"
        f" {len(pack.questionnaire.pages)} pages, {len(pack.vignettes)} vignettes,"
        f" {len(pack.vocabulary.medicines)} medicines, {len(pack.sources)} sources"
    )


@click.command()
@click.argument("folder", required=False, type=PACK_FOLDER)
@click.option("--all", "every", is_flag=True, help="List what only generated cases notice, too.")
def mutants(folder: str | None, *, every: bool) -> None:
    """Put small faults into every rule and count those the vignettes notice.

    A fault is "all" for "any", a line or an option forgotten, a window or threshold one off,
    months of thirty days, another level. Faults that change nothing for anybody are left out: that
    is proved for each. What goes unnoticed is listed with the smallest patient it would hit. Exit
    1 if written and generated cases together leave any unnoticed.
    """
    pack = written_pack(folder)
    score = Examined(pack, today(), read_generated(pack_folder(folder))).score
    for verdict in score.counted:
        unnoticed = not verdict.written and not verdict.generated
        if unnoticed or (every and not verdict.written):
            click.echo("\n".join(_verdict(verdict)))
    alone = sum(verdict.written for verdict in score.counted)
    together = sum(verdict.written or verdict.generated for verdict in score.counted)
    click.echo(
        f"{len(score.verdicts)} small faults, {len(score.verdicts) - len(score.counted)} of them"
        f" without effect. Written vignettes notice {alone} of {len(score.counted)}"
        f" ({int(score.written * 1000) / 10} %), with generated cases {together}"
        f" ({int(score.together * 1000) / 10} %).",
        err=True,
    )
    sys.exit(1 if together < len(score.counted) else 0)


def _verdict(verdict: Verdict) -> list[str]:
    mutant, patient = verdict.mutant, verdict.patient
    by = "noticed by a generated case only" if verdict.generated else "noticed by nothing"
    lines = [f"{mutant.rule.where}: {mutant.rule.id}: {mutant.words}: {by}"]
    if patient is not None:
        lines.append(f"    differs on: {_patient(patient)}")
    return lines


def _patient(patient: Boundary) -> str:
    said = {**{f"plan.{name}": value for name, value in patient.plan.items()}, **patient.answers}
    return "; ".join(f"{name}: {value}" for name, value in said.items())


@click.command()
@click.argument("folder", required=False, type=PACK_FOLDER)
@click.option("--write", is_flag=True, help="Write the cases beside the pack.")
def boundaries(folder: str | None, *, write: bool) -> None:
    """Make a case on each side of every window, threshold and option of every rule.

    They pin what the rules do, right or wrong: they are questions to put to a dermatologist. They
    are kept in a file of their own, apart from the vignettes people wrote. Without --write it is
    only said what would change; exit 1 if anything would.
    """
    pack, path = written_pack(folder), pack_folder(folder)
    cells = Cells(pack, pack.base.on if pack.base else pack.effective)
    made, kept = list(generated_for(pack, cells)), read_generated(path)
    known = {(one.rule_id, one.why) for one in kept}
    changed = [one for one in made if one not in kept]
    for one in () if write else changed:
        how = "changed" if (one.rule_id, one.why) in known else "new"
        click.echo(f"{how:<8} {one.rule_id}: {one.why}: {one.outcome.truth}, {one.outcome.effect}")
    gone = {(one.rule_id, one.why) for one in kept} - {(one.rule_id, one.why) for one in made}
    for rule_id, why in () if write else sorted(gone):
        click.echo(f"gone     {rule_id}: {why}")
    if write:
        file = write_generated(path, made)
        click.echo(f"{len(made)} cases written to {file}, {len(changed)} new or changed.", err=True)
        return
    click.echo(f"{len(made)} cases, {len(changed)} new or changed, {len(gone)} gone.", err=True)
    sys.exit(1 if changed or gone else 0)
