"""Commands about rule packs: test, explain, cover, compare, print, sign off."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from intake import packs
from intake.cli.kept import kept_pack
from intake.cli.screening import tree
from intake.cli.surroundings import (
    PACK_FOLDER,
    choice_line,
    documents,
    pack_folder,
    pack_in,
    today,
    written_pack,
)
from intake.core.comparing import compare
from intake.core.conditions import Named
from intake.core.coverage import coverage_of, unknown_topics
from intake.core.errors import NotFoundError, StorageError, near
from intake.core.explanations import explain
from intake.core.keeping import words_for
from intake.core.proving.cells import Cells
from intake.core.proving.proofs import prove
from intake.core.reading import case_of, read_all
from intake.core.vignettes import misjudged, run_vignette
from intake.exports.rule_book import rule_book
from intake.packs.signing import sign

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.core.answers import Answer
    from intake.core.conditions import Condition
    from intake.core.rules import Rule, RulePack, Vignette


@click.group()
def rules() -> None:
    """Check, test, explain and activate rule packs."""


@rules.command()
@click.argument("folder", required=False, type=PACK_FOLDER)
def test(folder: str | None) -> None:
    """Run the vignettes of a pack as it is written; exit 1 if one does not give what it says."""
    pack = written_pack(folder)
    failed = 0
    for vignette in pack.vignettes:
        found, faults = run_vignette(pack, vignette)
        click.echo(f"{'FAILED' if faults else 'ok    '} {vignette.id}: {found.triage}")
        for fault in faults:
            click.echo(f"       {vignette.where}: {fault}")
        for rule_id in misjudged(vignette, found):
            click.echo(f"       {rule_id}")
            click.echo("\n".join(_judged(pack.rules_by_id[rule_id], vignette, pack, "         ")))
        failed += bool(faults)
    click.echo(f"{len(pack.vignettes)} vignettes, {failed} failed", err=True)
    sys.exit(1 if failed else 0)


@rules.command("explain")
@click.argument("rule_id", metavar="RULE")
@click.option("--pack", "folder", type=PACK_FOLDER, help="Folder of the pack.")
def explain_command(rule_id: str, folder: str | None) -> None:
    """Print a rule in full: what it asks, where it comes from, and a patient who meets it."""
    pack = pack_in(folder)
    every = {rule.id: rule for rule in (*pack.rules, *pack.switched_off)}
    rule = every.get(rule_id)
    if rule is None:
        msg = f"There is no rule '{rule_id}'{near(rule_id, every)}."
        raise NotFoundError(msg)
    click.echo("\n".join(_in_full(rule, pack)))


def _in_full(rule: Rule, pack: RulePack) -> list[str]:
    lines = [
        f"{rule.id}: {rule.title}",
        f"  {rule.where} in {pack.label}",
        f"  level     {rule.level}{' (floor: may never be lowered)' if rule.floor else ''}",
        f"  reviewer  {rule.reviewer}; {rule.reviewed}; to be reviewed by {rule.review_by}",
        f"  covers    {', '.join(rule.covers)}",
        "  when",
        *_outline(rule.when, "    "),
        f"  meaning   {rule.meaning}",
        f"  action    {rule.action}",
        f"  basis     {', '.join(rule.basis)}",
    ]
    lines += [f"  setting   {name} = {pack.settings[name]}" for name in rule.settings]
    lines += [f"  chosen    {choice_line(choice)}" for choice in pack.choices_about(rule)]
    lines += [f"  label     {s.label}: {s.level}, because {s.because}" for s, _ in rule.stricter]
    for name in rule.conflicts:
        conflict = pack.conflicts[name]
        lines += [f"  conflict  {name} {conflict.topic}"]
        lines += [f"              {position.says}" for position in conflict.positions]
        lines += [f"            here: {conflict.default}"]
    lines += [f"  to say    {rule.patient_text}"] if rule.patient_text else []
    for name in rule.sources:
        source = pack.sources[name]
        lines.append(f"  source    {source.citation} {source.address}\n            {source.says}")
    return [*lines, *_witness(rule, pack), *_witnesses(rule, pack)]


def _outline(condition: Condition, indent: str) -> list[str]:
    if not condition.children():
        return [f"{indent}- {getattr(condition, 'text', '')}"]
    if isinstance(condition, Named):
        heading = f"{condition.name} ({condition.title}):"
    else:
        names = {"All": "all of:", "AnyOf": "any of:", "Not": "not:"}
        number = getattr(condition, "number", "")
        heading = names.get(type(condition).__name__, f"at least {number} of:")
    parts = [line for part in condition.children() for line in _outline(part, indent + "  ")]
    return [f"{indent}- {heading}", *parts]


def _witness(rule: Rule, pack: RulePack) -> list[str]:
    """Show a vignette that meets the rule, judged sentence by sentence."""
    for vignette in pack.vignettes:
        if rule.id in vignette.expect.fires:
            judged = _judged(rule, vignette, pack, "    ")
            return [f"  met by    {vignette.id}: {vignette.title}", *judged]
    return ["  met by    no vignette yet"]


def _judged(rule: Rule, vignette: Vignette, pack: RulePack, indent: str) -> list[str]:
    """Print what a vignette's answers make of each sentence of a rule."""
    reading = read_all(pack, vignette.answers, vignette.plan, vignette.on)
    case = case_of(pack, reading.answers, vignette.on)
    return tree(explain(rule.when, case, pack), indent)


