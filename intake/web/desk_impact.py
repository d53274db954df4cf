"""What a kept pack would make of the clinic's patients, before anybody puts it in force."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Response, abort, current_app, flash, g

from intake.actions import passes, rule_packs
from intake.actions.impact import number_of_cases
from intake.core.display import day
from intake.core.errors import PackError
from intake.core.figures import FEW
from intake.core.impact import GROUPS, rules_to_name, without_private
from intake.core.replay import Direction
from intake.exports.charts import NARROW, WIDE
from intake.exports.impact import (
    COLUMNS,
    as_dict,
    as_html,
    chart_of,
    no_concern,
    notes_of,
    row_of,
    rules_heading,
    stopped_words,
)
from intake.exports.tables import csv_lines
from intake.storage.passes import Kind
from intake.web.access import Access, open_to, require_fresh
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_admin_forms import IMPACT_SHAPES, ImpactExportForm
from intake.web.desk_base import bp, by_and_now, local, page, see_other

if TYPE_CHECKING:
    from flask import Response as Answer

    from intake.actions.passes import Standing
    from intake.core.impact import Outcome
    from intake.core.rules import RulePack

SHOWN = 100
"""How many cases the page lists; a file has all."""

_KINDS = {"impact": Kind.IMPACT, "shadow": Kind.SHADOW}
_MOST = 2**31
_TYPES = {"html": "text/html; charset=utf-8", "csv": "text/csv; charset=utf-8",
          "json": "application/json"}  # fmt: skip


@bp.get("/packs/<pack_hash>/impact")
@open_to(Access.ADMINISTRATOR)
def impact_page(pack_hash: str) -> Answer:
    """Show what a pack would do: of a few cases drawn by lot, and of all once they were looked at.

    Administrators read no cases: one stands there by its id alone.
    """
    house, store = current_clinic(), current_store()
    history = rule_packs.history_of(store, hash_=pack_hash, by=g.practitioner)
    try:
        pack = house.pack_of(pack_hash)
    except PackError as error:
        return page("pack_unusable", history=history, problems=error.problems)
    whole, beside = _standing(pack_hash, Kind.IMPACT), _standing(pack_hash, Kind.SHADOW)
    told = whole if whole and (whole.one.looked or whole.is_whole) else None
    impact, looked = (told.one.impact, told.one.looked) if told else (None, 0)
    if told is None and not history.is_in_force:
        impact, looked = passes.preview(
            store, hash_=pack_hash, by=g.practitioner, today=house.today()
        )
    impact = impact.told_to_others(_named(pack)) if impact else None
    return page(
        "impact",
        pack=pack,
        history=history,
        whole=whole,
        told=told,
        stopped=stopped_of(whole),
        beside=beside,
        beside_cases=_cases(beside),
        impact=impact,
        looked=looked,
        are_any_screened=passes.are_any_screened(store),
        number=number_of_cases(store),
        cases=_cases(told),
        no_concern=no_concern(impact.others) if impact else "",
        notes=notes_of(impact) if impact else (),
        beside_notes=notes_of(beside.one.impact)[:-1] if beside else (),
        heading=rules_heading(impact) if impact else "",
        charts=(chart_of(impact, WIDE), chart_of(impact, NARROW)) if impact else None,
        groups=GROUPS,
        higher=Direction.HIGHER,
        lower=Direction.LOWER,
        shown=SHOWN,
        few=FEW,
        shapes=IMPACT_SHAPES,
    )


def _standing(pack_hash: str, kind: Kind) -> Standing | None:
    return passes.standing_of(current_store(), kind, hash_=pack_hash, by=g.practitioner)


def stopped_of(standing: Standing | None) -> str:
    """Say that a look at every case ended early; blank where it did not."""
    if standing is None or not standing.is_stopped:
        return ""
    return stopped_words(standing.gone, standing.gone + standing.left)


def _cases(standing: Standing | None, limit: int = SHOWN) -> list[Outcome]:
    if standing is None:
        return []
    found = passes.found_by(current_store(), standing.one, by=g.practitioner, limit=limit)
    named = _named(current_clinic().pack_of(standing.one.pack_hash))
    return [without_private(one, named) for one in found]


def _named(pack: RulePack) -> frozenset[str]:
    """Return the rules that may be named to whoever reads no cases."""
    return rules_to_name(pack, current_clinic().readable_pack)


@bp.post("/packs/<pack_hash>/passes/<pass_kind>")
@open_to(Access.ADMINISTRATOR)
def begin_pass(pack_hash: str, pass_kind: str) -> Answer:
    """Let a pack go over every case, or run beside the rules in force."""
    passes.begin(current_store(), _kind(pass_kind), hash_=pack_hash, **by_and_now())
    flash(_BEGUN[pass_kind])
    return see_other(".impact_page", pack_hash=pack_hash)


_BEGUN = {
    "impact": "Every case is being looked at. This page says how far it has come.",
    "shadow": "It runs beside the rules in force from now on. Nobody at the desk sees it.",
}


@bp.post("/packs/<pack_hash>/passes/<pass_kind>/end")
@open_to(Access.ADMINISTRATOR)
def end_pass(pack_hash: str, pass_kind: str) -> Answer:
    """End a pass before its time; what it found stays to be read."""
    passes.end(current_store(), _kind(pass_kind), hash_=pack_hash, **by_and_now())
    return see_other(".impact_page", pack_hash=pack_hash)


@bp.post("/packs/<pack_hash>/passes/<pass_kind>/export")
@open_to(Access.ADMINISTRATOR)
@require_fresh()
def export_impact(pack_hash: str, pass_kind: str) -> Answer:
    """Send what a pass found as a file; that it was taken out is written to the audit trail."""
    form = ImpactExportForm()
    standing = _standing(pack_hash, _kind(pass_kind))
    if standing is None:
        abort(HTTPStatus.NOT_FOUND)
    if not form.validate_on_submit():
        return see_other(".impact_page", pack_hash=pack_hash)
    passes.note_export(
        current_store(), standing.one.kind, hash_=pack_hash, form=form.shape.data, **by_and_now()
    )
    content = _written(current_clinic().pack_of(pack_hash), standing, form.shape.data)
    answer = Response(content, content_type=_TYPES[form.shape.data])
    part = "-stopped" if standing.is_stopped else ""
    name = f"intake-impact-{current_clinic().today()}-{pack_hash[:8]}{part}.{form.shape.data}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _written(pack: RulePack, standing: Standing, form: str) -> str:
    impact = standing.one.impact.told_to_others(_named(pack))
    cases = _cases(standing, _MOST)
    about = {"cases": number_of_cases(current_store()), "looked_at": standing.one.looked}
    if form == "csv":
        return "".join(csv_lines(COLUMNS, map(row_of, cases)))
    if form == "json":
        came = {"begun_at": standing.one.begun_at.isoformat(), "is_stopped": standing.is_stopped,
                "screenings": standing.gone, "screenings_left": standing.left}  # fmt: skip
        found = {
            **as_dict(impact, pack, {**about, **came}),
            "list": [row_of(one) for one in cases],
        }
        return json.dumps(found, indent=2, ensure_ascii=False) + "\n"
    told = {**about, "on": day(local(standing.one.begun_at).date()),
            "in_force": current_clinic().pack.label,
            "stopped": stopped_of(standing)}  # fmt: skip
    return as_html(impact, pack, cases, told, current_app.extensions["documents"])


def _kind(name: str) -> Kind:
    if name not in _KINDS:
        abort(HTTPStatus.NOT_FOUND)
    return _KINDS[name]
