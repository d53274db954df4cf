"""The audit trail, to be read: who did what to which record, and when."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Response, g, request

from intake.actions.trail import TrailFilters, TrailPage, export_trail, read_trail
from intake.actions.trail_check import (
    NEWEST_LINES,
    check_trail,
    head_of_trail,
    heads_elsewhere,
    keep_head_of,
    last_check,
)
from intake.core.trail_words import ACTOR
from intake.web.access import Access, open_to, require_fresh
from intake.web.clinic import current_clinic, current_store
from intake.web.desk_admin_forms import TrailForm
from intake.web.desk_base import (
    bp,
    by_and_now,
    head_to_take_out,
    names_of_people,
    page,
    see_other,
)

if TYPE_CHECKING:
    from flask import Response as Answer

_NUMBER_DIGITS = 15
"""More than any trail will count, and fewer than a number that SQLite cannot hold."""


@bp.get("/audit")
@open_to(Access.ADMINISTRATOR)
def audit() -> Answer:
    """Show a page of events, narrowed by what stands in the address."""
    form = TrailForm(request.args).knowing(_actors())
    if not form.validate():
        return _show(form, TrailPage((), None), HTTPStatus.UNPROCESSABLE_ENTITY)
    zone = current_clinic().settings.timezone
    below = request.args.get("below", "")
    found = read_trail(
        current_store(),
        _filters(form),
        zone=zone,
        by=g.practitioner,
        below=int(below) if _is_number(below) else None,
    )
    return _show(form, found)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _NUMBER_DIGITS


def _actors() -> dict[str, str]:
    """Return everybody who may have acted, by the code in the trail."""
    return {**names_of_people(), **ACTOR}


def _filters(form: TrailForm) -> TrailFilters:
    return TrailFilters(
        form.words("actor"),
        form.words("action"),
        form.words("record"),
        form.since.data,
        form.until.data,
    )


def _show(form: TrailForm, found: TrailPage, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    narrowed = [pair for pair in request.args.items(multi=True) if pair[0] != "below" and pair[1]]
    return page(
        "audit",
        status,
        form=form,
        found=found,
        people=names_of_people(),
        narrowed=urlencode(narrowed),
        older=urlencode([*narrowed, ("below", found.below)]) if found.below else "",
        is_first="below" not in request.args,
        head=head_of_trail(current_store()),
        checked=last_check(current_store(), by=g.practitioner),
        newest_lines=NEWEST_LINES,
    )


@bp.post("/audit/check")
@open_to(Access.ADMINISTRATOR)
def check_audit() -> Answer:
    """Check the newest lines, with what they speak of, and the heads that were kept elsewhere."""
    house, store = current_clinic(), current_store()
    kept = heads_elsewhere(house.settings.heads, house.settings.backup_folder)
    check_trail(store, kept=kept, newest=NEWEST_LINES, **by_and_now())
    keep_head_of(store, house.settings.heads, now=house.now(), occasion="check")
    return see_other(".audit", _anchor="state")


@bp.post("/audit/export")
@open_to(Access.ADMINISTRATOR)
@require_fresh()
def export_audit() -> Answer:
    """Send the events as a file; the lines are read after the request let go of its database."""
    form = TrailForm(request.form).knowing(_actors())
    if not form.validate():
        return _show(form, TrailPage((), None), HTTPStatus.UNPROCESSABLE_ENTITY)
    house, store = current_clinic(), current_clinic().open()
    zone, people = house.settings.timezone, names_of_people()
    rows = export_trail(store, _filters(form), zone=zone, people=people, **by_and_now())
    answer = Response(rows, content_type="text/csv; charset=utf-8")
    answer.call_on_close(store.close)
    name = f"intake-audit-{house.today()}-{head_to_take_out(store)}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