def _witnesses(rule: Rule, pack: RulePack) -> list[str]:
    """Show the smallest answers for each outcome, found by going through every case there is."""
    proof = prove(rule, Cells(pack, pack.base.on if pack.base else pack.effective))
    lines = [f"  proved by {proof.method}"]
    for words, answers in (
        ("met     ", proof.met),
        ("open    ", proof.open),
        ("not met ", proof.not_met),
    ):
        lines.append(f"  {words}  {_in_words(answers, pack)}")
    return lines


def _in_words(answers: Mapping[str, Answer] | None, pack: RulePack) -> str:
    if answers is None:
        return "on no answers at all"
    said = (f"{name}: {words_for(pack.items[name], answer)}" for name, answer in answers.items())
    return "; ".join(said) or "whatever is answered"


@rules.command()
@click.argument("folder", required=False, type=PACK_FOLDER)
@click.option("--gaps", "only_gaps", is_flag=True, help="Print only what nothing covers.")
def coverage(folder: str | None, *, only_gaps: bool) -> None:
    """Print what takes care of each topic; exit 1 if something takes care of none.

    A topic is covered by every rule, question, plan field, page text and line of the staff's
    checklist that names it under covers, or left out for a reason.
    """
    pack = pack_in(folder)
    table = coverage_of(pack)
    group = ""
    for row in table:
        if only_gaps and not row.is_gap:
            continue
        if row.topic.group != group:
            group = row.topic.group
            click.echo(f"\n{group}")
        by = ", ".join(row.by) or f"left out: {row.topic.left_out or 'NOTHING COVERS IT'}"
        click.echo(f"  {row.topic.id:<10} {row.topic.title}: {by}")
    strange = list(unknown_topics(pack))
    for coverer, topic in strange:
        click.echo(
            f"{coverer.place}: {coverer.words} covers '{topic}', which is no topic of topics.yaml",
            err=True,
        )
    gaps = sum(row.is_gap for row in table)
    left_out = sum(bool(row.topic.left_out) and not row.by for row in table)
    covered = len(table) - gaps - left_out
    click.echo(
        f"{len(table)} topics: {covered} covered, {left_out} left out for a reason,"
        f" {gaps} without anything",
        err=True,
    )
    sys.exit(1 if gaps or strange else 0)


@rules.command("compare")
@click.argument("old", type=PACK_FOLDER)
@click.argument("new", required=False, type=PACK_FOLDER)
def compare_command(old: str, new: str | None) -> None:
    """Say in clinical words what changed from one pack to another.

    OLD and NEW are folders; without NEW the pack of the settings is compared. For every rule that
    changed, the smallest patient on whom the two differ is named. Packs are compared as written:
    what a clinic chose does not count. Exit 1 if anything differs.
    """
    before, after = (packs.load(pack_folder(folder), today()) for folder in (old, new))
    click.echo(f"From {before.label}\nto   {after.label}\n")
    about, count = "", 0
    for difference in compare(before, after):
        if difference.about != about:
            about = difference.about
            click.echo(f"{about}")
        click.echo(f"  {difference.words}")
        count += 1
    click.echo(f"{count} differences" if count else "Nothing differs.", err=True)
    sys.exit(1 if count else 0)


@rules.command()
@click.argument("folder", required=False, type=PACK_FOLDER)
@click.option("--kept", "hash_", help="A pack the clinic has kept, by the beginning of its hash.")
@click.option("--output", type=click.Path(dir_okay=False), help="File to write; - prints.")
def book(folder: str | None, hash_: str | None, output: str | None) -> None:
    """Write the pack as one HTML page to read, print and hand to a dermatologist."""
    pack = kept_pack(hash_) if hash_ else pack_in(folder)
    text = rule_book(pack, documents(), today())
    path = output or f"{pack.name}-{pack.version}.html"
    try:
        with click.open_file(path, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        msg = f"{path} cannot be written: {error.strerror}. Name another file with --output."
        raise StorageError(msg) from error
    if path != "-":
        click.echo(f"Wrote {path}: {len(pack.rules)} rules, {len(text) // 1024:,} KB.", err=True)


@rules.command("sign-off")
@click.argument("rule_ids", metavar="RULE...", nargs=-1)
@click.option("--language", "languages", multiple=True, help="A translation that was checked.")
@click.option("--by", required=True, help="The full name of who signs.")
@click.option("--role", required=True, help="Such as dermatologist, with registration number.")
@click.option("--pack", "folder", type=PACK_FOLDER, help="Folder of the pack.")
def sign_off(
    rule_ids: tuple[str, ...], languages: tuple[str, ...], by: str, role: str, folder: str | None
) -> None:
    """Record that a clinician read rules and found them right as they stand.

    With --language it is recorded that a qualified translator checked a translation.

    Who, when and the content of each rule are written to signoffs.yaml in the pack. Any later edit
    of a rule, or of a setting, question, medicine class or source it uses, makes its sign-off void.
    """
    path = pack_folder(folder)
    named, tags = tuple(dict.fromkeys(rule_ids)), tuple(dict.fromkeys(languages))
    if not named and not tags:
        msg = "Name at least one rule, or a translation with --language."
        raise click.UsageError(msg)
    pack = packs.load(path, today())
    file = sign(path, pack, named, by=by, role=role, on=today(), languages=tags)
    many = [_counted(len(named), "rule")] if named else []
    many += [_counted(len(tags), "translation")] if tags else []
    click.echo(f"{' and '.join(many)} signed off in {file}.")
    click.echo("Run 'intake rules activate' to put the pack in force.", err=True)


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
