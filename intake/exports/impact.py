"""What another pack would make of patients: the counts as plain values, each case as a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from intake.core.impact import Group

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.core.impact import Counted, Impact, Outcome
    from intake.core.rules import RulePack

COLUMNS = (
    "response_id",
    "group",
    "screened_on",
    "triage_then",
    "triage_now",
    "direction",
    "only_unasked",
    "rules",
)
"""What a list of cases has; no name and no word of a patient."""


def row_of(one: Outcome) -> dict[str, object]:
    """Return a case as a row; a rule stands with what it did and does."""
    rules = (f"{m.rule_id}: {m.then or 'nothing'} > {m.now or 'nothing'}" for m in one.moved)
    return {
        "response_id": one.response_id,
        "group": one.group.value,
        "screened_on": one.on.isoformat(),
        "triage_then": one.then.value,
        "triage_now": one.now.value,
        "direction": one.direction.value,
        "only_unasked": "yes" if one.is_unasked else "no",
        "rules": "; ".join(rules),
    }


def as_dict(impact: Impact, pack: RulePack, about: Mapping[str, object]) -> dict[str, Any]:
    """Return the counts as plain values.

    Args:
        impact: The counts.
        pack: The other pack.
        about: What else is known: of how many cases they are.
    """
    return {
        "pack": {"name": pack.name, "version": pack.version, "hash": pack.hash},
        **about,
        "never_screened": impact.unscreened,
        "all": _counted(impact.all),
        "groups": {group.value: _counted(impact.of(group)) for group in Group},
        "moves": [
            {"group": group, "then": then, "now": now, "cases": number}
            for group, then, now, number in impact.moves()
        ],
        "rules": [
            {
                "rule": one.rule_id,
                "title": one.title,
                "more_serious": one.higher,
                "less_serious": one.lower,
                "only_unasked": one.unasked,
            }
            for one in impact.rules()
        ],
    }


def _counted(found: Counted) -> dict[str, int]:
    ways = {way.value: number for way, number in found.ways.items()}
    return {"cases": found.cases, **ways, "only_unasked": found.unasked}
