"""Differences that a replay found, as lines of JSON; no word of a patient is in them."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from intake.core.screening import Finding

if TYPE_CHECKING:
    from intake.core.replay import Difference, RuleChange

DIFFERENCES = "differences.jsonl"


def line_of(difference: Difference) -> bytes:
    """Write a difference as one line."""
    found = {
        "screening": difference.screening_id,
        "response": difference.response_id,
        "screened_on": difference.on.isoformat() if difference.on else None,
        "pack": difference.pack,
        "engine": difference.engine,
        "then": difference.then,
        "now": difference.now,
        "direction": difference.direction,
        "rules": [_change(one) for one in difference.rules],
        "other": list(difference.other),
        "fault": difference.fault,
    }
    return json.dumps(found, ensure_ascii=False).encode() + b"\n"


def _change(change: RuleChange) -> dict[str, Any]:
    return {
        "rule": change.rule_id,
        "then": _finding(change.then),
        "now": _finding(change.now),
        "changed": changed(change),
    }


def changed(change: RuleChange) -> list[str]:
    """Name what is otherwise about a finding that is there both times."""
    then, now = change.then, change.now
    if then is None or now is None:
        return []
    return [
        one.name for one in fields(Finding) if getattr(then, one.name) != getattr(now, one.name)
    ]


def _finding(finding: Finding | None) -> dict[str, Any] | None:
    if finding is None:
        return None
    day = finding.earliest_safe_date
    return {
        "truth": finding.truth,
        "triage": finding.effect,
        "earliest_safe_date": day.isoformat() if day else None,
    }
