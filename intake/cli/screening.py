"""`intake screen`: one set of answers, judged without a clinic."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, TextIO

import click

from intake.cli.surroundings import FORMAT, PACK_FOLDER, day, pack_in, today
from intake.core.errors import IntakeError
from intake.core.explanations import explain
from intake.core.reading import Reading, case_of, read_all
from intake.core.screening import screen
from intake.core.truth import Truth
from intake.exports.fhir.arriving import answered_at, read_response
from intake.exports.fhir.form import questionnaire
from intake.exports.strict_json import read_json
from intake.packs.reading import printable

if TYPE_CHECKING:
    from datetime import date

    from intake.core.explanations import Explanation
    from intake.core.rules import Rule, RulePack
    from intake.core.screening import Finding, Screening

NOTHING_FOUND = "No rule matched. Review is still required."
UNREADABLE = "Something could not be read, so nothing is ruled out: mend it and screen again."
MOST_BYTES = 1_000_000


class BadInputError(IntakeError):
    """What was handed in cannot be read; the message says what is expected."""


@click.command("screen")
@click.argument("file", type=click.File(encoding="utf-8-sig"))
@click.option("--on", type=day, help="Screen as of this day instead of today.")
@click.option("--pack", "folder", type=PACK_FOLDER, help="Folder of the pack.")
@FORMAT
def screen_command(file: TextIO, on: date | None, folder: str | None, form: str) -> None:
    """Screen one set of answers.

    FILE (or - for standard input) holds JSON: {"answers": {"cold_sore_now": "yes", ...}, "plan":
    {"area": ["face"], ...}}, or a FHIR QuestionnaireResponse that another system made of our form.
    What is left out is unknown and is never taken for no. Values that cannot be read, and whatever
    of a response its form does not ask, count as unknown too; they are named and the exit code is
    2.
    """
    as_of = on or today()
    pack = pack_in(folder, on=as_of)
    given = given_in(file)
    reading = _read(given, pack, as_of)
    found = screen(pack, reading.answers, as_of, is_unreadable=bool(reading.problems))
    answered = _answered(given)
    if form == "json":
        click.echo(_as_json(found, reading, pack, answered))
    else:
        click.echo(_as_text(found, reading, pack, answered))
    for link_id, words in reading.problems:
        click.echo(f"{printable(link_id)}: {words}", err=True)
    sys.exit(2 if reading.problems else 0)


def _read(given: object, pack: RulePack, today: date) -> Reading:
    """Read answers as we write them, or as FHIR does."""
    if isinstance(given, dict) and "resourceType" in given:
        from intake.web.languages import said_in  # noqa: PLC0415 - it brings the whole web along

        arrived = read_response(given, questionnaire(pack, said_in), pack, today)
        typed = read_all(pack, arrived.answers, arrived.plan, today).answers
        return Reading(typed, tuple((one.where, one.says) for one in arrived.problems))
    answers, plan = _answers_and_plan(given)
    return read_all(pack, answers, plan, today)


def _answered(given: object) -> str | None:
    """Return when a response was answered, blank where it does not say; None for no response."""
    if not isinstance(given, dict) or "resourceType" not in given:
        return None
    at = answered_at(given)
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else ""


def answers_in(file: TextIO) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read answers and plan from JSON.

    Raises:
        BadInputError: it is no JSON object with answers and plan.
    """
    return _answers_and_plan(given_in(file))


def given_in(file: TextIO) -> object:
    """Read JSON.

    Raises:
        BadInputError: it is none.
    """
    try:
        text = file.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            msg = f"The file is too large; at most {MOST_BYTES:,} characters are read."
            raise BadInputError(msg)
        return read_json(text)
    except ValueError as error:
        msg = f"This is not JSON that can be read: {error}"
        raise BadInputError(msg) from error


def _answers_and_plan(given: object) -> tuple[dict[str, Any], dict[str, Any]]:
    if not isinstance(given, dict) or not set(given) <= {"answers", "plan"}:
        msg = 'Write an object with "answers" and "plan", and nothing else.'
        raise BadInputError(msg)
    answers, plan = given.get("answers", {}), given.get("plan", {})
    if not isinstance(answers, dict) or not isinstance(plan, dict):
        msg = '"answers" and "plan" are objects: {"question": value, ...}.'
        raise BadInputError(msg)
    return answers, plan


def _as_json(found: Screening, reading: Reading, pack: RulePack, answered: str | None) -> str:
    shown = {
        "triage": found.triage,
        "note": UNREADABLE if reading.problems else "" if found.findings else NOTHING_FOUND,
        "earliest_safe_date": found.earliest_safe_date,
        "findings": [_finding_json(finding, pack) for finding in found.findings],
        "set_aside": list(found.set_aside),
        "unknown_answers": found.unknown_count,
        "problems": [{"question": printable(k), "problem": words} for k, words in reading.problems],
        "answered": answered or None,
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


def _as_text(found: Screening, reading: Reading, pack: RulePack, answered: str | None) -> str:
    lines = [f"Triage: {found.triage} on {found.on}, {pack.label}"]
    if answered is not None:
        lines.append(f"Answered: {answered or 'nobody knows when'}. It may have changed since.")
    if found.earliest_safe_date:
        lines.append(f"Earliest safe date: {found.earliest_safe_date}")
    if not found.findings:
        lines.append(UNREADABLE if reading.problems else NOTHING_FOUND)
    case = case_of(pack, reading.answers, found.on)
    for finding in found.findings:
        rule = pack.rules_by_id[finding.rule_id]
        lines += _finding_text(finding, rule, pack)
        if finding.truth is Truth.MET or finding.only_dates:
            lines += tree(explain(rule.when, case, pack), "    ")
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
    lines += [f"  This clinic: {c.title}: {c.about}" for c in pack.choices_about(rule)]
    lines += [f"  {rule.action}", f"  Basis: {', '.join(rule.basis)}; {rule.reviewed}."]
    return [*lines, *(f"  Source: {pack.sources[name].citation}" for name in rule.sources)]


_MARK = {Truth.MET: "yes", Truth.NOT_MET: "no ", Truth.UNKNOWN: "?  "}


def tree(explanation: Explanation, indent: str) -> list[str]:
    """Print why a condition is met or not, one line a part."""
    said = f"  <- {explanation.said}" if explanation.said else ""
    note = f" ({explanation.note})" if explanation.note else ""
    line = f"{indent}{_MARK[explanation.truth]} {explanation.text}{said}{note}"
    return [line, *(text for part in explanation.parts for text in tree(part, indent + "  "))]
