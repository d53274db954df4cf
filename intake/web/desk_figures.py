"""Figures: which rules fire and are decided against, how long people wait, what stays open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Response, g, request

from intake.actions.figures import Wanted, export_figures, kept_versions, read_figures
from intake.core.display import FINDING, LEFT_OPEN, TRIAGE, rate, share, short_id
from intake.core.figures import FEW, SMALL, DayFigures, span_of
from intake.core.truth import Truth
from intake.exports.charts import NARROW, WIDE, Bar, Chart, bar_chart, load_chart
from intake.web.access import Access, open_to
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_base import bp, head_to_take_out, page
from intake.web.desk_forms import FiguresExportForm, FiguresForm

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from flask import Response as Answer

    from intake.actions.figures import Figures
    from intake.core.tally import RuleFigures
    from intake.core.unknowns import QuestionFigures

MOST_BARS = 10
"""Bars of one chart; the table below has the others."""

MOST_ROWS = 10
"""Rows of a table that stand open; the others unfold."""

LEAST_DAYS = 14
"""Days that the chart of the load shows at least, so that a new clinic sees days and not a wall."""

UNTOLD = "asked in private: reasons not told apart"


@dataclass(frozen=True, slots=True)
class Pictures:
    """One chart at both widths, and what it says in a sentence."""

    wide: Chart
    narrow: Chart
    says: str


@bp.get("/figures")
@open_to(Access.DESK)
def figures() -> Answer:
    """Show the figures of a span of days; nobody is named in them."""
    form = FiguresForm(request.args)
    form.offer(_versions())
    if not form.validate():
        return _show(form, FiguresForm(None), HTTPStatus.UNPROCESSABLE_ENTITY)
    return _show(form, form, HTTPStatus.OK)


@bp.post("/figures")
@open_to(Access.DESK)
def figures_now() -> Answer:
    """Send one table as a file; the release is written to the audit trail."""
    form = FiguresExportForm()
    form.offer(_versions())
    if not form.validate_on_submit():
        return _show(form, FiguresForm(None), HTTPStatus.UNPROCESSABLE_ENTITY)
    house, table = current_clinic(), form.words("table")
    lines = export_figures(
        current_store(),
        house.pack_of,
        _wanted(form),
        table=table,
        by=g.practitioner,
        now=house.now(),
        today=house.today(),
    )
    answer = Response("".join(lines), content_type="text/csv; charset=utf-8")
    head = head_to_take_out(current_store())
    name = f"intake-figures-{table}-{house.today()}-{head}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _versions() -> list[tuple[str, str]]:
    """Return the versions of the rules that were kept, by hash; several can have one number."""
    kept = kept_versions(current_store())
    return [(one.hash, f"{one.version} ({short_id(one.hash)})") for one in kept]


def _wanted(form: FiguresForm) -> Wanted:
    house = current_clinic()
    span = span_of(form.since.data, form.until.data, house.today())
    return Wanted(span, house.settings.timezone, form.pack.data or "")


def _counted(wanted: Wanted) -> Figures:
    house = current_clinic()
    return read_figures(
        current_store(),
        house.pack_of,
        wanted,
        by=g.practitioner,
        now=house.now(),
        today=house.today(),
    )


def _show(form: FiguresForm, asked: FiguresForm, status: HTTPStatus) -> Answer:
    """Show the page with *form*, counted for what is *asked*."""
    found = _counted(_wanted(asked))
    is_narrowed = bool(form.since.data or form.until.data or form.pack.data)
    if not form.errors:
        form.since.data, form.until.data = found.span.since, found.span.until
    return page(
        "figures",
        status,
        form=form,
        is_narrowed=is_narrowed,
        found=found,
        against=_against(found.rules),
        unknowns=_unknowns(found.questions),
        load=_load(found),
        open_questions=[one for one in found.questions if one.open.part],
        untold=sum(1 for one in found.questions if one.open.part is None),
        most_rows=MOST_ROWS,
        in_force=current_clinic().pack,
        versions=len(_versions()),
        SMALL=SMALL,
        FEW=FEW,
    )


def _pictures(layout: Callable[[int], Chart], says: str) -> Pictures:
    return Pictures(layout(WIDE), layout(NARROW), says)


def _against(rules: Sequence[RuleFigures]) -> Pictures | None:
    """Draw how often clinicians went ahead in spite of rules, of which enough was decided."""
    kinds = {Truth.MET: "met", Truth.UNKNOWN: "open"}
    drawn = [rule for rule in rules if not rule.against.is_small][:MOST_BARS]
    if not drawn:
        return None
    versions = {rule.pack_hash for rule in rules}
    bars = [
        Bar(
            rule.title,
            f"{share(rule.against)} · {rate(rule.against)}"
            + (f" · {rule.pack_version}" if len(versions) > 1 else ""),
            ((kinds[rule.truth], rule.against.rate),),
            rule.against.interval,
        )
        for rule in drawn
    ]
    legend = {kinds[truth]: FINDING[truth] for truth in Truth if truth in {r.truth for r in drawn}}
    says = f"The most certain: {drawn[0].title}, {share(drawn[0].against)} decided cases."
    return _pictures(lambda width: bar_chart(bars, legend, width), says)


def _unknowns(questions: Sequence[QuestionFigures]) -> Pictures | None:
    """Draw how often questions are left open, of which enough forms were asked."""
    drawn = [one for one in questions if not one.open.is_small and one.open.part][:MOST_BARS]
    if not drawn:
        return None
    bars = [
        Bar(
            one.ask,
            f"{share(one.open)} · {rate(one.open)}",
            _parts(one),
            one.open.interval,
        )
        for one in drawn
    ]
    kinds = {kind for bar in bars for kind, size in bar.parts if size}
    words: Mapping[str, str] = {**{w.value: LEFT_OPEN[w] for w in LEFT_OPEN}, "untold": UNTOLD}
    legend = {kind: said for kind, said in words.items() if kind in kinds}
    says = f"The most certain: {drawn[0].ask}, {share(drawn[0].open)} forms."
    return _pictures(lambda width: bar_chart(bars, legend, width), says)


def _parts(one: QuestionFigures) -> tuple[tuple[str, float], ...]:
    whole = one.open.whole or 1
    known = {why.value: number or 0 for why, number in (one.why or {}).items()}
    untold = (one.open.part or 0) - sum(known.values())
    return tuple((kind, number / whole) for kind, number in {**known, "untold": untold}.items())


def _load(found: Figures) -> Pictures | None:
    """Draw the load; days without any stand as gaps, up to the last day or today."""
    if not found.days:
        return None
    legend = {triage.value: words.word for triage, words in TRIAGE.items()}
    titles = ("Forms sent", "Cases decided")
    days = padded(found)
    busiest = max(days, key=lambda day: sum(day.sent.values()))
    says = f"Most forms on one day: {sum(busiest.sent.values())}."
    return _pictures(lambda width: load_chart(days, titles, legend, width), says)


def padded(found: Figures) -> list[DayFigures]:
    """Put days without anything before and behind, within the span and not behind today."""
    first, last = found.days[0].day, found.days[-1].day
    end = max(last, min(found.span.until, current_clinic().today()))
    begin = min(first, max(found.span.since, end - timedelta(days=LEAST_DAYS - 1)))
    before = (DayFigures(begin + timedelta(n), {}, {}) for n in range((first - begin).days))
    behind = (DayFigures(last + timedelta(n + 1), {}, {}) for n in range((end - last).days))
    return [*before, *found.days, *behind]
