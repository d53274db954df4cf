"""Commands about rules: screen, check, test, explain, activate."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, TextIO

import click

from intake import packs
from intake.actions import rule_packs
from intake.cli.surroundings import COMMAND_LINE, clinic_store, day, now, pack_in, today
from intake.core.conditions import Named
from intake.core.errors import IntakeError, NotFoundError, PackError
from intake.core.screening import Explanation, case_of, explain, read_all, screen
from intake.core.truth import Truth
from intake.core.verification import problems_of, run_vignette
from intake.packs.reading import printable
from intake.settings import read_settings

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from intake.core.conditions import Condition
    from intake.core.rules import Rule, RulePack
    from intake.core.screening import Finding, Reading, Screening

NOTHING_FOUND = "No rule matched. Review is still required."
UNREADABLE = "Something could not be read, so nothing is ruled out: mend it and screen again."
MOST_BYTES = 1_000_000
PACK_FOLDER = click.Path(exists=True, file_okay=False)


class BadInputError(IntakeError):
    """What was handed in cannot be read; the message says what is expected."""


@click.group()
def rules() -> None:
    """Check, test, explain and activate rule packs."""


@rules.command()
@click.argument("folder", required=False, type=PACK_FOLDER)
@click.option("--on", type=day, help="Check as of this day instead of today.")
def check(folder: str | None, on: date | None) -> None:
    """Check a pack: shape, names, use, evidence, vignettes, words for patients.

    FOLDER holds pack.yaml; without it the shipped pack is checked. Every problem is printed as
    file:line: what is wrong, what is allowed. Exit 1 if there is any.
    """
    try:
        pack = pack_in(folder)
    except PackError as error:
        click.echo("\n".join(error.problems))
        click.echo(_problems(len(error.problems)), err=True)
        sys.exit(1)
    found = 0
    for name, problems in problems_of(pack, on or today()):
        click.echo(f"{'ok   ' if not problems else 'WRONG'} {name}", err=True)
        for problem in problems:
            click.echo(str(problem))
        found += len(problems)
    click.echo(_sizes(pack), err=True)
    if found:
        click.echo(_problems(found), err=True)
        sys.exit(1)


def _problems(number: int) -> str:
    return "1 problem." if number == 1 else f"{number} problems."


def _sizes(pack: RulePack) -> str:
    return (
        f"{pack.label}: {len(pack.rules)} rules, {len(pack.questionnaire.items)} questions on"
        f" {len(pack.questionnaire.pages)} pages, {len(pack.vignettes)} vignettes,"
        f" {len(pack.vocabulary.medicines)} medicines, {len(pack.sources)} sources"
    )


@rules.command()
@click.argument("folder", required=False, type=PACK_FOLDER)
def test(folder: str | None) -> None:
    """Run the vignettes of a pack; exit 1 if one does not give what it says."""
    pack = pack_in(folder)
    failed = 0
    for vignette in pack.vignettes:
        found, faults = run_vignette(pack, vignette)
        click.echo(f"{'FAILED' if faults else 'ok    '} {vignette.id}: {found.triage}")
        for fault in faults:
            click.echo(f"       {vignette.where}: {fault}")
        failed += bool(faults)
    click.echo(f"{len(pack.vignettes)} vignettes, {failed} failed", err=True)
    sys.exit(1 if failed else 0)


@rules.command("explain")
@click.argument("rule_id", metavar="RULE")
@click.option("--pack", "folder", type=PACK_FOLDER, help="Folder of the pack.")
def explain_command(rule_id: str, folder: str | None) -> None:
    """Print a rule in full: what it asks, where it comes from, and a patient who meets it."""
    pack = pack_in(folder)
    rule = pack.rules_by_id.get(rule_id)
    if rule is None:
        near = [
            other for other in pack.rules_by_id if set(other.split("-")) & set(rule_id.split("-"))
        ]
        hint = f" Similar: {', '.join(near[:6])}." if near else ""
        msg = f"There is no rule '{rule_id}'.{hint}"
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
    return [*lines, *_witness(rule, pack)]


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
            reading = read_all(pack, vignette.answers, vignette.plan, vignette.on)
            case = case_of(pack, reading.answers, vignette.on)
            tree = explain(rule.when, case, pack)
            return [f"  met by    {vignette.id}: {vignette.title}", *_tree(tree, "    ")]
    return ["  met by    no vignette yet"]


_MARK = {Truth.MET: "yes", Truth.NOT_MET: "no ", Truth.UNKNOWN: "?  "}


def _tree(explanation: Explanation, indent: str) -> list[str]:
    said = f"  <- {explanation.said}" if explanation.said else ""
    note = f" ({explanation.note})" if explanation.note else ""
    line = f"{indent}{_MARK[explanation.truth]} {explanation.text}{said}{note}"
    return [line, *(text for part in explanation.parts for text in _tree(part, indent + "  "))]


@rules.command()
@click.argument("folder", required=False, type=PACK_FOLDER)
def activate(folder: str | None) -> None:
    """Put a pack in force for new intakes. A pack that cannot be used leaves the old one."""
    settings = read_settings()
    files = packs.texts_of(_folder(folder) or settings.rules)
    with clinic_store() as store:
        pack = rule_packs.activate(store, files, actor=COMMAND_LINE, now=now())
    click.echo(f"{pack.label} is in force for new intakes.")


def _folder(folder: str | None) -> Path | None:
    from pathlib import Path  # noqa: PLC0415 - one use

    return Path(folder) if folder else None


@click.command("screen")
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--on", type=day, help="Screen as of this day instead of today.")
@click.option("--pack", "folder", type=PACK_FOLDER, help="Folder of the pack.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="How the result is printed.",
)
def screen_command(file: TextIO, on: date | None, folder: str | None, form: str) -> None:
    """Screen one set of answers.

    FILE (or - for standard input) holds JSON: {"answers": {"cold_sore_now": "yes", ...}, "plan":
    {"area": ["face"], ...}}. What is left out is unknown and is never taken for no. Values that
    cannot be read count as unknown too; they are named and the exit code is 2.
    """
    pack = pack_in(folder)
    answers, plan = _input(file)
    as_of = on or today()
    reading = read_all(pack, answers, plan, as_of)
    found = screen(pack, reading.answers, as_of, is_unreadable=bool(reading.problems))
    printed = _as_json(found, reading, pack) if form == "json" else _as_text(found, reading, pack)
    click.echo(printed)
    for link_id, words in reading.problems:
        click.echo(f"{printable(link_id)}: {words}", err=True)
    sys.exit(2 if reading.problems else 0)


def _input(file: TextIO) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        text = file.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            msg = f"The file is too large; at most {MOST_BYTES:,} characters are read."
            raise BadInputError(msg)
        given = json.loads(text, object_pairs_hook=_no_duplicates)
    except (ValueError, RecursionError) as error:
        msg = f"This is not JSON that can be read: {error}"
        raise BadInputError(msg) from error
    if not isinstance(given, dict) or not set(given) <= {"answers", "plan"}:
        msg = 'Write an object with "answers" and "plan", and nothing else.'
        raise BadInputError(msg)
    answers, plan = given.get("answers", {}), given.get("plan", {})
    if not isinstance(answers, dict) or not isinstance(plan, dict):
        msg = '"answers" and "plan" are objects: {"question": value, ...}.'
        raise BadInputError(msg)
    return answers, plan


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that names a key twice: the last one would silently win."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        msg = f"'{twice}' stands twice; say it once"
        raise ValueError(msg)
    return found


def _as_json(found: Screening, reading: Reading, pack: RulePack) -> str:
    shown = {
        "triage": found.triage,
        "note": UNREADABLE if reading.problems else "" if found.findings else NOTHING_FOUND,
        "earliest_safe_date": found.earliest_safe_date,
        "findings": [_finding_json(finding, pack) for finding in found.findings],
        "set_aside": list(found.set_aside),
        "unknown_answers": found.unknown_count,
        "problems": [{"question": printable(k), "problem": words} for k, words in reading.problems],
        "on": found.on,
        "pack": {"name": pack.name, "version": pack.version, "hash": pack.hash},
        "engine_version": found.engine_version,
    }
    return json.dumps(shown, indent=2, default=str, ensure_ascii=False)


def _finding_json(finding: Finding, pack: RulePack) -> dict[str, object]:
    rule = pack.rules_by_id[finding.rule_id]
    return {
        "rule": finding.rule_id,
        "title": finding.title,
        "truth": finding.truth,
        "level": finding.level,
        "triage": finding.effect,
        "answers": [
            {"question": c.link_id, "asked": c.ask, "said": c.said, "sentence": c.sentence,
             "truth": c.truth}
            for c in finding.cited
        ],
        "earliest_safe_date": finding.earliest_safe_date,
        "only_vague_dates": finding.only_dates,
        "label": finding.label,
        "label_open": finding.is_label_open,
        "error": finding.error,
        "meaning": rule.meaning,
        "action": rule.action,
        "basis": list(rule.basis),
        "sources": [
            {"id": name, "citation": pack.sources[name].citation, "says": pack.sources[name].says}
            for name in rule.sources
        ],
        "reviewer": rule.reviewer,
        "reviewed": rule.reviewed,
    }  # fmt: skip


def _as_text(found: Screening, reading: Reading, pack: RulePack) -> str:
    lines = [f"Triage: {found.triage} on {found.on}, {pack.label}"]
    if found.earliest_safe_date:
        lines.append(f"Earliest safe date: {found.earliest_safe_date}")
    if not found.findings:
        lines.append(UNREADABLE if reading.problems else NOTHING_FOUND)
    case = case_of(pack, reading.answers, found.on)
    for finding in found.findings:
        rule = pack.rules_by_id[finding.rule_id]
        lines += _finding_text(finding, rule, pack)
        if finding.truth is Truth.MET or finding.only_dates:
            lines += _tree(explain(rule.when, case, pack), "    ")
        else:
            asked = dict.fromkeys(c.link_id for c in finding.cited if c.truth is Truth.UNKNOWN)
            lines.append(f"    open because of: {', '.join(asked)}")
    if found.set_aside:
        lines.append(f"Not asked, so not screened: {', '.join(found.set_aside)}")
    lines.append("A named clinician decides; this is decision support for trained staff.")
    return "\n".join(lines)


def _finding_text(finding: Finding, rule: Rule, pack: RulePack) -> list[str]:
    what = "met" if finding.truth is Truth.MET else "could not be ruled out"
    lines = [f"\n{finding.effect.upper()}  {finding.title} [{finding.rule_id}, {what}]"]
    if finding.error:
        lines.append("  This rule could not be judged; it counts as not ruled out.")
    if finding.label:
        how = (
            "May be stricter: the device is not known, and"
            if finding.is_label_open
            else "Stricter:"
        )
        lines.append(f"  {how} the label of {pack.labels[finding.label].title} says so.")
    if finding.earliest_safe_date:
        lines.append(f"  Earliest safe date: {finding.earliest_safe_date}")
    if finding.truth is Truth.UNKNOWN and not finding.only_dates:
        return lines
    lines += [f"  {rule.action}", f"  Basis: {', '.join(rule.basis)}; {rule.reviewed}."]
    return [*lines, *(f"  Source: {pack.sources[name].citation}" for name in rule.sources)]
