"""What another pack would make of patients: the counts as plain values, each case as a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from intake.core.display import count
from intake.core.impact import GROUPS, Group
from intake.core.replay import Direction
from intake.exports.charts import Bar, bar_chart

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jinja2 import Environment

    from intake.core.impact import Counted, Impact, Outcome
    from intake.core.rules import RulePack
    from intake.exports.charts import Chart

WIDTH = 860
"""Of the chart in a document, in units of a CSS pixel."""

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


WAYS: Mapping[Direction, str] = {
    Direction.HIGHER: "more serious",
    Direction.LOWER: "less serious",
    Direction.SAME: "the same",
}


BY_RULE = (
    "A rule may find something where the severity stays as it is, so by rule there may be more"
    " cases than change."
)
CALLED_BACK = (
    "Called back: somebody has to look at the case again once the pack is in force, because it is"
    " more serious, or has a new reason to be looked at."
)
NOT_COUNTED = "Who would be called back was not counted then."
AS_OF_LOOKING = (
    "A case is counted where it stood when it was looked at; what was decided or erased since"
    " changes nothing here."
)
AGAINST = (
    "Each case is compared with how it was screened, which may have been with an earlier pack than"
    " the one in force."
)
"""What is said beside the figures, on paper and at the desk."""


def no_concern(number: int) -> str:
    """Say how many cases were come to that other rules do not concern; blank for none."""
    if not number:
        return ""
    if number == 1:
        return "1 other is being filled in, or was withdrawn or replaced, and is not compared."
    why = "are being filled in, or were withdrawn or replaced"
    return f"{number:,} others {why}, and are not compared."


def rules_heading(impact: Impact) -> str:
    """Say in which order the rules stand."""
    does_less = any(one.lower for one in impact.rules())
    return "By rule, those that do less first" if does_less else "By rule"


def stopped_words(gone: int, whole: int) -> str:
    """Say of a look at every case that it ended early."""
    return f"Stopped after {gone:,} of {whole:,} screenings: nothing is known of the others."


def changes_first(cases: Iterable[Outcome]) -> list[Outcome]:
    """Return cases in their order, but those first whose severity changes."""
    return sorted(cases, key=lambda one: one.direction is Direction.SAME)


def chart_of(impact: Impact, width: int) -> Chart:
    """Lay out what becomes of each group of patients, as shares of it."""
    bars = []
    for group in Group:
        found = impact.of(group)
        whole = found.cases or 1
        parts = tuple((way.value, found.ways[way] / whole) for way in WAYS)
        bars.append(Bar(GROUPS[group].capitalize(), _note(found), parts))
    legend = {way.value: words for way, words in WAYS.items()}
    return bar_chart(bars, legend, width)


def _note(found: Counted) -> str:
    ways = (f"{found.ways[way]:,} {WAYS[way]}" for way in (Direction.HIGHER, Direction.LOWER))
    return f"{count(found.cases, 'case')}: {', '.join(ways)}"


def as_html(
    impact: Impact,
    pack: RulePack,
    cases: Iterable[Outcome],
    about: Mapping[str, object],
    environment: Environment,
) -> str:
    """Return the counts, a chart and a list of cases as one document to read and file.

    Args:
        impact: The counts.
        pack: The other pack.
        cases: Those to which a rule does something else.
        about: What else is known: `cases`, `looked_at`, `on` and `in_force`, all in words, and
            `stopped` for a look that ended early.
        environment: Renders documents.
    """
    return environment.get_template("documents/impact.html").render(
        impact=impact,
        pack=pack,
        cases=changes_first(cases),
        about=about,
        chart=chart_of(impact, WIDTH),
        notes=notes_of(impact),
        heading=rules_heading(impact),
        no_concern=no_concern(impact.others),
        groups=GROUPS,
        higher=Direction.HIGHER,
        lower=Direction.LOWER,
    )


def notes_of(impact: Impact) -> tuple[str, ...]:
    """Return what is said beside the figures, that about rules last."""
    recalled = CALLED_BACK if impact.counts_recalls else NOT_COUNTED
    return recalled, AGAINST, AS_OF_LOOKING, BY_RULE


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
        "no_concern": impact.others,
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
        "notes": list(notes_of(impact)),
    }


def _counted(found: Counted) -> dict[str, int | None]:
    ways = {way.value: number for way, number in found.ways.items()}
    more = {"only_unasked": found.unasked, "called_back": found.recalled}
    return {"cases": found.cases, **ways, **more}
