"""The report on a pack that a clinic can file: what was checked, what is proved, what is wrong."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING

from intake.core.coverage import coverage_of
from intake.core.examined import POINTS
from intake.core.keeping import words_for
from intake.core.screening import ENGINE_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jinja2 import Environment

    from intake.core.answers import Answer
    from intake.core.examined import Examined, Result
    from intake.core.rules import RulePack

PASSED_BY_LOADING = "files, keys, names and sentences could be read without a problem"


def as_dict(examined: Examined, results: Sequence[Result]) -> dict[str, object]:
    """Return the whole report as plain values."""
    pack, score = examined.pack, examined.score
    counted = score.counted
    return {
        "pack": {"name": pack.name, "version": pack.version, "hash": pack.hash},
        "engine_version": ENGINE_VERSION,
        "on": examined.today.isoformat(),
        "problems": sum(len(result.problems) for result in results),
        "counts": {
            "rules": len(pack.rules),
            "questions": len(pack.questionnaire.items),
            "pages": len(pack.questionnaire.pages),
            "vignettes": len(pack.vignettes),
            "generated_cases": len(examined.boundaries),
            "sources": len(pack.sources),
            "settings": len(pack.settings),
            "medicines": len(pack.vocabulary.medicines),
            "void_sign_offs": [f"{rule.id}: {rule.reviewed}" for rule in pack.void_signoffs],
            "reviewed_rules": sum(rule.is_reviewed for rule in pack.rules),
            "cases_looked_at": sum(proof.cases for proof in examined.proofs),
        },
        "coverage": _coverage(pack),
        "points": _points(results),
        "rules": [
            {
                "rule": proof.rule_id,
                "title": pack.rules_by_id[proof.rule_id].title,
                "level": pack.rules_by_id[proof.rule_id].level,
                "proved_by": proof.method,
                "met": _in_words(proof.met, pack),
                "open": _in_words(proof.open, pack),
                "not_met": _in_words(proof.not_met, pack),
                "unknown_for_nothing": _in_words(proof.needless, pack),
                "reviewed": pack.rules_by_id[proof.rule_id].reviewed,
            }
            for proof in examined.proofs
        ],
        "small_faults": {
            "made": len(score.verdicts),
            "with_an_effect": len(counted),
            "noticed_by_written_vignettes": sum(v.written for v in counted),
            "noticed_together": sum(v.written or v.generated for v in counted),
            "unnoticed": [
                {"rule": v.mutant.rule.id, "fault": v.mutant.words}
                for v in counted
                if not v.written and not v.generated
            ],
        },
        "choices_of_the_clinic": [
            {
                "subject": choice.subject,
                "about": choice.about,
                "who": choice.who,
                "why": choice.why,
                "when": choice.when.isoformat(),
                "until": choice.until.isoformat(),
                "counts": choice.counts_on(examined.today),
            }
            for choice in pack.choices
        ],
    }


def _coverage(pack: RulePack) -> dict[str, int]:
    table = coverage_of(pack)
    covered = sum(bool(row.by) for row in table)
    gaps = sum(row.is_gap for row in table)
    return {
        "topics": len(table),
        "covered": covered,
        "left_out": len(table) - covered - gaps,
        "gaps": gaps,
    }


def _points(results: Sequence[Result]) -> list[dict[str, object]]:
    first: dict[str, object] = {
        "point": 1,
        "title": POINTS[1],
        "checks": [{"name": PASSED_BY_LOADING, "problems": []}],
    }
    return [
        first,
        *(
            {
                "point": number,
                "title": POINTS[number],
                "checks": [
                    {"name": r.check.name, "problems": [str(problem) for problem in r.problems]}
                    for r in members
                ],
            }
            for number, members in groupby(results, key=lambda result: result.check.point)
        ),
    ]


def _in_words(answers: Mapping[str, Answer] | None, pack: RulePack) -> str | None:
    """Say a set of answers; None when there is none."""
    if answers is None:
        return None
    said = (f"{pack.items[name].ask} {words_for(pack.items[name], answer)}"
            for name, answer in answers.items())  # fmt: skip
    return "; ".join(said)


def as_json(examined: Examined, results: Sequence[Result]) -> str:
    """Return the report as JSON."""
    return json.dumps(as_dict(examined, results), indent=2, ensure_ascii=False)


def as_text(examined: Examined, results: Sequence[Result]) -> str:
    """Return the report as plain text."""
    pack, score = examined.pack, examined.score
    lines = [
        f"Report on {pack.label} of {examined.today}, engine {ENGINE_VERSION}",
        "Decision support for trained staff; no rule says that a patient may be treated.",
    ]
    for point in _points(results):
        lines.append(f"\n{point['point']}. {point['title']}")
        for check in point["checks"]:  # type: ignore[attr-defined]  # made just above
            mark = "WRONG" if check["problems"] else "ok   "
            lines += [f"  {mark} {check['name']}", *(f"        {p}" for p in check["problems"])]
    cases = sum(proof.cases for proof in examined.proofs)
    lines.append(f"\nProved rule by rule, {cases:,} cases in all")
    lines += [f"  {p.rule_id}: {p.method}" for p in examined.proofs]
    lines.append(
        f"\nSmall faults: {len(score.counted)} with an effect; written vignettes notice"
        f" {_floored(score.written)}, with generated cases {_floored(score.together)}"
    )
    totals = _coverage(pack)
    lines.append(
        f"Topics: {totals['topics']}, covered {totals['covered']}, left out for a reason"
        f" {totals['left_out']}, gaps {totals['gaps']}"
    )
    reviewed = sum(rule.is_reviewed for rule in pack.rules)
    lines.append(f"Reviewed by a clinician: {reviewed} of {len(pack.rules)} rules")
    lines += [f"Sign-off void: {rule.id}: {rule.reviewed}" for rule in pack.void_signoffs]
    if pack.choices:
        lines.append("Vignettes and generated cases were held against the pack as it is written.")
    for choice in pack.choices:
        state = "counts" if choice.counts_on(examined.today) else "does not count"
        lines.append(
            f"Chosen by the clinic: {choice.subject}: {choice.about} ({choice.who},"
            f" {choice.when} until {choice.until}; {state}): {choice.why}"
        )
    return "\n".join(lines)


def _floored(share: float) -> str:
    """Write a share so that 100 % means all."""
    return f"{int(share * 1000) / 10} %"


def as_html(examined: Examined, results: Sequence[Result], environment: Environment) -> str:
    """Return the report as one self-contained HTML page."""
    return environment.get_template("documents/check_report.html").render(
        report=as_dict(examined, results),
        pack=examined.pack,
        today=examined.today,
        share=lambda part, whole: _floored(part / whole if whole else 1),
    )
